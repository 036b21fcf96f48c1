"""Users in several teams: which team owns what they create."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from search.data.builtin import DATASETS
from tests.webapp.endpoints import dataset_of
from tests.webapp.fakes import TASK
from tests.webapp.sending import SignedIn
from webapp import firstrun
from webapp.api import previews as api
from webapp.catalog import training
from webapp.datasets import lookup, uploads
from webapp.models import Architecture, Dataset, Membership, Search, Team, TrainedModel, Upload, User
from webapp.models.enums import Role, UploadStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"


@pytest.fixture
def meadow(stranger: User) -> Team:
    return Team.objects.get(slug="meadow")


@pytest.fixture
def browser(viewer: User, meadow: Team, signed_in: SignedIn) -> Client:
    """A client of a user who is a viewer of one team and a member of another."""
    Membership.objects.create(team=meadow, user=viewer, role=Role.MEMBER)
    return signed_in(viewer)


@pytest.fixture
def theirs(meadow: Team, stranger: User, tmp_path: Path) -> Dataset:
    return dataset_of(meadow, stranger, tmp_path)


@pytest.fixture
def published() -> Architecture:
    firstrun.ensure()
    return Architecture.objects.get(team=None, name="ShrinkCNN-A")


def post(browser: Client, path: str, body: dict[str, Any]) -> Any:
    return browser.post(path, body, content_type="application/json")


def test_searches_and_trainings_belong_to_the_team_that_owns_the_dataset(
    browser: Client, theirs: Dataset, published: Architecture, meadow: Team
) -> None:
    draft = {**TASK, "dataset": theirs.pk}
    assert post(browser, "/api/searches/preview", draft).status_code == 200
    made = post(browser, "/api/searches", draft)
    assert made.status_code == 201
    assert Search.objects.get(pk=made.json()["id"]).team == meadow
    body = {"dataset": theirs.pk, "seed": 0, "recipe": {}}
    made = post(browser, f"/api/architectures/{published.pk}/train", body)
    assert made.status_code == 201
    assert TrainedModel.objects.get(pk=made.json()["id"]).team == meadow


def test_searches_on_built_in_data_belong_to_a_team_in_which_the_user_may_change_things(
    browser: Client, meadow: Team
) -> None:
    made = post(browser, "/api/searches", TASK)
    assert made.status_code == 201
    assert Search.objects.get(pk=made.json()["id"]).team == meadow
    assert browser.get("/api/me").json()["team"]["slug"] == "meadow"


def test_a_viewer_of_a_team_cannot_use_its_dataset(
    browser: Client, published: Architecture, team: Team, owner: User, tmp_path: Path
) -> None:
    garden = dataset_of(team, owner, tmp_path)
    draft = {**TASK, "dataset": garden.pk}
    assert post(browser, "/api/searches/preview", draft).status_code == 200
    assert post(browser, "/api/searches", draft).status_code == 403
    body = {"dataset": garden.pk, "seed": 0, "recipe": {}}
    assert post(browser, f"/api/architectures/{published.pk}/train", body).status_code == 403


@pytest.mark.parametrize("what", ["search", "training"])
def test_using_a_dataset_that_is_deleted_at_that_moment_is_rejected_with_a_message(
    browser: Client, theirs: Dataset, published: Architecture, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    find = lookup.find

    def find_and_lose(team: Team | None, name: str) -> Any:
        found = find(team, name)
        theirs.delete()
        return found

    monkeypatch.setattr(api if what == "search" else training, "find", find_and_lose)
    path = "/api/searches" if what == "search" else f"/api/architectures/{published.pk}/train"
    body = {**TASK, "dataset": theirs.pk} if what == "search" else {"dataset": theirs.pk, "seed": 0, "recipe": {}}
    answer = post(browser, path, body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "dataset")
    assert answer.json()["errors"][0]["detail"].startswith("The team has no such dataset.")


def test_lists_of_datasets_and_uploads_take_a_constant_number_of_queries(
    browser: Client,
    meadow: Team,
    stranger: User,
    tmp_path: Path,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(4):
        dataset_of(meadow, stranger, tmp_path)
        uploads.finish(uploads.create(meadow, stranger, "a.zip", "A", 0, {}).pk)
    Upload.objects.update(status=UploadStatus.INGESTING)
    with django_assert_max_num_queries(5):  # session, user, count, rows, their files
        assert browser.get("/api/datasets").json()["count"] == 4 + len(DATASETS)
    with django_assert_max_num_queries(4):  # session, user, rows, their work
        assert len(browser.get("/api/uploads").json()) == 4
