"""The loop that both protocols share: start, score the outcomes of a round, report the decision."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from search.base import serialization
from search.log.events import Candidate, CandidateScored, SearchStarted, StepDecided, curve_of
from search.network.budget import Over
from search.network.cost import Cost
from search.network.graph import Graph, parse_edge
from search.strategies.autoshrink.state import SearchRun
from search.strategies.autoshrink.work import candidate_work
from search.strategies.base import Outcome, Work


class ScoredCandidate(NamedTuple):
    score: float
    quality: float
    candidate: Candidate


class Loop(SearchRun, ABC):
    """Chooses what to measure next, and decides by the outcomes."""

    @abstractmethod
    def start(self) -> None:
        """Emits search_started. Raises search.network.budget.Infeasible or search.log.task.BadTask."""

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

    @property
    def feasible_candidates(self) -> list[Candidate]:
        """The candidates that the round trains, in the order of its work items."""
        return [candidate for candidate in self.state.candidates if candidate.feasible]

    def training_items(self) -> Iterable[Work]:
        return (candidate_work(self, self.candidate_graph(candidate)) for candidate in self.feasible_candidates)

    @abstractmethod
    def candidate_score(self, quality: float, candidate: Candidate) -> float:
        """Higher is better for every metric."""

    def score_outcomes(self, outcomes: list[Outcome]) -> list[ScoredCandidate]:
        """Emits candidate_scored per candidate. Failed and diverged candidates have no score and cannot win."""
        metric = self.task.data_spec.metric
        scored: list[ScoredCandidate] = []
        for candidate, outcome in zip(self.feasible_candidates, outcomes, strict=True):
            quality, code = None, outcome.get("code")
            if outcome["status"] == "ok":
                quality = float(outcome[f"val_{metric}"])
                if not math.isfinite(quality) or (metric == "perplexity" and quality <= 0):
                    quality, code = None, "diverged"
            score = None if quality is None else self.candidate_score(quality, candidate)
            if quality is not None and score is not None:
                scored.append(ScoredCandidate(score, quality, candidate))
            self.emit(
                CandidateScored(
                    self.state.step + 1, candidate.index, candidate.edge, "ok" if score is not None else "error", code,
                    quality, score, curve_of(outcome.get("curve", [])),
                )
            )  # fmt: skip
        self.change(round=self.state.round + 1, trained=self.state.trained + len(self.feasible_candidates))
        return scored

    def emit_decision(
        self, winner: ScoredCandidate, scored: list[ScoredCandidate], cost: Cost, over: tuple[Over, ...]
    ) -> None:
        """Emits step_decided. The state is already that after the cut; `scored` includes the winner."""
        score, quality, candidate = winner
        others = [other.score for other in scored if other.candidate is not candidate]
        self.emit(
            StepDecided(
                self.state.step, self.state.phase, str(candidate.edge), score, quality, cost, over, not over,
                len(self.state.edges), score - max(others) if others else None,
            )
        )  # fmt: skip
