"""Who works on what: claim, renew, complete, fail, hand back, and what becomes of leases that run out.

The only writer of leases. Time is the database's; a token is current or it is not; rows that others hold are skipped.
Order of locks, everywhere: a search, a model, an upload or a measurement before its work.

What an outcome means is for the item's owner to say (a round of a search, a model, an upload, a measurement): each
registers a handler when the app starts (webapp/apps.py).
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db import connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from search.base import serialization
from webapp.core import clock, pokes
from webapp.core.transactions import short_transaction
from webapp.files import references
from webapp.models import Measurement, Round, Search, TrainedModel, Upload, Work
from webapp.models.enums import (
    MeasurementStatus,
    ModelStatus,
    RoundStatus,
    SearchStatus,
    UploadStatus,
    WorkKind,
    WorkStatus,
)
from webapp.scheduling import queue
from webapp.scheduling.presence import WorkerIdentity, present_workers, record_presence

Json = dict[str, Any]
Answer = Literal["go on", "stop"]

MOST_TRIES = 3  # an exception of execute is a try; a lost lease is none
MOST_LOST = 10  # so many lost leases of one item are no accident

LIVE_SEARCH = [SearchStatus.QUEUED, SearchStatus.RUNNING]
LIVE_MODEL = [ModelStatus.QUEUED, ModelStatus.RUNNING, ModelStatus.STOPPING]
WANTED = (
    Q(round__status=RoundStatus.OPEN, round__search__status__in=LIVE_SEARCH)
    | Q(kind=WorkKind.FINAL, model__status__in=LIVE_MODEL)
    | Q(kind=WorkKind.EXPORT)
    | Q(kind=WorkKind.INGEST, upload__status__in=[UploadStatus.WAITING, UploadStatus.INGESTING])
    | Q(kind=WorkKind.MEASURE, measurement__status=MeasurementStatus.QUEUED)
)
Settle = Callable[[Work, Json], None]  # the item, locked with its owner, and its outcome

#: Columns of Work that name its owner, and the owners' tables, which are locked before their work.
OWNERS: dict[str, type[Model]] = {"round": Round, "model": TrainedModel, "upload": Upload, "measurement": Measurement}
_settle: dict[str, Settle] = {}  # by owner

MEASURED = Q(kind=WorkKind.MEASURE, round__isnull=False)  # for a search, to hold a limit on latency


def register(owner: str, settle: Settle) -> None:
    """Names the handler of an owner's outcomes. Agents complete leases in the web process too, so all processes do."""
    _settle[owner] = settle


@dataclass(frozen=True)
class Lease:
    work: int
    token: uuid.UUID
    kind: WorkKind
    key: str
    payload: Json
    search: str | None
    model: str | None
    upload: str | None
    measurement: str | None


def claim(worker: WorkerIdentity) -> Lease | None:
    """The next item that this worker can do, or None. Items whose outcome is known are settled on the way."""
    record_presence(worker)
    _adopt(worker)
    while True:
        with short_transaction():
            item = (
                claimable(worker.queue)
                .filter(_mine(worker))
                .select_for_update(skip_locked=True, of=("self",))
                .select_related("round", "model")
                .order_by("id")
                .first()
            )
            if item is None:
                return None
            if _twin_was_quicker(item):
                continue
            known = _known_outcome(item, worker)
            if known is None:
                lease = _hand_out(item, worker.name)
                break
            _store(item, known, failed=False, numerics=worker.numerics, reused=True)
    _mark_running(lease)
    return lease


def claim_on(device: str) -> Lease | None:
    """The next measurement that is to be done on this device, or None."""
    with short_transaction():
        item = (
            Work.objects.filter(WANTED, device=device, kind=WorkKind.MEASURE, status=WorkStatus.QUEUED)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("round")
            .order_by("id")
            .first()
        )
        if item is None:
            return None
        lease = _hand_out(item, f"device {device}")
    _mark_running(lease)
    return lease


def held_on(device: str, work: int, token: uuid.UUID) -> Lease | None:
    """The lease that the device's agent names, while it is the current one."""
    mine = Work.objects.filter(pk=work, token=token, device=device, status=WorkStatus.LEASED)
    item = mine.select_related("round").first()
    return None if item is None else _lease(item, token)


def claimable(name: str) -> QuerySet[Work]:
    """Queued items of what is live, for workers of this queue. An item whose twin is being worked on waits for it.

    Measuring takes no more than a processor: it is for workers of every queue, whichever the search trains on.
    """
    twin = Work.objects.filter(
        team=OuterRef("team"), key=OuterRef("key"), kind=WorkKind.TRAIN, status=WorkStatus.LEASED
    )
    own = Q(queue=None) | Q(queue=name)
    of_search = Q(round=None) | MEASURED | Q(round__search__queue=None) | Q(round__search__queue=name)
    return Work.objects.filter(WANTED, own, of_search, ~Exists(twin), status=WorkStatus.QUEUED, device=None)


