"""Progress of a search's open round: how many items are queued, running and done, and the few that people watch.

A round either evaluates its candidates, one item each in the order of the candidates, or measures latencies. An item
that measures is about a graph: several candidates may lead to it, and some measured graphs belong to no candidate.

This is read twice a second while people watch, so it holds no curve of a finished item: a round may have hundreds.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Count, QuerySet

from search.base import serialization
from search.base.serialization import Json
from search.network.graph import Node, live, parse_edge
from webapp.models import Device, Round, Search, Work
from webapp.models.enums import RoundStatus, WorkStatus
from webapp.models.kinds import MEASURE
from webapp.searches import event_log, projections

WORK_STATUS = {WorkStatus.QUEUED: "queued", WorkStatus.LEASED: "running", WorkStatus.DONE: "done"}
FINISHED_SHOWN = 40  # the latest ones; the others are only counted


def of(search: Search) -> Json:
    """`counts`: items of the open round by status. `work`: those that run, with their curves so far, and those that
    finished last, with their last epoch, by candidate. `measuring`: None, or in a round that measures, how many graphs
    are done and on which device (None: on a worker's machine)."""
    current = search.rounds.filter(status=RoundStatus.OPEN).defer("state_before").first()
    if current is None:
        return {"counts": dict.fromkeys(WORK_STATUS.values(), 0), "work": [], "measuring": None}
    statuses = dict(current.work.values_list("status").annotate(Count("pk")))
    counts = {name: statuses.get(status, 0) for status, name in WORK_STATUS.items()}
    measures = current.work.filter(kind=MEASURE).exists()
    items = _shown(current.work.defer("outcome") if measures else current.work.defer("payload"))
    paired = _by_graph(search, items) if measures else _by_index(search, current, items)
    return {
        "counts": counts,
        "work": [
            {
                "round": current.number,
                "index": index,
                "status": WORK_STATUS[WorkStatus(item.status)],
                "curve": [] if measures else _curve(item),
            }
            # several candidates may lead to one measured graph, so there may be more of them than items
            for index, item in islice(paired, counts["running"] + FINISHED_SHOWN)
        ],
        "measuring": _measuring(current, counts) if measures else None,
    }


def _shown(work: QuerySet[Work]) -> list[Work]:
    running = work.filter(status=WorkStatus.LEASED)
    finished = work.filter(status=WorkStatus.DONE).order_by("-finished_at")[:FINISHED_SHOWN]
    return sorted([*running, *finished], key=lambda item: item.index)


def _by_index(search: Search, current: Round, items: Iterable[Work]) -> Iterator[tuple[int, Work]]:
    candidates = projections.trained_candidates(search, current.branch)
    return ((candidates[item.index].index, item) for item in items if item.index < len(candidates))


def _by_graph(search: Search, items: Iterable[Work]) -> Iterator[tuple[int, Work]]:
    """Candidates whose latency is known from an earlier round have no item and are left out. So are candidates that
    are no cuts of the current graph, since only their label is stored."""
    by_hash = {
        serialization.canonical_hash(serialization.loads(bytes(item.payload)).get("graph")): item for item in items
    }
    if not by_hash:
        return
    _, view = event_log.current_view(search.pk)
    nodes = [Node(node["id"], node["op"], node["rank"]) for node in view["nodes"]]
    edges = [parse_edge(edge["id"]) for edge in view["edges"] if edge["state"] == "active"]
    for candidate in projections.trained_candidates(search, search.branch):
        if candidate.label is not None:
            continue
        cut = None if candidate.edge is None else parse_edge(candidate.edge)
        graph = live(nodes, (edge for edge in edges if edge != cut))
        if item := by_hash.get(graph.hash):
            yield candidate.index, item


def _measuring(current: Round, counts: dict[str, int]) -> Json:
    device = Device.objects.filter(work__round=current).values_list("name", flat=True).first()
    return {"done": counts["done"], "of": sum(counts.values()), "device": device}


def _curve(item: Work) -> list[Json]:
    """The epochs so far; of a finished item the best alone, which is its result."""
    if item.outcome is None:
        running: list[Json] = item.telemetry.get("curve", [])
        return running
    finished: list[Json] = serialization.loads(bytes(item.outcome)).get("curve", [])
    return [min(finished, key=_rank)] if finished else []


def _rank(point: Json) -> tuple[float, int]:
    """The best epoch has the lowest one: by accuracy, or for a text by loss; the earliest of equals."""
    accuracy, epoch = point["val_accuracy"], point["epoch"]
    return (point["val_loss"] if accuracy is None else -accuracy, epoch)
