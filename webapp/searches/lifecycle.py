"""The only writer of searches: create, fork, branch, advance, pause and end them.

Every function that writes events locks the search's row first, so their numbers have no gaps. The turn that advances a
search is computed without that lock, however long it takes, and written only where nothing has changed meanwhile
(docs/decisions/0012-a-turn-without-a-lock.md).
"""

import logging
from dataclasses import replace
from functools import partial

from search.base import serialization
from search.base.serialization import Json
from search.log import commands as engine
from search.log.task import Task
from search.strategies.base import Origin
from search.strategies.factors import Factors
from webapp.catalog import architectures
from webapp.core import clock, pokes
from webapp.core.retry import retry_until_connected
from webapp.core.transactions import short_transaction
from webapp.datasets import lookup
from webapp.entries import locks
from webapp.models import Artifact, Branch, Command, Round, Search, Team, User
from webapp.models.enums import RoundStatus, SearchStatus
from webapp.scheduling import queue
from webapp.searches import candidates, columns, commands, event_log, finished, lineage, proposals, rounds, turn
from webapp.searches.finished import NOT_STARTED, FinishedRound

logger = logging.getLogger(__name__)

WEIGHTS_DELETED = "weights were deleted, candidates train from scratch"


def create(
    team: Team, user: User, name: str, task: Json, group: str | None = None, launch_key: str | None = None
) -> Search:
    """The row, and a first round without work. The coordinator takes the first turn, which may be long.

    Raises InvalidField where the strategy rejects the task, and where its dataset was just deleted.
    """
    proposals.require_possible(task)
    data = task["dataset"] if task.get("data") else None
    with short_transaction():
        lookup.lock(data)
        search = Search.objects.create(
            team=team,
            created_by=user,
            name=name,
            task=task,
            strategy=task["strategy"]["name"],
            dataset=task["dataset"],
            data_id=data,
            metric=Factors.of(Task.from_dict(task)).metric,
            task_hash=serialization.canonical_hash(task),
            group=group,
            launch_key=launch_key,
        )
        search.refresh_from_db(fields=["created_at"])
        Branch.objects.create(search=search, number=0, seq=1)
        Round.objects.create(search=search, number=0, state_before=NOT_STARTED)
        queue.advance(search.pk)
    return search


def fork(source: Search, origin: Round, user: User, name: str, reason: str) -> Search:
    """A new search that starts from the state before a round of another one, which may still run.

    Raises InvalidField where the strategy rejects the task, and where its dataset was just deleted, and NotFound where
    the other search was.
    """
    provenance = Origin(
        search=source.pk,
        branch=origin.branch,
        round=origin.number,
        by=user.shown_name,
        reason=reason,
        number=_next_fork(source.pk),
    )
    try:
        transition = _branch_transition(source.strategy, origin, 0, provenance)
    except turn.IMPOSSIBLE as error:
        raise proposals.invalid_task(error) from None
    task = next(item.payload["task"] for item in transition.emitted if item.kind == "search_started")
    with short_transaction():
        locks.existing(Search, source.pk)
        lookup.lock(source.data_id)
        search = Search.objects.create(
            team_id=source.team_id,
            created_by=user,
            name=name,
            task=task,
            strategy=source.strategy,
            dataset=source.dataset,
            data_id=source.data_id,
            parent=source,
            parent_branch=origin.branch,
            parent_step=origin.step,
        )
        search.refresh_from_db(fields=["created_at"])
        Branch.objects.create(search=search, number=0, step=origin.step, seq=1, opened_by=user)
        record_transition(search, transition, closed_round=0, next_round=0)
    return search


@short_transaction()
def _next_fork(source: str) -> int:
    """A number that no other fork of the search has, not even one that was deleted."""
    search = locks.existing(Search, source)
    Search.objects.filter(pk=source).update(forks_made=search.forks_made + 1)
    return search.forks_made


def start_branch(search: Search, origin: Round, command: Command) -> turn.Transition:
    """The first turn of the branch that the command opens. It may be long, so nobody waits for it with a lock."""
    provenance = Origin(
        search=None,
        branch=origin.branch,
        round=origin.number,
        by=command.by.shown_name,
        command=engine.Command.from_dict(commands.as_dict(command)),
        reason=command.reason,
    )
    return _branch_transition(search.strategy, origin, search.branch + 1, provenance)


def open_branch(search: Search, origin: Round, command: Command, transition: turn.Transition) -> None:
    """Rolls the search back to a round, as the command says. The caller holds the search's lock, and the search has the
    same newest branch as when the transition was computed.

    Rounds and events of the branch that it leaves stay as they are.
    """
    last_seq = search.seq + len(transition.emitted)
    rounds.withdraw_round(search, rounds.current_round(search), last_seq, accept_late=True)
    commands.withdraw_pending(
        search.commands.exclude(pk=command.pk), "The search was rolled back before the command was applied."
    )
    search.branch, search.error, search.pause_reason = search.branch + 1, None, None
    Branch.objects.create(
        search=search,
        number=search.branch,
        parent=origin.branch,
        parent_round=origin.number,
        step=origin.step,
        seq=search.seq + 1,
        opened_by=command.by,
    )
    if search.state is SearchStatus.FAILED:
        search.status = SearchStatus.RUNNING
    search.save(update_fields=["branch", "status", "error", "pause_reason"])
    record_transition(search, transition, closed_round=0, next_round=0)


