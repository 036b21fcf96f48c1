"""Rows of older tables are valid after the migrations."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now

from search.network import macro as macros
from search.spaces import cnn

BEFORE_FACTORS = "0007_rename_columns"
IMAGE = {
    "input": [1, 8, 8],
    "classes": 10,
    "stem_filters": 8,
    "stages": [{"filters": 8, "cells": 1, "stride": 1}],
    "stem_stride": 1,
    "head_filters": None,
    "activation": "relu",
}
TEXT = {"vocabulary": 2_000, "hidden": 8}


def _at(name: str | None = None) -> Apps:
    """The models after the named migration, or the current ones."""
    executor = MigrationExecutor(connection)
    targets = executor.loader.graph.leaf_nodes("webapp") if name is None else [("webapp", name)]
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def current_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    _at()


@pytest.mark.usefixtures("current_afterwards")
def test_a_search_from_before_branches_gets_a_first_branch_steps_for_its_rounds_and_all_limits() -> None:
    before = _at("0001_tables")
    user = before.get_model("webapp", "User").objects.create(email="early@example.org")
    team = before.get_model("webapp", "Team").objects.create(name="Early", slug="early")
    search = before.get_model("webapp", "Search").objects.create(
        id="early",
        team=team,
        created_by=user,
        name="Early",
        task={"budget": {"params": 9}},
        strategy="autoshrink",
        dataset="digits",
    )
    rounds, events = before.get_model("webapp", "Round"), before.get_model("webapp", "Event")
    for number in range(3):
        rounds.objects.create(search=search, number=number, status="done", state_before=b"")
    for seq, (number, kind) in enumerate([(0, "search_started"), (0, "step_decided"), (1, "step_decided")], 1):
        events.objects.create(search=search, seq=seq, branch=0, round=number, kind=kind, at=now(), payload=b"{}")
    after = _at(BEFORE_FACTORS)
    steps = after.get_model("webapp", "Round").objects.order_by("number").values_list("step", flat=True)
    branches = after.get_model("webapp", "Branch").objects.values_list("search", "number", "seq", "parent")
    search = after.get_model("webapp", "Search").objects.get()
    assert list(steps) == [0, 1, 2]
    assert list(branches) == [("early", 0, 1, None)]
    assert search.task == {"budget": {"params": 9, "latency": None, "device": None}}
    assert search.metric == "accuracy"


class Earlier:
    """A team's objects from before tasks had factors: a search, a fork of it, and what came out of them."""

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.user = self.create("User", email="early@example.org")
        self.team = self.create("Team", name="Early", slug="early")
        self.file = self.create("Artifact", sha256="a" * 64, bytes=1)
        self.dataset = self.create(
            "Dataset", team=self.team, created_by=self.user, title="Leaves", shape=[1, 8, 8], classes=["oak", "ash"],
            counts={"train": 2, "validation": 2, "test": 2}, split_given=True, content="0" * 64, split="1" * 64,
        )  # fmt: skip
        self.create("ArtifactUse", dataset=self.dataset, artifact=self.file, format="training_data", name="leaves")

    def create(self, model: str, /, **fields: Any) -> Any:
        return self.apps.get_model("webapp", model).objects.create(**fields)

    def search(self, name: str, **fields: Any) -> Any:
        """With all that belongs to a search."""
        search = self.create(
            "Search", id=name, team=self.team, created_by=self.user, name=name, task={"strategy": "autoshrink"},
            strategy="autoshrink", dataset=self.dataset.pk, data=self.dataset, **fields,
        )  # fmt: skip
        opened = self.create("Round", search=search, number=0, state_before=b"")
        item = self.work(IMAGE, round=opened, kind="train")
        self.create("ArtifactUse", round=opened, artifact=self.file, format="weights", name="weights")
        self.create("ArtifactUse", work=item, artifact=self.file, format="checkpoint", name="checkpoint")
        self.create("Event", search=search, seq=1, branch=0, round=0, kind="search_started", at=now(), payload=b"{}")
        self.create("View", search=search, seq=1, body=b"")
        self.create("Command", search=search, number=1, kind="pause", by=self.user)
        self.create("Candidate", search=search, branch=0, seq=1, index=0, step=1, cost={}, feasible=True)
        self.create("Branch", search=search, number=0, opened_by=self.user)
        return search

    def work(self, macro: Any, **fields: Any) -> Any:
        payload = {"kind": fields["kind"], "macro": macro, "graph": cnn.dense(3).to_dict()}
        return self.create("Work", team=self.team, key="", payload=json.dumps(payload).encode(), **fields)

    def architecture(self, name: str, nodes: int, macro: Any, **fields: Any) -> Any:
        graph = cnn.dense(nodes)
        return self.create(
            "Architecture", team=self.team, name=name, source="", strategy="autoshrink", graph=graph.to_dict(),
            macro=macro, hash=graph.hash, nodes=nodes, edges=len(graph.edges), cost={}, params=1, macs=1, **fields,
        )  # fmt: skip


