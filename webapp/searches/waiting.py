"""Why nothing moves, in words: a search that waits says for what."""

from datetime import timedelta

from django.utils.timesince import timesince

from webapp.core import clock
from webapp.models import Device, Search, Work
from webapp.models.enums import RoundStatus, SearchStatus, WorkKind, WorkStatus
from webapp.scheduling.presence import SEEN_SECONDS, present_workers


def waiting(search: Search) -> str | None:
    """A sentence, or None where the search runs, is over, or was paused by a person."""
    if search.state is SearchStatus.PAUSED:
        return search.paused_because
    if not search.state.is_live:
        return None
    items = Work.objects.filter(round__search=search, round__status=RoundStatus.OPEN)
    at_work = set(items.values_list("status", flat=True))
    if WorkStatus.LEASED in at_work or WorkStatus.QUEUED not in at_work:
        return None
    device = Device.objects.filter(work__in=items.filter(status=WorkStatus.QUEUED)).first()
    if device is not None:
        return _agent(device)
    workers = present_workers()
    if items.filter(status=WorkStatus.QUEUED, kind=WorkKind.MEASURE).exists():
        return None if workers.exists() else _no_worker(search)
    if search.queue is not None:
        workers = workers.filter(queue=search.queue)
    if search.queue == "cpu":
        if workers.exists() and not workers.filter(numerics=search.numerics).exists():
            return f"It waits for a worker that computes as the one it began with ({search.numerics})."
        workers = workers.filter(numerics=search.numerics)
    return None if workers.exists() else _no_worker(search)


def _no_worker(search: Search) -> str:
    if search.created_at > clock.now() - timedelta(seconds=SEEN_SECONDS):
        return "It waits for a worker to take it up."
    return "It waits for a worker: none was seen in the last minute."


def _agent(device: Device) -> str | None:
    """Of the device whose turn it is; None where its agent is there."""
    waits = f"It waits for the device {device.name}"
    if device.retired_at is not None:
        return f"{waits}, which was retired. Limit the latency on another device, or stop the search."
    if device.seen_at is None:
        return f"{waits}, whose agent was never seen. Start it there with the token that the device was given."
    now = clock.now()
    if device.seen_at > now - timedelta(seconds=SEEN_SECONDS):
        return None
    ago = timesince(device.seen_at, now, depth=1).replace("\xa0", " ")  # which it puts between number and unit
    return f"{waits}, whose agent was last seen {ago} ago."
