"""A reader of the log: what a page makes of its events, to compare with what the search says of its state."""

from collections.abc import Iterable, Sequence
from typing import Any

from search.base import serialization
from search.base.serialization import Json
from search.log.events import SELF_CONTAINED, Snapshot
from search.network.graph import Edge, Graph, Node, parse_edge


class Reader:
    """The snapshot that events lead to. It starts over at every self-contained event."""

    def __init__(self) -> None:
        self.snapshot: Json = {}
        self.nodes: dict[int, list[Any]] = {}  # rows of all that ever were, as of the edges
        self.edges: set[tuple[int, int]] = set()
        self.removed: dict[str, tuple[int, str]] = {}  # step and cause
        self.removed_nodes: dict[int, tuple[int, str]] = {}
        self.evidence: dict[str, Json] = {}

    def read(self, events: Iterable[Json]) -> None:
        for event in events:
            payload = event["payload"]
            match event["kind"]:
                case "search_started":
                    self._open(_first_snapshot(payload))
                case "snapshot":
                    self._open(payload)
                case "branch_opened":
                    self._open(payload["snapshot"])
                case kind:
                    self._apply(kind, payload)

    def _open(self, snapshot: Json) -> None:
        self.snapshot = dict(snapshot)
        self.nodes = {row[0]: row for row in snapshot["graph"]["nodes"]}
        self.edges = {(source, target) for source, target in snapshot["graph"]["edges"]}
        self.removed = {one["id"]: (one["step"], one["cause"]) for one in snapshot["removed"]}
        self.removed_nodes = {one["id"]: (one["step"], one["cause"]) for one in snapshot["removed_nodes"]}
        self.evidence = {one["edge"]: one for one in snapshot["evidence"]}

    def _apply(self, kind: str, payload: Json) -> None:
        now = self.snapshot
        match kind:
            case "candidates_proposed":
                now |= {name: payload[name] for name in ("phase", "cost", "over")}
            case "candidates_timed":
                latency = payload["present"] and payload["present"]["median"]
                now |= {"phase": payload["phase"], "over": payload["over"], "cost": now["cost"] | {"latency": latency}}
                if payload["smallest"] is not None:
                    smallest = now["ends"]["smallest"] | {"latency": payload["smallest"]["median"]}
                    now["ends"] = now["ends"] | {"smallest": smallest}
            case "candidates_measured":
                now["trained"] += payload["ok"] + payload["failed"]
            case "evidence_updated":
                self.evidence |= {one["edge"]: one for one in payload["edges"]}
            case "step_decided":
                now["step"] = payload["step"]
            case "graph_edited":
                self._edit(payload)
                now |= {"cost": payload["cost"], "over": payload["over"]}
            case "answer_changed":
                now["best"] = payload["best"]
            case "edge_locked":
                now["locked"] = sorted({*now["locked"], payload["edge"]})
            case "edge_unlocked":
                now["locked"] = [edge for edge in now["locked"] if edge != payload["edge"]]
            case "node_locked":
                now["locked_nodes"] = sorted({*now["locked_nodes"], payload["node"]})
            case "node_unlocked":
                now["locked_nodes"] = [node for node in now["locked_nodes"] if node != payload["node"]]
            case "budget_changed":
                now |= {name: payload[name] for name in ("budget", "cost", "over")}
            case "weight_changed":
                now["weight"] = payload["weight"]
            case "search_finished":
                now |= {"status": payload["status"], "why": payload["why"], "answer": payload["best"]}
                now["best"] = payload["best"] and {
                    k: v for k, v in payload["best"].items() if k not in ("graph", "values")
                }
            case "command_applied" | "command_refused":
                pass
            case _:
                raise AssertionError(f"no reader knows {kind}")

    def _edit(self, payload: Json) -> None:
        step, cause, edits = payload["step"], payload["cause"], payload["edits"]
        for edge in edits["edges_removed"]:
            self.removed[edge] = step, cause
        for edge in edits["edges_lost"]:
            self.removed[edge] = step, "collapse"
        for node in edits["nodes_removed"]:
            self.removed_nodes[node] = step, cause
        for node in edits["nodes_lost"]:
            self.removed_nodes[node] = step, "collapse"
        for row in (*edits["nodes_added"], *edits["nodes_changed"]):
            self.nodes[row[0]] = row
            self.removed_nodes.pop(row[0], None)
        for edge in edits["edges_added"]:
            self.edges.add(tuple(parse_edge(edge)))  # type: ignore[arg-type]
            self.removed.pop(edge, None)

    @property
    def graph(self) -> Graph:
        """The current graph."""
        nodes = [Node.from_row(row) for row in self.nodes.values() if row[0] not in self.removed_nodes]
        edges = [Edge(*edge) for edge in self.edges if Edge(*edge).id not in self.removed]
        return Graph(tuple(sorted(nodes, key=lambda node: node.rank)), tuple(self._in_order(edges)))

    def _in_order(self, edges: Iterable[Edge]) -> list[Edge]:
        return sorted(edges, key=lambda edge: (self.nodes[edge.source][2], self.nodes[edge.target][2]))

    @property
    def read_snapshot(self) -> Json:
        return _comparable(
            self.snapshot
            | {
                "graph": {
                    "nodes": sorted(self.nodes.values(), key=lambda row: row[2]),
                    "edges": [list(edge) for edge in self._in_order(Edge(*edge) for edge in self.edges)],
                },
                "removed": [{"id": id, "step": step, "cause": cause} for id, (step, cause) in self.removed.items()],
                "removed_nodes": [
                    {"id": id, "step": step, "cause": cause} for id, (step, cause) in self.removed_nodes.items()
                ],
                "evidence": list(self.evidence.values()),
            }
        )


def reader_of(events: Sequence[Json]) -> Reader:
    """A reader that has read from the last self-contained event on, as a page does that opens a long log."""
    first = max(i for i, event in enumerate(events) if event["kind"] in SELF_CONTAINED)
    reader = Reader()
    reader.read(events[first:])
    return reader


def as_read(snapshot: Snapshot) -> Json:
    """A snapshot as `Reader.read_snapshot` gives it."""
    return _comparable(serialization.to_jsonable(snapshot))


def _first_snapshot(started: Json) -> Json:
    task = started["task"]
    return {
        "task": task, "macro": started["macro"], "metric": started["metric"], "objectives": started["objectives"],
        "start": started["cost"], "ends": started["ends"], "status": "running", "why": "", "step": 0, "phase": None,
        "graph": started["graph"], "removed": [], "removed_nodes": [], "locked": [], "locked_nodes": [],
        "evidence": [], "cost": started["cost"], "over": started["over"], "budget": task["budget"],
        "weight": task["objective"]["cost_weight"], "trained": 0, "best": None, "answer": None,
    }  # fmt: skip


def _comparable(snapshot: Json) -> Json:
    """Removed parts and evidence come in the order in which the search met them, which means nothing."""
    return snapshot | {
        "removed": sorted(snapshot["removed"], key=lambda one: str(one["id"])),
        "removed_nodes": sorted(snapshot["removed_nodes"], key=lambda one: int(one["id"])),
        "evidence": sorted(snapshot["evidence"], key=lambda one: str(one["edge"])),
    }
