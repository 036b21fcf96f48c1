"""The only writer of searches: create, advance, end, and the sweep that makes up for whatever got lost.

Every function that writes events locks the search's row first, so their numbers have no gaps and turns never overlap.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from search.base import serialization
from search.log import commands as engine
from search.strategies.base import Origin
from webapp.catalog import architectures
from webapp.config import logs
from webapp.core import clock, pokes
from webapp.core.transactions import short_transaction
from webapp.datasets import lookup, uploads
from webapp.files import references
from webapp.models import Artifact, Branch, Command, Round, Search, Team, User, Work
from webapp.models.enums import CommandStatus, RoundStatus, SearchStatus, WorkKind, WorkStatus
from webapp.scheduling import leases, presence, queue
from webapp.searches import event_log, lineage, projections, proposals, turn

logger = logging.getLogger(__name__)
Json = dict[str, Any]

WEIGHTS_GONE = "weights gone, will train anew"
SWEEP_LOCK = 0x45_53_50_41  # one sweep at a time, whoever runs it


def create(team: Team, user: User, name: str, task: Json) -> Search:
    """Row, first events, first round and its work, in one transaction. Raises InvalidField where the strategy will not
    start such a task, or its data were deleted meanwhile."""
    try:
        transition = turn.start(task["strategy"], task)
    except turn.IMPOSSIBLE as error:
        raise proposals.invalid_task(error) from None
    data = task["dataset"] if task.get("data") else None
    with short_transaction():
        lookup.lock(data)
        search = Search.objects.create(
            team=team,
            created_by=user,
            name=name,
            task=task,
            strategy=task["strategy"],
            dataset=task["dataset"],
            data_id=data,
        )
        search.refresh_from_db(fields=["created_at"])
        Branch.objects.create(search=search, number=0, seq=1)
        write(search, transition, told=0, opens=0)
    return search


def fork(source: Search, origin: Round, user: User, name: str, reason: str) -> Search:
    """A search of its own that goes on from the state before a round of another, which may run on meanwhile. Raises
    turn.IMPOSSIBLE."""
    at = Origin(search=source.pk, branch=origin.branch, round=origin.number, by=user.shown_name, reason=reason)
    transition = _branched(source.strategy, origin, 0, at)
    task = next(item.payload["task"] for item in transition.emitted if item.kind == "search_started")
    with short_transaction():
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
        write(search, transition, told=0, opens=0)
    return search


def open_branch(search: Search, origin: Round, command: Command) -> None:
    """Rolls the search back, as the command says. The caller holds its lock. What it leaves stays as it is."""
    number = search.branch + 1
    at = Origin(
        search=None,
        branch=origin.branch,
        round=origin.number,
        by=command.by.shown_name,
        command=engine.Command.from_dict(as_told(command)),
        reason=command.reason,
    )
    transition = _branched(search.strategy, origin, number, at)
    withdraw_round(search, open_round(search), late=True)
    _withdraw(search.commands.exclude(pk=command.pk), "The search was rolled back before its turn came.")
    Branch.objects.create(
        search=search,
        number=number,
        parent=origin.branch,
        parent_round=origin.number,
        step=origin.step,
        seq=search.seq + 1,
        opened_by=command.by,
    )
    search.branch, search.error, search.paused_because = number, None, None
    if search.state is SearchStatus.FAILED:
        search.status = SearchStatus.RUNNING
    search.save(update_fields=["branch", "status", "error", "paused_because"])
    write(search, transition, told=0, opens=0)


def _branched(strategy: str, origin: Round, number: int, at: Origin) -> turn.Transition:
    """The first turn of a branch. Weights that its candidates would go on from may be gone: then they train anew."""
    transition = turn.branch(strategy, origin.state_before, number, at)
    named = _weights(transition)
    if Artifact.objects.filter(pk__in=named).count() == len(named):
        return transition
    reason = f"{at.reason} ({WEIGHTS_GONE})" if at.reason else WEIGHTS_GONE
    return turn.branch(strategy, origin.state_before, number, replace(at, reason=reason))


def _weights(transition: turn.Transition) -> set[str]:
    """That it goes on from, at once or after a round that measures."""
    return {sha256 for payload in transition.work for sha256 in _inherited(payload)}.union(transition.keeps)


def _inherited(payload: Json) -> set[str]:
    return {payload["inherit"]["weights"]} if "inherit" in payload else set()


def _possible(payload: Json, there: set[str]) -> Json:
    """Trained anew where the weights are gone that it would go on from."""
    if _inherited(payload) <= there:
        return payload
    return {name: part for name, part in payload.items() if name != "inherit"}


def advance(search_id: str) -> None:
    """Tells finished rounds until one is open again."""
    while _advance_once(search_id):
        pass


def _advance_once(search_id: str) -> bool:
    with short_transaction():
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
        outcomes = [serialization.loads(bytes(item.outcome or b"")) for item in work]
        try:
            transition = turn.tell(search.strategy, current.state_before, pending_commands(search), outcomes)
        except turn.Broken as error:
            logger.exception("search %s: round %d could not be told", search.pk, current.number)
            _fail(search, str(error))
            return False
        close_round(current, RoundStatus.DONE)
        write(search, transition, told=current.number, opens=current.number + 1)
        return search.state.is_live


def settle(item: Work, outcome: Json) -> None:
    """What an outcome makes of its search's round: the last one has the round told, and one that came after the round
    was withdrawn is kept as a candidate. The caller holds the item's lock."""
    assert item.round is not None
    references.add_for_outcome(item, outcome)
    search = item.round.search_id
    if not Round.objects.filter(
        pk=item.round.pk, status=RoundStatus.WITHDRAWN
    ).exists():  # as it is now, under the lock
        transaction.on_commit(partial(_advance_if_done, item.round.pk, search))
    elif item.kind != WorkKind.MEASURE:  # a latency alone makes no candidate
        projections.keep_untold(item.round.search, item.round.branch, [(item.index, outcome)])
    pokes.poke_search(search)


