"""Searches in the database: rounds, events, ends, failures, and what the sweep repairs."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from search.base import serialization
from search.base.serialization import Json
from search.cli import drive
from search.log.task import Task
from search.network.budget import Infeasible
from search.network.graph import Graph
from search.strategies import STRATEGIES
from tests.webapp import fakes
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round, run_to_end, work_one
from tests.webapp.reading import payloads
from webapp.core.errors import Conflict
from webapp.datasets import uploads
from webapp.files import storage
from webapp.models import Architecture, Event, Search, Team, User
from webapp.models.enums import CommandKind, RoundStatus, SearchStatus
from webapp.scheduling import leases, queue
from webapp.searches import event_log, finished, lifecycle, rounds, steering, sweep

pytestmark = pytest.mark.django_db

MakeSearch = Callable[..., Search]


def log(search: Search) -> list[dict[str, Any]]:
    return event_log.read(search.pk, 0, 100_000)


def test_a_search_opens_its_first_round_when_it_is_created(search: Search) -> None:
    current = rounds.current_round(search)
    assert current.number == 0
    assert current.work.count() == 3
    assert [event["kind"] for event in log(search)] == ["search_started", "candidates_proposed"]


def test_a_search_runs_to_its_end(search: Search) -> None:
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED
    assert log(search)[-1]["kind"] == "search_finished"
    assert not search.rounds.filter(status=RoundStatus.OPEN).exists()


def test_events_are_numbered_without_gaps(search: Search) -> None:
    run_to_end(search)
    assert [event["seq"] for event in log(search)] == list(range(1, search.seq + 1))


def test_events_equal_those_of_the_local_driver(search: Search, tmp_path: Any) -> None:
    run_to_end(search)
    with drive.Folder(tmp_path) as folder:
        drive.create_search(folder, Task.from_dict(search.task), NUMERICS)
        for _ in drive.run_search(folder, outcome_of, NUMERICS):
            pass
        local = folder.events()
    assert [timeless(event) for event in log(search)] == [timeless(event) for event in local]


def timeless(event: dict[str, Any]) -> bytes:
    return serialization.dumps({**event, "at": ""})


def test_payloads_are_stored_byte_for_byte(search: Search) -> None:
    run_round(search)
    rows = Event.objects.filter(search=search)
    assert len(rows) == search.seq > 5
    for row in rows:
        assert serialization.dumps(serialization.loads(bytes(row.payload))) == bytes(row.payload)


def test_a_search_whose_first_results_are_at_hand_is_running_at_its_second_step(make_search: MakeSearch) -> None:
    first = make_search()
    run_round(first)
    lifecycle.pause(first, None)
    again = make_search()
    assert leases.claim(WORKER) is None
    lifecycle.advance(again.pk)
    again.refresh_from_db()
    assert (again.step, again.status) == (1, SearchStatus.RUNNING)


def test_outcomes_are_used_in_work_order_whichever_arrived_first(make_search: MakeSearch, stranger: User) -> None:
    forwards = make_search()
    backwards = make_search(by=stranger, to=Team.objects.get(slug="meadow"))
    taken = [lease for lease in iter(lambda: leases.claim(WORKER), None) if lease is not None]
    for lease in reversed(taken):
        leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    lifecycle.advance(forwards.pk)
    while work_one() is not None:
        pass
    lifecycle.advance(backwards.pk)
    assert [timeless(event) for event in log(backwards)] == [timeless(event) for event in log(forwards)]


class TestALaunch:
    @pytest.fixture
    def launched(self, browser: Client, monkeypatch: pytest.MonkeyPatch) -> Search:
        """Launched in a web process, which must not start a strategy: that may draw and price hundreds of graphs."""

        def start(*_: object) -> None:
            raise AssertionError("the web process started a strategy")

        with monkeypatch.context() as web_process:
            web_process.setattr(STRATEGIES["autoshrink"], "start", start)
            answer = browser.post("/api/searches", fakes.TASK, "application/json")
        assert answer.status_code == 201, answer.json()
        assert (answer.json()["seq"], answer.json()["edges"], answer.json()["cost"]) == (0, None, None)
        return Search.objects.get(pk=answer.json()["id"])

    def test_is_started_by_the_coordinator(self, launched: Search) -> None:
        lifecycle.advance(launched.pk)
        assert [event["kind"] for event in log(launched)] == ["search_started", "candidates_proposed"]
        assert rounds.current_round(launched).number == 0

    @pytest.mark.django_db(transaction=True)
    def test_that_nobody_woke_the_coordinator_for_is_found_by_the_sweep(
        self, launched: Search, sent: list[tuple[str, str]]
    ) -> None:
        sent.clear()
        sweep.sweep()
        assert ("espalier.advance", launched.pk) in sent

    def test_accepts_edits_once_it_has_started(self, launched: Search, owner: User) -> None:
        with pytest.raises(Conflict, match="The search has not started"):
            steering.steer(launched.pk, owner, CommandKind.LOCK, "0-2")
        lifecycle.advance(launched.pk)
        steering.steer(launched.pk, owner, CommandKind.LOCK, "0-2")

    def test_paused_before_its_start_shows_what_it_starts_from(self, launched: Search, owner: User) -> None:
        steering.steer(launched.pk, owner, CommandKind.PAUSE)
        lifecycle.advance(launched.pk)
        assert [event["kind"] for event in log(launched)] == ["search_started", "candidates_proposed"]
        launched.refresh_from_db()
        assert launched.status == SearchStatus.PAUSED and leases.claim(WORKER) is None
        steering.steer(launched.pk, owner, CommandKind.RESUME)
        lifecycle.advance(launched.pk)
        assert log(launched)

    @pytest.mark.parametrize(("kind", "status"), [(CommandKind.STOP, "stopped"), (CommandKind.CANCEL, "cancelled")])
    def test_can_be_ended_before_its_start(self, launched: Search, owner: User, kind: CommandKind, status: str) -> None:
        command = steering.steer(launched.pk, owner, kind)
        lifecycle.advance(launched.pk)
        launched.refresh_from_db()
        assert (launched.status, command.status, log(launched)) == (status, "applied", [])

    def test_whose_strategy_rejects_the_task_at_its_start_fails_with_the_reason(
        self, launched: Search, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def start(*_: object) -> None:
            raise Infeasible("nothing fits here")

        monkeypatch.setattr(STRATEGIES["autoshrink"], "start", start)
        lifecycle.advance(launched.pk)
        launched.refresh_from_db()
        assert (launched.status, launched.error) == ("failed", "nothing fits here")


def test_advancing_twice_changes_nothing(search: Search) -> None:
    run_round(search)
    before = log(search)
    lifecycle.advance(search.pk)
    assert log(search) == before


def test_the_answer_is_in_the_catalog_with_its_lineage(search: Search) -> None:
    run_to_end(search)
    best = log(search)[-1]["payload"]["best"]
    found = Architecture.objects.get(search=search)
    graph = Graph.from_rows(best["graph"])
    assert (found.hash, found.graph, found.val_accuracy) == (best["hash"], graph.to_dict(), best["quality"])
    assert (found.nodes, found.edges, found.macro) == (
        len(graph.nodes),
        len(graph.edges),
        log(search)[0]["payload"]["macro"],
    )
    assert found.lineage is not None
    measured = log(search)[found.lineage["seq"] - 1]
    assert measured["kind"] == "candidates_measured"
    scored = {one["id"]: one["quality"] for one in measured["payload"]["shown"]}
    assert scored[best["measured"]["candidate"]] == best["quality"]
    assert measured["round"] == best["measured"]["round"]  # the last round, which trained the finalists
    assert measured["round"] == max(event["round"] for event in log(search))


def test_lists_the_catalog_and_the_search_state_the_same_figures_of_an_answer(search: Search) -> None:
    run_to_end(search)
    best, found = log(search)[-1]["payload"]["best"], Architecture.objects.get(search=search)
    search.refresh_from_db()
    assert search.best_quality == found.val_accuracy == best["quality"]
    assert search.cost == found.cost == best["cost"]
    assert search.edges == found.edges == len(best["graph"]["edges"])


def test_an_answer_without_removed_edges_is_in_the_catalog(
    make_search: MakeSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def best_uncut(payload: dict[str, Any]) -> dict[str, Any]:
        accuracy = len(payload["graph"]["edges"]) / 20
        return {"status": "ok", "val_accuracy": accuracy, "epochs": 1, "curve": [], "numerics": NUMERICS}

    monkeypatch.setattr(fakes, "outcome_of", best_uncut)
    settings: Json = {
        "space": {"nodes": 6},
        "strategy": {"candidates": 3, "patience": 1},
        "objective": {"cost_weight": 0.0},
        "answer": {"finalists": 0},
    }
    search = make_search(budget={**fakes.TASK["budget"], "params": None}, settings=settings)
    run_to_end(search)
    lineage = Architecture.objects.get(search=search).lineage
    assert lineage is not None
    assert search.events.get(seq=lineage["seq"]).kind == "candidates_measured"
    assert (lineage["step"], lineage["round"]) == (0, 0)


def test_a_strategy_that_raises_fails_the_search_and_keeps_its_round(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = search.seq
    with monkeypatch.context() as broken:
        broken.setattr(STRATEGIES["autoshrink"], "tell", _raise)
        run_round(search)
    assert (search.status, search.error, search.seq) == (SearchStatus.FAILED, "ValueError: no such thing", before)
    assert rounds.current_round(search).number == 0


def _raise(*_: object) -> None:
    raise ValueError("no such thing")


def test_a_strategy_that_does_not_say_what_its_items_are_about_fails_the_search(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask: Any = STRATEGIES["autoshrink"].ask
    monkeypatch.setattr(STRATEGIES["autoshrink"], "ask", lambda state: replace(ask(state), about=()))
    run_round(search)
    assert (search.status, search.step) == (SearchStatus.FAILED, 0)
    assert search.error == "ValueError: 3 items of work, but `about` of 0"


def test_a_candidate_that_commands_and_the_round_change_is_written_once(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposed = STRATEGIES["autoshrink"].start(Task.from_dict(search.task)).rows
    steer = STRATEGIES["autoshrink"].steer
    monkeypatch.setattr(
        STRATEGIES["autoshrink"], "steer", lambda state, command: steer(state, command)._replace(rows=proposed)
    )
    steering.steer(search.pk, owner, CommandKind.LOCK, "0-2")
    run_round(search)
    assert search.step == 1
    assert search.candidates.filter(step=1, status="ok").count() == 3


def test_a_finished_round_is_read_in_few_queries_however_many_items_it_has(
    make_search: MakeSearch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    search = make_search(settings={"strategy": {"candidates": 9}})
    while work_one() is not None:
        pass
    with django_assert_max_num_queries(6):  # two begin and end the transaction, one limits it
        current = finished.read(search.pk)
    assert current is not None
    assert len(current.outcomes) == 9


def test_a_round_in_which_all_items_failed_pauses_the_search_with_the_reason(search: Search) -> None:
    while (lease := leases.claim(WORKER)) is not None:
        leases.fail(lease, "exception", "ValueError: torn image", NUMERICS)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == SearchStatus.PAUSED
    assert search.pause_reason == "All 3 items of round 0 failed: ValueError: torn image"


def test_a_round_in_which_every_candidate_diverged_is_told_to_the_strategy(search: Search) -> None:
    while (lease := leases.claim(WORKER)) is not None:
        assert leases.complete(lease, {"status": "error", "code": "diverged", "curve": []}, NUMERICS)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert (search.status, rounds.current_round(search).number) == (SearchStatus.RUNNING, 1)
    scored = [one["code"] for payload in payloads(search, "candidates_measured") for one in payload["shown"]]
    assert scored == ["diverged"] * 3


def test_a_round_in_which_some_items_raised_and_the_others_diverged_is_told(search: Search) -> None:
    lease = leases.claim(WORKER)
    for _ in range(leases.MAX_TRIES):
        assert lease is not None
        leases.fail(lease, "exception", "ValueError: torn image", NUMERICS)
        lease = leases.claim(WORKER)
    while lease is not None:
        assert leases.complete(lease, {"status": "error", "code": "diverged", "curve": []}, NUMERICS)
        lease = leases.claim(WORKER)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == SearchStatus.RUNNING
    scored = [one["code"] for payload in payloads(search, "candidates_measured") for one in payload["shown"]]
    assert sorted(scored) == ["diverged", "diverged", "exception"]


def test_a_round_in_which_every_candidate_diverged_is_told_after_a_pause_too(search: Search, owner: User) -> None:
    while (lease := leases.claim(WORKER)) is not None:
        assert leases.complete(lease, {"status": "error", "code": "diverged", "curve": []}, NUMERICS)
    steering.steer(search.pk, owner, CommandKind.PAUSE)
    steering.steer(search.pk, owner, CommandKind.RESUME)
    lifecycle.advance(search.pk)
    assert rounds.current_round(search).number == 1


def test_a_round_in_which_some_items_failed_continues(search: Search) -> None:
    lease = leases.claim(WORKER)
    for _ in range(leases.MAX_TRIES):
        assert lease is not None
        leases.fail(lease, "exception", "ValueError: torn image", NUMERICS)
        lease = leases.claim(WORKER)
    assert lease is not None
    leases.complete(lease, outcome_of(lease.payload), NUMERICS)
    run_round(search)
    [measured] = payloads(search, "candidates_measured")
    assert (measured["ok"], measured["failed"]) == (2, 1)
    assert [one["code"] for one in measured["shown"] if one["status"] == "error"] == ["exception"]
    assert search.step == 1


@pytest.mark.django_db(transaction=True)
def test_the_sweep_asks_again_for_the_turn_of_a_finished_round(search: Search, sent: list[tuple[str, str]]) -> None:
    sent.clear()
    sweep.sweep()
    assert ("espalier.advance", search.pk) not in sent
    while work_one() is not None:
        pass
    sent.clear()
    sweep.sweep()
    assert sent.count(("espalier.advance", search.pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_unread_requests_for_turns_do_not_accumulate(
    search: Search, sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    while work_one() is not None:
        pass
    sent.clear()
    monkeypatch.setattr(queue, "_unread", lambda name: queue.MAX_WAKES)
    sweep.sweep()
    assert ("espalier.advance", search.pk) not in sent


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("part", [(leases, "give_up_repeatedly_lost"), (uploads, "delete_abandoned")])
def test_an_error_in_another_part_of_the_sweep_does_not_stop_rounds_from_advancing(
    search: Search,
    monkeypatch: pytest.MonkeyPatch,
    part: tuple[Any, str],
    caplog: pytest.LogCaptureFixture,
    sent: list[tuple[str, str]],
) -> None:
    def refuse(*_: object) -> None:
        raise storage.AccessDenied("The store refused: no such bucket.")

    while work_one() is not None:
        pass
    sent.clear()
    monkeypatch.setattr(*part, refuse)
    sweep.sweep()
    assert ("espalier.advance", search.pk) in sent
    assert "no such bucket" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_database_error_in_one_part_stops_the_sweep_only_if_the_database_is_unreachable(
    search: Search, monkeypatch: pytest.MonkeyPatch, sent: list[tuple[str, str]]
) -> None:
    def lose() -> None:
        raise OperationalError("deadlock detected")

    while work_one() is not None:
        pass
    sent.clear()
    monkeypatch.setattr(uploads, "delete_abandoned", lose)
    with monkeypatch.context() as away:
        away.setattr(sweep, "_database_answers", lambda: False)
        with pytest.raises(OperationalError):
            sweep.sweep()
    assert ("espalier.advance", search.pk) not in sent
    sweep.sweep()
    assert ("espalier.advance", search.pk) in sent


@pytest.mark.django_db(transaction=True)
def test_the_last_outcome_of_a_round_queues_its_advance(search: Search, sent: list[tuple[str, str]]) -> None:
    sent.clear()
    work_one()
    assert ("espalier.advance", search.pk) not in sent
    work_one(), work_one()
    assert sent.count(("espalier.advance", search.pk)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_wake_up_is_sent_for_each_item(search: Search, sent: list[tuple[str, str]]) -> None:
    wakes = sorted(each for each in sent if each[0] == "espalier.work")
    assert wakes == [("espalier.work", "cpu")] * 3 + [("espalier.work", "gpu")] * 3


@pytest.mark.django_db(transaction=True)
def test_unread_wake_ups_do_not_accumulate(
    make_search: MakeSearch, sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_unread", lambda name: {"cpu": 2, "gpu": 16}.get(name, 0))
    make_search()
    assert [each for each in sent if each[0] == "espalier.work"] == [("espalier.work", "cpu")]
