"""Searches, architectures, trained models and datasets are named, tagged, archived, deleted and restored alike: one
contract for an owner of the team, the colleague who created it, a peer, a viewer and a stranger."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import full
from search.network.limits import BOUNDS
from tests.webapp.ended import ended_search
from tests.webapp.endpoints import dataset_of
from webapp import firstrun
from webapp.catalog import training
from webapp.core import clock
from webapp.entries import changes
from webapp.entries.families import FAMILIES, Family
from webapp.models import Architecture, Membership, Team, User
from webapp.models.enums import Role
from webapp.worker import garbage_collection

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
NAMES = [family.name for family in FAMILIES]


@pytest.fixture(autouse=True)
def files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"


@pytest.fixture
def peer(team: Team) -> User:
    """A member of the team who created nothing."""
    user = User.objects.create_user("peer@example.org", None, first_name="Peer")
    Membership.objects.create(team=team, user=user, role=Role.MEMBER)
    return user


def make(name: str, team: Team, user: User, folder: Path) -> str:
    """An entry of this family which nothing depends on and which does not run."""
    if name == "datasets":
        return dataset_of(team, user, folder).pk
    search = ended_search(team, user)
    if name == "searches":
        return search.pk
    architecture = search.architectures.get()
    if name == "architectures":
        return architecture.pk
    model = training.train(architecture, team, user, "digits", 0, serialization.to_jsonable(full("digits")))
    training.stop(model)
    return model.pk


@pytest.fixture(params=FAMILIES, ids=NAMES)
def family(request: pytest.FixtureRequest) -> Family:
    chosen: Family = request.param
    return chosen


@pytest.fixture
def entry(family: Family, team: Team, colleague: User, tmp_path: Path) -> Any:
    """Created by the colleague."""
    return family.model.objects.get(pk=make(family.name, team, colleague, tmp_path))


@pytest.fixture
def address(family: Family, entry: Any) -> str:
    return f"/api/{family.name}/{entry.pk}"


def patch(browser: Client, address: str, **changed: Any) -> Any:
    return browser.patch(address, changed, content_type="application/json")


def detail(answer: Any) -> str:
    text: str = answer.json()["errors"][0]["detail"]
    return text


def listed(browser: Client, family: Family, query: str = "") -> list[str]:
    """Ids of the list. Built-in datasets are left out."""
    rows = browser.get(f"/api/{family.name}{query}").json()["results"]
    return [row.get("id") or row["name"] for row in rows if row["owner"]]


def expire(entry: Any) -> None:
    passed = timedelta(seconds=changes.RESTORE_SECONDS + 1)
    type(entry).objects.filter(pk=entry.pk).update(deleted_at=clock.now() - passed)


def test_any_member_changes_name_notes_and_tags_and_everybody_of_the_team_reads_them(
    family: Family, address: str, peer: User, viewer: User, signed_in: SignedIn
) -> None:
    answer = patch(signed_in(peer), address, name=" Oak ", notes="Grows\nslowly.", tags=["watch", " Edge "])
    assert answer.status_code == 200
    expected = {"name": "Oak", "notes": "Grows\nslowly.", "tags": ["Edge", "watch"], "archived": False}
    assert answer.json() == {"family": family.name, "id": address.rpartition("/")[2], **expected}
    page = signed_in(viewer).get(address).json()
    title = page["title"] if family.name == "datasets" else page["name"]
    assert (title, page["notes"], page["tags"], page["archived"]) == (*expected.values(),)
    assert page["owner"]["name"] == "Colleague"


def test_what_a_change_leaves_out_stays(address: str, colleague: User, signed_in: SignedIn) -> None:
    browser = signed_in(colleague)
    patch(browser, address, notes="Keep me", tags=["a"], archived=True)
    answer = patch(browser, address, name="Oak").json()
    assert (answer["name"], answer["notes"], answer["tags"], answer["archived"]) == ("Oak", "Keep me", ["a"], True)


@pytest.mark.parametrize(
    ("field", "read", "theirs", "mine"),
    [("name", "Oak", "Elm", "Fir"), ("notes", "", "Theirs", "Mine"), ("tags", ["b", "A"], ["A"], ["a", "b", "c"])],
)
def test_what_somebody_changed_meanwhile_is_not_replaced_unless_that_was_read(
    address: str, colleague: User, peer: User, signed_in: SignedIn, field: str, read: Any, theirs: Any, mine: Any
) -> None:
    patch(signed_in(peer), address, **{field: read})
    assert patch(signed_in(peer), address, **{field: theirs, "previous": {field: read}}).status_code == 200
    browser = signed_in(colleague)
    answer = patch(browser, address, **{field: mine, "previous": {field: read}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["detail"]) == (
        409,
        "outdated",
        f"Somebody changed the {field} meanwhile.",
    )
    assert patch(browser, address, archived=True, previous={field: theirs}).json()[field] == theirs
    assert patch(browser, address, **{field: mine, "previous": {field: theirs}}).json()[field] == mine


def test_what_was_saved_already_is_no_change_of_somebody_else(
    address: str, colleague: User, signed_in: SignedIn
) -> None:
    body = {"notes": "Mine", "tags": ["a"], "previous": {"notes": "", "tags": []}}
    browser = signed_in(colleague)
    assert [patch(browser, address, **body).status_code for _ in range(2)] == [200, 200]  # an answer was lost


def test_a_name_that_breaks_a_rule_of_today_can_be_changed(
    family: Family, entry: Any, address: str, colleague: User, signed_in: SignedIn
) -> None:
    old = "Two\nlines "
    family.model.objects.filter(pk=entry.pk).update(**{family.title: old})
    assert patch(signed_in(colleague), address, name="One", previous={"name": old}).json()["name"] == "One"


def test_what_was_read_alone_changes_nothing_and_is_refused(address: str, colleague: User, signed_in: SignedIn) -> None:
    answer = patch(signed_in(colleague), address, previous={"notes": ""})
    assert (answer.status_code, detail(answer)) == (400, "Give one or more of name, notes, tags, archived.")
    assert patch(signed_in(colleague), address, archived=True, previous={"note": ""}).status_code == 400


def test_tags_that_differ_in_case_are_one_tag_as_first_written(
    address: str, colleague: User, signed_in: SignedIn
) -> None:
    assert patch(signed_in(colleague), address, tags=["Edge", "EDGE", "edge ", "b"]).json()["tags"] == ["b", "Edge"]


@pytest.mark.parametrize(
    ("body", "attr", "message"),
    [
        ({"name": " "}, "name", "This field may not be blank."),
        ({"name": "x" * (BOUNDS.name + 1)}, "name", "Ensure this field has no more than 120 characters."),
        ({"notes": "x" * (BOUNDS.notes + 1)}, "notes", "Ensure this field has no more than 5000 characters."),
        ({"notes": "a\x00b"}, "notes", "Null characters are not allowed."),
        ({"tags": ["a", " "]}, "tags", "A tag has 1 to 40 characters, on one line."),
        ({"tags": ["x" * 41]}, "tags", "A tag has 1 to 40 characters, on one line."),
        ({"tags": ["a\nb"]}, "tags", "A tag has 1 to 40 characters, on one line."),
        ({"tags": [str(number) for number in range(13)]}, "tags", "Give at most 12 tags."),
        ({"tags": "a"}, "tags", "Give a list of tags, each a text."),
        ({"tags": [1]}, "tags", "Give a list of tags, each a text."),
        ({"archived": "perhaps"}, "archived", "Must be a valid boolean."),
        ({"colour": "red"}, "colour", "There is no such parameter; choose from name, notes, tags, archived, previous."),
        ({}, None, "Give one or more of name, notes, tags, archived."),
    ],
)
def test_a_change_that_makes_no_sense_is_rejected_with_what_is_allowed(
    address: str, colleague: User, signed_in: SignedIn, body: Json, attr: str | None, message: str
) -> None:
    answer = patch(signed_in(colleague), address, **body)
    assert (answer.status_code, answer.json()["errors"][0]["attr"], detail(answer)) == (400, attr, message)


def test_a_viewer_changes_nothing_and_for_a_stranger_it_does_not_exist(
    entry: Any, address: str, viewer: User, stranger: User, signed_in: SignedIn
) -> None:
    for person, status in ((viewer, 403), (stranger, 404)):
        browser = signed_in(person)
        assert patch(browser, address, name="Mine").status_code == status
        assert browser.delete(address).status_code == status
        assert browser.post(f"{address}/restore").status_code == status
    assert type(entry).objects.filter(pk=entry.pk, deleted_at=None).exclude(notes="Mine").exists()


def test_an_archived_entry_leaves_the_list_unless_it_is_asked_for(
    family: Family, entry: Any, address: str, colleague: User, signed_in: SignedIn
) -> None:
    browser = signed_in(colleague)
    assert listed(browser, family) == listed(browser, family, "?archived=all") == [entry.pk]
    assert listed(browser, family, "?archived=only") == []
    assert patch(browser, address, archived=True).json()["archived"] is True
    assert listed(browser, family) == []
    assert listed(browser, family, "?archived=only") == listed(browser, family, "?archived=all") == [entry.pk]
    assert browser.get(address).status_code == 200
    patch(browser, address, archived=False)
    assert listed(browser, family) == [entry.pk]


@pytest.mark.parametrize("who", ["colleague", "owner"])
def test_who_created_it_and_an_owner_of_the_team_delete_and_restore_it(
    family: Family, entry: Any, address: str, who: str, signed_in: SignedIn, request: pytest.FixtureRequest
) -> None:
    browser = signed_in(request.getfixturevalue(who))
    patch(browser, address, tags=["edge"])
    answer = browser.delete(address)
    assert answer.status_code == 200
    stored = type(entry).objects.get(pk=entry.pk)
    assert stored.deleted_by.email == f"{who}@example.org"
    assert answer.json()["until"] == clock.text(stored.deleted_at + timedelta(hours=24))
    for gone in (browser.get(address), patch(browser, address, name="Late"), browser.delete(address)):
        assert gone.status_code == 404
    assert listed(browser, family, "?archived=all") == []
    assert browser.get(f"/api/{family.name}/facets").json()["tag"] == []
    restored = browser.post(f"{address}/restore")
    assert (restored.status_code, restored.json()["tags"]) == (200, ["edge"])
    assert browser.get(address).status_code == 200
    assert listed(browser, family) == [entry.pk]


def test_a_peer_may_neither_delete_nor_restore_it_and_reads_who_may(
    family: Family, address: str, colleague: User, peer: User, signed_in: SignedIn
) -> None:
    sentence = f"Only Colleague, who created this {family.noun}, or an owner of the team may delete or restore it."
    refused = signed_in(peer).delete(address)
    assert (refused.status_code, detail(refused)) == (403, sentence)
    signed_in(colleague).delete(address)
    refused = signed_in(peer).post(f"{address}/restore")
    assert (refused.status_code, detail(refused)) == (403, sentence)


def test_who_created_it_and_became_a_viewer_deletes_nothing(address: str, colleague: User, signed_in: SignedIn) -> None:
    Membership.objects.filter(user=colleague).update(role=Role.VIEWER)
    assert signed_in(colleague).delete(address).status_code == 403


def test_what_is_not_deleted_cannot_be_restored(address: str, colleague: User, signed_in: SignedIn) -> None:
    refused = signed_in(colleague).post(f"{address}/restore")
    assert (refused.status_code, detail(refused).endswith("is not deleted.")) == (409, True)


def test_after_a_day_it_cannot_be_restored_and_the_sweep_deletes_its_row(
    entry: Any, address: str, colleague: User, signed_in: SignedIn
) -> None:
    browser = signed_in(colleague)
    browser.delete(address)
    garbage_collection.sweep()
    assert type(entry).objects.filter(pk=entry.pk).exists()
    expire(entry)
    refused = browser.post(f"{address}/restore")
    assert (refused.status_code, "more than 24 hours ago" in detail(refused)) == (409, True)
    garbage_collection.sweep()
    assert not type(entry).objects.filter(pk=entry.pk).exists()
    assert browser.post(f"{address}/restore").status_code == 404


def test_a_restored_entry_outlives_the_sweep(entry: Any, address: str, colleague: User, signed_in: SignedIn) -> None:
    signed_in(colleague).delete(address)
    signed_in(colleague).post(f"{address}/restore")
    garbage_collection.sweep()
    assert type(entry).objects.filter(pk=entry.pk, deleted_at=None, deleted_by=None).exists()


def test_what_everybody_shares_cannot_be_changed_or_deleted(owner: User, signed_in: SignedIn) -> None:
    firstrun.ensure()
    published = Architecture.objects.filter(team=None).first()
    assert published is not None
    browser = signed_in(owner)
    shared = {
        f"/api/architectures/{published.pk}": "A published architecture is the same for all teams",
        "/api/datasets/digits": "This dataset is built in",
    }
    for address, sentence in shared.items():
        for refused in (patch(browser, address, name="Mine"), browser.delete(address)):
            assert (refused.status_code, detail(refused)) == (403, f"{sentence} and cannot be changed or deleted.")


def test_a_new_model_is_named_after_its_dataset_and_seed(
    team: Team, owner: User, signed_in: SignedIn, tmp_path: Path
) -> None:
    address = f"/api/models/{make('models', team, owner, tmp_path)}"
    assert signed_in(owner).get(address).json()["name"] == "Handwritten digits, seed 0"
    long = dataset_of(team, owner, tmp_path)
    type(long).objects.filter(pk=long.pk).update(title="x" * BOUNDS.name)
    architecture = Architecture.objects.get()
    model = training.train(architecture, team, owner, long.pk, 12, serialization.to_jsonable(full("digits")))
    assert model.name == "x" * (BOUNDS.name - 9) + ", seed 12"
