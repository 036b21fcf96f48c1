"""A real agent process, with only a URL and a token, measures for people and for searches."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from search.base import serialization
from search.network.cost import cost_of
from search.spaces import cnn
from tests.processes import wait_until
from tests.webapp.fakes import TASK
from tests.webapp.stack import ROOT, stack
from webapp.catalog import architectures
from webapp.models import Architecture, Measurement, User, Work
from webapp.models.enums import WorkStatus
from webapp.models.kinds import MEASURE
from webapp.searches import event_log, lifecycle

pytestmark = [pytest.mark.spine, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def session(signed_in: Callable[[User], Client], owner: User) -> Any:
    yield signed_in(owner).cookies["sessionid"].value
    connections.close_all()


@pytest.fixture
def architecture() -> Architecture:
    graph, macro = cnn.dense(3), cnn.search_macro((1, 8, 8), 10)
    cost = serialization.to_jsonable(cost_of(graph, macro))
    architectures.publish(
        "Tiny", graph=graph.to_dict(), macro=serialization.to_jsonable(macro), hash=graph.hash, cost=cost, source="Here"
    )
    return Architecture.objects.get(name="Tiny")


def test_an_agent_measures_an_architecture_and_a_round_of_a_search(
    process_env: dict[str, str], session: str, architecture: Architecture, tmp_path: Path
) -> None:
    with stack(process_env, session, tmp_path, workers=0, coordinators=0) as running:
        device = running.ask("/api/devices", {"name": "Desk"})
        measurement = running.ask(f"/api/architectures/{architecture.pk}/measurements", {"device": device["id"]})
        budget = {"latency": 10**6, "device": device["id"]}
        search = running.ask("/api/searches", {**TASK, "budget": budget})["id"]
        lifecycle.advance(search)
        assert "its agent was never seen" in running.ask(f"/api/searches/{search}")["waiting"]
        command = [sys.executable, "-m", "search", "agent", "--url", f"http://127.0.0.1:{running.port}"]
        env = {"PATH": "/usr/bin:/bin", "ESPALIER_TOKEN": device["token"]}  # without a database or a secret
        agent = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True)
        try:
            wait_until(lambda: not Work.objects.exclude(status=WorkStatus.DONE).exists(), 60, "all measurements")
        finally:
            agent.terminate()
            printed = agent.communicate(timeout=10)[1]
    row = Measurement.objects.get(pk=measurement["id"])
    assert row.latency and row.latency["runtime"].startswith("onnxruntime") and row.latency["threads"] == 1
    assert row.latency["low"] <= row.latency["median"] <= row.latency["high"]
    assert set(Work.objects.values_list("kind", "failed", "lost_leases")) == {(MEASURE, False, 0)}
    lifecycle.advance(search)
    (timed,) = [event for event in event_log.read(search, 0, 500) if event["kind"] == "candidates_timed"]
    assert timed["payload"]["shown"]
    assert all(one["latency"]["median"] > 0 and one["feasible"] for one in timed["payload"]["shown"])
    assert "measuring as “Desk” for the team “Garden”" in printed and device["token"] not in printed
