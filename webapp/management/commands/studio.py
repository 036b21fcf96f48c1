"""`manage.py studio`: everything in one command, and nothing left when it ends. What `make run` comes to."""

import fcntl
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from webapp import firstrun
from webapp.management.commands.web import listen
from webapp.processes import die_with_parent
from webapp.processes.services import ServiceError
from webapp.processes.supervisor import Child, Supervisor

READY_SECONDS = 60.0
WORKERS, WEB = 1, 2  # stages after the services': stopping goes from the last to the first
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))


class Command(BaseCommand):
    help = "Run the whole studio: database, queue, coordinator, workers and web server."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--workers", type=int, default=1, help="how many processes train")
        parser.add_argument("--with-parent", action="store_true", help="end when what started this ends")

    def handle(self, *args: Any, host: str, port: int, workers: int, with_parent: bool, **options: Any) -> None:
        if with_parent:
            die_with_parent.arm(os.getppid(), signal.SIGTERM)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            with (
                _alone(settings.VAR_DIR),
                _listening(host, port) as listener,
                Supervisor(settings.LOG_DIR, self._say) as children,
            ):
                self._run(children, listener, workers)
        except KeyboardInterrupt:
            self._say("Stopped.")
        except ServiceError as error:
            raise CommandError(str(error)) from None

    def _run(self, children: Supervisor, listener: socket.socket, workers: int) -> NoReturn:
        self._say("Starting ...")
        # It loads while the database starts, and nobody knows its address yet.
        children.start(_web(listener))
        postgres, valkey = settings.EMBEDDED_POSTGRES, settings.EMBEDDED_VALKEY
        settings.EMBEDDED.start(children, postgres=postgres, valkey=valkey)
        call_command("migrate", verbosity=0, interactive=False)
        token = firstrun.ensure()
        connection.close()
        host, port = listener.getsockname()[:2]
        _wait_for_answer(host, port)

        queue = "gpu" if has_gpu() else "cpu"
        address = f"http://{_for_browsers(host)}:{port}"
        self._say(f"\n  Espalier is at {address}   (training on the {queue.upper()}; Ctrl-C stops it)")
        if token:
            self._say(f"  Sign in, once: {address}/sign-in/{token}\n")
        children.start(_worker("coordinator", "advance"))
        for number in range(1, workers + 1):
            children.start(_worker("worker" if workers == 1 else f"worker-{number}", queue))
        while True:
            signal.pause()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def has_gpu() -> bool:
    """Asked of the driver's own tool: this process never loads torch."""
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        found = subprocess.run(("nvidia-smi", "-L"), capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0 and "GPU " in found.stdout


def _web(listener: socket.socket) -> Child:
    fd = listener.fileno()
    return Child(name="web", command=(*MANAGE, "web", "--fd", str(fd)), fds=(fd,), stage=WEB)


def _worker(name: str, queue: str) -> Child:
    threads = str(settings.WORKER_THREADS)
    return Child(
        name=name,
        command=(*MANAGE, "worker", "--queue", queue),
        env={"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads},
        stage=WORKERS,
        patience=4,  # a running item gets that long to hand itself back; the next start takes it up either way
    )


@contextmanager
def _alone(var: Path) -> Iterator[None]:
    """One studio for a var/. The kernel frees the lock when this process ends, in whatever way."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "studio.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(f"A studio is running on {var} (process {lock.read().strip()}).") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket is opened here and handed to the web server: while that one starts again, browsers wait in line."""
    try:
        listener = listen(host, port)
    except CommandError:
        time.sleep(2)  # a studio that was killed a moment ago still has it
        listener = listen(host, port)
    with listener:
        yield listener


def _wait_for_answer(host: str, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        asked = http.client.HTTPConnection(_for_browsers(host).strip("[]"), port, timeout=deadline - time.monotonic())
        try:
            asked.request("GET", "/healthz", headers={"Host": "localhost"})
            if asked.getresponse().status == 200:
                return
        except OSError:
            pass  # it ended while we waited in line; the supervisor starts it again
        finally:
            asked.close()
        time.sleep(0.2)
    raise ServiceError(f"The web server did not answer within {READY_SECONDS:g} s. See {settings.LOG_DIR / 'web.log'}")


def _for_browsers(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Once: what follows is the stopping, which is not to be interrupted."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
