"""A coordinator, workers and a web server as real processes on the services of the tests, and requests to them."""

import json
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from search.__main__ import main as run_command
from search.base.serialization import Json
from tests.person import Person
from tests.processes import SERVICES, command_line, descendants, free_port, is_alive, wait_until
from webapp.processes.supervisor import Child, Keeper, Supervisor

ROOT = Path(__file__).parents[2]
#: Leases are long, since no worker is killed here and a busy machine must not expire the lease of a live one.
QUICK = {"ESPALIER_LEASE_SECONDS": "15", "ESPALIER_RENEW_SECONDS": "1", "ESPALIER_SWEEP_SECONDS": "1"}

#: Three rounds of six trainings of one epoch: the smallest search with both a descent and a choice, and with enough
#: rounds that a disturbance in one shows in the next.
TASK: Json = {
    "name": "Six edges",
    "strategy": "autoshrink",
    "dataset": "digits",
    "seed": 1,
    "budget": {"params": 30_000},
    "settings": {
        "space": {"nodes": 4},
        "strategy": {"candidates": 2, "patience": 0, "keep_edges": 3},
        "evaluator": {"epochs": 1},
    },
}
OPTIONS = (
    *("--dataset", "digits", "--strategy", "autoshrink", "--seed", "1", "--budget", "params=30000"),
    *("--nodes", "4", "--candidates", "2", "--epochs", "1", "--patience", "0", "--keep-edges", "3"),
)


#: A round of eleven untrained networks, and one of two hundred.
SCORE_TASK: Json = {
    "name": "Two hundred chains",
    "strategy": "zico",
    "space": "chain",
    "evaluator": "score",
    "dataset": "digits",
    "seed": 1,
    "budget": {"macs": 3_000_000},
    "settings": {
        "space": {"start": "small", "head": 64},
        "strategy": {"candidates": 200, "iterations": 400},
        "evaluator": {"batch": 8},
        "answer": {"finalists": 0},
    },
}
SCORE_OPTIONS = (
    *("--dataset", "digits", "--strategy", "zico", "--seed", "1", "--budget", "macs=3000000", "--start", "small"),
    *("--head", "64", "--candidates", "200", "--iterations", "400", "--batch", "8", "--finalists", "0"),
)


def run_locally(folder: Path, options: Sequence[str] = OPTIONS) -> list[Json]:
    """Runs the same search by `python -m search`, and returns its log."""
    assert run_command(["run", *options, "--out", str(folder)]) == 0
    return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]


@dataclass
class Stack(Person):
    """A person with a session, and the processes."""

    children: dict[str, Keeper]

    def wait_for_end(self, search: str) -> None:
        """Polls the database, since polling the web server would cost more than the search."""
        from webapp.models import Search  # here, since tests.soak imports this file without Django

        def ended() -> bool:
            status = Search.objects.values_list("status", flat=True).get(pk=search)
            assert status not in ("failed", "paused", "cancelled"), self.ask(f"/api/searches/{search}")
            return status in ("finished", "stopped")

        wait_until(ended, 180, "the end of the search")
        assert self.ask(f"/api/searches/{search}")["status"] in ("finished", "stopped")

    def log(self, search: str) -> list[Json]:
        events: list[Json] = self.ask(f"/api/searches/{search}/events")["events"]
        return events

    def kill(self, name: str) -> None:
        """As by `kill -9`: the process gives nothing back. Its supervisor starts another."""
        pid = self.children[name].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid), 20, f"the end of {name}")

    def end(self, name: str) -> None:
        """Terminates a process as a supervisor does, and waits for its end."""
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
    faults: Mapping[str, str] | None = None,
) -> Iterator[Stack]:
    """All processes except the services, which the tests share. `faults` (tests/webapp/faults.py): by process name."""
    port = free_port()
    names = {
        "web": ("web", "--port", str(port)),
        **{f"coordinator-{number}": ("worker", "--queue", "advance") for number in range(coordinators)},
        **{f"worker-{number}": ("worker", "--queue", "cpu") for number in range(workers)},
    }
    with Supervisor(logs) as supervisor:
        children = {}
        for name, arguments in names.items():
            fault = (faults or {}).get(name)
            manage = ("-m", "tests.webapp.faults", fault) if fault else (str(ROOT / "manage.py"),)
            command = (sys.executable, *manage, *arguments)
            child = Child(name=name, command=command, env={**env, **QUICK, "PYTHONPATH": str(ROOT)})
            children[name] = supervisor.start(child)
        running = Stack(port, session, children)
        wait_until(lambda: running.ask_patiently("/api/me"), 60, "the web server")
        yield running


def service_pid(name: str) -> int:
    """The main process of Postgres or Valkey, among the children of this process."""
    for pid in descendants(os.getpid()):
        words = command_line(pid)
        if words and SERVICES[name](words):
            return pid
    raise AssertionError(f"{name} does not run")
