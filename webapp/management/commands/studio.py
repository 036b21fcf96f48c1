"""`manage.py studio`: runs all processes of a studio, and stops them all when it ends. `make run` calls it."""

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

from search.base.files import write_whole
from webapp import firstrun
from webapp.management.commands.web import listen
from webapp.processes import die_with_parent
from webapp.processes.services import ServiceError
from webapp.processes.supervisor import Child, Supervisor

READY_SECONDS = 60.0
WORKERS, WEB = 1, 2  # stages of Child; services have stage 0 and are stopped last
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))


class Command(BaseCommand):
    help = "Run the whole studio: database, queue, coordinator, workers and web server."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=settings.HOST)
        parser.add_argument("--port", type=int, default=settings.PORT)
        parser.add_argument("--workers", type=int, default=1, help="number of worker processes")
        parser.add_argument(
            "--with-parent", action="store_true", help="stop when the process that started this one ends"
        )

    def handle(self, *args: Any, host: str, port: int, workers: int, with_parent: bool, **options: Any) -> None:
        if with_parent:
            die_with_parent.arm(os.getppid(), signal.SIGTERM)
        try:
            with (
                _interrupts() as interrupts,
                _exclusive(settings.VAR_DIR),
                _listening(host, port) as listener,
                Supervisor(settings.LOG_DIR, self._print) as children,
            ):
                self._run(children, listener, workers, interrupts)
        except KeyboardInterrupt:
            self._print("Stopped.")
        except ServiceError as error:
            raise CommandError(str(error)) from None

    def _run(self, children: Supervisor, listener: socket.socket, workers: int, interrupts: socket.socket) -> NoReturn:
        self._print("Starting ...")
        # The web server loads while the database starts; nobody knows its address yet.
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
        write_whole(settings.ADDRESS_FILE, address.encode())
        self._print(f"\n  Espalier is at {address}   (training on the {queue.upper()}; Ctrl-C stops it)")
        if token:
            self._print(f"  One-time sign-in link: {address}/sign-in/{token}\n")
        children.start(_worker("coordinator", "advance"))
        for number in range(1, workers + 1):
            children.start(_worker("worker" if workers == 1 else f"worker-{number}", queue))
        _wait_for(interrupts)

    def _print(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def has_gpu() -> bool:
    """Whether nvidia-smi lists a GPU. This process never loads torch."""
    if shutil.which("nvidia-smi") is None:
        return False
    try:
        listing = subprocess.run(("nvidia-smi", "-L"), capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return listing.returncode == 0 and "GPU " in listing.stdout


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
        grace_seconds=4,  # time to release the running item; otherwise its lease runs out and it is repeated
    )


@contextmanager
def _interrupts() -> Iterator[socket.socket]:
    """Makes signals interrupt this process. The socket receives a byte per signal.

    The kernel may deliver a signal to any thread. `signal.pause` in the main thread would then go on waiting, and the
    handler, which runs only there, would never be called.
    """
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)
        signal.set_wakeup_fd(writer.fileno())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _interrupt)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(-1)


def _wait_for(interrupts: socket.socket) -> NoReturn:
    """Waits for a signal. The exception that its handler raises is lost where it interrupts a destructor."""
    interrupts.recv(1)
    raise KeyboardInterrupt


@contextmanager
def _exclusive(var: Path) -> Iterator[None]:
    """Allows one studio per var/ folder. The kernel frees the lock when this process ends, for whatever reason."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "studio.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(f"A studio already runs on {var} (process {lock.read().strip()}).") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """Opens the web server's socket in this process, so that connections wait while the web server restarts."""
    try:
        listener = listen(host, port)
    except CommandError:
        time.sleep(2)  # a studio that was just killed may still hold the port
        listener = listen(host, port)
    with listener:
        yield listener


def _wait_for_answer(host: str, port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        request = http.client.HTTPConnection(_for_browsers(host).strip("[]"), port, timeout=deadline - time.monotonic())
        try:
            request.request("GET", "/healthz", headers={"Host": "localhost"})
            if request.getresponse().status == 200:
                return
        except OSError:
            pass  # the web server ended; the supervisor restarts it
        finally:
            request.close()
        time.sleep(0.2)
    raise ServiceError(f"The web server did not answer within {READY_SECONDS:g} s. See {settings.LOG_DIR / 'web.log'}")


def _for_browsers(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1" if host == "0.0.0.0" else "[::1]"
    return f"[{host}]" if ":" in host else host


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    """Starts the shutdown. Further signals are ignored, so that they do not interrupt it."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    raise KeyboardInterrupt
