"""The current graph of a search, with what was removed from it, when and why; changes of it become events."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from search.base.serialization import Json
from search.log.events import (
    BranchEdge,
    BranchNode,
    Cause,
    EdgeAdded,
    EdgeRemoved,
    NodeAdded,
    NodeRemoved,
    OpChanged,
)
from search.network.graph import Edge, Graph, parse_edge
from search.network.locks import Locks


class RemovedEdge(NamedTuple):
    id: str
    step: int
    cause: Cause


class RemovedNode(NamedTuple):
    id: int
    op: str  # that it had
    step: int
    cause: Cause


@dataclass(frozen=True, kw_only=True)
class Record:
    graph: Json  # rows of the current graph
    removed: tuple[RemovedEdge, ...] = ()
    removed_nodes: tuple[RemovedNode, ...] = ()

    @property
    def current(self) -> Graph:
        return Graph.from_rows(self.graph)

    def change(
        self, after: Graph, cause: Cause, step: int, parts: Collection[Edge | int] | None = None
    ) -> tuple["Record", list[object]]:
        """The record after the graph became `after`, and the events that say so.

        `parts`: those that were removed on purpose, where others collapsed with them; None: all of them were.
        """
        before = self.current
        edges, nodes = dict.fromkeys(self.removed), dict.fromkeys(self.removed_nodes)
        events: list[object] = []
        for edge in before.edges:
            if not after.has(edge):
                why = cause if parts is None or edge in parts else "collapse"
                edges[RemovedEdge(edge.id, step, why)] = None
                events.append(EdgeRemoved(edge.id, edge.source, edge.target, step, why))
        for node in before.nodes:
            if node.id not in after.by_id:
                why = cause if parts is None or node.id in parts else "collapse"
                nodes[RemovedNode(node.id, node.op, step, why)] = None
                events.append(NodeRemoved(node.id, step, why))
        for node in after.nodes:
            known = before.by_id.get(node.id)
            if known is None:
                events.append(NodeAdded(node.id, node.op, node.rank, step, cause))
            elif known.op != node.op:
                events.append(OpChanged(node.id, node.op, step, cause))
        events += [
            EdgeAdded(edge.id, edge.source, edge.target, step, cause) for edge in after.edges if not before.has(edge)
        ]
        record = Record(
            graph=after.to_rows(),
            removed=tuple(edge for edge in edges if not after.has(parse_edge(edge.id))),
            removed_nodes=tuple(node for node in nodes if node.id not in after.by_id),
        )
        return record, events

    def branch_edges(self, start: Graph, locks: Locks) -> Iterator[BranchEdge]:
        graph, removed = self.current, {edge.id: edge for edge in self.removed}
        for edge in start.edges:
            gone = removed.get(edge.id)
            yield BranchEdge(
                edge.id, "active" if graph.has(edge) else "removed", gone and gone.step, gone and gone.cause,
                edge.id in locks.edges,
            )  # fmt: skip

    def branch_nodes(self, start: Graph, locks: Locks) -> Iterator[BranchNode]:
        graph, removed = self.current, {node.id: node for node in self.removed_nodes}
        for node in start.nodes:
            present, gone = graph.by_id.get(node.id), removed.get(node.id)
            op = present.op if present else gone.op if gone else node.op
            yield BranchNode(
                node.id, op, node.rank, "active" if present else "removed", gone and gone.step, gone and gone.cause,
                node.id in locks.nodes,
            )  # fmt: skip
