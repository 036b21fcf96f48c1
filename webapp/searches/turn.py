"""The pure half of a search's turn: strategy in, bytes out. It touches no database.

Everything that a strategy may get wrong is found here, before anything is written: it raises, answers with what the
codec refuses, or proposes nothing. `Broken` carries the sentence that a person reads.
"""

import logging
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from search.base import serialization
from search.log import events
from search.log.commands import BadCommand, Command
from search.log.events import Emitted as Said
from search.log.task import BadTask, Task
from search.network.budget import Infeasible
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Origin

logger = logging.getLogger(__name__)
Json = dict[str, Any]
T = TypeVar("T")
IMPOSSIBLE = (BadTask, Infeasible)  # what a strategy says of a task that it will not begin
Packed = bytes | memoryview  # the database's driver hands out views


class Broken(Exception):
    """The strategy raised. What it was folding stays as it is."""


@dataclass(frozen=True)
class Emitted:
    kind: str
    payload: Json
    packed: bytes


@dataclass(frozen=True)
class Transition:
    """What a turn leads to: events, the state after them, and the work that it asks for (none when it ended).

    `keeps`: files that the search may go on from later, whether or not the work names them.
    """

    emitted: tuple[Emitted, ...]
    state: bytes
    work: tuple[Json, ...]
    ended: str | None
    keeps: tuple[str, ...] = ()


def pack(state: Json) -> bytes:
    return zlib.compress(serialization.dumps(state))


def unpack(packed: Packed) -> Any:
    return serialization.loads(zlib.decompress(packed))


def start(name: str, task: Json) -> Transition:
    """Raises what the strategy raises: an impossible task is the caller's to explain."""
    state, said = STRATEGIES[name].start(Task.from_dict(task))
    return _ask(name, _through(state), _packed(said))


def tell(name: str, packed: Packed, commands: Iterable[Json], outcomes: list[Json]) -> Transition:
    """Commands in order, then the outcomes in work order, then the next question."""

    def turn() -> Transition:
        state, emitted = _steered(name, packed, commands)
        state, said = STRATEGIES[name].tell(state, outcomes)
        return _ask(name, _through(state), [*emitted, *_packed(said)])

    return _guarded(turn)


def end(name: str, packed: Packed, command: Json) -> Transition:
    """A command alone, without an outcome told: what ends a search."""

    def turn() -> Transition:
        state, said = STRATEGIES[name].steer(unpack(packed), Command.from_dict(command))
        return _ask(name, _through(state), _packed(said))

    return _guarded(turn)


def branch(name: str, packed: Packed, number: int, origin: Origin) -> Transition:
    """From the state before a round, in a new line of rounds. Raises what `start` does: a fork is a beginning."""

    def turn() -> Transition:
        state, said = STRATEGIES[name].branch(unpack(packed), number, origin)
        return _ask(name, _through(state), _packed(said))

    return _guarded(turn, *IMPOSSIBLE)


def validate_command(name: str, packed: Packed, pending: Iterable[Json], command: Json) -> str | None:
    """Why the command makes no sense on the state as the pending ones will leave it; None if it does."""

    def ask() -> str | None:
        try:
            told = Command.from_dict(command)
        except BadCommand as error:
            return str(error)
        state, _ = _steered(name, packed, pending)
        why = STRATEGIES[name].validate_command(state, told)
        if why is None:
            STRATEGIES[name].steer(state, told)  # one that would raise when its turn comes is refused now
        return why

    return _guarded(ask)


def _steered(name: str, packed: Packed, commands: Iterable[Json]) -> tuple[Json, list[Emitted]]:
    """Commands in order. One that raises is refused with what it raised: it must not hold up a search for ever."""
    state: Json = unpack(packed)
    emitted: list[Emitted] = []
    for each in commands:
        try:
            after, said = STRATEGIES[name].steer(state, Command.from_dict(each))
            state, packed_said = _through(after), _packed(said)
        except Exception as error:
            logger.exception("command %d (%s) could not be applied", each["id"], each["kind"])
            packed_said = _packed([_refused(each, f"it could not be applied ({type(error).__name__}: {error})")])
        emitted += packed_said
    return state, emitted


def _refused(command: Json, why: str) -> Said:
    try:
        return events.emit(events.command_refused(Command.from_dict(command), why))
    except BadCommand:  # it cannot be read: a budget and a weight may then be anything
        kept = {name: command[name] for name in ("kind", "edge", "node", "step", "by", "reason")}
        return events.emit(events.CommandRefused(command=command["id"], budget=None, weight=None, why=why, **kept))


def _ask(name: str, state: Json, emitted: list[Emitted]) -> Transition:
    answer = STRATEGIES[name].ask(state)
    if isinstance(answer, Finished):
        return Transition(tuple(emitted), pack(state), (), answer.status)
    return Transition(tuple(emitted), pack(state), tuple(answer.work), None, answer.keeps)


def _packed(said: Iterable[Said]) -> list[Emitted]:
    return [Emitted(kind, payload, serialization.dumps(payload)) for kind, payload in said]


def _through(state: Json) -> Json:
    """The state as it will be read back, so that this turn and a resumed one see the same numbers."""
    read: Json = serialization.loads(serialization.dumps(state))
    return read


def _guarded(turn: Callable[[], T], *meant: type[Exception]) -> T:
    """`meant`: what a strategy may raise of a task, in sentences of its own."""
    try:
        return turn()
    except meant:
        raise
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
