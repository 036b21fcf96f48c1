"""Searches whose candidates are scored without training: rounds without work, lists, and what is kept."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from search.base import serialization
from search.base.serialization import Json
from tests.webapp import endpoints
from tests.webapp.fakes import advance_until_work, outcome_of, run_round, run_to_end, work_one
from tests.webapp.reading import payloads
from webapp.models import Search, Team, User, Work
from webapp.models.enums import CommandKind
from webapp.scheduling import queue
from webapp.searches import candidates, lifecycle, rounds, steering

pytestmark = pytest.mark.django_db(transaction=True)

SignedIn = Callable[[User], Client]


def draft(**evaluator: Any) -> Json:
    return {
        "strategy": "zico",
        "dataset": "digits",
        "seed": 0,
        "budget": {"macs": 3_000_000},
        "settings": {
            "space": {"start": "small", "head": 64},
            "strategy": {"candidates": 40, "iterations": 120, "population": 60},
            "evaluator": evaluator,
            "answer": {"finalists": 1},
        },
    }


def launched(team: Team, owner: User, **evaluator: Any) -> Search:
    return endpoints.launch(team, owner, "Chains", draft(**evaluator))


def test_a_search_by_a_proxy_in_closed_form_runs_to_its_finalists_without_a_worker(team: Team, owner: User) -> None:
    search = launched(team, owner, proxy="params")
    advance_until_work(search)
    work = Work.objects.filter(round__search=search)
    assert [item.kind for item in work] == ["train"] and search.step >= 3
    run_to_end(search)
    assert search.status == "finished"


def test_a_round_without_work_is_a_turn_of_its_own_and_asks_for_the_next(
    team: Team, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    search, asked = launched(team, owner, proxy="params"), list[str]()
    monkeypatch.setattr(queue, "advance", asked.append)
    first = search.rounds.count()
    for turns in (1, 2, 3):
        lifecycle.advance(search.pk)
        assert asked == [search.pk] * turns and search.rounds.count() == first + turns
    assert not Work.objects.filter(round__search=search).exists()


def test_its_rounds_are_items_of_eight_networks(team: Team, owner: User) -> None:
    search = launched(team, owner)
    run_round(search)
    run_round(search)
    items = Work.objects.filter(round__search=search, round__number=1).order_by("index")
    assert [(item.kind, len(item.about)) for item in items] == [("score", 8)] * 5


def test_lists_name_a_proxy_until_the_finalist_is_trained(team: Team, owner: User, signed_in: SignedIn) -> None:
    search, browser = launched(team, owner), signed_in(owner)
    run_round(search)
    run_round(search)
    row = browser.get("/api/searches").json()["results"][0]
    assert row["metric"] == "proxy" and 0 <= row["best_quality"] <= 100
    run_to_end(search)
    row = browser.get("/api/searches?sort=-accuracy").json()["results"][0]
    assert row["metric"] == "accuracy" and 0.5 <= row["best_quality"] <= 1
    architecture = search.architectures.get()
    assert architecture.val_accuracy == row["best_quality"]


def test_an_answer_that_was_only_scored_enters_the_catalog_without_an_accuracy(team: Team, owner: User) -> None:
    made = draft()
    made["settings"]["answer"] = {"finalists": 0}
    search = endpoints.launch(team, owner, "Chains", made)
    run_to_end(search)
    assert search.metric == "proxy"
    assert search.architectures.get().val_accuracy is None


def test_scores_of_a_round_that_a_rollback_withdrew_are_kept(team: Team, owner: User) -> None:
    search = launched(team, owner)
    run_round(search)
    run_round(search)
    work_one()
    steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=1)
    search.refresh_from_db()
    kept = search.candidates.filter(branch=0, status="ok", score=None)
    assert kept.count() == 8 and all(0 <= each.quality <= 100 for each in kept)  # type: ignore[operator]


def test_a_late_item_whose_candidates_have_no_rows_is_skipped(team: Team, owner: User) -> None:
    search = launched(team, owner)
    run_round(search)
    run_round(search)
    first, second = rounds.current_round(search).work.order_by("index")[:2]
    outcomes = [(item.about, outcome_of(serialization.loads(bytes(item.payload)))) for item in (first, second)]
    search.candidates.filter(number=first.about[0]).delete()
    candidates.keep_withdrawn_results(search, 0, search.seq, outcomes)
    about = search.candidates.filter(number__in=[*first.about, *second.about], status="ok")
    assert sorted(about.values_list("number", flat=True)) == sorted(second.about)


def test_a_fork_of_a_search_by_a_proxy_in_closed_form_goes_on_by_itself(team: Team, owner: User) -> None:
    search = launched(team, owner, proxy="params")
    advance_until_work(search)
    origin = search.rounds.get(branch=0, number=1)
    fork = lifecycle.fork(search, origin, owner, "Fork", "")
    advance_until_work(fork)
    assert fork.step >= 3
    assert [item.kind for item in Work.objects.filter(round__search=fork)] == ["train"]


def test_events_count_what_a_limit_refused(team: Team, owner: User) -> None:
    search = launched(team, owner, proxy="params")
    advance_until_work(search)
    proposed = payloads(search, "candidates_proposed")
    refused = [each for event in proposed for each in event["refused"]]
    assert sum(each["count"] for each in refused if each["limit"] == "macs") > 0
    assert all(len(event["shown"]) <= 20 for event in proposed)
