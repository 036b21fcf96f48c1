"""Child processes are restarted, stopped in order, and end with their parent."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.processes import descendants, is_alive, wait_until
from webapp.processes.supervisor import Child, Supervisor

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, shown: list[str]) -> Iterator[Supervisor]:
    with Supervisor(tmp_path / "log", shown.append) as running:
        yield running


def python(name: str, code: str, **rest: Any) -> Child:
    return Child(name=name, command=(sys.executable, "-u", "-c", code), **rest)


FOR_EVER = "import time; print('up'); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(600)"


def log_says(tmp_path: Path, name: str, text: str) -> bool:
    file = tmp_path / "log" / f"{name}.log"
    return file.exists() and text in file.read_text()


def test_a_dead_child_is_started_again(supervisor: Supervisor, shown: list[str]) -> None:
    keeper = supervisor.start(python("child", FOR_EVER))
    wait_until(lambda: keeper.pid, 10, "start")
    first = keeper.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: keeper.pid not in (None, first), 10, "second start")
    assert shown and shown[0].startswith("child: ended (SIGKILL); restarting in 0.2 s")


def test_restarts_of_a_child_that_dies_early_are_delayed_longer_each_time(
    supervisor: Supervisor, shown: list[str]
) -> None:
    supervisor.start(python("child", "raise SystemExit(3)"))
    wait_until(lambda: len(shown) >= 3, 20, "three deaths")
    assert [line.split(" restarting in ")[1].split(" s.")[0] for line in shown[:3]] == ["0.2", "0.4", "0.8"]
    assert "(code 3)" in shown[0]


def test_a_child_that_cannot_start_is_tried_again(
    supervisor: Supervisor, shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr("webapp.processes.supervisor.subprocess.Popen", _no_memory)
        keeper = supervisor.start(python("child", FOR_EVER))
        wait_until(lambda: shown, 10, "a refusal")
    assert shown[0].startswith("child: ended (could not start: no memory); restarting in 0.2 s")
    wait_until(lambda: keeper.pid, 10, "start")


def _no_memory(*_: object, **__: object) -> None:
    raise OSError("no memory")


def test_all_output_is_logged_and_only_errors_are_shown_in_the_terminal(
    supervisor: Supervisor, shown: list[str], tmp_path: Path
) -> None:
    lines = (
        "2026-01-01 00:00:00,000 INFO a: fine",
        "2026-01-01 00:00:01,000 ERROR a: broken",
        "Traceback (most recent call last):",
        "  a line of it",
        "2026-01-01 00:00:02,000 INFO a: fine again",
    )
    supervisor.start(python("child", f"import time; print({chr(10).join(lines)!r}); time.sleep(600)"))
    wait_until(lambda: log_says(tmp_path, "child", "fine again"), 10, "the last line")
    assert shown == [f"child: {line}" for line in lines[1:4]]


def test_the_last_stage_stops_first(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    code = """
import signal, sys, time
def end(*_):
    with open({ends!r}, 'a') as file: file.write({name!r} + ' ')
    sys.exit()
signal.signal(signal.SIGTERM, end); print('up'); time.sleep(600)
"""
    with Supervisor(tmp_path / "log") as running:
        for stage, name in enumerate(("database", "worker", "web")):
            running.start(python(name, code.format(ends=str(ends), name=name), stage=stage))
        for name in ("database", "worker", "web"):
            wait_until(lambda name=name: log_says(tmp_path, name, "up"), 10, name)  # type: ignore[misc]
    assert ends.read_text() == "web worker database "


def test_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    with Supervisor(tmp_path / "log") as running:
        keeper = running.start(python("child", STUBBORN, grace_seconds=0.3))
        wait_until(lambda: log_says(tmp_path, "child", "up"), 10, "start")
        pid = keeper.pid
    assert pid is not None and not is_alive(pid)


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from webapp.processes.supervisor import Child, Supervisor
running = Supervisor(Path({str(tmp_path / "log")!r}))
for name, code in (("easy", {FOR_EVER!r}), ("stubborn", {STUBBORN!r})):
    running.start(Child(name=name, command=(sys.executable, "-u", "-c", code)))
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:
        for name in ("easy", "stubborn"):
            wait_until(lambda name=name: log_says(tmp_path, name, "up"), 20, name)  # type: ignore[misc]
        children = descendants(parent.pid)
        assert len(children) == 2
        parent.kill()
        wait_until(lambda: not any(map(is_alive, children)), 5, "their end")
