"""Failures in and around a worker, handled by its real code: nothing is lost, and each has a clear message."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from django.db import OperationalError, connection, transaction

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import full
from search.runtime import execute as engine
from search.runtime.numerics import numerics
from tests.processes import wait_until
from tests.webapp.ended import ended_search
from tests.webapp.fakes import WORKER, outcome_of, sweep_and_advance, work_one
from tests.webapp.reading import payloads
from webapp import tasks
from webapp.catalog import training
from webapp.core.transactions import short_transaction
from webapp.models import Search, Team, User, Work
from webapp.models.enums import CommandKind, ModelStatus, SearchStatus, WorkStatus
from webapp.scheduling import choice, leases
from webapp.scheduling.leases import Lease
from webapp.scheduling.presence import WorkerIdentity
from webapp.searches import event_log, lifecycle, steering, turn

pytestmark = pytest.mark.django_db(transaction=True)

MakeSearch = Callable[..., Search]
Execute = Callable[[Json, Any], Json]


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"


@pytest.fixture
def small_disk(settings: Any) -> Iterator[Path]:
    """A file system of half a megabyte for artifacts."""
    folder = Path(settings.FILES_DIR)
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=512k", "espalier-test", str(folder))
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(("umount", str(folder)), check=True)


def log(search: Search) -> list[bytes]:
    return [serialization.dumps({**event, "at": ""}) for event in event_log.read(search.pk, 0, 10_000)]


def test_a_full_disk_costs_one_try_with_a_message_and_leaves_no_partial_file(
    team: Team, owner: User, small_disk: Path
) -> None:
    architecture = ended_search(team, owner).architectures.get()
    recipe = serialization.to_jsonable(full("digits")) | {"epochs": 1}
    model = training.train(architecture, team, owner, "digits", 0, recipe)
    identity = WorkerIdentity("worker-1", "cpu", numerics("cpu", 1))
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(480 << 10))
    tasks.run_item(claimed(identity), identity)
    item = Work.objects.get(model=model)
    assert (item.tries, item.status) == (1, WorkStatus.QUEUED)
    assert item.last_error is not None and item.last_error.startswith("The disk is full: make room")
    assert [path for path in small_disk.rglob("*") if path.is_file()] == [ballast]

    ballast.unlink()
    tasks.run_item(claimed(identity), identity)
    model.refresh_from_db()
    assert (model.status, model.files.count()) == (ModelStatus.FINISHED, 2)


def claimed(identity: WorkerIdentity) -> Lease:
    lease = leases.claim(identity)
    assert lease is not None
    return lease


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Execute], None]:
    """Replaces the engine's execute function."""
    return lambda execute: monkeypatch.setattr(engine, "execute", execute)


def raising(fail: Callable[[], object], when: Callable[[Json], bool]) -> Execute:
    def execute(payload: Json, context: Any) -> Json:
        if when(payload):
            fail()
        return outcome_of(payload)

    return execute


def too_much_for_a_card() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


FAILURES: list[tuple[Callable[[], object], str]] = [
    (lambda: [][0], "exception"),
    (lambda: bytearray(1 << 60), "out_of_memory"),
    (lambda: torch.empty(1 << 50), "out_of_memory"),
    (too_much_for_a_card, "out_of_memory"),
]


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"status": "ok", "val_accuracy": 0.5, "curve": [{"epoch": 1}]}, "a point of the curve"),
        ({"status": "ok", "val_accuracy": 0.5, "files": {"gremlin": "a" * 64}}, "no file 'gremlin'"),
        ({"status": "ok", "val_accuracy": float("nan")}, "Out of range float values"),
    ],
)
def test_an_outcome_that_nobody_could_read_counts_as_a_failed_try(
    search: Search, owner: User, executed: Callable[[Execute], None], broken: dict[str, Any], message: str
) -> None:
    executed(lambda payload, context: broken)
    tasks.work("cpu")
    first = Work.objects.earliest("id")
    assert (first.tries, first.failed) == (leases.MAX_TRIES, True)
    assert message in str(first.last_error)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == "paused"
    steering.steer(search.pk, owner, CommandKind.CANCEL)
    search.refresh_from_db()
    assert search.status == "cancelled"


