"""The graph that every strategy edits: an immutable DAG of operations.

Ids are permanent: an edge is named by its ends ("2-5"), and a node keeps its number when others are removed. A graph
holds only live parts; the event log remembers the removed ones.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from search.base.serialization import Json, canonical_hash
from search.network.canonical import canonical_order

INPUT = "input"
Value = int | float | str
Attrs = tuple[tuple[str, Value], ...]
DEFAULTS: tuple[Any, Any] = ({}, 0)  # of the last two parts of a node's row


class BadGraph(ValueError):
    """Not a DAG, or one whose cells do not each have a single input. The message says why."""


class Node(NamedTuple):
    """One operation. Ranks give the topological order, which is also left to right in drawings."""

    id: int
    op: str
    rank: float
    attrs: Attrs = ()  # such as width, kernel or stride: pairs of a name and a value, sorted by name
    cell: int = 0  # the stage that it belongs to

    def to_row(self) -> list[Any]:
        """[id, op, rank, attrs, cell], without the last ones where they are empty and 0."""
        row = [self.id, self.op, self.rank, dict(self.attrs), self.cell]
        return row if self.cell else row[:4] if self.attrs else row[:3]

    @property
    def label(self) -> str:
        """All that tells nodes apart, except their edges."""
        return f"{self.op} {self.attrs} {self.cell}" if self.attrs or self.cell else self.op

    @staticmethod
    def from_row(row: Sequence[Any]) -> "Node":
        """The inverse of `to_row`. Raises BadGraph on anything else."""
        try:
            number, op, rank, *rest = row
            attrs, cell = (*rest, *DEFAULTS[len(rest) :])
            return Node(int(number), str(op), float(rank), attrs_of(attrs), int(cell))
        except (AttributeError, OverflowError, TypeError, ValueError) as error:
            raise BadGraph(f"not a node: {error!r}; expected [id, op, rank, attrs, cell]") from None


def attrs_of(attrs: Mapping[str, Value]) -> Attrs:
    """Raises ValueError where a value is neither text nor a finite number."""
    return tuple(sorted((str(name), _attr(name, value)) for name, value in attrs.items()))


def _attr(name: str, value: Value) -> Value:
    """The value; a whole number as an int, so that equal graphs have equal hashes."""
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else value
    raise ValueError(f"the attribute {name!r} must be text or a finite number")


class Edge(NamedTuple):
    """The output of node `source` is an input of node `target`."""

    source: int
    target: int

    @property
    def id(self) -> str:
        return f"{self.source}-{self.target}"


def parse_edge(edge_id: str) -> Edge:
    """The edge with this id. Raises BadGraph on anything else, such as "02-5", which is not how an id is written."""
    source, _, target = edge_id.partition("-")
    if source.isdecimal() and target.isdecimal() and (edge := Edge(int(source), int(target))).id == edge_id:
        return edge
    raise BadGraph(f'{edge_id!r} names no edge; an edge is written like "2-5"')


@dataclass(frozen=True)
class Graph:
    """A DAG of cells with one input each. Nodes are sorted by rank, edges by the indexes of their ends, and edges go
    forwards within a cell.

    Raises BadGraph if that does not hold, if ids repeat, if an edge ends at an unknown node, or if the first node of
    a cell is not its only input.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def __post_init__(self) -> None:
        index = {node.id: i for i, node in enumerate(self.nodes)}
        if len(index) != len(self.nodes):
            raise BadGraph("two nodes have the same id")
        if not self.nodes:
            raise BadGraph("a graph begins with its one input")
        for ops in self._ops_by_cell.values():
            if ops[0] != INPUT or ops.count(INPUT) != 1:
                raise BadGraph("a graph begins with its one input, and so does each of its cells")
        if not all(math.isfinite(node.rank) for node in self.nodes):
            raise BadGraph("a rank must be a finite number")
        if any(a.rank >= b.rank for a, b in zip(self.nodes, self.nodes[1:], strict=False)):
            raise BadGraph("nodes must come in the order of their ranks, and no two may share one")
        previous = (-1, -1)
        for edge in self.edges:
            if edge.source not in index or edge.target not in index:
                raise BadGraph(f"edge {edge.id} ends at a node that is not there")
            ends = index[edge.source], index[edge.target]
            if ends[0] >= ends[1]:
                raise BadGraph(f"edge {edge.id} goes backwards")
            if self.nodes[ends[0]].cell != self.nodes[ends[1]].cell:
                raise BadGraph(f"edge {edge.id} leads from one cell into another")
            if ends <= previous:
                raise BadGraph(f"edge {edge.id} is there twice or out of order")
            previous = ends

    @property
    def _ops_by_cell(self) -> Mapping[int, list[str]]:
        result: dict[int, list[str]] = {}
        for node in self.nodes:
            result.setdefault(node.cell, []).append(node.op)
        return result

    @cached_property
    def by_id(self) -> Mapping[int, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def predecessors(self) -> Mapping[int, tuple[int, ...]]:
        """Node id -> ids of the nodes that feed it, in topological order."""
        result: dict[int, list[int]] = {node.id: [] for node in self.nodes}
        for source, target in self.edges:
            result[target].append(source)
        return {node: tuple(sources) for node, sources in result.items()}

    @cached_property
    def successors(self) -> Mapping[int, tuple[int, ...]]:
        """Node id -> ids of the nodes that it feeds, in topological order."""
        result: dict[int, list[int]] = {node.id: [] for node in self.nodes}
        for source, target in self.edges:
            result[source].append(target)
        return {node: tuple(targets) for node, targets in result.items()}

    @property
    def input(self) -> Node:
        """The input of the first cell."""
        return self.nodes[0]

    @cached_property
    def leaves(self) -> tuple[int, ...]:
        """Ids of the nodes without successors, which are the outputs of their cells. An input is never a leaf."""
        return tuple(node.id for node in self.nodes if node.op != INPUT and not self.successors[node.id])

    def has(self, edge: Edge) -> bool:
        return edge.target in self.successors.get(edge.source, ())

    def without(self, *edges: Edge) -> "Graph":
        """The graph without these edges and without everything that the input then no longer reaches."""
        removed = set(edges)
        return live(self.nodes, (edge for edge in self.edges if edge not in removed))

    def to_dict(self) -> Json:
        return {
            "nodes": [_node_to_dict(node) for node in self.nodes],
            "edges": [{"id": edge.id, "source": edge.source, "target": edge.target} for edge in self.edges],
        }

    @staticmethod
    def from_dict(data: Any) -> "Graph":
        """The inverse of `to_dict`. Raises BadGraph on anything else."""
        try:
            nodes = tuple(map(_node_from_dict, data["nodes"]))
            edges = tuple(Edge(int(e["source"]), int(e["target"])) for e in data["edges"])
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise BadGraph(
                f"not a graph: {error!r}; expected nodes (id, op, rank) and edges (source, target)"
            ) from None
        return Graph(nodes, edges)

    def to_rows(self) -> Json:
        """A compact form for states and the log: nodes as in `Node.to_row`, edges as [source, target]."""
        return {"nodes": [node.to_row() for node in self.nodes], "edges": [list(edge) for edge in self.edges]}

    @staticmethod
    def from_rows(rows: Json) -> "Graph":
        """The inverse of `to_rows`. Raises BadGraph on anything else."""
        try:
            nodes, edges = tuple(map(Node.from_row, rows["nodes"])), tuple(Edge(*edge) for edge in rows["edges"])
        except (KeyError, TypeError) as error:
            raise BadGraph(f"not a graph: {error!r}; expected rows of nodes and edges") from None
        return Graph(nodes, edges)

    @cached_property
    def canonical(self) -> "Graph":
        """The same network with nodes numbered by structure: equal for isomorphic graphs."""
        number = self.numbering
        return Graph(
            tuple(self.by_id[node]._replace(id=i, rank=float(i)) for node, i in number.items()),
            tuple(sorted(Edge(number[e.source], number[e.target]) for e in self.edges)),
        )

    @cached_property
    def numbering(self) -> Mapping[int, int]:
        """Node id -> its id in the canonical form."""
        labels = {node.id: node.label for node in self.nodes}
        order = canonical_order(labels, self.predecessors, self.successors)
        return {node: i for i, node in enumerate(order)}

    @cached_property
    def hash(self) -> str:
        """SHA-256 (hex) of the canonical form."""
        return canonical_hash(self.canonical.to_dict())


def live(nodes: Iterable[Node], edges: Iterable[Edge]) -> Graph:
    """The graph of everything that an input reaches (AutoShrink's live graph, spec section 2). Nodes come by rank."""
    nodes, edges = tuple(nodes), tuple(edges)
    outgoing: dict[int, list[Edge]] = {node.id: [] for node in nodes}
    for edge in edges:
        outgoing[edge.source].append(edge)
    reached = {node.id for node in nodes if node.op == INPUT}
    for node in nodes:  # in topological order, so one pass is enough
        if node.id in reached:
            reached.update(edge.target for edge in outgoing[node.id])
    return Graph(
        tuple(node for node in nodes if node.id in reached),
        tuple(edge for edge in edges if edge.source in reached),
    )


def _node_to_dict(node: Node) -> Json:
    result: Json = {"id": node.id, "op": node.op, "rank": node.rank}
    if node.attrs:
        result["attrs"] = dict(node.attrs)
    return result | {"cell": node.cell} if node.cell else result


def _node_from_dict(data: Any) -> Node:
    attrs = attrs_of(data.get("attrs") or {})
    return Node(int(data["id"]), str(data["op"]), float(data["rank"]), attrs, int(data.get("cell") or 0))


def complete(ops: Iterable[str]) -> Graph:
    """The complete DAG of an input and these operations: every node feeds every later one."""
    nodes = (Node(0, INPUT, 0.0), *(Node(i, op, float(i)) for i, op in enumerate(ops, 1)))
    return Graph(nodes, tuple(Edge(i, j) for i in range(len(nodes)) for j in range(i + 1, len(nodes))))
