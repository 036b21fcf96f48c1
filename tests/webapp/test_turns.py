"""The turn that advances a search: computed without a lock, written only where nothing has changed meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from search.strategies import STRATEGIES
from search.strategies.base import Finished, Round
from tests.webapp.fakes import run_round, run_to_end, work_one
from tests.webapp.measuring import MEASURED
from tests.webapp.reading import edges_removed
from webapp.devices import devices
from webapp.models import Command, Search, Team, User, Work
from webapp.models.enums import CommandKind, CommandStatus, SearchStatus
from webapp.searches import event_log, finished, lifecycle, rounds, steering

pytestmark = pytest.mark.django_db(transaction=True)

MakeSearch = Callable[..., Search]
UNLIMITED = {"budget": {"params": None}}  # so that any edge may be locked
AUTOSHRINK = STRATEGIES["autoshrink"]


@pytest.fixture(autouse=True)
def soon(settings: Any) -> None:
    settings.RENEW_SECONDS = 0.05


def log(search: Search) -> list[dict[str, Any]]:
    return event_log.read(search.pk, 0, 10_000)


def finish_work() -> None:
    while work_one() is not None:
        pass


def steer(search: Search, by: User, kind: CommandKind, edge: str | None = None, **about: Any) -> Command:
    return steering.steer(search.pk, by, kind, edge, **about)


class Paused:
    """A strategy whose `tell` computes until the test lets it go on; `tells` counts its calls."""

    def __init__(self, tell: Callable[..., Any]) -> None:
        self.inside, self.go_on, self.tells = threading.Semaphore(0), threading.Semaphore(0), 0
        self._tell = tell

    def __call__(self, state: Any, outcomes: Any) -> Any:
        self.tells += 1
        self.inside.release()
        assert self.go_on.acquire(timeout=60)
        return self._tell(state, outcomes)


@contextmanager
def long_turn(search: Search, monkeypatch: pytest.MonkeyPatch, coordinators: int = 1) -> Iterator[Paused]:
    """The body runs while the coordinators compute the turn of the search's finished round; afterwards they end it."""
    paused = Paused(AUTOSHRINK.tell)
    turns: list[Future[None]] = []

    def advance() -> None:
        try:
            lifecycle.advance(search.pk)
        finally:
            connection.close()

    with monkeypatch.context() as slow, ThreadPoolExecutor(coordinators) as threads:
        slow.setattr(AUTOSHRINK, "tell", paused)
        try:
            turns += [threads.submit(advance) for _ in range(coordinators)]
            for _ in turns:
                assert paused.inside.acquire(timeout=60)
            yield paused
        finally:
            paused.go_on.release(1_000)
        for each in turns:
            each.result(60)
    search.refresh_from_db()


def idle_transactions() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in trans%%'"
        )
        return int(cursor.fetchone()[0])


