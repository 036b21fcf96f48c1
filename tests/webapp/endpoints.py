"""All endpoints and sockets, read from the server's own routes, and objects for tests to request."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.proxies.scoring import Batches
from search.evaluation.recipes.image import full
from tests.webapp.ended import ended_search
from tests.webapp.fakes import NUMERICS, TASK, WORKER
from webapp.catalog import scores, training
from webapp.datasets import uploads
from webapp.devices import devices, measurements
from webapp.files import artifacts
from webapp.live import consumers
from webapp.models import Architecture, ArtifactUse, Dataset, Search, Team, TrainedModel, User
from webapp.models.enums import CommandKind, FileFormat
from webapp.scheduling import leases
from webapp.searches import drafts, groups, lifecycle, proposals, steering

PART = b"part of a file"
METHODS = ("get", "post", "put", "patch", "delete")


def http() -> Iterator[tuple[str, str | None]]:
    """Pattern and method of each endpoint; None for a plain view function, which does not declare its methods."""
    for pattern, view in _leaves(get_resolver()):
        behind = getattr(view, "cls", None) or getattr(view, "view_class", None)
        if behind is None:
            yield pattern, None
        for method in METHODS:
            if hasattr(behind, method):
                yield pattern, method.upper()


def sockets() -> list[str]:
    return [str(route.pattern) for route in consumers.websocket_urlpatterns]


def _leaves(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _leaves(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield before + str(entry.pattern), entry.callback


@dataclass
class World:
    """One object of each kind, all of one team."""

    search: Search
    architecture: Architecture
    model: TrainedModel
    token: str  # of the agent of a device
    ids: dict[str, str] = field(default_factory=dict)  # by the name of the collection in the path

    def address(self, pattern: str, kind: str = "") -> str:
        """The path for a pattern. `kind` selects another id than that of the collection in the path."""
        kind = kind or pattern.removeprefix("api/").removeprefix("ws/").partition("/")[0]
        filled = re.sub(r"<\w+:(id|name)>", self.ids.get(kind, "nothing"), pattern)
        filled = filled.replace("<slug:score>", self.ids.get("scores", "nothing"))
        for name, value in {"file_format": "safetensors", "branch": "0", "number": "1"}.items():
            filled = re.sub(rf"<\w+:{name}>", value, filled)
        return "/" + filled


def world(team: Team, owner: User, folder: Path) -> World:
    architecture = ended_search(team, owner).architectures.get()
    model = training.train(architecture, team, owner, "digits", 0, serialization.to_jsonable(full("digits")))
    lease = leases.claim(WORKER)
    assert lease is not None and lease.model == model.pk
    assert leases.complete(lease, _trained(folder), NUMERICS)
    passing, search = passing_things(team, owner, folder)
    device, token = devices.create(team, owner, "Desk")
    measurements.request(architecture, team, owner, device)
    (score,) = scores.request(architecture, team, owner, ["zico"], "digits", Batches(), 0)
    lasting = {"architectures": architecture.pk, "models": model.pk, "devices": device.pk, "scores": score.pk}
    return World(search, architecture, model, token, {**lasting, **passing})


def passing_things(team: Team, owner: User, folder: Path) -> tuple[dict[str, str], Search]:
    """Objects that a request may end or delete: a running search with a pending command, uploads, a dataset."""
    search = launch(team, owner)
    steering.steer(search.pk, owner, CommandKind.LOCK, "0-2")  # pending
    upload = uploads.create(team, owner, "half.zip", "Half", len(PART), {})
    whole = uploads.create(team, owner, "whole.zip", "Whole", len(PART), {})
    uploads.receive(whole.pk, 0, BytesIO(PART))
    dataset = dataset_of(team, owner, folder)
    task = serialization.to_jsonable(proposals.task(TASK))
    group = groups.launch(team, owner, "Twice", [task, {**task, "seed": 1}]).group
    draft = drafts.create(team, owner, "Later", {"seed": "one"})
    ids = {"uploads": upload.pk, "whole": whole.pk, "datasets": dataset.pk, "drafts": draft.pk, "groups": str(group)}
    return {"searches": search.pk, **ids}, search


def launch(team: Team, owner: User, name: str = "Passing", task: Json = TASK) -> Search:
    """A search whose first round is open."""
    search = lifecycle.create(team, owner, name, serialization.to_jsonable(proposals.task(task)))
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    return search


def dataset_of(team: Team, owner: User, folder: Path) -> Dataset:
    """A dataset as an upload creates it."""
    dataset = Dataset.objects.create(
        team=team,
        created_by=owner,
        title="Leaves",
        shape=[1, 8, 8],
        classes=["oak", "ash"],
        counts={"train": 2, "validation": 2, "test": 2},
        class_counts=[{"train": 1, "validation": 1, "test": 1}] * 2,
        split_given=True,
        content="0" * 64,
        split=uuid4().hex * 2,  # unique within a team
        about={"file": "leaves.zip", "bytes": 10, "format": "zip", "left_out": 0},
    )
    for form in (FileFormat.TRAINING_DATA, FileFormat.TEST_DATA, FileFormat.SAMPLE):
        (folder / form).write_text(form)
        sha256 = artifacts.put(folder / form)
        ArtifactUse.objects.create(dataset=dataset, format=form, artifact_id=sha256, name=form)
    return dataset


def _trained(folder: Path) -> Json:
    """The outcome of a training."""
    files = []
    for form, name in (("safetensors", "model.safetensors"), ("architecture", "architecture.json")):
        (folder / name).write_text("{}")
        files.append({"format": form, "name": name, "sha256": artifacts.put(folder / name)})
    curve = [{"epoch": 1, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}]
    scores = {"val_accuracy": 0.5, "test_accuracy": 0.5, "best_epoch": 1, "epochs": 1, "curve": curve}
    return {"status": "ok", "stopped": False, "files": files, **scores}
