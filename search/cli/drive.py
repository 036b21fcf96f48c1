"""The local driver: folds a strategy over an `execute` that it is given, keeps its state in files, and yields events.

A folder holds `events.jsonl` (the log), `search.json` (state after the last told round) and `outcomes/` (by key of
work, so what was trained once is not trained again). Each file is written whole and renamed into place, or, for the
log, cut back to what `search.json` vouches for; so a kill at any moment leaves a search that goes on.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO

from search.base import config, serialization
from search.base.files import write_whole
from search.log.events import Emitted, stamp
from search.log.task import Task
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, State, Transition, Work

VERSION = 1
SAVED = "search.json"
Execute = Callable[[Work], Outcome]


class NoSearch(ValueError):
    """The folder holds no search, or another process is at work in it."""


class RoundFailed(RuntimeError):
    """Every item of a round failed, so the round decides nothing."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What is known after the last told round; the next round is `ask(state)`."""

    v: int = VERSION
    task: Task
    state: State
    seq: int
    branch: int = 0
    round: int = 0


class Folder:
    """The files of one local search. Use as a context: one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log, self.saved, self.outcomes = path / "events.jsonl", path / SAVED, path / "outcomes"
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Folder":
        if self.path.exists() and not self.path.is_dir():
            raise NoSearch(f"{self.path} is a file; a search is kept in a folder")
        self.outcomes.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go by the system when this process dies
        except OSError:
            self._lock.close()
            raise NoSearch(f"another process is running the search in {self.path}") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    def save(self, saved: Saved) -> None:
        write_whole(self.saved, serialization.dumps(asdict(saved) | {"task": saved.task}))

    def load(self) -> Saved:
        """What is known, the log cut back to it: lines after that were written by a process that died before it could
        vouch for them. Raises NoSearch where there is none, one that this version cannot read, or one whose log has
        lost lines."""
        expect_search(self.path)
        try:
            data = serialization.loads(self.saved.read_bytes())
        except ValueError as error:
            raise NoSearch(f"{self.saved} is no JSON ({error})") from None
        version = data.get("v") if isinstance(data, dict) else None
        if version != VERSION:
            raise NoSearch(f"{self.saved} is of version {version}; this program reads version {VERSION}")
        try:
            saved = serialization.decode(Saved, data)
            _expect_known(saved)
        except ValueError as error:
            raise NoSearch(f"{self.saved} holds no search that can go on: {error}") from None
        lines = self.log.read_bytes().splitlines(keepends=True) if self.log.exists() else []
        if len(lines) < saved.seq:
            raise NoSearch(f"{self.log} has lost lines: it holds {len(lines)} of {saved.seq}")
        if len(lines) > saved.seq:
            write_whole(self.log, b"".join(lines[: saved.seq]))
        return saved

    def append(self, events: list[serialization.Json]) -> None:
        with self.log.open("ab") as log:
            log.write(b"".join(serialization.dumps(event) + b"\n" for event in events))
            log.flush()
            os.fsync(log.fileno())

    def events(self) -> list[serialization.Json]:
        """The log so far. Raises NoSearch where a line of it is none."""
        lines = self.log.read_bytes().splitlines() if self.log.exists() else []
        return [self._event(number, line) for number, line in enumerate(lines, 1)]

    def _event(self, number: int, line: bytes) -> serialization.Json:
        try:
            event = serialization.loads(line)
        except ValueError as error:
            raise NoSearch(f"line {number} of {self.log} is no JSON ({error})") from None
        if not isinstance(event, dict) or event.get("seq") != number:
            raise NoSearch(f"line {number} of {self.log} is not event {number} of a search")
        return event

    def outcome(self, work: Work, numerics: str, make: Callable[[], Outcome]) -> Outcome:
        """The outcome of this work, made only if it is not there yet. Failures are not kept: they are tried again; nor
        are latencies, which are what they are at that moment."""
        path = self.outcomes / f"{serialization.cache_key(work, numerics)}.json"
        keeps = work["kind"] != "measure"
        if keeps and (kept := _read_outcome(path)) is not None:
            return kept
        outcome = make()
        data = serialization.dumps(outcome)
        if keeps and outcome["status"] == "ok":
            write_whole(path, data)
        told: Outcome = serialization.loads(data)  # as it would be read back, so that a resumed search cannot differ
        return told


def expect_search(path: Path) -> None:
    """Raises NoSearch where this folder holds none."""
    if not (path / SAVED).exists():
        raise NoSearch(f"{path} holds no search; begin one with `python -m search run --out {path}`")


def _expect_known(saved: Saved) -> None:
    """Raises ValueError where the search is named by what this program does not have."""
    for task in (saved.task, serialization.decode(Task, saved.state.get("task"))):
        if task.strategy not in STRATEGIES:
            raise ValueError(f"there is no strategy {task.strategy!r}; there are {', '.join(STRATEGIES)}")
        spaces = STRATEGIES[task.strategy].CONFIGS
        if task.space not in spaces:
            raise ValueError(f"{task.strategy} has no space {task.space!r}; it has {', '.join(spaces)}")
        config.parse(spaces[task.space], task.config)


def _read_outcome(path: Path) -> Outcome | None:
    """None where none is kept, or what is kept cannot be read: then the work is done again."""
    try:
        kept = serialization.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return kept if isinstance(kept, dict) and kept.get("status") == "ok" else None


def utc_now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def begin(
    folder: Folder, task: Task, told: Transition | None = None, *, now: Callable[[], str] = utc_now
) -> list[serialization.Json]:
    """Starts a search in an empty folder and returns its first events. `told`: by its strategy's `start`, where that
    was called already, to see whether there is such a search. Raises NoSearch where one is there already."""
    if folder.saved.exists():
        raise NoSearch(f"{folder.path} holds a search already; go on with `python -m search resume {folder.path}`")
    state, emitted = told or STRATEGIES[task.strategy].start(task)
    events = _stamped(emitted, seq=0, branch=0, round=0, at=now())
    write_whole(folder.log, b"")
    folder.append(events)
    folder.save(Saved(task=task, state=serialization.loads(serialization.dumps(state)), seq=len(events)))
    return events


def go_on(
    folder: Folder, execute: Execute, numerics: str, now: Callable[[], str] = utc_now
) -> Iterator[serialization.Json]:
    """Runs the folder's search from its last told round to its end, yielding new events as they are kept.

    Raises RoundFailed when all items of a round failed; the search stays as it was and can go on later.
    """
    saved = folder.load()
    strategy = STRATEGIES[saved.task.strategy]
    while not isinstance(asked := strategy.ask(saved.state), Finished):
        outcomes = [folder.outcome(work, numerics, partial(execute, work)) for work in asked.work]
        if all(outcome["status"] == "error" for outcome in outcomes):
            codes = ", ".join(sorted({str(outcome.get("code")) for outcome in outcomes}))
            raise RoundFailed(f"all {len(outcomes)} items of round {saved.round} failed ({codes})")
        state, emitted = strategy.tell(saved.state, outcomes)
        events = _stamped(emitted, seq=saved.seq, branch=saved.branch, round=saved.round, at=now())
        folder.append(events)
        saved = Saved(
            task=saved.task,
            state=serialization.loads(serialization.dumps(state)),
            seq=saved.seq + len(events),
            branch=saved.branch,
            round=saved.round + 1,
        )
        folder.save(saved)
        yield from events


def _stamped(emitted: list[Emitted], *, seq: int, branch: int, round: int, at: str) -> list[serialization.Json]:
    return [stamp(e, seq=seq + i, branch=branch, round=round, at=at) for i, e in enumerate(emitted, 1)]
