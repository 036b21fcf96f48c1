"""Edits of a graph, as strategies, commands, the log and the page share them; and what may be removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from search.network.graph import INPUT, BadGraph, Edge, Graph, Node, parse_edge
from search.network.locks import Locks

Row = tuple[Any, ...]  # of a node: [id, op, rank, attrs, cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """The changes that turn one graph into another. Edges are named by their ids."""

    edges_removed: tuple[str, ...] = ()
    nodes_removed: tuple[int, ...] = ()
    edges_lost: tuple[str, ...] = ()  # removed too, because nothing reaches them any more
    nodes_lost: tuple[int, ...] = ()
    nodes_added: tuple[Row, ...] = ()
    nodes_changed: tuple[Row, ...] = ()  # as they are now
    edges_added: tuple[str, ...] = ()

    @property
    def removed_edge(self) -> str | None:
        """The edge, where the edits are its removal and what follows from it; else None."""
        if len(self.edges_removed) != 1 or self.nodes_removed or self.nodes_added or self.nodes_changed:
            return None
        return None if self.edges_added else self.edges_removed[0]


def diff(before: Graph, after: Graph) -> Edits:
    """The edits that turn `before` into `after`, so that `apply(before, diff(before, after)) == after`."""
    return Edits(
        edges_removed=tuple(edge.id for edge in before.edges if not after.has(edge)),
        nodes_removed=tuple(node.id for node in before.nodes if node.id not in after.by_id),
        nodes_added=_rows(node for node in after.nodes if node.id not in before.by_id),
        nodes_changed=_rows(node for node in after.nodes if before.by_id.get(node.id, node) != node),
        edges_added=tuple(edge.id for edge in after.edges if not before.has(edge)),
    )


def removal(before: Graph, edges: Iterable[Edge], node: int | None = None) -> Edits:
    """The edits that remove these edges, and everything that the input then no longer reaches.

    `node`: a node that is removed on purpose, of which `edges` are all the edges.
    """
    chosen = tuple(edges)
    after = before.without(*chosen)
    gone = [other.id for other in before.nodes if other.id not in after.by_id]
    return Edits(
        edges_removed=tuple(edge.id for edge in chosen),
        nodes_removed=() if node is None else (node,),
        edges_lost=tuple(edge.id for edge in before.edges if edge not in chosen and not after.has(edge)),
        nodes_lost=tuple(other for other in gone if other != node),
    )


def apply(graph: Graph, edits: Edits) -> Graph:
    """The graph after the edits. Raises BadGraph if they do not fit the graph, or the result is not a valid one."""
    nodes, edges = dict(graph.by_id), dict.fromkeys(graph.edges)
    try:
        for edge in (*edits.edges_removed, *edits.edges_lost):
            del edges[parse_edge(edge)]
        for removed in (*edits.nodes_removed, *edits.nodes_lost):
            del nodes[removed]
    except KeyError as error:
        raise BadGraph(f"the edits remove {error}, which is not in the graph") from None
    for node in map(Node.from_row, edits.nodes_changed):
        if node.id not in nodes:
            raise BadGraph(f"the edits change node {node.id}, which is not in the graph")
        nodes[node.id] = node
    for node in map(Node.from_row, edits.nodes_added):
        if node.id in nodes:
            raise BadGraph(f"the edits add node {node.id}, which is already in the graph")
        nodes[node.id] = node
    edges |= dict.fromkeys(map(parse_edge, edits.edges_added))
    order = sorted(nodes.values(), key=lambda node: node.rank)
    index = {node.id: i for i, node in enumerate(order)}
    if missing := [e.id for e in edges if e.source not in index or e.target not in index]:
        raise BadGraph(f"edges without an end: {', '.join(missing)}")
    return Graph(tuple(order), tuple(sorted(edges, key=lambda e: (index[e.source], index[e.target]))))


def _rows(nodes: Iterable[Node]) -> tuple[Row, ...]:
    return tuple(tuple(node.to_row()) for node in nodes)


def why_not_removable(graph: Graph, part: Edge | int, locks: Locks) -> str | None:
    """Why this edge, or this node with all its edges, cannot be removed; None if it can."""
    name = name_of(part)
    if not has_part(graph, part):
        return f"{name} is not in the graph"
    if isinstance(part, int) and graph.by_id[part].op == INPUT:
        return f"{name} is the input and cannot be removed"
    if locks.has(part):
        return f"{name} is locked; unlock it first"
    edges = edges_with(graph, part)
    if locked := next((edge for edge in edges if locks.has(edge)), None):
        return f"{name_of(locked)} of {name} is locked; unlock it first"
    after = graph.without(*edges)
    if {after.by_id[leaf].cell for leaf in after.leaves} != {node.cell for node in graph.nodes}:
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
