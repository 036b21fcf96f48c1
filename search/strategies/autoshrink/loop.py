"""The loop that both protocols share: start, score the outcomes of a round, report the decision."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import NamedTuple

from search.evaluation.base import Result
from search.log.events import Candidate, Evidence, EvidenceUpdated, StepDecided
from search.network.budget import Over
from search.network.edits import apply, removal
from search.network.graph import Graph, parse_edge
from search.strategies.autoshrink.state import SearchRun
from search.strategies.base import Effort, Outcome, Position, Preview, Work
from search.strategies.output import Verdict


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
    def effort(self, position: Position | None) -> Effort:
        """What is left to train; None: from the start. Raises search.log.task.BadTask."""

    @abstractmethod
    def propose(self) -> None:
        """Draws the candidates of the next round, or finishes the search."""

    @abstractmethod
    def tell(self, outcomes: list[Outcome]) -> None:
        """Updates the state by the outcomes of the round."""

    def candidate_graph(self, candidate: Candidate) -> Graph:
        """The graph that a candidate of the round trains, cut from the graph that the round started with.

        The current graph may be another one: people can edit it while the round runs.
        """
        return apply(self.graph_of(self.state.proposed), candidate.edits)

    def count_cuts(self, per_graph: int) -> int:
        """Cuts that are tested on the way from the dense cell to the smallest, at most `per_graph` on each graph."""
        return sum(min(per_graph, count) for count in range(self.config.keep_edges + 1, len(self.dense.edges) + 1))

    def cuts(self, edges: int, to: int) -> list[int]:
        """The candidates of each step from so many edges down to others: no more than there are edges to cut."""
        return [min(self.config.candidates, count) for count in range(edges, to, -1)]

    def first_position(self) -> Position:
        """That of a search that has not started."""
        return Position(0, len(self.dense.edges), self.start_cost)

    def examples(self, smallest: Graph) -> tuple[Work, ...]:
        return tuple(self.factors.examples([smallest, self.dense], self.carry))

    def training_work(self) -> Iterable[Work]:
        """A descent trains for few epochs: it only ranks candidates, and none of them is an answer."""
        most_epochs = self.config.descent_epochs if self.state.phase == "descent" else None
        graphs = [self.candidate_graph(candidate) for candidate in self.feasible_candidates]
        return self.factors.work(graphs, self.carry, most_epochs)

    @abstractmethod
    def candidate_score(self, quality: float, candidate: Candidate) -> float:
        """Higher is better for every metric."""

    def score_outcomes(self, outcomes: list[Outcome]) -> list[ScoredCandidate]:
        """Emits the results of the round. Failed and diverged candidates have no score and cannot win."""
        scored: list[ScoredCandidate] = []
        verdicts: list[Verdict] = []
        results = self.read(outcomes)
        for candidate, result in zip(self.feasible_candidates, results, strict=True):
            score = None
            if result.quality is not None:
                score = self.candidate_score(result.quality, candidate)
                scored.append(ScoredCandidate(score, result.quality, candidate, result))
            verdicts.append(Verdict(candidate, result, score))
        state = self.state
        assert state.phase is not None  # set with the candidates
        self.output.measure(state.drawn, verdicts, step=state.step + 1, phase=state.phase)
        self._update_evidence(scored)
        self.close_round(results)
        return scored

    def _update_evidence(self, scored: list[ScoredCandidate]) -> None:
        """How much worse than the mean of the round it is to cut each edge."""
        scores = {
            str(each.candidate.edits.removed_edge): each.score for each in scored if each.candidate.edits.removed_edge
        }
        if not scores:
            return
        mean, known = sum(scores.values()) / len(scores), {each.edge: each for each in self.state.evidence}
        for edge, score in scores.items():
            before = known.get(edge, Evidence(edge, 0, 0.0))
            tests = before.tests + 1
            known[edge] = Evidence(edge, tests, before.importance + (mean - score - before.importance) / tests)
        self.change(evidence=tuple(known.values()))
        self.emit(EvidenceUpdated(tuple(known[edge] for edge in scores)))

    def propose_or_give_up(self) -> None:
        if not self.gives_up():
            self.propose()

    def make_cut(self, winner: ScoredCandidate, scored: list[ScoredCandidate]) -> tuple[Over, ...]:
        """Decides the step, and cuts the winner's edge from the current graph; returns the limits that it then breaks.

        `scored` includes the winner.
        """
        score, quality, candidate, _ = winner
        others = [other.score for other in scored if other.candidate is not candidate]
        step, phase = self.state.step + 1, self.state.phase
        assert phase is not None  # set with the candidates
        # people may have edited the graph while the round ran, so that more or less is lost with the edge now
        edits = removal(self.graph, [parse_edge(str(candidate.edits.removed_edge))])
        edited = self.edit(edits, "search", step)
        self.change(step=step)
        self.emit(
            StepDecided(
                step, phase, candidate.id, candidate.label, edits, score, quality, edited.cost, edited.over,
                not edited.over, len(self.graph.edges), score - max(others) if others else None,
            )
        )  # fmt: skip
        self.emit(edited)
        return edited.over
