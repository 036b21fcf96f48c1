"""A search with a limit on latency: its measuring rounds, and everything that may happen during one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from search.log.task import BadTask
from search.network.budget import Infeasible
from search.strategies.autoshrink import strategy
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round, run_to_end, sweep_and_advance, work_one
from webapp import tasks
from webapp.api import presenters
from webapp.devices import devices
from webapp.models import Artifact, ArtifactUse, Candidate, Device, Search, Team, User, Work
from webapp.models.enums import CommandKind, FileFormat, RoundStatus, SearchStatus, WorkStatus
from webapp.scheduling import leases
from webapp.searches import lifecycle, rounds, steering, sweep
from webapp.searches.waiting import waiting

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
LIMIT = 800
TINY: Json = {
    "budget": {"params": None, "latency": LIMIT},
    "settings": {"space": {"nodes": 4}, "strategy": {"candidates": 2, "keep_edges": 3}},
}


@pytest.fixture
def held(make_search: MakeSearch) -> Search:
    return make_search(**TINY)


@pytest.fixture
def device(team: Team, owner: User) -> Device:
    return devices.create(team, owner, "Desk")[0]


def kinds_of_work(search: Search) -> set[str]:
    return set(rounds.current_round(search).work.values_list("kind", flat=True))


def run_to_measuring(search: Search, step: int = 1) -> None:
    """Runs until a measuring round is open, after at least this many decisions."""
    while search.step < step or kinds_of_work(search) != {"measure"}:
        run_round(search)
        assert search.state.is_live


def steer(search: Search, by: User, kind: CommandKind, **about: Any) -> None:
    steering.steer(search.pk, by, kind, **about)
    search.refresh_from_db()


def ends_within_the_limit(search: Search) -> None:
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED
    assert 0 < search.architectures.get().cost["latency"] <= LIMIT


def test_each_measurement_is_shown_with_its_candidates(held: Search) -> None:
    items = rounds.current_round(held).work
    of_no_candidate = items.filter(about=[]).count()
    assert of_no_candidate  # the current and the smallest graph are measured too
    while (lease := leases.claim(WORKER)) and not items.get(pk=lease.work).about:
        assert leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    assert lease
    number, *_ = items.get(pk=lease.work).about
    telemetry = presenters.telemetry(held)
    running = [one for one in telemetry["work"] if one["status"] == "running"]
    assert [(one["about"][0], one["curve"]) for one in running] == [(number, [])]
    done = items.filter(status=WorkStatus.DONE).count()
    assert telemetry["measuring"] == {"done": done, "of": items.count(), "device": None}
    assert held.candidates.get(branch=0, number=number).latency is None
    run_round(held)
    assert leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    run_round(held)
    median = outcome_of(lease.payload)["latency"]["median"]
    assert held.candidates.get(branch=0, number=number).latency == median
    assert presenters.telemetry(held)["measuring"] is None
    assert kinds_of_work(held) == {"train"}


def test_another_worker_takes_over_the_measurement_of_a_killed_one(held: Search) -> None:
    killed = leases.claim(WORKER)
    assert killed
    Work.objects.filter(pk=killed.work).update(lease_until=Now())
    sweep.sweep()
    run_round(held)
    assert not leases.complete(killed, outcome_of(killed.payload), NUMERICS)
    assert list(Work.objects.filter(lost_leases__gt=0).values_list("pk", "lost_leases")) == [(killed.work, 1)]
    assert kinds_of_work(held) == {"train"}
    ends_within_the_limit(held)


def test_a_measuring_round_can_be_paused_and_resumed(held: Search, owner: User) -> None:
    work_one()
    running = leases.claim(WORKER)
    assert running
    steer(held, owner, CommandKind.PAUSE)
    assert leases.renew(running) == "stop" and leases.release(running)
    assert leases.claim(WORKER) is None
    steer(held, owner, CommandKind.RESUME)
    measured = Work.objects.filter(status=WorkStatus.DONE)
    assert measured.count() == 1  # and is not measured again
    ends_within_the_limit(held)


def test_a_round_in_which_every_measurement_fails_pauses_the_search_until_it_is_resumed(
    held: Search, owner: User
) -> None:
    while (lease := leases.claim(WORKER)) is not None:
        leases.fail(lease, "exception", "ImportError: onnxruntime", NUMERICS)
    lifecycle.advance(held.pk)
    held.refresh_from_db()
    assert held.pause_reason and held.pause_reason.endswith("of round 0 failed: ImportError: onnxruntime")
    steer(held, owner, CommandKind.RESUME)
    ends_within_the_limit(held)


@pytest.mark.parametrize("kind", [CommandKind.STOP, CommandKind.CANCEL])
def test_a_search_can_be_ended_while_it_measures(held: Search, owner: User, kind: CommandKind) -> None:
    work_one()
    late = leases.claim(WORKER)
    assert late
    steer(held, owner, kind)
    assert not leases.complete(late, outcome_of(late.payload), NUMERICS)
    assert set(Candidate.objects.values_list("status", "quality")) == {("skipped", None)}
    assert held.state.is_over and not held.rounds.filter(status=RoundStatus.OPEN).exists()
    assert presenters.telemetry(held)["measuring"] is None


def test_a_search_can_be_rolled_back_while_it_measures(held: Search, owner: User) -> None:
    work_one()
    late = leases.claim(WORKER)
    assert late
    steer(held, owner, CommandKind.ROLLBACK, step=0)
    assert leases.renew(late) == "stop"
    assert leases.complete(late, outcome_of(late.payload), NUMERICS)  # no candidate row is changed
    assert not Candidate.objects.filter(search=held, branch=0).exclude(quality=None).exists()
    assert (held.branch, held.step) == (1, 0)
    ends_within_the_limit(held)


def test_a_search_can_be_forked_while_it_measures(held: Search, owner: User) -> None:
    run_to_measuring(held)
    forked = steering.fork(held.pk, owner, held.step)
    assert kinds_of_work(forked) <= {"measure", "train"}
    before = held.seq
    ends_within_the_limit(forked)
    held.refresh_from_db()
    assert held.seq == before


def test_a_fork_whose_device_was_retired_waits_with_a_message_until_its_budget_changes(
    make_search: MakeSearch, device: Device, owner: User
) -> None:
    search = make_search(budget={"latency": LIMIT, "device": device.pk}, settings=TINY["settings"])
    devices.retire(device)
    forked = steering.fork(search.pk, owner, 0)
    sentence = waiting(forked)
    assert sentence and sentence.startswith("Waiting for the device Desk, which was retired.")
    local_budget = {**forked.task["budget"], "params": None, "device": None}
    steer(forked, owner, CommandKind.SET_BUDGET, budget=local_budget)
    lifecycle.advance(forked.pk)
    forked.refresh_from_db()
    ends_within_the_limit(forked)


def test_measurements_withdrawn_by_a_change_of_device_that_was_taken_back_are_not_failures(
    make_search: MakeSearch, device: Device, owner: User
) -> None:
    search = make_search(budget={"latency": LIMIT, "device": device.pk}, settings=TINY["settings"])
    steer(search, owner, CommandKind.PAUSE)
    steer(search, owner, CommandKind.SET_BUDGET, budget={**search.task["budget"], "device": None})
    steering.withdraw(search.pk, owner, 2)
    steer(search, owner, CommandKind.RESUME)
    lifecycle.advance(search.pk)
    again = rounds.current_round(search)
    assert again.number == 1
    assert set(again.work.values_list("kind", "device")) == {("measure", device.pk)}
    assert not search.candidates.filter(status="error").exists()
    assert set(search.candidates.values_list("code", flat=True)) == {None, "withdrawn"}


def test_inherited_weights_are_kept_while_the_next_round_measures(make_search: MakeSearch) -> None:
    search = make_search(
        budget=TINY["budget"],
        evaluator="inherit",
        settings={"space": {"nodes": 4}, "strategy": {"candidates": 2, "keep_parent": False}},
    )
    weights = Artifact.objects.create(sha256="a" * 64, bytes=1)
    while search.step < 1 or kinds_of_work(search) != {"measure"}:
        while (lease := leases.claim(WORKER)) is not None:
            left = {"files": {"weights": weights.pk}} if lease.kind == "train" else {}
            assert leases.complete(lease, outcome_of(lease.payload) | left, NUMERICS)
        lifecycle.advance(search.pk)
        search.refresh_from_db()
        assert search.state.is_live
    measures = rounds.current_round(search)
    assert ArtifactUse.objects.get(round=measures).format == FileFormat.WEIGHTS
    ArtifactUse.objects.all().delete()  # as if the file had been lost
    weights.delete()
    run_round(search)
    trains = rounds.current_round(search).work.filter(kind="train")
    assert trains and not any("inherit" in serialization.loads(bytes(item.payload)) for item in trains)


@pytest.mark.parametrize(
    ("error", "attr", "detail"),
    [
        (Infeasible("5 parameters is 1 over the limit of 4"), "budget", "5 parameters is 1 over the limit of 4"),
        (BadTask("such cells are for texts"), "settings", "Such cells are for texts."),
    ],
)
def test_a_fork_that_cannot_start_is_rejected_with_the_strategys_message(
    held: Search, browser: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, attr: str, detail: str
) -> None:
    def branch(*_: object) -> None:
        raise error

    monkeypatch.setattr(strategy, "branch", branch)
    answer = browser.post(f"/api/searches/{held.pk}/fork", {"step": 0}, content_type="application/json")
    assert answer.status_code == 400
    (problem,) = answer.json()["errors"]
    assert (problem["attr"], problem["detail"]) == (attr, detail)
    assert Search.objects.count() == 1


@pytest.fixture
def connections_closed() -> Iterator[None]:
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_a_search_launched_through_rest_measures_and_trains_and_its_answer_meets_the_latency_limit(
    browser: Client, settings: Any, tmp_path: Path, connections_closed: None
) -> None:
    settings.FILES_DIR, settings.SCRATCH_DIR = tmp_path / "files", tmp_path / "scratch"
    draft = {
        "strategy": "autoshrink",
        "dataset": "digits",
        "seed": 0,
        "budget": {"latency": 10**6},
        "settings": {
            "space": {"nodes": 3},
            "strategy": {"candidates": 1, "keep_edges": 2},
            "evaluator": {"epochs": 1, "images": 50},
        },
    }
    search = browser.post("/api/searches", draft, content_type="application/json").json()["id"]
    while (found := browser.get(f"/api/searches/{search}").json())["status"] in ("queued", "running"):
        tasks.work("cpu")
        sweep_and_advance()
    assert (found["status"], found["waiting"]) == ("finished", None)
    log = browser.get(f"/api/searches/{search}/events").json()["events"]
    timed = [
        one["latency"] for event in log if event["kind"] == "candidates_timed" for one in event["payload"]["shown"]
    ]
    assert timed and all(0 < one["low"] <= one["median"] <= one["high"] for one in timed)
    answer = browser.get(f"/api/architectures/{found['architecture']}").json()
    assert 0 < answer["cost"]["latency"] <= 10**6
