"""The only writer of trained models: full trainings of architectures, and their pause, resume and stop.

Order of locks: the model before its work.
"""

from search.base import serialization
from search.base.serialization import Json
from search.data import datasets
from search.network import macro as macros
from search.network.graph import Graph
from search.network.limits import BOUNDS
from webapp.core import pokes
from webapp.core.errors import Conflict, InvalidField
from webapp.core.transactions import short_transaction
from webapp.datasets.lookup import find, lock
from webapp.entries import locks
from webapp.models import Architecture, ArtifactUse, Team, TrainedModel, User, Work
from webapp.models.enums import FileFormat, ModelStatus, WorkStatus
from webapp.models.kinds import EXPORT, FINAL
from webapp.scheduling import queue

#: Of an export that has made no file yet.
EXPORT_STATUSES = ("queued", "running", "failed")
_PENDING = {WorkStatus.QUEUED.value: "queued", WorkStatus.LEASED.value: "running"}


def matching(architecture: Architecture, team: Team, dataset: str) -> tuple[datasets.Dataset, Json]:
    """The dataset, and the architecture's macro fitted to its inputs and outputs. Raises InvalidField where the dataset
    does not exist or is of another kind."""
    data = find(team, dataset)
    try:
        return data, serialization.to_jsonable(macros.adapt(macros.read(architecture.macro), data.data))
    except macros.DataMismatch as error:
        raise InvalidField("dataset", str(error)) from None


def train(architecture: Architecture, team: Team, user: User, dataset: str, seed: int, recipe: Json) -> TrainedModel:
    """Queues a full training of the architecture on the dataset. Raises InvalidField, as `matching` does, and
    NotFound where the architecture was just deleted."""
    data, macro = matching(architecture, team, dataset)
    with short_transaction():
        lock(None if data.data.file is None else data.name)
        locks.existing(Architecture, architecture.pk)
        model = TrainedModel.objects.create(
            team=team,
            name=_name(data.title, seed),
            architecture=architecture,
            created_by=user,
            dataset=dataset,
            data_id=None if data.data.file is None else data.name,
            seed=seed,
            recipe=recipe,
        )
        _queue(
            model,
            {
                "kind": FINAL,
                "graph": Graph.from_dict(architecture.graph).canonical.to_dict(),
                "macro": macro,
                "recipe": recipe,
                "dataset": dataset,
                "split": data.split,
                "replicate": seed,
            }
            | ({} if data.data.file is None else {"file": data.data.file, "test_file": data.test_file}),
        )
    model.refresh_from_db()
    return model


@short_transaction()
def pause(model: TrainedModel) -> None:
    model = locks.existing(TrainedModel, model.pk)
    if not model.state.is_live or model.state is ModelStatus.STOPPING:
        raise Conflict(f"The training is already {model.status}.")
    _set_status(model, ModelStatus.PAUSED)


@short_transaction()
def resume(model: TrainedModel) -> None:
    """Continues from the last checkpoint, with fresh counts of tries."""
    model = locks.existing(TrainedModel, model.pk)
    if not model.state.may_resume:
        raise Conflict(f"The training is {model.status}: only a paused or failed training can be resumed.")
    item = _training(model)
    if item.status == WorkStatus.DONE:  # with an error
        item.status, item.outcome, item.failed = WorkStatus.QUEUED, None, False
    payload = serialization.loads(bytes(item.payload))
    payload.pop("finish", None)  # set by a stop that failed
    item.payload = serialization.dumps(payload)
    item.tries = item.lost_leases = 0
    item.save()
    still_running = item.status == WorkStatus.LEASED  # its worker has not noticed the pause yet
    _set_status(model, ModelStatus.RUNNING if still_running else ModelStatus.QUEUED)
    queue.wake(item.needs)


@short_transaction()
def stop(model: TrainedModel) -> None:
    """Ends the training early. A worker makes the model from the best epoch in the checkpoint; without any epoch the
    training ends at once, without a model."""
    model = locks.existing(TrainedModel, model.pk)
    if model.state.is_over or model.state is ModelStatus.STOPPING:
        raise Conflict(f"The training is already {model.status}.")
    item = _training(model)
    if not curve_of(model, item):
        Work.objects.filter(pk=item.pk).exclude(status=WorkStatus.DONE).update(
            status=WorkStatus.WITHDRAWN, token=None, lease_until=None
        )
        _set_status(model, ModelStatus.STOPPED)
        return
    item.payload = serialization.dumps({**serialization.loads(bytes(item.payload)), "finish": True})
    if item.status == WorkStatus.DONE:  # with an error
        item.status, item.outcome, item.failed, item.tries = WorkStatus.QUEUED, None, False, 0
    item.save()
    _set_status(model, ModelStatus.STOPPING)
    queue.wake(item.needs)


@short_transaction()
def export(model: TrainedModel) -> None:
    """Tries again to make the files whose export failed."""
    model = locks.existing(TrainedModel, model.pk)
    failed = list(model.work.select_for_update().filter(kind=EXPORT, status=WorkStatus.DONE, failed=True))
    if not failed:
        raise Conflict("No export of this model has failed.")
    for item in failed:
        item.status, item.outcome, item.failed, item.tries, item.lost_leases = WorkStatus.QUEUED, None, False, 0, 0
        item.save()
        queue.wake(item.needs)
    pokes.poke_model(model.pk)


