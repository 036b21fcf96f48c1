"""A finished round: what a turn reads of the search, and what must still be so when the turn is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.base import serialization
from search.base.serialization import Json
from webapp.core.transactions import short_transaction
from webapp.models import Round, Search
from webapp.models.enums import RoundStatus, SearchStatus, WorkStatus
from webapp.searches import commands

NOT_STARTED = b""  # state before the first turn, whose round has no work


@dataclass(frozen=True)
class FinishedRound:
    """The open round of a live search, with every outcome.

    `commands` are those that the turn applies; a person may give others while it runs. `failure`: None, or why the
    round cannot be told.
    """

    search: str
    round_id: int
    status: SearchStatus
    branch: int
    number: int
    strategy: str
    task: Json
    state_before: bytes
    packed_outcomes: Sequence[bytes]
    commands: Sequence[Json]
    failure: str | None

    @property
    def outcomes(self) -> list[Json]:
        return [serialization.loads(packed) for packed in self.packed_outcomes]

    @property
    def command_numbers(self) -> set[int]:
        return {command["id"] for command in self.commands}

    def is_current(self, search: Search) -> bool:
        """Whether the search, which the caller has locked, is still as it was read: on this branch, in this round, with
        this status, and none of the turn's commands decided."""
        return (
            (search.state, search.branch) == (self.status, self.branch)
            and search.rounds.filter(pk=self.round_id, status=RoundStatus.OPEN).exists()
            and self.command_numbers <= {command["id"] for command in commands.pending(search)}
        )


def read(search_id: str, previous: FinishedRound | None = None) -> FinishedRound | None:
    """None where no turn is due.

    `previous`: what the last turn read. If it was of the same round and came too late, only its commands are taken
    again: with those given since then, a person who gives and withdraws commands could hold up a long turn for ever.
    """
    with short_transaction():
        rows = (
            Round.objects.filter(search=search_id, status=RoundStatus.OPEN)
            .select_related("search")
            .defer("search__summary")
        )
        current = rows.first()
        if current is None:
            return None
        # the first turn is taken of a paused search, too: people want to see what it starts from
        starts = bytes(current.state_before) == NOT_STARTED and current.search.state is SearchStatus.PAUSED
        if not (current.search.state.is_live or starts):
            return None
        work = list(current.work.order_by("index").only("round", "status", "outcome", "failed", "last_error"))
        if any(item.status != WorkStatus.DONE for item in work):
            return None
        pending = commands.pending(current.search)
    if previous is not None and (previous.branch, previous.number) == (current.branch, current.number):
        pending = [command for command in pending if command["id"] in previous.command_numbers]
    failure = None
    if work and all(item.failed for item in work):
        failure = f"All {len(work)} items of round {current.number} failed: {work[0].last_error}"
    return FinishedRound(
        search=search_id,
        round_id=current.pk,
        status=current.search.state,
        branch=current.branch,
        number=current.number,
        strategy=current.search.strategy,
        task=current.search.task,
        state_before=bytes(current.state_before),
        packed_outcomes=[bytes(item.outcome or b"") for item in work],
        commands=pending,
        failure=failure,
    )
