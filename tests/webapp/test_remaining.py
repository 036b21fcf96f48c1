"""What is left of a search and of a training while they run, and which worker runs what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from search.data import builtin
from tests.webapp.fakes import NUMERICS, outcome_of, run_round, run_to_end
from tests.webapp.test_estimate import CPU, OTHER
from webapp.models import Search, TrainedModel, User, Work
from webapp.models.enums import CommandKind, ModelStatus
from webapp.scheduling import leases, presence
from webapp.searches import progress, remaining, rounds, steering

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
TRAIN = builtin.get("digits").counts.train
SETTINGS = {"strategy": {"rounds": 3, "candidates": 4}, "answer": {"finalists": 2}, "evaluator": {"epochs": 1}}


@pytest.fixture
def drawing(make_search: MakeSearch) -> Search:
    """Three rounds of four candidates of one epoch, and two finalists of four epochs."""
    return make_search(strategy="random", budget={"params": None}, settings=SETTINGS)


def take(search: Search, seconds: float) -> None:
    """Finishes one item, which took so long."""
    lease = leases.claim(CPU)
    assert lease
    leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    Work.objects.filter(pk=lease.work).update(finished_at=F("started_at") + timedelta(seconds=seconds))


def test_seconds_are_not_known_before_trainings_have_ended_and_steps_are(drawing: Search) -> None:
    presence.record_presence(CPU)
    assert progress.of(drawing)["left"] == {"steps": [3, 3], "seconds": None}


def test_what_is_left_is_computed_from_the_searchs_own_trainings(drawing: Search) -> None:
    for _ in range(4):
        take(drawing, 2.0)
    assert progress.of(drawing)["left"] == {"steps": [3, 3], "seconds": [8 * 2 + 2 * 8] * 3}
    run_round(drawing, CPU)
    assert progress.of(drawing)["left"]["steps"] == [2, 2]
    Work.objects.filter(status="done").update(finished_at=F("started_at") + timedelta(seconds=2))
    take(drawing, 2.0)
    assert progress.of(drawing)["left"] == {"steps": [2, 2], "seconds": [7 * 2 + 2 * 8] * 3}


def test_a_reading_between_two_turns_asks_only_for_workers(
    drawing: Search, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(4):
        take(drawing, 2.0)
    counts, current = {"queued": 0, "running": 0, "done": 4}, drawing.rounds.get(status="open")
    first = remaining.of(drawing, current, counts)
    with django_assert_num_queries(3):  # workers that are present, those that are busy, and where its trainings are
        assert remaining.of(drawing, current, counts) == first
    run_round(drawing, CPU)
    assert remaining.of(drawing, drawing.rounds.get(status="open"), counts)["steps"] == [2, 2]


def test_a_second_worker_takes_its_share(drawing: Search) -> None:
    for _ in range(4):
        take(drawing, 2.0)
    presence.record_presence(OTHER)
    assert progress.of(drawing)["left"]["seconds"] == [(4 + 4 + 0) / 2 * 2 + 8] * 3


def test_the_finalists_are_all_that_is_left_in_the_end_and_an_ended_search_has_nothing_left(drawing: Search) -> None:
    for _ in range(3):
        run_round(drawing, CPU)
    Work.objects.filter(status="done").update(finished_at=F("started_at") + timedelta(seconds=2))
    left = progress.of(drawing)["left"]
    assert left == {"steps": [0, 0], "seconds": [16.0] * 3}
    run_to_end(drawing, CPU)
    assert progress.of(drawing)["left"] == {"steps": None, "seconds": None}


def test_no_step_is_left_while_the_finalists_are_measured(drawing: Search, owner: User) -> None:
    for _ in range(2):
        run_round(drawing, CPU)
    steering.steer(drawing.pk, owner, CommandKind.SET_BUDGET, budget={**drawing.task["budget"], "latency": 2_000})
    run_round(drawing, CPU)
    assert {item.kind for item in rounds.current_round(drawing).work.all()} == {"measure"}
    assert progress.of(drawing)["left"]["steps"] == [0, 0]


def test_autoshrink_has_a_range_of_steps(search: Search) -> None:
    run_round(search, CPU)
    fewest, most = progress.of(search)["left"]["steps"]
    assert 1 <= fewest < most <= 15


def test_a_paused_search_still_says_what_is_left(drawing: Search) -> None:
    Search.objects.update(status="paused")
    drawing.refresh_from_db()
    assert progress.of(drawing)["left"]["steps"] == [3, 3]


def test_telemetry_says_which_worker_runs_what_since_when(drawing: Search) -> None:
    assert progress.of(drawing)["workers"] == []
    first, second = leases.claim(CPU), leases.claim(OTHER)
    assert first and second
    found = progress.of(drawing)["workers"]
    assert [(each["worker"], each["device"]) for each in found] == [("desk-1", "CPU"), ("desk-2", "CPU")]
    assert [each["since"] for each in found] == sorted(each["since"] for each in found)
    leases.release(first)
    assert [each["worker"] for each in progress.of(drawing)["workers"]] == ["desk-2"]


@pytest.fixture
def model(browser: Client, make_search: MakeSearch) -> TrainedModel:
    search = make_search()
    run_to_end(search)
    body: Any = {"dataset": "digits", "seed": 0, "recipe": {"epochs": 10, "patience": 4}}
    made = browser.post(
        f"/api/architectures/{search.architectures.get().pk}/train", body, content_type="application/json"
    )
    assert made.status_code == 201
    return TrainedModel.objects.get(pk=made.json()["id"])


def shown(browser: Client, model: TrainedModel) -> Any:
    return browser.get(f"/api/models/{model.pk}").json()


def test_a_training_says_its_epochs_and_seconds_that_are_left(browser: Client, model: TrainedModel) -> None:
    assert shown(browser, model)["left"] == {"epochs": [4, 10], "seconds": None}
    assert shown(browser, model)["running_on"] is None
    lease = leases.claim(CPU)
    assert lease and lease.model == model.pk
    curve = [
        {"epoch": n, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": accuracy}
        for n, accuracy in enumerate((0.5, 0.9, 0.8), 1)
    ]
    leases.renew(lease, {"curve": curve, "epoch_seconds": [2.0, 2.0, 2.0]})
    found = shown(browser, model)
    assert found["left"] == {"epochs": [3, 7], "seconds": [6.0, 14.0, 14.0]}
    assert (found["running_on"]["worker"], found["running_on"]["device"]) == ("desk-1", "CPU")


@pytest.mark.parametrize("status", [ModelStatus.PAUSED, ModelStatus.STOPPING, ModelStatus.FINISHED, ModelStatus.FAILED])
def test_a_training_that_does_not_run_has_nothing_left(browser: Client, model: TrainedModel, status: str) -> None:
    TrainedModel.objects.update(status=status)
    assert shown(browser, model)["left"] is None