@pytest.mark.usefixtures("current_afterwards")
def test_searches_from_before_factors_are_deleted_and_what_came_out_of_them_stays() -> None:
    earlier = Earlier(_at(BEFORE_FACTORS))
    search = earlier.search("first")
    earlier.search("fork", parent=search)
    found = earlier.architecture("Found", 3, IMAGE, kind="found", search=search, lineage={"seq": 1})
    earlier.architecture("Language", 4, TEXT, kind="found", search=search, val_perplexity=99.0)
    model = earlier.create(
        "TrainedModel", team=earlier.team, architecture=found, created_by=earlier.user, dataset=earlier.dataset.pk,
        data=earlier.dataset, recipe={"epochs": 1},
    )  # fmt: skip
    earlier.create("ArtifactUse", model=model, artifact=earlier.file, format="safetensors", name="model")
    training = earlier.work(IMAGE, model=model, kind="final")
    measurement = earlier.create(
        "Measurement", team=earlier.team, architecture=found, created_by=earlier.user
    )  # fmt: skip
    measuring = earlier.work(TEXT, measurement=measurement, kind="measure")

    after = _at("0008_three_factors")

    def rows(name: str) -> Any:
        return after.get_model("webapp", name).objects

    for name in ("Search", "Round", "Event", "View", "Command", "Candidate", "Branch"):
        assert not rows(name).exists(), name
    assert {each.name: each.macro for each in rows("Architecture").filter(team=earlier.team.pk)} == {
        "Found": {"kind": "image", **IMAGE},
        "Language": {"kind": "text", **TEXT},
    }
    for each in rows("Architecture").all():
        assert macros.read(each.macro)
        assert (each.search, each.lineage) == (None, None)
    assert rows("TrainedModel").get().architecture_id == found.pk
    assert set(rows("Work").values_list("pk", flat=True)) == {training.pk, measuring.pk}
    payloads = {item.pk: json.loads(bytes(item.payload)) for item in rows("Work").all()}
    assert payloads[training.pk]["macro"] == {"kind": "image", **IMAGE}
    assert payloads[measuring.pk]["macro"] == {"kind": "text", **TEXT}
    uses = rows("ArtifactUse").values_list("dataset", "model", "format")
    assert set(uses) == {(earlier.dataset.pk, None, "training_data"), (None, model.pk, "safetensors")}


@pytest.mark.usefixtures("current_afterwards")
def test_the_workers_of_a_search_become_those_of_its_kinds_of_work() -> None:
    earlier = Earlier(_at("0008_three_factors"))
    both = earlier.search("both", queue="cpu", numerics="torch 2", measured_on="desk")
    earlier.search("neither")
    opened = earlier.apps.get_model("webapp", "Round").objects.get(search=both)
    earlier.work(IMAGE, round=opened, index=1, kind="train", queue="gpu")
    after = _at("0009_placements")
    placements = after.get_model("webapp", "Placement").objects
    assert sorted(placements.values_list("search", "kind", "queue", "numerics", "machine")) == [
        (both.pk, "measure", "", "", "desk"),
        (both.pk, "train", "cpu", "torch 2", ""),
    ]
    assert set(after.get_model("webapp", "Work").objects.values_list("index", "needs")) >= {(1, "gpu")}


