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
from typing import Any

from celery.exceptions import CPendingDeprecationWarning
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from webapp import searches
from webapp.celery import app

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
        if queue == "advance":
            threading.Thread(target=sweep_for_ever, name="sweep", daemon=True).start()
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


def sweep_for_ever() -> None:
    """One failed sweep, as when Postgres is away, is no reason not to try the next."""
    pause = threading.Event()
    while True:
        try:
            close_old_connections()
            searches.sweep()
        except Exception:
            logger.exception("A sweep failed; the next is in %g s", settings.SWEEP_SECONDS)
        pause.wait(settings.SWEEP_SECONDS)
