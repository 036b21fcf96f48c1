"""`manage.py studio` as a person uses it: its link, its pages, restarts, and no process left behind."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.studio import ROOT, Studio
from tests.processes import descendants, free_port, is_alive, memory, wait_until

pytestmark = pytest.mark.spine


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio") / "var"


@pytest.fixture(scope="class")
def studio(var: Path) -> Iterator[Studio]:
    """A studio without workers, so that the sample search costs nothing."""
    studio = Studio(var, free_port(), "--workers", "0")
    try:
        studio.link()
        yield studio
    finally:
        studio.process.terminate()
        studio.process.wait(20)


class TestWhileItRuns:
    def test_the_link_signs_in_and_the_web_process_stays_small(self, studio: Studio) -> None:
        assert studio.get("/healthz")[0] == 200
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(studio.link(), timeout=20) as answer:
            assert "/sign-in/" not in answer.url and "/login" not in answer.url
        with opener.open(f"http://127.0.0.1:{studio.port}/api/me", timeout=20) as answer:
            assert answer.status == 200

        web = studio.child("web")
        assert memory(web) < 200_000_000
        assert "libtorch" not in Path(f"/proc/{web}/maps").read_text()

    def test_a_second_studio_ends_with_a_message_that_one_is_running(self, studio: Studio) -> None:
        second = Studio(studio.var, free_port())
        assert second.process.wait(30) == 1
        assert f"A studio already runs on {studio.var} (process {studio.process.pid})." in second.text

    def test_a_taken_port_ends_the_start_with_a_message(self, studio: Studio, tmp_path: Path) -> None:
        second = Studio(tmp_path / "var", studio.port)
        assert second.process.wait(30) == 1
        assert f"Port {studio.port} is taken. Choose another: make run PORT={studio.port + 1}" in second.text

    def test_the_web_server_is_restarted_while_browsers_wait(self, studio: Studio) -> None:
        web = studio.child("web")
        with socket.create_connection(("127.0.0.1", studio.port)):  # requests are answered all the time
            pass
        os.kill(web, signal.SIGKILL)
        wait_until(lambda: not is_alive(web), 5, "its end")
        assert studio.get("/healthz")[0] == 200


def test_ctrl_c_ends_all_processes(var: Path) -> None:
    studio = Studio(var, free_port())
    studio.link()
    below = descendants(studio.process.pid)
    assert len(below) > 4  # the database, the queue, the web server, the coordinator and a worker
    studio.process.send_signal(signal.SIGINT)
    assert studio.process.wait(20) == 0
    assert not any(map(is_alive, below))
    assert studio.text.endswith("Stopped.\n")


def test_a_signal_that_the_kernel_gives_to_another_thread_ends_the_studio(var: Path) -> None:
    studio = Studio(var, free_port(), "--workers", "0")
    studio.link()
    below = descendants(studio.process.pid)
    thread = max(int(task.name) for task in Path(f"/proc/{studio.process.pid}/task").iterdir())
    assert thread != studio.process.pid
    assert ctypes.CDLL(None).tgkill(studio.process.pid, thread, signal.SIGTERM) == 0
    assert studio.process.wait(20) == 0
    assert not any(map(is_alive, below))


def test_a_signal_during_a_destructor_ends_the_studio(var: Path) -> None:
    """Python drops what is raised there, so the exception of the signal's handler."""
    environment = {**os.environ, "ESPALIER_VAR": str(var), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_DESTRUCTOR], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert (done.stdout, done.returncode) == ("ended\n", 0), done.stderr
    assert "Exception ignored" in done.stderr


INTERRUPTED_DESTRUCTOR = """
import os, signal, django
django.setup()
from webapp.management.commands import studio

class Interrupted:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

with studio._interrupts() as interrupts:
    interrupted = Interrupted()
    del interrupted
    try:
        studio._wait_for(interrupts)
    except KeyboardInterrupt:
        print("ended")
"""


def test_a_kill_leaves_no_process_and_does_not_block_the_next_start(var: Path) -> None:
    first = Studio(var, port := free_port())
    first.link()
    below = descendants(first.process.pid)
    assert len(below) > 4
    first.process.kill()
    first.process.wait()

    second = Studio(var, port)  # at once, on the same port and the same folder
    second.link()
    second.process.terminate()
    assert second.process.wait(20) == 0
    assert not any(map(is_alive, below))
