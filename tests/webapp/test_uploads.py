"""Uploads: sent in parts, resumed, read by a worker, rejected with a message, cancelled; and their datasets."""

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from search.base.serialization import Json
from search.data.builtin import DATASETS
from tests.archives import folders, tarred, zipped
from tests.webapp.fakes import NUMERICS, WORKER
from tests.webapp.locks import wait_for_the_lock
from tests.webapp.sending import (
    PART,
    ZIP,
    SignedIn,
    announce,
    claimed,
    ingested,
    nothing_left,
    put,
    read,
    send,
    work,
)
from webapp import tasks
from webapp.core import clock
from webapp.datasets import uploads
from webapp.files import artifacts, storage, upload_parts
from webapp.models import Artifact, ArtifactUse, Dataset, Team, Upload, User, Work
from webapp.scheduling import leases
from webapp.searches import sweep
from webapp.worker import garbage_collection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploading")]


def test_a_file_sent_in_parts_becomes_a_dataset(browser: Client, tmp_path: Path) -> None:
    content = zipped(folders(each=300, size=(16, 16)))
    assert len(content) > 3 * PART
    done = ingested(browser, content, tmp_path / "scratch", title="Pets")
    assert (done["status"], done["why"]) == ("done", "")
    listed = browser.get("/api/datasets").json()["results"]
    assert [each["name"] for each in listed] == [*DATASETS, done["dataset"]]
    assert listed[-1] | {"split": "", "created_at": ""} == {
        "name": done["dataset"],
        "title": "Pets",
        "about": "600 colour images of 16×16 pixels in 2 classes. The split was drawn from a hash of the data.",
        "kind": "image",
        "shape": [3, 16, 16],
        "classes": 2,
        "vocabulary": None,
        "counts": {"train": 420, "validation": 90, "test": 90},
        "split": "",
        "uploaded": True,
        "owner": {"id": str(User.objects.get().pk), "name": "Owner"},
        "tags": [],
        "archived": False,
        "created_at": "",
    }
    assert nothing_left(tmp_path)


def test_an_upload_continues_after_a_dropped_connection(browser: Client) -> None:
    content = zipped(folders(each=200, size=(16, 16)))
    upload = announce(browser, content).json()["id"]
    assert put(browser, upload, 0, content[:PART]).json()["received"] == PART
    again = put(browser, upload, 0, content[:PART])  # sent again, since its response was lost
    assert (again.status_code, again.json()["received"]) == (409, PART)
    assert "Send the bytes from there on" in again.json()["errors"][0]["detail"]
    assert put(browser, upload, 2 * PART, content[:PART]).status_code == 409
    assert read(browser, upload)["received"] == PART
    assert put(browser, upload, PART, content[PART : 2 * PART]).json()["received"] == 2 * PART
    early = browser.post(f"/api/uploads/{upload}/finish")
    assert (early.status_code, early.json()["errors"][0]["detail"]) == (
        409,
        f"{2 * PART:,} of {len(content):,} bytes were received. Send the rest first.",
    )


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"x" * (PART + 1), 413, "at most 65,536 bytes"),
        (b"x" * 100, 409, "at least 65,536 bytes"),
        (b"", 409, "The part is empty"),
    ],
)
def test_a_part_of_a_wrong_size_is_rejected(browser: Client, content: bytes, status: int, sentence: str) -> None:
    upload = announce(browser, b"x" * 200_000).json()["id"]
    answer = put(browser, upload, 0, content)
    assert (answer.status_code, sentence in answer.json()["errors"][0]["detail"]) == (status, True)
    assert read(browser, upload)["received"] == 0
    assert not upload_parts.upload_ids()


def test_more_bytes_than_announced_are_rejected(browser: Client) -> None:
    upload = announce(browser, b"x" * 100).json()["id"]
    answer = put(browser, upload, 0, b"x" * 101)
    assert (answer.status_code, "only 100 bytes of the file" in answer.json()["errors"][0]["detail"]) == (413, True)


def test_a_file_that_is_too_large_is_rejected_at_once(browser: Client, settings: Any) -> None:
    settings.UPLOAD_BYTES = 99
    answer = announce(browser, b"x" * 100)
    assert (answer.status_code, "at most 99 are allowed" in answer.json()["errors"][0]["detail"]) == (413, True)


