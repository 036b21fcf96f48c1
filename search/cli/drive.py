"""The local driver: runs a strategy with a given `execute` function, keeps the state in files, and yields turns.

A folder holds `events.jsonl` (the log), `search.json` (the state after the last finished round), `outcomes/` (by
cache key of the work, so that nothing is trained twice), `files/` (weights that the next round starts from) and, once
the answer's files are there, `result.json` (what is printed of it). Files are written whole and renamed into place. The
log is truncated to the events that `search.json` counts. A search can therefore be resumed after a kill at any moment.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from search.base import serialization
from search.base.files import write_whole
from search.cli import program
from search.cli.export import WEIGHTS
from search.cli.lock import InUse, locked
from search.log.events import Emitted, stamp
from search.log.outcomes import files_of
from search.log.task import Task
from search.strategies import STRATEGIES, tasks
from search.strategies.base import Finished, Outcome, Round, State, Transition, Work

VERSION = 3
SAVED, RESULT = "search.json", "result.json"
Execute = Callable[[Work], Outcome]


class NoSearch(ValueError):
    """The folder holds no usable search, holds one where a new one should go, or is in use by another process."""


class RoundFailed(RuntimeError):
    """Every work item of a round raised, so that there is nothing to tell the strategy. A training that diverged is a
    result like any other."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """The contents of search.json: the state after the last finished round. The next round is `ask(state)`."""

    v: int = VERSION
    task: Task
    state: State
    numerics: str  # of all its outcomes
    seq: int
    branch: int = 0
    round: int = 0


class Turn(NamedTuple):
    """The events of one turn, and the state after it."""

    events: list[serialization.Json]
    state: State


class Folder:
    """The files of one local search. A context manager, which locks the folder for this process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log, self.saved = path / "events.jsonl", path / SAVED
        self.outcomes, self.files = path / "outcomes", path / "files"
        self._lock: AbstractContextManager[None] | None = None

    def __enter__(self) -> "Folder":
        if self.path.exists() and not self.path.is_dir():
            raise NoSearch(f"{self.path} is a file; a search is kept in a folder")
        self._lock = locked(self.path)
        try:
            self._lock.__enter__()
        except InUse:
            raise NoSearch(f"another process is running the search in {self.path}") from None
        self.outcomes.mkdir(exist_ok=True)
        return self

    def __exit__(self, *error: Any) -> None:
        if self._lock is not None:
            self._lock.__exit__(*error)

    def save(self, saved: Saved) -> None:
        write_whole(self.saved, serialization.dumps(asdict(saved) | {"task": saved.task}))

    def load(self) -> Saved:
        """Reads search.json, and truncates the log to the events that it counts: a process wrote the others and died
        before it saved its state.

        Raises NoSearch where there is no search, this version cannot read it, or its log has lost lines.
        """
        require_search(self.path)
        try:
            data = serialization.loads(self.saved.read_bytes())
        except ValueError as error:
            raise NoSearch(f"{self.saved} is not valid JSON ({error})") from None
        version = data.get("v") if isinstance(data, dict) else None
        if version != VERSION:
            raise NoSearch(f"{self.saved} is of version {version}; this program reads version {VERSION}")
        try:
            saved = serialization.decode(Saved, data)
            _require_known(saved)
            if min(saved.seq, saved.branch, saved.round) < 0:
                raise ValueError("it counts fewer than no events")
        except ValueError as error:
            raise NoSearch(f"{self.saved} holds a search that cannot be resumed: {error}") from None
        log = self.log.read_bytes() if self.log.exists() else b""
        lines = log.splitlines(keepends=True)
        if lines and not lines[-1].endswith(b"\n"):
            lines.pop()  # a line that was not written to its end
        if len(lines) < saved.seq:
            raise NoSearch(f"{self.log} has lost lines: it holds {len(lines)} of {saved.seq}")
        if (kept := b"".join(lines[: saved.seq])) != log:
            write_whole(self.log, kept)
        return saved

    def append(self, events: list[serialization.Json]) -> None:
        with self.log.open("ab") as log:
            log.write(b"".join(serialization.dumps(event) + b"\n" for event in events))
            log.flush()
            os.fsync(log.fileno())

    def events(self) -> list[serialization.Json]:
        """The log so far. Raises NoSearch where a line is not an event."""
        lines = self.log.read_bytes().splitlines() if self.log.exists() else []
        return [self._event(number, line) for number, line in enumerate(lines, 1)]

    def _event(self, number: int, line: bytes) -> serialization.Json:
        try:
            event = serialization.loads(line)
        except ValueError as error:
            raise NoSearch(f"line {number} of {self.log} is not valid JSON ({error})") from None
        if not isinstance(event, dict) or event.get("seq") != number:
            raise NoSearch(f"line {number} of {self.log} is not event {number} of a search")
        return event

    def outcome(self, work: Work, numerics: str, execute: Callable[[], Outcome]) -> Outcome:
        """The stored outcome of this work; executes the work where there is none.

        Failures are not stored, so that they are retried. Latencies are not stored, because they change over time. An
        outcome whose files were deleted is of no use any more.
        """
        path = self._place_of(work, numerics)
        is_cacheable = work["kind"] != "measure"
        if is_cacheable and (cached := _read_outcome(path)) is not None and self._has_files_of(cached):
            return cached
        data = serialization.dumps(execute())
        outcome: Outcome = serialization.loads(data)  # equal to what a resumed search reads from the file
        if is_cacheable and outcome["status"] == "ok":
            write_whole(path, data)
        return outcome

    def _has_files_of(self, outcome: Outcome) -> bool:
        return all((self.files / sha256).exists() for _, sha256 in files_of(outcome))

    def delete_files_but(self, next_round: Round | Finished, numerics: str) -> None:
        """Deletes the files that neither this round, which may have made some already, nor a later one needs."""
        needed: tuple[Any, ...] = ()
        made: set[str] = set()
        if not isinstance(next_round, Finished):
            needed = (next_round.work, next_round.keeps)
            for work in next_round.work:
                stored = _read_outcome(self._place_of(work, numerics)) or {}
                made |= {sha256 for _, sha256 in files_of(stored)}
        named = serialization.dumps(needed).decode()
        for path in self.files.iterdir() if self.files.exists() else ():
            if path.name not in named and path.name not in made:
                path.unlink()

    def _place_of(self, work: Work, numerics: str) -> Path:
        return self.outcomes / f"{serialization.cache_key(work, numerics)}.json"


