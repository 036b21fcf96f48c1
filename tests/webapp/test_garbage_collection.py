"""Which files the sweep deletes, and above all which it keeps."""

import io
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from tests.webapp.fakes import NUMERICS, WORKER, outcome_of
from tests.webapp.locks import wait_for_the_lock
from tests.webapp.objects import Disk, Objects
from webapp.core import clock
from webapp.files import artifacts, cache, references, storage, upload_parts
from webapp.models import Architecture, Artifact, ArtifactUse, Search, Team, TrainedModel, Upload, User, Work
from webapp.models.enums import FileFormat, RoundStatus, UploadStatus, WorkStatus
from webapp.scheduling import leases
from webapp.searches import rounds
from webapp.worker import garbage_collection

pytestmark = pytest.mark.django_db

FileStore = Disk | Objects


@pytest.fixture(autouse=True)
def scratch(settings: Any, tmp_path: Path) -> Path:
    settings.SCRATCH_DIR = tmp_path / "scratch"
    return tmp_path / "scratch"


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str], str]:
    def put(text: str) -> str:
        (tmp_path / "source").write_text(text)
        return artifacts.put(tmp_path / "source")

    return put


@pytest.fixture
def model(search: Search, team: Team, owner: User) -> TrainedModel:
    architecture = Architecture.objects.create(
        team=team, kind="found", name="A", graph={"nodes": [], "edges": []}, macro={}, hash="h", cost={},
        nodes=0, edges=0, params=0, macs=0,
    )  # fmt: skip
    return TrainedModel.objects.create(
        team=team, architecture=architecture, created_by=owner, dataset="digits", seed=0, recipe={}
    )


def a_day_passes() -> None:
    Artifact.objects.update(created_at=clock.now() - timedelta(days=2))


def leave_weights(search: Search, sha256: str) -> Work:
    """Completes the first item of the open round with an outcome that names weights."""
    lease = leases.claim(WORKER)
    assert lease is not None
    leases.complete(lease, {**outcome_of(lease.payload), "files": {"weights": sha256}}, NUMERICS)
    return Work.objects.get(pk=lease.work)


def claim_all() -> None:
    while leases.claim(WORKER):
        pass


def test_an_unused_file_is_deleted_after_a_day(file_store: FileStore, put: Callable[[str], str]) -> None:
    sha256 = put("weights")
    garbage_collection.sweep()
    assert file_store.names() == {artifacts.name_of(sha256)}
    a_day_passes()
    garbage_collection.sweep()
    assert file_store.names() == set()
    assert not Artifact.objects.exists()


def test_a_file_that_is_stored_again_is_kept_for_another_day(file_store: FileStore, put: Callable[[str], str]) -> None:
    put("weights")
    a_day_passes()
    put("weights")
    garbage_collection.sweep()
    assert Artifact.objects.exists()


def test_weights_are_kept_until_their_round_is_done(
    file_store: FileStore, put: Callable[[str], str], search: Search
) -> None:
    sha256 = put("weights")
    item = leave_weights(search, sha256)
    a_day_passes()
    garbage_collection.sweep()
    assert ArtifactUse.objects.get(artifact=sha256).work == item
    rounds.close_round(rounds.current_round(search), RoundStatus.DONE)
    garbage_collection.sweep()
    assert file_store.names() == set()


def test_weights_of_each_result_of_an_item_are_kept_until_their_round_is_done(
    file_store: FileStore, put: Callable[[str], str], search: Search
) -> None:
    first, second = put("weights"), put("other weights")
    lease = leases.claim(WORKER)
    assert lease is not None
    outcome = outcome_of(lease.payload)
    results = [{**outcome, "files": {"weights": sha256}} for sha256 in (first, second, first)]
    assert leases.complete(lease, {"status": "ok", "results": results}, NUMERICS)
    a_day_passes()
    garbage_collection.sweep()
    assert file_store.names() == {artifacts.name_of(first), artifacts.name_of(second)}
    assert references.are_available({"status": "ok", "results": results})
    rounds.close_round(rounds.current_round(search), RoundStatus.DONE)
    garbage_collection.sweep()
    assert file_store.names() == set()
    assert not references.are_available({"status": "ok", "results": results})


def test_inherited_weights_are_kept_as_long_as_their_round(
    file_store: FileStore, put: Callable[[str], str], search: Search
) -> None:
    sha256 = put("weights")
    current = rounds.current_round(search)
    references.add_for_round(current, {sha256})
    rounds.close_round(current, RoundStatus.DONE)
    a_day_passes()
    garbage_collection.sweep()
    assert ArtifactUse.objects.get().round == current
    assert artifacts.verified_path(sha256).read_text() == "weights"


def test_an_outcome_is_reused_only_while_its_weights_exist(
    file_store: FileStore, put: Callable[[str], str], search: Search, make_search: Callable[..., Search]
) -> None:
    sha256 = put("weights")
    leave_weights(search, sha256)
    twin = make_search("Twin")
    claim_all()
    assert twin.rounds.get().work.get(index=0).reused
    ArtifactUse.objects.all().delete()
    artifacts.discard(sha256)
    late = make_search("Late")
    claim_all()
    assert late.rounds.get().work.get(index=0).status == WorkStatus.LEASED


