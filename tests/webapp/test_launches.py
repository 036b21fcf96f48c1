"""What comes before and with a launch: drafts, templates, the same search again, groups of seeds."""

import json
from collections.abc import Callable
from functools import partial
from statistics import mean
from typing import Any

import pytest
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from search.network.limits import BOUNDS
from search.strategies import STRATEGIES
from tests.webapp.fakes import TASK, run_to_end
from tests.webapp.locks import at_once
from webapp.core.errors import NotFound
from webapp.models import Search, SearchDraft, Team, User
from webapp.models.enums import CommandKind, SearchStatus
from webapp.searches import drafts, groups, lifecycle, proposals, steering

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
MakeSearch = Callable[..., Search]
TYPED = {"name": "Half", "strategy": "autoshrink", "budget": {"params": "1,5"}, "seed": "", "settings": {}}


def post(browser: Client, path: str, body: Json) -> Any:
    return browser.post(path, body, content_type="application/json")


def put(browser: Client, read: Json, **changes: Any) -> Any:
    """Saves a draft that was read."""
    body = {name: read[name] for name in ("name", "draft", "version")} | changes
    return browser.put(f"/api/drafts/{read['id']}", body, content_type="application/json")


@pytest.fixture
def made(browser: Client) -> Json:
    return dict(post(browser, "/api/drafts", {"name": "Half", "draft": TYPED}).json())


def test_a_draft_keeps_what_was_typed_though_it_is_not_valid(browser: Client, made: Json) -> None:
    assert (made["draft"], made["created_by"], made["version"]) == (TYPED, "Owner", 1)
    address = f"/api/drafts/{made['id']}"
    changed = put(browser, made, name="", draft={**TYPED, "seed": "3"}).json()
    assert (changed["name"], changed["draft"]["seed"], changed["version"]) == ("Draft", "3", 2)
    assert changed["updated_at"] >= made["updated_at"]
    assert browser.get(address).json() == changed
    (row,) = browser.get("/api/drafts").json()
    assert row == {name: value for name, value in changed.items() if name != "draft"}
    assert browser.delete(address).status_code == 204 and browser.get(address).status_code == 404


def test_a_colleague_continues_a_draft_and_a_stranger_does_not_see_it(
    made: Json, colleague: User, viewer: User, stranger: User, signed_in: SignedIn
) -> None:
    answers = [put(signed_in(person), made, name="Ours") for person in (colleague, viewer, stranger)]
    assert [answer.status_code for answer in answers] == [200, 403, 404]
    assert (answers[0].json()["created_by"], answers[0].json()["changed_by"]) == ("Owner", "Colleague")
    assert signed_in(stranger).get("/api/drafts").json() == []
    assert SearchDraft.objects.get().name == "Ours"


