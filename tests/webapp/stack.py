"""A coordinator, workers and a web server as real processes over the tests' services, and a person's way to them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.person import Person
from tests.processes import descendants, free_port, is_alive, wait_until
from webapp.supervisor import Child, Keeper, Supervisor

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
QUICK = {"ESPALIER_LEASE_SECONDS": "3", "ESPALIER_RENEW_SECONDS": "1", "ESPALIER_SWEEP_SECONDS": "1"}

#: Five rounds of eleven trainings of an epoch: a descent and a choice, edge by edge.
TASK: Json = {
    "name": "Ten edges",
    "strategy": "autoshrink",
    "dataset": "digits",
    "seed": 1,
    "budget": {"params": 50_000},
    "config": {"nodes": 5, "candidates": 2, "epochs": 1, "patience": 0, "keep_edges": 5},
}
OPTIONS = (
    *("--dataset", "digits", "--strategy", "autoshrink", "--seed", "1", "--budget", "params=50000"),
    *("--nodes", "5", "--candidates", "2", "--epochs", "1", "--patience", "0", "--keep-edges", "5"),
)


def run_locally(folder: Path) -> list[Json]:
    """The same search by `python -m search`: its log."""
    command = (sys.executable, "-m", "search", "run", *OPTIONS, "--out", str(folder))
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


@dataclass
class Stack(Person):
    """The person who asks, and the processes."""

    children: dict[str, Keeper]

    def wait_for_seq(self, search: str, seq: int) -> None:
        wait_until(lambda: (self.ask_patiently(f"/api/searches/{search}") or {}).get("seq", 0) >= seq, 120, "events")

    def wait_for_end(self, search: str) -> Json:
        found: Json = {}

        def ended() -> bool:
            found.update(self.ask_patiently(f"/api/searches/{search}") or {})
            assert found.get("status") not in ("failed", "paused", "cancelled"), found
            return found.get("status") in ("finished", "stopped")

        wait_until(ended, 180, "the end of the search")
        return found

    def log(self, search: str) -> list[Json]:
        events: list[Json] = self.ask(f"/api/searches/{search}/events")["events"]
        return events

    def end(self, name: str) -> None:
        """As a supervisor would: told, and given time."""
        pid = self.children[name].pid
        assert pid is not None
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not is_alive(pid), 20, f"the end of {name}")


@contextmanager
def stack(
    env: dict[str, str],
    session: str,
    logs: Path,
    workers: int = 1,
    coordinators: int = 1,
    odd: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """Everything but the services, which the tests share. `odd` says what is wrong with whom (tests/webapp/odd.py)."""
    port = free_port()
    names = {
        "web": ("web", "--port", str(port)),
        **{f"coordinator-{number}": ("worker", "--queue", "advance") for number in range(coordinators)},
        **{f"worker-{number}": ("worker", "--queue", "cpu") for number in range(workers)},
    }
    with Supervisor(logs) as supervisor:
        children = {}
        for name, arguments in names.items():
            how = (odd or {}).get(name)
            manage = ("-m", "tests.webapp.odd", how) if how else (str(ROOT / "manage.py"),)
            command = (sys.executable, *manage, *arguments)
            child = Child(name=name, command=command, env={**env, **QUICK, "PYTHONPATH": str(ROOT)})
            children[name] = supervisor.start(child)
        running = Stack(port, session, children)
        wait_until(lambda: running.ask_patiently("/api/me"), 60, "the web server")
        yield running


def service_pid(name: str) -> int:
    """Of Postgres' or Valkey's main process, among this process's own children."""
    marks = {"postgres": (b"/postgres\0", b"\0-D\0"), "valkey": (b"valkey-server",)}[name]
    for pid in descendants(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if all(mark in command for mark in marks) and b"leash.py" not in command:
            return pid
    raise AssertionError(f"{name} does not run")
