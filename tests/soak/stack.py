"""A complete studio with two workers, with its own processes and services, observed from outside."""

import http.cookiejar
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psycopg2

from tests.e2e.studio import ROOT, Studio
from tests.person import Person
from tests.processes import SERVICES, command_line, descendants, free_port, is_alive, wait_until
from webapp.processes.services import Embedded

Row = tuple[Any, ...]
T = TypeVar("T")
TIMES = {"ESPALIER_LEASE_SECONDS": "3", "ESPALIER_RENEW_SECONDS": "1", "ESPALIER_SWEEP_SECONDS": "1"}
PEOPLE = 20  # created at once
CONNECTION_ERRORS = (psycopg2.OperationalError, psycopg2.InterfaceError)


class Stack:
    def __init__(self, var: Path) -> None:
        self.var = var
        self.studio = Studio(var, free_port(), "--with-parent", "--workers", "2", **TIMES)
        self._database: Any = None
        self._sessions: list[str] = []

    @classmethod
    @contextmanager
    def running(cls, var: Path) -> Iterator["Stack"]:
        stack = cls(var)
        try:
            stack._cancel_sample()
            yield stack
        finally:
            if stack._database is not None:
                stack._database.close()
            stack.studio.process.terminate()
            stack.studio.process.wait(30)

    def _cancel_sample(self) -> None:
        """Cancels the sample search of a new studio, which would keep the workers busy."""
        cookies = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        with opener.open(self.studio.link(), timeout=20) as answer:
            assert answer.status == 200
        [session] = [cookie.value for cookie in cookies if cookie.name == "sessionid"]
        owner = Person(self.studio.port, str(session))
        for row in owner.ask("/api/searches")["results"]:
            owner.ask(f"/api/searches/{row['id']}/commands", {"kind": "cancel"})

    def person(self) -> Person:
        """A person of a team without any work."""
        if not self._sessions:
            env = {**os.environ, "ESPALIER_VAR": str(self.var), **TIMES}
            for name in ("DATABASE_URL", "REDIS_URL"):
                env.pop(name, None)
            command = (sys.executable, "-m", "tests.soak.people", str(PEOPLE))
            made = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
            self._sessions = made.stdout.split()
        return Person(self.studio.port, self._sessions.pop())

    # --- The database ---

    def query(self, sql: str, *values: object) -> list[Row] | None:
        """Rows, or None while the database is away."""
        try:
            if self._database is None:
                self._database = psycopg2.connect(Embedded(self.var).database_url)
                self._database.autocommit = True
            with self._database.cursor() as cursor:
                cursor.execute(sql, values)
                return list(cursor.fetchall())
        except CONNECTION_ERRORS:
            with suppress(Exception):
                self._database.close()
            self._database = None
            return None

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Rows; waits for the database."""
        return wait_for(lambda: self.query(sql, *values), 90, "the database")

    # --- The processes ---

    def pids(self, victim: str) -> list[int]:
        """The running processes of this kind, in the order of their start."""
        return self._running()[victim]

    def everybody(self) -> list[int] | None:
        """The pids of all processes, or None while one is missing."""
        running = self._running()
        complete = all(running.values()) and len(running["worker"]) == 2
        return [pid for pids in running.values() for pid in pids] if complete else None

    def _running(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {name: [] for name in MATCHES}
        for pid in sorted(descendants(self.studio.process.pid)):
            words = command_line(pid)
            if not words or not is_alive(pid):
                continue
            for name, matches in MATCHES.items():
                if matches(words):
                    found[name].append(pid)
        return found

    def settle(self) -> None:
        """Waits until all processes run and the web server answers."""
        assert self.studio.process.poll() is None, f"the studio has ended:\n{self.studio.text}"
        wait_until(self.everybody, 90, "all processes")
        person = self.person()
        wait_until(lambda: person.ask_patiently("/api/me"), 90, "the web server")
        self._sessions.append(person.session)

    def worker_name(self, pid: int) -> str:
        """Its name in the database."""
        return f"{os.uname().nodename}-{pid}"

    def logs(self, name: str) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted((self.var / "log").glob(f"{name}*.log")))


def kill(pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, pids)), 20, f"the end of {pids}")


def wait_for(read: Callable[[], T | None], seconds: float, what: str) -> T:
    """The first value of `read` that is not None."""
    deadline = time.monotonic() + seconds
    while (found := read()) is None:
        assert time.monotonic() < deadline, f"{what}: not within {seconds:g} s"
        time.sleep(0.01)
    return found


MATCHES: dict[str, Callable[[list[str]], bool]] = {
    "web": lambda words: "web" in words and words[1].endswith("manage.py"),
    "coordinator": lambda words: "worker" in words and "advance" in words,
    "worker": lambda words: "worker" in words and ("cpu" in words or "gpu" in words),
    **SERVICES,
}
