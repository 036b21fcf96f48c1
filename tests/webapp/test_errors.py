"""Errors of the domain become responses in one place, and all responses have one shape."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.exceptions import ErrorDetail, ValidationError

from webapp.api.errors import Formatter, Handler
from webapp.core import errors
from webapp.files import storage
from webapp.models import Search, User
from webapp.searches import event_log

SignedIn = Callable[[User], Client]


def respond(error: Exception) -> Any:
    return Handler(error, {"view": None, "args": (), "kwargs": {}, "request": None}).run()  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "status", "kind", "item"),
    [
        (errors.InvalidField("budget.params", "Too small."), 400, "validation_error", ("invalid", "budget.params")),
        (errors.NotFound("There is no command 7."), 404, "client_error", ("not_found", None)),
        (errors.Conflict("The search is over."), 409, "client_error", ("conflict", None)),
        (errors.TooLarge("Send less."), 413, "client_error", ("too_large", None)),
        (errors.Unavailable("Try again."), 503, "server_error", ("unavailable", None)),
    ],
)
def test_each_kind_of_error_has_its_status(error: errors.Refused, status: int, kind: str, item: Any) -> None:
    response = respond(error)
    code, attr = item
    assert response.status_code == status
    assert response.data == {"type": kind, "errors": [{"code": code, "detail": error.message, "attr": attr}]}


def test_an_error_may_add_keys_to_the_response() -> None:
    assert respond(errors.Conflict("Not the next part.", received=8)).data["received"] == 8


@pytest.mark.parametrize("kind", [storage.Unreachable, storage.AccessDenied])
def test_the_address_of_the_file_store_is_logged_and_not_sent(
    kind: type[storage.StoreError], caplog: pytest.LogCaptureFixture
) -> None:
    response = respond(kind("The object store s3://garden cannot be reached."))
    assert response.status_code == 503
    assert response.data["errors"][0]["detail"] == "The file store cannot be reached. Try again in a moment."
    assert "s3://garden" in caplog.text


def test_errors_of_nested_objects_name_the_path_and_errors_of_the_whole_body_name_nothing() -> None:
    detail: Any = {
        "graph": {"nodes": {3: {"op": [ErrorDetail("Unknown.", "invalid")]}}},
        "budget": {"non_field_errors": [ErrorDetail("Give a limit.", "invalid")]},
        "non_field_errors": [ErrorDetail("Name an edge.", "invalid")],
    }
    error = ValidationError(detail)
    found = {item["attr"] for item in Formatter(error, {}, error).run()["errors"]}  # type: ignore[typeddict-item]
    assert found == {"graph.nodes.3.op", "budget", None}


@pytest.mark.django_db
def test_a_bug_is_a_500_that_django_logs(
    search: Search, owner: User, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(event_log, "read", broken)
    browser = signed_in(owner)
    browser.raise_request_exception = False
    response = browser.get(f"/api/searches/{search.pk}/events")
    assert (response.status_code, response.json()["type"]) == (500, "server_error")