def test_the_quota_of_a_team_counts_stored_and_announced_bytes(browser: Client, settings: Any, tmp_path: Path) -> None:
    ingested(browser, ZIP, tmp_path / "scratch")
    kept = sum(ArtifactUse.objects.values_list("artifact__bytes", flat=True))
    settings.TEAM_BYTES = kept + 150
    announce(browser, b"x" * 100)
    answer = announce(browser, b"x" * 100)
    assert (answer.status_code, "50 of them are free" in answer.json()["errors"][0]["detail"]) == (409, True)


def test_a_team_has_a_maximum_number_of_uploads_at_once(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_UNDER_WAY", 1)
    announce(browser, b"x")
    answer = announce(browser, b"x")
    assert (answer.status_code, "Finish or cancel" in answer.json()["errors"][0]["detail"]) == (409, True)


def test_each_role_may_send_and_see_what_it_should(
    owner: User, colleague: User, viewer: User, stranger: User, signed_in: SignedIn, tmp_path: Path
) -> None:
    assert announce(signed_in(viewer), ZIP).status_code == 403
    upload = announce(signed_in(owner), ZIP).json()["id"]
    assert put(signed_in(viewer), upload, 0, ZIP).status_code == 403
    assert put(signed_in(stranger), upload, 0, ZIP).status_code == 404
    assert put(signed_in(colleague), upload, 0, ZIP[:PART]).status_code == 200
    for offset in range(PART, len(ZIP), PART):
        put(signed_in(owner), upload, offset, ZIP[offset : offset + PART])
    assert signed_in(viewer).post(f"/api/uploads/{upload}/finish").status_code == 403
    assert signed_in(stranger).post(f"/api/uploads/{upload}/finish").status_code == 404
    assert signed_in(colleague).post(f"/api/uploads/{upload}/finish").status_code == 202
    work(tmp_path / "scratch")
    dataset = read(signed_in(viewer), upload)["dataset"]
    for path in (f"/api/uploads/{upload}", f"/api/datasets/{dataset}", f"/api/datasets/{dataset}/sample"):
        assert signed_in(viewer).get(path).status_code == 200
        assert signed_in(stranger).get(path).status_code == 404
        assert Client().get(path).status_code == 401
    assert [each["name"] for each in signed_in(stranger).get("/api/datasets").json()["results"]] == [*DATASETS]
    assert signed_in(stranger).get("/api/uploads").json() == []
    assert signed_in(viewer).delete(f"/api/datasets/{dataset}").status_code == 403
    assert signed_in(stranger).delete(f"/api/datasets/{dataset}").status_code == 404
    assert signed_in(viewer).delete(f"/api/uploads/{upload}").status_code == 403
    assert signed_in(colleague).delete(f"/api/datasets/{dataset}").status_code == 403  # the owner uploaded it
    assert signed_in(owner).delete(f"/api/datasets/{dataset}").status_code == 200


def test_a_rejected_upload_has_a_message_and_leaves_no_files(browser: Client, tmp_path: Path) -> None:
    refused = ingested(browser, zipped(folders(classes=["cat"])), tmp_path / "scratch")
    assert (refused["status"], refused["dataset"]) == ("refused", None)
    assert refused["why"] == "All images are of one class, “cat”. Add images of another class."
    assert nothing_left(tmp_path)
    assert not Artifact.objects.exists() and not Dataset.objects.exists()


def test_equal_data_uploaded_twice_is_stored_once(browser: Client, tmp_path: Path) -> None:
    files = folders(each=20)
    first = ingested(browser, zipped(files), tmp_path / "scratch", title="Pets")
    stored = set(Artifact.objects.values_list("pk", flat=True))
    renamed = {name.replace(".png", "x.png"): content for name, content in reversed(files.items())}
    second = ingested(browser, tarred(renamed, "gz"), tmp_path / "scratch", title="Other")
    assert (second["status"], second["dataset"]) == ("done", first["dataset"])
    assert second["why"] == "The team already has the same images as the dataset “Pets”."
    assert set(Artifact.objects.values_list("pk", flat=True)) == stored
    assert Dataset.objects.count() == 1


def test_another_team_gets_its_own_dataset_of_equal_data(
    browser: Client, stranger: User, signed_in: SignedIn, tmp_path: Path
) -> None:
    first = ingested(browser, ZIP, tmp_path / "scratch")
    second = ingested(signed_in(stranger), ZIP, tmp_path / "scratch")
    assert first["dataset"] != second["dataset"]
    assert Artifact.objects.count() == 3


def test_cancelling_at_any_time_leaves_no_files(browser: Client, tmp_path: Path) -> None:
    upload = announce(browser, ZIP).json()["id"]
    put(browser, upload, 0, ZIP[:PART])
    assert browser.delete(f"/api/uploads/{upload}").status_code == 204
    assert browser.get(f"/api/uploads/{upload}").status_code == 404
    assert put(browser, upload, PART, ZIP).status_code == 404
    upload = send(browser, ZIP)["id"]
    assert browser.delete(f"/api/uploads/{upload}").status_code == 204
    assert leases.claim(WORKER) is None
    upload = send(browser, ZIP)["id"]
    lease = claimed()
    assert read(browser, upload)["status"] == "ingesting"
    assert leases.renew(lease, {"images": 7, "share": 0.5}) == "continue"
    assert read(browser, upload)["progress"] == {"images": 7, "share": 0.5}
    assert browser.delete(f"/api/uploads/{upload}").status_code == 204
    assert leases.renew(lease) == "stop"
    wait_for = artifacts.RetryingFiles(lambda: True).wait_for
    with (
        pytest.raises(uploads.UploadCancelled),
        uploads.prepared_payload(lease.payload, tmp_path / "scratch", wait_for),
    ):
        raise AssertionError("there is nothing to read")
    assert not leases.complete(lease, {"status": "refused", "why": "late"}, NUMERICS)
    assert nothing_left(tmp_path)
    assert not Upload.objects.exists() and not Work.objects.exists()


KEPT = "Reading the file failed; the file is kept."
THEN = "Then read it again, or cancel the upload."


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ("ReaderDied: The process that reads it was killed.", "The process that reads it was killed."),
        ("The disk is full: make room. ([Errno 28] No space)", "The disk is full: make room. ([Errno 28] No space)"),
        ("KeyError: 'x'", "The worker's log says what happened."),
    ],
)
def test_an_error_that_is_not_the_files_is_shown_and_the_file_can_be_read_again(
    browser: Client, tmp_path: Path, message: str, sentence: str
) -> None:
    upload = send(browser, ZIP)["id"]
    for _ in range(leases.MAX_TRIES):
        leases.fail(claimed(), "exception", message, NUMERICS)
    failed = read(browser, upload)
    assert (failed["status"], failed["received"], failed["why"]) == ("receiving", len(ZIP), f"{KEPT} {sentence} {THEN}")
    assert leases.claim(WORKER) is None
    more = put(browser, upload, len(ZIP), ZIP[:PART])
    assert (more.status_code, "received completely" in more.json()["errors"][0]["detail"]) == (409, True)
    again = browser.post(f"/api/uploads/{upload}/finish").json()
    assert (again["status"], again["why"]) == ("waiting", "")
    work(tmp_path / "scratch")
    assert read(browser, upload)["status"] == "done"
    assert nothing_left(tmp_path)


