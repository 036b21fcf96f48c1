"""Postgres restarts while the coordinator computes a turn: the turn is computed once and written, and no search fails.

The tests have a Postgres of their own, since the others share one that must not stop.
"""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections

from search.base import serialization
from tests.processes import is_alive, wait_until
from tests.webapp.fakes import run_to_end
from tests.webapp.test_turns import finish_work, log, long_turn
from webapp.config import connection_urls
from webapp.models import Search
from webapp.models.enums import SearchStatus
from webapp.processes.services import Embedded
from webapp.processes.supervisor import Supervisor

pytestmark = pytest.mark.django_db(transaction=True)

MakeSearch = Callable[..., Search]


class Postgres:
    """One that can be stopped. It is durable, or a crash would lose what was written just before."""

    def __init__(self, var: Path, supervisor: Supervisor) -> None:
        self.embedded, self._supervisor = Embedded(var), supervisor
        self.start()

    def start(self) -> None:
        self.embedded.start(self._supervisor, valkey=False)

    def stop(self, sent: signal.Signals = signal.SIGINT) -> None:
        connection.close()  # this thread connects again when it is back
        pid = int((self.embedded.var / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, sent)
        self._supervisor.stop()
        assert not is_alive(pid)

    def restart(self, sent: signal.Signals = signal.SIGINT) -> None:
        self.stop(sent)
        self.start()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    folder = tmp_path_factory.mktemp("restarts")
    with Supervisor(folder / "log") as supervisor:
        yield Postgres(folder, supervisor)


@pytest.fixture(autouse=True)
def postgres(
    cluster: Postgres, transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Postgres]:
    """Connects this process to it, in place of the tests' Postgres."""
    settings.RENEW_SECONDS = 0.05  # the time between two tries to connect
    connection.close()
    with monkeypatch.context() as elsewhere:
        for name, value in connection_urls.database(cluster.embedded.database_url).items():
            elsewhere.setitem(connections.settings["default"], name, value)
        call_command("migrate", verbosity=0)
        yield cluster
        call_command("flush", interactive=False, verbosity=0)
        connection.close()


@pytest.mark.parametrize(
    "sent", [pytest.param(signal.SIGINT, id="shut down"), pytest.param(signal.SIGQUIT, id="crash")]
)
def test_a_turn_during_which_postgres_restarts_is_computed_once_and_written(
    search: Search, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    finish_work()
    with long_turn(search, monkeypatch) as turns:
        postgres.restart(sent)
    assert (search.step, search.status, turns.tells) == (1, SearchStatus.RUNNING, 1)


def test_a_turn_that_ends_while_postgres_is_away_is_written_when_it_is_back(
    search: Search, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    finish_work()
    with long_turn(search, monkeypatch) as turns:
        postgres.stop()
        turns.go_on.release()
        wait_until(lambda: "the database cannot be reached" in caplog.text, 20, "the coordinator's first try")
        postgres.start()
    assert (search.step, search.status, turns.tells) == (1, SearchStatus.RUNNING, 1)


def test_a_search_during_each_of_whose_turns_postgres_restarts_has_the_events_of_an_undisturbed_one(
    make_search: MakeSearch, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, disturbed = make_search(), make_search()
    run_to_end(undisturbed)
    while disturbed.state.is_live:
        finish_work()
        with long_turn(disturbed, monkeypatch):
            postgres.restart()
    assert disturbed.status == SearchStatus.FINISHED
    assert timeless(disturbed) == timeless(undisturbed)


def timeless(search: Search) -> list[bytes]:
    return [serialization.dumps({**event, "at": ""}) for event in log(search)]
