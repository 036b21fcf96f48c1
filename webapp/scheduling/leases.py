"""Leases on work items: claim, renew, complete, fail, release, and expire. This module alone writes them.

A lease is valid while its token is the item's. Times are the database's clock. Claims skip rows that others have
locked. Order of locks, everywhere: the owner (a search, a model, an upload or a measurement) before its work.

Each kind of owner registers a handler for the outcomes of its items when the app starts (webapp/apps.py).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, F, Model, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce, Now

from search.base import serialization
from search.base.serialization import Json
from webapp.core import clock, pokes
from webapp.core.transactions import short_transaction
from webapp.files import references
from webapp.models import Measurement, Placement, Round, Search, TrainedModel, Upload, Work
from webapp.models.enums import (
    MeasurementStatus,
    ModelStatus,
    RoundStatus,
    SearchStatus,
    UploadStatus,
    WorkStatus,
)
from webapp.models.kinds import EXPORT, KINDS, MEASURE
from webapp.scheduling import queue
from webapp.scheduling.presence import WorkerIdentity, present_workers, record_presence

Renewal = Literal["continue", "stop"]  # what a worker is to do after renewing its lease

MAX_TRIES = 3  # exceptions of `execute`; a lost lease does not count as a try
MAX_LOST_LEASES = 10  # of one item: more than that is no coincidence

LIVE_SEARCH = [SearchStatus.QUEUED, SearchStatus.RUNNING]
LIVE_MODEL = [ModelStatus.QUEUED, ModelStatus.RUNNING, ModelStatus.STOPPING]
#: Work whose owner still needs it.
NEEDED = (
    Q(round__status=RoundStatus.OPEN, round__search__status__in=LIVE_SEARCH)
    | Q(model__status__in=LIVE_MODEL)
    | Q(kind=EXPORT)
    | Q(upload__status__in=[UploadStatus.WAITING, UploadStatus.INGESTING])
    | Q(measurement__status=MeasurementStatus.QUEUED)
)

OutcomeHandler = Callable[[Work, Json], None]  # called with the item, locked with its owner, and its outcome

#: Columns that are read of an item to lease it. Its round's state may be a megabyte.
ITEM = (
    *("team", "key", "kind", "payload", "tries", "last_error", "model", "upload", "measurement"),
    *("round__search", "round__search__status"),
)
#: Columns that an outcome changes.
OUTCOME = (
    *("status", "outcome", "failed", "reused", "numerics", "token", "lease_until", "finished_at"),
    *("tries", "last_error"),
)

#: Columns of Work that name its owner, and the owners' tables.
OWNERS: dict[str, type[Model]] = {"round": Round, "model": TrainedModel, "upload": Upload, "measurement": Measurement}
_handlers: dict[str, OutcomeHandler] = {}  # by owner


def register(owner: str, handler: OutcomeHandler) -> None:
    """Sets the handler of an owner's outcomes. Needed in web processes too, where agents complete leases."""
    _handlers[owner] = handler


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


def claim(worker: WorkerIdentity) -> Lease | None:
    """Leases the next item that this worker can do; None if there is none. Items whose outcome is already known from
    an equal item are completed with it and skipped.

    The search that was served longest ago comes first, then its items in their order. Other work competes with
    searches by its age.
    """
    record_presence(worker)
    items = _items_for(worker)
    while True:
        with short_transaction():
            item = items.first()
            if item is None:
                return None
            known = None
            if KINDS[item.kind].reusable:
                leased, known = _equal_item(item, worker)
                if leased:
                    continue
            if item.round and not item.is_placed and not _place(item, worker):
                continue
            if known is None:
                lease = _grant(item, worker.name)
                break
            _store_outcome(item, known, failed=False, numerics=worker.numerics, reused=True)
    _mark_running(item, lease)
    return lease


def claim_for_device(device: str) -> Lease | None:
    """Leases the next measurement for this device; None if there is none."""
    with short_transaction():
        item = (
            Work.objects.filter(NEEDED, device=device, kind=MEASURE, status=WorkStatus.QUEUED)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("round__search")
            .only(*ITEM)
            .order_by(Coalesce("round__served_at", "created_at"), "id")
            .first()
        )
        if item is None:
            return None
        lease = _grant(item, f"device {device}")
    _mark_running(item, lease)
    return lease


