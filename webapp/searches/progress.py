"""How far the open round of a search is, for those who watch: each item under the candidate that it is about.

A round trains its candidates, item by item in their order; or it measures latencies, of the candidates and of graphs
that are none: then an item is known by its graph, which several candidates may come to.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from search.base import serialization
from search.network.graph import Node, live, parse_edge
from webapp.models import Candidate, Search, Work
from webapp.models.enums import RoundStatus, WorkKind, WorkStatus
from webapp.searches import event_log, projections

Json = dict[str, Any]

WORK_STATUS = {WorkStatus.QUEUED: "queued", WorkStatus.LEASED: "running", WorkStatus.DONE: "done"}


def of(search: Search) -> Json:
    """`work`: items, by candidate. `measuring`: null, or in a round that measures, how many of its graphs are done,
    and where: a device's name, or null for workers' machines."""
    current = search.rounds.filter(status=RoundStatus.OPEN).first()
    if current is None:
        return {"work": [], "measuring": None}
    items = list(current.work.select_related("device").order_by("index"))
    candidates = projections.measured(search, current.branch)
    measures = any(item.kind == WorkKind.MEASURE for item in items)
    paired = _by_graph(search, candidates, items) if measures else zip(candidates, items, strict=False)
    return {
        "work": [
            {
                "round": current.number,
                "index": candidate.index,
                "status": WORK_STATUS[WorkStatus(item.status)],
                "curve": [] if measures else _curve(item.telemetry, bytes(item.outcome) if item.outcome else None),
            }
            for candidate, item in paired
        ],
        "measuring": _measuring(items) if measures else None,
    }


def _by_graph(
    search: Search, candidates: Iterable[Candidate], items: Iterable[Work]
) -> Iterator[tuple[Candidate, Work]]:
    """Without the candidates whose latency is known from before."""
    _, view = event_log.current_view(search.pk)
    nodes = [Node(node["id"], node["op"], node["rank"]) for node in view["nodes"]]
    edges = [parse_edge(edge["id"]) for edge in view["edges"] if edge["state"] == "active"]
    by_hash = {
        serialization.canonical_hash(serialization.loads(bytes(item.payload)).get("graph")): item for item in items
    }
    for candidate in candidates:
        gone = None if candidate.edge is None else parse_edge(candidate.edge)
        graph = live(nodes, (edge for edge in edges if edge != gone))
        if item := by_hash.get(graph.hash):
            yield candidate, item


def _measuring(items: list[Work]) -> Json:
    done = sum(item.status == WorkStatus.DONE for item in items)
    return {"done": done, "of": len(items), "device": items[0].device and items[0].device.name}


def _curve(telemetry: Json, outcome: bytes | None) -> list[Json]:
    curve: list[Json] = (telemetry if outcome is None else serialization.loads(outcome)).get("curve", [])
    return curve
