"""Supervision of child processes: restarted when they die, stopped in order, killed when their parent dies.

Each child has a thread that starts it and waits for it. The thread lives as long as this process, because the kernel
takes the end of the thread that forked as the end of the parent.
"""

import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO, Self

MIN_WAIT = 0.2  # seconds before a dead child is restarted; doubled after each early death
MAX_WAIT = 10.0  # seconds
STEADY = 10.0  # seconds; a child that lived longer started well, so the next wait is MIN_WAIT again
LOG_BYTES = 5_000_000  # then a log is rotated; one old log is kept

ALERT = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^Traceback ")
RECORD_START = re.compile(r"^(\d{4}-\d\d-\d\d |[A-Z]+: |\{)")  # the first line of a log record; others continue one
DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep running."""

    name: str
    command: tuple[str, ...]
    run_as: tuple[str, ...] = ()  # a command that changes the user and then runs its arguments
    env: Mapping[str, str] = field(default_factory=dict)
    stage: int = 0  # higher stages are stopped first
    stop_signal: signal.Signals = signal.SIGTERM
    kill_signal: signal.Signals = signal.SIGKILL  # if it does not stop in time, or its parent has died
    grace_seconds: float = 3.0  # between the two signals
    alert: re.Pattern[str] = ALERT  # lines that are shown in the terminal too
    fds: tuple[int, ...] = ()  # file descriptors that it inherits


def with_death_signal(child: Child) -> tuple[str, ...]:
    return (
        *child.run_as,
        *(sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid()), str(int(child.kill_signal))),
        *child.command,
    )


class Keeper:
    """Keeps one child running until `ask_to_stop`."""

    def __init__(self, child: Child, logs: Path, show: Callable[[str], None]) -> None:
        self.child = child
        self.process: subprocess.Popen[str] | None = None
        self._show = show
        self._log = RotatingFileHandler(logs / f"{child.name}.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # between starting the child and stopping it
        self._thread = threading.Thread(target=self._run, name=child.name, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        wait = MIN_WAIT
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                result = _describe_exit(self._run_once())
            except OSError as error:  # no memory for another process, for instance
                result = f"could not start: {error}"
            if time.monotonic() - began >= STEADY:
                wait = MIN_WAIT
            if not self._stopping.is_set():
                self._show(f"ended ({result}); restarting in {wait:g} s. See {self._log.baseFilename}")
                self._stopping.wait(wait)
                wait = min(wait * 2, MAX_WAIT)

    def _run_once(self) -> int:
        """Starts the child, waits for its end, and returns its exit code."""
        with self._lock:
            if self._stopping.is_set():
                return 0
            process = self.process = subprocess.Popen(
                with_death_signal(self.child),
                env={**os.environ, **self.child.env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # so that Ctrl-C reaches only the supervisor, which stops children in order
                pass_fds=self.child.fds,
            )
        assert process.stdout is not None
        reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        reader.start()
        code = process.wait()
        reader.join(STEADY)  # children of the child may hold the pipe a little longer, as those of Postgres do
        return code

    def _read(self, lines: IO[str]) -> None:
        showing = False
        with lines:
            for line in map(str.rstrip, lines):
                self._log.emit(logging.makeLogRecord({"msg": line}))
                # A traceback continues until the next record.
                showing = bool(self.child.alert.search(line)) or (showing and not RECORD_START.match(line))
                if showing and line:
                    self._show(line)

    def ask_to_stop(self) -> None:
        with self._lock:
            self._stopping.set()
            if self.process is not None:
                self.process.send_signal(self.child.stop_signal)

    def wait(self, deadline: float) -> None:
        """Waits until the child has ended. At the deadline (time.monotonic) sends its kill signal, then SIGKILL."""
        for number in (self.child.kill_signal, signal.SIGKILL):
            self._thread.join(max(0.0, deadline - time.monotonic()))
            if not self._thread.is_alive():
                break
            if self.process is not None:
                self.process.send_signal(number)
            deadline = time.monotonic() + 1
        self._thread.join(1)
        self._log.close()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.process.poll() is None else None


class Supervisor:
    """The children of this process. Leaving the `with` block stops them, the highest stage first."""

    def __init__(self, logs: Path, show: Callable[[str], None] = print) -> None:
        self.logs = logs
        self._show = show
        self._keepers: list[Keeper] = []
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, child: Child) -> Keeper:
        keeper = Keeper(child, self.logs, lambda line: self._show(f"{child.name}: {line}"))
        self._keepers.append(keeper)
        return keeper

    def stop(self) -> None:
        for stage in sorted({keeper.child.stage for keeper in self._keepers}, reverse=True):
            keepers = [keeper for keeper in self._keepers if keeper.child.stage == stage]
            for keeper in keepers:
                keeper.ask_to_stop()
            began = time.monotonic()
            for keeper in keepers:
                keeper.wait(began + keeper.child.grace_seconds)
        self._keepers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _describe_exit(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