def test_a_checkpoint_is_kept_while_its_training_may_continue(
    file_store: FileStore, put: Callable[[str], str], model: TrainedModel
) -> None:
    item = Work.objects.create(team=model.team, model=model, kind="final", key="k", payload=b"{}")
    ArtifactUse.objects.create(work=item, artifact_id=put("epoch 3"), format=FileFormat.CHECKPOINT, name="c")
    a_day_passes()
    for status, failed in ((WorkStatus.QUEUED, False), (WorkStatus.DONE, True)):  # a failed one may be resumed
        Work.objects.filter(pk=item.pk).update(status=status, failed=failed, outcome=b"{}" if failed else None)
        TrainedModel.objects.filter(pk=model.pk).update(status="failed" if failed else "running")
        garbage_collection.sweep()
        assert Artifact.objects.exists()
    TrainedModel.objects.filter(pk=model.pk).update(status="finished")
    garbage_collection.sweep()
    assert file_store.names() == set()


def test_stray_files_are_deleted_and_foreign_files_are_kept(
    file_store: FileStore, put: Callable[[str], str], settings: Any
) -> None:
    stray = artifacts.name_of("ab" * 32)
    file_store.write(stray, b"killed before the row")
    file_store.write("readme.txt", b"somebody's own")
    if isinstance(file_store, Disk):
        file_store.write("incoming-x", b"half")
    garbage_collection.sweep()
    assert stray in file_store.names()  # its row may not be committed yet
    settings.UNUSED_SECONDS = -5.0
    garbage_collection.sweep()
    assert file_store.names() == {"readme.txt"}


def test_parts_are_deleted_when_their_upload_is_over_or_deleted(file_store: FileStore, team: Team, owner: User) -> None:
    rows = {
        status: Upload.objects.create(team=team, created_by=owner, name="a.zip", title="A", bytes=3, status=status)
        for status in UploadStatus
    }
    for name in (*(row.pk for row in rows.values()), "cancelled"):
        upload_parts.put_part(name, 0, io.BytesIO(b"one"))
    garbage_collection.sweep()
    assert upload_parts.upload_ids() == {row.pk for status, row in rows.items() if not status.is_over}


def test_folders_of_ended_work_are_deleted(file_store: FileStore, scratch: Path, search: Search) -> None:
    done, waiting = Work.objects.order_by("pk")[:2]
    Work.objects.filter(pk=done.pk).update(status=WorkStatus.DONE, outcome=b"{}")
    for name in (f"work-{done.pk}", f"work-{waiting.pk}", "work-999999", "notes"):
        (scratch / name).mkdir(parents=True)
    garbage_collection.sweep_local()
    assert {path.name for path in scratch.iterdir()} == {f"work-{waiting.pk}", "notes"}


def test_temporary_files_that_a_kill_left_in_the_folder_of_live_work_are_deleted_after_a_day(
    file_store: FileStore, scratch: Path, search: Search
) -> None:
    folder = scratch / f"work-{Work.objects.earliest('pk').pk}"
    for name in ("upload-0123", "reading-0123/spool", "incoming-0123", "checkpoint.pt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    garbage_collection.sweep_local()
    assert len(list(folder.iterdir())) == 4
    for path in folder.iterdir():
        os.utime(path, (0, 0))
    garbage_collection.sweep_local()
    assert [path.name for path in folder.iterdir()] == ["checkpoint.pt"]


@pytest.mark.parametrize("file_store", ["bucket"], indirect=True)
def test_cached_copies_of_deleted_files_are_deleted(file_store: Objects, put: Callable[[str], str]) -> None:
    first, second = put("first"), put("second")
    artifacts.discard(first)
    assert set(cache.cached_hashes()) == {first, second}
    garbage_collection.sweep_local()
    assert cache.cached_hashes() == [second]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_store", ["folder"], indirect=True)
def test_a_file_that_is_being_stored_again_survives_the_sweep(
    file_store: Disk, put: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep has listed the file; before it gets the lock, the file is stored again."""
    sha256 = put("weights")
    a_day_passes()
    swept = threading.Thread(target=sweep_elsewhere)
    with transaction.atomic():
        artifacts.lock(sha256)
        swept.start()
        wait_for_the_lock()
        put("weights")
    swept.join(20)
    assert not swept.is_alive()
    assert artifacts.verified_path(sha256).read_text() == "weights"
    assert storage.store().exists(artifacts.name_of(sha256))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_store", ["folder"], indirect=True)
def test_a_file_that_just_got_its_use_survives_the_sweep(
    file_store: Disk, put: Callable[[str], str], search: Search
) -> None:
    sha256 = put("weights")
    a_day_passes()
    swept = threading.Thread(target=sweep_elsewhere)
    with transaction.atomic():
        references.add_for_round(rounds.current_round(search), {sha256})
        swept.start()
        wait_for_the_lock()
    swept.join(20)
    assert not swept.is_alive()
    assert artifacts.verified_path(sha256).read_text() == "weights"


def sweep_elsewhere() -> None:
    """For a thread with its own connection."""
    try:
        garbage_collection.sweep_store()
    finally:
        connection.close()
