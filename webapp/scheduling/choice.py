"""Items that wait for a worker: which are needed, and which one a worker takes next.

The search that was served longest ago comes first, then its items in their order. Other work competes with searches by
its age.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from search.base import serialization
from webapp.files import references
from webapp.models import Work
from webapp.models.enums import (
    MeasurementStatus,
    ModelStatus,
    RoundStatus,
    ScoreStatus,
    SearchStatus,
    UploadStatus,
    WorkStatus,
)
from webapp.models.kinds import EXPORT, KINDS, MEASURE, PROBE
from webapp.scheduling import placements
from webapp.scheduling.presence import WorkerIdentity

LIVE_SEARCH = [SearchStatus.QUEUED, SearchStatus.RUNNING]
LIVE_MODEL = [ModelStatus.QUEUED, ModelStatus.RUNNING, ModelStatus.STOPPING]
#: Work whose owner still needs it: that of searches, and other work.
NEEDED_BY_SEARCHES = Q(round__status=RoundStatus.OPEN, round__search__status__in=LIVE_SEARCH)
NEEDED_BY_OTHERS = (
    Q(model__status__in=LIVE_MODEL)
    | Q(kind=EXPORT)
    | Q(upload__status__in=[UploadStatus.WAITING, UploadStatus.INGESTING])
    | Q(measurement__status=MeasurementStatus.QUEUED)
    | Q(kind=PROBE)
    # Where it was deleted, the score waits for as long as that may be restored.
    | Q(score__status=ScoreStatus.WAITING, score__architecture__deleted_at=None, score__data__deleted_at=None)
)
NEEDED = NEEDED_BY_SEARCHES | NEEDED_BY_OTHERS


@dataclass(frozen=True)
class Item:
    """What handing out an item takes. `placed`: its kind needs no place, or has one, which is the worker's."""

    id: int
    team: int
    key: str
    kind: str
    payload: bytes
    model: str | None
    upload: str | None
    measurement: str | None
    probe: int | None
    score: str | None
    search: str | None = None
    search_status: str | None = None
    placed: bool = True


#: Columns that become an Item.
COLUMNS = (
    *("id", "team", "key", "kind", "payload", "model", "upload", "measurement", "probe", "score"),
    *("round__search", "round__search__status"),
)
#: The next item of a search, and since when other work has been waiting. Chosen by search, since a join of all queued
#: items with all their possible owners takes Postgres ten times as long, most of it to plan. What may be reused is
#: locked by its key: of two equal items that are claimed at once, the second waits here. Turns are ordered inside: the
#: nested loop of LATERAL keeps that order, and an outer ORDER BY would lock one item of every search.
OF_SEARCHES = f"""
SELECT
    item.id, item.team_id, item.key, item.kind, item.payload, item.model_id, item.upload_id, item.measurement_id,
    item.probe_id, item.score_id,
    turn.search_id, turn.search_status, item.placed, turn.served_at,
    (SELECT min(created_at) FROM webapp_work WHERE status = 'queued' AND round_id IS NULL AND device_id IS NULL),
    CASE WHEN item.kind = ANY(%(reusable)s) THEN pg_advisory_xact_lock(item.team_id::int, hashtext(item.key)) END
FROM (
    SELECT round.id, round.search_id, round.served_at, search.status AS search_status
    FROM webapp_round round JOIN webapp_search search ON search.id = round.search_id
    WHERE round.status = 'open' AND search.status = ANY(%(live)s)
    ORDER BY round.served_at, round.id
) turn
CROSS JOIN LATERAL (
    SELECT work.*, {placements.EQUAL} IS TRUE AS placed
    FROM webapp_work work
    LEFT JOIN webapp_placement placed ON placed.search_id = turn.search_id AND placed.kind = work.kind
    WHERE work.round_id = turn.id AND work.status = 'queued' AND work.device_id IS NULL
    AND (work.needs IS NULL OR work.needs = %(queue)s)
    AND (placed.id IS NULL OR {placements.FITTING})
    AND NOT EXISTS (
        SELECT FROM webapp_work equal
        WHERE equal.status = 'leased' AND equal.kind = ANY(%(reusable)s)
        AND equal.team_id = work.team_id AND equal.key = work.key
    )
    ORDER BY work.index
    LIMIT 1
    FOR UPDATE OF work SKIP LOCKED
) item
LIMIT 1
"""


def claimable(queue: str) -> QuerySet[Work]:
    """Queued items that are needed, for workers of this queue. An item waits while an equal one is leased, and for
    workers of another queue where those have begun with its kind."""
    equal = Work.objects.filter(
        team=OuterRef("team"), key=OuterRef("key"), kind__in=_reusable(), status=WorkStatus.LEASED
    )
    return _queued(queue).filter(NEEDED, ~placements.elsewhere(queue), ~Exists(equal))


def next_item(worker: WorkerIdentity) -> Item | None:
    """What this worker is to do next; None if there is nothing."""
    values = {**placements.values(worker), "live": LIVE_SEARCH, "reusable": _reusable()}
    with connection.cursor() as cursor:
        cursor.execute(OF_SEARCHES, values)
        found = cursor.fetchone()
    if found is None:
        return _next_other(worker)
    *row, served, others_wait_since, _ = found
    if others_wait_since is not None and others_wait_since < served:
        other = _next_other(worker, before=served)
        if other is not None:
            return other
    return Item(*row)


def next_of_device(device: str) -> Item | None:
    """The next measurement for this device; None if there is none."""
    measurements = Work.objects.filter(NEEDED, device=device, kind=MEASURE, status=WorkStatus.QUEUED)
    return first(_unlocked(measurements.order_by(Coalesce("round__served_at", "created_at"), "id")))


def _next_other(worker: WorkerIdentity, before: datetime | None = None) -> Item | None:
    """The oldest item that belongs to no search. None of its kinds may be reused or has a place."""
    others = _queued(worker.queue).filter(NEEDED_BY_OTHERS, round=None)
    if before is not None:
        others = others.filter(created_at__lt=before)
    return first(_unlocked(others.order_by("created_at", "id")))


def first(found: QuerySet[Work]) -> Item | None:
    row = found.values_list(*COLUMNS).first()
    return None if row is None else Item(*row)


def equal_outcome(item: Item, numerics: str) -> tuple[bool, bytes | None]:
    """Whether an equal item of the team is leased, and the outcome of one that was done with the same numerics, if its
    files are still available."""
    done = Q(status=WorkStatus.DONE, failed=False, numerics=numerics)
    equal = (
        Work.objects.filter(done | Q(status=WorkStatus.LEASED), team_id=item.team, key=item.key, kind=item.kind)
        # A leased one first; else the latest, whose weights are most likely to be available.
        .order_by(Case(When(status=WorkStatus.LEASED, then=0), default=1), "-id")
        .values_list("status", "outcome")
        .first()
    )
    if equal is None:
        return False, None
    status, outcome = equal
    if status == WorkStatus.LEASED:
        return True, None
    known = bytes(outcome or b"")
    return False, known if references.are_available(serialization.loads(known)) else None


def _queued(queue: str) -> QuerySet[Work]:
    return Work.objects.filter(Q(needs=None) | Q(needs=queue), status=WorkStatus.QUEUED, device=None)


def _unlocked(items: QuerySet[Work]) -> QuerySet[Work]:
    """Those that no other transaction has locked; they are locked as they are read."""
    return items.select_for_update(skip_locked=True, of=("self",))


def _reusable() -> list[str]:
    return [name for name, kind in KINDS.items() if kind.reusable]
