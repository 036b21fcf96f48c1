"""Commands of people to a search: refused with a reason, applied at once, or kept until the round ends.

Each command takes the lock on the search's row, so of two commands at once the later one is checked on the state that
the earlier one leaves. Only the turn of a rollback is computed before that, and again where another command came first.
"""

from typing import Any

from django.db.models import Max

from search.base.sentences import as_sentence
from search.network.limits import BOUNDS
from webapp.core import clock, pokes
from webapp.core.errors import Conflict, InvalidField, NotFound
from webapp.core.transactions import short_transaction
from webapp.devices import devices
from webapp.entries import locks
from webapp.models import Command, Round, Search, User
from webapp.models.enums import CommandKind, CommandStatus, RoundStatus, SearchStatus, WorkStatus
from webapp.scheduling import queue
from webapp.searches import branches, commands, lifecycle, rounds, turn

MAX_PENDING = 100  # each new one is checked against the search as they will leave it
MOST_TRIES = 5  # of a rollback, while other people steer too
BUSY = "Other people are steering this search at this moment. Try again."
NOT_STARTED = "The search has not started: it has no step yet."


def steer(
    search_id: str,
    user: User,
    kind: CommandKind,
    edge: str | None = None,
    reason: str = "",
    *,
    branch: int | None = None,
    **arguments: Any,
) -> Command:
    """Stores a command, and applies it at once unless it edits the graph. Raises Conflict, NotFound.

    Edits of the graph wait until the round ends and are checked again then. `arguments`: node, budget, weight or step.
    `branch`: the branch that `step` belongs to (None: the newest).
    """
    if kind is CommandKind.ROLLBACK:
        command = _roll_back(search_id, user, reason, branch, arguments["step"])
    else:
        with short_transaction():
            search = _steerable(locks.existing(Search, search_id), kind)
            command = Command(
                search=search, number=_next_number(search), kind=kind, edge=edge, by=user, reason=reason, **arguments
            )
            if kind.edits_graph:
                _check_edit(search, command)
                command.save()
                if kind is CommandKind.SET_BUDGET:
                    rounds.cancel_unneeded_measurements(search, command.budget)
            else:
                _apply(search, command)
            pokes.poke_search(search.pk)
    command.refresh_from_db()
    return command


def withdraw(search_id: str, user: User, number: int) -> Command:
    """Withdraws a pending command of any person. Raises Conflict, NotFound."""
    with short_transaction():
        search = locks.existing(Search, search_id)
        command = search.commands.filter(number=number).first()
        if command is None:
            raise NotFound(f"There is no command {number}.")
        if command.status != CommandStatus.PENDING:
            raise Conflict(f"Command {number} was already {command.status} and can no longer be withdrawn.")
        command.status, command.why = CommandStatus.WITHDRAWN, f"{user.shown_name} withdrew it."
        command.decided_at = clock.now()
        command.save(update_fields=["status", "why", "decided_at"])
        pokes.poke_search(search.pk)
    return command


def fork(search_id: str, user: User, step: int, branch: int | None = None, name: str = "", reason: str = "") -> Search:
    """A new search of the same team that starts from a step of this one, which may have ended. Raises Conflict;
    InvalidField where the strategy rejects the task; NotFound where this search was just deleted."""
    source = Search.objects.get(pk=search_id)
    if source.seq == 0:
        raise Conflict(NOT_STARTED)
    origin = _round_of(source, branch, step)
    name = name or f"{source.name}, from step {step}"[: BOUNDS.name]
    try:
        return lifecycle.fork(source, origin, user, name, reason)
    except turn.StrategyError as error:
        raise Conflict(f"The search cannot be forked from that step: {error}") from error


def _steerable(search: Search, kind: CommandKind) -> Search:
    """Raises Conflict where the search is over, or has nothing to steer yet."""
    if search.state.is_over:
        raise Conflict(_search_ended(search, kind))
    if search.seq == 0 and (kind.edits_graph or kind is CommandKind.ROLLBACK):
        raise Conflict(NOT_STARTED)
    return search


def _next_number(search: Search) -> int:
    latest = search.commands.aggregate(latest=Max("number"))["latest"] or 0
    return int(latest) + 1


def _search_ended(search: Search, kind: CommandKind) -> str:
    if kind is CommandKind.ROLLBACK:
        return f"The search is {search.status} and cannot be rolled back. Fork it from that step instead."
    return f"The search is {search.status} and accepts no more commands."


