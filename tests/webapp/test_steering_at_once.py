"""Several people steering one search at the same moment, against the real database."""

from collections.abc import Callable
from functools import partial

import pytest

from tests.webapp.fakes import run_round, work_one
from tests.webapp.locks import at_once
from tests.webapp.reading import payloads
from webapp.core.errors import Conflict
from webapp.models import Command, Round, Search, User
from webapp.models.enums import CommandKind, CommandStatus
from webapp.searches import event_log, lifecycle, rounds, steering
from webapp.searches.turn import Transition

pytestmark = pytest.mark.django_db(transaction=True)


def steer(search: Search, by: User, kind: CommandKind, edge: str | None = None) -> Callable[[], Command]:
    return lambda: steering.steer(search.pk, by, kind, edge)


def test_the_later_of_two_contradicting_commands_is_rejected(search: Search, owner: User, colleague: User) -> None:
    answers = at_once(
        steer(search, owner, CommandKind.LOCK, "1-2"), steer(search, colleague, CommandKind.REMOVE, "1-2")
    )
    refused = [str(answer) for answer in answers if isinstance(answer, Conflict)]
    assert search.commands.count() == 1
    assert refused in (
        ["Edge 1-2 is locked; unlock it first."],
        ["Colleague asked to cut it already. Undo that request first."],
    )


def test_no_command_of_many_at_once_is_lost(make_search: Callable[..., Search], owner: User, colleague: User) -> None:
    search = make_search(budget={"params": None})  # so that all edges may be locked
    edges = ["0-1", "0-2", "0-3", "0-4"]
    acts = [steer(search, by, CommandKind.LOCK, edge) for by, edge in zip([owner, colleague] * 2, edges, strict=True)]
    assert not [answer for answer in at_once(*acts) if isinstance(answer, Conflict)]
    assert sorted(search.commands.values_list("number", flat=True)) == [1, 2, 3, 4]
    run_round(search)
    assert set(search.commands.values_list("status", flat=True)) == {CommandStatus.APPLIED}
    locked = {e["payload"]["edge"] for e in event_log.read(search.pk, 0, 1000) if e["kind"] == "edge_locked"}
    assert locked == set(edges)


def test_a_command_at_the_end_of_a_round_is_applied_or_stays_pending(search: Search, owner: User) -> None:
    while work_one() is not None:
        pass
    command, _ = at_once(steer(search, owner, CommandKind.LOCK, "2-3"), lambda: lifecycle.advance(search.pk))
    command.refresh_from_db()
    decided = [e for e in event_log.read(search.pk, 0, 1000) if e["kind"] == "command_applied"]
    assert (command.status == CommandStatus.APPLIED) == bool(decided)
    run_round(search)
    command.refresh_from_db()
    assert command.status == CommandStatus.APPLIED


def test_withdrawing_and_applying_a_command_at_once_has_one_result(search: Search, owner: User) -> None:
    command = steer(search, owner, CommandKind.LOCK, "0-1")()
    while work_one() is not None:
        pass
    taken, _ = at_once(
        lambda: steering.withdraw(search.pk, owner, command.number), lambda: lifecycle.advance(search.pk)
    )
    command.refresh_from_db()
    locked = any(e["kind"] == "edge_locked" for e in event_log.read(search.pk, 0, 1000))
    assert locked == isinstance(taken, Conflict) == (command.status == CommandStatus.APPLIED)


def test_a_rollback_during_an_advance_leaves_one_open_round(search: Search, owner: User) -> None:
    run_round(search)
    while work_one() is not None:
        pass
    back, _ = at_once(
        lambda: steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0), lambda: lifecycle.advance(search.pk)
    )
    assert back.status == CommandStatus.APPLIED
    search.refresh_from_db()
    assert (rounds.current_round(search).branch, search.step) == (1, 0)
    events = event_log.read(search.pk, 0, 1000)
    assert [event["seq"] for event in events] == list(range(1, search.seq + 1))
    assert [event["branch"] for event in events] == sorted(event["branch"] for event in events)


def test_people_steer_while_the_turn_of_a_rollback_is_computed(
    search: Search, owner: User, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_round(search)
    computed: list[int] = []
    start = lifecycle.start_branch

    def long_turn(found: Search, origin: Round, command: Command) -> Transition:
        if not computed:
            assert isinstance(at_once(steer(search, colleague, CommandKind.PAUSE))[0], Command)
        computed.append(command.number)
        return start(found, origin, command)

    monkeypatch.setattr(lifecycle, "start_branch", long_turn)
    applied = steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
    assert computed == [1, 2]  # the pause came first, so the turn was computed again
    assert (applied.number, applied.status) == (2, CommandStatus.APPLIED)
    search.refresh_from_db()
    assert search.branch == 1


def test_a_rollback_that_others_keep_overtaking_says_so(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_round(search)
    start = lifecycle.start_branch

    def overtaken(found: Search, origin: Round, command: Command) -> Transition:
        steering.steer(search.pk, owner, CommandKind.PAUSE if command.number % 2 else CommandKind.RESUME)
        return start(found, origin, command)

    monkeypatch.setattr(lifecycle, "start_branch", overtaken)
    with pytest.raises(Conflict, match="Try again"):
        steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
    search.refresh_from_db()
    assert search.branch == 0


def test_of_two_rollbacks_at_once_both_are_made(search: Search, owner: User, colleague: User) -> None:
    run_round(search)
    at_once(*(partial(steering.steer, search.pk, by, CommandKind.ROLLBACK, step=0) for by in (owner, colleague)))
    search.refresh_from_db()
    assert sorted(search.commands.values_list("number", "status")) == [(1, "applied"), (2, "applied")]
    assert list(search.branches.order_by("number").values_list("number", flat=True)) == [0, 1, 2]
    assert rounds.current_round(search).branch == search.branch == 2


def test_two_forks_at_once_draw_other_candidates(search: Search, owner: User, colleague: User) -> None:
    forks = at_once(*(partial(steering.fork, search.pk, by, 0) for by in (owner, colleague)))
    first, second = (payloads(each, "candidates_proposed")[0]["shown"] for each in forks)
    assert first != second
