"""The current graph of a search, with the parts that were removed from it, when and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from search.base.serialization import Json
from search.log.events import Cause, RemovedEdge, RemovedNode
from search.network.edits import Edits, apply
from search.network.graph import Edge, Graph, Node, parse_edge


@dataclass(frozen=True, kw_only=True)
class Record:
    """`parts`: rows of all nodes and edges that the graph ever had."""

    parts: Json
    removed: tuple[RemovedEdge, ...] = ()
    removed_nodes: tuple[RemovedNode, ...] = ()

    @staticmethod
    def of(graph: Graph) -> "Record":
        return Record(parts=graph.to_rows())

    @cached_property
    def graph(self) -> Graph:
        """The current graph."""
        nodes, edges = {node.id for node in self.removed_nodes}, {parse_edge(edge.id) for edge in self.removed}
        return Graph(
            tuple(node for node in map(Node.from_row, self.parts["nodes"]) if node.id not in nodes),
            tuple(edge for row in self.parts["edges"] if (edge := Edge(*row)) not in edges),
        )

    def after(self, edits: Edits, cause: Cause, step: int) -> "Record":
        """The record after edits of the current graph. Raises BadGraph where they do not fit it."""
        graph = apply(self.graph, edits)
        edges = {edge.id: edge for edge in self.removed} | {
            **{edge: RemovedEdge(edge, step, cause) for edge in edits.edges_removed},
            **{edge: RemovedEdge(edge, step, "collapse") for edge in edits.edges_lost},
        }
        nodes = {node.id: node for node in self.removed_nodes} | {
            **{node: RemovedNode(node, step, cause) for node in edits.nodes_removed},
            **{node: RemovedNode(node, step, "collapse") for node in edits.nodes_lost},
        }
        return Record(
            parts=self._with(graph),
            removed=tuple(edge for edge in edges.values() if not graph.has(parse_edge(edge.id))),
            removed_nodes=tuple(node for node in nodes.values() if node.id not in graph.by_id),
        )

    def _with(self, graph: Graph) -> Json:
        """The rows of all parts, once the graph has become this one."""
        nodes: dict[int, Node] = {node.id: node for node in map(Node.from_row, self.parts["nodes"])}
        nodes |= graph.by_id
        order = sorted(nodes.values(), key=lambda node: node.rank)
        index = {node.id: i for i, node in enumerate(order)}
        edges: Iterable[Edge] = {*(Edge(*row) for row in self.parts["edges"]), *graph.edges}
        return {
            "nodes": [node.to_row() for node in order],
            "edges": [list(edge) for edge in sorted(edges, key=lambda e: (index[e.source], index[e.target]))],
        }