def _check_edit(search: Search, command: Command) -> None:
    """Tries the command on the state that the pending ones will leave. Raises Conflict."""
    budget = command.budget or {}
    if budget.get("device") != search.task["budget"]["device"]:
        try:
            devices.validate_budget(search.team, budget)
        except InvalidField as error:
            raise Conflict(error.message) from None
    pending = commands.pending(search)
    if len(pending) >= MAX_PENDING:
        raise Conflict(f"{MAX_PENDING} requests wait already. Wait until this step ends, or undo one of them.")
    state = rounds.current_round(search).state_before
    try:
        why = turn.validate_command(search.strategy, state, pending, commands.as_dict(command))
    except turn.StrategyError as error:
        raise Conflict(f"The strategy cannot apply the command: {error}") from error
    if why:
        cuts = search.commands.filter(status=CommandStatus.PENDING, kind=CommandKind.REMOVE)
        cut = cuts.filter(edge=command.edge, node=command.node).select_related("by").first()
        if cut is not None:
            raise Conflict(f"{cut.by.shown_name} asked to cut it already. Undo that request first.")
        raise Conflict(as_sentence(why))


def _apply(search: Search, command: Command) -> None:
    """Applies the command. Its row follows the events where it emits any; otherwise it is marked as applied here."""
    kind = CommandKind(command.kind)
    command.save()
    if kind is CommandKind.PAUSE:
        _pause(search)
    elif kind is CommandKind.RESUME:
        _resume(search)
    else:
        _end(search, command)
    _mark_applied(command)


def _mark_applied(command: Command) -> None:
    Command.objects.filter(pk=command.pk, status=CommandStatus.PENDING).update(
        status=CommandStatus.APPLIED, decided_at=clock.now()
    )


def _pause(search: Search) -> None:
    if not search.state.is_live:
        raise Conflict(f"The search is already {search.status}.")
    lifecycle.pause(search, None)


def _resume(search: Search) -> None:
    """Continues the open round. Items that failed or were lost too often start with fresh counts."""
    if not search.state.may_resume:
        raise Conflict(f"The search is {search.status}: only a paused or failed search can be resumed.")
    current = rounds.current_round(search)
    items = current.work.all()
    if items and all(item.failed for item in items):
        items.update(status=WorkStatus.QUEUED, outcome=None, failed=False, tries=0, finished_at=None)
    items.update(lost_leases=0)
    search.status, search.error, search.pause_reason = SearchStatus.RUNNING, None, None
    search.save(update_fields=["status", "error", "pause_reason"])
    rounds.wake_workers(current)
    queue.advance(search.pk)


def _end(search: Search, command: Command) -> None:
    """Stops or cancels the search. Results of the open round are kept as candidates, the rest is withdrawn."""
    current = rounds.current_round(search)
    if search.seq == 0:  # nothing to end: it has no state and no events yet
        rounds.close_round(current, RoundStatus.WITHDRAWN)
        _mark_applied(command)  # before all that still wait are withdrawn
        lifecycle.end(search, "stopped" if command.kind == CommandKind.STOP else "cancelled", ())
        return
    try:
        transition = turn.end(search.strategy, current.state_before, commands.as_dict(command))
    except turn.StrategyError as error:
        raise Conflict(f"The search cannot be ended: {error}") from error
    if transition.ended is None:
        raise Conflict(f"The strategy did not {command.kind} the search.")
    rounds.withdraw_round(search, current, search.seq + len(transition.emitted), accept_late=False)
    lifecycle.record_transition(search, transition, closed_round=current.number, next_round=None)


def _roll_back(search_id: str, user: User, reason: str, branch: int | None, step: int) -> Command:
    """Withdraws the open round and pending edits, and starts from the earlier step. A paused search stays paused; a
    failed one runs again.

    The turn is computed without a lock, and written if nobody gave a command meanwhile, whose number it would have.
    """
    for _ in range(MOST_TRIES):
        found = Search.objects.filter(pk=search_id, deleted_at=None).first()
        if found is None:
            raise NotFound("This search was deleted.")
        kind, number = CommandKind.ROLLBACK, _next_number(_steerable(found, CommandKind.ROLLBACK))
        command = Command(search=found, number=number, kind=kind, by=user, reason=reason, step=step)
        origin = _round_of(found, branch, step)
        try:
            transition = lifecycle.start_branch(found, origin, command)
        except (turn.StrategyError, *turn.IMPOSSIBLE) as error:
            raise Conflict(f"The search cannot be rolled back to that step: {error}") from error
        with short_transaction():
            search = _steerable(locks.existing(Search, search_id), kind)
            if (search.branch, _next_number(search)) != (found.branch, number):
                continue
            command.search = search
            command.save()
            lifecycle.open_branch(search, origin, command, transition)
            _mark_applied(command)
            pokes.poke_search(search.pk)
            return command
    raise Conflict(BUSY)


def _round_of(search: Search, branch: int | None, step: int) -> Round:
    return branches.round_of(search, search.branch if branch is None else branch, step)
