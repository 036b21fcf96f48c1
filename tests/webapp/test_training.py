"""Trainings from the catalog: queued, paused, stopped, resumed and exported; and their files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import full
from tests.webapp.ended import ended_search
from tests.webapp.fakes import NUMERICS, WORKER
from webapp.api import presenters
from webapp.catalog import training
from webapp.core.errors import Conflict
from webapp.files import artifacts
from webapp.files.storage import Unreachable
from webapp.models import Architecture, ArtifactUse, Membership, Team, TrainedModel, User, Work
from webapp.models.enums import ModelStatus, Role, WorkStatus
from webapp.models.kinds import EXPORT, FINAL
from webapp.scheduling import leases
from webapp.scheduling.leases import Lease

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
CURVE = [{"epoch": n, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": n / 10} for n in (1, 2)]
CHECK = {"max_difference": 1e-7, "runtime": "onnxruntime 1", "rows": 8}


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def architecture(team: Team, owner: User) -> Architecture:
    return ended_search(team, owner).architectures.get()


@pytest.fixture
def model(architecture: Architecture, owner: User) -> TrainedModel:
    assert architecture.team is not None
    recipe = serialization.to_jsonable(full("digits"))
    return training.train(architecture, architecture.team, owner, "digits", 0, recipe)


def claimed() -> Lease:
    lease = leases.claim(WORKER)
    assert lease is not None
    return lease


def file(tmp_path: Path, name: str, text: str) -> Json:
    (tmp_path / name).write_text(text)
    return {"name": name, "sha256": artifacts.put(tmp_path / name)}


def finished(tmp_path: Path, **more: Any) -> Json:
    weights = {"format": "safetensors", **file(tmp_path, "model.safetensors", "weights")}
    described = {"format": "architecture", **file(tmp_path, "architecture.json", "{}")}
    accuracies = {"val_accuracy": 0.2, "test_accuracy": 0.19, "best_epoch": 2, "epochs": 2, "curve": CURVE}
    return {"status": "ok", "stopped": False, "files": [weights, described], **accuracies, **more}


def train_to_end(tmp_path: Path, **more: Any) -> None:
    leases.complete(claimed(), finished(tmp_path, **more), NUMERICS)


def test_a_training_is_claimed_like_other_work(model: TrainedModel) -> None:
    lease = claimed()
    assert (lease.kind, lease.model, lease.search) == (FINAL, model.pk, None)
    assert lease.payload["recipe"]["epochs"] == 20
    model.refresh_from_db()
    assert model.status == ModelStatus.RUNNING


def test_the_curve_is_shown_while_a_training_runs(model: TrainedModel) -> None:
    leases.renew(claimed(), {"curve": CURVE})
    assert presenters.TrainedModelSerializer(model).data["curve"] == CURVE


def test_a_finished_training_keeps_its_files_and_queues_the_export(model: TrainedModel, tmp_path: Path) -> None:
    train_to_end(tmp_path)
    model.refresh_from_db()
    assert (model.status, model.best_epoch, model.test_accuracy) == (ModelStatus.FINISHED, 2, 0.19)
    export = claimed()
    assert export.payload["weights"] == model.files.get(format="safetensors").artifact_id
    onnx = {"format": "onnx", **file(tmp_path, "model.onnx", "onnx"), "check": CHECK}
    leases.complete(export, {"status": "ok", "files": [onnx]}, NUMERICS)
    shown = presenters.TrainedModelSerializer(TrainedModel.objects.get()).data
    assert [each["format"] for each in shown["files"]] == ["safetensors", "architecture", "onnx"]
    assert shown["files"][2]["check"] == CHECK


def test_a_paused_training_continues_when_it_is_resumed(model: TrainedModel) -> None:
    lease = claimed()
    leases.renew(lease, {"curve": CURVE})
    training.pause(model)
    assert leases.renew(lease) == "stop"
    leases.release(lease)
    assert leases.claim(WORKER) is None
    training.resume(model)
    assert claimed().work == lease.work
    assert presenters.TrainedModelSerializer(TrainedModel.objects.get()).data["curve"] == CURVE


def test_a_stopped_training_ends_with_its_best_epoch(model: TrainedModel, tmp_path: Path) -> None:
    lease = claimed()
    leases.renew(lease, {"curve": CURVE})
    training.stop(model)
    assert leases.renew(lease) == "stop"
    leases.release(lease)
    last = claimed()
    assert last.payload["finish"] is True
    assert leases.renew(last) == "continue"
    leases.complete(last, finished(tmp_path, stopped=True), NUMERICS)
    model.refresh_from_db()
    assert model.status == ModelStatus.STOPPED
    assert model.files.count() == 2


def test_a_training_stopped_before_its_first_epoch_ends_without_a_result(model: TrainedModel) -> None:
    training.stop(model)
    model.refresh_from_db()
    assert model.status == ModelStatus.STOPPED
    assert leases.claim(WORKER) is None
    with pytest.raises(Conflict, match="The training is already stopped"):
        training.stop(model)


def test_a_failed_training_shows_the_reason_and_may_be_resumed(model: TrainedModel) -> None:
    for _ in range(leases.MAX_TRIES):
        leases.fail(claimed(), "exception", "OSError: disk full", NUMERICS)
    model.refresh_from_db()
    assert (model.status, model.error) == (ModelStatus.FAILED, "OSError: disk full")
    training.resume(model)
    assert claimed().model == model.pk


def test_a_training_fails_after_ten_lost_leases(model: TrainedModel) -> None:
    Work.objects.filter(model=model).update(lost_leases=leases.MAX_LOST_LEASES)
    leases.give_up_repeatedly_lost("model")
    model.refresh_from_db()
    assert model.status == ModelStatus.FAILED
    assert "lost its worker 10 times" in (model.error or "")


def test_an_export_that_loses_too_many_leases_leaves_the_training_finished(model: TrainedModel, tmp_path: Path) -> None:
    train_to_end(tmp_path)
    Work.objects.filter(kind=EXPORT).update(lost_leases=leases.MAX_LOST_LEASES)
    leases.give_up_repeatedly_lost("model")
    model.refresh_from_db()
    assert (model.status, model.error) == (ModelStatus.FINISHED, None)
    (export,) = training.exports_of(model)
    assert export["status"] == "failed"
    assert "lost its worker 10 times" in export["error"]
    assert leases.claim(WORKER) is None


def test_a_training_that_failed_while_stopping_continues_when_it_is_resumed(model: TrainedModel) -> None:
    leases.renew(lease := claimed(), {"curve": CURVE})
    leases.release(lease)
    training.stop(model)
    for _ in range(leases.MAX_TRIES):
        leases.fail(claimed(), "exception", "OSError: disk full", NUMERICS)
    training.resume(model)
    assert "finish" not in claimed().payload


def test_a_failed_export_keeps_the_weights_says_why_and_can_be_tried_again(model: TrainedModel, tmp_path: Path) -> None:
    train_to_end(tmp_path)
    onnx = {"format": "onnx", "error": None}
    assert training.exports_of(model) == [{**onnx, "status": "queued"}]
    with pytest.raises(Conflict, match="No export of this model has failed"):
        training.export(model)
    for _ in range(leases.MAX_TRIES):
        lease = claimed()
        assert training.exports_of(model) == [{**onnx, "status": "running"}]
        leases.fail(lease, "exception", "RuntimeError: no such op", NUMERICS)
    model.refresh_from_db()
    assert (model.status, model.error, model.files.count()) == (ModelStatus.FINISHED, None, 2)
    failed = {"format": "onnx", "status": "failed", "error": "RuntimeError: no such op"}
    assert training.exports_of(model) == [failed]
    training.export(model)
    leases.fail(claimed(), "exception", "RuntimeError: no such op", NUMERICS)  # one try of three
    assert training.exports_of(model) == [{**onnx, "status": "queued"}]
    made = {"format": "onnx", "check": CHECK, **file(tmp_path, "model.onnx", "a graph")}
    assert leases.complete(claimed(), {"status": "ok", "files": [made]}, NUMERICS)
    assert training.exports_of(model) == []
    assert model.files.filter(format="onnx").exists()


def test_a_training_is_started_and_steered_over_rest(
    architecture: Architecture, owner: User, signed_in: SignedIn
) -> None:
    browser, body = signed_in(owner), {"dataset": "digits", "seed": 3, "recipe": {"epochs": 5}}
    answer = browser.post(f"/api/architectures/{architecture.pk}/train", body, content_type="application/json")
    assert (answer.status_code, answer.json()["epochs"], answer.json()["status"]) == (201, 5, "queued")
    path = f"/api/models/{answer.json()['id']}"
    paused = browser.post(f"{path}/commands", {"kind": "pause"}, content_type="application/json")
    assert (paused.status_code, paused.json()["status"]) == (201, "paused")
    again = browser.post(f"{path}/commands", {"kind": "pause"}, content_type="application/json")
    assert (again.status_code, again.json()["errors"][0]["detail"]) == (409, "The training is already paused.")
    assert browser.get(f"/api/architectures/{architecture.pk}").json()["models"][0]["seed"] == 3


def test_an_invalid_recipe_is_rejected_by_field(architecture: Architecture, owner: User, signed_in: SignedIn) -> None:
    body = {"dataset": "digits", "seed": 0, "recipe": {"epochs": 0}}
    answer = signed_in(owner).post(f"/api/architectures/{architecture.pk}/train", body, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "recipe.epochs")


def test_for_a_stranger_a_model_does_not_exist(model: TrainedModel, stranger: User, signed_in: SignedIn) -> None:
    browser = signed_in(stranger)
    for tail in ("", "/files/onnx"):
        assert browser.get(f"/api/models/{model.pk}{tail}").status_code == 404
    answer = browser.post(f"/api/models/{model.pk}/commands", {"kind": "stop"}, content_type="application/json")
    assert answer.status_code == 404


def test_a_model_belongs_to_the_team_of_its_architecture(
    architecture: Architecture, stranger: User, signed_in: SignedIn
) -> None:
    assert architecture.team is not None
    joined = Membership.objects.create(team=architecture.team, user=stranger, role=Role.VIEWER)
    browser, body = signed_in(stranger), {"dataset": "digits", "seed": 0, "recipe": {}}
    path = f"/api/architectures/{architecture.pk}/train"
    assert browser.post(path, body, content_type="application/json").status_code == 403
    joined.role = Role.MEMBER
    joined.save()
    assert browser.post(path, body, content_type="application/json").status_code == 201
    assert TrainedModel.objects.get().team == architecture.team


def test_a_viewer_sees_a_model_and_cannot_steer_it(model: TrainedModel, viewer: User, signed_in: SignedIn) -> None:
    browser = signed_in(viewer)
    assert browser.get(f"/api/models/{model.pk}").status_code == 200
    answer = browser.post(f"/api/models/{model.pk}/commands", {"kind": "stop"}, content_type="application/json")
    assert answer.status_code == 403


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("closed_connections", "file_store")
async def test_a_download_streams_the_file_as_an_attachment(
    model: TrainedModel, owner: User, signed_in: SignedIn, tmp_path: Path
) -> None:
    await sync_to_async(train_to_end)(tmp_path)
    browser = AsyncClient()
    await browser.aforce_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    answer: Any = await browser.get(f"/api/models/{model.pk}/files/safetensors")
    assert answer["Content-Disposition"] == 'attachment; filename="model.safetensors"'
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert (answer["Content-Length"], answer.is_async) == ("7", True)
    assert b"".join([part async for part in answer.streaming_content]) == b"weights"
    answer.close()
    assert (await browser.get(f"/api/models/{model.pk}/files/onnx")).status_code == 404


def test_only_listed_formats_can_be_downloaded(
    model: TrainedModel, owner: User, signed_in: SignedIn, tmp_path: Path
) -> None:
    weights = file(tmp_path, "weights", "of a candidate")
    ArtifactUse.objects.create(model=model, artifact_id=weights["sha256"], format="weights", name="weights")
    assert signed_in(owner).get(f"/api/models/{model.pk}/files/weights").status_code == 404


def test_a_damaged_file_is_not_sent(model: TrainedModel, owner: User, signed_in: SignedIn, tmp_path: Path) -> None:
    train_to_end(tmp_path)
    weights = model.files.get(format="safetensors").artifact_id
    artifacts.verified_path(weights).write_text("weightz")
    answer = signed_in(owner).get(f"/api/models/{model.pk}/files/safetensors")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/json")
    assert answer.json()["errors"][0]["detail"] == f"The file {weights[:12]} has changed since it was stored."


def test_an_unreachable_store_is_answered_503(
    model: TrainedModel, owner: User, signed_in: SignedIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(sha256: str) -> Path:
        raise Unreachable("The object store s3://garden cannot be reached.")

    train_to_end(tmp_path)
    monkeypatch.setattr(artifacts, "verified_path", away)
    answer = signed_in(owner).get(f"/api/models/{model.pk}/files/safetensors")
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["detail"].startswith("The file store cannot be reached.")


def test_stopping_a_queued_training_withdraws_its_work(model: TrainedModel) -> None:
    training.stop(model)
    assert Work.objects.get(model=model).status == WorkStatus.WITHDRAWN
