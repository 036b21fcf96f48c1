"""Leases: each item is worked on once, under a token, with times by the database's clock."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from search.base import serialization
from search.evaluation.recipes.image import full
from search.strategies import STRATEGIES
from tests.processes import wait_until
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round, run_to_end
from tests.webapp.measuring import architecture_of
from webapp.catalog import training
from webapp.core import clock
from webapp.models import Placement, Search, Team, User, Work, Worker
from webapp.models.enums import CommandKind, SearchStatus, WorkStatus
from webapp.scheduling import leases, presence
from webapp.scheduling.choice import Item
from webapp.scheduling.heartbeat import Heartbeat
from webapp.scheduling.leases import Lease
from webapp.scheduling.presence import WorkerIdentity
from webapp.searches import lifecycle, steering, sweep
from webapp.searches.waiting import waiting

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]
OTHER = WorkerIdentity("worker-2", "cpu", "torch 0, cpu other, 1 thread")
GPU = WorkerIdentity("worker-3", "gpu", "torch 0, a card")


def claimed(identity: WorkerIdentity = WORKER) -> Lease:
    lease = leases.claim(identity)
    assert lease is not None
    return lease


def lose(lease: Lease) -> None:
    Work.objects.filter(pk=lease.work).update(lease_until=Now())
    leases.expire()


def test_an_item_is_handed_to_one_worker(search: Search) -> None:
    taken = {claimed().work for _ in range(3)}
    assert len(taken) == 3
    assert leases.claim(WORKER) is None


def test_a_claim_marks_the_search_as_running(search: Search) -> None:
    claimed()
    search.refresh_from_db()
    assert search.status == SearchStatus.RUNNING


def test_an_outcome_is_stored_once(search: Search) -> None:
    lease = claimed()
    assert leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    assert not leases.complete(lease, {"status": "error", "code": "late"}, NUMERICS)
    assert not Work.objects.get(pk=lease.work).failed


def test_an_item_whose_lease_expired_is_handed_out_again(search: Search) -> None:
    lease = claimed()
    lose(lease)
    again = claimed()
    assert again.work == lease.work
    assert again.token != lease.token


def test_a_late_outcome_is_rejected_and_its_worker_must_stop(search: Search) -> None:
    late = claimed()
    lose(late)
    now = claimed()
    assert leases.renew(late) == "stop"
    assert not leases.complete(late, outcome_of(late.payload), NUMERICS)
    assert leases.complete(now, outcome_of(now.payload), NUMERICS)


def test_a_lost_lease_does_not_count_as_a_try(search: Search) -> None:
    lease = claimed()
    lose(lease)
    item = Work.objects.get(pk=lease.work)
    assert (item.tries, item.lost_leases) == (0, 1)


def test_ten_lost_leases_pause_the_search_with_the_reason(search: Search) -> None:
    for _ in range(leases.MAX_LOST_LEASES):
        lose(claimed())
    sweep.sweep()
    search.refresh_from_db()
    assert search.status == SearchStatus.PAUSED
    assert "lost its worker 10 times" in (search.pause_reason or "")


def test_a_search_resumed_before_the_sweep_pauses_it_keeps_running(search: Search, owner: User) -> None:
    lease = claimed()
    Work.objects.filter(pk=lease.work).update(lost_leases=leases.MAX_LOST_LEASES - 1)
    lose(lease)
    steering.steer(search.pk, owner, CommandKind.PAUSE)
    steering.steer(search.pk, owner, CommandKind.RESUME)
    sweep._pause_repeatedly_lost(search.pk)  # the sweep had read the search before that
    search.refresh_from_db()
    assert search.status == SearchStatus.RUNNING


def test_the_third_exception_ends_an_item_with_an_error_code_alone(search: Search) -> None:
    lease = claimed()
    for _ in range(leases.MAX_TRIES):
        leases.fail(lease, "out_of_memory", "RuntimeError: CUDA out of memory on host-7", NUMERICS)
        item = Work.objects.get(pk=lease.work)
        lease = lease if item.status == WorkStatus.DONE else claimed()
    assert bytes(item.outcome or b"") == b'{"code":"out_of_memory","status":"error"}'
    assert item.last_error == "RuntimeError: CUDA out of memory on host-7"


def test_a_renewal_extends_the_lease_and_stores_the_curve(search: Search) -> None:
    lease = claimed()
    until = Work.objects.get(pk=lease.work).lease_until
    assert leases.renew(lease, {"curve": [{"epoch": 1}]}) == "continue"
    item = Work.objects.get(pk=lease.work)
    assert item.telemetry == {"curve": [{"epoch": 1}]}
    assert until is not None and item.lease_until is not None and item.lease_until > until


def test_no_item_of_a_paused_search_is_handed_out_and_running_work_must_stop(search: Search) -> None:
    lease = claimed()
    lifecycle.pause(search, None)
    assert leases.renew(lease) == "stop"
    leases.release(lease)
    assert leases.claim(WORKER) is None


def test_equal_work_is_done_once_within_a_team(make_search: MakeSearch) -> None:
    run_to_end(make_search("first"))
    second = make_search("second")
    assert leases.claim(WORKER) is None
    items = Work.objects.filter(round__search=second)
    assert items.count() == items.filter(reused=True).count() == 3


def test_equal_work_of_another_team_is_done_again(make_search: MakeSearch, stranger: User) -> None:
    run_to_end(make_search())
    team = Team.objects.get(slug="meadow")
    make_search(by=stranger, to=team)
    assert leases.claim(WORKER) is not None


def test_an_item_equal_to_a_running_one_waits_for_its_outcome(make_search: MakeSearch) -> None:
    make_search("first"), make_search("second")
    first = [claimed() for _ in range(3)]
    assert leases.claim(WORKER) is None
    leases.complete(first[0], outcome_of(first[0].payload), NUMERICS)
    assert leases.claim(WORKER) is None
    assert Work.objects.filter(reused=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_of_two_equal_items_claimed_at_the_same_moment_waits(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_search("first"), make_search("second")
    for search in Search.objects.all():
        Placement.objects.create(search=search, kind="train", queue="cpu", numerics=NUMERICS)
    Work.objects.exclude(index=0).update(status=WorkStatus.WITHDRAWN)  # two equal items are left
    inside, go_on, grant = threading.Event(), threading.Event(), leases._grant

    def slowly(item: Item, holder: str, **options: Any) -> Lease | None:
        inside.set()
        assert go_on.wait(30)
        return grant(item, holder, **options)

    def claim(identity: WorkerIdentity) -> Lease | None:
        try:
            return leases.claim(identity)
        finally:
            connection.close()  # each thread has its own connection

    monkeypatch.setattr(leases, "_grant", slowly)
    with ThreadPoolExecutor(2) as workers:
        first = workers.submit(claim, WORKER)
        assert inside.wait(30)
        second = workers.submit(claim, replace(WORKER, name="worker-2"))
        try:
            wait_until(someone_waits_for_a_lock, 20, "the second at the lock")
        finally:
            go_on.set()
        assert first.result() is not None
        assert second.result() is None


def someone_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def test_renewals_continue_after_one_that_raised(
    search: Search, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RENEW_SECONDS = 0.01
    answers = iter([ValueError("no such thing"), "stop"])

    def renew(*_: object) -> object:
        answer = next(answers, "stop")
        if isinstance(answer, Exception):
            raise answer
        return answer

    lease = claimed()
    monkeypatch.setattr(leases, "renew", renew)
    with Heartbeat(lease) as heartbeat:
        wait_until(heartbeat.should_stop, 20, "the second answer")


def test_a_failure_is_never_reused(make_search: MakeSearch) -> None:
    make_search("first")
    lease = claimed()
    Work.objects.filter(pk=lease.work).update(tries=leases.MAX_TRIES - 1)
    leases.fail(lease, "exception", "torn", NUMERICS)
    make_search("second")
    assert {claimed().key for _ in range(3)} >= {lease.key}


def test_items_of_one_kind_in_a_search_go_to_workers_with_the_numerics_of_the_first(search: Search) -> None:
    claimed()
    assert leases.claim(OTHER) is None
    assert claimed(replace(WORKER, name="worker-3"))
    assert search.placements.get().numerics == NUMERICS


def test_other_searches_may_go_to_workers_of_other_numerics(make_search: MakeSearch) -> None:
    make_search("first"), claimed()
    make_search("second", seed=7)
    claimed(OTHER)


def test_items_of_another_kind_in_a_search_may_go_to_other_workers_at_the_same_time(search: Search) -> None:
    Work.objects.filter(index__gt=0).update(kind="score")
    trains, scores = claimed(GPU), claimed()
    assert (trains.kind, scores.kind) == ("train", "score")
    assert leases.claim(GPU) is None
    assert claimed().kind == "score"


def test_an_item_goes_to_workers_of_the_queue_that_it_needs(search: Search) -> None:
    Work.objects.filter(index=0).update(needs="gpu")
    Work.objects.exclude(index=0).update(status=WorkStatus.WITHDRAWN)
    assert leases.claim(WORKER) is None
    presence.record_presence(WORKER)
    search.created_at -= timedelta(minutes=2)
    assert (waiting(search) or "").endswith("`python manage.py worker --queue gpu`.")
    assert claimed(GPU)


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_of_different_numerics_that_begin_with_a_kind_at_the_same_moment_one_waits(
    search: Search,
) -> None:
    ready = threading.Barrier(2, timeout=30)

    def claim(identity: WorkerIdentity) -> bool:
        try:
            ready.wait()
            return leases.claim(identity) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        assert sorted(workers.map(claim, (WORKER, OTHER))) == [False, True]


def test_a_search_cannot_ask_for_work_that_no_round_owns(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = STRATEGIES["autoshrink"].ask
    monkeypatch.setattr(STRATEGIES["autoshrink"], "ask", lambda state: asks_for(asked(state), "ingest"))
    run_round(search)
    assert (search.status, search.error) == (
        SearchStatus.FAILED,
        "ValueError: a search cannot ask for work of kind 'ingest'",
    )


def asks_for(answer: Any, kind: str) -> Any:
    return replace(answer, work=tuple({**payload, "kind": kind} for payload in answer.work))


def test_a_new_search_reports_that_it_waits_for_a_worker(search: Search) -> None:
    assert waiting(search) == "Waiting for a worker to start on it."


def test_a_search_reports_that_no_worker_was_seen(search: Search) -> None:
    search.created_at -= timedelta(minutes=2)
    assert waiting(search) == (
        "Waiting for a worker: none was seen in the last minute. Start one with `python manage.py worker --queue cpu`."
    )


def test_a_search_reports_that_only_workers_of_other_numerics_are_present(search: Search) -> None:
    leases.release(claimed())
    Worker.objects.all().delete()
    leases.claim(OTHER)
    search.refresh_from_db()
    prefix = f"Waiting for a worker that computes exactly like the first one ({NUMERICS}). "
    assert (waiting(search) or "").startswith(prefix)


def test_a_search_that_was_not_begun_says_that_the_workers_are_busy(make_search: MakeSearch) -> None:
    make_search("first"), claimed()
    Worker.objects.update(seen_at=clock.after(-3600))  # it is present all the same, since it holds a lease
    second = make_search("second", seed=7)
    assert waiting(second) == "Waiting for its turn: the worker is busy with other work."
    presence.record_presence(OTHER)
    assert waiting(second) is None
    claimed(OTHER)
    third = make_search("third", seed=8)
    assert waiting(third) == "Waiting for its turn: all 2 workers are busy with other work."
    third.status = SearchStatus.RUNNING  # it takes turns with the others
    assert waiting(third) is None


def test_a_search_with_running_work_waits_for_nothing(search: Search) -> None:
    claimed()
    search.refresh_from_db()
    assert waiting(search) is None


def test_a_search_keeps_the_queue_of_its_first_worker(search: Search) -> None:
    claimed(GPU)
    assert leases.claim(WORKER) is None
    assert leases.claim(replace(GPU, numerics="another card")) is None
    assert leases.claim(replace(GPU, name="worker-4")) is not None


def test_the_search_that_was_served_longest_ago_comes_first(make_search: MakeSearch) -> None:
    large = make_search("large", settings={"strategy": {"candidates": 9}})
    claimed()
    small = make_search("small", seed=7)
    served = [claimed().search for _ in range(6)]
    assert served == [large.pk, small.pk] * 3
    assert [claimed().search for _ in range(3)] == [large.pk] * 3


def test_items_of_a_search_are_handed_out_in_their_order(search: Search) -> None:
    taken = [Work.objects.get(pk=claimed().work).index for _ in range(3)]
    assert taken == [0, 1, 2]


def test_work_without_a_search_is_served_by_its_age_between_searches(
    make_search: MakeSearch, team: Team, owner: User
) -> None:
    search = make_search(settings={"strategy": {"candidates": 9}})
    claimed()
    recipe = serialization.to_jsonable(full("digits"))
    architecture = architecture_of(team)
    models = [training.train(architecture, team, owner, "digits", seed, recipe).pk for seed in range(2)]
    served = [claimed() for _ in range(4)]
    assert [(lease.search, lease.model) for lease in served] == [
        (search.pk, None),
        (None, models[0]),
        (None, models[1]),
        (search.pk, None),
    ]


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_a_completion_are_a_few_queries(search: Search) -> None:
    """BEGIN, the time limit of the transaction and COMMIT are three of each."""
    claimed()
    with CaptureQueriesContext(connection) as asked:
        lease = claimed()
    assert len(asked) == 3 + 3, [query["sql"][:60] for query in asked]
    with CaptureQueriesContext(connection) as asked:
        leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    assert len(asked) == 3 + 3, [query["sql"][:60] for query in asked]
