"""The engine's agent against the studio's endpoints."""

from http.client import HTTPMessage
from io import BytesIO
from typing import Any, Self
from urllib.request import Request

import pytest
from django.test import Client

from search.cli.agent import Agent, AgentError, Studio
from search.network.latency import Latency
from tests.webapp.measuring import architecture_of
from webapp.devices import devices, measurements
from webapp.models import Device, Measurement, Team, User

pytestmark = pytest.mark.django_db

FOUND = Latency(120, 100, 150, repeats=200, warmup=20, device="a board", threads=1, runtime="a runtime")


class Answer(BytesIO):
    status = 0
    headers = HTTPMessage()

    def __enter__(self) -> Self:
        return self


class DirectOpener:
    """Passes requests to the studio without a network."""

    def open(self, request: Request, timeout: float) -> Answer:
        client = Client(headers={name.lower(): value for name, value in request.header_items()})
        response = client.post(request.selector, request.data, content_type="application/json")
        answer = Answer(response.content)
        answer.status = response.status_code
        return answer


@pytest.fixture
def made(team: Team, owner: User) -> tuple[Device, str]:
    return devices.create(team, owner, "Desk")


@pytest.fixture
def asked(made: tuple[Device, str], team: Team, owner: User) -> Measurement:
    return measurements.request(architecture_of(team), team, owner, made[0])


def agent(token: str, measure: Any) -> Agent:
    studio = Studio("http://studio.example", token)
    studio._opener = DirectOpener()  # type: ignore[assignment]
    return Agent(studio, measure, {"processor": "a board", "system": "a system"}, print_line=lambda line: None)


def test_an_agent_measures_what_its_device_was_asked_for(made: tuple[Device, str], asked: Measurement) -> None:
    agent(made[1], lambda *_: FOUND).run(once=True)
    asked.refresh_from_db()
    assert asked.latency == FOUND._asdict()
    made[0].refresh_from_db()
    assert made[0].about == {"processor": "a board", "system": "a system", "threads": "1"}


def test_an_agent_renews_its_lease_and_stops_withdrawn_work(made: tuple[Device, str], asked: Measurement) -> None:
    stop_requests: list[bool] = []

    def measure(graph: object, macro: object, threads: int, should_stop: Any) -> Latency:
        stop_requests.append(should_stop())
        asked.work.update(device=None)
        should_stop()
        pytest.fail("the measurement continued")

    local = agent(made[1], measure)
    local.clock = iter([0.0, 1e6, 2e6]).__next__
    local.run(once=True)
    assert stop_requests == [False]


def test_a_measurement_that_fails_three_times_on_a_device_is_given_up(
    made: tuple[Device, str], asked: Measurement
) -> None:
    def measure(*_: object) -> Latency:
        raise MemoryError

    for _ in range(3):
        agent(made[1], measure).run(once=True)
    asked.refresh_from_db()
    assert asked.status == "failed" and asked.error


def test_the_agent_of_a_retired_device_ends_with_a_message(made: tuple[Device, str]) -> None:
    devices.retire(made[0])
    with pytest.raises(AgentError, match="The device Desk was retired"):
        agent(made[1], lambda *_: FOUND).run()
