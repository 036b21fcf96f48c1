"""A training's checkpoint, handed on through the store, so that it goes on where another machine left it.

The worker's own folder has each epoch's; the store has the last of every CHECKPOINT_SECONDS, and the one at which a
worker was told to end. That one could not be handed on is no reason to end a training.
"""

import contextlib
import logging
import shutil
import time
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection

from webapp.core.retry import CONNECTION_ERRORS, retry_until_connected
from webapp.files import artifacts, references, storage
from webapp.files.artifacts import Damaged, RetryingFiles
from webapp.files.storage import AccessDenied, StoreError
from webapp.models.enums import WorkKind
from webapp.scheduling.leases import Lease

logger = logging.getLogger(__name__)

TROUBLE = (OSError, StoreError, *CONNECTION_ERRORS)  # a full disk, a store or a database that is away


class Checkpoints:
    def __init__(self, lease: Lease, path: Path, files: RetryingFiles) -> None:
        self.lease = lease
        self.files = files
        self.path = path  # where the training keeps its own
        self._mark = path.with_name("handed-on")  # which of the store's checkpoints our own goes on from, or is
        self._due = time.monotonic() + settings.CHECKPOINT_SECONDS
        self._fresh = False  # ours is newer than the store's

    def fetch(self) -> None:
        """Puts the store's checkpoint in place, unless our own goes on from it. Waits for the store."""
        if self.lease.kind is not WorkKind.FINAL:
            return
        try:
            sha256 = retry_until_connected(lambda: references.checkpoint_of(self.lease.work))
            if sha256 is None or (self.path.exists() and self._marked() == sha256):
                return
            source = self.files.path_of(sha256)
            with storage.temporary(self.path.parent) as copy:
                shutil.copyfile(source, copy)
                copy.replace(self.path)
            self._mark.write_text(sha256)
            logger.info("work %d goes on from the checkpoint in the store", self.lease.work)
        except (OSError, AccessDenied, Damaged) as error:
            self._say(error)

    def kept(self) -> None:
        """The training has written its checkpoint: handed on if it is time."""
        self._fresh = True
        if time.monotonic() >= self._due:
            self.hand_on()

    def hand_on(self) -> None:
        """The newest, if the store has not got it."""
        if not self._fresh:
            return
        try:
            before: list[str | None] = []
            use = partial(references.replace_checkpoint, self.lease.work, self.lease.token)
            sha256 = artifacts.put(self.path, lambda sha256: before.append(use(sha256)))
            self._mark.write_text(sha256)
            self._fresh = False
            if before[0] is not None:
                artifacts.discard(before[0])
        except TROUBLE as error:
            self._say(error)
        self._due = time.monotonic() + settings.CHECKPOINT_SECONDS

    def _marked(self) -> str | None:
        try:
            return self._mark.read_text()
        except FileNotFoundError:
            return None

    def _say(self, error: Exception) -> None:
        logger.warning("work %d goes on without the store's checkpoint: %s", self.lease.work, error)
        if isinstance(error, CONNECTION_ERRORS):
            with contextlib.suppress(Exception):
                connection.close()
