"""The graph that every strategy edits: a frozen DAG of operations, and the few edits that all of them speak.

Ids are permanent: an edge is named by its ends ("2-5"), a node keeps its number when others go. A graph holds what
lives; what was removed is remembered by the log of edits, never by the graph.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from search.base import serialization
from search.network.canonical import canonical_order

INPUT = "input"


class BadGraph(ValueError):
    """A graph that is not a DAG read from one input; the message says why."""


class Node(NamedTuple):
    """One operation. `rank` is its place in the drawing, from left to right; it only ever grows finer."""

    id: int
    op: str
    rank: float


class Edge(NamedTuple):
    """The output of `source` feeds `target`."""

    source: int
    target: int

    @property
    def id(self) -> str:
        return f"{self.source}-{self.target}"


def parse_edge(edge_id: str) -> Edge:
    """The edge that an id names. Raises BadGraph on anything else, another way to write the same edge included."""
    source, _, target = edge_id.partition("-")
    if source.isdecimal() and target.isdecimal() and (edge := Edge(int(source), int(target))).id == edge_id:
        return edge
    raise BadGraph(f'{edge_id!r} names no edge; an edge is written like "2-5"')


@dataclass(frozen=True)
class Graph:
    """A DAG with one input. Nodes come by rank, edges by the places of their ends, and none goes backwards.

    Raises BadGraph if that does not hold, ids repeat, an edge has no end, or the first node is not the only input.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def __post_init__(self) -> None:
        place = {node.id: i for i, node in enumerate(self.nodes)}
        if len(place) != len(self.nodes):
            raise BadGraph("two nodes have the same id")
        if not self.nodes or [node.op for node in self.nodes].count(INPUT) != 1 or self.nodes[0].op != INPUT:
            raise BadGraph("a graph begins with its one input")
        if any(a.rank >= b.rank for a, b in zip(self.nodes, self.nodes[1:], strict=False)):
            raise BadGraph("nodes must come in the order of their ranks, and no two may share one")
        before = (-1, -1)
        for edge in self.edges:
            if edge.source not in place or edge.target not in place:
                raise BadGraph(f"edge {edge.id} ends at a node that is not there")
            ends = place[edge.source], place[edge.target]
            if ends[0] >= ends[1]:
                raise BadGraph(f"edge {edge.id} goes backwards")
            if ends <= before:
                raise BadGraph(f"edge {edge.id} is there twice or out of order")
            before = ends

    @cached_property
    def by_id(self) -> Mapping[int, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def predecessors(self) -> Mapping[int, tuple[int, ...]]:
        """Node id -> ids of the nodes that feed it, in topological order."""
        found: dict[int, list[int]] = {node.id: [] for node in self.nodes}
        for source, target in self.edges:
            found[target].append(source)
        return {node: tuple(sources) for node, sources in found.items()}

    @cached_property
    def successors(self) -> Mapping[int, tuple[int, ...]]:
        """Node id -> ids of the nodes that it feeds, in topological order."""
        found: dict[int, list[int]] = {node.id: [] for node in self.nodes}
        for source, target in self.edges:
            found[source].append(target)
        return {node: tuple(targets) for node, targets in found.items()}

    @property
    def input(self) -> Node:
        return self.nodes[0]

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """Ids of the nodes that feed nothing: the cell's output. The input alone is no leaf."""
        return tuple(node.id for node in self.nodes[1:] if not self.successors[node.id])

    def has(self, edge: Edge) -> bool:
        return edge.target in self.successors.get(edge.source, ())

    def without(self, *edges: Edge) -> "Graph":
        """The graph without these edges and without what can no longer be reached from the input."""
        gone = set(edges)
        return live(self.nodes, (edge for edge in self.edges if edge not in gone))

    def to_dict(self) -> serialization.Json:
        return {
            "nodes": [{"id": node.id, "op": node.op, "rank": node.rank} for node in self.nodes],
            "edges": [{"id": edge.id, "source": edge.source, "target": edge.target} for edge in self.edges],
        }

    @staticmethod
    def from_dict(data: Any) -> "Graph":
        """Raises BadGraph, saying what is wrong, on anything that `to_dict` cannot have made."""
        try:
            nodes = tuple(Node(int(n["id"]), str(n["op"]), float(n["rank"])) for n in data["nodes"])
            edges = tuple(Edge(int(e["source"]), int(e["target"])) for e in data["edges"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadGraph(
                f"not a graph: {error!r}; expected nodes (id, op, rank) and edges (source, target)"
            ) from None
        return Graph(nodes, edges)

    @cached_property
    def canonical(self) -> "Graph":
        """The same network with nodes numbered by structure alone: equal for any two graphs that are isomorphic."""
        number = self.numbering
        return Graph(
            tuple(Node(i, self.by_id[node].op, float(i)) for node, i in number.items()),
            tuple(sorted(Edge(number[e.source], number[e.target]) for e in self.edges)),
        )

    @cached_property
    def numbering(self) -> Mapping[int, int]:
        """Node id -> its id in the canonical form."""
        ops = {node.id: node.op for node in self.nodes}
        order = canonical_order(ops, self.predecessors, self.successors)
        return {node: i for i, node in enumerate(order)}

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical form."""
        return serialization.canonical_hash(self.canonical.to_dict())


def live(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    """What can be reached from the input (AutoShrink's live graph, spec section 2): the rest collapses at once."""
    nodes, edges = tuple(nodes), tuple(edges)
    outgoing: dict[int, list[Edge]] = {node.id: [] for node in nodes}
    for edge in edges:
        outgoing[edge.source].append(edge)
    reached = {nodes[0].id}
    for node in nodes:  # topological order, so one pass is enough
        if node.id in reached:
            reached.update(edge.target for edge in outgoing[node.id])
    return Graph(
        tuple(node for node in nodes if node.id in reached),
        tuple(edge for edge in edges if edge.source in reached),
    )


def complete(ops: Iterable[str]) -> Graph:
    """The complete DAG over an input and these operations: every earlier node feeds every later one."""
    nodes = (Node(0, INPUT, 0.0), *(Node(i, op, float(i)) for i, op in enumerate(ops, 1)))
    return Graph(nodes, tuple(Edge(i, j) for i in range(len(nodes)) for j in range(i + 1, len(nodes))))
