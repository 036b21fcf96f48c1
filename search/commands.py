"""What a person may say to a search, and its shape.

Control commands act at once on the whole search; graph commands wait for the round's end and are applied, in order,
before its outcomes are told. Whether a graph command makes sense is the strategy's to say (`refusal`), when given and
when applied.
"""

from dataclasses import dataclass
from typing import Literal

from search import wire
from search.graph import BadGraph, parse_edge

CommandKind = Literal["pause", "resume", "stop", "cancel", "lock", "unlock", "remove"]
#: Change only whether the search runs, and are no part of its log.
PAUSE_KINDS: tuple[CommandKind, ...] = ("pause", "resume")
#: End the search at once, its round untold.
END_KINDS: tuple[CommandKind, ...] = ("stop", "cancel")
#: Change the graph or what may become of it.
GRAPH_KINDS: tuple[CommandKind, ...] = ("lock", "unlock", "remove")


class BadCommand(ValueError):
    """A command that could not be meant; the message says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Who said what, and why. `id` is the caller's number for it and comes back in the event that answers it."""

    id: int
    kind: CommandKind
    by: str
    edge: str | None = None
    reason: str = ""

    @staticmethod
    def from_dict(data: wire.Json) -> "Command":
        """Raises BadCommand where the kind is unknown, or an edge is missing, ill-written or out of place."""
        try:
            command = wire.decode(Command, data)
            if command.edge is not None:
                parse_edge(command.edge)
        except (wire.BadShape, BadGraph) as error:
            raise BadCommand(str(error)) from None
        if (command.kind in GRAPH_KINDS) != (command.edge is not None):
            wants = "needs an edge" if command.kind in GRAPH_KINDS else "takes no edge"
            raise BadCommand(f"{command.kind} {wants}")
        return command
