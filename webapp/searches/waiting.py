"""Why a search makes no progress, in a sentence that says what to do."""

from datetime import timedelta

from django.utils.timesince import timesince

from webapp.core import clock
from webapp.models import Device, Search, Work, Worker
from webapp.models.enums import RoundStatus, SearchStatus, WorkStatus
from webapp.models.kinds import KINDS
from webapp.scheduling.presence import SEEN_SECONDS, present_workers


def waiting(search: Search) -> str | None:
    """A sentence; None where the search makes progress, has ended, or was paused by a person."""
    if search.state is SearchStatus.PAUSED:
        return search.pause_reason
    if not search.state.is_live:
        return None
    if search.seq == 0:
        return "Waiting for the coordinator to start it."
    items = Work.objects.filter(round__search=search, round__status=RoundStatus.OPEN)
    # in one query, since workers take items meanwhile
    rows = list(items.values_list("status", "kind", "needs").distinct())
    queued_kinds = {(kind, needs) for status, kind, needs in rows if status == WorkStatus.QUEUED}
    if not queued_kinds or any(status == WorkStatus.LEASED for status, _, _ in rows):
        return None
    queued = items.filter(status=WorkStatus.QUEUED)
    device = Device.objects.filter(work__in=queued).first()
    if device is not None:
        return _waiting_for_agent(device)
    workers = list(present_workers())
    sentences = [_waiting_for_worker(search, kind, needs, workers) for kind, needs in sorted(queued_kinds, key=str)]
    return None if None in sentences else sentences[0]


def _waiting_for_worker(search: Search, kind: str, needs: str | None, workers: list[Worker]) -> str | None:
    """None where a worker is present that may do items of this kind."""
    if needs is not None:
        workers = [worker for worker in workers if worker.queue == needs]
    placement = None if KINDS[kind].one_machine else search.placements.filter(kind=kind).first()
    if placement is not None:
        workers = [worker for worker in workers if worker.queue == placement.queue]
        equal = [worker for worker in workers if worker.numerics == placement.numerics]
        if workers and not equal:
            return (
                f"Waiting for a worker that computes exactly like the first one ({placement.numerics}). "
                "Start a worker with that version of PyTorch, that processor and that number of threads."
            )
    if workers:
        return _waiting_for_turn(search, workers)
    if search.created_at > clock.now() - timedelta(seconds=SEEN_SECONDS):
        return "Waiting for a worker to start on it."
    name = placement.queue if placement is not None else needs or "cpu"
    return (
        "Waiting for a worker: none was seen in the last minute. "
        f"Start one with `python manage.py worker --queue {name}`."
    )


def _waiting_for_turn(search: Search, workers: list[Worker]) -> str | None:
    """None where a worker is free, or where the search was begun: then it takes turns with others all the time."""
    names = [worker.name for worker in workers]
    busy = Work.objects.filter(status=WorkStatus.LEASED, worker__in=names).values("worker").distinct().count()
    if search.state is not SearchStatus.QUEUED or busy < len(names):
        return None
    who = "the worker is" if len(names) == 1 else f"all {len(names)} workers are"
    return f"Waiting for its turn: {who} busy with other work."


def _waiting_for_agent(device: Device) -> str | None:
    """None where the device's agent was seen in the last minute."""
    prefix = f"Waiting for the device {device.name}"
    if device.retired_at is not None:
        return f"{prefix}, which was retired. Limit the latency on another device, or stop the search."
    if device.seen_at is None:
        return f"{prefix}: its agent was never seen. Start the agent on the device, with the device's token."
    now = clock.now()
    if device.seen_at > now - timedelta(seconds=SEEN_SECONDS):
        return None
    ago = timesince(device.seen_at, now, depth=1).replace("\xa0", " ")  # timesince joins number and unit with U+00A0
    return f"{prefix}: its agent was last seen {ago} ago. Start the agent on the device again."