def lease_of_device(device: str, work: int, token: uuid.UUID) -> Lease | None:
    """The lease with this token on this item; None if the device does not hold it any more."""
    held = Work.objects.filter(pk=work, token=token, device=device, status=WorkStatus.LEASED)
    item = held.select_related("round").first()
    return None if item is None else _lease(item, token)


def claimable(name: str) -> QuerySet[Work]:
    """Queued items that are needed, for workers of the queue called `name`. An item waits while an equal one is leased,
    and for workers of another queue where those have begun with its kind."""
    reusable = [name for name, kind in KINDS.items() if kind.reusable]
    equal = Work.objects.filter(team=OuterRef("team"), key=OuterRef("key"), kind__in=reusable, status=WorkStatus.LEASED)
    elsewhere = Placement.objects.filter(~_on_one_machine(), search=OuterRef("round__search"), kind=OuterRef("kind"))
    return Work.objects.filter(
        NEEDED,
        Q(needs=None) | Q(needs=name),
        ~Exists(elsewhere.exclude(queue=name)),
        ~Exists(equal),
        status=WorkStatus.QUEUED,
        device=None,
    )


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
    needed = held.filter(NEEDED)
    if "finish" not in lease.payload:  # a training that is being stopped needs only the item that finishes it early
        needed = needed.exclude(model__status=ModelStatus.STOPPING)
    return "continue" if needed.exists() else "stop"


def complete(lease: Lease, outcome: Json, numerics: str) -> bool:
    """Stores the outcome. False: the lease was lost, and the outcome is discarded."""
    packed = serialization.dumps(outcome)
    with short_transaction():
        item = _lock(lease)
        if item is None:
            return False
        _store_outcome(item, packed, failed=False, numerics=numerics)
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
            _store_outcome(item, serialization.dumps({"status": "error", "code": code}), failed=True, numerics=numerics)
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


def cancel(items: QuerySet[Work]) -> None:
    """Completes these items with the error "withdrawn", so that their round continues without them. The caller holds
    the search's lock."""
    items.exclude(status=WorkStatus.DONE).update(
        status=WorkStatus.DONE,
        outcome=serialization.dumps({"status": "error", "code": "withdrawn"}),
        token=None,
        lease_until=None,
        finished_at=Now(),
    )


def give_up(items: QuerySet[Work], owner: str, code: str, message: str) -> None:
    """Completes items of this kind of owner with an error. The caller holds no lock."""
    outcome = {"status": "error", "code": code}
    for pk, owner_id in items.values_list("pk", owner):
        with short_transaction():
            OWNERS[owner]._default_manager.select_for_update().filter(pk=owner_id).first()
            # Read again under the locks: it may have been completed, resumed or leased in the meantime.
            item = items.filter(pk=pk).select_for_update(of=("self",)).select_related(owner).first()
            if item is None:
                continue
            item.last_error = message
            _store_outcome(item, serialization.dumps(outcome), failed=True, numerics=item.numerics)


def give_up_repeatedly_lost(owner: str) -> None:
    """Gives up items of this kind of owner whose leases ran out too often. Searches are paused instead (sweep.py)."""
    items = Work.objects.filter(
        NEEDED, status=WorkStatus.QUEUED, lost_leases__gte=MAX_LOST_LEASES, **{f"{owner}__isnull": False}
    )
    message = (
        f"The work lost its worker {MAX_LOST_LEASES} times: workers die or cannot reach the database. See their logs."
    )
    give_up(items, owner, "lost", message)


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


@lru_cache(maxsize=16)  # composing the query takes as long as running it
def _items_for(worker: WorkerIdentity) -> QuerySet[Any]:
    """What this worker may claim, best first; `is_placed`: its kind has a place in its search, which is this one's."""
    placed = Placement.objects.filter(search=OuterRef("round__search"), kind=OuterRef("kind"))
    return (
        claimable(worker.queue)
        .filter(~Exists(placed.exclude(_fitting_placements(worker))))
        .annotate(is_placed=Exists(placed.filter(_equal_placements(worker))))
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("round__search")
        .only(*ITEM)
        .order_by(Coalesce("round__served_at", "created_at"), "id")
    )


