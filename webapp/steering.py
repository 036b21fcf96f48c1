"""What people say to a running search: refused in words at once, or done at once, or kept for the round's end."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from search import wire
from webapp import clock, eventlog, fold, live, projections, queue, searches
from webapp.models import Command, Search, User
from webapp.states import CommandKind, CommandStatus, RoundStatus, SearchStatus, WorkStatus

Json = dict[str, Any]


class Refused(Exception):
    """The command makes no sense now; the message is the sentence that the person reads."""


def steer(search_id: str, user: User, kind: CommandKind, edge: str | None = None, reason: str = "") -> Command:
    """Control commands act now; edits of the graph wait for the round's end, where they are checked again."""
    with transaction.atomic():
        search = Search.objects.select_for_update().get(pk=search_id)
        if search.state.is_over:
            raise Refused(f"The search is {search.status}: there is nothing left to steer.")
        latest = search.commands.aggregate(latest=Max("number"))["latest"] or 0
        command = Command(search=search, number=latest + 1, kind=kind, edge=edge, by=user, reason=reason)
        if kind.edits_graph:
            _check_edit(search, command)
        elif kind is CommandKind.PAUSE:
            _pause(search)
        elif kind is CommandKind.RESUME:
            _resume(search)
        command.save()
        if kind.ends_search:
            _end(search, command)
        elif not kind.edits_graph:
            command.status, command.decided_at = CommandStatus.APPLIED, clock.now()
            command.save(update_fields=["status", "decided_at"])
        live.poke_search(search.pk)
    command.refresh_from_db()
    return command


def _check_edit(search: Search, command: Command) -> None:
    """Asks the strategy itself, on the state as pending commands will leave it, and throws the answer away."""
    if not command.edge:
        raise Refused(f"Say which edge to {command.kind}.")
    state, pending = searches.open_round(search).state_before, searches.pending_commands(search)
    try:
        why = fold.refusal(search.strategy, state, pending, searches.as_told(command))
    except fold.Broken as error:
        raise Refused(str(error)) from error
    if why:
        raise Refused(why[0].upper() + why[1:] + ".")


def _pause(search: Search) -> None:
    if not search.state.is_live:
        raise Refused(f"The search is {search.status} already.")
    searches.pause(search, None)


def _resume(search: Search) -> None:
    """Goes on where it was. What failed or was lost too often gets its tries anew."""
    if not search.state.may_resume:
        raise Refused(f"The search is {search.status}: there is nothing to resume.")
    items = searches.open_round(search).work.all()
    if items and all(item.failed for item in items):
        items.update(status=WorkStatus.QUEUED, outcome=None, failed=False, tries=0, finished_at=None)
    items.update(lost=0)
    search.status, search.error, search.paused_because = SearchStatus.RUNNING, None, None
    search.save(update_fields=["status", "error", "paused_because"])
    queue.wake(search.queue, len(items))
    queue.advance(search.pk)


def _end(search: Search, command: Command) -> None:
    """The round ends untold: what was measured in it is kept as candidates, the rest is withdrawn."""
    current = searches.open_round(search)
    try:
        turn = fold.steer(search.strategy, current.state_before, [searches.as_told(command)])
    except fold.Broken as error:
        raise Refused(f"The search cannot be ended: {error}") from error
    if turn.ended is None:
        raise Refused(f"The strategy did not {command.kind}.")
    kept = current.work.filter(status=WorkStatus.DONE).order_by("index")
    projections.keep_untold(search, [(item.index, wire.loads(bytes(item.outcome or b""))) for item in kept])
    eventlog.append(search, search.branch, current.number, turn.emitted)
    searches.decide_commands(search, turn.emitted)
    current.work.exclude(status=WorkStatus.DONE).update(status=WorkStatus.WITHDRAWN, token=None, lease_until=None)
    searches.close_round(current, RoundStatus.WITHDRAWN)
    searches.end(search, turn.ended, turn.emitted)
    Command.objects.filter(pk=command.pk, status=CommandStatus.PENDING).update(
        status=CommandStatus.APPLIED, decided_at=clock.now()
    )
