"""A long log with many candidates, written by the turns of a synthetic strategy: every part of it stays small.

`make bench NAME=long_log` writes a thousand rounds of 500 candidates and says how long reading takes.
"""

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from django.test import Client

from search.base import serialization
from search.log.events import LARGE_KINDS
from search.strategies.base import SNAPSHOT_ROUNDS
from tests import synthetic
from tests.webapp.fakes import NUMERICS, TASK, WORKER, advance_until_work
from tests.webapp.reading import payloads
from webapp.api import presenters
from webapp.live import feeds
from webapp.models import Architecture, Search, Team, User
from webapp.models.enums import CommandKind
from webapp.scheduling import leases
from webapp.searches import event_log, lifecycle, proposals, steering

pytestmark = pytest.mark.django_db

CANDIDATES, ROUNDS, NODES = 25, 105, 50
SMALL, LARGE, TELEMETRY = 16_000, 64_000, 20_000  # bytes


@pytest.fixture
def strategy() -> Iterator[None]:
    synthetic.register()
    yield
    synthetic.unregister()


def launch(team: Team, owner: User, **config: int) -> Search:
    task = synthetic.task_of(serialization.to_jsonable(proposals.task(TASK)), **config)
    search = lifecycle.create(team, owner, "Long", task)
    advance_until_work(search)
    return search


def run_round(search: Search) -> None:
    while (lease := leases.claim(WORKER)) is not None:
        assert leases.complete(lease, synthetic.wait(lease.payload, None), NUMERICS)
    lifecycle.advance(search.pk)
    search.refresh_from_db()


def test_a_long_search_stays_small_in_every_part(strategy: None, team: Team, owner: User, browser: Client) -> None:
    long = launch(team, owner, candidates=CANDIDATES, rounds=ROUNDS, nodes=NODES)
    assert (long.status, long.step) == ("finished", ROUNDS)
    sizes = [(kind, len(payload)) for kind, payload in long.events.values_list("kind", "payload")]
    assert not [(kind, size) for kind, size in sizes if size > (LARGE if kind in LARGE_KINDS else SMALL)]
    kinds = Counter(kind for kind, _ in sizes)
    assert kinds["candidates_proposed"] == kinds["candidates_measured"] == kinds["step_decided"] == ROUNDS
    assert kinds["snapshot"] == (ROUNDS - 1) // SNAPSHOT_ROUNDS
    assert len(json.dumps(presenters.telemetry(long))) < TELEMETRY

    page = browser.get(f"/api/searches/{long.pk}/candidates?fields=id,seq&limit=1000&offset=2000").json()
    assert (page["count"], page["columns"]["id"][-1]) == (CANDIDATES * ROUNDS, CANDIDATES * ROUNDS - 1)
    assert not long.candidates.filter(status="waiting").exists()
    best = browser.get(f"/api/searches/{long.pk}/candidates?sort=-quality&limit=1").json()["columns"]
    assert best["quality"][0] == long.best_quality == Architecture.objects.get(search=long).val_accuracy
    front = browser.get(f"/api/searches/{long.pk}/candidates?pareto=quality,macs&sort=macs").json()["columns"]
    assert front["quality"] == sorted(front["quality"]) and front["quality"][-1] == best["quality"][0]

    steps = browser.get(f"/api/searches/{long.pk}/events?kind=step_decided").json()["events"]
    assert [event["payload"]["step"] for event in steps] == list(range(1, ROUNDS + 1))
    at = steps[70]["seq"] - 1  # shows the step that the 71st decision was taken on
    segment = browser.get(f"/api/searches/{long.pk}/events?at={at}").json()
    first, *_, last = segment["events"]
    assert (first["kind"], first["payload"]["step"], last["seq"]) == ("snapshot", SNAPSHOT_ROUNDS, at)

    feed, start = feeds.SearchFeed(long.pk), long.events.filter(kind="snapshot").latest("seq").seq
    assert feed.read_start(long.seq) == start - 1  # where a watcher begins that is far behind
    message = feed.read_log(start - 1)
    assert message is not None
    assert (message["events"][0]["kind"], message["from_seq"], message["to_seq"]) == ("snapshot", start, long.seq)


def test_items_of_work_are_about_several_candidates(strategy: None, team: Team, owner: User) -> None:
    search = launch(team, owner, candidates=30, rounds=2, items=4)
    shown = presenters.telemetry(search)
    assert shown["counts"] == {"queued": 4, "running": 0, "done": 0}
    about = [number for item in search.rounds.get(status="open").work.all() for number in item.about]
    assert sorted(about) == sorted(search.candidates.filter(feasible=True).values_list("number", flat=True))
    run_round(search)
    assert search.step == 1


def test_a_long_search_can_be_rolled_back_and_forked(strategy: None, team: Team, owner: User) -> None:
    search = launch(team, owner, candidates=30, rounds=3, items=1)
    run_round(search)
    steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
    search.refresh_from_db()
    assert search.candidates.filter(branch=1).count() == 30
    forked = steering.fork(search.pk, owner, 0)
    assert payloads(forked, "branch_opened")[0]["snapshot"]["step"] == 0
    for each in (search, forked):
        for _ in range(3):
            run_round(each)
        assert (each.status, each.step) == ("finished", 3)
    assert [event["kind"] for event in event_log.read(forked.pk, 1, 2)] == ["search_started", "branch_opened"]