def _fitting_placements(worker: WorkerIdentity) -> Q:
    """Placements of kinds of work that this worker may do.

    Results of one kind are compared with each other, so workers of one numerics compute all of them. Latencies are
    compared with a limit, so one machine measures all of a search for as long as it has a worker. After that another
    machine does, since the first may never return; each result names its machine.
    """
    absent = ~Q(machine__in=present_workers().values("machine"))
    return _equal_placements(worker) | (_on_one_machine() & absent)


def _on_one_machine() -> Q:
    """Placements that another machine may take over; the others are on workers of one numerics for good."""
    return Q(kind__in=[name for name, kind in KINDS.items() if kind.one_machine])


def _equal_placements(worker: WorkerIdentity) -> Q:
    return (_on_one_machine() & Q(machine=worker.machine)) | (
        ~_on_one_machine() & Q(queue=worker.queue, numerics=worker.numerics)
    )


def _place(item: Work, worker: WorkerIdentity) -> bool:
    """Places the item's kind in its search where this worker is. False: another worker, which this one does not equal,
    was faster."""
    assert item.round is not None
    own = {"queue": worker.queue, "numerics": worker.numerics, "machine": worker.machine}
    first = Placement(search_id=item.round.search_id, kind=item.kind, **own)
    Placement.objects.bulk_create([first], ignore_conflicts=True)  # waits for a worker that does the same right now
    placements = Placement.objects.filter(search=item.round.search_id, kind=item.kind)
    return bool(placements.filter(_fitting_placements(worker)).update(**own))


def _equal_item(item: Work, worker: WorkerIdentity) -> tuple[bool, bytes | None]:
    """Whether an equal item of the team is leased, and the outcome of one that was done with the same numerics, if its
    files are still available.

    Two workers may claim equal items at once. The lock lets one of them through, and the other sees its lease.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [item.team_id, item.key])
    done = Q(status=WorkStatus.DONE, failed=False, numerics=worker.numerics)
    equal = (
        Work.objects.filter(done | Q(status=WorkStatus.LEASED), team_id=item.team_id, key=item.key, kind=item.kind)
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


def _grant(item: Work, worker: str) -> Lease:
    token = uuid.uuid4()
    changes: Json = {"telemetry": {}} if item.round_id else {}  # a training keeps its curve, as it keeps its checkpoint
    Work.objects.filter(pk=item.pk).update(
        status=WorkStatus.LEASED,
        token=token,
        lease_until=clock.after(settings.LEASE_SECONDS),
        worker=worker,
        started_at=Now(),
        **changes,
    )
    if item.round_id:
        Round.objects.filter(pk=item.round_id).update(served_at=Now())
    return _lease(item, token)


def _lease(item: Work, token: uuid.UUID) -> Lease:
    return Lease(
        work=item.pk,
        token=token,
        kind=item.kind,
        key=item.key,
        payload=serialization.loads(bytes(item.payload)),
        search=item.round.search_id if item.round else None,
        model=item.model_id,
        upload=item.upload_id,
        measurement=item.measurement_id,
    )


def _mark_running(item: Work, lease: Lease) -> None:
    if item.round and item.round.search.state is SearchStatus.QUEUED:
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
    held = Work.objects.filter(pk=lease.work, token=lease.token, status=WorkStatus.LEASED)
    owner = "round" if lease.search else next(name for name in OWNERS if getattr(lease, name, None))
    items = held.select_related(owner).select_for_update(of=("self",))
    return (items.defer("round__state_before") if lease.search else items).first()


def _store_outcome(item: Work, packed: bytes, *, failed: bool, numerics: str | None, reused: bool = False) -> None:
    item.status, item.outcome, item.failed, item.reused = WorkStatus.DONE, packed, failed, reused
    item.numerics, item.token, item.lease_until = numerics, None, None
    item.finished_at = Now()
    item.save(update_fields=OUTCOME)
    _handlers[_owner(item)](item, serialization.loads(packed))


def _owner(item: Work) -> str:
    return next(owner for owner in OWNERS if getattr(item, f"{owner}_id") is not None)


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
