"""Names that people give are texts on one line, wherever they give them."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework import serializers

from search.base.serialization import Json
from tests.webapp.endpoints import world
from tests.webapp.fakes import TASK, run_to_end
from webapp.api.vocabulary import NO_LINE, Base, LineField
from webapp.models import Device, Search, SearchDraft, Team, Upload, User

pytestmark = pytest.mark.django_db

#: Where people name something: method, address, field, and the rest of the body.
NAMED: dict[str, tuple[str, str, str, Json]] = {
    "a search": ("post", "/api/searches", "name", TASK),
    "a fork": ("post", "/api/searches/{ended}/fork", "name", {"step": 1}),
    "a draft": ("post", "/api/drafts", "name", {"draft": {}}),
    "a changed draft": ("put", "/api/drafts/{drafts}", "name", {"draft": {}, "version": 1}),
    "a device": ("post", "/api/devices", "name", {}),
    "an uploaded file": ("post", "/api/uploads", "name", {"title": "Leaves", "bytes": 10}),
    "an upload": ("post", "/api/uploads", "title", {"name": "leaves.zip", "bytes": 10}),
    "a renamed search": ("patch", "/api/searches/{searches}", "name", {}),
    "a renamed architecture": ("patch", "/api/architectures/{architectures}", "name", {}),
    "a renamed model": ("patch", "/api/models/{models}", "name", {}),
    "a renamed dataset": ("patch", "/api/datasets/{datasets}", "name", {}),
}


@pytest.fixture
def ids(team: Team, owner: User, make_search: Callable[..., Search], settings: Any, tmp_path: Path) -> dict[str, str]:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"
    ended = make_search()
    run_to_end(ended)
    return {"ended": ended.pk, **world(team, owner, tmp_path).ids}


def stored() -> list[str]:
    columns = ((Search, "name"), (SearchDraft, "name"), (Device, "name"), (Upload, "name"), (Upload, "title"))
    return sorted(text for model, column in columns for text in model.objects.values_list(column, flat=True))


@pytest.mark.parametrize("what", NAMED)
def test_a_name_has_one_line_of_visible_characters(browser: Client, ids: dict[str, str], what: str) -> None:
    method, address, field, body = NAMED[what]
    address, before = address.format(**ids), stored()

    def give(name: str) -> Any:
        return getattr(browser, method)(address, {**body, field: name}, content_type="application/json")

    for name in (
        "two\nlines",
        "a\ttab",
        "a\x1b[31mcolour",
        "a\u2028b",
        "turned \u202eround",
        "a\x00b",
        "a\u00adb",
        "\u200d",
        "\u3164",
        "\u2800 \u115f",
        "\u0301",
    ):
        answer = give(name)
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["attr"], error["detail"]) == (400, field, NO_LINE), repr(name)
    assert stored() == before
    name = "Ähre 🌾 👩\u200d🌾 می\u200cخواهم\u00a0№ 1"
    answer = give(f" {name}\n")  # white space around it is left out
    assert answer.status_code in (200, 201), answer.json()
    assert answer.json()[field] == name


def test_no_request_has_a_name_of_another_kind() -> None:
    importlib.import_module("webapp.api.urls")

    def kinds(base: type[Base]) -> Iterator[type[Base]]:
        for kind in base.__subclasses__():
            if kind.__module__.startswith("webapp.api"):
                yield kind
                yield from kinds(kind)

    given = [
        (kind.__name__, field)
        for kind in set(kinds(serializers.Serializer))
        for name, field in getattr(kind, "_declared_fields").items()  # noqa: B009
        if name in ("name", "title") and getattr(field, "max_length", None)
    ]
    assert len({name for name, _ in given}) >= 7
    assert [name for name, field in given if not isinstance(field, LineField)] == []
