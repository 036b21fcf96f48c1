"""Rollbacks and forks: the earlier branch is unchanged, and the new one records where it starts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from search.base.serialization import Json
from search.strategies.autoshrink import strategy
from tests.webapp.fakes import NUMERICS, WORKER, outcome_of, run_round, run_to_end, work_one
from tests.webapp.reading import edges_now, payloads, summary
from webapp.api.searches import SearchDetailSerializer
from webapp.core.errors import Conflict
from webapp.models import Architecture, Candidate, Command, Search, User, Work
from webapp.models.enums import CommandKind, CommandStatus, RoundStatus, SearchStatus, WorkStatus
from webapp.scheduling import leases
from webapp.searches import event_log, rounds, steering, sweep

pytestmark = pytest.mark.django_db


def log(search: Search) -> list[Json]:
    return event_log.read(search.pk, 0, 10_000)


def run_to_step(search: Search, step: int) -> None:
    while search.step < step:
        run_round(search)
        assert search.state.is_live


def steer(search: Search, by: User, kind: CommandKind, edge: str | None = None, **about: Any) -> Command:
    command = steering.steer(search.pk, by, kind, edge, "because", **about)
    search.refresh_from_db()
    return command


def go_back(search: Search, by: User, step: int, branch: int | None = None) -> Command:
    return steer(search, by, CommandKind.ROLLBACK, step=step, branch=branch)


def test_a_rollback_applies_at_once_and_opens_a_branch(search: Search, owner: User) -> None:
    run_to_step(search, 3)
    before = search.seq
    command = go_back(search, owner, 1)
    assert (command.status, search.step, search.branch, search.status) == (
        CommandStatus.APPLIED,
        1,
        1,
        SearchStatus.RUNNING,
    )
    events = log(search)[before:]
    assert [event["kind"] for event in events] == ["command_applied", "branch_opened", "candidates_proposed"]
    assert {(event["branch"], event["round"]) for event in events} == {(1, 0)}
    assert events[1]["payload"]["parent"] == {"search": None, "branch": 0, "round": 1}
    opened = rounds.current_round(search)
    assert (opened.branch, opened.number, opened.step) == (1, 0, 1)


def test_a_rollback_restores_the_graph_of_the_step(search: Search, owner: User) -> None:
    run_to_step(search, 1)
    at_one = edges_now(search)
    run_to_step(search, 3)
    go_back(search, owner, 1)
    assert search.edges == len(at_one)
    assert edges_now(search) == at_one


def test_a_search_runs_to_its_end_after_a_rollback(search: Search, owner: User) -> None:
    run_to_step(search, 3)
    go_back(search, owner, 0)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED
    assert [event["seq"] for event in log(search)] == list(range(1, search.seq + 1))
    assert Architecture.objects.get(search=search).lineage is not None


def test_a_new_branch_can_be_read_without_the_events_before_it(search: Search, owner: User) -> None:
    run_to_step(search, 3)
    left = event_log.segment(search.pk, search.seq)
    go_back(search, owner, 1)
    [opened] = payloads(search, "branch_opened")
    assert opened["snapshot"]["graph"] == summary(search)["graph"]
    start = event_log.segment(search.pk, search.seq)
    assert [event["kind"] for event in event_log.read(search.pk, *start)] == ["branch_opened", "candidates_proposed"]
    assert event_log.segment(search.pk, search.branches.get(number=1).seq - 1) == left


def test_a_rollback_withdraws_the_open_round_and_keeps_its_results(search: Search, owner: User) -> None:
    run_to_step(search, 1)
    left = rounds.current_round(search)
    work_one()
    go_back(search, owner, 0)
    left.refresh_from_db()
    assert left.status == RoundStatus.WITHDRAWN
    statuses = left.work.order_by("index").values_list("status", flat=True)
    assert set(statuses) == {WorkStatus.DONE, WorkStatus.WITHDRAWN}
    kept = Candidate.objects.filter(search=search, branch=0, step=2, quality__isnull=False)
    assert [candidate.score for candidate in kept] == [None]


def test_running_work_is_stopped_by_a_rollback_and_an_outcome_that_arrives_first_is_stored(
    search: Search, owner: User
) -> None:
    run_to_step(search, 1)
    running, slow = leases.claim(WORKER), leases.claim(WORKER)
    assert running is not None and slow is not None
    go_back(search, owner, 0)
    assert leases.renew(running) == "stop"
    assert leases.complete(running, outcome_of(running.payload), NUMERICS)
    assert Candidate.objects.filter(search=search, branch=0, step=2, status="ok").count() == 1
    assert not search.events.filter(kind="candidates_measured", branch=1).exists()
    leases.release(slow)
    sweep.sweep()
    assert Work.objects.get(pk=slow.work).status == WorkStatus.WITHDRAWN


def test_a_rollback_withdraws_pending_edits_with_a_reason(search: Search, owner: User, colleague: User) -> None:
    run_to_step(search, 1)
    waits = steer(search, colleague, CommandKind.SET_WEIGHT, weight=0.5)
    go_back(search, owner, 0)
    waits.refresh_from_db()
    assert (waits.status, waits.why) == (
        CommandStatus.WITHDRAWN,
        "The search was rolled back before the command was applied.",
    )


def test_a_rollback_to_an_unreached_step_is_rejected_with_the_available_steps(search: Search, owner: User) -> None:
    run_to_step(search, 2)
    with pytest.raises(Conflict, match=r"^Step 9 was not reached: there are steps 0 to 2\.$"):
        go_back(search, owner, 9)
    assert not search.commands.exists()
    assert (search.branch, search.branches.count()) == (0, 1)


def test_before_the_first_decision_only_step_0_can_be_rolled_back_to(search: Search, owner: User) -> None:
    with pytest.raises(Conflict, match=r"^Step 1 was not reached: there is only step 0\.$"):
        go_back(search, owner, 1)


def test_a_rollback_to_a_missing_branch_is_rejected(search: Search, owner: User) -> None:
    with pytest.raises(Conflict, match=r"^There is no branch 4: there is only branch 0\.$"):
        go_back(search, owner, 0, branch=4)


def test_a_step_before_the_start_of_a_branch_belongs_to_its_parent(search: Search, owner: User) -> None:
    run_to_step(search, 3)
    go_back(search, owner, 2)
    run_to_step(search, 3)
    go_back(search, owner, 1)
    third = search.branches.get(number=2)
    assert (third.parent, third.parent_round, third.step) == (0, 1, 1)


def test_a_step_of_an_earlier_branch_can_be_rolled_back_to(search: Search, owner: User) -> None:
    run_to_step(search, 3)
    go_back(search, owner, 0)
    with pytest.raises(Conflict, match="Step 3 was not reached: there is only step 0"):
        go_back(search, owner, 3)
    go_back(search, owner, 3, branch=0)
    assert (search.step, search.branches.get(number=2).parent) == (3, 0)


def test_a_rollback_goes_to_the_first_round_of_its_step(search: Search, owner: User) -> None:
    run_to_step(search, 1)
    for edge in _edges_tried(search):  # so that no candidate may win
        steer(search, owner, CommandKind.LOCK, edge)
    run_round(search)
    assert [r.number for r in search.rounds.filter(step=1).order_by("number")] == [1, 2]
    go_back(search, owner, 1)
    [opened] = payloads(search, "branch_opened")
    assert opened["parent"]["round"] == 1
    assert opened["snapshot"]["graph"]["edges"] and not opened["snapshot"]["locked"]


def _edges_tried(search: Search) -> list[str]:
    proposed = payloads(search, "candidates_proposed")[-1]["shown"]
    return [edge for one in proposed if one["feasible"] for edge in one["edits"]["edges_removed"]]


def test_a_paused_search_stays_paused_after_a_rollback(search: Search, owner: User) -> None:
    run_to_step(search, 2)
    steer(search, owner, CommandKind.PAUSE)
    go_back(search, owner, 1)
    assert (search.status, search.step) == (SearchStatus.PAUSED, 1)
    assert leases.claim(WORKER) is None
    steer(search, owner, CommandKind.RESUME)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def test_a_failed_search_continues_after_a_rollback(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_to_step(search, 2)
    with monkeypatch.context() as broken:
        broken.setattr(strategy, "tell", _raise)
        run_round(search)
    assert search.status == SearchStatus.FAILED
    go_back(search, owner, 1)
    assert (search.status, search.error) == (SearchStatus.RUNNING, None)
    run_to_end(search)
    assert search.status == SearchStatus.FINISHED


def _raise(*_: object) -> None:
    raise ValueError("no such thing")


def test_a_rollback_that_raises_in_the_strategy_changes_nothing(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strategy, "branch", _raise)
    with pytest.raises(Conflict, match="The search cannot be rolled back to that step: ValueError: no such thing"):
        go_back(search, owner, 0)
    assert (search.branch, search.commands.count()) == (0, 0)
    assert rounds.current_round(search).branch == 0


def test_a_rollback_of_an_ended_search_is_rejected_with_advice_to_fork(search: Search, owner: User) -> None:
    steer(search, owner, CommandKind.CANCEL)
    with pytest.raises(Conflict, match=r"The search is cancelled and .* Fork it from that step instead\."):
        go_back(search, owner, 0)


def test_the_lineage_of_an_answer_names_the_event_of_the_branch_that_measured_it(
    make_search: Callable[..., Search], owner: User
) -> None:
    search = make_search(budget={"params": None})  # any round may find the answer
    run_to_step(search, 2)
    go_back(search, owner, 2)
    steer(search, owner, CommandKind.STOP)
    found = Architecture.objects.get(search=search)
    assert found.lineage is not None
    event = search.events.get(seq=found.lineage["seq"])
    assert (event.kind, event.branch) == ("candidates_measured", 0)


def test_branches_are_listed_with_their_parent_and_start(search: Search, owner: User) -> None:
    run_to_step(search, 2)
    go_back(search, owner, 1)
    first, second = SearchDetailSerializer().get_branches(search)
    assert (first["branch"], first["parent"], first["seq"], first["status"], first["by"]) == (0, None, 1, "left", None)
    assert (second["parent"], second["parent_round"], second["step"], second["status"]) == (0, 1, 1, "live")
    assert (second["by"], log(search)[second["seq"] - 1]["kind"]) == ("Owner", "command_applied")


def test_a_fork_is_an_independent_search(search: Search, owner: User, colleague: User) -> None:
    run_to_step(search, 2)
    forked = steering.fork(search.pk, colleague, 1)
    assert (forked.name, forked.created_by, forked.team, forked.step) == (
        "Small, from step 1",
        colleague,
        search.team,
        1,
    )
    assert [event["kind"] for event in log(forked)] == ["search_started", "branch_opened", "candidates_proposed"]
    assert (forked.parent, forked.parent_branch, forked.parent_step) == (search, 0, 1)
    before = search.seq
    run_to_end(forked)
    search.refresh_from_db()
    assert (forked.status, search.seq) == (SearchStatus.FINISHED, before)


def test_forks_of_one_step_draw_other_candidates_than_the_search_and_each_other(
    search: Search, owner: User, colleague: User
) -> None:
    forks = [steering.fork(search.pk, by, 0) for by in (owner, owner, colleague)]
    drawn = [payloads(each, "candidates_proposed")[0]["shown"] for each in (search, *forks)]
    edges = [[candidate["edits"]["edges_removed"] for candidate in shown] for shown in drawn]
    assert all(one != other for i, one in enumerate(edges) for other in edges[:i])


def test_a_fork_draws_no_candidates_of_one_that_was_deleted(search: Search, owner: User) -> None:
    first = steering.fork(search.pk, owner, 0)
    drawn = payloads(first, "candidates_proposed")[0]["shown"]
    steer(first, owner, CommandKind.CANCEL)
    first.refresh_from_db()
    first.delete()
    assert payloads(steering.fork(search.pk, owner, 0), "candidates_proposed")[0]["shown"] != drawn


def test_an_ended_search_can_be_forked(search: Search, owner: User) -> None:
    run_to_end(search)
    forked = steering.fork(search.pk, owner, 1, name="Again")
    assert (forked.name, forked.status, forked.step) == ("Again", SearchStatus.QUEUED, 1)


def test_a_fork_starts_with_the_budget_of_its_step(search: Search, owner: User) -> None:
    run_to_step(search, 1)
    limits = {"params": 60_000, "macs": None, "peak_memory": None, "latency": None}
    wide = {**limits, "device": None, "bytes_per_element": 4}
    steer(search, owner, CommandKind.SET_BUDGET, budget=wide)
    run_to_step(search, 2)
    assert search.task["budget"] == wide
    assert steering.fork(search.pk, owner, 1).task["budget"]["params"] == 30_000
    assert steering.fork(search.pk, owner, search.step).task["budget"] == wide


def test_a_fork_of_a_fork_has_no_step_before_its_start(search: Search, owner: User) -> None:
    run_to_step(search, 2)
    forked = steering.fork(search.pk, owner, 2)
    with pytest.raises(Conflict, match="Step 1 was not reached: there is only step 2"):
        steering.fork(forked.pk, owner, 1)


def test_an_answer_inherited_by_a_fork_names_an_event_of_the_forks_log(
    make_search: Callable[..., Search], owner: User
) -> None:
    search = make_search(budget={"params": None})
    run_to_step(search, 2)
    forked = steering.fork(search.pk, owner, 2)
    steer(forked, owner, CommandKind.STOP)
    found = Architecture.objects.get(search=forked)
    assert found.lineage is not None
    assert forked.events.get(seq=found.lineage["seq"]).kind == "branch_opened"


def test_candidates_whose_inherited_weights_were_deleted_train_from_scratch_and_the_log_records_it(
    search: Search, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = strategy.ask
    monkeypatch.setattr(strategy, "ask", lambda state: _inheriting(asked(state)))
    forked = steering.fork(search.pk, owner, 0, reason="another try")
    assert log(forked)[1]["payload"]["reason"] == "another try (weights were deleted, candidates train from scratch)"
    assert all(b"inherit" not in bytes(item.payload) for item in rounds.current_round(forked).work.all())


def _inheriting(asked: Any) -> Any:
    """Lets each candidate inherit weights that do not exist."""
    work = tuple({**payload, "inherit": {"weights": "0" * 64, "nodes": {}}} for payload in asked.work)
    return replace(asked, work=work)