def settle(item: Work, outcome: Json) -> None:
    """Handles an outcome of a training or an export. The caller holds the locks on the model and the item."""
    model = item.model
    assert model is not None
    ok = outcome["status"] == "ok"
    if item.kind == EXPORT:
        if ok:  # otherwise the trained weights exist all the same, and the item says why
            _keep_files(model, outcome)
    elif ok:
        _finish(model, item, outcome)
    else:
        _fail(model, item, outcome["code"])
    pokes.poke_model(model.pk)


def curve_of(model: TrainedModel, training: Work | None = None) -> list[Json]:
    """All epochs so far: those of the finished model, or else those that its running item has reported."""
    item = training or next(item for item in model.work.all() if item.kind == FINAL)
    curve: list[Json] = model.curve or item.telemetry.get("curve", [])
    return curve


def exports_of(model: TrainedModel) -> list[Json]:
    """The exports that have made no file yet, and why where they failed."""
    exports = [item for item in model.work.all() if item.kind == EXPORT]
    return [
        {
            "format": serialization.loads(bytes(item.payload))["format"],
            "status": _PENDING.get(item.status, "failed"),
            "error": item.last_error if item.failed else None,
        }
        for item in sorted(exports, key=lambda item: item.pk)
        if item.failed or item.status in _PENDING
    ]


def _name(dataset: str, seed: int) -> str:
    """Of a new model, which people may change; cut to the longest name allowed."""
    end = f", seed {seed}"
    return dataset[: BOUNDS.name - len(end)] + end


def left_of(model: TrainedModel) -> Json | None:
    """Epochs that are left, at least (`patience` may end a training early) and at most, and the seconds that they take:
    low, middle and high, by the last epochs. None where the training does not run; `seconds` is None before its first
    epoch."""
    item = next(item for item in model.work.all() if item.kind == FINAL)
    if not model.state.is_live or model.state is ModelStatus.STOPPING:
        return None
    curve, recipe = curve_of(model, item), model.recipe
    most = max(0, recipe["epochs"] - len(curve))
    least = min(most, recipe["patience"] - _since_best(curve)) if recipe["patience"] else most
    times = sorted(item.telemetry.get("epoch_seconds", []))
    seconds = None
    if times:
        low, middle, high = times[len(times) // 10], sum(times) / len(times), times[len(times) * 9 // 10]
        seconds = [round(low * least, 1), round(middle * most, 1), round(high * most, 1)]
    return {"epochs": [max(0, least), most], "seconds": seconds}


def _since_best(curve: list[Json]) -> int:
    """Epochs since the best one."""
    if not curve:
        return 0
    best = min(curve, key=lambda point: (_badness(point), point["epoch"]))
    return len(curve) - int(best["epoch"])


def _badness(point: Json) -> float:
    accuracy = point["val_accuracy"]
    return float(point["val_loss"] if accuracy is None else -accuracy)


def _finish(model: TrainedModel, item: Work, outcome: Json) -> None:
    model.curve, model.best_epoch = outcome["curve"], outcome["best_epoch"]
    for metric in ("val_accuracy", "test_accuracy", "val_perplexity", "test_perplexity"):
        setattr(model, metric, outcome.get(metric))
    model.error = None
    _keep_files(model, outcome)
    training = serialization.loads(bytes(item.payload))
    weights = next(file["sha256"] for file in outcome["files"] if file["format"] == FileFormat.SAFETENSORS)
    kept = {name: training[name] for name in ("graph", "macro", "dataset", "split", "file") if name in training}
    _queue(model, {"kind": EXPORT, "format": FileFormat.ONNX.value, "weights": weights, **kept})
    _set_status(model, ModelStatus.STOPPED if outcome.get("stopped") else ModelStatus.FINISHED)


def _keep_files(model: TrainedModel, outcome: Json) -> None:
    for file in outcome["files"]:
        ArtifactUse.objects.update_or_create(
            model=model,
            format=FileFormat(file["format"]),
            defaults={"artifact_id": file["sha256"], "name": file["name"], "check_result": file.get("check")},
        )


def _fail(model: TrainedModel, item: Work, code: str) -> None:
    model.error = item.last_error or f"The training ended without a result: {code}."
    model.curve = item.telemetry.get("curve", [])
    _set_status(model, ModelStatus.FAILED)


def _queue(model: TrainedModel, payload: Json) -> None:
    Work.objects.create(
        team_id=model.team_id,
        model=model,
        kind=payload["kind"],
        key=serialization.cache_key(payload, ""),
        payload=serialization.dumps(payload),
    )
    queue.wake(None)


def _training(model: TrainedModel) -> Work:
    """The training's item, locked: workers claim and lose items without the lock on the model."""
    return model.work.select_for_update().get(kind=FINAL)


def _set_status(model: TrainedModel, status: ModelStatus) -> None:
    model.status = status
    model.save()
    pokes.poke_model(model.pk)