def _advance_if_done(round_id: int, search: str) -> None:
    """After the commit: of two items that finish at once, at least the later one sees all done."""
    if not Work.objects.filter(round=round_id).exclude(status=WorkStatus.DONE).exists():
        queue.advance(search)


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
        "node": command.node,
        "budget": command.budget,
        "weight": command.weight,
        "step": command.step,
        "by": command.by.shown_name,
        "reason": command.reason,
    }


def withdraw_round(search: Search, current: Round, *, late: bool) -> None:
    """Ends it untold: what was measured in it is kept as candidates, the rest is withdrawn.

    `late`: what runs hears of it when its lease is renewed, and if its outcome is quicker, that is kept too.
    """
    work = list(current.work.select_for_update().order_by("index"))  # an outcome that is being stored is waited for
    done = [item for item in work if item.status == WorkStatus.DONE and item.kind != WorkKind.MEASURE]
    projections.keep_untold(
        search, current.branch, [(item.index, serialization.loads(bytes(item.outcome or b""))) for item in done]
    )
    ends = [item.pk for item in work if item.status == WorkStatus.QUEUED or not late]
    current.work.filter(pk__in=ends).exclude(status=WorkStatus.DONE).update(
        status=WorkStatus.WITHDRAWN, token=None, lease_until=None
    )
    close_round(current, RoundStatus.WITHDRAWN)


def write(search: Search, transition: turn.Transition, *, told: int, opens: int | None) -> None:
    """Events, the next round and its work, or the end; watchers and workers hear of it after the commit."""
    pokes.poke_search(search.pk)  # first: people watch, workers do not
    event_log.append(search, search.branch, told, transition.emitted)
    decide_commands(search, transition.emitted)
    if transition.ended is None:
        assert opens is not None
        _open(search, opens, transition)
    else:
        end(search, transition.ended, transition.emitted)


def _open(search: Search, number: int, transition: turn.Transition) -> None:
    opened = Round.objects.create(
        search=search, branch=search.branch, number=number, step=search.step, state_before=transition.state
    )
    there = references.add_for_round(opened, _weights(transition))
    Work.objects.bulk_create(
        Work(
            team_id=search.team_id,
            round=opened,
            index=index,
            kind=WorkKind(payload["kind"]),
            key=serialization.cache_key(payload, ""),
            payload=serialization.dumps(payload),
            device_id=payload.get("device"),
        )
        for index, payload in enumerate(_possible(payload, there) for payload in transition.work)
    )
    wake(search, opened)


