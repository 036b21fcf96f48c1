"""Text datasets: uploads, pages, searches and trainings, with perplexity as quality, where lower is better."""

import random
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from search.data import datasets
from tests.archives import tarred
from tests.webapp.endpoints import dataset_of
from tests.webapp.fakes import NUMERICS, WORKER, run_to_end, work_one
from tests.webapp.sending import ingested, work
from webapp.datasets.lookup import to_engine
from webapp.files import artifacts
from webapp.models import Candidate, Dataset, Search, Team, TrainedModel, User, Work
from webapp.models.enums import CommandKind, WorkStatus
from webapp.scheduling import leases
from webapp.searches import lifecycle, proposals, steering

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploading")]

RNN: Json = {
    "strategy": "autoshrink",
    "dataset": "python-docs",
    "seed": 0,
    "budget": {},
    "settings": {
        "space": {"nodes": 4, "hidden": 8},
        "strategy": {"candidates": 2, "patience": 0, "keep_edges": 2},
        "evaluator": {"epochs": 1},
    },
}


def lines(count: int, seed: int) -> bytes:
    rng = random.Random(seed)
    return "".join(" ".join(f"w{rng.randrange(150)}" for _ in range(9)) + "\n" for _ in range(count)).encode()


TALE = tarred({"train.txt": lines(200, 0), "valid.txt": lines(40, 1), "test.txt": lines(30, 2)}, "gz")


def post(browser: Client, path: str, body: Json) -> Any:
    return browser.post(path, body, content_type="application/json")


@pytest.fixture
def rnn(browser: Client) -> Search:
    launched = post(browser, "/api/searches", RNN).json()["id"]
    lifecycle.advance(launched)
    return Search.objects.get(pk=launched)


def test_an_uploaded_text_shows_an_excerpt_and_its_number_of_words(browser: Client, tmp_path: Path) -> None:
    options = {"tokens": "blanks", "vocabulary": 100}
    done = ingested(browser, TALE, tmp_path / "scratch", name="tale.tar.gz", options=options)
    assert (done["status"], done["options"]) == ("done", {"holds": None, "side": None, **options})
    page = browser.get(f"/api/datasets/{done['dataset']}").json()
    shown = {name: page[name] for name in ("kind", "title", "shape", "classes", "vocabulary", "sample", "class_counts")}
    assert shown == {
        "kind": "text",
        "title": "tale",
        "shape": None,
        "classes": None,
        "vocabulary": 100,
        "sample": None,
        "class_counts": [],
    }
    assert page["counts"] == {"train": 2_000, "validation": 400, "test": 300}
    assert page["about"].startswith(
        "2,700 words including line ends, 100 of them distinct. The split came with the data."
    )
    assert page["origin"] == {
        "file": "tale.tar.gz",
        "bytes": len(TALE),
        "format": "tar.gz",
        "left_out": 0,
        "tokens": "blanks",
    }
    assert page["excerpt"].splitlines()[0].split()[0] in [*lines(200, 0).decode().split(), "<unk>"]
    assert browser.get(f"/api/datasets/{done['dataset']}/sample").status_code == 404
    again = ingested(browser, TALE, tmp_path / "scratch", name="again.tar.gz", options=options)
    assert (again["dataset"], again["why"]) == (
        done["dataset"],
        "The team already has the same text as the dataset “tale”.",
    )


@pytest.mark.parametrize(
    "options", [{"holds": "sound"}, {"tokens": "letters"}, {"vocabulary": 99}, {"vocabulary": 50_001}]
)
def test_invalid_options_of_a_text_are_rejected(options: Json, browser: Client) -> None:
    answer = post(browser, "/api/uploads", {"name": "a.txt", "bytes": 1, "options": options})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, f"options.{next(iter(options))}")


def test_the_built_in_text_has_a_page(browser: Client) -> None:
    page = browser.get("/api/datasets/python-docs").json()
    assert (page["vocabulary"], page["sample"], page["origin"], page["class_names"]) == (2_000, None, None, [])
    assert "\n" in page["excerpt"] and 200 < len(page["excerpt"]) < 1_000
    assert browser.get("/api/datasets/python-docs/sample").status_code == 404


