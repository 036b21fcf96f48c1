"""The whole spine with real processes: a search ends, with the local driver's events, whoever is killed on the way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from search import wire
from tests.webapp.stack import TASK, run_locally, stack
from webapp.models import User, Work

pytestmark = [pytest.mark.spine, pytest.mark.django_db(transaction=True)]

Json = dict[str, Any]
SignedIn = Callable[[User], Client]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """What the search says when nothing happens to it, by the local driver."""
    return timeless(run_locally(tmp_path_factory.mktemp("local") / "run"))


@pytest.fixture
def session(signed_in: SignedIn, owner: User) -> str:
    return signed_in(owner).cookies["sessionid"].value


@pytest.fixture(autouse=True)
def fresh_connections(process_env: dict[str, str]) -> Any:
    """Postgres may have been killed: what this process held open is gone."""
    yield
    connections.close_all()


def timeless(events: list[Json]) -> list[bytes]:
    return [wire.dumps({**event, "at": ""}) for event in events]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_search_made_through_rest_has_the_local_drivers_events(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path, workers: int
) -> None:
    with stack(process_env, session, tmp_path, workers) as running:
        search = running.ask("/api/searches", TASK)["id"]
        running.wait_for_end(search)
        assert timeless(running.log(search)) == undisturbed


@pytest.mark.parametrize("victim", ["worker-0", "coordinator", "web"])
def test_the_kill_of_a_process_changes_nothing(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path, victim: str
) -> None:
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", TASK)["id"]
        running.wait_for_seq(search, 6)
        running.kill(victim)
        ended = running.wait_for_end(search)
        assert ended["seq"] == len(undisturbed) > 6
        assert timeless(running.log(search)) == undisturbed


@pytest.mark.parametrize("victim", ["postgres", "valkey"])
def test_the_kill_of_a_service_changes_nothing_for_a_watcher_either(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path, victim: str
) -> None:
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", TASK)["id"]
        with running.watch(search) as news:
            events = news.until_seq(6)
            running.kill(victim)
            events += news.until_seq(len(undisturbed))
        assert timeless(events) == undisturbed


def test_a_worker_that_is_told_to_end_hands_its_item_back(
    process_env: dict[str, str], session: str, tmp_path: Path
) -> None:
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", TASK)["id"]
        running.wait_for_seq(search, 6)
        running.end("worker-0")
        running.wait_for_end(search)
    assert not Work.objects.filter(round__search=search, lost__gt=0).exists()
