"""`manage.py worker --queue cpu|gpu|advance`: one Celery worker that runs one task at a time.

The worker on `advance` is the coordinator: its tasks ask for turns of searches, which threads take
(webapp/searches/coordinator.py), and it sweeps in case a message was lost.
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
from webapp.searches import sweep
from webapp.worker import garbage_collection

logger = logging.getLogger(__name__)

QUEUES = ("cpu", "gpu", "advance")


class Command(BaseCommand):
    help = "Run a worker: cpu or gpu for training, advance for the coordinator."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queue", choices=QUEUES, required=True, help="the queue that this worker serves")

    def handle(self, *args: Any, queue: str, **options: Any) -> None:
        if queue == "gpu":
            settings.WORKER_DEVICE = "cuda"
        # Few threads run tasks and turns, so their connections are kept, and checked before each.
        connections.settings["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
        pokes.start()
        if queue == "advance":
            _repeat(sweep.sweep, settings.SWEEP_SECONDS)
        else:
            _repeat(lambda: presence.record_presence(tasks.identify(queue)), SEEN_SECONDS / 3)
        _repeat(
            garbage_collection.sweep if queue == "advance" else garbage_collection.sweep_local,
            settings.FILES_SWEEP_SECONDS,
        )
        # Celery warns at each loss of the broker about a setting that is intended.
        warnings.filterwarnings("ignore", category=CPendingDeprecationWarning)
        worker = app.Worker(
            queues=[queue],
            hostname=f"{queue}-{os.getpid()}@{socket.gethostname()}",
            without_gossip=True,  # workers do not communicate with each other
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        sys.exit(worker.exitcode)


def _repeat(action: Callable[[], None], seconds: float) -> None:
    """Calls the action in a thread, again every so many seconds. Exceptions are logged: Postgres may be away."""

    def run() -> None:
        pause = threading.Event()
        while True:
            try:
                try:
                    action()
                finally:
                    connection.close()  # it could be stale by the next call
            except Exception:
                logger.exception("A periodic task failed; the next try is in %g s", seconds)
            pause.wait(seconds)

    threading.Thread(target=run, name=action.__name__, daemon=True).start()
