"""Progress of a search's open round: the status of each item, by the candidate that it is about.

A round either trains its candidates, one item each in the order of the candidates, or measures latencies. An item that
measures is about a graph: several candidates may lead to it, and some measured graphs belong to no candidate.
"""

from collections.abc import Iterable, Iterator

from search.base import serialization
from search.base.serialization import Json
from search.network.graph import Node, live, parse_edge
from webapp.models import Candidate, Search, Work
from webapp.models.enums import RoundStatus, WorkStatus
from webapp.models.kinds import MEASURE
from webapp.searches import event_log, projections

WORK_STATUS = {WorkStatus.QUEUED: "queued", WorkStatus.LEASED: "running", WorkStatus.DONE: "done"}


def of(search: Search) -> Json:
    """`work`: items by candidate. `measuring`: None, or in a round that measures, how many graphs are done and on
    which device (None: on a worker's machine)."""
    current = search.rounds.filter(status=RoundStatus.OPEN).first()
    if current is None:
        return {"work": [], "measuring": None}
    items = list(current.work.select_related("device").order_by("index"))
    candidates = projections.trained_candidates(search, current.branch)
    measures = any(item.kind == MEASURE for item in items)
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
    """Candidates whose latency is known from an earlier round have no item and are left out. So are candidates that
    are no cuts of the current graph, since only their label is stored."""
    _, view = event_log.current_view(search.pk)
    nodes = [Node(node["id"], node["op"], node["rank"]) for node in view["nodes"]]
    edges = [parse_edge(edge["id"]) for edge in view["edges"] if edge["state"] == "active"]
    by_hash = {
        serialization.canonical_hash(serialization.loads(bytes(item.payload)).get("graph")): item for item in items
    }
    for candidate in candidates:
        if candidate.label is not None:
            continue
        cut = None if candidate.edge is None else parse_edge(candidate.edge)
        graph = live(nodes, (edge for edge in edges if edge != cut))
        if item := by_hash.get(graph.hash):
            yield candidate, item


def _measuring(items: list[Work]) -> Json:
    done = sum(item.status == WorkStatus.DONE for item in items)
    return {"done": done, "of": len(items), "device": items[0].device and items[0].device.name}


def _curve(telemetry: Json, outcome: bytes | None) -> list[Json]:
    curve: list[Json] = (telemetry if outcome is None else serialization.loads(outcome)).get("curve", [])
    return curve
