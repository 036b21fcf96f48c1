"""What depends on an entry keeps it from being deleted, what a deletion leaves, and people who act at once."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import full
from tests.webapp.ended import ended_search
from tests.webapp.endpoints import dataset_of, world
from tests.webapp.fakes import TASK, WORKER, run_to_end
from tests.webapp.locks import InAThread, at_once, wait_for_the_lock
from tests.webapp.test_entries import expire
from webapp.catalog import architectures, training
from webapp.core.errors import InvalidField, NotFound
from webapp.datasets import lookup
from webapp.devices import measurements
from webapp.entries import changes
from webapp.entries.families import ARCHITECTURES, DATASETS, MODELS, SEARCHES
from webapp.models import Architecture, Artifact, Dataset, Measurement, Probe, Search, Team, TrainedModel, Upload, User
from webapp.models.enums import CommandKind, UploadStatus
from webapp.scheduling import presence
from webapp.searches import lifecycle, probes, proposals, steering
from webapp.worker import garbage_collection

SignedIn = Callable[[User], Client]
MakeSearch = Callable[..., Search]
in_one_transaction = pytest.mark.django_db
several_transactions = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"


@pytest.fixture
def dataset(team: Team, owner: User, tmp_path: Path) -> Dataset:
    return dataset_of(team, owner, tmp_path)


def launch(dataset: Dataset, user: User, name: str = "Small") -> Search:
    draft = {**TASK, "dataset": dataset.pk}
    task = proposals.task(draft, lookup.find(dataset.team, dataset.pk))
    return lifecycle.create(dataset.team, user, name, serialization.to_jsonable(task))


def train(architecture: Architecture, team: Team, user: User, dataset: str = "digits", seed: int = 0) -> TrainedModel:
    model = training.train(architecture, team, user, dataset, seed, serialization.to_jsonable(full("digits")))
    training.stop(model)
    return model


def scaled(parent: Architecture, team: Team, user: User) -> Architecture:
    return architectures.scale(parent, team, user, "Smaller", None, parent.macro, parent.cost, {"bytes_per_element": 4})


def error(answer: Any) -> tuple[int, str, str]:
    first = answer.json()["errors"][0]
    return answer.status_code, first["code"], first["detail"]


@in_one_transaction
def test_a_dataset_with_searches_and_models_is_not_deleted_and_the_refusal_names_them(
    browser: Client, dataset: Dataset, team: Team, owner: User
) -> None:
    for number in range(4):
        launch(dataset, owner, f"Search {number}")
    train(ended_search(team, owner).architectures.get(), team, owner, dataset.pk)
    refused = browser.delete(f"/api/datasets/{dataset.pk}")
    assert error(refused) == (
        409,
        "in_use",
        "“Leaves” cannot be deleted: 4 searches and 1 model depend on it (“Search 3”, “Search 2”, “Search 1” and 2 "
        "more). Delete those first, or archive the dataset.",
    )
    used_by = refused.json()["used_by"]
    assert [each["family"] for each in used_by] == ["searches"] * 4 + ["models"]
    assert used_by[4]["name"] == "Leaves, seed 0"


@in_one_transaction
def test_an_architecture_with_models_or_scaled_ones_is_not_deleted(browser: Client, team: Team, owner: User) -> None:
    trained = ended_search(team, owner, "Trained").architectures.get()
    model = train(trained, team, owner)
    refused = error(browser.delete(f"/api/architectures/{trained.pk}"))
    assert refused[2].startswith("“Trained” cannot be deleted: 1 model depends on it (“Handwritten digits, seed 0”).")
    parent = ended_search(team, owner, "Parent").architectures.get()
    scaled(parent, team, owner)
    assert "1 architecture depends on it (“Smaller”)" in error(browser.delete(f"/api/architectures/{parent.pk}"))[2]
    assert browser.delete(f"/api/models/{model.pk}").status_code == 200
    assert browser.delete(f"/api/architectures/{trained.pk}").status_code == 200


@in_one_transaction
def test_what_runs_must_be_stopped_first(browser: Client, search: Search, team: Team, owner: User) -> None:
    message = "“Small” is queued. Stop it first, then delete it."
    assert error(browser.delete(f"/api/searches/{search.pk}")) == (409, "conflict", message)
    architecture = ended_search(team, owner).architectures.get()
    model = training.train(architecture, team, owner, "digits", 0, serialization.to_jsonable(full("digits")))
    assert error(browser.delete(f"/api/models/{model.pk}"))[2].endswith("is queued. Stop it first, then delete it.")
    steering.steer(search.pk, owner, CommandKind.CANCEL)
    training.pause(model)
    assert browser.delete(f"/api/searches/{search.pk}").status_code == 200
    assert browser.delete(f"/api/models/{model.pk}").status_code == 200


@in_one_transaction
def test_a_deleted_search_leaves_its_architecture_and_its_forks_which_name_it_no_more(
    browser: Client, search: Search, owner: User
) -> None:
    run_to_end(search)
    fork = steering.fork(search.pk, owner, 1, name="Fork")
    found = search.architectures.get()
    browser.delete(f"/api/searches/{search.pk}")

    def shown() -> tuple[Any, Any, Any]:
        architecture = browser.get(f"/api/architectures/{found.pk}").json()
        (row,) = browser.get("/api/architectures").json()["results"]
        assert row["search"] is None
        return architecture["search"], architecture["lineage"], browser.get(f"/api/searches/{fork.pk}").json()["parent"]

    assert shown() == (None, None, None)
    browser.post(f"/api/searches/{search.pk}/restore")
    architecture = browser.get(f"/api/architectures/{found.pk}").json()
    assert architecture["search"] == architecture["lineage"]["search"] == search.pk
    browser.delete(f"/api/searches/{search.pk}")
    expire(search)
    garbage_collection.sweep()
    assert not Search.objects.filter(pk=search.pk).exists()
    assert shown() == (None, None, None)
    assert Architecture.objects.get().lineage is None


@in_one_transaction
def test_a_search_whose_architecture_was_deleted_says_so(browser: Client, team: Team, owner: User) -> None:
    search = ended_search(team, owner)
    found = search.architectures.get()
    before = browser.get(f"/api/searches/{search.pk}").json()
    assert (before["architecture"], before["architecture_deleted"]) == (found.pk, False)
    browser.delete(f"/api/architectures/{found.pk}")
    after = browser.get(f"/api/searches/{search.pk}").json()
    assert (after["architecture"], after["architecture_deleted"]) == (None, True)
    expire(found)
    garbage_collection.sweep()
    assert not Architecture.objects.exists()
    assert browser.get(f"/api/searches/{search.pk}").json()["architecture_deleted"] is True


@in_one_transaction
def test_a_search_that_found_nothing_does_not_call_its_architecture_deleted(
    browser: Client, search: Search, owner: User
) -> None:
    steering.steer(search.pk, owner, CommandKind.CANCEL)
    page = browser.get(f"/api/searches/{search.pk}").json()
    assert (page["architecture"], page["architecture_deleted"]) == (None, False)


@in_one_transaction
def test_nothing_is_restored_before_what_it_depends_on(
    browser: Client, dataset: Dataset, team: Team, owner: User
) -> None:
    search = launch(dataset, owner)
    steering.steer(search.pk, owner, CommandKind.CANCEL)
    architecture = ended_search(team, owner, "Cell").architectures.get()
    model = train(architecture, team, owner)
    for address in (f"searches/{search.pk}", f"datasets/{dataset.pk}", f"models/{model.pk}"):
        assert browser.delete(f"/api/{address}").status_code == 200
    assert browser.delete(f"/api/architectures/{architecture.pk}").status_code == 200
    refused = error(browser.post(f"/api/searches/{search.pk}/restore"))
    assert refused[2] == "“Small” needs “Leaves”, which was deleted. Restore that first."
    assert "needs “Cell”, which was deleted" in error(browser.post(f"/api/models/{model.pk}/restore"))[2]
    assert browser.post(f"/api/datasets/{dataset.pk}/restore").status_code == 200
    assert browser.post(f"/api/searches/{search.pk}/restore").status_code == 200


@in_one_transaction
def test_a_deleted_dataset_can_be_used_for_nothing(browser: Client, dataset: Dataset, team: Team, owner: User) -> None:
    upload = Upload.objects.create(
        team=team, created_by=owner, name="a.zip", title="A", bytes=1, status=UploadStatus.DONE, dataset=dataset
    )
    assert browser.get(f"/api/uploads/{upload.pk}").json()["dataset"] == dataset.pk
    browser.delete(f"/api/datasets/{dataset.pk}")
    assert browser.get(f"/api/uploads/{upload.pk}").json()["dataset"] is None
    assert browser.get(f"/api/datasets/{dataset.pk}/sample").status_code == 404
    draft = {**TASK, "dataset": dataset.pk}
    for path in ("/api/searches", "/api/searches/preview"):
        answer = browser.post(path, draft, content_type="application/json")
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "dataset")


@in_one_transaction
def test_the_files_of_a_deleted_model_and_dataset_go_with_them(team: Team, owner: User, tmp_path: Path) -> None:
    made = world(team, owner, tmp_path)
    dataset = Dataset.objects.get(pk=made.ids["datasets"])
    store = tmp_path / "files"

    def stored() -> int:
        return sum(len(path.name) == 64 for path in store.rglob("*"))

    changes.delete(MODELS, made.model.pk, owner)
    changes.delete(DATASETS, dataset.pk, owner)
    Artifact.objects.update(created_at="2026-01-01T00:00:00Z")
    before = stored()
    garbage_collection.sweep()
    assert stored() == before > 0  # both may be restored
    expire(made.model)
    expire(dataset)
    garbage_collection.sweep()
    assert stored() == 0
    assert not TrainedModel.objects.exists() and not Dataset.objects.exists()


@in_one_transaction
def test_what_was_deleted_accepts_no_command(search: Search, team: Team, owner: User, browser: Client) -> None:
    steering.steer(search.pk, owner, CommandKind.PAUSE)
    changes.delete(SEARCHES, search.pk, owner)
    with pytest.raises(NotFound, match="deleted"):
        steering.steer(search.pk, owner, CommandKind.RESUME)
    model = train(ended_search(team, owner).architectures.get(), team, owner)
    changes.delete(MODELS, model.pk, owner)
    with pytest.raises(NotFound, match="deleted"):
        training.resume(model)


@in_one_transaction
def test_one_entry_that_cannot_be_deleted_for_good_keeps_no_other(
    dataset: Dataset, team: Team, owner: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = dataset_of(team, owner, tmp_path)
    for each in (dataset, other):
        changes.delete(DATASETS, each.pk, owner)
        expire(each)
    delete = Dataset.delete

    def fail_for_one(self: Dataset) -> Any:
        if self.pk == dataset.pk:
            raise RuntimeError("the disk is full")
        return delete(self)

    monkeypatch.setattr(Dataset, "delete", fail_for_one)
    assert changes.delete_expired() == 1
    assert list(Dataset.objects.values_list("pk", flat=True)) == [dataset.pk]


@several_transactions
def test_a_search_launched_while_its_dataset_is_being_deleted_is_refused(dataset: Dataset, owner: User) -> None:
    with transaction.atomic():
        changes.delete(DATASETS, dataset.pk, owner)
        launched = InAThread(lambda: launch(dataset, owner))
        wait_for_the_lock()
    assert isinstance(launched.result, InvalidField)
    assert not Search.objects.exists()


@several_transactions
def test_a_dataset_is_not_deleted_while_a_search_is_being_launched_on_it(dataset: Dataset, owner: User) -> None:
    with transaction.atomic():
        launch(dataset, owner)
        deleted = InAThread(lambda: changes.delete(DATASETS, dataset.pk, owner))
        wait_for_the_lock()
    assert isinstance(deleted.result, changes.InUse)
    assert Dataset.objects.get().deleted_at is None


def measure(architecture: Architecture, team: Team, user: User) -> Measurement:
    return measurements.request(architecture, team, user, None)


@several_transactions
@pytest.mark.parametrize("act", [train, scaled, measure])
def test_an_architecture_that_is_being_deleted_is_not_trained_scaled_or_measured(
    team: Team, owner: User, act: Callable[[Architecture, Team, User], Any]
) -> None:
    architecture = ended_search(team, owner).architectures.get()
    with transaction.atomic():
        changes.delete(ARCHITECTURES, architecture.pk, owner)
        made = InAThread(lambda: act(architecture, team, owner))
        wait_for_the_lock()
    assert isinstance(made.result, NotFound) and made.result.message == "This architecture was deleted."
    assert Architecture.objects.count() == 1
    assert not TrainedModel.objects.exists() and not Measurement.objects.exists()


@several_transactions
@pytest.mark.parametrize("act", [train, scaled, measure])
def test_an_architecture_is_not_deleted_before_what_stands_on_it_is_stored(
    team: Team, owner: User, act: Callable[[Architecture, Team, User], Any]
) -> None:
    architecture = ended_search(team, owner).architectures.get()
    with transaction.atomic():
        act(architecture, team, owner)
        deleted = InAThread(lambda: changes.delete(ARCHITECTURES, architecture.pk, owner))
        wait_for_the_lock()
    assert isinstance(deleted.result, Architecture if act is measure else changes.InUse)


@several_transactions
def test_a_search_that_is_being_deleted_is_not_forked(search: Search, owner: User) -> None:
    run_to_end(search)
    with transaction.atomic():
        changes.delete(SEARCHES, search.pk, owner)
        forked = InAThread(lambda: steering.fork(search.pk, owner, 1))
        wait_for_the_lock()
    assert isinstance(forked.result, NotFound) and forked.result.message == "This search was deleted."
    assert Search.objects.count() == 1


@several_transactions
def test_a_dataset_that_is_being_deleted_is_not_probed(dataset: Dataset, owner: User) -> None:
    presence.record_presence(WORKER)
    task = proposals.task({**TASK, "dataset": dataset.pk}, lookup.find(dataset.team, dataset.pk))
    with transaction.atomic():
        changes.delete(DATASETS, dataset.pk, owner)
        probed = InAThread(lambda: probes.request(dataset.team, owner, task))
        wait_for_the_lock()
    assert isinstance(probed.result, InvalidField) and not Probe.objects.exists()


@several_transactions
def test_of_two_people_who_delete_at_once_one_is_told_that_it_is_gone(
    dataset: Dataset, owner: User, colleague: User
) -> None:
    answers = at_once(*(partial(changes.delete, DATASETS, dataset.pk, by) for by in (owner, colleague)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Dataset", "NotFound"]


@several_transactions
def test_what_two_people_change_at_once_is_all_kept(dataset: Dataset) -> None:
    given: list[Json] = [{"name": "Oak"}, {"notes": "Grows slowly."}, {"tags": ["edge"]}]
    at_once(*(partial(changes.change, DATASETS, dataset.pk, each) for each in given))
    stored = Dataset.objects.get()
    assert (stored.title, stored.notes, stored.tags) == ("Oak", "Grows slowly.", {"edge": "edge"})


@several_transactions
def test_what_is_restored_at_the_last_moment_is_not_deleted_for_good(dataset: Dataset, owner: User) -> None:
    changes.delete(DATASETS, dataset.pk, owner)
    expire(dataset)
    with transaction.atomic():
        Dataset.objects.filter(pk=dataset.pk).update(deleted_at=None)  # as of a restore that began in time
        swept = InAThread(changes.delete_expired)
        wait_for_the_lock()
    assert swept.result == 0
    assert Dataset.objects.filter(deleted_at=None).exists()
