"""What all strategies share: the common part of their states, and one call of a strategy."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any, Generic, TypeVar

from search.base import serialization
from search.evaluation import training
from search.evaluation.base import Carry, Result
from search.evaluation.latencies import Latencies, LatencyRecord, LatencyRound
from search.log.events import (
    Answer,
    AnswerChanged,
    Best,
    BranchOpened,
    Candidate,
    Cause,
    End,
    Ends,
    Evidence,
    GraphEdited,
    ObjectiveOf,
    Parent,
    Phase,
    SearchFinished,
    SearchStarted,
    Snapshot,
    Timed,
    command_applied,
)
from search.log.task import Task
from search.network.budget import Budget, spent
from search.network.cost import Cost, cost_of
from search.network.edits import Edits
from search.network.graph import Graph
from search.network.latency import Latency
from search.network.locks import Locks
from search.network.macro import Macro
from search.strategies.answer import decide, finalist_candidates, measured_elsewhere
from search.strategies.base import SNAPSHOT_ROUNDS, Finished, Origin, Outcome, Round, Transition, Work
from search.strategies.factors import Factors
from search.strategies.output import Output
from search.strategies.record import Record


@dataclass(frozen=True, kw_only=True)
class RunState:
    """What a search remembers, whatever its strategy is."""

    task: Task
    record: Record  # of the current graph
    carry: dict[str, Any]  # what the evaluator remembers
    ends: Ends | None = None  # of the space; None: not started
    branch: int = 0
    round: int = 0
    step: int = 0  # decisions made
    phase: Phase | None = None  # of the candidates that were proposed last
    last_snapshot: int = 0  # the round that began with it
    next_id: int = 0  # of a candidate
    locked: tuple[str, ...] = ()
    locked_nodes: tuple[int, ...] = ()
    budget: Budget | None = None  # None: the task's
    weight: float | None = None  # of cost; None: the task's
    latency_records: tuple[LatencyRecord, ...] = ()  # latencies on the budget's device, all of one machine
    latency_round: LatencyRound | None = None  # the current round, where it measures latencies
    redraw: bool = False  # a command has made the candidates of the latency round obsolete
    best: Answer | None = None
    finalists: tuple[Answer, ...] = ()  # the best graphs that fit, the best first
    answering: str | None = None  # while the finalists are trained: why no further step follows
    trained: int = 0  # candidates
    finished: End | None = None
    why: str = ""  # it is finished


S = TypeVar("S", bound=RunState)


def first_state(cls: type[S], task: Task) -> S:
    """The state before the first turn. Raises BadTask where the factors do not fit the task's data."""
    factors = Factors.of(task)
    return cls(task=task, record=Record.of(factors.start), carry=factors.first_carry())


