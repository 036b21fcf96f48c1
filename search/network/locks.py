"""Locks: edges and nodes that a person told the search to keep."""

from typing import NamedTuple

from search.network.graph import Edge, Graph, parse_edge


class Locks(NamedTuple):
    """A locked edge stays. A locked node stays reachable from the input, over any edges."""

    edges: tuple[str, ...] = ()
    nodes: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.edges or self.nodes)

    def lost(self, graph: Graph) -> str | None:
        """Name of the first locked edge or node that this graph lacks, or None."""
        for edge in self.edges:
            if not graph.has(parse_edge(edge)):
                return edge
        for node in self.nodes:
            if node not in graph.by_id:
                return f"node {node}"
        return None

    def has(self, part: Edge | int) -> bool:
        return part in self.nodes if isinstance(part, int) else part.id in self.edges

    def plus(self, part: Edge | int) -> "Locks":
        if isinstance(part, int):
            return Locks(self.edges, tuple(sorted({*self.nodes, part})))
        return Locks(tuple(sorted({*self.edges, part.id})), self.nodes)

    def minus(self, part: Edge | int) -> "Locks":
        if isinstance(part, int):
            return Locks(self.edges, tuple(node for node in self.nodes if node != part))
        return Locks(tuple(edge for edge in self.edges if edge != part.id), self.nodes)
