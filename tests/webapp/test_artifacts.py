"""Content-addressed files, in a folder and in an object store: stored completely or not at all, and verified."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from search.base.files import sha256_of
from tests.webapp.objects import Disk, Objects
from webapp.files import artifacts, cache, storage
from webapp.files.artifacts import Damaged, RetryingFiles
from webapp.files.storage import AccessDenied, Unreachable
from webapp.models import Artifact

pytestmark = pytest.mark.django_db

FileStore = Disk | Objects
Put = Callable[[str], str]
NOBODY = "http://127.0.0.1:1"  # nothing listens here


@pytest.fixture
def put(tmp_path: Path) -> Put:
    def put(text: str) -> str:
        (tmp_path / "source").write_text(text)
        return artifacts.put(tmp_path / "source")

    return put


def on_another_machine(settings: Any, tmp_path: Path) -> None:
    settings.CACHE_DIR = tmp_path / "another"


def at_another_address(settings: Any, **options: Any) -> None:
    entry = settings.STORAGES["artifacts"]
    settings.STORAGES = {
        **settings.STORAGES,
        "artifacts": {**entry, "OPTIONS": {**entry["OPTIONS"], **options}},
    }


def test_a_file_is_found_by_its_content(file_store: FileStore, put: Put) -> None:
    sha256 = put("weights")
    assert artifacts.verified_path(sha256).read_text() == "weights"
    with artifacts.open_verified(sha256) as file:
        assert file.read() == b"weights"
    assert Artifact.objects.get().bytes == 7


def test_equal_files_are_stored_once_and_leave_no_other_file(file_store: FileStore, put: Put) -> None:
    assert put("weights") == put("weights")
    assert put("") != put("weights")
    assert file_store.names() == {artifacts.name_of(row.sha256) for row in Artifact.objects.all()}


def test_a_changed_file_raises_damaged(file_store: FileStore, put: Put, settings: Any, tmp_path: Path) -> None:
    sha256 = put("weights")
    file_store.write(artifacts.name_of(sha256), b"weightz")
    on_another_machine(settings, tmp_path)
    with pytest.raises(Damaged, match="has changed since it was stored"):
        artifacts.verified_path(sha256)
    assert put("weights") == sha256  # storing it again repairs it
    assert artifacts.verified_path(sha256).read_text() == "weights"


def test_a_missing_file_raises_damaged(file_store: FileStore, put: Put, settings: Any, tmp_path: Path) -> None:
    sha256 = put("weights")
    file_store.remove(artifacts.name_of(sha256))
    on_another_machine(settings, tmp_path)
    with pytest.raises(Damaged, match="is missing from the store"):
        artifacts.verified_path(sha256)


def test_a_file_that_could_not_be_stored_has_no_row(
    file_store: FileStore, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(storage.store()), "put", full)
    with pytest.raises(OSError, match="No space left"):
        put("weights")
    assert file_store.names() == set()
    assert not Artifact.objects.exists()
    assert [path for path in storage.store().spool.rglob("*") if path.is_file()] == []


def test_a_file_with_a_use_is_not_discarded(file_store: FileStore, put: Put) -> None:
    sha256 = put("weights")
    assert artifacts.discard(sha256, unused_for=60) is False
    assert artifacts.discard(sha256) is True
    assert file_store.names() == set()
    assert not Artifact.objects.exists()


def test_a_row_is_deleted_before_its_file(file_store: FileStore, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill in between leaves a stray file, never a row without its file."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    sha256 = put("weights")
    monkeypatch.setattr(type(storage.store()), "delete", killed)
    with pytest.raises(KeyboardInterrupt):
        artifacts.discard(sha256)
    assert not Artifact.objects.exists()
    assert file_store.names() == {artifacts.name_of(sha256)}


def test_a_file_that_is_stored_again_while_it_is_discarded_is_kept(
    file_store: FileStore, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = put("weights")
    lock, times = artifacts.lock, iter(range(100))

    def and_somebody_stores_it(name: str) -> None:
        if next(times) == 1:  # between the row and the file
            put("weights")
        lock(name)

    monkeypatch.setattr(artifacts, "lock", and_somebody_stores_it)
    assert artifacts.discard(sha256) is False
    assert Artifact.objects.exists()
    assert artifacts.verified_path(sha256).read_text() == "weights"


@pytest.mark.parametrize("file_store", ["folder"], indirect=True)
def test_no_file_is_hashed_while_a_lock_is_held(file_store: Disk, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = len(connection.savepoint_ids)

    def watched(path: Path) -> str:
        assert len(connection.savepoint_ids) == outside
        return sha256_of(path)

    monkeypatch.setattr(artifacts, "sha256_of", watched)
    assert put("weights") == put("weights")


@pytest.mark.parametrize("file_store", ["folder"], indirect=True)
def test_a_file_lost_before_the_lock_is_stored_again(
    file_store: Disk, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256, lock = put("weights"), artifacts.lock

    def and_it_is_lost(name: str) -> None:
        file_store.remove(artifacts.name_of(sha256))
        lock(name)

    monkeypatch.setattr(artifacts, "lock", and_it_is_lost)
    assert put("weights") == sha256
    assert artifacts.verified_path(sha256).read_text() == "weights"


@pytest.mark.parametrize("file_store", ["folder"], indirect=True)
def test_a_folder_deleted_while_it_is_listed_is_skipped(file_store: Disk) -> None:
    names = {"ab/first", "cd/second"}
    for name in names:
        file_store.write(name, b"")
    listed = storage.store().entries()
    (other,) = names - {next(listed).name}
    shutil.rmtree((file_store.folder / other).parent)
    assert list(listed) == []


@pytest.mark.parametrize("file_store", ["bucket"], indirect=True)
class TestCopiesOfObjects:
    def test_another_machine_fetches_once(self, file_store: Objects, put: Put, settings: Any, tmp_path: Path) -> None:
        sha256 = put("weights")
        on_another_machine(settings, tmp_path)
        artifacts.verified_path(sha256)
        file_store.remove(artifacts.name_of(sha256))
        assert artifacts.verified_path(sha256).read_text() == "weights"

    def test_a_damaged_copy_is_fetched_again(self, file_store: Objects, put: Put) -> None:
        sha256 = put("weights")
        cache.path_of(sha256).write_text("nonsense")
        assert artifacts.verified_path(sha256).read_text() == "weights"

    def test_the_least_recently_used_copy_is_evicted(self, file_store: Objects, put: Put, settings: Any) -> None:
        settings.CACHE_BYTES = 10
        first, second = put("first"), put("2nd  ")
        aged(cache.path_of(first), 100)
        aged(cache.path_of(second), 200)
        third = put("third")
        assert set(cache.cached_hashes()) == {first, third}
        assert artifacts.verified_path(second).read_text() == "2nd  "  # only the cached copy was evicted

    def test_a_copy_that_was_used_just_now_is_not_evicted(self, file_store: Objects, put: Put, settings: Any) -> None:
        settings.CACHE_BYTES = 0
        assert sorted([put("first"), put("second")]) == sorted(cache.cached_hashes())


@pytest.mark.parametrize("file_store", ["bucket"], indirect=True)
def test_an_upload_cut_off_by_a_kill_is_deleted(file_store: Objects) -> None:
    for name in (artifacts.name_of("ab" * 32), "uploads/abcdefghjkmn/000000", "uploads/somebody/else"):
        file_store.resource.Object(f"studio/{name}").initiate_multipart_upload().Part(1).upload(Body=b"half")
    assert storage.store().delete_unfinished(before=0.0) == 0
    assert storage.store().delete_unfinished(before=9e9) == 2
    assert [each.object_key for each in file_store.resource.multipart_uploads.all()] == ["studio/uploads/somebody/else"]


@pytest.mark.parametrize("file_store", ["bucket"], indirect=True)
def test_large_files_and_long_listings_are_read_completely(
    file_store: Objects, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file larger than one part, and more files than one page of a listing."""
    content = os.urandom(9 << 20)
    (tmp_path / "large").write_bytes(content)
    sha256 = artifacts.put(tmp_path / "large")
    on_another_machine(settings, tmp_path)
    assert artifacts.verified_path(sha256).read_bytes() == content
    monkeypatch.setattr("webapp.files.object_store.PAGE", 2)
    for number in range(5):
        file_store.write(f"uploads/u/{number:06d}", b"")
    assert len(list(storage.store().entries("uploads/u"))) == 5


