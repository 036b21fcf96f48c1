"""A search in every space of images, from its draft to the pages of what it found."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from search.data.builtin import get
from search.spaces import SPACES
from tests.webapp import endpoints
from tests.webapp.fakes import run_to_end
from webapp.models import Team, User

pytestmark = pytest.mark.django_db(transaction=True)

#: Settings that make the graphs of a space small.
SETTINGS: dict[str, dict[str, Any]] = {
    "cnn": {"nodes": 4},
    "nasbench201": {"channels": 4, "cells": 1},
    "nasbench_macro": {},
    "chain": {"start": "small", "head": 64},
}


def test_every_space_of_images_is_tested_here() -> None:
    assert SETTINGS.keys() == {name for name, space in SPACES.items() if space.KIND == "image"}


@pytest.mark.parametrize("space", SETTINGS)
def test_what_a_search_finds_is_shown_priced_and_trained(
    space: str, team: Team, owner: User, signed_in: Callable[[User], Client]
) -> None:
    sampler = {"candidates": 4, "rounds": 4, "population": 8, "tournament": 3}
    settings = {"space": SETTINGS[space], "strategy": sampler}
    draft = {
        "strategy": "evolution",
        "space": space,
        "dataset": "digits",
        "seed": 0,
        "budget": {},
        "settings": settings,
    }
    search = endpoints.launch(team, owner, space, draft)
    run_to_end(search)
    assert search.status == "finished"
    browser, architecture = signed_in(owner), search.architectures.get()
    shown = browser.get(f"/api/architectures/{architecture.pk}").json()
    assert shown["metric"] == "accuracy" and shown["macro"]["kind"] == SPACES[space].macro(*given(space)).kind
    assert browser.get(f"/api/architectures/{architecture.pk}/network").status_code == 200
    assert browser.get("/api/architectures").json()["results"][0]["id"] == architecture.pk
    edits = [{"kind": "remove_node", "node": node["id"]} for node in shown["graph"]["nodes"]]
    asked = {"graph": shown["graph"], "macro": shown["macro"], "budget": None, "edits": edits, "each": True}
    prices = browser.post("/api/what-if", asked, content_type="application/json").json()["costs"]
    assert len(prices) == len(edits) and all((price["cost"] is None) == bool(price["why_not"]) for price in prices)
    body = {"dataset": "digits", "seed": 0, "recipe": {}}
    trained = browser.post(f"/api/architectures/{architecture.pk}/train", body, content_type="application/json")
    assert trained.status_code == 201
    assert browser.get("/api/models").json()["results"][0]["metric"] == "accuracy"
    asked_scale = {"budget": {"params": 10**6, "macs": None, "peak_memory": None, "bytes_per_element": 4}}
    preview = browser.post(
        f"/api/architectures/{architecture.pk}/scale/preview", asked_scale, content_type="application/json"
    )
    if space == "cnn":
        assert preview.status_code == 200
    else:
        assert preview.status_code == 409
        assert "Only networks of repeated cells are scaled." in preview.json()["errors"][0]["detail"]


def given(space: str) -> tuple[Any, Any]:
    """The settings, and the data of the digits."""
    return SPACES[space].Config(**SETTINGS[space]), get("digits").data
