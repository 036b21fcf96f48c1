"""Whole searches with real processes end with the events of the local driver.

tests/soak covers killed processes.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from tests.processes import wait_until
from tests.webapp.stack import SCORE_OPTIONS, SCORE_TASK, TASK, run_locally, service_pid, stack
from webapp.models import User, Work
from webapp.models.enums import WorkStatus

pytestmark = [pytest.mark.spine, pytest.mark.django_db(transaction=True)]

SignedIn = Callable[[User], Client]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """The events of the search without any disturbance, from the local driver."""
    return timeless(run_locally(tmp_path_factory.mktemp("local") / "run"))


@pytest.fixture
def session(signed_in: SignedIn, owner: User) -> str:
    return signed_in(owner).cookies["sessionid"].value


@pytest.fixture(autouse=True)
def fresh_connections(process_env: dict[str, str]) -> Any:
    """Closes connections that are broken after Postgres was killed."""
    yield
    connections.close_all()


def timeless(events: list[Json]) -> list[bytes]:
    return [serialization.dumps({**event, "at": ""}) for event in events]


def test_a_search_whose_worker_is_terminated_has_the_events_of_the_local_driver(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path
) -> None:
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", TASK)["id"]
        leased = Work.objects.filter(round__number=1, status=WorkStatus.LEASED)
        wait_until(leased.exists, 120, "an item of the second round leased")
        running.end("worker-0")
        assert not leased.exists()  # the worker handed its item back
        running.wait_for_end(search)
        assert timeless(running.log(search)) == undisturbed
    assert not Work.objects.exclude(lost_leases=0, tries=0).exists()


def test_a_worker_continues_after_its_broker_was_unreachable_at_the_end_of_a_task(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path
) -> None:
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", TASK)["id"]
        wait_until(lambda: Work.objects.filter(status=WorkStatus.LEASED).exists(), 60, "an item leased")

        def task_ended() -> bool:
            with suppress(AssertionError, ProcessLookupError):  # Valkey does not answer
                os.kill(service_pid("valkey"), signal.SIGKILL)
            return "succeeded in" in (tmp_path / "worker-0.log").read_text()

        wait_until(task_ended, 60, "the end of its task")
        running.wait_for_end(search)
        assert timeless(running.log(search)) == undisturbed


def test_the_sweep_makes_up_for_lost_messages(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path
) -> None:
    losing = dict.fromkeys(("web", "coordinator-0", "worker-0"), "lose_messages")
    with stack(process_env, session, tmp_path, faults=losing) as running:
        search = running.ask("/api/searches", TASK)["id"]
        running.wait_for_end(search)
        assert timeless(running.log(search)) == undisturbed


def test_two_coordinators_repeated_messages_and_wrong_clocks_change_no_event(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path
) -> None:
    faults = dict.fromkeys(("web", "coordinator-0", "coordinator-1"), "repeat_messages")
    faults |= {"worker-0": "repeat_messages,clock_ahead", "worker-1": "repeat_messages,clock_behind"}
    with stack(process_env, session, tmp_path, workers=2, coordinators=2, faults=faults) as running:
        wait_until(lambda: len(ready(tmp_path)) == 2, 60, "both workers")
        search = running.ask("/api/searches", TASK)["id"]
        running.wait_for_end(search)
        assert timeless(running.log(search)) == undisturbed
    assert Work.objects.exclude(worker=None).values("worker").distinct().count() == 2  # equal items are done only once
    assert not Work.objects.exclude(lost_leases=0, tries=0).exists()
    hours = sorted(int(line[11:13]) for line in ready(tmp_path))
    assert (hours[1] - hours[0]) % 24 in (2, 22), hours  # the clocks of the workers were really shifted


def test_a_search_by_score_whose_worker_is_killed_in_a_round_of_hundreds_has_the_events_of_the_local_driver(
    process_env: dict[str, str], session: str, tmp_path: Path
) -> None:
    undisturbed = timeless(run_locally(tmp_path / "run", SCORE_OPTIONS))
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", SCORE_TASK)["id"]
        items = Work.objects.filter(round__number=1)
        done = items.filter(status=WorkStatus.DONE)
        leased = items.filter(status=WorkStatus.LEASED)
        wait_until(lambda: done.exists() and leased.exists(), 120, "an item done, and another one leased")
        running.kill("worker-0")
        running.wait_for_end(search)
        assert timeless(running.log(search)) == undisturbed
        assert sum(len(item.about) for item in items) == 200
    assert Work.objects.filter(lost_leases=1).count() == 1


def ready(logs: Path) -> list[str]:
    """The lines that workers log when they are ready to be woken."""
    lines = [line for path in logs.glob("worker-*.log") for line in path.read_text().splitlines()]
    return [line for line in lines if line.endswith("ready.")]
