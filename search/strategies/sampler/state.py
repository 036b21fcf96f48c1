"""The state of a search that draws whole graphs, and what one call of the strategy works with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from search.base.serialization import Json
from search.evaluation import objective
from search.evaluation.base import Ranking
from search.evaluation.objective import QualityMetric
from search.log.events import Answer, Candidate, Refused
from search.network.budget import Budget, spent
from search.network.cost import Cost
from search.network.edits import edges_with
from search.network.graph import Edge, Graph, live
from search.network.locks import Locks
from search.strategies.admission import Rules
from search.strategies.base import Work
from search.strategies.call import RunState
from search.strategies.run import Run


class Drawn(NamedTuple):
    """A graph of the round."""

    graph: Json  # rows
    candidate: Candidate


class Member(NamedTuple):
    """A graph that was measured, as the strategy remembers it."""

    candidate: int  # its id
    graph: Json  # rows
    quality: float
    cost: Cost
    values: tuple[float, ...]  # search.evaluation.base.Result


@dataclass(frozen=True, kw_only=True)
class SamplerState(RunState):
    """The current graph is the last one that was better than all before it, as people have edited it since."""

    v: Literal[3] = 3  # of the format
    banned: tuple[str, ...] = ()  # edges that people removed
    banned_nodes: tuple[int, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    draws: int = 0  # in this step
    drawn_in_all: int = 0  # in all steps, this one included
    refused: tuple[Refused, ...] = ()  # in this step
    members: tuple[Member, ...] = ()  # what the strategy remembers, the oldest first
    evaluated: int = 0  # rounds of evaluation


@dataclass
class SamplerRun(Run[SamplerState]):
    """One call of the strategy."""

    @property
    def rules(self) -> Rules:
        return Rules(
            space=self.factors.space,
            space_config=self.factors.space_config,
            macro=self.macro,
            budget=self.budget,
            locks=self.locks,
            allowed=self.allowed(),
            latencies=self.latencies,
        )

    def allowed(self, *removed: Edge | int) -> Graph:
        """The largest graph without the parts that people removed, and without these."""
        edges = {*self.state.banned, *(edge.id for part in removed for edge in edges_with(self.start_graph, part))}
        nodes = {*self.state.banned_nodes, *(part for part in removed if isinstance(part, int))}
        kept = (e for e in self.start_graph.edges if e.id not in edges and nodes.isdisjoint(e))
        return live((node for node in self.start_graph.nodes if node.id not in nodes), kept)

    def smallest(self, allowed: Graph, locks: Locks, budget: Budget) -> Graph | None:
        """The smallest graph with parts of `allowed` that holds every locked part; None where the space cannot tell."""
        space = self.factors.space
        if "smallest" not in space.MOVES:
            return None
        return space.smallest(allowed, locks, 1, lambda graph: budget.size(graph, self.macro))

    def scores(self, members: Sequence[Member | Answer]) -> list[float]:
        """The score of each among these. Higher is better."""
        if self.ranking is None:
            return [self.score_of(each.quality, each.cost, self.factors.metric) for each in members]
        different = list({each.values: None for each in members})  # one graph may be a member, a finalist and the best
        rank_of = dict(zip(different, self.ranking(different), strict=True))
        return [self.score_of(rank_of[each.values], each.cost, self.factors.metric) for each in members]

    @cached_property
    def ranking(self) -> Ranking | None:
        return self.factors.ranking

    def score_of(self, quality: float, cost: Cost, metric: QualityMetric) -> float:
        """The cost counts relative to that of the largest graph."""
        penalised = self.task.objective.cost_of
        share = max(1, spent(cost, penalised)) / max(1, spent(self.start_cost, penalised))
        return objective.score(metric, quality, self.weight, share)

    def rescored(self, answers: Sequence[Answer]) -> list[Answer]:
        """Among the members, where a score is relative to the others."""
        scores = self.scores([*answers, *self.state.members])
        return [replace(each, score=score) for each, score in zip(answers, scores, strict=False)]

    @property
    def candidates(self) -> list[Candidate]:
        return [drawn.candidate for drawn in self.state.drawn]

    @property
    def feasible(self) -> list[Drawn]:
        """The graphs that the round evaluates."""
        return [drawn for drawn in self.state.drawn if drawn.candidate.feasible]

    def training_work(self) -> list[Work]:
        return self.factors.work([Graph.from_rows(drawn.graph) for drawn in self.feasible], self.carry)

    def clear_round(self) -> None:
        self.change(drawn=(), latency_round=None)
