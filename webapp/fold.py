"""The pure half of a search's turn: strategy in, bytes out. It touches no database.

Everything that a strategy may get wrong is found here, before anything is written: it raises, answers with what the
codec refuses, or proposes nothing. `Broken` carries the sentence that a person reads.
"""

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from search import wire
from search.commands import Command
from search.events import Emitted as Said
from search.strategies import STRATEGIES
from search.strategies.base import Finished
from search.task import Task

Json = dict[str, Any]
T = TypeVar("T")
Packed = bytes | memoryview  # the database's driver hands out views


class Broken(Exception):
    """The strategy raised. What it was folding stays as it is."""


@dataclass(frozen=True)
class Emitted:
    kind: str
    payload: Json
    packed: bytes


@dataclass(frozen=True)
class Turn:
    """What a turn leads to: events, the state after them, and the work that it asks for (none when it ended)."""

    emitted: tuple[Emitted, ...]
    state: bytes
    work: tuple[Json, ...]
    ended: str | None


def pack(state: Json) -> bytes:
    return zlib.compress(wire.dumps(state))


def unpack(packed: Packed) -> Any:
    return wire.loads(zlib.decompress(packed))


def start(name: str, task: Json) -> Turn:
    """Raises what the strategy raises: an impossible task is the caller's to explain."""
    state, said = STRATEGIES[name].start(Task.from_dict(task))
    return _ask(name, _through(state), _packed(said))


def tell(name: str, packed: Packed, commands: Iterable[Json], outcomes: list[Json]) -> Turn:
    """Commands in order, then the outcomes in work order, then the next question."""

    def turn() -> Turn:
        state, emitted = _steered(name, packed, commands)
        state, said = STRATEGIES[name].tell(state, outcomes)
        return _ask(name, _through(state), [*emitted, *_packed(said)])

    return _guarded(turn)


def steer(name: str, packed: Packed, commands: Iterable[Json]) -> Turn:
    """Commands alone, without an outcome told: what ends a search."""

    def turn() -> Turn:
        state, emitted = _steered(name, packed, commands)
        return _ask(name, state, emitted)

    return _guarded(turn)


def refusal(name: str, packed: Packed, pending: Iterable[Json], command: Json) -> str | None:
    """Why the command makes no sense on the state as the pending ones will leave it; None if it does."""

    def ask() -> str | None:
        state, _ = _steered(name, packed, pending)
        return STRATEGIES[name].refusal(state, Command.from_dict(command))

    return _guarded(ask)


def _steered(name: str, packed: Packed, commands: Iterable[Json]) -> tuple[Json, list[Emitted]]:
    state: Json = unpack(packed)
    emitted: list[Emitted] = []
    for command in commands:
        state, said = STRATEGIES[name].steer(state, Command.from_dict(command))
        state = _through(state)
        emitted += _packed(said)
    return state, emitted


def _ask(name: str, state: Json, emitted: list[Emitted]) -> Turn:
    answer = STRATEGIES[name].ask(state)
    if isinstance(answer, Finished):
        return Turn(tuple(emitted), pack(state), (), answer.status)
    return Turn(tuple(emitted), pack(state), tuple(answer.work), None)


def _packed(said: Iterable[Said]) -> list[Emitted]:
    return [Emitted(kind, payload, wire.dumps(payload)) for kind, payload in said]


def _through(state: Json) -> Json:
    """The state as it will be read back, so that this turn and a resumed one see the same numbers."""
    read: Json = wire.loads(wire.dumps(state))
    return read


def _guarded(turn: Callable[[], T]) -> T:
    try:
        return turn()
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