@pytest.mark.parametrize(("fail", "code"), FAILURES)
def test_work_that_raises_is_tried_three_times_and_then_logged_as_an_error_with_a_code(
    search: Search, executed: Callable[[Execute], None], fail: Callable[[], object], code: str
) -> None:
    first = Work.objects.earliest("id")
    graph = serialization.loads(bytes(first.payload))["graph"]
    executed(raising(fail, lambda payload: bool(payload["graph"] == graph)))
    tasks.work("cpu")
    first.refresh_from_db()
    assert (first.tries, first.failed) == (leases.MAX_TRIES, True)
    assert serialization.loads(bytes(first.outcome or b"")) == {"status": "error", "code": code}
    lifecycle.advance(search.pk)
    [measured] = payloads(search, "candidates_measured")
    assert [one["code"] for one in measured["shown"]] == [code, None, None]
    assert list(search.candidates.filter(step=1).order_by("number").values_list("code", flat=True)) == [
        code,
        None,
        None,
    ]


def test_a_search_paused_by_a_failed_round_ends_like_any_other_after_resume(
    search: Search, owner: User, make_search: MakeSearch, stranger: User, executed: Callable[[Execute], None]
) -> None:
    executed(raising(lambda: [][0], lambda payload: True))
    tasks.work("cpu")
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == SearchStatus.PAUSED
    assert search.pause_reason == "All 3 items of round 0 failed: IndexError: list index out of range"

    executed(raising(lambda: None, lambda payload: False))
    steering.steer(search.pk, owner, CommandKind.RESUME)
    other = make_search(by=stranger, to=Team.objects.get(slug="meadow"))
    while Search.objects.filter(status__in=choice.LIVE_SEARCH).exists():
        tasks.work("cpu")
        sweep_and_advance()
    search.refresh_from_db()
    assert search.status == SearchStatus.FINISHED
    assert log(search) == log(other)


def test_a_round_advanced_by_several_processes_at_once_advances_once(search: Search) -> None:
    while work_one() is not None:
        pass

    def advance(_: int) -> None:
        lifecycle.advance(search.pk)
        connection.close()  # each thread has its own connection

    with ThreadPoolExecutor(4) as coordinators:
        list(coordinators.map(advance, range(8)))
    search.refresh_from_db()
    assert (search.step, search.rounds.count()) == (1, 2)
    assert [event["seq"] for event in event_log.read(search.pk, 0, 100)] == list(range(1, search.seq + 1))


def test_a_worker_that_hangs_within_a_claim_does_not_block_the_item(search: Search, settings: Any) -> None:
    settings.LEASE_SECONDS = 0.3
    lease = claimed(WORKER)
    inside, go_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        try:
            with short_transaction():
                assert leases._lock(lease) is not None
                inside.set()
                assert go_on.wait(30)
                Work.objects.filter(pk=lease.work).update(tries=1)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        late = worker.submit(stand_still)
        try:
            assert inside.wait(30)
            wait_until(lambda: taken_back(lease), 20, "the item back in the queue")
        finally:
            go_on.set()
        with pytest.raises(OperationalError):
            late.result()
    assert (Work.objects.get(pk=lease.work).tries, Work.objects.get(pk=lease.work).lost_leases) == (0, 1)


def taken_back(lease: Lease) -> bool:
    with transaction.atomic():
        leases.expire()
    return Work.objects.get(pk=lease.work).status == WorkStatus.QUEUED


def test_a_process_that_hangs_while_steering_does_not_block_the_search(
    search: Search, owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    while work_one() is not None:
        pass
    settings.LEASE_SECONDS = 0.3
    inside, go_on = threading.Event(), threading.Event()
    validate = turn.validate_command

    def stand_still(*given: Any) -> str | None:
        inside.set()
        assert go_on.wait(30)
        return validate(*given)

    def steer() -> None:
        try:
            steering.steer(search.pk, owner, CommandKind.LOCK, "0-1")
        finally:
            connection.close()

    monkeypatch.setattr(turn, "validate_command", stand_still)
    with ThreadPoolExecutor(1) as process:
        late = process.submit(steer)
        try:
            assert inside.wait(30)
            lifecycle.advance(search.pk)  # waits for the lock until the other transaction times out
        finally:
            go_on.set()
        with pytest.raises(OperationalError):
            late.result()
    search.refresh_from_db()
    assert (search.step, search.commands.count()) == (1, 0)
