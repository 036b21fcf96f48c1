"""What the loops of both protocols do alike: begin, read a round's outcomes, make the removal that won."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from search.base import serialization
from search.log.events import Candidate, CandidateScored, SearchStarted, StepDecided, curve_of
from search.network.budget import Over
from search.network.cost import Cost
from search.network.graph import Graph, parse_edge
from search.strategies.autoshrink.state import Shrinking
from search.strategies.autoshrink.work import candidate_work
from search.strategies.base import Outcome, Work


class Scored(NamedTuple):
    score: float
    quality: float
    candidate: Candidate


class Loop(Shrinking, ABC):
    """A loop: what to measure next, and what follows from what was measured."""

    @abstractmethod
    def begin(self) -> None:
        """Says what the search starts from. Raises search.network.budget.Infeasible or search.log.task.BadTask."""

    @abstractmethod
    def propose(self) -> None:
        """Draws the next round's candidates, or finishes."""

    @abstractmethod
    def work(self) -> Iterable[Work]:
        """Of the round that was proposed."""

    @abstractmethod
    def tell(self, outcomes: list[Outcome]) -> None:
        """What follows from the round's outcomes."""

    def started(self, smallest: Cost) -> None:
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

    def measured_graph(self, candidate: Candidate) -> Graph:
        """What the candidate trains. The present graph may have changed since: a person can cut while a round runs."""
        drawn_on = self.graph_of(self.state.proposed)
        return drawn_on if candidate.edge is None else drawn_on.without(parse_edge(candidate.edge))

    @property
    def asked(self) -> list[Candidate]:
        """The candidates that the round trains, in work order."""
        return [candidate for candidate in self.state.candidates if candidate.feasible]

    def trainings(self) -> Iterable[Work]:
        return (candidate_work(self, self.measured_graph(candidate)) for candidate in self.asked)

    @abstractmethod
    def worth(self, quality: float, candidate: Candidate) -> float:
        """The candidate's score: higher is better, whatever the metric."""

    def read(self, outcomes: list[Outcome]) -> list[Scored]:
        """Says what each candidate came to. Those that failed, or ended in no number, have no score and never win."""
        metric = self.task.data_spec.metric
        scored: list[Scored] = []
        for candidate, outcome in zip(self.asked, outcomes, strict=True):
            quality, code = None, outcome.get("code")
            if outcome["status"] == "ok":
                quality = float(outcome[f"val_{metric}"])
                if not math.isfinite(quality) or (metric == "perplexity" and quality <= 0):
                    quality, code = None, "diverged"
            score = None if quality is None else self.worth(quality, candidate)
            if quality is not None and score is not None:
                scored.append(Scored(score, quality, candidate))
            self.emit(
                CandidateScored(
                    self.state.step + 1, candidate.index, candidate.edge, "ok" if score is not None else "error", code,
                    quality, score, curve_of(outcome.get("curve", [])),
                )
            )  # fmt: skip
        self.change(round=self.state.round + 1, trained=self.state.trained + len(self.asked))
        return scored

    def decided(self, winner: Scored, rivals: list[Scored], cost: Cost, over: tuple[Over, ...]) -> None:
        """Says what was cut; the state is that after the cut."""
        score, quality, candidate = winner
        others = [one.score for one in rivals if one.candidate is not candidate]
        self.emit(
            StepDecided(
                self.state.step, self.state.phase, str(candidate.edge), score, quality, cost, over, not over,
                len(self.state.edges), score - max(others) if others else None,
            )
        )  # fmt: skip
