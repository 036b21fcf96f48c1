"""Commands to a search: applied at once, kept until the end of the round, or rejected with a message."""

from collections.abc import Callable
from typing import Any

import pytest

from search.strategies.autoshrink import strategy
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round, run_to_end, work_one
from tests.webapp.reading import edges_now, edges_removed, nodes_now, payloads
from webapp.api import presenters
from webapp.core.errors import Conflict
from webapp.models import Architecture, Candidate, Command, Search, User, Work
from webapp.models.enums import CommandKind, CommandStatus, RoundStatus, SearchStatus, WorkStatus
from webapp.scheduling import leases
from webapp.searches import event_log, lifecycle, steering

pytestmark = pytest.mark.django_db


def kinds(search: Search) -> list[str]:
    return [event["kind"] for event in event_log.read(search.pk, 0, 10_000)]


def steer(search: Search, by: User, kind: CommandKind, edge: str | None = None, **about: Any) -> Command:
    command = steering.steer(search.pk, by, kind, edge, "because", **about)
    search.refresh_from_db()
    return command


def test_pause_applies_at_once_and_is_not_an_event(search: Search, owner: User) -> None:
    before = search.seq
    assert steer(search, owner, CommandKind.PAUSE).status == CommandStatus.APPLIED
    assert (search.status, search.seq) == (SearchStatus.PAUSED, before)
    assert leases.claim(WORKER) is None


def test_resume_continues_the_search(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.PAUSE)
    steer(search, owner, CommandKind.RESUME)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def test_so_many_requests_may_wait_and_no_more(search: Search, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steering, "MAX_PENDING", 2)
    kinds = (CommandKind.LOCK, CommandKind.UNLOCK)
    for kind in kinds:
        steer(search, owner, kind, "0-1")
    with pytest.raises(Conflict, match=r"2 requests wait already\. Wait until this step ends, or undo one of them\."):
        steer(search, owner, CommandKind.LOCK, "0-1")
    assert steer(search, owner, CommandKind.PAUSE).status == CommandStatus.APPLIED  # it does not wait


def test_pausing_twice_is_rejected_with_a_message(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.PAUSE)
    with pytest.raises(Conflict, match="The search is already paused"):
        steer(search, owner, CommandKind.PAUSE)


def test_stop_returns_the_best_graph_that_fits(make_search: Callable[..., Search], owner: User) -> None:
    search = make_search(budget={"params": None})
    run_round(search)
    command = steer(search, owner, CommandKind.STOP)
    assert (command.status, search.status) == (CommandStatus.APPLIED, SearchStatus.STOPPED)
    assert kinds(search)[-2:] == ["command_applied", "search_finished"]
    assert Architecture.objects.filter(search=search).exists()


def test_stop_withdraws_the_round_and_keeps_its_results(search: Search, owner: User) -> None:
    work_one()
    running = leases.claim(WORKER)
    assert running is not None
    steer(search, owner, CommandKind.STOP)
    assert "candidates_measured" not in kinds(search)
    assert search.rounds.get().status == RoundStatus.WITHDRAWN
    statuses = Work.objects.filter(round__search=search).order_by("index").values_list("status", flat=True)
    assert list(statuses) == [WorkStatus.DONE, WorkStatus.WITHDRAWN, WorkStatus.WITHDRAWN]
    assert Candidate.objects.filter(search=search, status="ok", quality__isnull=False).count() == 1
    assert leases.renew(running) == "stop"
    assert not leases.complete(running, outcome_of(running.payload), NUMERICS)


def test_cancel_has_no_answer(search: Search, owner: User) -> None:
    run_round(search)
    steer(search, owner, CommandKind.CANCEL)
    assert search.status == SearchStatus.CANCELLED
    assert not Architecture.objects.filter(search=search).exists()


def test_an_ended_search_takes_no_command(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.CANCEL)
    for kind in set(CommandKind) - {CommandKind.ROLLBACK}:
        with pytest.raises(Conflict, match="The search is cancelled and accepts no more commands"):
            steer(search, owner, kind, "0-1" if kind.edits_graph else None)


def test_a_lock_is_applied_at_the_end_of_the_round_and_its_edge_is_never_removed(search: Search, owner: User) -> None:
    command = steer(search, owner, CommandKind.LOCK, "0-1")
    assert command.status == CommandStatus.PENDING
    run_to_end(search)
    command.refresh_from_db()
    assert command.status == CommandStatus.APPLIED
    removed = edges_removed(search)
    assert removed and "0-1" not in removed


