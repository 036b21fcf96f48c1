"""A search that shrinks a graph: all that it knows, and the edits that the loop and people make alike."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from search.base import serialization
from search.base.config import parse
from search.data.datasets import ImageData, TextData
from search.evaluation.latencies import Latencies, LatencyRecord, LatencyRound
from search.log.events import (
    Answer,
    Candidate,
    Cause,
    EdgeAdded,
    EdgeRemoved,
    End,
    NodeAdded,
    NodeRemoved,
    Phase,
    SearchFinished,
    emit,
)
from search.log.task import BadTask, Task
from search.network.budget import Budget, Limit, spent
from search.network.cost import Cost, cost_of
from search.network.graph import Edge, Graph, live, parse_edge
from search.network.locks import Locks
from search.network.macro import Macro
from search.spaces import SPACES, cnn, rnn
from search.strategies.autoshrink.config import CONFIGS, Config, RnnConfig
from search.strategies.autoshrink.removals import Removals
from search.strategies.autoshrink.scoring import studio_score
from search.strategies.base import Transition


class Removed(NamedTuple):
    """When and why a part went; `id` names an edge."""

    id: str
    step: int
    cause: Cause


class RemovedNode(NamedTuple):
    id: int
    step: int
    cause: Cause


class ParentResult(NamedTuple):
    """What the present graph was measured as."""

    quality: float
    cost: Cost


class Weights(NamedTuple):
    """What the last winner learnt, and the edges of the graph that it was measured as."""

    sha256: str
    edges: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SearchState:
    """All that the search knows. Edges and nodes are those that live; the dense graph comes from the task again."""

    v: Literal[1] = 1  # so another version is refused in words; what came later has a default
    task: Task
    edges: tuple[str, ...]
    branch: int = 0
    round: int = 0
    step: int = 0  # decisions made
    phase: Phase = "descent"
    penalised_cost: Limit | None = None  # the cost that lowers this round's scores
    locked: tuple[str, ...] = ()
    locked_nodes: tuple[int, ...] = ()
    removed: tuple[Removed, ...] = ()
    removed_nodes: tuple[RemovedNode, ...] = ()
    budget: Budget | None = None  # None: the task's
    weight: float | None = None  # of cost; None: the settings'
    candidates: tuple[Candidate, ...] = ()
    proposed: tuple[str, ...] = ()  # edges of the graph that the candidates were drawn on
    measured: bool = False  # whether the present graph itself was trained as one that fits
    parent_result: ParentResult | None = None  # what it came to
    tested: tuple[str, ...] = ()  # edges of the present graph whose removal did not pay
    feasible_witness: tuple[
        str, ...
    ] = ()  # edges of a graph that fits and can be reached, while the present one does not fit
    latency_records: tuple[LatencyRecord, ...] = ()  # latencies on the budget's device, of one machine
    latency_round: LatencyRound | None = None  # the round measures latencies, before another trains
    redraw: bool = False  # people changed what the graphs being measured were drawn on
    reference_latency: int | None = None  # latency of the graph that the candidates were drawn on
    weights: Weights | None = None  # for candidates to go on from
    best: Answer | None = None
    stale: int = 0  # choices since the answer last grew better
    trained: int = 0
    finished: End | None = None


@dataclass
class Shrinking:
    """One call of the fold: a state, what follows from it, and the events emitted so far."""

    state: SearchState
    events: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.task = self.state.task
        self.config: Config = parse(CONFIGS[self.task.space], self.task.config)
        data, nodes = self.task.data_spec, self.config.nodes
        self.macro: Macro
        if isinstance(self.config, RnnConfig) and isinstance(data, TextData):
            self.macro = rnn.search_macro(data.vocabulary, self.config.hidden)
            self.dense = rnn.dense(nodes, self.task.seed)
        elif isinstance(data, ImageData) and not isinstance(self.config, RnnConfig):
            self.macro, self.dense = cnn.search_macro(data.shape, data.classes), cnn.dense(nodes)
        else:
            space = SPACES[self.task.space]
            raise BadTask(f"{space.TITLE.lower()}s are for {space.KIND} data; choose another space")

    @property
    def budget(self) -> Budget:
        return self.state.budget or self.task.budget

    @property
    def weight(self) -> float:
        return self.config.cost_weight if self.state.weight is None else self.state.weight

    @property
    def locks(self) -> Locks:
        return Locks(self.state.locked, self.state.locked_nodes)

    @property
    def smallest_cell(self) -> str:
        """What removals come to at the least, in words."""
        keep = self.config.keep_edges
        return "the smallest cell that can be reached" if keep == 1 else f"the smallest cell of {keep} edges"

    @property
    def graph(self) -> Graph:
        """The present graph."""
        return self.graph_of(self.state.edges)

    def graph_of(self, edges: tuple[str, ...]) -> Graph:
        return live(self.dense.nodes, [parse_edge(edge) for edge in edges])

    @property
    def latencies(self) -> Latencies:
        return Latencies(self.state.latency_records)

    def cost(self, graph: Graph) -> Cost:
        """With its latency, where that is limited and known."""
        cost = cost_of(graph, self.macro, self.budget.bytes_per_element)
        return cost if self.budget.latency is None else self.latencies.on(cost, graph)

    def with_latency(self, cost: Cost, graph: Graph) -> Cost:
        """The graph's cost as it counts under the present terms, which may have changed since it was taken."""
        return cost._replace(latency=None) if self.budget.latency is None else self.latencies.on(cost, graph)

    def obeys_budget(self, cost: Cost) -> bool:
        """What an answer must: where latency is limited, one that was not measured is none."""
        measured = self.budget.latency is None or cost.latency is not None
        return measured and not self.budget.over(cost)

    @property
    def answer(self) -> Answer | None:
        """The best so far; none while its latency, which is limited, is not known of the machine that counts now."""
        best = self.state.best
        if (
            best is None
            or self.budget.latency is None
            or any(one.hash == best.hash for one in self.state.latency_records)
        ):
            return best
        return None

    @cached_property
    def dense_cost(self) -> Cost:
        return cost_of(self.dense, self.macro, self.budget.bytes_per_element)

    def score(self, quality: float, cost: Cost, counted: Limit) -> float:
        """Against the cost of the dense graph; a latency, which the dense graph's may not be known of, against that of
        the graph that the round began with."""
        compared = self.state.reference_latency if counted == "latency" else spent(self.dense_cost, counted)
        share = max(1, spent(cost, counted)) / compared if compared else 1.0
        return studio_score(self.task.data_spec.metric, quality, self.weight, share)

    def removals(
        self,
        *,
        graph: Graph | None = None,
        budget: Budget | None = None,
        locks: Locks | None = None,
        strict: bool = False,
    ) -> Removals:
        """What can be cut from the present graph, or another one, if need be under other terms than the present."""
        budget = self.budget if budget is None else budget
        return Removals(
            graph=self.graph if graph is None else graph,
            macro=self.macro,
            budget=budget,
            locks=self.locks if locks is None else locks,
            keep=self.config.keep_edges,
            witness=self.graph_of(self.state.feasible_witness) if self.state.feasible_witness else None,
            latencies=self.latencies if budget.device == self.budget.device else Latencies(),
            strict=strict,
        )

    def change(self, **fields: Any) -> None:
        self.state = replace(self.state, **fields)

    def emit(self, payload: object) -> None:
        self.events.append(payload)

    def transition(self) -> Transition:
        return serialization.to_jsonable(self.state), [emit(payload) for payload in self.events]

    def remove(self, edges: tuple[Edge, ...], cause: Cause, step: int, node: int | None = None) -> None:
        """Removes edges (those of `node`, where it is one that goes) and what can no longer be reached, saying each."""
        before = self.graph
        after = before.without(*edges)
        gone = [*edges, *(edge for edge in before.edges if edge not in edges and not after.has(edge))]
        removed = [Removed(edge.id, step, cause if edge in edges else "collapse") for edge in gone]
        for edge, (_, _, why) in zip(gone, removed, strict=True):
            self.emit(EdgeRemoved(edge.id, edge.source, edge.target, step, why))
        lost = [other.id for other in before.nodes if other.id not in after.by_id]
        removed_nodes = [RemovedNode(other, step, cause if other == node else "collapse") for other in lost]
        for one in removed_nodes:
            self.emit(NodeRemoved(*one))
        self.change(
            edges=tuple(edge.id for edge in after.edges),
            parent_result=None,
            tested=(),
            removed=(*self.state.removed, *removed),
            removed_nodes=(*self.state.removed_nodes, *removed_nodes),
        )

    def restore(self, edges: tuple[Edge, ...]) -> None:
        """Puts edges of the dense graph back, and nodes that they reach, saying each."""
        before, step = self.graph, self.state.step
        wanted = {*before.edges, *edges}
        after = live(self.dense.nodes, (edge for edge in self.dense.edges if edge in wanted))
        for node in after.nodes:
            if node.id not in before.by_id:
                self.emit(NodeAdded(node.id, node.op, node.rank, step, "person"))
        for edge in after.edges:
            if not before.has(edge):
                self.emit(EdgeAdded(edge.id, edge.source, edge.target, step, "person"))
        self.change(
            edges=tuple(edge.id for edge in after.edges),
            parent_result=None,
            tested=(),
            removed=tuple(one for one in self.state.removed if not after.has(parse_edge(one.id))),
            removed_nodes=tuple(one for one in self.state.removed_nodes if one.id not in after.by_id),
        )

    def finish(self, status: End, why: str) -> None:
        state = self.state
        best = None if status == "cancelled" else self.answer
        self.change(finished=status, candidates=(), latency_round=None, best=best)
        self.emit(SearchFinished(status, why, state.step, state.trained, best))
