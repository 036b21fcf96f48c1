"""The REST API for an owner, a colleague, a stranger and nobody, and for a viewer where something changes."""

import json
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from search.network.limits import BOUNDS
from tests.webapp.ended import ended_search
from tests.webapp.fakes import TASK
from webapp.catalog import architectures
from webapp.models import Architecture, Search, Team, User
from webapp.searches import event_log

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
MakeSearch = Callable[..., Search]
DRAFT = {**TASK, "name": "Mine"}


def post(browser: Client, path: str, body: dict[str, Any]) -> Any:
    return browser.post(path, body, content_type="application/json")


def test_the_schema_has_no_warning(tmp_path: Any) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))


def test_me_returns_the_user_and_sets_the_csrf_cookie(owner: User, signed_in: SignedIn) -> None:
    answer = signed_in(owner).get("/api/me")
    assert answer.json()["email"] == "owner@example.org"
    assert answer.json()["team"]["slug"] == "garden"
    assert "csrftoken" in answer.cookies


def test_me_returns_whether_the_user_may_change_the_teams_objects(
    owner: User, viewer: User, signed_in: SignedIn
) -> None:
    assert signed_in(owner).get("/api/me").json()["may_change"] is True
    assert signed_in(viewer).get("/api/me").json()["may_change"] is False


def test_a_request_without_a_session_is_answered_401(db: None) -> None:
    answer = Client().get("/api/me")
    assert answer.status_code == 401
    assert answer.json()["type"] == "client_error"


def test_a_write_without_the_csrf_header_is_rejected(owner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert post(browser, "/api/searches", DRAFT).status_code == 403


def test_the_engine_returns_what_a_form_needs(owner: User, signed_in: SignedIn, settings: Any) -> None:
    engine = signed_in(owner).get("/api/engine").json()
    assert {row["format"] for row in engine["exports"]} == {"safetensors", "architecture", "onnx"}
    for kind, row in (("image", "augment"), ("text", "bptt")):
        assert row in {row["name"] for row in engine["recipe_schemas"][kind]}
    for named in engine["recipes"]:
        assert set(named["recipe"]) == {row["name"] for row in engine["recipe_schemas"][named["kind"]]}
    assert {preset["kind"] for preset in engine["presets"]} == {"image", "text"}
    assert engine["limits"]["budget"]["params"] == BOUNDS.budget.params
    assert engine["limits"]["what_if"]["edits"] == BOUNDS.what_if.edits
    assert engine["limits"]["upload"]["bytes"] == settings.UPLOAD_BYTES
    assert all(profile["source"] and profile["budget"]["latency"] is None for profile in engine["device_profiles"])


def test_datasets_are_listed_with_their_split(owner: User, signed_in: SignedIn) -> None:
    digits, docs = signed_in(owner).get("/api/datasets").json()["results"]
    assert (digits["name"], digits["shape"], digits["classes"]) == ("digits", [1, 8, 8], 10)
    assert (docs["name"], docs["kind"], docs["vocabulary"], docs["shape"]) == ("python-docs", "text", 2_000, None)


def test_a_preview_returns_the_costs_of_the_largest_and_the_smallest_cell(owner: User, signed_in: SignedIn) -> None:
    preview = post(signed_in(owner), "/api/searches/preview", DRAFT).json()
    assert preview["largest"]["params"] == 82106
    assert preview["smallest"]["params"] < 30_000
    assert (preview["fits"], preview["problems"], len(preview["graph"]["edges"])) == (True, [], 15)
    assert 3 <= preview["evaluations"] <= 150


def test_a_budget_that_cannot_be_met_is_rejected_with_a_message(owner: User, signed_in: SignedIn) -> None:
    draft = {**DRAFT, "budget": {"params": 1000}}
    preview = post(signed_in(owner), "/api/searches/preview", draft).json()
    assert not preview["fits"]
    (problem,) = preview["problems"]
    assert (problem["limit"], problem["allowed"]) == ("params", 1000)
    assert problem["needed"] > 1000
    answer = post(signed_in(owner), "/api/searches", draft)
    assert answer.status_code == 400
    assert preview["evaluations"] > 0
    assert answer.json()["errors"][0]["attr"] == "budget"
    assert "over the limit of 1,000" in answer.json()["errors"][0]["detail"]


def test_each_limit_that_cannot_be_met_is_named(owner: User, signed_in: SignedIn) -> None:
    draft = {**DRAFT, "budget": {"params": 10**9, "macs": 50_000, "peak_memory": 100}}
    preview = post(signed_in(owner), "/api/searches/preview", draft).json()
    assert {problem["limit"] for problem in preview["problems"]} == {"macs", "peak_memory"}
    assert preview["smallest"]["peak_memory"]["live"] > 100


def test_the_docs_run_no_inline_script(owner: User, signed_in: SignedIn) -> None:
    page = signed_in(owner).get("/api/docs")
    assert b"<script>" not in page.content
    assert "'unsafe-inline'" not in page["Content-Security-Policy"].replace("style-src 'self' 'unsafe-inline'", "")


def test_a_setting_out_of_range_is_rejected_by_name(owner: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(owner), "/api/searches", {**DRAFT, "settings": {"space": {"nodes": 99}}})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["attr"]) == (400, "settings.space.nodes")
    assert error["detail"] == "Must be from 2 to 16, not 99."


