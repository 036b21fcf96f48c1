"""The pure half of a search's turn: strategy and stored bytes in, events and bytes out. It touches no database.

Every fault of a strategy shows here, before anything is written: it raises, or returns what the codec rejects. Then
StrategyError holds the sentence that people read.
"""

import logging
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from search.base import serialization
from search.base.serialization import Json
from search.log import events
from search.log.candidates import CandidateRow
from search.log.commands import BadCommand, Command
from search.log.task import BadTask, Task
from search.network.budget import Infeasible
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Origin

logger = logging.getLogger(__name__)
T = TypeVar("T")
IMPOSSIBLE = (BadTask, Infeasible)  # how a strategy rejects a task
Packed = bytes | memoryview  # a stored state; psycopg2 returns memoryviews


class StrategyError(Exception):
    """The strategy raised. The state that it was given stays as it is."""


@dataclass(frozen=True)
class SerializedEvent:
    """An event and its payload in the codec's bytes, which are what the log stores."""

    kind: str
    payload: Json
    serialized: bytes


@dataclass(frozen=True)
class Transition:
    """The result of a turn: events, the state after them, and the next work (none when the search has ended).

    `rows`: the candidates that it added or changed, each once (search.log.candidates.CandidateRow). `summary`: the
    strategy's snapshot of the state. `ended` is the final status, or None. `about`: for each item of work, the
    candidates that it is about. `keeps` are hashes of files that later work may need although this work does not name
    them.
    """

    emitted: tuple[SerializedEvent, ...]
    rows: tuple[Json, ...]
    summary: Json
    state: bytes
    work: tuple[Json, ...]
    ended: str | None
    about: tuple[tuple[int, ...], ...] = ()
    keeps: tuple[str, ...] = ()


def pack(state: Json) -> bytes:
    return zlib.compress(serialization.dumps(state))


def unpack(packed: Packed) -> Any:
    return serialization.loads(zlib.decompress(packed))


def start(name: str, task: Json) -> Transition:
    """The first turn of the strategy called `name`. Raises whatever the strategy raises."""
    state, emitted, rows = STRATEGIES[name].start(Task.from_dict(task))
    return _transition(name, _roundtrip(state), _serialized(emitted), rows)


def tell(name: str, packed: Packed, commands: Iterable[Json], outcomes: list[Json]) -> Transition:
    """Commands in order, then the outcomes in the order of the work. Raises StrategyError."""

    def run() -> Transition:
        state, steered, earlier = _steer(name, packed, commands)
        state, emitted, rows = STRATEGIES[name].tell(state, outcomes)
        return _transition(name, _roundtrip(state), [*steered, *_serialized(emitted)], [*earlier, *rows])

    return _guard(run)


def end(name: str, packed: Packed, command: Json) -> Transition:
    """A command that ends the search, without outcomes. Raises StrategyError."""

    def run() -> Transition:
        state, emitted, rows = STRATEGIES[name].steer(unpack(packed), Command.from_dict(command))
        return _transition(name, _roundtrip(state), _serialized(emitted), rows)

    return _guard(run)


def branch(name: str, packed: Packed, number: int, origin: Origin) -> Transition:
    """The first turn of branch `number`, from the state before a round. Raises StrategyError, and IMPOSSIBLE where a
    fork's task is rejected."""

    def run() -> Transition:
        state, emitted, rows = STRATEGIES[name].branch(unpack(packed), number, origin)
        return _transition(name, _roundtrip(state), _serialized(emitted), rows)

    return _guard(run, *IMPOSSIBLE)


def refuse_late(transition: Transition, commands: Iterable[Json]) -> Transition:
    """Where the turn ends the search: with events, before the last one, that refuse these commands, which were given
    while it was computed."""
    if transition.ended is None:
        return transition
    why = "The search ended with the round in which the command was given."
    refused = _serialized(_refused(command, why) for command in commands)
    return replace(transition, emitted=(*transition.emitted[:-1], *refused, *transition.emitted[-1:]))


def validate_command(name: str, packed: Packed, pending: Iterable[Json], command: Json) -> str | None:
    """Why the command cannot be applied after the pending ones; None if it can. Raises StrategyError."""

    def run() -> str | None:
        try:
            parsed = Command.from_dict(command)
        except BadCommand as error:
            return str(error)
        state, _, _ = _steer(name, packed, pending)
        why = STRATEGIES[name].validate_command(state, parsed)
        if why is None:
            STRATEGIES[name].steer(state, parsed)  # a command that would raise later is refused now
        return why

    return _guard(run)


def _steer(
    name: str, packed: Packed, commands: Iterable[Json]
) -> tuple[Json, list[SerializedEvent], list[CandidateRow]]:
    """Applies commands in order. One that raises is refused: it must not block the search for good."""
    state: Json = unpack(packed)
    result, rows = list[SerializedEvent](), list[CandidateRow]()
    for command in commands:
        try:
            steered, emitted, changed = STRATEGIES[name].steer(state, Command.from_dict(command))
            state, new = _roundtrip(steered), _serialized(emitted)
            rows += changed
        except Exception as error:
            logger.exception("command %d (%s) could not be applied", command["id"], command["kind"])
            new = _serialized([_refused(command, f"it could not be applied ({type(error).__name__}: {error})")])
        result += new
    return state, result, rows


def _refused(command: Json, why: str) -> events.Emitted:
    try:
        return events.emit(events.command_refused(Command.from_dict(command), why))
    except BadCommand:  # its budget and weight may hold anything, so they are left out
        kept = {name: command[name] for name in ("kind", "edge", "node", "step", "by", "reason")}
        return events.emit(events.CommandRefused(command=command["id"], budget=None, weight=None, why=why, **kept))


def _transition(name: str, state: Json, emitted: Sequence[SerializedEvent], rows: Iterable[CandidateRow]) -> Transition:
    answer = STRATEGIES[name].ask(state)
    newest = {row.id: row for row in rows}
    result = Transition(
        emitted=tuple(emitted),
        rows=tuple(_roundtrip(list(newest.values()))),
        summary=_roundtrip(STRATEGIES[name].snapshot(state)),
        state=pack(state),
        work=(),
        ended=None,
    )
    if isinstance(answer, Finished):
        return replace(result, ended=answer.status)
    if len(answer.about) != len(answer.work):
        raise ValueError(f"{len(answer.work)} items of work, but `about` of {len(answer.about)}")
    return replace(result, work=tuple(answer.work), about=answer.about, keeps=answer.keeps)


def _serialized(emitted: Iterable[events.Emitted]) -> list[SerializedEvent]:
    """Raises ValueError where an event is larger than its kind may be: pages could not bear it."""
    result = [SerializedEvent(kind, payload, serialization.dumps(payload)) for kind, payload in emitted]
    for event in result:
        if len(event.serialized) > (most := events.most_bytes(event.kind)):
            raise ValueError(f"the event {event.kind} has {len(event.serialized):,} bytes, and may have {most:,}")
    return result


def _roundtrip(value: Any) -> Any:
    """The value as it will be loaded again, so that this turn and a resumed one see the same numbers."""
    return serialization.loads(serialization.dumps(value))


def _guard(action: Callable[[], T], *expected: type[Exception]) -> T:
    """Turns whatever the strategy raises into StrategyError, except the `expected` errors."""
    try:
        return action()
    except expected:
        raise
    except Exception as error:
        raise StrategyError(f"{type(error).__name__}: {error}") from error