def test_an_upload_whose_workers_keep_dying_can_be_read_again(browser: Client) -> None:
    upload = send(browser, ZIP)["id"]
    for _ in range(leases.MAX_LOST_LEASES):
        claimed()
        Work.objects.update(lease_until=clock.after(-1))
        sweep.sweep()
    failed = read(browser, upload)
    assert failed["status"] == "receiving" and failed["why"].startswith(f"{KEPT} The work lost its worker 10 times")
    assert upload_parts.upload_ids() == {upload}


def test_an_upload_with_a_lost_part_is_rejected(browser: Client, tmp_path: Path) -> None:
    upload = send(browser, ZIP)["id"]
    upload_parts.delete_parts(upload)
    tasks.run_item(claimed(), WORKER)
    refused = read(browser, upload)
    assert (refused["status"], refused["why"]) == (
        "refused",
        "Part 1 of the upload is missing from the store. Upload the file again.",
    )


def test_a_dataset_that_exceeds_the_quota_of_the_team_is_rejected(
    browser: Client, settings: Any, tmp_path: Path
) -> None:
    content = zipped(folders(each=20, size=(8, 8)))
    upload = send(browser, content, options={"side": 224})
    settings.TEAM_BYTES = 1_000_000
    work(tmp_path / "scratch")
    refused = read(browser, upload["id"])
    assert (refused["status"], refused["dataset"]) == ("refused", None)
    assert refused["why"].startswith("The team may keep 1,000,000 bytes of data; 1,000,000 of them are free.")
    assert nothing_left(tmp_path)
    garbage_collection.sweep_store()
    assert not Artifact.objects.exists() and not Dataset.objects.exists()


