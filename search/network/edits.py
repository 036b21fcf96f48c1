"""Edits of a graph, as strategies, commands, the log and the live view share them; and what may be removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from search.network.graph import BadGraph, Edge, Graph, Node
from search.network.locks import Locks

EditKind = Literal["edge_removed", "edge_added", "node_removed", "node_added", "op_changed", "node_widened"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a graph. Each kind uses only the fields that it needs."""

    kind: EditKind
    node: int | None = None
    edge: Edge | None = None
    op: str | None = None
    rank: float | None = None


def diff(before: Graph, after: Graph) -> list[Edit]:
    """The edits that turn `before` into `after`, so that `apply(before, diff(before, after)) == after`."""
    edits = [Edit("edge_removed", edge=edge) for edge in before.edges if not after.has(edge)]
    edits += [Edit("node_removed", node=node.id) for node in before.nodes if node.id not in after.by_id]
    for node in after.nodes:
        previous = before.by_id.get(node.id)
        if previous is None:
            edits.append(Edit("node_added", node=node.id, op=node.op, rank=node.rank))
        elif previous.op != node.op:
            edits.append(Edit("op_changed", node=node.id, op=node.op))
    edits += [Edit("edge_added", edge=edge) for edge in after.edges if not before.has(edge)]
    return edits


def apply(graph: Graph, edits: Iterable[Edit]) -> Graph:
    """The graph after these edits. Raises BadGraph if the result is not a valid graph."""
    nodes, edges = dict(graph.by_id), dict.fromkeys(graph.edges)
    for edit in edits:
        match edit:
            case Edit(kind="edge_removed", edge=Edge() as edge):
                edges.pop(edge, None)
            case Edit(kind="edge_added", edge=Edge() as edge):
                edges[edge] = None
            case Edit(kind="node_removed", node=int() as node):
                nodes.pop(node, None)
            case Edit(kind="node_added", node=int() as node, op=str() as op, rank=float() as rank):
                nodes[node] = Node(node, op, rank)
            case Edit(kind="op_changed", node=int() as node, op=str() as op):
                nodes[node] = nodes[node]._replace(op=op)
            case _:
                raise BadGraph(f"{edit.kind} cannot be applied to a graph of this kind")
    order = sorted(nodes.values(), key=lambda node: node.rank)
    index = {node.id: i for i, node in enumerate(order)}
    if missing := [e.id for e in edges if e.source not in index or e.target not in index]:
        raise BadGraph(f"edges without an end: {', '.join(missing)}")
    return Graph(tuple(order), tuple(sorted(edges, key=lambda e: (index[e.source], index[e.target]))))


def why_not_removable(graph: Graph, part: Edge | int, locks: Locks) -> str | None:
    """Why this edge, or this node with all its edges, cannot be removed; None if it can."""
    name = name_of(part)
    if not has_part(graph, part):
        return f"{name} is not in the graph"
    if part == graph.input.id:
        return f"{name} is the input and cannot be removed"
    if locks.has(part):
        return f"{name} is locked; unlock it first"
    edges = edges_with(graph, part)
    if locked := next((edge for edge in edges if locks.has(edge)), None):
        return f"{name_of(locked)} of {name} is locked; unlock it first"
    after = graph.without(*edges)
    if not after.edges:
        return f"without {name} nothing connects the input to the output"
    if lost := locks.lost(after):
        return f"{name} is the only path to {lost}, which is locked"
    return None


def name_of(part: Edge | int) -> str:
    return f"node {part}" if isinstance(part, int) else f"edge {part.id}"


def has_part(graph: Graph, part: Edge | int) -> bool:
    return part in graph.by_id if isinstance(part, int) else graph.has(part)


def edges_with(graph: Graph, part: Edge | int) -> tuple[Edge, ...]:
    """The edges that are removed with the part: all edges of a node, or the edge itself."""
    return tuple(edge for edge in graph.edges if part in edge) if isinstance(part, int) else (part,)
