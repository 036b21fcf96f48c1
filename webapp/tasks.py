"""The bodies of Celery tasks. Their names must not change while messages are queued.

search.runtime is imported inside functions, so that only workers load torch.
"""

import logging
import os
import shutil
import socket
from functools import cache, partial
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
from webapp.files.upload_parts import PartMissing
from webapp.scheduling import leases
from webapp.scheduling.heartbeat import Heartbeat, shutting_down
from webapp.scheduling.leases import Lease
from webapp.scheduling.presence import WorkerIdentity, worker_name
from webapp.searches.coordinator import Coordinator
from webapp.worker.checkpoints import Checkpoints

logger = logging.getLogger(__name__)

LOST = "work %d: the lease was lost or the work is no longer needed; its result is discarded"


@cache
def coordinator() -> Coordinator:
    """That of this process."""
    return Coordinator()


@worker_shutting_down.connect
def begin_shutdown(**_: object) -> None:
    shutting_down.set()


@task_prerun.connect
def bind_search(task: "Task[..., Any]", args: list[str], **_: object) -> None:
    """Celery's own log lines on the task, such as its failure, name the search too."""
    if task.name == "espalier.advance":
        logs.bind(search=args[0])


@task_postrun.connect
def clear_subject(**_: object) -> None:
    logs.clear()


@shared_task(name="espalier.advance", ignore_result=True)
def advance(search_id: str) -> None:
    coordinator().ask(search_id)


@shared_task(name="espalier.work", ignore_result=True)
def work(queue: str) -> None:
    """Runs items until there is none left that this worker can do."""
    close_old_connections()
    worker = identify(queue)
    try:
        while not shutting_down.is_set() and (lease := leases.claim(worker)) is not None:
            with logs.bound(search=lease.search, model=lease.model, upload=lease.upload):
                run_item(lease, worker)
    except CONNECTION_ERRORS as error:
        logger.warning("no work could be claimed: %s", error)  # the next sweep wakes this worker again


def identify(queue: str) -> WorkerIdentity:
    """The identity of this worker process."""
    from search.runtime.numerics import numerics

    machine = socket.gethostname()
    return WorkerIdentity(
        name=worker_name(machine, os.getpid()),
        queue=queue,
        numerics=numerics(settings.WORKER_DEVICE, settings.WORKER_THREADS),
        machine=machine,
    )


def run_item(lease: Lease, worker: WorkerIdentity) -> None:
    """Executes one item under a heartbeat, then completes it, counts a failure, or releases it."""
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
            checkpointed=checkpoints.on_saved,
        )
        try:
            checkpoints.restore()
            try:
                with uploads.prepared_payload(lease.payload, scratch, files.wait_for) as payload:
                    outcome = execute(payload, context)
            except PartMissing as error:  # another try would not find it either
                outcome = {"status": "refused", "why": str(error)}
            completed = retry_until_connected(partial(leases.complete, lease, outcome, worker.numerics))
        except (Interrupted, Unreachable, uploads.UploadCancelled):
            # The work should stop. Unreachable is raised for that reason too, while waiting for the store.
            checkpoints.upload()
            if not retry_until_connected(partial(leases.release, lease)):
                logger.warning(LOST, lease.work)
            return
        except Exception as error:
            logger.exception("work %d raised", lease.work)
            retry_until_connected(partial(leases.fail, lease, code_of(error), message_of(error), worker.numerics))
            return
        if not completed:
            logger.warning(LOST, lease.work)
            return  # another worker may be using the scratch folder
    shutil.rmtree(scratch, ignore_errors=True)
