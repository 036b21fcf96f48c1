"""The factors of a search over REST: what the engine offers, and which choices and settings are rejected."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from search.base.serialization import Json
from search.spaces import SPACES
from search.strategies import STRATEGIES
from tests.webapp.endpoints import dataset_of
from tests.webapp.fakes import TASK
from webapp.models import Search, Team, User

pytestmark = pytest.mark.django_db

SignedIn = Callable[[User], Client]
PATHS = ("/api/searches", "/api/searches/preview")
DATASETS = {"image": "digits", "text": "python-docs"}
TEXT: Json = {"dataset": "python-docs", "budget": {}, "settings": {}}
PUBLISHED: Json = {"budget": {}, "settings": {"strategy": {"protocol": "published"}}}


def post(browser: Client, path: str, body: Json) -> Any:
    return browser.post(path, body, content_type="application/json")


def names(rows: list[Json]) -> list[str]:
    return [row["name"] for row in rows]


def by_name(rows: list[Json]) -> dict[str, Json]:
    return {row["name"]: row for row in rows}


@pytest.fixture
def engine(browser: Client) -> Json:
    answer: Json = browser.get("/api/engine").json()
    return answer


def test_the_engine_lists_strategies_with_the_spaces_that_they_search_and_their_own_settings(engine: Json) -> None:
    assert names(engine["strategies"]) == list(STRATEGIES)
    autoshrink = by_name(engine["strategies"])["autoshrink"]
    assert autoshrink["title"] == "AutoShrink" and autoshrink["about"]
    assert autoshrink["spaces"] == ["cnn", "rnn"]
    assert names(autoshrink["schema"]) == [
        *("protocol", "candidates", "keep_edges", "patience", "keep_parent", "descent_epochs"),
    ]
    protocol = autoshrink["schema"][0]
    assert (protocol["type"], protocol["default"], protocol["choices"]) == (
        "choice",
        "studio",
        ["studio", "published"],
    )
    assert "published" not in protocol


def test_the_engine_lists_the_protocols_of_a_strategy_with_their_settings_by_space(engine: Json) -> None:
    studio, published = by_name(engine["strategies"])["autoshrink"]["protocols"]
    assert (studio["name"], studio["fixed"], studio["evaluator"]) == ("studio", False, None)
    assert studio["settings"] == {"rnn": {"strategy": {"candidates": 4}}}
    assert (published["name"], published["fixed"], published["evaluator"]) == ("published", True, "train")
    assert published["settings"]["cnn"]["evaluator"] == {"recipe": "published", "epochs": 20, "images": 0}
    assert published["settings"]["rnn"]["space"] == {"nodes": 6, "hidden": 100}


def test_the_engine_lists_spaces_with_the_kind_of_data_that_they_take(engine: Json) -> None:
    spaces = {space["name"]: space for space in engine["spaces"]}
    assert spaces.keys() == SPACES.keys()
    assert {name for name, space in spaces.items() if space["kind"] == "text"} == {"rnn"}
    assert all(space["title"] and space["about"] for space in spaces.values())
    cnn, rnn = spaces["cnn"], spaces["rnn"]
    assert (names(cnn["schema"]), names(rnn["schema"])) == (["nodes"], ["nodes", "hidden"])
    nodes = cnn["schema"][0]
    assert (nodes["type"], nodes["default"], nodes["min"]) == ("int", 8, 2)


def test_the_engine_lists_evaluators_with_a_schema_per_kind_of_data_that_they_take(engine: Json) -> None:
    train, inherit, score = engine["evaluators"]
    assert (train["name"], inherit["name"], score["name"]) == ("train", "inherit", "score")
    assert (train["defaults"], score["defaults"]) == ({}, {"objective": {"cost_weight": 0.0}})
    assert {kind: names(rows) for kind, rows in train["schemas"].items()} == {
        "image": ["recipe", "epochs", "images"],
        "text": ["recipe", "epochs"],
    }
    assert {kind: names(rows) for kind, rows in inherit["schemas"].items()} == {"image": ["epochs", "images"]}


def test_the_engine_lists_the_settings_of_the_objective(engine: Json) -> None:
    assert names(engine["objective"]) == ["cost_weight", "cost_of"]


def test_every_combination_that_the_engine_offers_is_accepted_with_its_defaults(engine: Json, browser: Client) -> None:
    spaces = by_name(engine["spaces"])
    for strategy in engine["strategies"]:
        for space in strategy["spaces"]:
            kind = spaces[space]["kind"]
            for evaluator in (each for each in engine["evaluators"] if kind in each["schemas"]):
                draft = {
                    "strategy": strategy["name"],
                    "space": space,
                    "evaluator": evaluator["name"],
                    "dataset": DATASETS[kind],
                    "seed": 0,
                    "budget": {},
                    "settings": {
                        "space": defaults(spaces[space]["schema"]),
                        "evaluator": defaults(evaluator["schemas"][kind]),
                        "objective": defaults(engine["objective"]),
                        "answer": defaults(engine["answer"]),
                    },
                }
                answer = post(browser, "/api/searches/preview", draft)
                assert answer.status_code == 200, (draft, answer.json())
                assert answer.json()["fits"] is True and answer.json()["evaluations"] > 0


def defaults(schema: list[Json]) -> Json:
    return {row["name"]: row["default"] for row in schema}


def test_a_launched_search_shows_its_factors_with_all_defaults(browser: Client) -> None:
    draft = {**TASK, "space": "cnn", "evaluator": "inherit"}
    made = post(browser, "/api/searches", draft)
    task = browser.get(f"/api/searches/{made.json()['id']}").json()["task"]
    assert task["space"] == {"name": "cnn", "config": {"nodes": 6}}
    assert task["evaluator"] == {"name": "inherit", "config": {"epochs": 0, "images": 0}}
    assert (task["strategy"]["name"], task["strategy"]["config"]["candidates"]) == ("autoshrink", 3)
    assert task["objective"] == {"cost_weight": 0.0, "cost_of": "macs"}  # its budget has a limit
    assert task["answer"] == {"finalists": 3, "answer_epochs": 0}
    assert made.json()["strategy"] == "autoshrink"


def test_space_and_evaluator_are_chosen_where_a_draft_names_none(browser: Client) -> None:
    for chosen in ({}, {"space": None, "evaluator": None}):
        task = post(browser, "/api/searches", {**TASK, **TEXT, **chosen}).json()["task"]
        assert (task["space"]["name"], task["evaluator"]["name"]) == ("rnn", "train")
        assert task["strategy"]["config"]["candidates"] == 4  # that of the protocol in this space


REJECTED: list[tuple[Json, str, str]] = [
    ({"strategy": "guess"}, "strategy", '"guess" is not a valid choice.'),
    (
        {"evaluator": "guess"},
        "evaluator",
        "Autoshrink on image data has no evaluator 'guess'; it has train, inherit, score.",
    ),
    (
        {**TEXT, "evaluator": "inherit"},
        "evaluator",
        "Autoshrink on text data has no evaluator 'inherit'; it has train.",
    ),
    ({"space": "rnn"}, "space", "Autoshrink on image data has no space 'rnn'; it has cnn."),
    ({**TEXT, "space": "cnn"}, "space", "Autoshrink on text data has no space 'cnn'; it has rnn."),
    (
        {"settings": {"space": {"candidates": 3}}},
        "settings.space.candidates",
        "There is no such setting; the settings are nodes.",
    ),
    (
        {"settings": {"evaluator": {"recipe": "dataset"}}, "evaluator": "inherit"},
        "settings.evaluator.recipe",
        "There is no such setting; the settings are epochs, images.",
    ),
    (
        {**TEXT, "settings": {"evaluator": {"images": 10}}},
        "settings.evaluator.images",
        "There is no such setting; the settings are recipe, epochs.",
    ),
    (
        {"settings": {"objective": {"cost_weight": 2}}},
        "settings.objective.cost_weight",
        "Must be from 0 to 1, not 2.",
    ),
    (
        {"settings": {"network": {"nodes": 6}}},
        "settings.network",
        "There is no such factor; the factors are space, strategy, evaluator, objective, answer.",
    ),
    (
        {**PUBLISHED, "settings": {**PUBLISHED["settings"], "space": {"nodes": 4}}},
        "settings.space.nodes",
        "The published protocol fixes it to 8, so leave it out.",
    ),
    (
        {**PUBLISHED, "evaluator": "inherit"},
        "evaluator",
        "The published protocol has no evaluator 'inherit'; it has train.",
    ),
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("change", "attr", "detail"), REJECTED)
def test_factors_that_do_not_fit_are_rejected_by_name(
    browser: Client, path: str, change: Json, attr: str, detail: str
) -> None:
    answer = post(browser, path, {**TASK, **change})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["attr"]) == (400, attr)
    assert error["detail"] == detail
    assert not Search.objects.exists()


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_learns_nothing_of_a_dataset_from_what_fits_it(
    team: Team,
    owner: User,
    colleague: User,
    stranger: User,
    signed_in: SignedIn,
    tmp_path: Path,
    settings: Any,
    path: str,
) -> None:
    settings.FILES_DIR = tmp_path / "files"
    draft = {**TASK, "dataset": dataset_of(team, owner, tmp_path).pk, "space": "rnn"}
    attrs = {}
    for person in (owner, colleague, stranger):
        answer = post(signed_in(person), path, draft)
        attrs[person.first_name] = [error["attr"] for error in answer.json()["errors"]]
        assert answer.status_code == 400
    assert attrs == {"Owner": ["space"], "Colleague": ["space"], "Stranger": ["dataset"]}


def test_a_viewer_may_preview_and_not_launch_whatever_the_factors(viewer: User, signed_in: SignedIn) -> None:
    browser = signed_in(viewer)
    for change, status in (({}, 200), ({"evaluator": "guess"}, 400)):
        assert post(browser, "/api/searches/preview", {**TASK, **change}).status_code == status
        assert post(browser, "/api/searches", {**TASK, **change}).status_code == 403


@pytest.mark.parametrize("strategy", list(STRATEGIES))
def test_a_preview_starts_no_search(strategy: str, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        raise AssertionError("the web server started the strategy")

    monkeypatch.setattr(STRATEGIES[strategy], "start", start)
    for budget in ({}, {"params": 1}):
        draft = {**TASK, "strategy": strategy, "budget": budget, "settings": {}}
        preview = post(browser, "/api/searches/preview", draft).json()
        assert preview["fits"] is (budget == {})
        assert [problem["limit"] for problem in preview["problems"]] == list(budget)