def advance(search_id: str) -> None:
    """Gives the strategy the outcomes of finished rounds, until a round has work to do.

    After a turn whose next round has no work it returns: `rounds.open_round` has asked for the turn of that one, so
    that turns of other searches come between.

    Waits while the database cannot be reached. Any other error makes the search `failed`, with its message.
    """
    previous = None
    while True:
        current = None
        try:
            current = retry_until_connected(partial(finished.read, search_id, previous))
            if current is None:
                return
            if _take_turn(current):
                return
        except Exception as error:  # of the strategy, or while its events were written
            logger.exception("search %s: the turn failed", search_id)
            is_sentence = isinstance(error, (turn.StrategyError, *turn.IMPOSSIBLE))
            message = str(error) if is_sentence else f"{type(error).__name__}: {error}"
            retry_until_connected(partial(_fail, search_id, current, message))
            if current is None:
                return
        previous = current  # if it came too late, the search is read again


def record_transition(
    search: Search, transition: turn.Transition, *, closed_round: int, next_round: int | None
) -> None:
    """Stores events (under `closed_round`), candidates and summary, then opens `next_round` or ends the search.

    Watchers and workers are notified after the commit.
    """
    pokes.poke_search(search.pk)  # before workers are woken: people are watching
    event_log.append(search, search.branch, closed_round, transition.emitted)
    candidates.record(search, search.branch, transition.rows)
    columns.record(search, transition.summary)
    commands.record_decisions(search, transition.emitted)
    if transition.ended is None:
        assert next_round is not None
        rounds.open_round(search, next_round, transition)
    else:
        end(search, transition.ended, transition.emitted)


def pause(search: Search, reason: str | None) -> None:
    """Hands out no more work of the search. Running items stop when they renew their leases.

    `reason`: None where a person paused it.
    """
    search.status, search.pause_reason = SearchStatus.PAUSED, reason
    search.save(update_fields=["status", "pause_reason"])
    pokes.poke_search(search.pk)


def _take_turn(current: FinishedRound) -> bool:
    """Pauses the search where all items of the round failed; else computes the turn and writes it. Returns whether the
    next turn was asked for.

    A connection that breaks costs one more try of writing, not of computing.
    """
    if current.failure is not None:
        retry_until_connected(partial(_pause_failed, current))
        return False
    if current.state_before == NOT_STARTED:
        transition = turn.start(current.strategy, current.task)
    else:
        transition = turn.tell(current.strategy, current.state_before, current.commands, current.outcomes)
    return retry_until_connected(partial(_write, current, transition))


def _write(current: FinishedRound, transition: turn.Transition) -> bool:
    """Stores the turn, or drops it if the search is no longer as it was read: then another turn, a rollback or an end
    came first.

    Commands that were given meanwhile wait for the end of the next round. If there is none, they are refused.
    Returns whether a round was opened that has no work.
    """
    with short_transaction():
        search = _lock(current.search)
        if search is None or not current.is_current(search):
            return False
        late = [command for command in commands.pending(search) if command["id"] not in current.command_numbers]
        opened = rounds.current_round(search)
        if current.state_before == NOT_STARTED:
            opened.delete()  # the first real round takes its number
            next_round = 0
        else:
            rounds.close_round(opened, RoundStatus.DONE)
            next_round = current.number + 1
            if search.state is SearchStatus.QUEUED:  # all results of the round were at hand, so none was computed
                search.status = SearchStatus.RUNNING
                search.save(update_fields=["status"])
        record_transition(
            search, turn.refuse_late(transition, late), closed_round=current.number, next_round=next_round
        )
        if transition.ended is None:
            for command in late:
                rounds.cancel_unneeded_measurements(search, command["budget"])
    return transition.ended is None and not transition.work


def _pause_failed(current: FinishedRound) -> None:
    with short_transaction():
        search = _lock(current.search)
        if search is not None and current.is_current(search):
            pause(search, current.failure)


def _fail(search_id: str, current: FinishedRound | None, message: str) -> None:
    """Makes a search `failed` that is still as it was read (None: it could not be read), and due a turn."""
    with short_transaction():
        search = _lock(search_id)
        if search is None or not (search.state.is_live if current is None else current.is_current(search)):
            return
        search.status, search.error = SearchStatus.FAILED, message
        search.save(update_fields=["status", "error"])
        pokes.poke_search(search.pk)


def _lock(search_id: str) -> Search | None:
    return Search.objects.select_for_update().filter(pk=search_id).first()


def _branch_transition(strategy: str, origin: Round, number: int, provenance: Origin) -> turn.Transition:
    """The first turn of a branch. Its reason says so where candidates would inherit weights that were deleted."""
    transition = turn.branch(strategy, origin.state_before, number, provenance)
    weights = rounds.inherited_weights(transition)
    if Artifact.objects.filter(pk__in=weights).count() == len(weights):
        return transition
    reason = f"{provenance.reason} ({WEIGHTS_DELETED})" if provenance.reason else WEIGHTS_DELETED
    return turn.branch(strategy, origin.state_before, number, replace(provenance, reason=reason))


def end(search: Search, status: str, emitted: tuple[turn.SerializedEvent, ...]) -> None:
    """Records the answer in the catalog and withdraws commands that wait."""
    search.status = SearchStatus(status)
    search.ended_at, search.error, search.pause_reason = clock.now(), None, None
    search.save(update_fields=["status", "ended_at", "error", "pause_reason"])
    commands.withdraw_pending(search.commands.all(), "The search ended before the command was applied.")
    for item in emitted:
        if item.kind == "search_finished" and item.payload["best"]:
            best = item.payload["best"]
            architectures.record(search, best, lineage.find(search, best))