def test_of_two_people_who_change_a_draft_the_second_is_told_who_was_first(
    browser: Client, made: Json, colleague: User, signed_in: SignedIn
) -> None:
    first = put(signed_in(colleague), made, draft={"seed": "theirs"}).json()
    SearchDraft.objects.update(updated_at="2026-11-29T17:22:00Z")
    refused = put(browser, made, draft={"seed": "mine"})
    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["code"], error["detail"]) == (
        409,
        "outdated",
        "Colleague changed this draft after it was opened here, on 2026-11-29 at 17:22 UTC. "
        "Save this one as a new draft, or open the other.",
    )
    assert SearchDraft.objects.get().draft == {"seed": "theirs"}
    assert put(browser, first, draft={"seed": "mine"}).json()["version"] == 3
    assert put(browser, first).json()["errors"][0]["detail"].startswith("You changed this draft after")


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_of_one_version_at_once_one_is_kept(owner: User, colleague: User, team: Team) -> None:
    row = drafts.create(team, owner, "Half", {})
    answers = at_once(*(partial(drafts.change, row.pk, by, 1, by.shown_name, {}) for by in (owner, colleague)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Outdated", "SearchDraft"]
    (kept,) = [answer for answer in answers if isinstance(answer, SearchDraft)]
    stored = SearchDraft.objects.get()
    assert (stored.name, stored.version) == (kept.name, 2)


@pytest.mark.django_db(transaction=True)
def test_of_two_drafts_at_once_only_one_is_the_last_that_is_allowed(
    owner: User, colleague: User, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 1)
    answers = at_once(*(partial(drafts.create, team, by, "Half", {}) for by in (owner, colleague)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "SearchDraft"]


def test_a_draft_that_was_deleted_meanwhile_is_not_changed(browser: Client, owner: User, made: Json) -> None:
    SearchDraft.objects.all().delete()
    with pytest.raises(NotFound, match=r"This draft does not exist any more\."):
        drafts.change(made["id"], owner, 1, "Half", {})
    answer = put(browser, made)
    assert (answer.status_code, answer.json()["errors"][0]["detail"]) == (404, "This draft does not exist any more.")


def test_a_draft_is_saved_only_with_its_version(browser: Client, made: Json) -> None:
    answer = browser.put(f"/api/drafts/{made['id']}", {"draft": {}}, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "version")


def test_a_team_has_so_many_drafts_and_no_more(
    browser: Client, stranger: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 2)
    statuses = [post(browser, "/api/drafts", {"draft": {}}).status_code for _ in range(3)]
    assert statuses == [201, 201, 409]
    sentence = "The team has 2 drafts, the most that are allowed. Delete one that is no longer needed."
    assert post(browser, "/api/drafts", {"draft": {}}).json()["errors"][0]["detail"] == sentence
    assert post(signed_in(stranger), "/api/drafts", {"draft": {}}).status_code == 201


def test_a_draft_that_is_too_large_is_refused_with_its_size(browser: Client) -> None:
    answer = post(browser, "/api/drafts", {"draft": {"note": "a" * drafts.MAX_BYTES}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["attr"]) == (400, "draft")
    assert error["detail"].startswith("A draft may have 32,768 bytes, and this one has 32,7")


def test_every_template_can_be_launched_as_it_is(browser: Client) -> None:
    templates = browser.get("/api/templates").json()
    assert 3 <= len(templates) <= 5
    for template in templates:
        previewed = post(browser, "/api/searches/preview", template["draft"])
        assert previewed.status_code == 200, template["name"]
        assert previewed.json()["fits"] is True, template["name"]


@pytest.mark.parametrize(
    "draft", [r'{"note": "\ud800"}', r'{"a\u0000b": 1}', r'{"a": [["\u0000"]]}', '{"note": 1e400}', r'{"\ud800": 1}']
)
def test_a_draft_that_cannot_be_stored_is_refused(browser: Client, draft: str) -> None:
    answer = browser.post("/api/drafts", f'{{"draft": {draft}}}', content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize("draft", [r'{"note": "\\u0000"}', r'{"a\\u0000": ["\\\\u0000"]}'])
def test_a_text_that_only_looks_like_a_null_character_is_stored(browser: Client, draft: str) -> None:
    answer = browser.post("/api/drafts", f'{{"draft": {draft}}}', content_type="application/json")
    assert (answer.status_code, answer.json()["draft"]) == (201, json.loads(draft))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_draft_of_a_search_launches_the_same_search(browser: Client, strategy: str) -> None:
    budget = {"params": 3_000_000}  # which graphs of every strategy's usual space meet
    made = post(browser, "/api/searches", {**TASK, "strategy": strategy, "settings": {}, "budget": budget}).json()
    again = browser.get(f"/api/searches/{made['id']}/draft").json()
    launched = post(browser, "/api/searches", again).json()
    assert (launched["task"], launched["id"] != made["id"]) == (made["task"], True)


def test_the_draft_of_a_published_protocol_is_valid(browser: Client) -> None:
    body = {**TASK, "budget": {}, "settings": {"strategy": {"protocol": "published"}}}
    made = post(browser, "/api/searches", body).json()
    again = browser.get(f"/api/searches/{made['id']}/draft").json()
    assert post(browser, "/api/searches/preview", again).status_code == 200


def test_the_draft_of_a_search_has_the_limits_that_it_began_with(search: Search, browser: Client, owner: User) -> None:
    budget = {**search.task["budget"], "params": 70_000}
    steering.steer(search.pk, owner, CommandKind.SET_BUDGET, budget=budget)
    run_to_end(search)
    assert search.task["budget"]["params"] == 70_000
    assert browser.get(f"/api/searches/{search.pk}/draft").json()["budget"]["params"] == 30_000


def test_a_preview_names_the_searches_of_the_team_with_an_equal_task_newest_first(
    browser: Client, make_search: MakeSearch, stranger: User, signed_in: SignedIn
) -> None:
    assert post(browser, "/api/searches/preview", TASK).json()["same"] == []
    made = [make_search(name) for name in ("one", "two", "three", "four")]
    make_search("another", seed=1)
    same = post(browser, "/api/searches/preview", TASK).json()["same"]
    assert same == [{"id": each.pk, "name": each.name, "status": "queued"} for each in reversed(made[1:])]
    assert post(signed_in(stranger), "/api/searches/preview", TASK).json()["same"] == []


def test_repeats_are_searches_of_following_seeds_in_one_group(browser: Client) -> None:
    first = post(browser, "/api/searches", {**TASK, "name": "Thrice", "seed": 4, "repeats": 3}).json()
    made = Search.objects.order_by("created_at", "pk")
    assert sorted((each.name, each.task["seed"]) for each in made) == [
        (f"Thrice, seed {seed}", seed) for seed in (4, 5, 6)
    ]
    assert first["task"]["seed"] == 4 and first["group"]["size"] == 3
    rows = browser.get("/api/searches").json()["results"]
    assert [row["group"] for row in rows] == [first["group"]] * 3
    members = browser.get(f"/api/searches/groups/{first['group']['id']}").json()["members"]
    assert [member["id"] for member in members] == [each.pk for each in made]


def test_a_list_can_be_of_one_group(browser: Client) -> None:
    group = post(browser, "/api/searches", {**TASK, "repeats": 2}).json()["group"]["id"]
    post(browser, "/api/searches", {**TASK, "name": "Alone"})
    assert browser.get("/api/searches").json()["count"] == 3
    rows = browser.get(f"/api/searches?group={group}").json()["results"]
    assert [row["group"]["id"] for row in rows] == [group, group]
    assert browser.get("/api/searches?group=none").json()["count"] == 0


def test_a_launch_with_a_key_that_was_used_launches_nothing_and_returns_the_same_search(
    browser: Client, colleague: User, signed_in: SignedIn
) -> None:
    body = {**TASK, "repeats": 2, "key": "6fjx0k"}
    answers = [post(browser, "/api/searches", body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Search.objects.count() == 2
    theirs = post(signed_in(colleague), "/api/searches", body).json()  # keys of others are their own
    assert theirs["id"] != answers[0].json()["id"]
    assert post(browser, "/api/searches", {**TASK, "key": None}).json()["id"] != answers[0].json()["id"]
    other = post(browser, "/api/searches", {**body, "seed": 77})
    assert other.status_code == 409
    assert other.json()["errors"][0]["detail"].startswith("Another search was launched with this key.")


@pytest.mark.django_db(transaction=True)
def test_of_two_launches_with_one_key_at_once_one_is_made(owner: User, team: Team) -> None:
    task = {"strategy": "autoshrink", "dataset": "digits", "seed": 0, "budget": {}, "settings": {}}
    tasks = [serialization.to_jsonable(proposals.task(task))]
    first, second = at_once(*[partial(groups.launch, team, owner, "Once", tasks, "6fjx0k")] * 2)
    assert first == second == Search.objects.get()


def test_a_search_alone_is_in_no_group(browser: Client) -> None:
    assert post(browser, "/api/searches", {**TASK, "repeats": 1}).json()["group"] is None


@pytest.mark.parametrize(("change", "attr"), [({"repeats": 21}, "repeats"), ({"repeats": 0}, "repeats")])
def test_too_many_or_no_repeats_are_refused(browser: Client, change: Json, attr: str) -> None:
    answer = post(browser, "/api/searches", {**TASK, **change})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)
    assert not Search.objects.exists()


def test_a_last_seed_that_is_too_large_is_refused(browser: Client) -> None:
    answer = post(browser, "/api/searches", {**TASK, "seed": BOUNDS.seed, "repeats": 2})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "seed")


def test_a_group_is_launched_whole_or_not_at_all(
    browser: Client, monkeypatch: pytest.MonkeyPatch, team: Any, owner: User
) -> None:
    create, calls = lifecycle.create, []

    def fails_at_the_second(*arguments: Any) -> Search:
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("the database is full")
        return create(*arguments)

    monkeypatch.setattr(lifecycle, "create", fails_at_the_second)
    with pytest.raises(RuntimeError):
        post(browser, "/api/searches", {**TASK, "repeats": 3})
    assert not Search.objects.exists()


def test_a_group_has_a_mean_and_an_interval_once_two_have_an_answer(
    browser: Client, stranger: User, signed_in: SignedIn
) -> None:
    group = post(browser, "/api/searches", {**TASK, "repeats": 3}).json()["group"]["id"]
    address, members = f"/api/searches/groups/{group}", list(Search.objects.order_by("created_at", "pk"))
    for search in members:
        lifecycle.advance(search.pk)
        search.refresh_from_db()
    run_to_end(members[0])
    assert browser.get(address).json()["quality"] is None
    run_to_end(members[1])
    found = browser.get(address).json()
    values = [each.best_quality for each in members[:2] if each.best_quality is not None]
    assert found["quality"]["mean"] == pytest.approx(mean(values)) and found["quality"]["count"] == 2
    half = 12.706 * abs(values[0] - values[1]) / 2  # Student's t of one degree of freedom
    assert found["quality"]["low"] == pytest.approx(max(0, mean(values) - half))
    assert found["quality"]["high"] == pytest.approx(min(1, mean(values) + half))
    assert [each["seed"] for each in found["members"]] == [0, 1, 2]
    assert signed_in(stranger).get(address).status_code == 404
    assert len(groups.T) + 1 == BOUNDS.repeats
    members[0].status = SearchStatus.STOPPED  # its answer was trained for a shorter time
    members[0].save()
    assert groups.quality(members) is None


def test_a_group_by_a_proxy_compares_answers_of_one_metric() -> None:
    def of(status: SearchStatus, metric: str, quality: float | None) -> Search:
        return Search(status=status, metric=metric, best_quality=quality)

    waiting, scored = of(SearchStatus.RUNNING, "proxy", 71.0), of(SearchStatus.FINISHED, "proxy", 80.0)
    trained = [of(SearchStatus.FINISHED, "accuracy", quality) for quality in (0.9, 0.8)]
    assert groups.metric_of([waiting]) == "proxy" and groups.quality([waiting]) is None
    assert groups.metric_of([waiting, trained[0]]) == "accuracy" and groups.quality([scored, trained[0]]) is None
    found = groups.quality([waiting, scored, *trained])
    assert found is not None and found.count == 2 and found.high == 1
    assert found.mean == pytest.approx(0.85)
    by_score = groups.quality([waiting, scored, scored])
    assert by_score is not None and (by_score.count, by_score.mean) == (2, 80.0)
