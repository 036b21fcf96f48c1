"""The state of a search that draws whole graphs, and what one call of the strategy works with."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.base.serialization import Json
from search.evaluation import objective
from search.log.events import Candidate, Refused
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


@dataclass(frozen=True, kw_only=True)
class SamplerState(RunState):
    """The current graph is the last one that was better than all before it, as people have edited it since."""

    v: Literal[2] = 2  # of the format
    banned: tuple[str, ...] = ()  # edges that people removed
    banned_nodes: tuple[int, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    draws: int = 0  # in this step
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

    def score(self, quality: float, cost: Cost) -> float:
        """The cost counts relative to that of the largest graph."""
        penalised = self.task.objective.cost_of
        share = max(1, spent(cost, penalised)) / max(1, spent(self.start_cost, penalised))
        return objective.score(self.task.data_spec.metric, quality, self.weight, share)

    @property
    def candidates(self) -> list[Candidate]:
        return [drawn.candidate for drawn in self.state.drawn]

    @property
    def feasible(self) -> list[Drawn]:
        """The graphs that the round evaluates."""
        return [drawn for drawn in self.state.drawn if drawn.candidate.feasible]

    def training_work(self) -> list[Work]:
        return self.factors.work([Graph.from_rows(drawn.graph) for drawn in self.feasible], self.carry)

    def final_score(self, quality: float, cost: Cost) -> float:
        return self.score(quality, cost)

    def clear_round(self) -> None:
        self.change(drawn=(), latency_round=None)