def test_a_turn_that_takes_longer_than_a_lease_is_written(
    search: Search, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LEASE_SECONDS = 0.2
    finish_work()
    with long_turn(search, monkeypatch) as turns:
        assert idle_transactions() == 0  # so there is none that a time limit could end
        with transaction.atomic():
            Search.objects.select_for_update(nowait=True).get(pk=search.pk)  # and no lock that others wait for
    assert (search.step, search.status, turns.tells) == (1, SearchStatus.RUNNING, 1)


def test_of_two_coordinators_that_compute_the_same_turn_one_writes_it(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_work()
    with long_turn(search, monkeypatch, coordinators=2) as turns:
        pass
    assert (search.step, search.rounds.count(), turns.tells) == (1, 2, 2)
    assert [event["seq"] for event in log(search)] == list(range(1, search.seq + 1))


def test_a_turn_whose_connections_are_all_terminated_is_computed_once_and_written(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_work()
    with long_turn(search, monkeypatch) as turns, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 1
    assert (search.step, search.status, turns.tells) == (1, SearchStatus.RUNNING, 1)


@pytest.mark.parametrize("message", ["deadlock detected", "server closed the connection unexpectedly"])
def test_a_turn_is_written_again_after_a_deadlock_or_a_lost_connection(
    search: Search, monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    finish_work()
    append, failures = event_log.append, [OperationalError(message)] * 2

    def append_or_fail(*given: Any) -> None:
        append(*given)
        if failures:
            raise failures.pop()

    monkeypatch.setattr(event_log, "append", append_or_fail)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert (search.step, search.status, failures) == (1, SearchStatus.RUNNING, [])
    assert [event["seq"] for event in log(search)] == list(range(1, search.seq + 1))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (LookupError("no such thing"), "LookupError: no such thing"),
        (IntegrityError("twice"), "IntegrityError: twice"),
    ],
)
def test_an_error_while_events_are_written_fails_the_search_with_its_message_and_writes_none(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    finish_work()
    before, append = search.seq, event_log.append

    def append_and_fail(*given: Any) -> None:
        append(*given)
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(event_log, "append", append_and_fail)
        lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert (search.status, search.error, search.seq) == (SearchStatus.FAILED, message, before)
    steer(search, owner, CommandKind.RESUME)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def test_an_outcome_that_cannot_be_read_fails_the_search(search: Search) -> None:
    finish_work()
    Work.objects.update(outcome=b"no JSON")
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == SearchStatus.FAILED
    assert (search.error or "").startswith("JSONDecodeError: ")


def test_a_late_error_does_not_fail_a_search_that_another_coordinator_has_advanced(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_work()
    current = finished.read(search.pk)
    lifecycle.advance(search.pk)
    lifecycle._fail(search.pk, current, "too late")
    search.refresh_from_db()
    assert (search.status, search.error) == (SearchStatus.RUNNING, None)


def test_commands_given_all_the_time_during_a_long_turn_do_not_repeat_it_and_wait_for_the_next_round(
    make_search: MakeSearch, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = make_search(**UNLIMITED)
    first = steer(search, owner, CommandKind.LOCK, "0-1")
    finish_work()
    late = []
    with long_turn(search, monkeypatch) as turns:
        for _ in range(10):
            steering.withdraw(search.pk, owner, steer(search, owner, CommandKind.LOCK, "0-2").number)
        late += [steer(search, owner, CommandKind.LOCK, edge) for edge in ("0-2", "0-3")]
    assert (search.step, turns.tells) == (1, 1)
    statuses = dict(search.commands.exclude(status=CommandStatus.WITHDRAWN).values_list("number", "status"))
    assert statuses == {first.number: CommandStatus.APPLIED} | {each.number: CommandStatus.PENDING for each in late}
    run_round(search)
    assert not search.commands.filter(status=CommandStatus.PENDING).exists()


def test_withdrawing_a_command_of_the_turn_repeats_it_without_that_command_and_without_later_ones(
    make_search: MakeSearch, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    search = make_search(**UNLIMITED)
    withdrawn, kept = [steer(search, owner, CommandKind.LOCK, edge) for edge in ("0-1", "0-2")]
    finish_work()
    with long_turn(search, monkeypatch) as turns:
        steering.withdraw(search.pk, owner, withdrawn.number)
        late = steer(search, owner, CommandKind.LOCK, "0-3")
    assert (search.step, turns.tells) == (1, 2)
    assert dict(search.commands.values_list("number", "status")) == {
        withdrawn.number: CommandStatus.WITHDRAWN,
        kept.number: CommandStatus.APPLIED,
        late.number: CommandStatus.PENDING,
    }
    assert [event["payload"]["edge"] for event in log(search) if event["kind"] == "edge_locked"] == ["0-2"]


def test_a_late_command_that_the_turn_made_impossible_is_refused_at_the_end_of_the_next_round(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_work()
    with long_turn(search, monkeypatch):
        late = {edge: steer(search, owner, CommandKind.LOCK, edge) for edge in candidates_of(search)}
    cut = edges_removed(search)
    run_round(search)
    refused = search.commands.filter(status=CommandStatus.REFUSED)
    assert [command.edge for command in refused] == [edge for edge in cut if edge in late] != []


def candidates_of(search: Search) -> list[str]:
    """Edges that candidates cut."""
    return [edge for candidate in search.candidates.order_by("number") for edge in candidate.edits["edges_removed"]]


def test_a_command_given_during_the_turn_that_ends_the_search_is_refused_in_the_log(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def ask(state: Any) -> Round | Finished:
        return Finished("finished") if ended.is_set() else asks(state)

    asks = AUTOSHRINK.ask
    finish_work()
    with long_turn(search, monkeypatch):
        late = steer(search, owner, CommandKind.LOCK, "0-1")
        ended.set()
        monkeypatch.setattr(AUTOSHRINK, "ask", ask)
    late.refresh_from_db()
    why = "The search ended with the round in which the command was given."
    assert search.status == SearchStatus.FINISHED
    assert (late.status, late.why) == (CommandStatus.REFUSED, why)
    (refused,) = [event for event in log(search) if event["kind"] == "command_refused"]
    assert (refused["payload"]["command"], refused["payload"]["why"]) == (late.number, why)


@pytest.mark.parametrize("kind", [CommandKind.STOP, CommandKind.CANCEL])
def test_the_turn_of_a_search_that_a_person_ends_meanwhile_is_dropped(
    make_search: MakeSearch, owner: User, monkeypatch: pytest.MonkeyPatch, kind: CommandKind
) -> None:
    search = make_search(**UNLIMITED)
    finish_work()
    with long_turn(search, monkeypatch):
        steer(search, owner, kind)
        seq = Search.objects.get(pk=search.pk).seq
    assert (search.state.is_over, search.seq, search.step) == (True, seq, 0)


def test_the_turn_of_a_search_that_is_paused_meanwhile_is_taken_after_resume(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish_work()
    with long_turn(search, monkeypatch):
        steer(search, owner, CommandKind.PAUSE)
    assert (search.step, search.status) == (0, SearchStatus.PAUSED)
    steer(search, owner, CommandKind.RESUME)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert (search.step, search.status) == (1, SearchStatus.RUNNING)


def test_a_rollback_during_a_turn_drops_it(search: Search, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    run_round(search)
    finish_work()
    with long_turn(search, monkeypatch):
        steer(search, owner, CommandKind.ROLLBACK, step=0)
    assert (rounds.current_round(search).branch, search.step) == (1, 0)
    assert [event["branch"] for event in log(search)] == sorted(event["branch"] for event in log(search))


def test_a_budget_without_the_device_given_during_a_turn_cancels_the_measurements_that_the_turn_asks_for(
    make_search: MakeSearch, team: Team, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    device, _ = devices.create(team, owner, "Desk")
    search = make_search(budget={"latency": 10**6, "device": device.pk})
    while not Work.objects.filter(round=rounds.current_round(search), kind="train").exists():
        while (lease := devices.claim(device)) is not None:
            devices.complete(device, lease.work, lease.token, MEASURED)
        lifecycle.advance(search.pk)
    finish_work()
    with long_turn(search, monkeypatch):
        budget = {**search.task["budget"], "latency": None, "device": None}
        steer(search, owner, CommandKind.SET_BUDGET, budget=budget)
    cancelled = search.rounds.get(number=rounds.current_round(search).number - 1).work.get(index=0)
    assert (cancelled.kind, bytes(cancelled.outcome or b"")) == ("measure", b'{"code":"withdrawn","status":"error"}')
    assert set(rounds.current_round(search).work.values_list("kind", flat=True)) == {"train"}
