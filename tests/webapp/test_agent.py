"""What an agent can do with the token of its device over HTTP, and that it can do nothing else."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tests.webapp.measuring import LATENCY, MEASURED, architecture_of
from webapp.devices import devices, measurements
from webapp.models import Architecture, Device, Team, User, Work

pytestmark = pytest.mark.django_db

HELLO = {"about": {"processor": "Some processor", "threads": 1}}


class Agent:
    def __init__(self, token: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {token}"})

    def post(self, what: str, body: dict[str, Any] | None = None) -> Any:
        return self.client.post(f"/api/agent/{what}", body or {}, content_type="application/json")

    def claim(self) -> dict[str, Any]:
        claimed: dict[str, Any] = self.post("claim").json()
        return claimed


@pytest.fixture
def made(team: Team, owner: User) -> tuple[Device, str]:
    return devices.create(team, owner, "Desk")


@pytest.fixture
def device(made: tuple[Device, str]) -> Device:
    return made[0]


@pytest.fixture
def agent(made: tuple[Device, str]) -> Agent:
    return Agent(made[1])


@pytest.fixture
def to_measure(device: Device) -> Architecture:
    architecture = architecture_of(device.team)
    measurements.request(architecture, device.team, device.created_by, device)
    return architecture


def lease_of(claimed: dict[str, Any]) -> dict[str, Any]:
    return {"work": claimed["work"], "token": claimed["token"]}


def test_hello_stores_the_description_and_returns_device_and_team(agent: Agent, device: Device, settings: Any) -> None:
    assert agent.post("hello", HELLO).json() == {
        "device": "Desk",
        "team": "Garden",
        "renew_seconds": settings.RENEW_SECONDS,
    }
    device.refresh_from_db()
    assert device.about == {"processor": "Some processor", "threads": "1"} and device.seen_at


def test_an_agent_claims_renews_and_completes_work(agent: Agent, to_measure: Architecture) -> None:
    claimed = agent.claim()
    assert claimed["payload"]["kind"] == "measure" and claimed["payload"]["macro"] == to_measure.macro
    assert agent.post("renew", lease_of(claimed)).json() == {"answer": "continue"}
    assert agent.post("complete", {**lease_of(claimed), "outcome": MEASURED}).status_code == 204
    assert to_measure.measurements.get().latency == LATENCY
    assert agent.post("complete", {**lease_of(claimed), "outcome": MEASURED}).status_code == 409
    assert agent.post("renew", lease_of(claimed)).json() == {"answer": "stop"}
    assert agent.post("claim").status_code == 204


def test_work_that_failed_is_handed_out_again(agent: Agent, to_measure: Architecture) -> None:
    claimed = agent.claim()
    body = {**lease_of(claimed), "code": "runtime", "message": "It broke."}
    assert agent.post("fail", body).status_code == 204
    assert agent.claim()["work"] == claimed["work"]
    assert Work.objects.get(pk=claimed["work"]).last_error == "It broke."


def test_an_invalid_latency_is_rejected_with_a_message(agent: Agent, to_measure: Architecture) -> None:
    body = {**lease_of(agent.claim()), "outcome": {"status": "ok", "latency": {**LATENCY, "file": "x"}}}
    answer = agent.post("complete", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["detail"].startswith("latency: there is no 'file'")
    assert to_measure.measurements.get().latency is None


def test_a_device_cannot_use_the_lease_of_another(
    agent: Agent, to_measure: Architecture, team: Team, owner: User
) -> None:
    claimed = agent.claim()
    other = Agent(devices.create(team, owner, "Shelf")[1])
    assert other.post("renew", lease_of(claimed)).json() == {"answer": "stop"}
    assert other.post("complete", {**lease_of(claimed), "outcome": MEASURED}).status_code == 409
    assert other.post("fail", {**lease_of(claimed), "code": "x", "message": ""}).status_code == 409
    assert agent.post("renew", lease_of(claimed)).json() == {"answer": "continue"}


@pytest.mark.parametrize("change", [str.upper, lambda token: token[:-1], lambda token: token + "x", lambda _: "x"])
def test_a_token_that_differs_by_one_character_is_rejected(
    made: tuple[Device, str], change: Callable[[str], str]
) -> None:
    answer = Agent(change(made[1])).post("claim")
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["detail"].startswith("This is not the token of a device.")
    assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer é", "Bearer " + "x" * 5000])
def test_an_invalid_header_is_answered_that_a_token_is_required(db: None, header: str) -> None:
    answer = Client(headers={"authorization": header}).post("/api/agent/claim")
    assert answer.status_code == 401
    assert "token" in answer.json()["errors"][0]["detail"]


def test_the_token_of_a_retired_device_is_answered_that_the_device_was_retired(
    agent: Agent, device: Device, to_measure: Architecture
) -> None:
    claimed = agent.claim()
    devices.retire(device)
    answer = agent.post("complete", {**lease_of(claimed), "outcome": MEASURED})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["detail"].startswith("The device Desk was retired.")


def test_a_session_makes_no_difference_to_a_token(made: tuple[Device, str], browser: Client) -> None:
    header = f"Bearer {made[1]}"
    assert browser.post("/api/agent/claim", headers={"authorization": header}).status_code == 204
    assert browser.post("/api/agent/claim", headers={"authorization": f"{header}x"}).status_code == 401


@pytest.mark.parametrize(
    "about",
    [
        *({"a" * 41: "b"}, {"": "b"}, {"a\0": "b"}, {"a\nb": "c"}, {"\ud800": "b"}),
        *({"a": "b" * 201}, {"a": "b\nc"}, {"a": []}, {str(n): "" for n in range(21)}),
    ],
)
def test_a_description_beyond_its_limits_is_rejected(agent: Agent, about: dict[str, Any]) -> None:
    assert agent.post("hello", {"about": about}).status_code == 400


def test_an_agent_that_asks_too_often_is_throttled_and_others_are_not(
    agent: Agent, team: Team, owner: User, settings: Any
) -> None:
    settings.AGENT_PER_MINUTE = 2
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert [agent.post("claim").status_code for _ in range(3)] == [204, 204, 429]
    other = Agent(devices.create(team, owner, "Shelf")[1])
    assert other.post("claim").status_code == 204


def test_no_token_is_logged(
    made: tuple[Device, str], to_measure: Architecture, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = Agent(made[1])
    agent.post("hello", {"about": 3})
    body = {**lease_of(agent.claim()), "outcome": {}}
    agent.post("complete", body)
    devices.retire(made[0])
    agent.post("claim")
    assert caplog.records
    assert made[1].rpartition("_")[2] not in caplog.text