def holds_search(path: Path) -> bool:
    return (path / SAVED).exists()


def result_of(path: Path) -> str | None:
    """What was printed when the search ended; None where it has not, or the files of its answer were deleted."""
    if not (path / RESULT).is_file():
        return None
    text = (path / RESULT).read_text()
    has_answer = serialization.loads(text.encode())["repeat"] is not None
    return None if has_answer and not (path / WEIGHTS).is_file() else text


def require_search(path: Path) -> None:
    """Raises NoSearch where the folder holds no search."""
    if not holds_search(path):
        raise NoSearch(f"{path} holds no search; start one with {program.command('run', '--out', path)}")


def require_no_search(path: Path) -> None:
    """Raises NoSearch where the folder holds a search already, or the path is that of a file."""
    if holds_search(path):
        raise NoSearch(f"{path} already holds a search; run {program.command('resume', path)}")
    if path.exists() and not path.is_dir():
        raise NoSearch(f"{path} is a file; a search is kept in a folder")
    if (path / RESULT).exists():
        raise NoSearch(f"{path} already holds a {RESULT}; search into a folder of its own")


def require_numerics(path: Path, saved: Saved, numerics: str) -> None:
    """Raises NoSearch where candidates would be compared whose results differ by the machine alone."""
    if numerics != saved.numerics:
        raise NoSearch(
            f"the search in {path} was begun with {saved.numerics}, and continues only with the same; this is "
            f"{numerics}. Choose the same --device and --threads, or search into a folder of its own"
        )


def _require_known(saved: Saved) -> None:
    """Raises ValueError where this program lacks a factor of the search, or one of its settings."""
    for task in (saved.task, serialization.decode(Task, saved.state.get("task"))):
        tasks.require_known(task)


def _read_outcome(path: Path) -> Outcome | None:
    """None where there is no file, or it is damaged: then the work is executed again."""
    try:
        outcome = serialization.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return outcome if isinstance(outcome, dict) and outcome.get("status") == "ok" else None


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create_search(
    folder: Folder, task: Task, numerics: str, start: Transition | None = None, *, now: Callable[[], str] = utc_now
) -> list[serialization.Json]:
    """Starts a search in an empty folder and returns its first events.

    `numerics`: those with which all its work is executed. `start`: what the strategy's `start` returned, if the caller
    has called it. Raises NoSearch where the folder already holds a search.
    """
    require_no_search(folder.path)
    started = start or STRATEGIES[task.strategy.name].start(task)
    events = _stamp_all(started.events, seq=0, branch=0, round=0, at=now())
    write_whole(folder.log, b"")
    folder.append(events)
    state = serialization.loads(serialization.dumps(started.state))
    folder.save(Saved(task=task, state=state, numerics=numerics, seq=len(events)))
    return events


def run_search(folder: Folder, execute: Execute, numerics: str, now: Callable[[], str] = utc_now) -> Iterator[Turn]:
    """Runs the folder's search from its last finished round to its end, and yields each turn once it is stored.

    Raises NoSearch where it was begun with other numerics, and RoundFailed where all items of a round raised; the
    search can be resumed from the start of that round.
    """
    saved = folder.load()
    require_numerics(folder.path, saved, numerics)
    strategy = STRATEGIES[saved.task.strategy.name]
    next_round = strategy.ask(saved.state)
    folder.delete_files_but(next_round, numerics)  # where the process was killed before it did
    while not isinstance(next_round, Finished):
        outcomes = [folder.outcome(work, numerics, partial(execute, work)) for work in next_round.work]
        if outcomes and all(outcome["status"] == "error" and outcome.get("code") != "diverged" for outcome in outcomes):
            codes = ", ".join(sorted({str(outcome.get("code")) for outcome in outcomes}))
            raise RoundFailed(f"all {len(outcomes)} items of round {saved.round} failed ({codes})")
        transition = strategy.tell(saved.state, outcomes)
        events = _stamp_all(transition.events, seq=saved.seq, branch=saved.branch, round=saved.round, at=now())
        folder.append(events)
        state = serialization.loads(serialization.dumps(transition.state))
        saved = replace(saved, state=state, seq=saved.seq + len(events), round=saved.round + 1)
        folder.save(saved)
        next_round = strategy.ask(saved.state)
        folder.delete_files_but(next_round, numerics)
        yield Turn(events, saved.state)


def _stamp_all(emitted: list[Emitted], *, seq: int, branch: int, round: int, at: str) -> list[serialization.Json]:
    return [stamp(e, seq=seq + i, branch=branch, round=round, at=at) for i, e in enumerate(emitted, 1)]
