"""Uploaded datasets: their pages, searches and trainings on them, and deletion."""

from pathlib import Path

import pytest
from django.db.models import F
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from tests.archives import arrays, folders, npz, zipped
from tests.webapp.sending import SignedIn, ingested, work
from webapp.models import ArtifactUse, Dataset, Search, TrainedModel, Upload, User, Work
from webapp.models.enums import SearchStatus, UploadStatus, WorkStatus
from webapp.searches import lifecycle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploading")]


def test_the_page_of_an_uploaded_dataset_describes_its_content(browser: Client, tmp_path: Path) -> None:
    files = folders(each=20, parts=("train", "test")) | {"__MACOSX/._x": b"x", ".DS_Store": b"x"}
    done = ingested(browser, zipped(files), tmp_path / "scratch")
    page = browser.get(f"/api/datasets/{done['dataset']}").json()
    assert page["class_names"] == ["cat", "dog"]
    assert page["class_counts"] == [{"train": 17, "validation": 3, "test": 20}] * 2
    assert page["split_given"] is True
    origin = {"file": "pets.zip", "bytes": len(zipped(files)), "format": "zip", "left_out": 2, "tokens": None}
    assert (page["origin"], page["excerpt"]) == (origin, None)
    assert page["used_by"] == {"searches": 0, "models": 0}
    assert page["sample"]["images"] == [{"class": name} for name in ("cat", "dog") for _ in range(8)]
    sample = browser.get(f"/api/datasets/{done['dataset']}/sample")
    assert (sample["Content-Type"], sample["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert sample.content.startswith(b"\x89PNG")


def test_a_built_in_dataset_has_a_page(browser: Client) -> None:
    page = browser.get("/api/datasets/digits").json()
    assert (page["class_names"], page["origin"], page["uploaded"]) == (list("0123456789"), None, False)
    assert browser.get("/api/datasets/digits/sample").content.startswith(b"\x89PNG")
    assert browser.delete("/api/datasets/digits").status_code == 403


TINY: Json = {
    "strategy": "autoshrink",
    "seed": 0,
    "budget": {"params": 30_000},
    "settings": {
        "space": {"nodes": 3},
        "strategy": {"candidates": 1, "patience": 0, "keep_edges": 2},
        "evaluator": {"epochs": 1},
    },
}


@pytest.fixture
def dataset(browser: Client, tmp_path: Path) -> Json:
    content = npz(**arrays(60, shape=(8, 8)))
    return ingested(browser, content, tmp_path / "scratch", name="tiny.npz")


def test_a_search_runs_on_an_uploaded_dataset_and_its_answer_trains(
    browser: Client, dataset: Json, tmp_path: Path
) -> None:
    name = dataset["dataset"]
    draft = {**TINY, "dataset": name}
    preview = browser.post("/api/searches/preview", draft, content_type="application/json")
    assert preview.json()["fits"] is True
    made = browser.post("/api/searches", draft, content_type="application/json").json()
    assert made["name"] == "AutoShrink on tiny"
    stored = Dataset.objects.get()
    training = stored.files.get(format="training_data").artifact_id
    test = stored.files.get(format="test_data").artifact_id
    search = Search.objects.get(pk=made["id"])
    assert (search.data_id, search.task["data"]) == (
        name,
        {"kind": "image", "shape": [1, 8, 8], "classes": 2, "file": training, "test_file": None},
    )
    while search.status in (SearchStatus.QUEUED, SearchStatus.RUNNING):
        while Work.objects.filter(status=WorkStatus.QUEUED).exists():
            payload = work(tmp_path / "scratch").payload
            assert (
                payload["file"] == training and test not in serialization.dumps(payload).decode()
            )  # the test part is never sent
        lifecycle.advance(search.pk)
        search.refresh_from_db()
    assert search.status == SearchStatus.FINISHED, search.error or search.pause_reason

    found = search.architectures.get()
    body = {"dataset": name, "seed": 0, "recipe": {"epochs": 2}}
    answer = browser.post(f"/api/architectures/{found.pk}/train", body, content_type="application/json")
    assert answer.status_code == 201
    assert work(tmp_path / "scratch").payload["test_file"] == test
    assert "test_file" not in work(tmp_path / "scratch").payload  # the export
    model = TrainedModel.objects.get()
    assert (model.status, model.data_id, model.error) == ("finished", name, None)
    assert {use.format for use in model.files.all()} == {"safetensors", "architecture", "onnx"}

    refused = browser.delete(f"/api/datasets/{name}")
    assert (refused.status_code, "cannot be deleted" in refused.json()["errors"][0]["detail"]) == (409, True)
    assert browser.get(f"/api/datasets/{name}").json()["used_by"] == {"searches": 1, "models": 1}


def test_a_dataset_of_another_team_is_not_found(dataset: Json, stranger: User, signed_in: SignedIn) -> None:
    draft = {**TINY, "dataset": dataset["dataset"]}
    for path in ("/api/searches", "/api/searches/preview"):
        answer = signed_in(stranger).post(path, draft, content_type="application/json")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "dataset")


def test_a_deleted_dataset_is_back_when_the_same_data_are_uploaded_again(
    browser: Client, dataset: Json, tmp_path: Path
) -> None:
    address = f"/api/datasets/{dataset['dataset']}"
    assert browser.delete(address).status_code == 200
    assert browser.get(address).status_code == 404
    assert ArtifactUse.objects.exists()  # its files are kept while it can be restored
    again = ingested(browser, npz(**arrays(60, shape=(8, 8))), tmp_path / "scratch", name="other.npz")
    assert (again["dataset"], again["why"]) == (
        dataset["dataset"],
        "The team had deleted the same images: the dataset “tiny” is back.",
    )
    assert browser.get(address).status_code == 200
    assert Dataset.objects.filter(deleted_by=None).count() == 1


def test_deleting_an_upload_keeps_its_dataset(browser: Client, dataset: Json) -> None:
    assert browser.delete(f"/api/uploads/{dataset['id']}").status_code == 204
    assert browser.get(f"/api/datasets/{dataset['dataset']}").status_code == 200
    assert not Upload.objects.filter(received=F("bytes"), status=UploadStatus.DONE).exists()