def wake(search: Search, opened: Round) -> None:
    """Tells the workers who may do the round's items: of measurements all; agents of devices ask by themselves."""
    kinds = list(opened.work.filter(device=None).values_list("kind", flat=True))
    queue.wake(None if WorkKind.MEASURE in kinds else search.queue, len(kinds))


def decide_commands(search: Search, emitted: tuple[turn.Emitted, ...]) -> None:
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


def end(search: Search, status: str, emitted: tuple[turn.Emitted, ...]) -> None:
    """The answer goes to the catalog; what nobody will do any more is withdrawn."""
    search.status = SearchStatus(status)
    search.ended_at, search.error, search.paused_because = clock.now(), None, None
    search.save(update_fields=["status", "ended_at", "error", "paused_because"])
    _withdraw(search.commands.all(), "The search ended before its turn came.")
    for item in emitted:
        if item.kind == "search_finished" and item.payload["best"]:
            best = item.payload["best"]
            architectures.record(search, best, lineage.of(search, best))


def _withdraw(commands: QuerySet[Command], why: str) -> None:
    """Those of them that wait."""
    commands.filter(status=CommandStatus.PENDING).update(
        status=CommandStatus.WITHDRAWN, why=why, decided_at=clock.now()
    )


def pause(search: Search, because: str | None) -> None:
    """Withholds the search's work; running work hears of it when its lease is renewed. None: a person said so."""
    search.status, search.paused_because = SearchStatus.PAUSED, because
    search.save(update_fields=["status", "paused_because"])
    pokes.poke_search(search.pk)


def _fail(search: Search, message: str) -> None:
    search.status, search.error = SearchStatus.FAILED, message
    search.save(update_fields=["status", "error"])
    pokes.poke_search(search.pk)


def sweep() -> None:
    """Takes back lost leases, wakes workers for what waits, tells rounds that are finished."""
    with short_transaction():
        if not _alone():
            return
        leases.expire()
        presence.forget_absent_workers()
        for name in queue.QUEUES:
            queue.wake(name, leases.claimable(name).count())
    for search_id in _worn_out().values_list("round__search_id", flat=True).distinct():
        with logs.about(search=search_id), _fence("pausing a search whose workers die"):
            _pause_worn_out(search_id)
    for owner in ("model", "upload", "measurement"):
        with _fence(f"giving up {owner}s whose workers die"):
            leases.give_up_worn_out(owner)
    with _fence("dropping abandoned uploads"):
        uploads.drop_abandoned()
    for search_id in _finished_rounds():
        with logs.about(search=search_id), _fence("telling a finished round"):
            advance(search_id)


@contextmanager
def _fence(doing: str) -> Iterator[None]:
    """What goes wrong with one thing keeps a sweep from no other, unless the database is away, for all of them."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not _answers():
            raise
        logger.exception("%s went wrong; the next sweep tries again", doing)


def _answers() -> bool:
    """The database does: what was lost is one transaction, of two that locked each other out, say."""
    if not connection.is_usable():
        connection.close()
    try:
        clock.now()
    except (OperationalError, InterfaceError):
        return False
    return True


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SWEEP_LOCK])
        return bool(cursor.fetchone()[0])


def _worn_out() -> QuerySet[Work]:
    """Items of live searches."""
    items = Work.objects.filter(leases.WANTED, status=WorkStatus.QUEUED, lost__gte=leases.MOST_LOST)
    return items.filter(round__isnull=False)


def _pause_worn_out(search_id: str) -> None:
    with short_transaction():
        search = Search.objects.select_for_update().get(pk=search_id)
        if _worn_out().filter(round__search=search).exists():  # asked anew: somebody may have resumed it
            pause(search, f"An item of work was lost {leases.MOST_LOST} times: its workers die or cannot be reached.")


def _finished_rounds() -> list[str]:
    unfinished = Work.objects.filter(round=OuterRef("pk")).exclude(status=WorkStatus.DONE)
    ready = Round.objects.filter(~Exists(unfinished), status=RoundStatus.OPEN, search__status__in=leases.LIVE_SEARCH)
    return list(ready.values_list("search_id", flat=True))
