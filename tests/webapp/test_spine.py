"""The whole spine with real processes: a search ends, with the local driver's events, whoever is killed on the way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from search import wire
from tests.webapp.stack import TASK, run_locally, stack
from webapp.models import User

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


@pytest.mark.parametrize("victim", ["worker-0", "coordinator", "web", "postgres", "valkey"])
def test_a_kill_changes_nothing(
    process_env: dict[str, str], session: str, undisturbed: list[bytes], tmp_path: Path, victim: str
) -> None:
    with stack(process_env, session, tmp_path) as running:
        search = running.ask("/api/searches", TASK)["id"]
        running.wait_for_seq(search, 6)
        running.kill(victim)
        ended = running.wait_for_end(search)
        assert ended["seq"] > 6
        assert timeless(running.log(search)) == undisturbed
