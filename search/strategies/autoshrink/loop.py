"""The loop that both protocols share: start, score the outcomes of a round, report the decision."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from search.base import serialization
from search.evaluation.base import Result
from search.log.events import Candidate, CandidateScored, SearchStarted, StepDecided, curve_of
from search.network.budget import Over
from search.network.cost import Cost
from search.network.graph import Graph, parse_edge
from search.strategies.autoshrink.state import SearchRun
from search.strategies.base import Outcome, Preview, Work

MOST_FRUITLESS = 3  # rounds in a row without a result, after which a search ends


class ScoredCandidate(NamedTuple):
    score: float
    quality: float
    candidate: Candidate
    result: Result


class Loop(SearchRun, ABC):
    """Chooses what to measure next, and decides by the outcomes."""

    @abstractmethod
    def start(self) -> None:
        """Emits search_started. Raises search.network.budget.Infeasible or search.log.task.BadTask."""

    @abstractmethod
    def preview(self) -> Preview:
        """What the search would start from and cost. Raises search.log.task.BadTask."""

    @abstractmethod
    def propose(self) -> None:
        """Draws the candidates of the next round, or finishes the search."""

    @abstractmethod
    def work(self) -> Iterable[Work]:
        """The work items of the proposed round."""

    @abstractmethod
    def tell(self, outcomes: list[Outcome]) -> None:
        """Updates the state by the outcomes of the round."""

    def emit_started(self, smallest: Cost) -> None:
        task, cost = self.task, self.dense_cost
        self.emit(
            SearchStarted(
                task=task,
                macro=serialization.to_jsonable(self.macro),
                graph=self.dense.to_dict(),
                cost=cost,
                smallest=smallest,
                over=task.budget.over(cost),
                metric=task.data_spec.metric,
            )
        )

    def candidate_graph(self, candidate: Candidate) -> Graph:
        """The graph that a candidate of the round trains, cut from the graph that the round started with.

        The current graph may be another one: people can edit it while the round runs.
        """
        base = self.graph_of(self.state.proposed)
        return base if candidate.edge is None else base.without(parse_edge(candidate.edge))

    def count_cuts(self, per_graph: int) -> int:
        """Cuts that are tested on the way from the dense cell to the smallest, at most `per_graph` on each graph."""
        return sum(min(per_graph, count) for count in range(self.config.keep_edges + 1, len(self.dense.edges) + 1))

    @property
    def feasible_candidates(self) -> list[Candidate]:
        """The candidates that the round trains, in the order of its work items."""
        return [candidate for candidate in self.state.candidates if candidate.feasible]

    def training_items(self) -> Iterable[Work]:
        """A descent trains for few epochs: it only ranks candidates, and none of them is an answer."""
        most_epochs = self.config.descent_epochs if self.state.phase == "descent" else None
        graphs = [self.candidate_graph(candidate) for candidate in self.feasible_candidates]
        return self.factors.work(graphs, self.carry, most_epochs)

    @abstractmethod
    def candidate_score(self, quality: float, candidate: Candidate) -> float:
        """Higher is better for every metric."""

    def score_outcomes(self, outcomes: list[Outcome]) -> list[ScoredCandidate]:
        """Emits candidate_scored per candidate. Failed and diverged candidates have no score and cannot win."""
        scored: list[ScoredCandidate] = []
        results = self.factors.read(outcomes)
        for candidate, result in zip(self.feasible_candidates, results, strict=True):
            score = None
            if result.quality is not None:
                score = self.candidate_score(result.quality, candidate)
                scored.append(ScoredCandidate(score, result.quality, candidate, result))
            self.emit(
                CandidateScored(
                    self.state.step + 1, candidate.index, candidate.edge, "ok" if score is not None else "error",
                    result.code, result.quality, score, curve_of(result.curve),
                )
            )  # fmt: skip
        state = self.state
        self.change(
            round=state.round + 1,
            trained=state.trained + len(self.feasible_candidates),
            fruitless=0 if scored else state.fruitless + 1,
        )
        return scored

    def propose_or_give_up(self) -> None:
        """Proposes the next round; ends the search where no training of the last rounds gave a result."""
        if self.state.fruitless >= MOST_FRUITLESS:
            self.finish("finished", f"no training of the last {MOST_FRUITLESS} rounds gave a result")
        else:
            self.propose()

    def emit_decision(
        self, winner: ScoredCandidate, scored: list[ScoredCandidate], cost: Cost, over: tuple[Over, ...]
    ) -> None:
        """Emits step_decided. The state is already that after the cut; `scored` includes the winner."""
        score, quality, candidate, _ = winner
        others = [other.score for other in scored if other.candidate is not candidate]
        self.emit(
            StepDecided(
                self.state.step, self.state.phase, candidate.edge, candidate.label, score, quality, cost, over,
                not over, len(self.state.edges), score - max(others) if others else None,
            )
        )  # fmt: skip
