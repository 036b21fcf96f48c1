"""Commands of people, as rows: what the strategy reads of them, and what became of each."""

from collections.abc import Iterable

from django.db.models import QuerySet

from search.base.serialization import Json
from webapp.core import clock
from webapp.models import Command, Search
from webapp.models.enums import CommandStatus
from webapp.searches.turn import SerializedEvent

DECISIONS = {"command_applied": CommandStatus.APPLIED, "command_refused": CommandStatus.REFUSED}  # by kind of event


def pending(search: Search) -> list[Json]:
    """Commands given since the round opened, as the strategy reads them, oldest first."""
    rows = search.commands.filter(status=CommandStatus.PENDING).select_related("by").order_by("number")
    return [as_dict(row) for row in rows]


def as_dict(command: Command) -> Json:
    """The JSON of search.log.commands.Command."""
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


def record_decisions(search: Search, emitted: Iterable[SerializedEvent]) -> None:
    """Copies to the commands' rows what the events say became of them."""
    for item in emitted:
        if item.kind in DECISIONS:
            search.commands.filter(number=item.payload["command"]).update(
                status=DECISIONS[item.kind], why=item.payload.get("why", ""), decided_at=clock.now()
            )


def withdraw_pending(commands: QuerySet[Command], why: str) -> None:
    commands.filter(status=CommandStatus.PENDING).update(
        status=CommandStatus.WITHDRAWN, why=why, decided_at=clock.now()
    )