def test_a_launched_search_can_be_read(owner: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(owner), "/api/searches", DRAFT)
    assert answer.status_code == 201
    detail = signed_in(owner).get(f"/api/searches/{answer.json()['id']}").json()
    assert (detail["name"], detail["status"], detail["edges"], detail["seq"]) == ("Mine", "queued", None, 0)
    assert detail["task"]["evaluator"] == {"name": "train", "config": {"recipe": "dataset", "epochs": 0, "images": 0}}
    assert detail["budget"]["params"] == 30_000


def test_a_search_without_a_name_gets_a_default_name(owner: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(owner), "/api/searches", {**DRAFT, "name": ""} | {"name": None} | TASK)
    assert answer.json()["errors"][0]["attr"] == "name"
    assert post(signed_in(owner), "/api/searches", TASK).json()["name"] == "AutoShrink on Handwritten digits"


def test_a_colleague_sees_and_steers_a_search(search: Search, colleague: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(colleague), f"/api/searches/{search.pk}/commands", {"kind": "lock", "edge": "0-1"})
    assert answer.status_code == 201
    assert answer.json()["by"] == "Colleague"
    assert answer.json()["status"] == "pending"


def test_a_viewer_sees_a_search_and_cannot_change_it(search: Search, viewer: User, signed_in: SignedIn) -> None:
    browser = signed_in(viewer)
    assert browser.get(f"/api/searches/{search.pk}").status_code == 200
    assert post(browser, f"/api/searches/{search.pk}/commands", {"kind": "pause"}).status_code == 403
    assert post(browser, "/api/searches", DRAFT).status_code == 403


@pytest.mark.parametrize("tail", ["", "/events", "/snapshot", "/candidates", "/candidates/0/0", "/commands"])
def test_for_a_stranger_a_search_does_not_exist(search: Search, stranger: User, signed_in: SignedIn, tail: str) -> None:
    assert signed_in(stranger).get(f"/api/searches/{search.pk}{tail}").status_code == 404
    assert signed_in(stranger).get("/api/searches").json()["count"] == 0


def test_a_stranger_who_steers_a_search_is_answered_404(search: Search, stranger: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(stranger), f"/api/searches/{search.pk}/commands", {"kind": "cancel"})
    assert answer.status_code == 404


def test_a_command_that_cannot_be_applied_is_answered_409_with_the_reason(
    search: Search, owner: User, signed_in: SignedIn
) -> None:
    answer = post(signed_in(owner), f"/api/searches/{search.pk}/commands", {"kind": "lock", "edge": "4-1"})
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["detail"] == "Edge 4-1 is not in the graph."


def test_a_command_of_an_unknown_kind_is_answered_400(search: Search, owner: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(owner), f"/api/searches/{search.pk}/commands", {"kind": "explode"})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "kind")


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ("[" * 100_000, None),
        ('{"seed": ' + "9" * 5_000 + "}", None),
        ("[1]", None),
        ('{"space": {"nodes": 1e999}}', "settings.space.nodes"),
        ('{"space": {"nodes": 1' + "0" * 400 + "}}", "settings.space.nodes"),
        ('{"space": {"nodes": [1]}}', "settings.space.nodes"),
        ('{"space": {"\\ud800": 1}}', "settings.space.?"),
        ('{"space": [1]}', "settings.space"),
        ('{"\\ud800": {}}', "settings.?"),
    ],
)
def test_a_malformed_body_is_rejected_with_a_message(
    owner: User, signed_in: SignedIn, body: str, attr: str | None
) -> None:
    if attr is not None:
        body = json.dumps(DRAFT | {"settings": "HERE"}).replace('"HERE"', body)
    answer = signed_in(owner).post("/api/searches", body, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


def test_an_edge_is_named_in_ascii_digits_alone(search: Search, owner: User, signed_in: SignedIn) -> None:
    answer = post(signed_in(owner), f"/api/searches/{search.pk}/commands", {"kind": "lock", "edge": "٠-١"})
    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "edge")