def test_a_removal_is_applied_at_the_end_of_the_round_before_its_outcomes_are_used(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.REMOVE, "1-2")
    assert "graph_edited" not in kinds(search)
    run_round(search)
    emitted = kinds(search)
    assert emitted.index("command_applied") < emitted.index("graph_edited") < emitted.index("candidates_measured")
    first = payloads(search, "graph_edited")[0]
    assert (first["cause"], first["edits"]["edges_removed"]) == ("person", ["1-2"])


def test_a_locked_node_stays_on_a_path_to_the_end(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.LOCK, node=2)
    run_to_end(search)
    gone = [node for payload in payloads(search, "graph_edited") for node in payload["edits"]["nodes_lost"]]
    assert gone and 2 not in gone
    assert 2 in {node["id"] for node in Architecture.objects.get(search=search).graph["nodes"]}


def test_removing_a_node_removes_all_its_edges(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.REMOVE, node=3)
    run_round(search)
    assert 3 not in nodes_now(search)
    assert not [edge for edge in edges_now(search) if "3" in edge.split("-")]


def test_a_removed_edge_can_be_restored(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.REMOVE, "2-3")
    run_round(search)
    restored = steer(search, owner, CommandKind.RESTORE, "2-3")
    assert "2-3" not in edges_now(search)
    run_round(search)
    restored.refresh_from_db()
    assert restored.status == CommandStatus.APPLIED
    (added,) = [payload for payload in payloads(search, "graph_edited") if payload["edits"]["edges_added"]]
    assert (added["edits"]["edges_added"], added["cause"]) == (["2-3"], "person")


def test_telemetry_shows_all_fields_of_a_pending_command(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.LOCK, node=2)
    steer(search, owner, CommandKind.SET_WEIGHT, weight=0.5)
    first, second = presenters.telemetry(search)["pending"]
    assert (first["node"], first["edge"], second["weight"], second["by"]) == (2, None, 0.5, "Owner")


def test_an_edit_is_validated_against_earlier_pending_ones(search: Search, owner: User, colleague: User) -> None:
    steer(search, owner, CommandKind.LOCK, "1-2")
    with pytest.raises(Conflict, match=r"Edge 1-2 is locked; unlock it first\."):
        steer(search, colleague, CommandKind.REMOVE, "1-2")


def test_a_command_for_a_missing_edge_is_rejected(search: Search, owner: User) -> None:
    with pytest.raises(Conflict, match="Edge 3-9 is not in the graph"):
        steer(search, owner, CommandKind.LOCK, "3-9")
    assert not search.commands.exists()


def test_an_edit_that_became_invalid_is_refused_in_the_log(search: Search, owner: User) -> None:
    edge = _edge_that_goes_first(search)
    steer(search, owner, CommandKind.REMOVE, edge)
    Command.objects.create(search=search, number=2, kind=CommandKind.LOCK, edge=edge, by=owner)
    run_round(search)
    late = search.commands.get(number=2)
    assert late.status == CommandStatus.REFUSED
    assert "is not in the graph" in late.why
    assert "command_refused" in kinds(search)


def _edge_that_goes_first(search: Search) -> str:
    shown = payloads(search, "candidates_proposed")[0]["shown"]
    return str(next(edge for one in shown for edge in one["edits"]["edges_removed"]))


def test_pending_edits_are_withdrawn_when_the_search_is_stopped(search: Search, owner: User) -> None:
    waits = steer(search, owner, CommandKind.LOCK, "0-1")
    steer(search, owner, CommandKind.STOP)
    waits.refresh_from_db()
    assert waits.status == CommandStatus.WITHDRAWN


def test_any_member_can_withdraw_a_pending_command(search: Search, owner: User, colleague: User) -> None:
    waits = steer(search, owner, CommandKind.REMOVE, "1-2")
    taken = steering.withdraw(search.pk, colleague, waits.number)
    assert (taken.status, taken.why) == (CommandStatus.WITHDRAWN, "Colleague withdrew it.")
    run_round(search)
    assert "command_applied" not in kinds(search)


def test_a_decided_command_cannot_be_withdrawn(search: Search, owner: User) -> None:
    decided = steer(search, owner, CommandKind.LOCK, "0-1")
    run_round(search)
    with pytest.raises(Conflict, match=r"Command 1 was already applied and can no longer be withdrawn\."):
        steering.withdraw(search.pk, owner, decided.number)