@pytest.mark.parametrize("file_store", ["bucket"], indirect=True)
class TestAStoreThatIsAway:
    def test_an_unreachable_store_differs_from_a_missing_file(
        self, file_store: Objects, put: Put, settings: Any
    ) -> None:
        at_another_address(settings, endpoint_url=NOBODY)
        with pytest.raises(Unreachable, match=r"s3://bucket-[\w-]+/studio cannot be reached"):
            put("weights")

    def test_a_missing_bucket_raises_access_denied(self, file_store: Objects, put: Put, settings: Any) -> None:
        at_another_address(settings, bucket_name="none-such")
        with pytest.raises(AccessDenied, match="refused the request: NoSuchBucket"):
            put("weights")

    def test_work_waits_for_the_store_until_it_should_stop(
        self, file_store: Objects, put: Put, settings: Any, tmp_path: Path
    ) -> None:
        sha256 = put("weights")
        on_another_machine(settings, tmp_path)
        settings.RENEW_SECONDS = 0.01
        at_another_address(settings, endpoint_url=NOBODY)

        def comes_back() -> bool:
            at_another_address(settings, endpoint_url=file_store.endpoint)
            return False

        assert RetryingFiles(comes_back).path_of(sha256).read_text() == "weights"
        at_another_address(settings, endpoint_url=NOBODY)
        on_another_machine(settings, tmp_path / "yet")
        with pytest.raises(Unreachable):
            RetryingFiles(lambda: True).path_of(sha256)


def aged(path: Path, seconds: float) -> None:
    """Makes the last use of a file so much earlier."""
    moment = path.stat().st_mtime - seconds
    os.utime(path, (moment, moment))