@pytest.mark.parametrize(
    ("cause", "message"),
    [
        (psycopg2.OperationalError("no connection"), "The database cannot be reached."),
        (
            psycopg2.errors.DiskFull("no space left on device"),
            "The disk of the database is full",
        ),
    ],
)
def test_an_unreachable_or_full_database_is_answered_503_with_a_message(
    search: Search, owner: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch, cause: Exception, message: str
) -> None:
    def away(*_: object) -> None:
        raise OperationalError(str(cause)) from cause

    monkeypatch.setattr(event_log, "after", away)
    answer = signed_in(owner).get(f"/api/searches/{search.pk}/events")
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["detail"].startswith(message)


def test_a_list_of_searches_takes_a_constant_number_of_queries(
    make_search: MakeSearch, owner: User, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for seed in range(4):
        make_search(seed=seed)
    browser = signed_in(owner)
    with django_assert_max_num_queries(4) as asked:  # session, user, count, rows
        assert browser.get("/api/searches").json()["count"] == 4
    assert not [query for query in asked.captured_queries if '"summary"' in query["sql"]]


def test_the_catalog_takes_a_constant_number_of_queries(
    team: Team, owner: User, signed_in: SignedIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for stream in ("descent-and-choice", "no-limits", "three-limits"):
        ended_search(team, owner, stream, stream)
    browser = signed_in(owner)
    with django_assert_max_num_queries(4):
        assert browser.get("/api/architectures").json()["count"] == 3


def test_an_architecture_shows_its_costs_by_node_and_its_lineage(team: Team, owner: User, signed_in: SignedIn) -> None:
    search = ended_search(team, owner)
    found = Architecture.objects.get()
    detail = signed_in(owner).get(f"/api/architectures/{found.pk}").json()
    assert sum(part["params"] for part in detail["per_node"]) == detail["cost"]["params"]
    assert detail["lineage"]["search"] == search.pk
    assert detail["lineage"]["search_name"] == "Small"


def test_the_catalog_is_searched_and_sorted(team: Team, owner: User, signed_in: SignedIn) -> None:
    for name in ("birch", "alder", "cedar"):
        ended_search(team, owner, name)
    browser = signed_in(owner)
    rows = browser.get("/api/architectures?sort=name").json()["results"]
    assert [row["name"] for row in rows] == ["alder", "birch", "cedar"]
    assert browser.get("/api/architectures?text=CED").json()["count"] == 1
    assert browser.get("/api/architectures?sort=secret").status_code == 400


def test_an_architecture_names_the_space_that_its_cell_was_found_in(
    team: Team, owner: User, signed_in: SignedIn
) -> None:
    search = ended_search(team, owner)
    found = search.architectures.get()
    budget = {"bytes_per_element": 4}
    scaled = architectures.scale(found, team, owner, "Scaled", None, found.macro, found.cost, budget)
    again = architectures.scale(scaled, team, owner, "Again", None, found.macro, found.cost, budget)

    def space(architecture: Architecture) -> Any:
        return signed_in(owner).get(f"/api/architectures/{architecture.pk}").json()["space"]

    asked = search.task["space"]
    assert space(found) == space(scaled) == space(again) == {"name": asked["name"], "settings": asked["config"]}
    Search.objects.filter(pk=search.pk).update(deleted_at="2026-01-01T00:00:00Z")
    assert space(found) is None and space(again) is None


def test_for_a_stranger_an_architecture_does_not_exist(
    team: Team, owner: User, stranger: User, signed_in: SignedIn
) -> None:
    found = ended_search(team, owner).architectures.get()
    browser = signed_in(stranger)
    assert browser.get(f"/api/architectures/{found.pk}").status_code == 404
    train = post(browser, f"/api/architectures/{found.pk}/train", {"dataset": "digits", "seed": 0, "recipe": {}})
    assert train.status_code == 404
