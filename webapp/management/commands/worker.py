"""`manage.py worker --queue cpu|gpu|advance`: one Celery worker that does one thing at a time.

The one on `advance` is the coordinator: beside telling rounds it sweeps, for whatever a lost message left waiting.
"""

import logging
import os
import socket
import sys
import threading
import warnings
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from celery.exceptions import CPendingDeprecationWarning
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, connections

from webapp import tasks
from webapp.celery import app
from webapp.core import pokes
from webapp.scheduling import presence
from webapp.scheduling.presence import SEEN_SECONDS
from webapp.searches import lifecycle
from webapp.worker import garbage_collection

logger = logging.getLogger(__name__)

QUEUES = ("cpu", "gpu", "advance")


class Command(BaseCommand):
    help = "Run a worker: cpu or gpu for training, advance for the coordinator."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", choices=QUEUES, required=True, help="the work that this process takes")

    def handle(self, *args: Any, queue: str, **options: Any) -> None:
        if queue == "gpu":
            settings.WORKER_DEVICE = "cuda"
        # One thread works here, so its connection is kept, and asked before a task whether it still is one.
        connections.settings["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
        pokes.start()
        if queue == "advance":
            _again_and_again(lifecycle.sweep, settings.SWEEP_SECONDS)
        else:
            _again_and_again(lambda: presence.record_presence(tasks.identify(queue)), SEEN_SECONDS / 3)
        _again_and_again(
            garbage_collection.sweep if queue == "advance" else garbage_collection.sweep_here,
            settings.FILES_SWEEP_SECONDS,
        )
        # Said at each loss of the broker, of a setting that is what we mean it to be.
        warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
        worker = app.Worker(
            queues=[queue],
            hostname=f"{queue}-{os.getpid()}@{socket.gethostname()}",
            without_gossip=True,  # workers have nothing to say to one another
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        sys.exit(worker.exitcode)


def _again_and_again(sweep: Callable[[], None], seconds: float) -> None:
    """In a thread of its own. One that fails, as when Postgres is away, is no reason not to try the next."""

    def run() -> None:
        pause = threading.Event()
        while True:
            try:
                try:
                    sweep()
                finally:
                    connection.close()  # it would be stale by the next time
            except Exception:
                logger.exception("A sweep failed; the next is in %g s", seconds)
            pause.wait(seconds)

    threading.Thread(target=run, name=sweep.__name__, daemon=True).start()