@pytest.mark.usefixtures("current_afterwards")
def test_searches_whose_log_cannot_be_read_are_deleted_and_what_came_out_of_them_stays() -> None:
    earlier = Earlier(_at("0009_placements"))
    search = earlier.search("first")
    earlier.search("fork", parent=search)
    earlier.create("Placement", search=search, kind="train", queue="cpu")
    found = earlier.architecture("Found", 3, IMAGE, kind="found", search=search, lineage={"seq": 1})
    model = earlier.create(
        "TrainedModel", team=earlier.team, architecture=found, created_by=earlier.user, dataset=earlier.dataset.pk,
        data=earlier.dataset, recipe={"epochs": 1},
    )  # fmt: skip
    training = earlier.work(IMAGE, model=model, kind="final")
    after = _at("0010_events_version_2")

    def rows(name: str) -> Any:
        return after.get_model("webapp", name).objects

    for name in ("Search", "Round", "Event", "Command", "Candidate", "Branch", "Placement"):
        assert not rows(name).exists(), name
    kept = rows("Architecture").get(pk=found.pk)
    assert (kept.search, kept.lineage, kept.graph) == (None, None, cnn.dense(3).to_dict())
    assert (rows("Dataset").get().pk, rows("TrainedModel").get().pk) == (earlier.dataset.pk, model.pk)
    assert (rows("Work").get().pk, rows("Work").get().about) == (training.pk, [])
    assert set(rows("ArtifactUse").values_list("dataset", "format")) == {(earlier.dataset.pk, "training_data")}


@pytest.mark.usefixtures("current_afterwards")
def test_models_get_names_and_architectures_the_person_who_started_their_search() -> None:
    earlier = Earlier(_at("0010_events_version_2"))
    search = earlier.create(
        "Search", id="first", team=earlier.team, created_by=earlier.user, name="First", task={}, strategy="autoshrink",
        dataset="digits",
    )  # fmt: skip
    found = earlier.architecture("Found", 3, IMAGE, kind="found", search=search)
    earlier.architecture("Scaled", 3, IMAGE, kind="scaled", parent=found)
    earlier.dataset.title = "x" * 120
    earlier.dataset.save()
    for seed, dataset in enumerate(("digits", "python-docs", earlier.dataset.pk, "lost")):
        earlier.create(
            "TrainedModel", team=earlier.team, architecture=found, created_by=earlier.user, dataset=dataset, seed=seed,
            recipe={},
        )  # fmt: skip
    after = _at()
    models = after.get_model("webapp", "TrainedModel").objects.order_by("seed")
    assert [(model.name, model.tags, model.deleted_at) for model in models] == [
        ("Handwritten digits, seed 0", {}, None),
        ("Python reference, seed 1", {}, None),
        ("x" * 112 + ", seed 2", {}, None),
        ("lost, seed 3", {}, None),
    ]
    architectures = after.get_model("webapp", "Architecture").objects.order_by("name")
    assert [each.created_by_id for each in architectures] == [earlier.user.pk, None]


@pytest.mark.usefixtures("current_afterwards")
def test_teams_from_before_are_not_given_the_sample_search_again_and_new_ones_are() -> None:
    earlier = Earlier(_at("0012_launches"))
    teams = _at().get_model("webapp", "Team").objects
    teams.create(name="Later", slug="later")
    assert dict(teams.values_list("pk", "has_sample"))[earlier.team.pk] is True
    assert teams.get(slug="later").has_sample is False


@pytest.mark.usefixtures("current_afterwards")
def test_a_search_from_before_counts_its_forks() -> None:
    earlier = Earlier(_at("0016_files_of_results"))
    given = {"team": earlier.team, "created_by": earlier.user, "task": {}, "strategy": "random", "dataset": "digits"}
    source = earlier.create("Search", id="source", name="Source", **given)
    for name in ("one", "two"):
        earlier.create("Search", id=name, name=name, parent=source, **given)
    counts = dict(_at().get_model("webapp", "Search").objects.values_list("pk", "forks_made"))
    assert counts == {"source": 2, "one": 0, "two": 0}
