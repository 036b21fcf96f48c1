"""Celery bodies, by names that are fixed for good: queued messages hold them. Rules live elsewhere.

The engine's torch half is imported inside the body that needs it: only workers load torch.
"""

import logging
import os
import shutil
import socket
from functools import partial
from pathlib import Path
from typing import Any

from celery import Task, shared_task
from celery.signals import task_postrun, task_prerun, worker_shutting_down
from django.conf import settings
from django.db import close_old_connections

from webapp.config import logs
from webapp.core.retry import CONNECTION_ERRORS, retry_until_connected
from webapp.datasets import uploads
from webapp.files.artifacts import RetryingFiles
from webapp.files.storage import Unreachable
from webapp.files.upload_parts import PartGone
from webapp.scheduling import leases
from webapp.scheduling.heartbeat import Heartbeat, leaving
from webapp.scheduling.leases import Lease
from webapp.scheduling.presence import WorkerIdentity
from webapp.searches import lifecycle
from webapp.worker.checkpoints import Checkpoints

logger = logging.getLogger(__name__)

REFUSED = "work %d is with another or no longer wanted: what came of it here is refused"


@worker_shutting_down.connect
def leave(**_: object) -> None:
    leaving.set()


@task_prerun.connect
def begin(task: "Task[..., Any]", args: list[str], **_: object) -> None:
    """What the queue itself says of a task, its failure above all, is about that search too."""
    if task.name == "espalier.advance":
        logs.bind(search=args[0])


@task_postrun.connect
def done(**_: object) -> None:
    logs.forget()


@shared_task(name="espalier.advance", ignore_result=True)
def advance(search_id: str) -> None:
    close_old_connections()  # one that died: the others are kept
    with logs.about(search=search_id):
        lifecycle.advance(search_id)


@shared_task(name="espalier.work", ignore_result=True)
def work(queue: str) -> None:
    """Item after item until nothing is left that this worker can do."""
    close_old_connections()
    asker = identify(queue)
    try:
        while not leaving.is_set() and (lease := leases.claim(asker)) is not None:
            with logs.about(search=lease.search, model=lease.model, upload=lease.upload):
                run_item(lease, asker)
    except CONNECTION_ERRORS as error:
        logger.warning("no work could be claimed: %s", error)  # the sweep wakes us again


def identify(queue: str) -> WorkerIdentity:
    """This process, as a worker."""
    from search.runtime.numerics import numerics

    machine = socket.gethostname()
    computes = numerics(settings.WORKER_DEVICE, settings.WORKER_THREADS)
    return WorkerIdentity(f"{machine}-{os.getpid()}", queue, computes, machine)


def run_item(lease: Lease, asker: WorkerIdentity) -> None:
    """One item: executed under a heartbeat, then its outcome, its failure, or the item itself is handed in."""
    from search.runtime.context import Context, Interrupted
    from search.runtime.execute import execute
    from search.runtime.failures import code_of, message_of
    from search.runtime.training.checkpoint import path_in

    scratch = Path(settings.SCRATCH_DIR) / f"work-{lease.work}"
    with Heartbeat(lease) as heartbeat:
        files = RetryingFiles(heartbeat.should_stop)
        checkpoints = Checkpoints(lease, path_in(scratch), files)
        context = Context(
            report=heartbeat.report,
            should_stop=heartbeat.should_stop,
            files=files,
            threads=settings.WORKER_THREADS,
            device=settings.WORKER_DEVICE,
            checkpoint=scratch,
            checkpointed=checkpoints.kept,
        )
        try:
            checkpoints.fetch()
            with uploads.at_hand(lease.payload, scratch, files.wait_for) as payload:
                outcome = execute(payload, context)
        except PartGone as error:  # no other try brings it back
            outcome = {"status": "refused", "why": str(error)}
        except (Interrupted, Unreachable, uploads.Gone):  # the second: told to stop while a file was waited for
            checkpoints.hand_on()
            if not retry_until_connected(partial(leases.release, lease)):
                logger.warning(REFUSED, lease.work)
            return
        except Exception as error:
            logger.exception("work %d raised", lease.work)
            retry_until_connected(partial(leases.fail, lease, code_of(error), message_of(error), asker.numerics))
            return
        if not retry_until_connected(partial(leases.complete, lease, outcome, asker.numerics)):
            logger.warning(REFUSED, lease.work)
            return  # the folder is the other's, if there is one
    shutil.rmtree(scratch, ignore_errors=True)
