"""Log lines: plain or JSON, each with its search or model."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.webapp.fakes import WORKER, run_round
from webapp import tasks
from webapp.config import logs
from webapp.models import Search, User, Work
from webapp.scheduling import heartbeat, leases
from webapp.searches import coordinator, sweep, turn

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def about_nothing() -> None:
    """Clears the subject that earlier tests left, since they share one context."""
    logs.clear()


@pytest.fixture
def lines() -> Any:
    """The lines of the log as JSON objects."""
    written: list[dict[str, Any]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(logs.JsonFormatter().format(record)))

    handler = Kept()
    handler.addFilter(logs.SubjectFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield written
    root.removeHandler(handler)


def test_a_json_line_includes_the_traceback(lines: list[dict[str, Any]]) -> None:
    with logs.bound(search="abc", model=None):
        try:
            raise ValueError("no\nsuch")
        except ValueError:
            logging.getLogger("webapp.x").exception("round %d", 3)
    logging.getLogger("webapp.x").warning("after it")
    first, second = lines
    assert (first["search"], first["level"], first["message"]) == ("abc", "ERROR", "round 3")
    assert first["traceback"].endswith("ValueError: no\nsuch")
    assert "search" not in second and "model" not in first


def test_a_plain_line_ends_with_its_subject() -> None:
    record = logging.LogRecord("webapp.x", logging.INFO, "", 0, "done", None, None)
    with logs.bound(search="abc"):
        logs.SubjectFilter().filter(record)
    assert logs.LineFormatter().format(record).endswith("INFO webapp.x: done [search abc]")


def test_advancing_a_round_logs_its_search(
    search: Search, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise turn.StrategyError("it broke")

    monkeypatch.setattr(turn, "tell", broken)
    monkeypatch.setattr(coordinator, "close_old_connections", lambda: None)
    while (lease := leases.claim(WORKER)) is not None:
        leases.complete(lease, {"status": "ok", "val_accuracy": 0.5, "epochs": 1, "curve": []}, WORKER.numerics)
    coordinator.Coordinator().take(search.pk)
    (line,) = [line for line in lines if line["level"] == "ERROR"]
    assert line["search"] == search.pk


def test_the_sweep_logs_the_search(
    search: Search, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(search_id: str) -> None:
        raise ValueError("it broke")

    Work.objects.update(lost_leases=leases.MAX_LOST_LEASES)
    monkeypatch.setattr(sweep, "_pause_repeatedly_lost", broken)
    sweep.sweep()
    (line,) = [line for line in lines if line["level"] == "ERROR"]
    assert line["search"] == search.pk


def test_work_and_its_heartbeat_log_the_search(
    search: Search, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.RENEW_SECONDS = 0.01

    def away(*_: object) -> str:
        raise RuntimeError("not now")

    monkeypatch.setattr(leases, "renew", away)
    lease = leases.claim(WORKER)
    assert lease is not None
    with logs.bound(search=lease.search), heartbeat.Heartbeat(lease) as beating:
        beating._finished.wait(0.2)
    assert lines and all(line["search"] == search.pk for line in lines)


def test_a_request_logs_the_search(
    search: Search, owner: User, signed_in: Callable[[User], Client], lines: list[dict[str, Any]]
) -> None:
    run_round(search)
    answer = signed_in(owner).post(
        f"/api/searches/{search.pk}/commands", {"kind": "lock", "edge": "9-1"}, content_type="application/json"
    )
    assert answer.status_code == 409
    assert lines[-1]["search"] == search.pk


@pytest.mark.parametrize(("kind", "start"), [("json", "{"), ("line", "20")])
def test_the_environment_chooses_the_format(kind: str, start: str, tmp_path: Path) -> None:
    code = "import django, logging; django.setup(); logging.getLogger('webapp').warning('here')"
    env = {**os.environ, "ESPALIER_VAR": str(tmp_path), "ESPALIER_LOG": kind}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stderr.startswith(start)
    if kind == "json":
        assert json.loads(done.stderr)["message"] == "here"


def test_the_queues_own_messages_about_a_task_log_the_search(
    lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: coordinator.Coordinator, search_id: str) -> None:
        raise ValueError("it broke")

    monkeypatch.setattr(coordinator.Coordinator, "ask", broken)
    tasks.advance.apply(args=("abc",))
    logging.getLogger("webapp.x").warning("after it")
    failed, after = [line for line in lines if line["level"] in ("ERROR", "WARNING")]
    assert (failed["search"], failed["logger"]) == ("abc", "celery.app.trace")
    assert "search" not in after
