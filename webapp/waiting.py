"""Why nothing moves, in words: a search that waits says for what."""

from datetime import timedelta

from django.db.models import Q, QuerySet

from webapp import clock
from webapp.models import Search, Work, Worker
from webapp.states import RoundStatus, SearchStatus, WorkStatus

SEEN_SECONDS = 60.0  # a worker says three times as often that it is there; a busy one holds a lease


def seen() -> QuerySet[Worker]:
    """Workers that are there, as far as anybody knows."""
    busy = Work.objects.filter(status=WorkStatus.LEASED, worker__isnull=False).values("worker")
    return Worker.objects.filter(Q(seen_at__gt=clock.after(-SEEN_SECONDS)) | Q(name__in=busy))


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
    workers = seen()
    if search.queue is not None:
        workers = workers.filter(queue=search.queue)
    if search.queue == "cpu":
        if workers.exists() and not workers.filter(numerics=search.numerics).exists():
            return f"It waits for a worker that computes as the one it began with ({search.numerics})."
        workers = workers.filter(numerics=search.numerics)
    if not workers.exists():
        if search.created_at > clock.now() - timedelta(seconds=SEEN_SECONDS):
            return "It waits for a worker to take it up."
        return "It waits for a worker: none was seen in the last minute."
    return None
