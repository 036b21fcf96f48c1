"""What a person may say to a search, and its shape.

Control commands act at once on the whole search, a rollback among them; graph commands wait for the round's end and are
applied, in order, before its outcomes are told. Whether a command makes sense is the strategy's to say (`refusal`),
when given and when applied.
"""

import math
from dataclasses import dataclass
from typing import Literal

from search.base import serialization
from search.network.budget import Budget
from search.network.graph import parse_edge

CommandKind = Literal[
    "pause", "resume", "stop", "cancel", "lock", "unlock", "remove", "restore", "set_budget", "set_weight", "rollback"
]
#: Change only whether the search runs, and are no part of its log.
PAUSE_KINDS: tuple[CommandKind, ...] = ("pause", "resume")
#: End the search at once, its round untold.
END_KINDS: tuple[CommandKind, ...] = ("stop", "cancel")
#: Change one edge or one node, or what may become of it.
PART_KINDS: tuple[CommandKind, ...] = ("lock", "unlock", "remove", "restore")
#: Wait for the round's end.
GRAPH_KINDS: tuple[CommandKind, ...] = (*PART_KINDS, "set_budget", "set_weight")


class BadCommand(ValueError):
    """A command that could not be meant; the message says what it lacks."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """Who said what, and why. `id` is the caller's number for it and comes back in the event that answers it."""

    id: int
    kind: CommandKind
    by: str
    edge: str | None = None
    node: int | None = None
    budget: Budget | None = None
    weight: float | None = None
    step: int | None = None  # how many decisions a rollback leaves standing
    reason: str = ""

    @staticmethod
    def from_dict(data: serialization.Json) -> "Command":
        """Raises BadCommand where the kind is unknown, or what it acts on is missing, ill-written or out of place."""
        try:
            command = serialization.decode(Command, data)
            if command.edge is not None:
                parse_edge(command.edge)
        except ValueError as error:  # BadShape, BadGraph, or a budget that cannot be
            raise BadCommand(str(error)) from None
        if why := _misfit(command):
            raise BadCommand(why)
        return command


#: What each kind acts on; kinds that are not here act on the search as a whole.
_TAKES: dict[CommandKind, tuple[str, ...]] = {
    **dict.fromkeys(PART_KINDS, ("edge", "node")),
    "set_budget": ("budget",),
    "set_weight": ("weight",),
    "rollback": ("step",),
}
_NAMES = {"edge": "an edge", "node": "a node", "budget": "a budget", "weight": "a weight", "step": "a step"}


def _misfit(command: Command) -> str | None:
    kind, takes = command.kind, _TAKES.get(command.kind, ())
    given = [name for name in _NAMES if getattr(command, name) is not None]
    if stray := [name for name in given if name not in takes]:
        return f"{kind} takes no {stray[0]}"
    if takes and not given:
        return f"{kind} needs {' or '.join(_NAMES[name] for name in takes)}"
    if len(given) > 1:
        return f"{kind} takes an edge or a node, not both"
    if command.node is not None and command.node < 0:
        return f"{command.node} is no node; nodes are numbered from 0"
    if command.step is not None and command.step < 0:
        return f"{command.step} is no step; 0 is the beginning"
    if command.weight is not None and not math.isfinite(command.weight):
        return "a weight must be a finite number"
    return None
