"""What watchers read of the open round: counts, what runs, and what finished last; never a lot."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search.base import serialization
from tests.webapp.fakes import NUMERICS, outcome_of, run_round
from tests.webapp.fakes import WORKER as IDENTITY
from webapp.api import presenters
from webapp.models import Search, Work
from webapp.models.enums import WorkStatus
from webapp.scheduling import leases
from webapp.searches import progress, rounds

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
LARGE, RUNNING, LIMIT = 500, 4, 20_000


def curve(epochs: int) -> list[dict[str, Any]]:
    return [
        {"epoch": n, "train_loss": 1.234567, "val_loss": 1.345678, "val_accuracy": 0.912345}
        for n in range(1, epochs + 1)
    ]


def test_what_runs_has_its_curve_so_far_and_what_is_done_its_best_epoch(search: Search) -> None:
    done, running = leases.claim(IDENTITY), leases.claim(IDENTITY)
    assert done and running
    leases.renew(running, {"curve": curve(3)})
    trained = curve(5)
    trained[2]["val_accuracy"] = 0.95
    leases.complete(done, outcome_of(done.payload) | {"curve": trained}, NUMERICS)
    found = progress.of(search)
    about = [item.about for item in rounds.current_round(search).work.order_by("index")]
    assert found["counts"] == {"queued": 1, "running": 1, "done": 1}
    assert found["work"] == [
        {"round": 0, "about": about[0], "status": "done", "curve": trained[2:3]},
        {"round": 0, "about": about[1], "status": "running", "curve": curve(3)},
    ]
    assert [len(ids) for ids in about] == [1, 1, 1]


def test_telemetry_names_the_newest_change_of_a_candidate(search: Search) -> None:
    assert progress.of(search)["candidates"] == search.seq
    run_round(search)
    assert progress.of(search)["candidates"] == search.seq == search.candidates.latest("seq").seq
    search.candidates.all().delete()
    assert progress.of(search)["candidates"] == 0


def test_a_search_without_an_open_round_has_no_work(search: Search) -> None:
    search.rounds.update(status="done")
    assert progress.of(search) == {
        "counts": {"queued": 0, "running": 0, "done": 0},
        "work": [],
        "workers": [],
        "left": {"steps": None, "seconds": None},
        "measuring": None,
        "candidates": search.seq,
    }


def enlarge(search: Search) -> None:
    """Fills the open round up to LARGE items, of which all but RUNNING are done."""
    current = rounds.current_round(search)
    first = current.work.earliest("index")
    current.work.all().delete()
    outcome = serialization.dumps(outcome_of(serialization.loads(bytes(first.payload))) | {"curve": curve(20)})
    for index in range(LARGE):
        first.pk, first.index, first.about = None, index, [100_000 + index]
        if index >= RUNNING:
            first.status, first.outcome, first.finished_at = WorkStatus.DONE, outcome, first.created_at
        first.save(force_insert=True)
    for _ in range(RUNNING):
        lease = leases.claim(IDENTITY)
        assert lease
        leases.renew(lease, {"curve": curve(20)})


def test_telemetry_of_a_round_of_500_items_is_under_20_kb_and_reads_no_other_curve(search: Search) -> None:
    Work.objects.update(kind="measure")  # whose outcomes are never reused
    enlarge(search)
    Work.objects.update(kind="train")
    with CaptureQueriesContext(connection) as asked:
        telemetry = presenters.telemetry(search)
    assert telemetry["counts"] == {"queued": 0, "running": RUNNING, "done": LARGE - RUNNING}
    assert [len(one["curve"]) for one in telemetry["work"]] == [20] * RUNNING + [1] * progress.FINISHED_SHOWN
    assert len(json.dumps(telemetry)) < LIMIT
    assert len(telemetry["workers"]) == RUNNING
    assert len(asked) < 30
    with CaptureQueriesContext(connection) as asked:
        assert presenters.telemetry(search) == telemetry
    assert len(asked) < 24 and not any('"webapp_work"."payload"' in query["sql"] for query in asked)


def test_telemetry_of_long_trainings_is_under_20_kb_and_their_curves_end_at_the_last_epoch(
    make_search: MakeSearch,
) -> None:
    search = make_search(settings={"strategy": {"candidates": 15}})
    leased = 0
    while (lease := leases.claim(IDENTITY)) is not None:
        leased += 1
        leases.renew(lease, {"curve": curve(1_000)})
    assert leased > 10
    found = presenters.telemetry(search)
    assert len(json.dumps(found)) < LIMIT
    for item in found["work"]:
        assert item["status"] == "running"
        assert item["curve"][-1]["epoch"] == 1_000 and 5 < len(item["curve"]) <= 120 // leased


def test_telemetry_of_500_measurements_is_under_20_kb(search: Search) -> None:
    Work.objects.update(kind="measure")
    enlarge(search)
    telemetry = presenters.telemetry(search)
    assert telemetry["measuring"] == {"done": LARGE - RUNNING, "of": LARGE, "device": None}
    assert len(json.dumps(telemetry)) < LIMIT