def _twin_was_quicker(item: Work) -> bool:
    """Two workers may claim equal items at the same moment. Of those, the lock lets one through at a time."""
    if not WorkKind(item.kind).is_reusable:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [item.team_id, item.key])
    return Work.objects.filter(team=item.team_id, key=item.key, kind=item.kind, status=WorkStatus.LEASED).exists()


def renew(lease: Lease, telemetry: Json | None = None) -> Answer:
    """Holds the lease on. "stop" when it is lost, or when its search or model no longer wants the work done."""
    mine = Work.objects.filter(pk=lease.work, token=lease.token, status=WorkStatus.LEASED)
    changes: Json = {"lease_until": clock.after(settings.LEASE_SECONDS)}
    if telemetry is not None:
        changes["telemetry"] = telemetry
    if not mine.update(**changes):
        return "stop"
    if telemetry is not None:
        _poke(lease.search, lease.model)
    wanted = mine.filter(WANTED)
    if "finish" not in lease.payload:  # the item that ends a training early is the one that its stop asks for
        wanted = wanted.exclude(model__status=ModelStatus.STOPPING)
    return "go on" if wanted.exists() else "stop"


def complete(lease: Lease, outcome: Json, numerics: str) -> bool:
    """Stores the outcome, once, under the current token. False: it came too late and was refused."""
    packed = serialization.dumps(outcome)
    with short_transaction():
        item = _lock(lease)
        if item is None:
            return False
        _store(item, packed, failed=outcome["status"] == "error", numerics=numerics)
    return True


def fail(lease: Lease, code: str, message: str, numerics: str) -> None:
    """Counts a try; the third makes an outcome of it."""
    with short_transaction():
        item = _lock(lease)
        if item is None:
            return
        item.tries += 1
        item.last_error = message
        if item.tries >= MOST_TRIES:
            _store(item, serialization.dumps({"status": "error", "code": code}), failed=True, numerics=numerics)
        else:
            _requeue(item)


def release(lease: Lease) -> bool:
    """Hands the item back undone: it was paused, or its worker goes away. False: it was no longer ours to hand back."""
    with short_transaction():
        item = _lock(lease)
        if item is None:
            return False
        _requeue(item)
    return True


def drop(items: QuerySet[Work]) -> None:
    """Nobody waits for these any more: their round goes on without them. The caller holds the search's lock."""
    items.exclude(status=WorkStatus.DONE).update(
        status=WorkStatus.DONE,
        outcome=serialization.dumps({"status": "error", "code": "withdrawn"}),
        token=None,
        lease_until=None,
        finished_at=Now(),
    )


def give_up(items: QuerySet[Work], owner: str, code: str, message: str) -> None:
    """Ends items of this kind of owner without a result: their outcome is an error of this code. The caller holds no
    lock."""
    outcome = {"status": "error", "code": code}
    for pk, owner_id in items.values_list("pk", owner):
        with short_transaction():
            OWNERS[owner]._default_manager.select_for_update().filter(pk=owner_id).first()
            # Looked at again under the locks: it may have been done, resumed, or handed out once more.
            item = items.filter(pk=pk).select_for_update(of=("self",)).select_related(owner).first()
            if item is None:
                continue
            item.last_error = message
            _store(item, serialization.dumps(outcome), failed=True, numerics=item.numerics)


def give_up_worn_out(owner: str) -> None:
    """Gives up items of this kind of owner whose workers die again and again. Rounds are paused instead."""
    worn_out = Work.objects.filter(WANTED, status=WorkStatus.QUEUED, lost__gte=MOST_LOST, **{f"{owner}__isnull": False})
    give_up(worn_out, owner, "lost", f"Its worker was lost {MOST_LOST} times: workers die or cannot be reached.")


def expire() -> int:
    """Takes back what was lost, counting it. How many there were. What somebody holds just now waits for the next."""
    lost = Work.objects.filter(status=WorkStatus.LEASED, lease_until__lt=Now()).select_for_update(skip_locked=True)
    count = Work.objects.filter(pk__in=lost.values("pk")).update(
        status=WorkStatus.QUEUED, token=None, lease_until=None, worker=None, lost=F("lost") + 1
    )
    # What still ran when its round was withdrawn, and was handed back or lost since.
    Work.objects.filter(status=WorkStatus.QUEUED, round__status=RoundStatus.WITHDRAWN).update(
        status=WorkStatus.WITHDRAWN
    )
    return count


def _adopt(worker: WorkerIdentity) -> None:
    """The first worker to come gives a search its queue and numerics, and the first to measure for it its machine.
    Before the claim: a search is locked first."""
    fresh = Q(round__search__queue=None) & ~MEASURED
    item = claimable(worker.queue).filter(_mine(worker) | fresh | _unmeasured()).order_by("id").first()
    if item is None or item.round_id is None:
        return
    search = Search.objects.filter(rounds=item.round_id)
    if item.kind == WorkKind.MEASURE:
        search.filter(_machine_is_gone("measured_on")).update(measured_on=worker.machine)
    else:
        search.filter(queue=None).update(queue=worker.queue, numerics=worker.numerics)


