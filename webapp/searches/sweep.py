"""The coordinator's sweep: repairs whatever a lost message or a dead process left waiting."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection
from django.db.models import Exists, OuterRef, QuerySet

from webapp.config import logs
from webapp.core import clock
from webapp.core.transactions import short_transaction
from webapp.datasets import uploads
from webapp.models import Round, Search, Work
from webapp.models.enums import RoundStatus, WorkStatus
from webapp.scheduling import choice, leases, presence, queue
from webapp.searches import lifecycle

logger = logging.getLogger(__name__)

SWEEP_LOCK = 0x45_53_50_41  # an advisory lock of Postgres: one sweep at a time, in whichever process


def sweep() -> None:
    """Takes back expired leases, wakes workers for queued work, pauses or ends what lost its workers too often,
    deletes abandoned uploads, and asks again for turns of searches whose round is finished.

    It takes no turn itself: a long one would keep it from everything else.
    """
    with short_transaction():
        if not _take_lock():
            return
        leases.expire()
        presence.forget_absent_workers()
        for name in queue.QUEUES:
            queue.wake(name, choice.claimable(name).count())
    for search_id in _repeatedly_lost().values_list("round__search_id", flat=True).distinct():
        with logs.bound(search=search_id), _log_errors("pausing a search that keeps losing its workers"):
            _pause_repeatedly_lost(search_id)
    for owner in ("model", "upload", "measurement", "probe", "score"):
        with _log_errors(f"giving up {owner}s that keep losing their workers"):
            leases.give_up_repeatedly_lost(owner)
    with _log_errors("deleting abandoned uploads"):
        uploads.delete_abandoned()
    queue.advance_again(finished_rounds())


@contextmanager
def _log_errors(action: str) -> Iterator[None]:
    """Keeps an error in one part of the sweep from the other parts. Raises it where the database cannot be reached,
    since every other part would fail too."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not _database_answers():
            raise
        logger.exception("%s failed; the next sweep tries again", action)


def _database_answers() -> bool:
    """False: the database cannot be reached. True: only one transaction failed, in a deadlock for instance."""
    if not connection.is_usable():
        connection.close()
    try:
        clock.now()
    except (OperationalError, InterfaceError):
        return False
    return True


def _take_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        return bool(cursor.fetchone()[0])


def _repeatedly_lost() -> QuerySet[Work]:
    """Queued items of live searches whose leases ran out too often."""
    items = Work.objects.filter(choice.NEEDED, status=WorkStatus.QUEUED, lost_leases__gte=leases.MAX_LOST_LEASES)
    return items.filter(round__isnull=False)


def _pause_repeatedly_lost(search_id: str) -> None:
    with short_transaction():
        search = Search.objects.select_for_update().get(pk=search_id)
        if _repeatedly_lost().filter(round__search=search).exists():  # under the lock: somebody may have resumed it
            lifecycle.pause(
                search,
                f"One item of work lost its worker {leases.MAX_LOST_LEASES} times: workers die or cannot reach the "
                "database. See the workers' logs, then resume the search.",
            )


def finished_rounds() -> list[str]:
    """Searches that are live and whose open round has every outcome."""
    unfinished = Work.objects.filter(round=OuterRef("pk")).exclude(status=WorkStatus.DONE)
    finished = Round.objects.filter(~Exists(unfinished), status=RoundStatus.OPEN, search__status__in=choice.LIVE_SEARCH)
    return list(finished.values_list("search_id", flat=True))
