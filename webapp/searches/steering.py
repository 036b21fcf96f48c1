"""What people say to a search: refused in words at once, or done at once, or kept for the round's end.

Everybody who steers waits for the lock on the search's row, so of two at once the later sees what the earlier said:
its command is checked on the state as the pending ones will leave it.
"""

from typing import Any

from django.db.models import Max

from search.base.sentences import as_sentence
from search.network.limits import BOUNDS
from webapp.core import clock, pokes
from webapp.core.errors import Conflict, InvalidField, NotFound
from webapp.core.transactions import short_transaction
from webapp.devices import devices
from webapp.models import Command, Round, Search, User
from webapp.models.enums import CommandKind, CommandStatus, SearchStatus, WorkKind, WorkStatus
from webapp.scheduling import leases, queue
from webapp.searches import branches, lifecycle, proposals, turn

Json = dict[str, Any]


def steer(
    search_id: str,
    user: User,
    kind: CommandKind,
    edge: str | None = None,
    reason: str = "",
    *,
    branch: int | None = None,
    **about: Any,
) -> Command:
    """Control commands and a rollback act now; edits of the graph wait for the round's end, and are checked again
    there. `about`: the node, budget, weight or step; `branch`: the one whose step it is, where not the newest."""
    with short_transaction():
        search = Search.objects.select_for_update().get(pk=search_id)
        if search.state.is_over:
            raise Conflict(_over(search, kind))
        latest = search.commands.aggregate(latest=Max("number"))["latest"] or 0
        command = Command(search=search, number=latest + 1, kind=kind, edge=edge, by=user, reason=reason, **about)
        if kind.edits_graph:
            _check_edit(search, command)
            command.save()
            if kind is CommandKind.SET_BUDGET:
                _drop_measurements(search, command)
        else:
            _act(search, command, branch)
        pokes.poke_search(search.pk)
    command.refresh_from_db()
    return command


def withdraw(search_id: str, user: User, number: int) -> Command:
    """Takes back a command that waits, whoever gave it. Raises NotFound, Conflict."""
    with short_transaction():
        search = Search.objects.select_for_update().get(pk=search_id)
        command = search.commands.filter(number=number).first()
        if command is None:
            raise NotFound(f"There is no command {number}.")
        if command.status != CommandStatus.PENDING:
            raise Conflict(f"Command {number} was {command.status} already: it cannot be taken back.")
        command.status, command.why = CommandStatus.WITHDRAWN, f"{user.shown_name} took it back."
        command.decided_at = clock.now()
        command.save(update_fields=["status", "why", "decided_at"])
        pokes.poke_search(search.pk)
    return command


def fork(search_id: str, user: User, step: int, branch: int | None = None, name: str = "", reason: str = "") -> Search:
    """A new search of the same team that continues from a step of this one, which may be over. Raises Conflict, and
    InvalidField where the strategy would not start such a task any more."""
    source = Search.objects.get(pk=search_id)
    origin = _round_of(source, branch, step)
    name = name or f"{source.name}, from step {step}"[: BOUNDS.name]
    try:
        return lifecycle.fork(source, origin, user, name, reason)
    except turn.IMPOSSIBLE as error:
        raise proposals.invalid_task(error) from None
    except turn.Broken as error:
        raise Conflict(f"The search cannot be forked there: {error}") from error


def _over(search: Search, kind: CommandKind) -> str:
    if kind is CommandKind.ROLLBACK:
        return f"The search is {search.status}: nothing runs that could go back. Fork it from that step instead."
    return f"The search is {search.status}: there is nothing left to steer."


def _check_edit(search: Search, command: Command) -> None:
    """Asks the strategy itself, on the state as pending commands will leave it, and throws the answer away."""
    budget = command.budget or {}
    if budget.get("device") != search.task["budget"].get("device"):
        try:
            devices.of_budget(search.team, budget)
        except InvalidField as error:
            raise Conflict(error.message) from None
    state, pending = lifecycle.open_round(search).state_before, lifecycle.pending_commands(search)
    try:
        why = turn.validate_command(search.strategy, state, pending, lifecycle.as_told(command))
    except turn.Broken as error:
        raise Conflict(f"The search cannot do that: {error}") from error
    if why:
        raise Conflict(as_sentence(why))


def _drop_measurements(search: Search, command: Command) -> None:
    """What the new budget has no use for is not waited for: the device may be gone for good, which may be the reason
    for the command."""
    budget, before = command.budget or {}, search.task["budget"].get("device")
    if budget["latency"] is None or budget["device"] != before:
        leases.drop(lifecycle.open_round(search).work.filter(kind=WorkKind.MEASURE))
        queue.advance(search.pk)


def _act(search: Search, command: Command, branch: int | None) -> None:
    """Does it, and says so on its row: by what the events say became of it, or where it is no event, here."""
    kind = CommandKind(command.kind)
    command.save()
    if kind is CommandKind.PAUSE:
        _pause(search)
    elif kind is CommandKind.RESUME:
        _resume(search)
    elif kind is CommandKind.ROLLBACK:
        _roll_back(search, command, branch)
    else:
        _end(search, command)
    Command.objects.filter(pk=command.pk, status=CommandStatus.PENDING).update(
        status=CommandStatus.APPLIED, decided_at=clock.now()
    )


def _pause(search: Search) -> None:
    if not search.state.is_live:
        raise Conflict(f"The search is {search.status} already.")
    lifecycle.pause(search, None)


def _resume(search: Search) -> None:
    """Goes on where it was. What failed or was lost too often gets its tries anew."""
    if not search.state.may_resume:
        raise Conflict(f"The search is {search.status}: there is nothing to resume.")
    current = lifecycle.open_round(search)
    items = current.work.all()
    if items and all(item.failed for item in items):
        items.update(status=WorkStatus.QUEUED, outcome=None, failed=False, tries=0, finished_at=None)
    items.update(lost=0)
    search.status, search.error, search.paused_because = SearchStatus.RUNNING, None, None
    search.save(update_fields=["status", "error", "paused_because"])
    lifecycle.wake(search, current)
    queue.advance(search.pk)


def _end(search: Search, command: Command) -> None:
    """The round ends untold: what was measured in it is kept as candidates, the rest is withdrawn."""
    current = lifecycle.open_round(search)
    try:
        transition = turn.end(search.strategy, current.state_before, lifecycle.as_told(command))
    except turn.Broken as error:
        raise Conflict(f"The search cannot be ended: {error}") from error
    if transition.ended is None:
        raise Conflict(f"The strategy did not {command.kind}.")
    lifecycle.withdraw_round(search, current, late=False)
    lifecycle.write(search, transition, told=current.number, opens=None)


def _roll_back(search: Search, command: Command, branch: int | None) -> None:
    """Goes back at once, the open round and waiting edits withdrawn. A paused search stays so; a failed one, whose
    round cannot be told, goes on from before it."""
    assert command.step is not None
    origin = _round_of(search, branch, command.step)
    try:
        lifecycle.open_branch(search, origin, command)
    except (turn.Broken, *turn.IMPOSSIBLE) as error:
        raise Conflict(f"The search cannot go back there: {error}") from error


def _round_of(search: Search, branch: int | None, step: int) -> Round:
    return branches.round_of(search, search.branch if branch is None else branch, step)
