"""Checkpoints that a training shares with other machines: the newest is used, and none may end a training."""

import errno
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from search.base import serialization
from search.spaces import cnn
from tests.webapp.fakes import WORKER
from tests.webapp.objects import Disk, Objects
from webapp.catalog import training
from webapp.files import artifacts, references
from webapp.files.artifacts import RetryingFiles
from webapp.files.storage import Unreachable
from webapp.models import Architecture, Artifact, Team, TrainedModel, User
from webapp.models.kinds import FINAL, TRAIN
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease
from webapp.worker.checkpoints import Checkpoints

pytestmark = pytest.mark.django_db

FileStore = Disk | Objects
On = Callable[[str], Checkpoints]


@pytest.fixture
def model(team: Team, owner: User) -> TrainedModel:
    graph = {"nodes": [{"id": 0, "op": "input", "rank": 0.0}], "edges": []}
    macro = serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10))
    architecture = Architecture.objects.create(
        team=team,
        kind="found",
        name="A",
        graph=graph,
        macro=macro,
        hash="h",
        cost={},
        nodes=1,
        edges=0,
        params=0,
        macs=0,
    )
    return training.train(architecture, team, owner, "digits", 0, {})


@pytest.fixture
def lease(model: TrainedModel) -> Lease:
    lease = leases.claim(WORKER)
    assert lease is not None
    assert lease.kind == FINAL
    return lease


@pytest.fixture
def on(file_store: FileStore, lease: Lease, settings: Any, tmp_path: Path) -> On:
    """The checkpoints of the training as the named machine sees them."""
    settings.CHECKPOINT_SECONDS = 0.0

    def on(machine: str) -> Checkpoints:
        settings.CACHE_DIR = tmp_path / machine / "cache"
        path = tmp_path / machine / "scratch" / "checkpoint.pt"
        path.parent.mkdir(parents=True, exist_ok=True)
        return Checkpoints(lease, path, RetryingFiles(lambda: True))

    return on


def train(checkpoints: Checkpoints, epoch: int) -> None:
    checkpoints.path.write_text(f"epoch {epoch}")
    checkpoints.on_saved()


def test_another_machine_continues_from_the_checkpoint(on: On) -> None:
    train(on("first"), 3)
    second = on("second")
    second.restore()
    assert second.path.read_text() == "epoch 3"


def test_a_finalist_of_a_search_continues_elsewhere_and_other_candidates_start_over(on: On, lease: Lease) -> None:
    train(on("first"), 3)
    for checkpoint, restored in ((True, True), (False, False)):
        second = on(f"second-{checkpoint}")
        second.lease = replace(lease, kind=TRAIN, payload={**lease.payload, "checkpoint": checkpoint})
        second.restore()
        assert second.path.exists() == restored


def test_only_the_last_checkpoint_is_kept(on: On, file_store: FileStore) -> None:
    first = on("first")
    for epoch in (1, 2, 3):
        train(first, epoch)
    assert file_store.names() == {artifacts.name_of(Artifact.objects.get().sha256)}


def test_a_checkpoint_is_uploaded_periodically_and_at_the_end(on: On, settings: Any) -> None:
    settings.CHECKPOINT_SECONDS = 3600.0
    first = on("first")
    train(first, 1)
    assert not Artifact.objects.exists()
    first.upload()
    stored = Artifact.objects.get()
    first.upload()  # nothing new, so nothing is uploaded
    assert Artifact.objects.get().created_at == stored.created_at


def test_a_local_checkpoint_that_is_newer_than_the_stored_one_is_used(on: On, settings: Any) -> None:
    first = on("first")
    train(first, 3)
    settings.CHECKPOINT_SECONDS = 3600.0
    first = on("first")
    train(first, 4)
    again = on("first")
    again.restore()
    assert again.path.read_text() == "epoch 4"


def test_the_stored_checkpoint_is_used_after_another_machine_continued(on: On) -> None:
    train(on("first"), 3)
    second = on("second")
    second.restore()
    train(second, 5)
    first = on("first")
    first.restore()
    assert first.path.read_text() == "epoch 5"


def test_a_worker_that_lost_its_lease_changes_no_checkpoint(on: On, lease: Lease) -> None:
    train(on("first"), 5)
    before = references.checkpoint_of(lease.work)
    late = on("late")
    late.lease = replace(lease, token=uuid.uuid4())
    train(late, 4)
    assert references.checkpoint_of(lease.work) == before is not None


@pytest.mark.parametrize(
    "trouble", [OSError(errno.ENOSPC, "No space left on device"), Unreachable("The store is away.")]
)
def test_a_failed_upload_of_a_checkpoint_does_not_end_the_training(
    on: On, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, trouble: Exception
) -> None:
    def put(*_: object) -> str:
        raise trouble

    first = on("first")
    with monkeypatch.context() as broken:
        broken.setattr(artifacts, "put", put)
        train(first, 1)
        assert str(trouble) in caplog.text
    first.upload()  # succeeds now
    assert Artifact.objects.exists()


def test_a_damaged_checkpoint_is_ignored(on: On, file_store: FileStore, caplog: pytest.LogCaptureFixture) -> None:
    train(on("first"), 3)
    file_store.write(artifacts.name_of(Artifact.objects.get().sha256), b"nonsense")
    second = on("second")
    second.restore()
    assert not second.path.exists()
    assert "has changed since it was stored" in caplog.text


def test_restoring_waits_for_an_unreachable_store(on: On, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint may hold hours of training, so restoring never starts over; on a stop the item is handed back."""
    train(on("first"), 3)

    def away(sha256: str) -> Path:
        raise Unreachable("The store is away.")

    monkeypatch.setattr(artifacts, "verified_path", away)
    with pytest.raises(Unreachable):
        on("second").restore()
