"""Why a search makes no progress, in a sentence that says what to do."""

from datetime import timedelta

from django.utils.timesince import timesince

from webapp.core import clock
from webapp.models import Device, Search, Work
from webapp.models.enums import RoundStatus, SearchStatus, WorkKind, WorkStatus
from webapp.scheduling.presence import SEEN_SECONDS, present_workers


def waiting(search: Search) -> str | None:
    """A sentence; None where the search makes progress, has ended, or was paused by a person."""
    if search.state is SearchStatus.PAUSED:
        return search.pause_reason
    if not search.state.is_live:
        return None
    items = Work.objects.filter(round__search=search, round__status=RoundStatus.OPEN)
    statuses = set(items.values_list("status", flat=True))
    if WorkStatus.LEASED in statuses or WorkStatus.QUEUED not in statuses:
        return None
    queued = items.filter(status=WorkStatus.QUEUED)
    device = Device.objects.filter(work__in=queued).first()
    if device is not None:
        return _waiting_for_agent(device)
    workers = present_workers()
    if queued.filter(kind=WorkKind.MEASURE).exists():
        return None if workers.exists() else _waiting_for_worker(search)
    if search.queue is not None:
        workers = workers.filter(queue=search.queue)
    if search.queue == "cpu":
        if workers.exists() and not workers.filter(numerics=search.numerics).exists():
            return (
                f"Waiting for a worker that computes exactly like the first one ({search.numerics}). "
                "Start a worker with that version of PyTorch, that processor and that number of threads."
            )
        workers = workers.filter(numerics=search.numerics)
    return None if workers.exists() else _waiting_for_worker(search)


def _waiting_for_worker(search: Search) -> str:
    if search.created_at > clock.now() - timedelta(seconds=SEEN_SECONDS):
        return "Waiting for a worker to start on it."
    command = f"python manage.py worker --queue {search.queue or 'cpu'}"
    return f"Waiting for a worker: none was seen in the last minute. Start one with `{command}`."


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
