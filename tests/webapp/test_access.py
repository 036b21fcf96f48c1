"""Who may do what: each endpoint and socket, requested by an owner, a colleague, a viewer, a stranger, nobody, and
the agent of a device.

Endpoints are read from the server's own routes. One without a row here fails, so that each new one states who may
use it.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.test import Client

from search.base import serialization
from search.spaces import cnn
from tests.webapp import endpoints
from tests.webapp.endpoints import World
from tests.webapp.fakes import TASK
from tests.webapp.sockets import Socket
from webapp.models import User

SignedIn = Callable[[User], Client]

ROLES = ("owner", "colleague", "viewer", "stranger", "nobody", "agent")


@dataclass(frozen=True)
class Row:
    """The status for each role, in the order of ROLES. An agent gets that of nobody unless `agent` is given."""

    answers: str
    body: Any = None
    query: str = ""
    of: str = ""  # which object of the world, if not that of the collection in the path
    at: str = ""  # the path, if it cannot be made from the pattern
    agent: str = ""

    @property
    def expected(self) -> str:
        return f"{self.answers} {self.agent or self.answers.split()[-1]}"


EVERYBODY = "200 200 200 200 401"  # everybody who is signed in
TEAM = "200 200 200 404 401"  # members of the team that owns the object
MEMBERS = "201 201 403 404 401"  # members who may change it
CHANGE = "200 200 403 404 401"
DELETE = "200 403 403 404 401"  # who created it, and owners of the team
NOT_DELETED = "409 403 403 404 401"
NO_PERSON = "401 401 401 401 401"
LEASE = {"work": 1, "token": "1b671a64-40d5-491e-99b0-da01ff1f3341"}  # nobody's
WHAT_IF = {"graph": cnn.dense(3).to_dict(), "macro": serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10))}
PAGE = r"^(?!(?:api|ws|accounts|static|sign-in|guides|healthz|readyz)(?:/|$))"

HTTP = {
    "GET api/me": Row(EVERYBODY),
    "GET api/engine": Row(EVERYBODY),
    "GET api/datasets": Row(EVERYBODY),
    "GET api/datasets/facets": Row(EVERYBODY),
    "GET api/datasets/<slug:id>": Row(TEAM),
    "PATCH api/datasets/<slug:id>": Row(CHANGE, {"name": "New"}),
    "DELETE api/datasets/<slug:id>": Row(DELETE),
    "POST api/datasets/<slug:id>/restore": Row(NOT_DELETED),
    "GET api/datasets/<slug:id>/sample": Row(TEAM),
    "GET api/uploads": Row(EVERYBODY),
    "POST api/uploads": Row("201 201 403 201 401", {"name": "a.zip", "bytes": 10}),
    "GET api/uploads/<slug:id>": Row(TEAM),
    "DELETE api/uploads/<slug:id>": Row("204 204 403 404 401"),
    "PUT api/uploads/<slug:id>/parts": Row("200 200 403 404 401", endpoints.PART, "?offset=0"),
    "POST api/uploads/<slug:id>/finish": Row("202 202 403 404 401", of="whole"),
    "GET api/searches": Row(EVERYBODY),
    "POST api/searches": Row("201 201 403 201 401", TASK),
    "POST api/searches/preview": Row(EVERYBODY, TASK),
    "GET api/searches/facets": Row(EVERYBODY),
    "PATCH api/searches/<slug:id>": Row(CHANGE, {"name": "New"}),
    "DELETE api/searches/<slug:id>": Row("409 403 403 404 401"),  # it runs
    "POST api/searches/<slug:id>/restore": Row(NOT_DELETED),
    "POST api/searches/probe": Row("202 202 403 202 401", TASK),
    "GET api/searches/groups/<slug:id>": Row(TEAM, of="groups"),
    "GET api/searches/<slug:id>": Row(TEAM),
    "GET api/searches/<slug:id>/draft": Row(TEAM),
    "GET api/searches/<slug:id>/events": Row(TEAM),
    "GET api/searches/<slug:id>/snapshot": Row(TEAM),
    "GET api/searches/<slug:id>/candidates": Row(TEAM),
    "GET api/searches/<slug:id>/candidates/<int:branch>/<int:number>": Row(TEAM),
    "GET api/searches/<slug:id>/commands": Row(TEAM),
    "POST api/searches/<slug:id>/commands": Row(MEMBERS, {"kind": "lock", "edge": "0-1"}),
    "DELETE api/searches/<slug:id>/commands/<int:number>": Row("200 200 403 404 401"),
    "POST api/searches/<slug:id>/fork": Row(MEMBERS, {"step": 0}),
    "GET api/drafts": Row(EVERYBODY),
    "POST api/drafts": Row("201 201 403 201 401", {"draft": {"seed": "?"}}),
    "GET api/drafts/<slug:id>": Row(TEAM),
    "PUT api/drafts/<slug:id>": Row("200 200 403 404 401", {"name": "Later", "draft": {}, "version": 1}),
    "DELETE api/drafts/<slug:id>": Row("204 204 403 404 401"),
    "GET api/templates": Row(EVERYBODY),
    "GET api/architectures": Row(EVERYBODY),
    "GET api/architectures/facets": Row(EVERYBODY),
    "GET api/architectures/<slug:id>": Row(TEAM),
    "GET api/architectures/<slug:id>/network": Row(TEAM),
    "PATCH api/architectures/<slug:id>": Row(CHANGE, {"name": "New"}),
    "DELETE api/architectures/<slug:id>": Row("409 403 403 404 401"),  # a model depends on it
    "POST api/architectures/<slug:id>/restore": Row(NOT_DELETED),
    "POST api/architectures/<slug:id>/train": Row(MEMBERS, {"dataset": "digits", "seed": 1, "recipe": {}}),
    "POST api/architectures/<slug:id>/scale": Row(MEMBERS, {"budget": {"params": 200_000}}),
    "POST api/architectures/<slug:id>/scale/preview": Row(TEAM, {"budget": {"params": 200_000}}),
    "GET api/architectures/<slug:id>/measurements": Row(TEAM),
    "POST api/architectures/<slug:id>/measurements": Row(MEMBERS, {"device": None}),
    "GET api/architectures/scores": Row(EVERYBODY),
    "GET api/architectures/<slug:id>/scores": Row(TEAM),
    "POST api/architectures/<slug:id>/scores": Row(MEMBERS, {"proxies": ["zico", "params"], "dataset": "digits"}),
    "DELETE api/architectures/<slug:id>/scores/<slug:score>": Row("204 204 403 404 401"),
    "POST api/what-if": Row(EVERYBODY, {**WHAT_IF, "edits": [{"kind": "remove_edge", "edge": "1-2"}], "each": True}),
    "GET api/devices": Row(EVERYBODY),
    "POST api/devices": Row("201 201 403 201 401", {"name": "Shelf"}),
    "DELETE api/devices/<slug:id>": Row("204 204 403 404 401"),
    "POST api/agent/hello": Row(NO_PERSON, {"about": {}}, agent="200"),
    "POST api/agent/claim": Row(NO_PERSON, agent="200"),
    "POST api/agent/renew": Row(NO_PERSON, LEASE, agent="200"),
    "POST api/agent/complete": Row(NO_PERSON, LEASE | {"outcome": {"status": "ok"}}, agent="409"),
    "POST api/agent/fail": Row(NO_PERSON, LEASE | {"code": "broken", "message": ""}, agent="409"),
    "GET api/models": Row(EVERYBODY),
    "GET api/models/facets": Row(EVERYBODY),
    "GET api/models/<slug:id>": Row(TEAM),
    "PATCH api/models/<slug:id>": Row(CHANGE, {"name": "New"}),
    "DELETE api/models/<slug:id>": Row(DELETE),
    "POST api/models/<slug:id>/restore": Row(NOT_DELETED),
    "POST api/models/<slug:id>/commands": Row("409 409 403 404 401", {"kind": "stop"}),
    "GET api/models/<slug:id>/files/<slug:file_format>": Row(TEAM),
    "GET api/schema": Row(EVERYBODY),
    "GET api/docs": Row(EVERYBODY),
    "GET accounts/login/": Row("302 302 302 302 200"),
    "POST accounts/login/": Row("302 302 302 302 200", {}),
    "PUT accounts/login/": Row("302 302 302 302 200", {}),
    "GET accounts/logout/": Row("200 200 200 200 302"),
    "POST accounts/logout/": Row("302 302 302 302 302", {}),
    "GET sign-in/<str:token>": Row("410 410 410 410 410", at="/sign-in/nothing"),
    "GET guides/": Row("200 200 200 200 200"),
    "GET guides/pictures/<str:name>": Row("200 200 200 200 200", at="/guides/pictures/search.png"),
    "GET guides/<path:slug>": Row("200 200 200 200 200", at="/guides/data"),
    "GET healthz": Row("200 200 200 200 200"),
    "GET readyz": Row("200 200 200 200 200"),
    f"GET {PAGE}": Row("200 200 200 200 302", at="/searches/of/the/page"),
}

SOCKETS = {
    "ws/searches/<slug:id>": "seen seen seen 4404 4401 4401",
    "ws/models/<slug:id>": "seen seen seen 4404 4401 4401",
    "": "4404 4404 4404 4404 4404 4404",  # any other address
}


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path / "files"
    settings.APP_DIR = tmp_path
    (tmp_path / "index.html").write_text("<!doctype html>")


@pytest.fixture
def world(team: Any, owner: User, tmp_path: Path) -> World:
    return endpoints.world(team, owner, tmp_path)


@pytest.fixture
def clients(
    owner: User, colleague: User, viewer: User, stranger: User, signed_in: SignedIn, world: World
) -> dict[str, Client]:
    people = dict(zip(ROLES, (owner, colleague, viewer, stranger), strict=False))
    agent = Client(headers={"authorization": f"Bearer {world.token}"})
    return {**{role: signed_in(person) for role, person in people.items()}, "nobody": Client(), "agent": agent}


def ask(client: Client, method: str, address: str, body: Any) -> Any:
    if body is None:
        return client.generic(method, address)
    if isinstance(body, bytes):
        return client.generic(method, address, body, content_type="application/octet-stream")
    if address.startswith("/api/"):
        return getattr(client, method.lower())(address, body, content_type="application/json")
    return client.post(address, body)


def close_response(answer: Any) -> None:
    """Closes a streamed response without closing the database connection, which the end of a request would do."""
    if answer.streaming:
        request_finished.disconnect(close_old_connections)
        answer.close()
        request_finished.connect(close_old_connections)


def test_every_endpoint_has_a_row_and_every_row_an_endpoint() -> None:
    there = {f"{method or 'GET'} {pattern}" for pattern, method in endpoints.http()}
    assert not there - set(HTTP), f"Add rows to HTTP: {sorted(there - set(HTTP))}"
    assert not set(HTTP) - there, f"These endpoints no longer exist: {sorted(set(HTTP) - there)}"
    assert set(endpoints.sockets()) == set(SOCKETS), "Add a row to SOCKETS."


@pytest.mark.django_db
def test_each_role_gets_the_status_of_the_table(world: World, clients: dict[str, Client]) -> None:
    wrong = {}
    for endpoint, row in HTTP.items():
        method, _, pattern = endpoint.partition(" ")
        answers = []
        for client in clients.values():
            cookies = copy.deepcopy(client.cookies)
            with transaction.atomic():  # rolled back, so that each request finds the same objects
                address = row.at or world.address(pattern, row.of) + row.query
                answer = ask(client, method, address, row.body)
                close_response(answer)
                answers.append(answer.status_code)
                transaction.set_rollback(True)
            client.cookies = cookies
        if " ".join(map(str, answers)) != row.expected:
            wrong[endpoint] = dict(zip(ROLES, answers, strict=True))
    assert not wrong


@pytest.mark.django_db
def test_a_plain_view_answers_get_alone(clients: dict[str, Client]) -> None:
    plain_views = [pattern for pattern, method in endpoints.http() if method is None]
    assert plain_views
    for pattern in plain_views:
        row = HTTP[f"GET {pattern}"]
        for other in ("POST", "PUT", "PATCH", "DELETE"):
            answer = clients["owner"].generic(other, row.at or f"/{pattern}")
            assert answer.status_code == 405, f"{other} {pattern}"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("closed_connections")
def test_each_role_may_watch_what_the_table_allows(world: World, clients: dict[str, Client]) -> None:
    async def outcome(client: Client, endpoint: str) -> str:
        async with Socket(client, world.address(endpoint)) as socket:
            return await socket.outcome()

    wrong = {}
    for endpoint, expected in SOCKETS.items():
        answers = [async_to_sync(outcome)(client, endpoint) for client in clients.values()]
        if " ".join(answers) != expected:
            wrong[endpoint] = dict(zip(ROLES, answers, strict=True))
    assert not wrong
