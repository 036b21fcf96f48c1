"""Leases on work items: claim, renew, complete, fail, release, and expire. Only it and outcomes.py write items.

A lease is valid while its token is the item's. Times are the database's clock. Claims skip rows that others have
locked. Order of locks, everywhere: the owner (a search, a model, an upload or a measurement) before its work.
"""

import uuid
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from search.base import serialization
from search.base.serialization import Json
from webapp.core import clock, pokes
from webapp.core.transactions import short_transaction
from webapp.models import Measurement, Probe, Score, Search, TrainedModel, Upload, Work
from webapp.models.enums import ModelStatus, RoundStatus, SearchStatus, UploadStatus, WorkStatus
from webapp.models.kinds import KINDS
from webapp.scheduling import choice, outcomes, placements, queue
from webapp.scheduling.choice import Item
from webapp.scheduling.presence import WorkerIdentity, record_presence

Renewal = Literal["continue", "stop"]  # what a worker is to do after renewing its lease

MAX_TRIES = 3  # exceptions of `execute`; a lost lease does not count as a try
MAX_LOST_LEASES = 10  # of one item: more than that is no coincidence

#: Leases an item (a training keeps its curve, as it keeps its checkpoint) and moves its search to the end of the turn.
_GRANT = """
WITH granted AS (
    UPDATE webapp_work SET
        status = 'leased', token = %(token)s, worker = %(holder)s,
        lease_until = statement_timestamp() + make_interval(secs => %(seconds)s), started_at = statement_timestamp(),
        telemetry = CASE WHEN round_id IS NULL THEN telemetry ELSE '{{}}' END
    WHERE id = %(work)s {condition}
    RETURNING round_id
), served AS (
    UPDATE webapp_round SET served_at = statement_timestamp() FROM granted WHERE webapp_round.id = granted.round_id
)
SELECT count(*) FROM granted
"""
_EQUAL = "SELECT FROM webapp_work WHERE team_id = %(team)s AND key = %(key)s AND kind = %(kind)s"
GRANT = _GRANT.format(condition="")
GRANT_UNLESS_EQUAL = _GRANT.format(
    condition=f"AND NOT EXISTS ({_EQUAL} AND status = 'leased') "
    f"AND NOT EXISTS ({_EQUAL} AND status = 'done' AND NOT failed AND numerics = %(numerics)s)"
)


@dataclass(frozen=True)
class Lease:
    """What a worker needs to know of its item. Exactly one owner is set; `search` is that of the round."""

    work: int
    token: uuid.UUID
    kind: str
    key: str
    payload: Json
    search: str | None
    model: str | None
    upload: str | None
    measurement: str | None
    probe: int | None = None
    score: str | None = None


def claim(worker: WorkerIdentity) -> Lease | None:
    """Leases the next item that this worker can do; None if there is none. Items whose outcome is already known from
    an equal item are completed with it and skipped."""
    while True:
        with short_transaction():
            record_presence(worker)
            item = choice.next_item(worker)
            if item is None:
                return None
            # One query instead of four, where the kind has its place and nothing equal is leased or done.
            lease = _grant(item, worker.name, unless_equal=worker.numerics) if item.placed else None
            if lease is None:
                lease = _reuse_or_grant(item, worker)
        if lease is not None:
            _mark_running(item, lease)
            return lease


def claim_for_device(device: str) -> Lease | None:
    """Leases the next measurement for this device; None if there is none."""
    with short_transaction():
        item = choice.next_of_device(device)
        if item is None:
            return None
        lease = _grant(item, f"device {device}")
    if lease is not None:
        _mark_running(item, lease)
    return lease


def lease_of_device(device: str, work: int, token: uuid.UUID) -> Lease | None:
    """The lease with this token on this item; None if the device does not hold it any more."""
    item = choice.first(Work.objects.filter(pk=work, token=token, device=device, status=WorkStatus.LEASED))
    return None if item is None else _lease(item, token)


def renew(lease: Lease, telemetry: Json | None = None) -> Renewal:
    """Extends the lease by LEASE_SECONDS. "stop" when it was lost, or when the owner no longer needs the work."""
    held = Work.objects.filter(pk=lease.work, token=lease.token, status=WorkStatus.LEASED)
    changes: Json = {"lease_until": clock.after(settings.LEASE_SECONDS)}
    if telemetry is not None:
        changes["telemetry"] = telemetry
    if not held.update(**changes):
        return "stop"
    if telemetry is not None:
        _poke(lease.search, lease.model)
    needed = held.filter(choice.NEEDED)
    if "finish" not in lease.payload:  # a training that is being stopped needs only the item that finishes it early
        needed = needed.exclude(model__status=ModelStatus.STOPPING)
    return "continue" if needed.exists() else "stop"


def complete(lease: Lease, outcome: Json, numerics: str) -> bool:
    """Stores the outcome. False: the lease was lost, and the outcome is discarded."""
    packed = serialization.dumps(outcome)
    with short_transaction():
        if lease.search:
            return outcomes.store_for_search(lease.work, lease.token, packed, numerics)
        item = _lock(lease)
        if item is None:
            return False
        outcomes.store(item, packed, failed=False, numerics=numerics)
    return True


def fail(lease: Lease, code: str, message: str, numerics: str) -> None:
    """Counts a failed try and queues the item again. The last try makes the error the outcome."""
    with short_transaction():
        item = _lock(lease)
        if item is None:
            return
        item.tries += 1
        item.last_error = message
        if item.tries >= MAX_TRIES:
            outcomes.store(item, serialization.dumps({"status": "error", "code": code}), failed=True, numerics=numerics)
        else:
            _requeue(item)


