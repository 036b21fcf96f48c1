"""Costs of edits over REST: bounded, without side effects, for every signed-in user."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from search.base import serialization
from search.network.cost import cost_of
from search.spaces import cnn
from search.spaces.presets import PRESETS

pytestmark = pytest.mark.django_db

CELL, MACRO = cnn.dense(5), cnn.search_macro((3, 16, 16), 10)
ASKED: dict[str, Any] = {
    "graph": CELL.to_dict(),
    "macro": serialization.to_jsonable(MACRO),
    "budget": {"params": 1},
    "edits": [{"kind": "remove_edge", "edge": edge.id} for edge in CELL.edges],
    "each": True,
}


def ask(browser: Client, **changes: Any) -> Any:
    return browser.post("/api/what-if", ASKED | changes, content_type="application/json")


def test_each_edit_is_priced_without_the_database(
    browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # the session and the user
        costs = ask(browser).json()["costs"]
    assert [one["edit"] for one in costs] == list(range(len(CELL.edges)))
    after = cost_of(CELL.without(CELL.edges[0]), MACRO)
    assert costs[0]["cost"]["params"] == after.params
    assert costs[0]["over"] == [{"limit": "params", "value": after.params, "allowed": 1}]
    assert (costs[0]["nodes"], costs[0]["edges"][0], costs[0]["why_not"]) == ([1], "0-1", None)


def test_all_edits_together_give_one_graph(browser: Client) -> None:
    answer = ask(browser, each=False, edits=ASKED["edits"][:1], budget=None).json()
    assert answer["graph"] == CELL.without(CELL.edges[0]).to_dict()
    assert answer["cost"]["peak_memory"]["optimal"] and answer["fits"] and answer["over"] == []


def test_no_edits_price_the_graph_itself(browser: Client) -> None:
    assert ask(browser, each=False, edits=[]).json()["graph"] == CELL.to_dict()


def node(**changes: Any) -> dict[str, Any]:
    return {"nodes": [{"id": 0, "op": "input", "rank": 0.0, **changes}], "edges": []}


def macro(**changes: Any) -> dict[str, Any]:
    return {**ASKED["macro"], **changes}


STAGE = {"filters": 8, "cells": 1, "stride": 1}
MANY = cnn.dense(32).to_dict()
BAD: list[tuple[str, dict[str, Any]]] = [
    ("graph", {"graph": None}),
    ("graph", {"graph": {"nodes": [], "edges": []}}),
    ("graph", {"graph": node(op="sep3")}),
    ("graph.nodes.0.rank", {"graph": node(rank="nan")}),
    ("graph.nodes.0.rank", {"graph": node(rank="inf")}),
    ("graph.nodes.0.id", {"graph": node(id=10**30)}),
    ("graph.nodes", {"graph": {"nodes": MANY["nodes"] + [{"id": 32, "op": "sep3", "rank": 32}], "edges": []}}),
    ("graph", {"graph": {"nodes": ASKED["graph"]["nodes"], "edges": []}}),
    ("macro", {"macro": {}}),
    ("macro", {"macro": {"kind": "text", "vocabulary": 0, "hidden": 1}}),
    ("macro", {"macro": {"kind": "text", "vocabulary": 10**9, "hidden": 1}}),
    ("macro", {"macro": macro(input=[3, 10**6, 16])}),
    ("macro", {"macro": macro(stem_filters=10**30)}),
    ("macro", {"macro": macro(stem_stride=65)}),
    ("macro", {"macro": macro(stages=[STAGE] * 17)}),
    ("macro", {"macro": macro(stages=[STAGE | {"cells": 65}])}),
    ("macro", {"macro": macro(stages=[STAGE | {"cells": 0}])}),
    ("budget.bytes_per_element", {"budget": {"bytes_per_element": 3}}),
    ("budget.params", {"budget": {"params": 0}}),
    ("edits", {"edits": ASKED["edits"] * 51}),
    ("edits.0.kind", {"edits": [{"kind": "add_node"}]}),
    ("edits", {"edits": [{"kind": "remove_edge", "edge": "0-9"}], "each": False}),
    ("edits", {"graph": MANY, "macro": macro(stages=[STAGE | {"cells": 64}]), "edits": ASKED["edits"] * 2}),
]


@pytest.mark.parametrize(("field", "changes"), BAD)
def test_an_invalid_or_too_expensive_request_is_rejected_with_a_message(
    browser: Client, field: str, changes: dict[str, Any]
) -> None:
    answer = ask(browser, **changes)
    assert answer.status_code == 400
    (error, *_) = answer.json()["errors"]
    assert error["attr"] == field and error["detail"].endswith(".")


def test_the_largest_allowed_request_is_answered(browser: Client) -> None:
    preset = PRESETS["shrinkcnn-a"]
    asked = {
        "graph": preset.graph.to_dict(),
        "macro": serialization.to_jsonable(preset.macro),
        "edits": [{"kind": "remove_edge", "edge": "0-1"}],
    }
    assert ask(browser, **asked).status_code == 200


def test_a_graph_with_an_expensive_canonical_form_is_priced(browser: Client) -> None:
    """Twelve equal chains have 12! numberings, too many to try."""
    chains = range(1, 13)
    nodes = [
        {"id": 0, "op": "input", "rank": 0},
        *({"id": i, "op": "sep3", "rank": i} for i in chains),
        *({"id": i + 12, "op": "conv1", "rank": i + 12} for i in chains),
    ]
    edges = [(0, i) for i in chains] + [(i, i + 12) for i in chains]
    graph = {"nodes": nodes, "edges": [{"source": a, "target": b} for a, b in edges]}
    edits = [{"kind": "remove_edge", "edge": "0-1"}]
    for each in (True, False):
        assert ask(browser, graph=graph, edits=edits, each=each, budget={"peak_memory": 1}).status_code == 200


def test_a_graph_with_attributes_that_its_network_lacks_is_rejected_not_priced_without_them(browser: Client) -> None:
    graph = CELL.to_dict()
    for change, attr, detail in (
        ({"attrs": {"width": 8, "kernel": "3x3"}}, "graph", "Node 1 has attributes, or a cell of its own, which this "),
        ({"attrs": {"width": [8]}}, "graph.nodes.1.attrs.width", "Give a number, a text, or true or false."),
        ({"cell": -1}, "graph.nodes.1.cell", "Ensure this value is greater than or equal to 0."),
    ):
        nodes = [graph["nodes"][0], graph["nodes"][1] | change, *graph["nodes"][2:]]
        [error] = ask(browser, graph={**graph, "nodes": nodes}, each=False, edits=[]).json()["errors"]
        assert (error["attr"], error["detail"][: len(detail)]) == (attr, detail)