def test_a_search_on_text_minimises_the_perplexity_of_a_recurrent_cell(browser: Client, rnn: Search) -> None:
    preview = post(browser, "/api/searches/preview", RNN).json()
    assert (preview["fits"], {node["op"] for node in preview["graph"]["nodes"]} >= {"input"}) == (True, True)
    assert (rnn.task["space"]["name"], rnn.metric) == ("rnn", "perplexity")
    run_to_end(rnn)
    (row,) = browser.get("/api/searches").json()["results"]
    snapshot = browser.get(f"/api/searches/{rnn.pk}/snapshot").json()["snapshot"]
    scored = [row.quality for row in rnn.candidates.filter(status="ok") if row.quality is not None]
    assert (row["metric"], snapshot["metric"]) == ("perplexity", "perplexity")
    assert row["best_quality"] == snapshot["best"]["quality"]
    assert min(scored) <= row["best_quality"] < max(scored)
    found = browser.get(f"/api/architectures/{rnn.architectures.get().pk}").json()
    assert (found["metric"], found["val_accuracy"], found["val_perplexity"]) == (
        "perplexity",
        None,
        row["best_quality"],
    )
    assert found["macro"] == {"kind": "text", "vocabulary": 2_000, "hidden": 8}
    listed = browser.get("/api/architectures?sort=perplexity").json()["results"]
    assert listed[0]["id"] == found["id"]


def test_results_of_a_stopped_round_are_stored_in_their_own_metric(rnn: Search, owner: User) -> None:
    assert work_one() is not None
    steering.steer(rnn.pk, owner, CommandKind.STOP)
    kept = Candidate.objects.get(search=rnn, status="ok")
    assert kept.quality is not None and kept.quality >= 100


@pytest.mark.parametrize(("dataset", "space"), [("python-docs", "cnn"), ("digits", "rnn"), ("digits", "none")])
def test_a_space_for_another_kind_of_data_is_rejected_with_a_message(dataset: str, space: str, browser: Client) -> None:
    answer = post(browser, "/api/searches", {**RNN, "dataset": dataset, "space": space})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "space")
    assert f"has no space '{space}'" in answer.json()["errors"][0]["detail"]


def test_a_language_model_trains_on_a_text_and_ends_with_perplexities(
    browser: Client, rnn: Search, tmp_path: Path
) -> None:
    run_to_end(rnn)
    path = f"/api/architectures/{rnn.architectures.get().pk}"
    made = post(browser, f"{path}/train", {"dataset": "python-docs", "seed": 1, "recipe": {"epochs": 3}})
    assert (made.status_code, made.json()["metric"], made.json()["recipe"]["bptt"]) == (201, "perplexity", 35)
    lease = leases.claim(WORKER)
    assert lease is not None and lease.payload["macro"] == {"kind": "text", "vocabulary": 2_000, "hidden": 8}
    files = []
    for form, name in (("safetensors", "model.safetensors"), ("architecture", "architecture.json")):
        (tmp_path / name).write_text("{}")
        files.append({"format": form, "name": name, "sha256": artifacts.put(tmp_path / name)})
    curve = [{"epoch": 1, "train_loss": 5.0, "val_loss": 4.75, "val_accuracy": None}]
    reached = {"val_perplexity": 115.6, "test_perplexity": 120.5, "best_epoch": 1, "epochs": 1, "curve": curve}
    assert leases.complete(lease, {"status": "ok", "stopped": False, "files": files, **reached}, NUMERICS)
    model = browser.get(f"/api/models/{made.json()['id']}").json()
    assert {name: model[name] for name in reached if name != "epochs"} == {
        name: value for name, value in reached.items() if name != "epochs"
    }
    assert (model["status"], model["val_accuracy"], model["test_accuracy"]) == ("finished", None, None)


