"""Steering with real processes: running work stops and its worker is free within ten seconds."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from search.base.serialization import Json
from tests.processes import wait_until
from tests.webapp.stack import stack
from webapp.models import Command, User, Work
from webapp.models.enums import WorkStatus

pytestmark = [pytest.mark.spine, pytest.mark.django_db(transaction=True)]

AT_ONCE = timedelta(seconds=10)

#: Candidates that train long enough to be interrupted after their first epoch.
LONG: Json = {
    "strategy": "autoshrink",
    "dataset": "digits",
    "budget": {},
    "settings": {"space": {"nodes": 5}, "strategy": {"candidates": 2}, "evaluator": {"epochs": 200}},
}

#: Commands, and the status of a running item after each. That of a paused search returns to the queue.
STATUS_AFTER: list[tuple[Json, WorkStatus]] = [
    ({"kind": "pause"}, WorkStatus.QUEUED),
    ({"kind": "stop"}, WorkStatus.WITHDRAWN),
    ({"kind": "cancel"}, WorkStatus.WITHDRAWN),
    ({"kind": "rollback", "step": 0}, WorkStatus.WITHDRAWN),
]


@pytest.fixture
def session(signed_in: Callable[[User], Client], owner: User) -> Any:
    yield signed_in(owner).cookies["sessionid"].value
    connections.close_all()


def leased_item(search: str) -> Work | None:
    return Work.objects.filter(round__search=search, status=WorkStatus.LEASED).first()


def test_running_work_ends_within_ten_seconds(process_env: dict[str, str], session: str, tmp_path: Path) -> None:
    with stack(process_env, session, tmp_path) as running:

        def launch(seed: int) -> str:
            return str(running.ask("/api/searches", {**LONG, "name": f"Long {seed}", "seed": seed})["id"])

        search = launch(0)
        for number, (body, becomes) in enumerate(STATUS_AFTER, start=1):
            wait_until(partial(_trains, search), 60, "an epoch")
            held = leased_item(search)
            assert held is not None
            waits = launch(number)
            running.ask(f"/api/searches/{search}/commands", body)
            wait_until(partial(leased_item, waits), 60, "the only worker's next item")

            decided_at, begun = Command.objects.get(search=search).decided_at, leased_item(waits)
            assert decided_at is not None and begun is not None and begun.started_at is not None
            assert begun.started_at - decided_at < AT_ONCE, body
            wait_until(partial(_became, held, becomes), 10, "the sweep")
            held.refresh_from_db()
            assert (held.token, held.lost_leases, held.tries) == (None, 0, 0)  # it was stopped; no lease expired
            search = waits


def _trains(search: str) -> bool:
    item = leased_item(search)
    return item is not None and bool(item.telemetry)


def _became(item: Work, status: WorkStatus) -> bool:
    return Work.objects.filter(pk=item.pk, status=status).exists()
