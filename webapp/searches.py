"""The only writer of searches: create, advance, end, and the sweep that makes up for whatever got lost.

Every function that writes events locks the search's row first, so their numbers have no gaps and turns never overlap.
"""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef

from search import wire
from webapp import catalog, clock, eventlog, fold, leases, live, queue, uses
from webapp.brief import transaction_of_a_moment
from webapp.models import Command, Round, Search, Team, User, Work
from webapp.states import (
    CommandStatus,
    RoundStatus,
    SearchStatus,
    WorkKind,
    WorkStatus,
)

logger = logging.getLogger(__name__)
Json = dict[str, Any]

SWEEP_LOCK = 0x45_53_50_41  # one sweep at a time, whoever runs it


def create(team: Team, user: User, name: str, task: Json) -> Search:
    """Row, first events, first round and its work, in one transaction. Raises what the strategy says of the task."""
    turn = fold.start(task["strategy"], task)
    with transaction.atomic():
        search = Search.objects.create(
            team=team,
            created_by=user,
            name=name,
            task=task,
            strategy=task["strategy"],
            dataset=task["dataset"],
        )
        search.refresh_from_db(fields=["created_at"])
        _write(search, turn, told=0, opens=0)
    return search


def advance(search_id: str) -> None:
    """Tells finished rounds until one is open again."""
    while _advance_once(search_id):
        pass


def _advance_once(search_id: str) -> bool:
    with transaction_of_a_moment():
        search = Search.objects.select_for_update().filter(pk=search_id).first()
        if search is None or not search.state.is_live:
            return False
        current = open_round(search)
        work = list(current.work.order_by("index"))
        if any(item.status != WorkStatus.DONE for item in work):
            return False
        if work and all(item.failed for item in work):
            pause(search, f"All {len(work)} items of round {current.number} failed: {work[0].last_error}")
            return False
        outcomes = [wire.loads(bytes(item.outcome or b"")) for item in work]
        try:
            turn = fold.tell(search.strategy, current.state_before, pending_commands(search), outcomes)
        except fold.Broken as error:
            logger.exception("search %s: round %d could not be told", search.pk, current.number)
            _fail(search, str(error))
            return False
        close_round(current, RoundStatus.DONE)
        _write(search, turn, told=current.number, opens=current.number + 1)
        return search.state.is_live


def open_round(search: Search) -> Round:
    """The one that is running: a live search has exactly one."""
    return search.rounds.get(status=RoundStatus.OPEN)


def pending_commands(search: Search) -> list[Json]:
    """What people said since the round opened, as the strategy reads it, oldest first."""
    rows = search.commands.filter(status=CommandStatus.PENDING).select_related("by").order_by("number")
    return [as_told(row) for row in rows]


def as_told(command: Command) -> Json:
    return {
        "id": command.number,
        "kind": command.kind,
        "edge": command.edge,
        "by": command.by.shown_name,
        "reason": command.reason,
    }


def _write(search: Search, turn: fold.Turn, *, told: int, opens: int) -> None:
    """Events, the next round and its work, or the end; watchers and workers hear of it after the commit."""
    eventlog.append(search, search.branch, told, turn.emitted)
    decide_commands(search, turn.emitted)
    if turn.ended is None:
        _open(search, opens, turn)
    else:
        end(search, turn.ended, turn.emitted)
    live.poke_search(search.pk)


def _open(search: Search, number: int, turn: fold.Turn) -> None:
    opened = Round.objects.create(search=search, branch=search.branch, number=number, state_before=turn.state)
    Work.objects.bulk_create(
        Work(
            team_id=search.team_id,
            round=opened,
            index=index,
            kind=WorkKind(payload["kind"]),
            key=wire.work_key(payload, ""),
            payload=wire.dumps(payload),
        )
        for index, payload in enumerate(turn.work)
    )
    uses.of_round(opened, turn.work)
    queue.wake(search.queue, len(turn.work))


def decide_commands(search: Search, emitted: tuple[fold.Emitted, ...]) -> None:
    """What the events say became of commands, on the commands' rows."""
    decided = {"command_applied": CommandStatus.APPLIED, "command_refused": CommandStatus.REFUSED}
    for item in emitted:
        if item.kind in decided:
            search.commands.filter(number=item.payload["command"]).update(
                status=decided[item.kind], why=item.payload.get("why", ""), decided_at=clock.now()
            )


def close_round(current: Round, status: RoundStatus) -> None:
    current.status, current.told_at = status, clock.now()
    current.save(update_fields=["status", "told_at"])


def end(search: Search, status: str, emitted: tuple[fold.Emitted, ...]) -> None:
    """The answer goes to the catalog; what nobody will do any more is withdrawn."""
    search.status = SearchStatus(status)
    search.ended_at, search.error, search.paused_because = clock.now(), None, None
    search.save(update_fields=["status", "ended_at", "error", "paused_because"])
    search.commands.filter(status=CommandStatus.PENDING).update(
        status=CommandStatus.WITHDRAWN, why="The search ended before its turn came.", decided_at=clock.now()
    )
    for item in emitted:
        if item.kind == "search_finished" and item.payload["best"]:
            catalog.record(search, item.payload["best"])


def pause(search: Search, because: str | None) -> None:
    """Withholds the search's work; running work hears of it when its lease is renewed. None: a person said so."""
    search.status, search.paused_because = SearchStatus.PAUSED, because
    search.save(update_fields=["status", "paused_because"])
    live.poke_search(search.pk)


def _fail(search: Search, message: str) -> None:
    search.status, search.error = SearchStatus.FAILED, message
    search.save(update_fields=["status", "error"])
    live.poke_search(search.pk)


def sweep() -> None:
    """Takes back lost leases, wakes workers for what waits, tells rounds that are finished."""
    with transaction_of_a_moment():
        if not _alone():
            return
        leases.expire()
        leases.forget_workers()
        for name in queue.QUEUES:
            queue.wake(name, leases.claimable(name).count())
    for search_id in _worn_out():
        _pause_worn_out(search_id)
    catalog.give_up_worn_out(leases.MOST_LOST)
    for search_id in _finished_rounds():
        try:
            advance(search_id)
        except (OperationalError, InterfaceError):
            raise  # the database is away, for all of them
        except Exception:  # one that cannot be told does not keep the others from it
            logger.exception("search %s could not be advanced", search_id)


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        return bool(cursor.fetchone()[0])


def _worn_out() -> list[str]:
    items = Work.objects.filter(leases.WANTED, status=WorkStatus.QUEUED, lost__gte=leases.MOST_LOST)
    return list(items.filter(model=None).values_list("round__search_id", flat=True).distinct())


def _pause_worn_out(search_id: str) -> None:
    with transaction.atomic():
        search = Search.objects.select_for_update().get(pk=search_id)
        if search.state.is_live:
            pause(search, f"An item of work was lost {leases.MOST_LOST} times: its workers die or cannot be reached.")


def _finished_rounds() -> list[str]:
    unfinished = Work.objects.filter(round=OuterRef("pk")).exclude(status=WorkStatus.DONE)
    ready = Round.objects.filter(~Exists(unfinished), status=RoundStatus.OPEN, search__status__in=leases.LIVE_SEARCH)
    return list(ready.values_list("search_id", flat=True))
