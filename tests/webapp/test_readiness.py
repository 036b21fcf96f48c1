"""/readyz names each part that is missing; an idle worker counts as present."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from tests.processes import wait_until
from tests.webapp.fakes import WORKER
from webapp.core import clock
from webapp.http import readiness
from webapp.models import Search, Worker
from webapp.scheduling import leases, presence

ROOT = Path(__file__).parents[2]


def ask() -> tuple[int, dict[str, str]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


@pytest.mark.django_db
def test_the_studio_is_ready_when_every_part_answers() -> None:
    presence.record_presence(WORKER)
    assert ask() == (
        200,
        {"status": "ready", "database": "ok", "migrations": "ok", "valkey": "ok", "worker": "ok"},
    )


@pytest.mark.django_db
def test_a_studio_without_workers_is_not_ready(search: Search) -> None:
    presence.record_presence(WORKER)
    Worker.objects.update(seen_at=clock.after(-61))
    status, parts = ask()
    assert (status, parts["status"], parts["database"]) == (503, "not ready", "ok")
    assert parts["worker"].startswith("No worker was seen in the last minute. Start one")
    assert leases.claim(WORKER) is not None
    Worker.objects.update(seen_at=clock.after(-61))
    assert ask()[0] == 200  # busy: it holds a lease


@pytest.mark.django_db
def test_an_unreachable_valkey_is_reported_and_its_address_is_only_logged(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    presence.record_presence(WORKER)
    settings.REDIS_URL = "unix:///nowhere/valkey"
    status, parts = ask()
    assert status == 503
    assert parts["valkey"] == "Valkey does not answer. The log says why."
    assert "/nowhere/valkey" in caplog.text


@pytest.mark.django_db
def test_pending_migrations_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_migrated", False)
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: [("webapp", "0009")])
    assert ask()[1]["migrations"] == "1 migrations are not applied. Run `manage.py prepare`."


@pytest.mark.parametrize("why", ['connection to server at "10.0.0.7" failed for user "espalier"', ""])
def test_an_unreachable_database_is_reported_and_its_address_is_only_logged(
    services: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    def away(*_: object) -> None:
        raise OperationalError(why)

    monkeypatch.setattr(clock, "now", away)
    monkeypatch.setattr(readiness, "_migrations", away)
    monkeypatch.setattr(readiness, "present_workers", away)
    status, parts = ask()
    assert (status, parts["valkey"]) == (503, "ok")
    assert parts["database"] == parts["worker"] == "The database does not answer. The log says why."
    assert why in caplog.text


@pytest.mark.spine
@pytest.mark.django_db(transaction=True)
def test_an_idle_worker_is_present(process_env: dict[str, str]) -> None:
    command = (sys.executable, "manage.py", "worker", "--queue", "cpu")
    with subprocess.Popen(command, cwd=ROOT, env=process_env, stderr=subprocess.DEVNULL) as worker:
        try:
            wait_until(lambda: Worker.objects.filter(name__endswith=f"-{worker.pid}").exists(), 60, "the worker")
        finally:
            worker.terminate()
    connection.close()
