"""The commands that people send to a running search.

Control commands, a rollback among them, act at once on the whole search. Graph commands wait until the round has ended;
then they are applied in order, before the strategy gets the round's outcomes. `Strategy.validate_command` checks a
command when it is sent and again when it is applied.
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
#: Only pause and resume the search; they do not appear in its log.
PAUSE_KINDS: tuple[CommandKind, ...] = ("pause", "resume")
#: End the search at once. The strategy does not learn the results of its round; the table of candidates keeps them.
END_KINDS: tuple[CommandKind, ...] = ("stop", "cancel")
#: About one edge or one node: whether it may be removed, or that it is removed or restored with what depends on it.
PART_KINDS: tuple[CommandKind, ...] = ("lock", "unlock", "remove", "restore")
#: Wait for the end of the round.
GRAPH_KINDS: tuple[CommandKind, ...] = (*PART_KINDS, "set_budget", "set_weight")


class BadCommand(ValueError):
    """A malformed command; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command, its sender and their reason. `id` is the caller's number; the event that answers repeats it."""

    id: int
    kind: CommandKind
    by: str
    edge: str | None = None
    node: int | None = None
    budget: Budget | None = None
    weight: float | None = None
    step: int | None = None  # the step that a rollback goes back to: how many decisions it keeps
    reason: str = ""

    @staticmethod
    def from_dict(data: serialization.Json) -> "Command":
        """Raises BadCommand on an unknown kind, and on arguments that are missing, malformed or of another kind."""
        try:
            command = serialization.decode(Command, data)
            if command.edge is not None:
                parse_edge(command.edge)
        except ValueError as error:  # DecodeError, BadGraph, or an invalid budget
            raise BadCommand(str(error)) from None
        if problem := _argument_error(command):
            raise BadCommand(problem)
        return command


#: Kind -> the arguments that it accepts. Kinds that are not listed act on the whole search and accept none.
_ACCEPTED: dict[CommandKind, tuple[str, ...]] = {
    **dict.fromkeys(PART_KINDS, ("edge", "node")),
    "set_budget": ("budget",),
    "set_weight": ("weight",),
    "rollback": ("step",),
}
_ARGUMENTS = {"edge": "an edge", "node": "a node", "budget": "a budget", "weight": "a weight", "step": "a step"}


def _argument_error(command: Command) -> str | None:
    """What is wrong with the command's arguments; None if nothing is."""
    kind, accepted = command.kind, _ACCEPTED.get(command.kind, ())
    given = [name for name in _ARGUMENTS if getattr(command, name) is not None]
    if unexpected := [name for name in given if name not in accepted]:
        return f"{kind} takes no {unexpected[0]}"
    if accepted and not given:
        return f"{kind} needs {' or '.join(_ARGUMENTS[name] for name in accepted)}"
    if len(given) > 1:
        return f"{kind} takes an edge or a node, not both"
    if command.node is not None and command.node < 0:
        return f"there is no node {command.node}; nodes are numbered from 0"
    if command.step is not None and command.step < 0:
        return f"there is no step {command.step}; step 0 is the start"
    if command.weight is not None and not math.isfinite(command.weight):
        return "a weight must be a finite number"
    return None