@dataclass
class Run(ABC, Generic[S]):
    """One call of a strategy: the state, values derived from it, and what the call gives back."""

    state: S
    output: Output = field(default_factory=Output)

    @cached_property
    def factors(self) -> Factors:
        return Factors.of(self.state.task)

    @property
    def task(self) -> Task:
        return self.state.task

    @property
    def macro(self) -> Macro:
        return self.factors.macro

    @property
    def start_graph(self) -> Graph:
        """The graph that the search starts from, which is the largest one."""
        return self.factors.start

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return self.state.record.graph

    @property
    def budget(self) -> Budget:
        return self.state.budget or self.task.budget

    @property
    def weight(self) -> float:
        return self.task.objective.cost_weight if self.state.weight is None else self.state.weight

    @property
    def locks(self) -> Locks:
        return Locks(self.state.locked, self.state.locked_nodes)

    @property
    def latencies(self) -> Latencies:
        return Latencies(self.state.latency_records)

    @property
    def carry(self) -> Carry:
        """What the evaluator remembers."""
        return self.state.carry

    @cached_property
    def start_cost(self) -> Cost:
        return cost_of(self.start_graph, self.macro, self.budget.bytes_per_element)

    def cost(self, graph: Graph) -> Cost:
        """Includes the latency, where that is limited and was measured."""
        cost = cost_of(graph, self.macro, self.budget.bytes_per_element)
        return cost if self.budget.latency is None else self.latencies.on(cost, graph)

    def with_latency(self, cost: Cost, graph: Graph) -> Cost:
        """An earlier cost of the graph, with the latency that the current budget and records give it."""
        return cost._replace(latency=None) if self.budget.latency is None else self.latencies.on(cost, graph)

    def remeasured(self, answer: Answer) -> Answer:
        """The answer with the latency that the current budget and records give it."""
        return replace(answer, cost=self.with_latency(answer.cost, Graph.from_rows(answer.graph)))

    def remeasure_best(self) -> None:
        """Call it after the latencies or the budget have changed."""
        if self.state.best is not None:
            self.change(best=self.remeasured(self.state.best))

    def size(self, cost: Cost) -> tuple[float, ...]:
        """By which the cheaper of two equally good graphs is found."""
        return self.budget.budget_utilisation(cost), spent(cost, self.task.objective.cost_of)

    def change(self, **fields: Any) -> None:
        """Changes the state. Says so where the answer changes."""
        before = self.state
        self.state = replace(before, **fields)
        if self.state.best != before.best:
            self.emit(AnswerChanged(self._best))

    @property
    def _best(self) -> Best | None:
        return None if self.state.best is None else self.state.best.as_best

    def emit(self, payload: object) -> None:
        self.output.emit(payload)

    def transition(self) -> Transition:
        return self.output.transition(self.state)

    # -- what differs between strategies --------------------------------------------------------------------------

    @property
    @abstractmethod
    def answer(self) -> Answer | None:
        """The best so far, where it is valid under the current limits."""

    @property
    @abstractmethod
    def candidates(self) -> Sequence[Candidate]:
        """Of the round that is open."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return ()

    @abstractmethod
    def training_work(self) -> Iterable[Work]:
        """The items that evaluate the feasible candidates."""

    @abstractmethod
    def final_score(self, quality: float, cost: Cost) -> float:
        """The score of a finalist. Higher is better for every metric."""

    @abstractmethod
    def valid_finalists(self) -> tuple[Answer, ...]:
        """Those that fit the current limits, with their current costs."""

    @abstractmethod
    def clear_round(self) -> None:
        """Forgets the candidates of the round."""

    # -- the round ------------------------------------------------------------------------------------------------

    @property
    def feasible_candidates(self) -> list[Candidate]:
        """The candidates that the round evaluates, in the order of its work items."""
        return [candidate for candidate in self.candidates if candidate.feasible]

    def ask(self) -> Round | Finished:
        state, keeps = self.state, self.factors.evaluator.files(self.carry)
        if state.finished is not None:
            return Finished(state.finished)
        if state.answering is not None:
            work: Iterable[Work] = self.factors.final_work([Graph.from_rows(each.graph) for each in state.finalists])
            return Round(tuple(work), tuple((each.id,) for each in self.finalists), keeps)
        if state.latency_round is not None:
            return self._measurements(state.latency_round, keeps)
        ids = iter([each.id for each in self.feasible_candidates])
        about = tuple(tuple(islice(ids, count)) for count in self.batches)
        return Round(tuple(self.training_work()), about, keeps)

    @property
    def batches(self) -> list[int]:
        """How many feasible candidates each item of the round is about."""
        return self.factors.batches(len(self.feasible_candidates))

    def read(self, outcomes: list[Outcome]) -> list[Result]:
        """The results of the feasible candidates."""
        return self.factors.read(self.batches, outcomes)

    def _measurements(self, latency_round: LatencyRound, keeps: tuple[str, ...]) -> Round:
        """Several candidates may be one network; a measured graph may be no candidate."""
        graphs = [Graph.from_rows(rows) for rows in latency_round.graphs]
        work = (training.measurement_work(graph, self.macro, latency_round.device) for graph in graphs)
        feasible = self.feasible_candidates
        about = (tuple(each.id for each in feasible if each.hash == graph.hash) for graph in graphs)
        return Round(tuple(work), tuple(about), keeps)

    # -- events ---------------------------------------------------------------------------------------------------

    def emit_started(self, smallest: Cost) -> None:
        """`smallest`: the cost of the smallest graph that can be reached."""
        task, cost = self.task, self.start_cost
        ends = Ends(smallest, cost)
        self.change(ends=ends)
        self.emit(
            SearchStarted(
                task=task,
                macro=serialization.to_jsonable(self.macro),
                graph=self.start_graph.to_rows(),
                cost=cost,
                ends=ends,
                over=task.budget.over(cost),
                metric=task.data_spec.metric,
                objectives=self.objectives,
            )
        )

    @property
    def objectives(self) -> tuple[ObjectiveOf, ...]:
        metric = self.task.data_spec.metric
        return (
            ObjectiveOf(metric, "min" if metric == "perplexity" else "max"),
            ObjectiveOf(self.task.objective.cost_of, "min"),
        )

    def new_ids(self, count: int) -> range:
        """The ids of so many new candidates."""
        first = self.state.next_id
        self.change(next_id=first + count)
        return range(first, first + count)

    def emit_latencies(
        self, before: Sequence[Candidate], after: Sequence[Candidate], phase: Phase, smallest: Latency | None
    ) -> None:
        """`before`, `after`: the candidates of the round, without and with what their latencies say. `smallest`: the
        latency of the smallest graph that can be reached, if it was measured."""
        timed = []
        for drawn, candidate in zip(before, after, strict=True):
            if drawn.feasible:
                record = self.latencies.record(candidate.hash)
                latency, code = (None, None) if record is None else (record.latency, record.code)
                timed.append(Timed(candidate.id, latency, code, candidate.feasible, candidate.why_not))
        ends = self.state.ends
        if smallest is not None and ends is not None and ends.smallest is not None:
            self.change(ends=replace(ends, smallest=ends.smallest._replace(latency=smallest.median)))
        self.output.time(
            after,
            timed,
            step=self.state.step + 1,
            phase=phase,
            present=self.latencies.of(self.graph),
            smallest=smallest,
            over=self.budget.over(self.cost(self.graph)),
        )

    def change_graph(self, edits: Edits, cause: Cause, step: int) -> GraphEdited:
        """Changes the current graph; returns the event, which is still to be emitted."""
        self.change(record=self.state.record.after(edits, cause, step))
        cost = self.cost(self.graph)
        return GraphEdited(step, "person" if cause == "person" else "search", edits, cost, self.budget.over(cost))

    def emit_due_snapshot(self) -> None:
        """Call it between two steps."""
        if self.state.round - self.state.last_snapshot >= SNAPSHOT_ROUNDS:
            self.change(last_snapshot=self.state.round)
            self.emit(self.snapshot())

    def snapshot(self) -> Snapshot:
        state, cost = self.state, self.cost(self.graph)
        return Snapshot(
            task=self.task,
            macro=serialization.to_jsonable(self.macro),
            metric=self.task.data_spec.metric,
            objectives=self.objectives,
            start=self.start_cost,
            ends=state.ends or Ends(None, None),
            status=state.finished or "running",
            why=state.why,
            step=state.step,
            phase=state.phase,
            graph=state.record.parts,
            removed=state.record.removed,
            removed_nodes=state.record.removed_nodes,
            locked=state.locked,
            locked_nodes=state.locked_nodes,
            evidence=self.evidence,
            cost=cost,
            over=self.budget.over(cost),
            budget=self.budget,
            weight=self.weight,
            trained=state.trained,
            best=self._best,
            answer=state.best if state.finished else None,
        )

    # -- branches -------------------------------------------------------------------------------------------------

    def leave_search(self) -> None:
        """Forgets where the answers were measured: the log of a fork does not hold it."""
        best, finalists = self.state.best, self.state.finalists
        self.state = replace(
            self.state, best=best and measured_elsewhere(best), finalists=tuple(map(measured_elsewhere, finalists))
        )

    def open_branch(self, branch: int, origin: Origin) -> None:
        if origin.command is not None:
            self.emit(command_applied(origin.command))
        parent = Parent(origin.search, origin.branch, origin.round)
        self.emit(BranchOpened(branch, parent, origin.by, origin.reason, self.snapshot()))

    # -- the end --------------------------------------------------------------------------------------------------

    def finish(self, status: End, why: str) -> None:
        """Ends the search; a search that ends by itself trains its finalists first."""
        finalists = self.valid_finalists()
        if status == "finished" and self.state.answering is None and finalists:
            self.clear_round()
            self.change(finalists=finalists, answering=why, phase="answer")
            self.new_ids(len(finalists))
            cost = self.cost(self.graph)
            self.output.propose(
                self.finalists, step=self.state.step + 1, phase="answer", cost=cost, over=self.budget.over(cost)
            )
            return
        best = None if status == "cancelled" else self.answer
        self.clear_round()
        self.state = replace(self.state, finished=status, why=why, best=best, finalists=())
        self.emit(SearchFinished(status, why, self.state.step, self.state.trained, best))

    @property
    def finalists(self) -> list[Candidate]:
        """The finalists as candidates, once they are proposed: nothing is proposed after them."""
        first = self.state.next_id - len(self.state.finalists)
        return finalist_candidates(self.state.finalists, self.graph, first)

    def tell_finalists(self, outcomes: list[Outcome], why: str) -> None:
        """Ends the search with the best of the finalists."""
        state, candidates = self.state, self.finalists
        best, verdicts = decide(
            state.finalists,
            candidates,
            self.factors.read([1] * len(candidates), outcomes),
            (state.branch, state.round),
            self.final_score,
            self.size,
        )
        self.output.measure(candidates, verdicts, step=state.step + 1, phase="answer")
        self.change(round=state.round + 1, trained=state.trained + len(candidates), best=best or state.best)
        self.finish("finished", why)
