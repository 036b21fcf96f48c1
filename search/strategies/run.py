"""What the calls of all strategies share: the round that is open, events, branches and the end of a search."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from search.base import serialization
from search.evaluation.base import Result
from search.evaluation.latencies import without_failures
from search.evaluation.objective import QualityMetric
from search.log.events import (
    Answer,
    BranchOpened,
    Candidate,
    End,
    Ends,
    Evidence,
    ObjectiveOf,
    Parent,
    SearchFinished,
    SearchStarted,
    Snapshot,
    command_applied,
)
from search.network.cost import Cost
from search.network.graph import Graph
from search.strategies.answer import decide, finalist_candidates, measured_elsewhere
from search.strategies.base import SNAPSHOT_ROUNDS, Finished, Origin, Outcome, Round, Work
from search.strategies.call import S
from search.strategies.latency_rounds import Measuring

MOST_FRUITLESS = 3  # rounds in a row without a result, after which a search ends


class Run(Measuring[S], ABC):
    """One call of a strategy."""

    # -- what differs between strategies --------------------------------------------------------------------------

    @property
    @abstractmethod
    def candidates(self) -> Sequence[Candidate]:
        """Of the round that is open, before the finalists."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return ()

    @abstractmethod
    def training_work(self) -> Iterable[Work]:
        """The items that evaluate the feasible candidates."""

    @abstractmethod
    def score_of(self, quality: float, cost: Cost, metric: QualityMetric) -> float:
        """The score of a graph that fits. Higher is better for every metric."""

    def rescored(self, answers: Sequence[Answer]) -> list[Answer]:
        """Measured graphs with the score that the current weight gives them."""
        return [replace(each, score=self.score_of(each.quality, each.cost, each.metric)) for each in answers]

    @abstractmethod
    def clear_round(self) -> None:
        """Forgets the candidates of the round."""

    # -- the round ------------------------------------------------------------------------------------------------

    @property
    def feasible_candidates(self) -> list[Candidate]:
        candidates = self.candidates if self.state.answering is None else self.finalists
        return [candidate for candidate in candidates if candidate.feasible]

    def ask(self) -> Round | Finished:
        state, keeps = self.state, self.factors.evaluator.files(self.carry)
        if state.finished is not None:
            return Finished(state.finished)
        if state.latency_round is not None:
            return self.measurements(state.latency_round, keeps)
        if state.answering is not None:
            feasible = self._feasible_finalists
            work: Iterable[Work] = self.factors.final_work([Graph.from_rows(each.graph) for each, _ in feasible])
            return Round(tuple(work), tuple((candidate.id,) for _, candidate in feasible), keeps)
        ids = iter([each.id for each in self.feasible_candidates])
        about = tuple(tuple(islice(ids, count)) for count in self.batches)
        return Round(tuple(self.training_work()), about, keeps)

    @property
    def batches(self) -> list[int]:
        """How many feasible candidates each item of the round is about."""
        return self.factors.batches(len(self.feasible_candidates))

    def read(self, outcomes: list[Outcome]) -> list[Result]:
        """The results of the feasible candidates."""
        return self.factors.read([each.cost for each in self.feasible_candidates], self.batches, outcomes)

    def close_round(self, results: Sequence[Result]) -> None:
        """Counts a round of training that had these results."""
        state, has_result = self.state, any(result.quality is not None for result in results)
        self.change(
            round=state.round + 1,
            trained=state.trained + len(results),
            fruitless=0 if has_result else state.fruitless + 1,
        )

    def gives_up(self) -> bool:
        """Ends the search where no training of the last rounds gave a result."""
        if self.state.fruitless < MOST_FRUITLESS:
            return False
        why = (
            f"every training of the last {MOST_FRUITLESS} rounds diverged or failed, so there is nothing to choose from"
        )
        self.finish("finished", why)
        return True

    # -- events ---------------------------------------------------------------------------------------------------

    def emit_started(self, smallest: Cost | None) -> None:
        """`smallest`: the cost of the smallest graph that can be reached, where it is known."""
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
                metric=self.factors.metric,
                objectives=self.objectives,
            )
        )

    @property
    def objectives(self) -> tuple[ObjectiveOf, ...]:
        metric = self.factors.metric
        return (
            ObjectiveOf(metric, "min" if metric == "perplexity" else "max"),
            ObjectiveOf(self.task.objective.cost_of, "min"),
        )

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
            metric=self.factors.metric,
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
            best=self.as_best,
            answer=state.best if state.finished else None,
        )

    # -- branches -------------------------------------------------------------------------------------------------

    def enter_branch(self, branch: int, origin: Origin) -> None:
        """The state in which the branch starts, before it has proposed anything."""
        state = self.state
        fork = state.fork if origin.search is None else f"{self.stream}.{state.round}.{origin.number}/"
        self.change(
            branch=branch, fork=fork, round=0, last_snapshot=0, fruitless=0, finished=None, answering=None, why=""
        )
        if origin.search is not None:  # the log of a fork does not hold where its answers were measured
            best, finalists = state.best, tuple(map(measured_elsewhere, state.finalists))
            self.state = replace(self.state, best=best and measured_elsewhere(best), finalists=finalists)

    def open_branch(self, origin: Origin) -> None:
        """Emits the start of the branch that the state has entered."""
        if origin.command is not None:
            self.emit(command_applied(origin.command))
        parent = Parent(origin.search, origin.branch, origin.round)
        self.emit(BranchOpened(self.state.branch, parent, origin.by, origin.reason, self.snapshot()))

    # -- the end --------------------------------------------------------------------------------------------------

    def finish(self, status: End, why: str) -> None:
        """Ends the search; a search that ends by itself measures and trains its finalists first."""
        self.clear_round()
        if status == "finished" and self.state.answering is None and self._answer_round(why):
            return
        best = None if status == "cancelled" else self.answer
        self.state = replace(self.state, finished=status, why=why, best=best, finalists=())
        self.emit(SearchFinished(status, why, self.state.step, self.state.trained, best))

    def _answer_round(self, why: str) -> bool:
        """Proposes the finalists that may fit. False where nothing is left to measure or to train."""
        self.change(latency_records=without_failures(self.state.latency_records))  # those are tried once more
        remeasured = map(self.remeasured, self.state.finalists)
        self.change(finalists=tuple(each for each in remeasured if not self.budget.over(each.cost)))
        if self.state.finalists:
            self.new_ids(len(self.state.finalists))
            self.change(answering=why, phase="answer")
            cost = self.cost(self.graph)
            self.output.propose(
                self.finalists, step=self.state.step + 1, phase="answer", cost=cost, over=self.budget.over(cost)
            )
        if self._measures_answers():
            self.change(answering=why)
            return True
        return bool(self.state.finalists)

    def _measures_answers(self) -> bool:
        """Starts a latency round where the limit on latency has not been checked for each of them."""
        best = self.state.best
        answers = (*self.state.finalists, *([] if best is None else [best]))
        return self.budget.latency is not None and self.start_latency_round(
            Graph.from_rows(each.graph) for each in answers
        )

    @property
    def finalists(self) -> list[Candidate]:
        """The finalists as candidates, once they are proposed: nothing is proposed after them."""
        first = self.state.next_id - len(self.state.finalists)
        return finalist_candidates(self.state.finalists, self.graph, first, self._why_not)

    @property
    def _feasible_finalists(self) -> list[tuple[Answer, Candidate]]:
        pairs = zip(self.state.finalists, self.finalists, strict=True)
        return [(finalist, candidate) for finalist, candidate in pairs if candidate.feasible]

    def _why_not(self, finalist: Answer) -> str | None:
        """Why a finalist is not trained."""
        if self.budget.latency is not None:
            graph = Graph.from_rows(finalist.graph)
            if why := self.latencies.unmeasurable(graph):
                return why
        over = self.budget.over(finalist.cost)
        return over[0].sentence if over else None

    def tell_answer_round(self, outcomes: list[Outcome]) -> None:
        """Takes the outcomes of a round that measures or trains the finalists."""
        why, latency_round = self.state.answering, self.state.latency_round
        assert why is not None
        if latency_round is None:
            self._tell_finalists(outcomes, why)
            return
        self.end_latency_round(latency_round, outcomes)
        if self._measures_answers():
            return  # some were withdrawn, or another machine has taken over
        self.change(finalists=tuple(map(self.remeasured, self.state.finalists)))
        measured = self.finalists
        if measured:
            proposed = [replace(each, feasible=True, why_not=None) for each in measured]
            self.emit_latencies(proposed, measured, "answer", None)
        if not any(candidate.feasible for candidate in measured):
            self.finish("finished", why)

    def _tell_finalists(self, outcomes: list[Outcome], why: str) -> None:
        """Ends the search with the best of the finalists."""
        state, feasible = self.state, self._feasible_finalists
        results, metric = self.factors.read_finalists(outcomes), self.task.data_spec.metric
        score, where = partial(self.score_of, metric=metric), (state.branch, state.round)
        best, verdicts = decide(feasible, results, where, metric, score, self.size)
        self.output.measure(self.finalists, verdicts, step=state.step + 1, phase="answer")
        self.change(round=state.round + 1, trained=state.trained + len(feasible), best=best or state.best)
        self.finish("finished", why)
