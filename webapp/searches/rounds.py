"""One round of a search: opened with its work, closed when all outcomes are known, or withdrawn before that.

lifecycle.py and steering.py decide when. Functions that write expect the lock on the search's row, except `settle`,
which the scheduler calls under the lock on the item.
"""

from functools import partial

from django.db import transaction

from search.base import serialization
from search.base.serialization import Json
from search.log.outcomes import check
from webapp.core import clock, pokes
from webapp.files import references
from webapp.models import Round, Search, Work, kinds
from webapp.models.enums import RoundStatus, WorkStatus
from webapp.scheduling import choice, outcomes, queue
from webapp.searches import candidates
from webapp.searches.turn import Transition


def current_round(search: Search) -> Round:
    """The open round. A live search has exactly one."""
    return search.rounds.get(status=RoundStatus.OPEN)


def open_round(search: Search, number: int, transition: Transition) -> None:
    """Stores the round, its work, and which weights it still needs."""
    opened = Round.objects.create(
        search=search, branch=search.branch, number=number, step=search.step, state_before=transition.state
    )
    available = references.add_for_round(opened, inherited_weights(transition))
    work = [_without_missing_weights(payload, available) for payload in transition.work]
    Work.objects.bulk_create(
        Work(
            team_id=search.team_id,
            round=opened,
            index=index,
            about=about,
            kind=payload["kind"],
            needs=payload.get("needs", kinds.of_round(payload["kind"]).needs),
            key=serialization.cache_key(payload, ""),
            payload=serialization.dumps(payload),
            device_id=payload.get("device"),
        )
        for index, (payload, about) in enumerate(zip(work, transition.about, strict=True))
    )
    if not work:  # its candidates are evaluated in the turn
        queue.advance(search.pk)
    wake_workers(opened)


def wake_workers(opened: Round) -> None:
    """Wakes workers for the round's items. Agents of devices poll by themselves."""
    for name in queue.QUEUES:
        queue.wake(name, choice.claimable(name).filter(round=opened).count())


def cancel_unneeded_measurements(search: Search, budget: Json | None) -> None:
    """Cancels the open round's measurements where a budget that a person asks for (None: another command) needs none
    or names another device: the old device may never answer again, which may be the reason for the command."""
    if budget is not None and (budget["latency"] is None or budget["device"] != search.task["budget"]["device"]):
        outcomes.cancel(current_round(search).work.filter(kind=kinds.MEASURE))
        queue.advance(search.pk)


def close_round(current: Round, status: RoundStatus) -> None:
    current.status, current.closed_at = status, clock.now()
    current.save(update_fields=["status", "closed_at"])


def withdraw_round(search: Search, current: Round, seq: int, *, accept_late: bool) -> None:
    """Ends the round before the strategy has seen its outcomes. Results so far are kept as candidates.

    `seq`: of the last event of the turn that ends it. `accept_late`: items that run stay leased. Their workers stop at
    the next renewal of the lease, and an outcome that arrives before that is kept too. Otherwise their leases end now.
    """
    work = list(current.work.select_for_update().order_by("index"))  # waits for an outcome that is being stored
    done = [item for item in work if item.status == WorkStatus.DONE and item.kind in kinds.SCORING]
    results = [(item.about, serialization.loads(bytes(item.outcome or b""))) for item in done]
    candidates.keep_withdrawn_results(search, current.branch, seq, results)
    candidates.close_waiting(search, current.branch, seq)  # a late result replaces this
    withdrawn = [item.pk for item in work if item.status == WorkStatus.QUEUED or not accept_late]
    current.work.filter(pk__in=withdrawn).exclude(status=WorkStatus.DONE).update(
        status=WorkStatus.WITHDRAWN, token=None, lease_until=None
    )
    close_round(current, RoundStatus.WITHDRAWN)


def settle(item: Work, outcome: Json) -> None:
    """Handles an outcome of a round's item. The caller holds the lock on the item.

    The last outcome advances the search. An outcome of a withdrawn round is kept as a candidate. Raises BadOutcome,
    before anything else reads it.
    """
    assert item.round is not None
    check(outcome)
    references.add_for_outcome(item, outcome)
    search = item.round.search_id
    # Read again: the item was loaded with its round, which may have been withdrawn before the lock was granted.
    withdrawn = Round.objects.filter(pk=item.round.pk, status=RoundStatus.WITHDRAWN).exists()
    if not withdrawn:
        transaction.on_commit(partial(_advance_if_done, item.round.pk, search))
    elif item.kind in kinds.SCORING:
        owner = item.round.search
        candidates.keep_withdrawn_results(owner, item.round.branch, owner.seq, [(item.about, outcome)])
    pokes.poke_search(search)


def inherited_weights(transition: Transition) -> set[str]:
    """Hashes of the weights that the search needs later: those that its work inherits, and those that the strategy
    keeps for work after a round of measurements."""
    return {sha256 for payload in transition.work for sha256 in _inherited(payload)}.union(transition.keeps)


def _inherited(payload: Json) -> set[str]:
    return {payload["inherit"]["weights"]} if "inherit" in payload else set()


def _without_missing_weights(payload: Json, available: set[str]) -> Json:
    """The payload; without `inherit`, so that it trains from scratch, where those weights were deleted."""
    if _inherited(payload) <= available:
        return payload
    return {name: part for name, part in payload.items() if name != "inherit"}


def _advance_if_done(round_id: int, search: str) -> None:
    """Runs after the commit: of two items that finish at once, at least the later one sees all done."""
    if not Work.objects.filter(round=round_id).exclude(status=WorkStatus.DONE).exists():
        queue.advance(search)