def _mine(worker: WorkerIdentity) -> Q:
    """What this worker may do. On CPU the promise is equal bytes, so there numerics must be those of the beginning.

    Latencies promise no equal bytes, so numerics do not matter to them, but they are compared with each other and with
    a limit: within a search one machine measures them all, for as long as a worker of it is there. Then another does,
    rather than that the search waits for a machine that may never come back; each result says where it is from.
    """
    measured = MEASURED & Q(round__search__measured_on=worker.machine)
    trained = ~MEASURED & Q(round__search__queue=worker.queue)
    if worker.queue == "cpu":
        trained &= Q(round__search__numerics=worker.numerics)
    return Q(round=None) | measured | trained


def _unmeasured() -> Q:
    """What this worker's machine may begin to measure."""
    return MEASURED & _machine_is_gone("round__search__measured_on")


def _machine_is_gone(named: str) -> Q:
    """None was chosen yet, or no worker of it is there any more."""
    return Q(**{named: None}) | ~Q(**{f"{named}__in": present_workers().values("machine")})


def _known_outcome(item: Work, worker: WorkerIdentity) -> bytes | None:
    if not WorkKind(item.kind).is_reusable:
        return None
    twins = Work.objects.filter(
        team_id=item.team_id, key=item.key, kind=item.kind, status=WorkStatus.DONE, failed=False
    )
    # The last is the one whose weights are the likeliest to be there still.
    known = twins.filter(numerics=worker.numerics).order_by("-id").values_list("outcome", flat=True).first()
    return bytes(known) if known is not None and references.are_available(serialization.loads(bytes(known))) else None


def _hand_out(item: Work, worker: str) -> Lease:
    token = uuid.uuid4()
    changes: Json = {"telemetry": {}} if item.round_id else {}  # a training goes on from its checkpoint, its curve too
    Work.objects.filter(pk=item.pk).update(
        status=WorkStatus.LEASED,
        token=token,
        lease_until=clock.after(settings.LEASE_SECONDS),
        worker=worker,
        started_at=Now(),
        **changes,
    )
    return _lease(item, token)


def _lease(item: Work, token: uuid.UUID) -> Lease:
    return Lease(
        work=item.pk,
        token=token,
        kind=WorkKind(item.kind),
        key=item.key,
        payload=serialization.loads(bytes(item.payload)),
        search=item.round.search_id if item.round else None,
        model=item.model_id,
        upload=item.upload_id,
        measurement=item.measurement_id,
    )


def _mark_running(lease: Lease) -> None:
    if lease.search:
        Search.objects.filter(pk=lease.search, status=SearchStatus.QUEUED).update(status=SearchStatus.RUNNING)
    elif lease.model:
        TrainedModel.objects.filter(pk=lease.model, status=ModelStatus.QUEUED).update(status=ModelStatus.RUNNING)
    elif lease.upload:
        Upload.objects.filter(pk=lease.upload, status=UploadStatus.WAITING).update(status=UploadStatus.INGESTING)
    _poke(lease.search, lease.model)


def _lock(lease: Lease) -> Work | None:
    """The item under this token, locked; its model, upload or measurement first, by the order of locks."""
    if lease.model:
        TrainedModel.objects.select_for_update().filter(pk=lease.model).first()
    if lease.upload:
        Upload.objects.select_for_update().filter(pk=lease.upload).first()
    if lease.measurement:
        Measurement.objects.select_for_update().filter(pk=lease.measurement).first()
    mine = Work.objects.filter(pk=lease.work, token=lease.token, status=WorkStatus.LEASED)
    return mine.select_for_update(of=("self",)).select_related("round", "model", "upload", "measurement").first()


def _store(item: Work, packed: bytes, *, failed: bool, numerics: str | None, reused: bool = False) -> None:
    item.status, item.outcome, item.failed, item.reused = WorkStatus.DONE, packed, failed, reused
    item.numerics, item.token, item.lease_until = numerics, None, None
    item.finished_at = clock.now()
    item.save()
    _settle[_owner(item)](item, serialization.loads(packed))


def _owner(item: Work) -> str:
    return next(owner for owner in OWNERS if getattr(item, f"{owner}_id") is not None)


def _requeue(item: Work) -> None:
    item.status, item.token, item.lease_until, item.worker = WorkStatus.QUEUED, None, None, None
    item.save()
    if item.device_id is None:  # its agent asks by itself
        queue.wake(item.queue)
    _poke(item.round.search_id if item.round else None, item.model_id)


def _poke(search: str | None, model: str | None) -> None:
    if search:
        pokes.poke_search(search)
    elif model:
        pokes.poke_model(model)