def test_a_command_that_depends_on_a_withdrawn_one_is_refused_at_the_end_of_the_round(
    search: Search, owner: User
) -> None:
    lock = steer(search, owner, CommandKind.LOCK, "1-2")
    unlock = steer(search, owner, CommandKind.UNLOCK, "1-2")
    steering.withdraw(search.pk, owner, lock.number)
    run_round(search)
    unlock.refresh_from_db()
    assert (unlock.status, unlock.why) == (CommandStatus.REFUSED, "edge 1-2 is not locked")


def test_a_command_that_cannot_be_applied_is_refused_with_the_error(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    poisoned, sound = steer(search, owner, CommandKind.REMOVE, "1-2"), steer(search, owner, CommandKind.LOCK, "0-1")
    monkeypatch.setattr(strategy, "steer", _raise_at(poisoned.number))
    run_round(search)
    for command in (poisoned, sound):
        command.refresh_from_db()
    assert (poisoned.status, sound.status) == (CommandStatus.REFUSED, CommandStatus.APPLIED)
    assert poisoned.why == "it could not be applied (ValueError: no such thing)"
    assert search.status == SearchStatus.RUNNING


@pytest.mark.parametrize("stored", [{"budget": {"of old": [1]}}, {"weight": 1.0}, {"edge": None}])
def test_a_stored_command_that_cannot_be_read_is_refused_and_the_search_continues(
    search: Search, owner: User, stored: dict[str, Any]
) -> None:
    unread, sound = steer(search, owner, CommandKind.REMOVE, "1-2"), steer(search, owner, CommandKind.LOCK, "0-1")
    Command.objects.filter(pk=unread.pk).update(**stored)
    run_round(search)
    for command in (unread, sound):
        command.refresh_from_db()
    assert (unread.status, sound.status) == (CommandStatus.REFUSED, CommandStatus.APPLIED)
    assert unread.why.startswith("it could not be applied (BadCommand: ")
    assert (search.status, search.step) == (SearchStatus.RUNNING, 1)
    assert payloads(search, "command_refused")  # it can be shown


def test_a_command_that_raises_in_validation_is_rejected_and_not_stored(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strategy, "steer", _raise_at(1))
    with pytest.raises(Conflict, match="The strategy cannot apply the command: ValueError: no such thing"):
        steer(search, owner, CommandKind.REMOVE, "1-2")
    assert not search.commands.exists()


def test_a_round_of_a_paused_search_does_not_advance(search: Search, owner: User) -> None:
    while work_one() is not None:
        pass
    steer(search, owner, CommandKind.PAUSE)
    lifecycle.advance(search.pk)
    assert "candidates_measured" not in kinds(search)


def test_a_failed_round_is_tried_again_on_resume(search: Search, owner: User) -> None:
    while (lease := leases.claim(WORKER)) is not None:
        leases.fail(lease, "exception", "ValueError: torn image", NUMERICS)
    lifecycle.advance(search.pk)
    steer(search, owner, CommandKind.RESUME)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def test_a_failed_search_continues_once_its_strategy_is_fixed(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(strategy, "tell", _raise)
        run_round(search)
    assert search.status == SearchStatus.FAILED
    steer(search, owner, CommandKind.RESUME)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def test_a_search_failed_by_a_command_continues_once_it_is_withdrawn(
    search: Search, owner: User, colleague: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = strategy.tell
    monkeypatch.setattr(strategy, "tell", lambda state, emitted: _raise() if state["locked"] else sound(state, emitted))
    breaks = steer(search, owner, CommandKind.LOCK, "0-1")
    run_round(search)
    steer(search, owner, CommandKind.RESUME)
    lifecycle.advance(search.pk)
    search.refresh_from_db()
    assert search.status == SearchStatus.FAILED
    steering.withdraw(search.pk, colleague, breaks.number)
    steer(search, owner, CommandKind.RESUME)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def _raise(*_: object) -> None:
    raise ValueError("no such thing")


def _raise_at(number: int) -> Any:
    """The strategy's own `steer`, which raises at the command of this number."""

    def steer(state: Any, command: Any) -> Any:
        return _raise() if command.id == number else sound(state, command)

    sound = strategy.steer
    return steer