def test_two_readers_of_an_upload_use_separate_scratch_files(browser: Client, tmp_path: Path) -> None:
    """The one that lost its lease still reads its own file after the other has ended."""
    lease = (send(browser, ZIP), claimed())[1]
    wait_for = artifacts.RetryingFiles(lambda: False).wait_for
    with uploads.prepared_payload(lease.payload, tmp_path / "scratch", wait_for) as late:
        with uploads.prepared_payload(lease.payload, tmp_path / "scratch", wait_for) as payload:
            assert payload["path"] != late["path"]
        assert Path(late["path"]).read_bytes() == ZIP


def test_an_upload_can_be_cancelled_while_the_store_denies_access(
    browser: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(upload: str) -> None:
        raise storage.AccessDenied("The object store refused the request: AccessDenied.")

    upload = announce(browser, ZIP).json()["id"]
    monkeypatch.setattr(upload_parts, "delete_parts", refuse)
    assert browser.delete(f"/api/uploads/{upload}").status_code == 204
    assert "AccessDenied" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_continues_is_not_swept(browser: Client, settings: Any) -> None:
    upload = announce(browser, ZIP).json()["id"]
    Upload.objects.update(touched_at=clock.after(-settings.ABANDONED_SECONDS - 1))
    swept = threading.Thread(target=sweep_elsewhere)
    with transaction.atomic():
        Upload.objects.update(touched_at=clock.after(0))
        swept.start()
        wait_for_the_lock()  # the sweep has listed the upload
    swept.join(20)
    assert not swept.is_alive()
    assert read(browser, upload)["status"] == "receiving"


def sweep_elsewhere() -> None:
    """For a thread with its own connection."""
    try:
        uploads.delete_abandoned()
    finally:
        connection.close()


def test_an_abandoned_upload_is_swept(browser: Client, settings: Any, tmp_path: Path) -> None:
    upload = announce(browser, ZIP).json()["id"]
    put(browser, upload, 0, ZIP[:PART])
    sweep.sweep()
    assert read(browser, upload)["received"] == PART
    Upload.objects.update(touched_at=clock.after(-settings.ABANDONED_SECONDS - 1))
    sweep.sweep()
    assert browser.get(f"/api/uploads/{upload}").status_code == 404
    assert nothing_left(tmp_path)


def test_ended_uploads_are_listed_for_a_day(browser: Client, tmp_path: Path) -> None:
    done = ingested(browser, ZIP, tmp_path / "scratch")
    going = announce(browser, ZIP).json()
    assert [each["id"] for each in browser.get("/api/uploads").json()] == [going["id"], done["id"]]
    Upload.objects.update(touched_at=clock.after(-90_000))
    assert [each["id"] for each in browser.get("/api/uploads").json()] == [going["id"]]


def test_a_lost_lease_makes_no_second_dataset(browser: Client, tmp_path: Path) -> None:
    upload = send(browser, ZIP)["id"]
    late = claimed()
    Work.objects.update(lease_until=clock.after(-1))
    leases.expire()
    work(tmp_path / "scratch")
    assert not leases.complete(late, {"status": "refused", "why": "late"}, NUMERICS)
    assert read(browser, upload)["status"] == "done"


@pytest.mark.parametrize("modified", [1_764_500_000_123, -86_400_000, None])
def test_an_upload_says_when_its_file_was_modified(browser: Client, modified: int | None) -> None:
    upload = announce(browser, ZIP, modified=modified).json()
    assert upload["modified"] == read(browser, upload["id"])["modified"] == modified


def test_malformed_bodies_are_answered_400(browser: Client, team: Team) -> None:
    named: Json = {"name": "a", "bytes": 1}
    for body in ({}, {**named, "name": ""}, {**named, "bytes": 0}, {**named, "options": {"side": 7}}):
        assert browser.post("/api/uploads", body, content_type="application/json").status_code == 400
    upload = announce(browser, ZIP).json()["id"]
    for query in ("", "?offset=-1", "?offset=x"):
        address = f"/api/uploads/{upload}/parts{query}"
        assert browser.put(address, b"x", content_type="application/octet-stream").status_code == 400
