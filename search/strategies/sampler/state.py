"""The state of a search that draws whole graphs, and what one call of the strategy works with."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from search.base import serialization
from search.base.serialization import Json
from search.evaluation import objective
from search.evaluation.base import Carry
from search.evaluation.latencies import Latencies, LatencyRecord
from search.log.events import Answer, Candidate, End, Refused, SearchFinished, emit
from search.log.task import Task
from search.network.budget import Budget, spent
from search.network.cost import Cost, cost_of
from search.network.edits import edges_with
from search.network.graph import Edge, Graph, live
from search.network.locks import Locks
from search.strategies.admission import Rules
from search.strategies.answer import proposal
from search.strategies.base import Transition
from search.strategies.factors import Factors
from search.strategies.sampler.record import Record


class Drawn(NamedTuple):
    """A graph of the round."""

    graph: Json  # rows
    label: str
    cost: Cost
    why_not: str | None  # it is not evaluated, for this reason


class Member(NamedTuple):
    """A graph that was measured, as the strategy remembers it."""

    graph: Json  # rows
    quality: float
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class SamplerState:
    v: Literal[1] = 1  # of the format
    task: Task
    record: Record  # of the current graph, which is that of the answer until people edit it
    branch: int = 0
    round: int = 0
    step: int = 0  # rounds of evaluation that decided
    locked: tuple[str, ...] = ()
    locked_nodes: tuple[int, ...] = ()
    banned: tuple[str, ...] = ()  # edges that people removed
    banned_nodes: tuple[int, ...] = ()
    budget: Budget | None = None  # None: the task's
    weight: float | None = None  # of cost; None: the task's
    drawn: tuple[Drawn, ...] = ()
    draws: int = 0  # in this step
    refused: tuple[Refused, ...] = ()  # in this step
    measuring: tuple[Json, ...] | None = None  # rows of the graphs whose latency the round measures
    redraw: bool = False  # a command has made the graphs of the measuring round obsolete
    latency_records: tuple[LatencyRecord, ...] = ()
    carry: dict[str, Any] = field(default_factory=dict)  # what the evaluator remembers
    members: tuple[Member, ...] = ()  # what the strategy remembers, the oldest first
    best: Answer | None = None
    finalists: tuple[Answer, ...] = ()  # the best graphs that fit, the best first
    answering: str | None = None  # while the finalists are trained: why no further step follows
    evaluated: int = 0  # rounds of evaluation
    trained: int = 0  # candidates
    finished: End | None = None


@dataclass
class SamplerRun:
    """One call of the strategy: the state, values derived from it, and the events emitted so far."""

    state: SamplerState
    events: list[object] = field(default_factory=list)

    @cached_property
    def factors(self) -> Factors:
        return Factors.of(self.state.task)

    @property
    def start(self) -> Graph:
        """The largest graph."""
        return self.factors.start

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return self.state.record.current

    @property
    def budget(self) -> Budget:
        return self.state.budget or self.state.task.budget

    @property
    def weight(self) -> float:
        return self.state.task.objective.cost_weight if self.state.weight is None else self.state.weight

    @property
    def locks(self) -> Locks:
        return Locks(self.state.locked, self.state.locked_nodes)

    @property
    def carry(self) -> Carry:
        return self.state.carry

    @property
    def latencies(self) -> Latencies:
        return Latencies(self.state.latency_records)

    @property
    def rules(self) -> Rules:
        return Rules(
            macro=self.factors.macro,
            budget=self.budget,
            locks=self.locks,
            allowed=self.allowed(),
            latencies=self.latencies,
        )

    def allowed(self, *removed: Edge | int) -> Graph:
        """The largest graph without the parts that people removed, and without these."""
        edges = {*self.state.banned, *(edge.id for part in removed for edge in edges_with(self.start, part))}
        nodes = {*self.state.banned_nodes, *(part for part in removed if isinstance(part, int))}
        kept = (e for e in self.start.edges if e.id not in edges and nodes.isdisjoint(e))
        return live((node for node in self.start.nodes if node.id not in nodes), kept)

    def smallest(self, allowed: Graph, locks: Locks, budget: Budget) -> Graph:
        """The smallest graph with parts of `allowed` that holds every locked part, where the space can tell."""
        space, memory = self.factors.space, budget.peak_memory is not None

        def size(graph: Graph) -> tuple[float, ...]:
            cost = cost_of(graph, self.factors.macro, budget.bytes_per_element, order=memory)
            return budget.budget_utilisation(cost), cost.params

        return space.smallest(allowed, locks, 1, size) if "remove" in space.MOVES else allowed

    @cached_property
    def start_cost(self) -> Cost:
        return cost_of(self.start, self.factors.macro, self.budget.bytes_per_element)

    def score(self, quality: float, cost: Cost) -> float:
        """The cost counts relative to that of the largest graph."""
        penalised = self.state.task.objective.cost_of
        share = max(1, spent(cost, penalised)) / max(1, spent(self.start_cost, penalised))
        return objective.score(self.state.task.data_spec.metric, quality, self.weight, share)

    @property
    def answer(self) -> Answer | None:
        """The best so far; None while latency is limited and the present machine has not measured it."""
        best = self.state.best
        return best if best is not None and self.rules.fits(Graph.from_dict(best.graph)) else None

    def candidates(self) -> tuple[Candidate, ...]:
        """The graphs of the round, as events show them."""
        return tuple(
            Candidate(index, None, drawn.label, (), (), drawn.cost, drawn.why_not is None, drawn.why_not)
            for index, drawn in enumerate(self.state.drawn)
        )

    @property
    def feasible(self) -> list[tuple[int, Drawn]]:
        """The graphs that the round evaluates, with their indexes."""
        return [(index, drawn) for index, drawn in enumerate(self.state.drawn) if drawn.why_not is None]

    def change(self, **fields: Any) -> None:
        self.state = replace(self.state, **fields)

    def emit(self, payload: object) -> None:
        self.events.append(payload)

    def size(self, cost: Cost) -> tuple[float, ...]:
        """By which the cheaper of two equally good graphs is found."""
        return self.budget.budget_utilisation(cost), spent(cost, self.state.task.objective.cost_of)

    def finish(self, status: End, why: str) -> None:
        """Ends the search; a search that ends by itself trains its finalists first."""
        rules = self.rules
        graphs = {each.hash: Graph.from_dict(each.graph) for each in self.state.finalists}
        finalists = tuple(
            replace(each, cost=rules.cost(graphs[each.hash]))
            for each in self.state.finalists
            if rules.fits(graphs[each.hash])
        )
        if status == "finished" and self.state.answering is None and finalists:
            cost = rules.cost(self.graph)
            self.change(finalists=finalists, answering=why, drawn=(), measuring=None)
            self.emit(proposal(finalists, self.state.step, cost, self.budget.over(cost)))
            return
        best = None if status == "cancelled" else self.answer
        self.change(finished=status, drawn=(), measuring=None, best=best, finalists=())
        self.emit(SearchFinished(status, why, self.state.step, self.state.trained, best))

    def transition(self) -> Transition:
        return serialization.to_jsonable(self.state), [emit(payload) for payload in self.events]
