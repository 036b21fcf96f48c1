"""Scaling a cell to a network of another size within a budget: the preview and the stored architecture."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from search.base import serialization
from search.network.cost import cost_of
from search.network.macro import read
from search.spaces import rnn
from search.spaces.presets import PRESETS
from tests.webapp import endpoints
from tests.webapp.measuring import architecture_of
from webapp.catalog import architectures
from webapp.devices import devices
from webapp.models import Architecture, Team, User

pytestmark = pytest.mark.django_db

LIMITS = {"params": 200_000, "macs": 30_000_000}


@pytest.fixture
def architecture(team: Team) -> Architecture:
    return architecture_of(team)


@pytest.fixture
def language(team: Team) -> Architecture:
    graph, macro = rnn.dense(4, 0), rnn.search_macro(2_000, 32)
    cost = serialization.to_jsonable(cost_of(graph, macro))
    architectures.publish(
        "Words",
        graph=graph.to_dict(),
        macro=serialization.to_jsonable(macro),
        hash=graph.hash,
        cost=cost,
        source="Here",
    )
    return Architecture.objects.get(name="Words")


def ask(browser: Client, architecture: Architecture, end: str = "", **body: Any) -> Any:
    body = {"budget": LIMITS, **body}
    return browser.post(f"/api/architectures/{architecture.pk}/scale{end}", body, content_type="application/json")


def errors(answer: Any) -> list[str]:
    assert answer.status_code == 400
    return [error["attr"] for error in answer.json()["errors"]]


def test_a_preview_returns_the_scaled_network_and_its_costs(browser: Client, architecture: Architecture) -> None:
    preview = ask(browser, architecture, "/preview", resolution=32, classes=10).json()
    macro = read(preview["macro"])
    assert preview["macro"]["input"] == [3, 32, 32] and preview["macro"]["classes"] == 10
    assert preview["macro"]["activation"] == "relu"
    cost = cost_of(PRESETS["shrinkcnn-a"].graph, macro)
    assert preview["cost"]["params"] == cost.params <= 200_000 and cost.macs <= 30_000_000
    assert preview["share"] == {"params": cost.params / 200_000, "macs": cost.macs / 30_000_000}
    assert preview["share"][preview["limited_by"]] == max(preview["share"].values()) > 0.9
    assert preview["problems"] == [] and Architecture.objects.count() == 1


def test_a_scaled_network_is_stored_in_the_catalog(browser: Client, architecture: Architecture) -> None:
    answer = ask(browser, architecture, dataset="digits")
    assert answer.status_code == 201
    made = answer.json()
    previewed = ask(browser, architecture, "/preview", dataset="digits").json()
    assert (made["macro"], made["cost"]) == (previewed["macro"], previewed["cost"])
    assert made["kind"] == "scaled" and made["name"] == "shrinkcnn-a at 8 px, 200 k parameters"
    assert made["parent"] == {"id": architecture.pk, "name": "shrinkcnn-a"}
    assert (made["dataset"], made["budget"]["params"], made["graph"]) == ("digits", 200_000, architecture.graph)
    row = Architecture.objects.get(pk=made["id"])
    assert (row.team, row.hash, row.search, row.source) == (
        architecture.team, architecture.hash, None, "Scaled from “shrinkcnn-a”",
    )  # fmt: skip
    trained = browser.post(
        f"/api/architectures/{made['id']}/train", {"dataset": "digits", "seed": 0, "recipe": {}}, "application/json"
    )
    assert trained.status_code == 201


def test_a_network_scaled_twice_is_named_after_the_first(browser: Client, architecture: Architecture) -> None:
    made = Architecture.objects.get(pk=ask(browser, architecture, resolution=16).json()["id"])
    again = ask(browser, made, budget={"peak_memory": 64_000}, family="search").json()
    assert again["name"] == "shrinkcnn-a at 16 px, 64 k bytes"
    assert again["parent"]["id"] == made.pk
    Architecture.objects.filter(pk=architecture.pk).update(name="x" * 120)
    assert len(ask(browser, Architecture.objects.get(pk=architecture.pk)).json()["name"]) == 120


def test_a_language_model_is_scaled_by_its_hidden_size(browser: Client, language: Architecture) -> None:
    preview = ask(browser, language, "/preview", vocabulary=1_000, budget={"params": 100_000}).json()
    assert preview["macro"]["vocabulary"] == 1_000 and preview["macro"]["hidden"] > 50
    made = ask(browser, language, budget={"params": 100_000}).json()
    assert made["name"] == "Words at 2,000 words, 100 k parameters" and made["metric"] == "perplexity"


def test_a_budget_that_no_size_fits_is_answered_with_the_cost_of_the_smallest(
    browser: Client, architecture: Architecture
) -> None:
    preview = ask(browser, architecture, "/preview", budget={"params": 1}).json()
    assert (preview["macro"], preview["cost"], preview["share"], preview["limited_by"]) == (None, None, {}, None)
    (problem,) = preview["problems"]
    assert problem["limit"] == "params" and problem["needed"] > problem["allowed"] == 1
    assert problem["detail"].endswith(", even for the smallest network of this cell.")
    answer = ask(browser, architecture, budget={"params": 1})
    assert errors(answer) == ["budget"] and "No network of this cell fits." in answer.json()["errors"][0]["detail"]


def test_an_invalid_request_is_rejected_with_its_field(
    browser: Client, architecture: Architecture, language: Architecture
) -> None:
    for body, field in (
        ({"budget": {}}, "budget"),
        ({"budget": {"latency": 5}}, "budget"),
        ({"budget": {"params": 0}}, "budget.params"),
        ({"budget": {"params": 5, "bytes_per_element": 3}}, "budget.bytes_per_element"),
        ({"budget": {"params": 5, "device": "nobody"}}, "budget.device"),
        ({"dataset": "nobody's"}, "dataset"),
        ({"dataset": "python-docs"}, "dataset"),
        ({"vocabulary": 5}, "vocabulary"),
        ({"resolution": 4_096}, "resolution"),
        ({"family": "other"}, "family"),
    ):
        for end in ("", "/preview"):
            assert errors(ask(browser, architecture, end, **body)) == [field]
    assert errors(ask(browser, language, resolution=8)) == ["resolution"]
    assert errors(ask(browser, language, classes=8)) == ["classes"]
    assert errors(ask(browser, language, dataset="digits")) == ["dataset"]


def test_a_limit_on_latency_is_stored_for_measurements(
    browser: Client, architecture: Architecture, owner: User
) -> None:
    device, _ = devices.create(architecture.team or Team(), owner, "Desk")
    budget = {"params": 200_000, "latency": 100, "device": device.pk}
    made = ask(browser, architecture, resolution=16, budget=budget).json()
    assert made["cost"]["latency"] is None and made["budget"]["latency"] == 100


def test_a_published_cell_is_scaled_for_the_team_that_owns_the_dataset(
    browser: Client, team: Team, owner: User, stranger: User, signed_in: Callable[[User], Client], tmp_path: Path,
    settings: Any,
) -> None:  # fmt: skip
    settings.FILES_DIR = tmp_path / "files"
    published = architecture_of(None)
    dataset = endpoints.dataset_of(team, owner, tmp_path)
    made = ask(browser, published, dataset=dataset.pk).json()
    assert Architecture.objects.get(pk=made["id"]).team == team
    assert made["macro"]["classes"] == 2
    assert errors(ask(signed_in(stranger), published, "/preview", dataset=dataset.pk)) == ["dataset"]
    assert ask(signed_in(stranger), Architecture.objects.get(pk=made["id"]), "/preview").status_code == 404


def test_the_memory_of_the_parts_is_counted_at_the_precision_of_the_whole(
    browser: Client, architecture: Architecture
) -> None:
    made = ask(browser, architecture, budget={**LIMITS, "bytes_per_element": 1}).json()
    assert made["bytes_per_element"] == 1
    peaks = [part["peak"] for part in made["per_node"]]
    assert max(peaks) == made["cost"]["peak_memory"]["optimal"]
    assert peaks.count(max(peaks)) < len(peaks)
