"""Progress of a search's open round: how many items are queued, running and done, and the few that people watch.

This is read twice a second while people watch, so it holds no curve of a finished item: a round may have hundreds.
"""

from collections.abc import Iterable
from math import ceil

from django.db.models import Count, Q, QuerySet

from search.base import serialization
from search.base.serialization import Json
from search.log.events import SHOWN
from webapp.core import clock
from webapp.models import Device, Round, Search, TrainedModel, Work, Worker
from webapp.models.enums import RoundStatus, WorkStatus
from webapp.models.kinds import MEASURE
from webapp.scheduling import presence
from webapp.searches import candidates, remaining

WORK_STATUS = {WorkStatus.QUEUED: "queued", WorkStatus.LEASED: "running", WorkStatus.DONE: "done"}
FINISHED_SHOWN = 40  # the latest ones
RUNNING_SHOWN = WORKERS_SHOWN = 40
POINTS_SHOWN = 120  # of all curves of running items together
FIRST_SHOWN = SHOWN  # whose candidates events show; the others are only counted


def of(search: Search) -> Json:
    """`counts`: items of the open round by status. `work`: of those that run the first ones, with their curves so far,
    and those that finished last or are about candidates that events show, with their best epoch; each says which
    candidates it is about. `workers`: which worker runs an item, on which device and since when. `left`:
    webapp/searches/remaining.py. `measuring`: None, or in a round that measures latencies, how many graphs are done and
    on which device (None: on a worker's machine). `candidates`: the greatest `seq` of the search's candidates."""
    current = search.rounds.filter(status=RoundStatus.OPEN).only("search", "number").first()
    newest = candidates.newest_seq(search)
    if current is None:
        counts = dict.fromkeys(WORK_STATUS.values(), 0)
        return {
            "counts": counts,
            "work": [],
            "workers": [],
            "left": remaining.UNKNOWN,
            "measuring": None,
            "candidates": newest,
        }
    shown = _shown(current.work.all())
    points = POINTS_SHOWN // max(1, sum(item.status == WorkStatus.LEASED for item in shown))
    items = list(current.work.values_list("status", "kind").annotate(Count("pk")))
    counts = {name: sum(count for each, _, count in items if each == status) for status, name in WORK_STATUS.items()}
    measures = any(kind == MEASURE for _, kind, _ in items)
    return {
        "counts": counts,
        "work": [
            {
                "round": current.number,
                "about": item.about,
                "status": WORK_STATUS[WorkStatus(item.status)],
                "curve": _curve(item, points),
            }
            for item in shown
        ],
        "workers": _workers(current),
        "left": remaining.of(search, current, counts),
        "measuring": _measuring(current, counts) if measures else None,
        "candidates": newest,
    }


def _shown(work: QuerySet[Work]) -> list[Work]:
    latest = work.filter(status=WorkStatus.DONE).order_by("-finished_at").values("pk")[:FINISHED_SHOWN]
    first = Q(status=WorkStatus.DONE, index__lt=FIRST_SHOWN)
    running = work.filter(status=WorkStatus.LEASED).order_by("index").values("pk")[:RUNNING_SHOWN]
    shown = work.filter(Q(pk__in=running) | Q(pk__in=latest) | first)
    return list(shown.only("round", "about", "status", "outcome", "telemetry").order_by("index"))


def _workers(current: Round) -> list[Json]:
    """Those that run items: the longest ones, if there are very many."""
    leased = current.work.filter(status=WorkStatus.LEASED, started_at__isnull=False).order_by("started_at", "pk")
    items = list(leased.select_related("device").only("worker", "device__name", "started_at")[:WORKERS_SHOWN])
    queues = _queues(items)
    return [running_on(item, queues) for item in items]


def of_models(models: Iterable[TrainedModel]) -> dict[str, Json]:
    """Who runs the training or the export of each, by the model's id; those that nobody runs are left out."""
    leased = {
        model.pk: item
        for model in models
        for item in model.work.all()
        if item.status == WorkStatus.LEASED and item.started_at is not None
    }
    queues = _queues(leased.values()) if leased else {}
    return {pk: running_on(item, queues) for pk, item in leased.items()}


def _queues(items: Iterable[Work]) -> dict[str, str]:
    """Of the workers that run the items, by name."""
    return dict(Worker.objects.filter(name__in=[item.worker for item in items]).values_list("name", "queue"))


def running_on(item: Work, queues: dict[str, str]) -> Json:
    """Who runs a leased item. A device that measures is its own worker. `queues`: of workers, by name."""
    assert item.started_at is not None  # of what is leased
    name, device = item.worker, presence.device_of(queues.get(item.worker or "", ""))
    if item.device is not None:
        name, device = item.device.name, "device"
    return {"worker": name, "device": device, "since": clock.text(item.started_at)}


def _measuring(current: Round, counts: dict[str, int]) -> Json:
    device = Device.objects.filter(work__round=current).values_list("name", flat=True).first()
    return {"done": counts["done"], "of": sum(counts.values()), "device": device}


def _curve(item: Work, points: int) -> list[Json]:
    """The epochs so far, of many some at equal distances, the last one included; of a finished item the best alone,
    which is its result."""
    if item.outcome is None:
        running: list[Json] = item.telemetry.get("curve", [])
        step = max(1, ceil(len(running) / points))
        return running[::-step][::-1]
    finished: list[Json] = serialization.loads(bytes(item.outcome)).get("curve", [])
    return [min(finished, key=_rank)] if finished else []


def _rank(point: Json) -> tuple[float, int]:
    """The best epoch has the lowest one: by accuracy, or for a text by loss; the earliest of equals."""
    accuracy, epoch = point["val_accuracy"], point["epoch"]
    return (point["val_loss"] if accuracy is None else -accuracy, epoch)