def release(lease: Lease) -> bool:
    """Queues the item again, without an outcome: it was paused, or its worker exits. False: the lease was lost."""
    with short_transaction():
        item = _lock(lease)
        if item is None:
            return False
        _requeue(item)
    return True


def give_up_repeatedly_lost(owner: str) -> None:
    """Gives up items of this kind of owner whose leases ran out too often. Searches are paused instead (sweep.py)."""
    items = Work.objects.filter(
        choice.NEEDED, status=WorkStatus.QUEUED, lost_leases__gte=MAX_LOST_LEASES, **{f"{owner}__isnull": False}
    )
    message = (
        f"The work lost its worker {MAX_LOST_LEASES} times: workers die or cannot reach the database. See their logs."
    )
    outcomes.give_up(items, owner, "lost", message)


def expire() -> int:
    """Queues items with expired leases again and returns their number. Locked rows wait for the next call."""
    expired = Work.objects.filter(status=WorkStatus.LEASED, lease_until__lt=Now()).select_for_update(skip_locked=True)
    count = Work.objects.filter(pk__in=expired.values("pk")).update(
        status=WorkStatus.QUEUED, token=None, lease_until=None, worker=None, lost_leases=F("lost_leases") + 1
    )
    # Items that were running when their round was withdrawn, and were released or lost since then.
    Work.objects.filter(status=WorkStatus.QUEUED, round__status=RoundStatus.WITHDRAWN).update(
        status=WorkStatus.WITHDRAWN
    )
    return count


def _reuse_or_grant(item: Item, worker: WorkerIdentity) -> Lease | None:
    """Completes the item with the outcome of an equal one, or leases it. None: it was completed, or it must wait for
    an equal one that is leased, or another worker, which this one does not equal, was faster."""
    known = None
    if KINDS[item.kind].reusable:
        leased, known = choice.equal_outcome(item, worker.numerics)
        if leased:
            return None
    if item.search and not item.placed and not placements.place(item.search, item.kind, worker):
        return None
    if known is None:
        return _grant(item, worker.name)
    work = Work.objects.select_related("round").defer("round__state_before").get(pk=item.id)
    outcomes.store(work, known, failed=False, numerics=worker.numerics, reused=True)
    return None


def _grant(item: Item, holder: str, unless_equal: str | None = None) -> Lease | None:
    """Leases the item, and counts its search as served now. `unless_equal`: None where an item that is equal, and may
    be reused, is leased or was done with these numerics."""
    token = uuid.uuid4()
    reusable = unless_equal is not None and KINDS[item.kind].reusable
    values: Json = {"work": item.id, "token": token, "holder": holder, "seconds": settings.LEASE_SECONDS}
    equal: Json = {"team": item.team, "key": item.key, "kind": item.kind, "numerics": unless_equal}
    with connection.cursor() as cursor:
        cursor.execute(GRANT_UNLESS_EQUAL if reusable else GRANT, {**values, **equal})
        if not cursor.fetchone()[0]:
            return None
    return _lease(item, token)


def _lease(item: Item, token: uuid.UUID) -> Lease:
    return Lease(
        work=item.id,
        token=token,
        kind=item.kind,
        key=item.key,
        payload=serialization.loads(bytes(item.payload)),
        search=item.search,
        model=item.model,
        upload=item.upload,
        measurement=item.measurement,
        probe=item.probe,
        score=item.score,
    )


def _mark_running(item: Item, lease: Lease) -> None:
    if lease.search:
        if item.search_status == SearchStatus.QUEUED:
            Search.objects.filter(pk=lease.search, status=SearchStatus.QUEUED).update(status=SearchStatus.RUNNING)
    elif lease.model:
        TrainedModel.objects.filter(pk=lease.model, status=ModelStatus.QUEUED).update(status=ModelStatus.RUNNING)
    elif lease.upload:
        Upload.objects.filter(pk=lease.upload, status=UploadStatus.WAITING).update(status=UploadStatus.INGESTING)
    _poke(lease.search, lease.model)


def _lock(lease: Lease) -> Work | None:
    """The item of this lease, locked after its owner; None if the lease was lost."""
    if lease.model:
        TrainedModel.objects.select_for_update().filter(pk=lease.model).first()
    if lease.upload:
        Upload.objects.select_for_update().filter(pk=lease.upload).first()
    if lease.measurement:
        Measurement.objects.select_for_update().filter(pk=lease.measurement).first()
    if lease.probe:
        Probe.objects.select_for_update().filter(pk=lease.probe).first()
    if lease.score:
        Score.objects.select_for_update().filter(pk=lease.score).first()
    held = Work.objects.filter(pk=lease.work, token=lease.token, status=WorkStatus.LEASED)
    owner = "round" if lease.search else next(name for name in outcomes.OWNERS if getattr(lease, name, None))
    items = held.select_related(owner).select_for_update(of=("self",))
    return (items.defer("round__state_before") if lease.search else items).first()


def _requeue(item: Work) -> None:
    item.status, item.token, item.lease_until, item.worker = WorkStatus.QUEUED, None, None, None
    item.save(update_fields=["status", "token", "lease_until", "worker", "tries", "last_error"])
    if item.device_id is None:  # agents of devices poll by themselves
        queue.wake(item.needs)
    _poke(item.round.search_id if item.round else None, item.model_id)


def _poke(search: str | None, model: str | None) -> None:
    if search:
        pokes.poke_search(search)
    elif model:
        pokes.poke_model(model)
