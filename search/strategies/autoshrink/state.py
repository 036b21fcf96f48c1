"""The state of an AutoShrink search, and the edits of its graph that the loop and people make."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from search.base import serialization
from search.evaluation import objective
from search.evaluation.base import Carry
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
from search.log.task import Task
from search.network.budget import Budget, Limit, spent
from search.network.cost import Cost, cost_of
from search.network.graph import Edge, Graph, live, parse_edge
from search.network.locks import Locks
from search.strategies.answer import proposal, with_finalist
from search.strategies.autoshrink.config import Config
from search.strategies.autoshrink.removals import Removals
from search.strategies.base import Transition
from search.strategies.factors import Factors


class RemovedEdge(NamedTuple):
    """When and why an edge was removed."""

    id: str
    step: int
    cause: Cause


class RemovedNode(NamedTuple):
    id: int
    step: int
    cause: Cause


class ParentResult(NamedTuple):
    """The measured result of the current graph, which its candidates are compared with."""

    quality: float
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class SearchState:
    """Everything that the search remembers. The dense graph is not stored: it follows from the task."""

    v: Literal[3] = 3  # of the format: a state of another version is refused with a message
    task: Task
    edges: tuple[str, ...]  # of the current graph
    branch: int = 0
    round: int = 0
    step: int = 0  # decisions made
    phase: Phase = "descent"
    penalised_cost: Limit | None = None  # the cost that lowers this round's scores
    locked: tuple[str, ...] = ()
    locked_nodes: tuple[int, ...] = ()
    removed: tuple[RemovedEdge, ...] = ()
    removed_nodes: tuple[RemovedNode, ...] = ()
    budget: Budget | None = None  # None: the task's
    weight: float | None = None  # of cost; None: the settings'
    candidates: tuple[Candidate, ...] = ()
    proposed: tuple[str, ...] = ()  # edges of the graph that the candidates were cut from
    measured: bool = False  # whether the current graph itself was trained as one that fits
    parent_result: ParentResult | None = None
    tested: tuple[str, ...] = ()  # edges of the current graph whose removal did not improve the score
    # edges of a graph that fits and can be reached, while the current graph does not fit
    feasible_witness: tuple[str, ...] = ()
    latency_records: tuple[LatencyRecord, ...] = ()  # latencies on the budget's device, all of one machine
    latency_round: LatencyRound | None = None  # the current round, where it measures latencies
    redraw: bool = False  # a command has made the candidates of the latency round obsolete
    reference_latency: int | None = None  # latency (us) of the graph that the candidates were cut from
    carry: dict[str, Any] | None = None  # what the evaluator remembers; None: nothing yet
    best: Answer | None = None
    finalists: tuple[Answer, ...] = ()  # the best graphs that fit, the best first
    answering: str | None = None  # while the finalists are trained: why no further step follows
    stale: int = 0  # steps of the choice phase since the answer last improved
    trained: int = 0  # candidates
    fruitless: int = 0  # rounds of training in a row that gave no result
    finished: End | None = None


@dataclass
class SearchRun:
    """One call of the strategy: the state, values derived from it, and the events emitted so far."""

    state: SearchState
    events: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.task = self.state.task
        self.config = serialization.decode(Config, self.task.strategy.config)
        self.factors = Factors.of(self.task)
        self.space, self.macro, self.dense = self.factors.space, self.factors.macro, self.factors.start
        if self.state.carry is None:
            self.change(carry=self.factors.first_carry())

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
    def smallest_cell_text(self) -> str:
        """The smallest graph that removals can reach, in words."""
        keep = self.config.keep_edges
        return "the smallest cell that can be reached" if keep == 1 else f"the smallest cell of {keep} edges"

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return self.graph_of(self.state.edges)

    def graph_of(self, edges: tuple[str, ...]) -> Graph:
        return live(self.dense.nodes, [parse_edge(edge) for edge in edges])

    @property
    def latencies(self) -> Latencies:
        return Latencies(self.state.latency_records)

    def cost(self, graph: Graph) -> Cost:
        """Includes the latency, where that is limited and was measured."""
        cost = cost_of(graph, self.macro, self.budget.bytes_per_element)
        return cost if self.budget.latency is None else self.latencies.on(cost, graph)

    def with_latency(self, cost: Cost, graph: Graph) -> Cost:
        """An earlier cost of the graph, with the latency that the current budget and records give it."""
        return cost._replace(latency=None) if self.budget.latency is None else self.latencies.on(cost, graph)

    def fits_budget(self, cost: Cost) -> bool:
        """Whether an answer of this cost is valid: inside every limit, and measured where latency is limited."""
        measured = self.budget.latency is None or cost.latency is not None
        return measured and not self.budget.over(cost)

    @property
    def answer(self) -> Answer | None:
        """The best so far; None while latency is limited and the present machine has not measured it."""
        best = self.state.best
        if best is None or self.budget.latency is None:
            return best
        return best if any(record.hash == best.hash for record in self.state.latency_records) else None

    @cached_property
    def dense_cost(self) -> Cost:
        return cost_of(self.dense, self.macro, self.budget.bytes_per_element)

    def score(self, quality: float, cost: Cost, penalised: Limit) -> float:
        """The cost counts relative to the dense graph's; a latency, relative to that of the graph that the round
        started with, because the dense graph may not have been measured."""
        baseline = self.state.reference_latency if penalised == "latency" else spent(self.dense_cost, penalised)
        share = max(1, spent(cost, penalised)) / baseline if baseline else 1.0
        return objective.score(self.task.data_spec.metric, quality, self.weight, share)

    def removals(
        self,
        *,
        graph: Graph | None = None,
        budget: Budget | None = None,
        locks: Locks | None = None,
        strict: bool = False,
    ) -> Removals:
        """The removals from a graph; by default from the current one, under the current budget and locks."""
        budget = self.budget if budget is None else budget
        return Removals(
            graph=self.graph if graph is None else graph,
            space=self.space,
            macro=self.macro,
            budget=budget,
            locks=self.locks if locks is None else locks,
            keep=self.config.keep_edges,
            witness=self.graph_of(self.state.feasible_witness) if self.state.feasible_witness else None,
            latencies=self.latencies if budget.device == self.budget.device else Latencies(),
            strict=strict,
        )

    @property
    def carry(self) -> Carry:
        """What the evaluator remembers."""
        return self.state.carry or {}

    def remeasured(self, answer: Answer) -> Answer:
        """The answer with the latency that the current budget and records give it."""
        return replace(answer, cost=self.with_latency(answer.cost, Graph.from_dict(answer.graph)))

    def add_finalist(self, answer: Answer) -> None:
        self.change(finalists=with_finalist(self.state.finalists, answer, self.task.answer.finalists))

    def change(self, **fields: Any) -> None:
        self.state = replace(self.state, **fields)

    def emit(self, payload: object) -> None:
        self.events.append(payload)

    def transition(self) -> Transition:
        return serialization.to_jsonable(self.state), [emit(payload) for payload in self.events]

    def remove(self, edges: tuple[Edge, ...], cause: Cause, step: int, node: int | None = None) -> None:
        """Removes edges and everything that is then unreachable, with an event per part.

        `node`: a node that is removed on purpose, of which `edges` are all the edges.
        """
        before = self.graph
        after = before.without(*edges)
        lost = [*edges, *(edge for edge in before.edges if edge not in edges and not after.has(edge))]
        removed = [RemovedEdge(edge.id, step, cause if edge in edges else "collapse") for edge in lost]
        for edge, record in zip(lost, removed, strict=True):
            self.emit(EdgeRemoved(edge.id, edge.source, edge.target, step, record.cause))
        lost_nodes = [other.id for other in before.nodes if other.id not in after.by_id]
        removed_nodes = [RemovedNode(other, step, cause if other == node else "collapse") for other in lost_nodes]
        for removed_node in removed_nodes:
            self.emit(NodeRemoved(*removed_node))
        self.change(
            edges=tuple(edge.id for edge in after.edges),
            parent_result=None,
            tested=(),
            removed=(*self.state.removed, *removed),
            removed_nodes=(*self.state.removed_nodes, *removed_nodes),
        )

    def restore(self, edges: tuple[Edge, ...]) -> None:
        """Restores edges of the dense graph and the nodes that they reach, with an event per part."""
        before, step = self.graph, self.state.step
        restored = {*before.edges, *edges}
        after = live(self.dense.nodes, (edge for edge in self.dense.edges if edge in restored))
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
            removed=tuple(edge for edge in self.state.removed if not after.has(parse_edge(edge.id))),
            removed_nodes=tuple(node for node in self.state.removed_nodes if node.id not in after.by_id),
        )

    def size(self, cost: Cost) -> tuple[float, ...]:
        """By which the cheaper of two equally good graphs is found."""
        return self.budget.budget_utilisation(cost), spent(cost, self.task.objective.cost_of)

    def finish(self, status: End, why: str) -> None:
        """Ends the search; a search that ends by itself trains its finalists first."""
        state = self.state
        finalists = tuple(each for each in map(self.remeasured, state.finalists) if self.fits_budget(each.cost))
        if status == "finished" and state.answering is None and finalists:
            cost = self.cost(self.graph)
            self.change(finalists=finalists, answering=why, candidates=(), latency_round=None, phase="answer")
            self.emit(proposal(finalists, state.step, cost, self.budget.over(cost)))
            return
        best = None if status == "cancelled" else self.answer
        self.change(finished=status, candidates=(), latency_round=None, best=best, finalists=())
        self.emit(SearchFinished(status, why, state.step, state.trained, best))