def test_training_on_a_dataset_of_another_kind_is_rejected_with_a_message(
    browser: Client, rnn: Search, make_search: Any
) -> None:
    images = make_search(settings={"space": {"nodes": 3}}, budget={"params": None})
    for search, dataset, detail in (
        (rnn, "digits", "This is a language model, and the dataset holds images. Pick a text dataset."),
        (images, "python-docs", "This network takes images, and the dataset is a text. Pick an image dataset."),
    ):
        run_to_end(search)
        body: Json = {"dataset": dataset, "seed": 0, "recipe": {}}
        answer = post(browser, f"/api/architectures/{search.architectures.get().pk}/train", body)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["attr"], error["detail"]) == (400, "dataset", detail)
    body = {"dataset": "python-docs", "seed": 0, "recipe": {"augment": "shift"}}
    answer = post(browser, f"/api/architectures/{rnn.architectures.get().pk}/train", body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "recipe.augment")
    assert not TrainedModel.objects.exists()


PUBLISHED: Json = {**RNN, "budget": {}, "settings": {"strategy": {"protocol": "published"}}}


def test_workers_get_the_test_part_only_where_candidates_are_validated_on_it(
    team: Team, owner: User, tmp_path: Path
) -> None:
    data = to_engine(dataset_of(team, owner, tmp_path))
    assert isinstance(data.data, datasets.ImageData)
    validating_on_it: list[Json] = [PUBLISHED["settings"], {"evaluator": {"recipe": "published"}}]
    for settings, test_file in (*((each, data.test_file) for each in validating_on_it), ({}, None)):
        task = proposals.task({**PUBLISHED, "dataset": data.name, "settings": settings}, data)
        assert isinstance(task.data, datasets.ImageData)
        assert (task.data.file, task.data.test_file) == (data.data.file, test_file)
    search = lifecycle.create(team, owner, "As published", serialization.to_jsonable(proposals.task(
        {**PUBLISHED, "dataset": data.name}, data
    )))  # fmt: skip
    lifecycle.advance(search.pk)
    item = Work.objects.filter(round__search=search).first()
    assert item is not None and serialization.loads(bytes(item.payload))["test_file"] == data.test_file


def test_limits_are_rejected_by_the_published_protocol_with_a_message(browser: Client) -> None:
    draft = {**PUBLISHED, "dataset": "digits", "budget": {"params": 10**6}}
    for path in ("/api/searches", "/api/searches/preview"):
        answer = post(browser, path, draft)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["attr"]) == (400, "settings")
        assert error["detail"].startswith("The published protocol has no limits: remove them")


def test_a_search_on_an_uploaded_text_runs_and_its_answer_trains(browser: Client, tmp_path: Path) -> None:
    name = ingested(browser, TALE, tmp_path / "scratch", name="tale.tar.gz")["dataset"]
    settings = {**RNN["settings"], "space": {"nodes": 3, "hidden": 8}}
    draft = {**RNN, "dataset": name, "settings": settings}
    search = Search.objects.get(pk=post(browser, "/api/searches", draft).json()["id"])
    stored = Dataset.objects.get()
    training = stored.files.get(format="training_data").artifact_id
    assert search.task["data"] == {"kind": "text", "vocabulary": 151, "file": training}
    while search.state.is_live:
        while Work.objects.filter(status=WorkStatus.QUEUED).exists():
            assert work(tmp_path / "scratch").payload["file"] == training
        lifecycle.advance(search.pk)
        search.refresh_from_db()
    assert search.status == "finished", search.error or search.pause_reason
    body: Json = {"dataset": name, "seed": 0, "recipe": {"epochs": 1, "batch": 8}}
    post(browser, f"/api/architectures/{search.architectures.get().pk}/train", body)
    assert work(tmp_path / "scratch").payload["test_file"] == stored.files.get(format="test_data").artifact_id
    work(tmp_path / "scratch")  # the export
    model = TrainedModel.objects.get()
    assert (model.status, model.error) == ("finished", None)
    assert model.val_perplexity is not None and model.test_perplexity is not None
    assert {use.format for use in model.files.all()} == {"safetensors", "architecture", "onnx"}
