"""Children in the foreground: started again when they die, stopped in order, and dead with their parent.

Each child has a thread that starts it and waits for it. That thread lives as long as this process does, as it must:
the kernel takes the end of the thread that forked for the end of the parent.
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

FIRST_WAIT = 0.2  # seconds before a dead child is started again, doubled at each early death
MOST_WAIT = 10.0
STEADY = 10.0  # a child that lived this long did start well, so its next death begins at FIRST_WAIT again
LOG_BYTES = 5_000_000  # a log is cut there, and one old one is kept

TROUBLE = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^Traceback ")
STAMP = re.compile(
    r"^(\d{4}-\d\d-\d\d |[A-Z]+: |\{)"
)  # how a line of a log begins that does not go on with the one before
DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process to keep running. `become` is a command that changes who it runs as, put before everything else."""

    name: str
    command: tuple[str, ...]
    become: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    stage: int = 0  # higher stages are stopped first
    stop: signal.Signals = signal.SIGTERM
    force: signal.Signals = signal.SIGKILL  # when it does not stop in time, and when its parent is gone
    patience: float = 3.0  # seconds between the two
    trouble: re.Pattern[str] = TROUBLE  # lines that the terminal shows as well as the log
    fds: tuple[int, ...] = ()  # open files that it inherits


def with_death_signal(child: Child) -> tuple[str, ...]:
    return (
        *child.become,
        *(sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid()), str(int(child.force))),
        *child.command,
    )


class Keeper:
    """Keeps one child running until it is told to stop."""

    def __init__(self, child: Child, logs: Path, show: Callable[[str], None]) -> None:
        self.child = child
        self.process: subprocess.Popen[str] | None = None
        self._show = show
        self._log = RotatingFileHandler(logs / f"{child.name}.log", maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
        self._ending = threading.Event()
        self._lock = threading.Lock()  # between starting it and telling it to stop
        self._thread = threading.Thread(target=self._keep, name=child.name, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        wait = FIRST_WAIT
        while not self._ending.is_set():
            began = time.monotonic()
            try:
                how = _ending(self._live())
            except OSError as error:  # no memory for another process, say
                how = f"could not start: {error}"
            if time.monotonic() - began >= STEADY:
                wait = FIRST_WAIT
            if not self._ending.is_set():
                self._show(f"ended ({how}); it starts again in {wait:g} s. See {self._log.baseFilename}")
                self._ending.wait(wait)
                wait = min(wait * 2, MOST_WAIT)

    def _live(self) -> int:
        """One life, from start to end."""
        with self._lock:
            if self._ending.is_set():
                return 0
            process = self.process = subprocess.Popen(
                with_death_signal(self.child),
                env={**os.environ, **self.child.env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops them in order
                pass_fds=self.child.fds,
            )
        assert process.stdout is not None
        reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        reader.start()
        code = process.wait()
        reader.join(STEADY)  # what it started may hold the pipe a little longer, as the parts of Postgres do
        return code

    def _read(self, lines: IO[str]) -> None:
        showing = False
        with lines:
            for line in map(str.rstrip, lines):
                self._log.emit(logging.makeLogRecord({"msg": line}))
                # A traceback goes on until the next line with a time.
                showing = bool(self.child.trouble.search(line)) or (showing and not STAMP.match(line))
                if showing and line:
                    self._show(line)

    def ask_to_stop(self) -> None:
        with self._lock:
            self._ending.set()
            if self.process is not None:
                self.process.send_signal(self.child.stop)

    def wait(self, deadline: float) -> None:
        """Until it has ended; it is forced at the deadline (monotonic), and killed when even that was not enough."""
        for last_word in (self.child.force, signal.SIGKILL):
            self._thread.join(max(0.0, deadline - time.monotonic()))
            if not self._thread.is_alive():
                break
            if self.process is not None:
                self.process.send_signal(last_word)
            deadline = time.monotonic() + 1
        self._thread.join(1)
        self._log.close()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None and self.process.poll() is None else None


class Supervisor:
    """The children of this process. Leaving the `with` block stops them, the last stage first."""

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
            together = [keeper for keeper in self._keepers if keeper.child.stage == stage]
            for keeper in together:
                keeper.ask_to_stop()
            began = time.monotonic()
            for keeper in together:
                keeper.wait(began + keeper.child.patience)
        self._keepers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def _ending(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"code {code}"
