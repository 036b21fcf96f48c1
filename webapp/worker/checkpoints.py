"""Copies of a training's checkpoint in the file store, so that another machine can continue the training.

The worker's own folder has a checkpoint of each epoch. The store gets one every CHECKPOINT_SECONDS, and one when the
worker is asked to stop. A checkpoint that cannot be stored is logged; the training continues.
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
from webapp.models.kinds import FINAL
from webapp.scheduling.leases import Lease

logger = logging.getLogger(__name__)

UPLOAD_ERRORS = (OSError, StoreError, *CONNECTION_ERRORS)  # a full disk, a store or database that is away


class Checkpoints:
    def __init__(self, lease: Lease, path: Path, files: RetryingFiles) -> None:
        self.lease = lease
        self.files = files
        self.path = path  # where the training writes its checkpoint
        self._stored_hash_file = path.with_name("stored-checkpoint")  # the stored checkpoint that the local one follows
        self._next_upload = time.monotonic() + settings.CHECKPOINT_SECONDS
        self._changed = False  # the local checkpoint is newer than the stored one

    def restore(self) -> None:
        """Copies the stored checkpoint to `path`, unless the local one follows it. Waits for the store."""
        if self.lease.kind != FINAL and not self.lease.payload.get("checkpoint"):  # as finalists of a search have it
            return
        try:
            sha256 = retry_until_connected(lambda: references.checkpoint_of(self.lease.work))
            if sha256 is None or (self.path.exists() and self._stored_hash() == sha256):
                return
            source = self.files.path_of(sha256)
            with storage.temporary(self.path.parent) as copy:
                shutil.copyfile(source, copy)
                copy.replace(self.path)
            self._stored_hash_file.write_text(sha256)
            logger.info("work %d continues from the stored checkpoint", self.lease.work)
        except (OSError, AccessDenied, Damaged) as error:
            self._log_failure(error)

    def on_saved(self) -> None:
        """Called when the training has written its checkpoint. Uploads it if CHECKPOINT_SECONDS have passed."""
        self._changed = True
        if time.monotonic() >= self._next_upload:
            self.upload()

    def upload(self) -> None:
        """Stores the local checkpoint in place of the previous one, if it has changed."""
        if not self._changed:
            return
        try:
            previous: list[str | None] = []
            use = partial(references.replace_checkpoint, self.lease.work, self.lease.token)
            sha256 = artifacts.put(self.path, lambda sha256: previous.append(use(sha256)))
            self._stored_hash_file.write_text(sha256)
            self._changed = False
            if previous[0] is not None:
                artifacts.discard(previous[0])
        except UPLOAD_ERRORS as error:
            self._log_failure(error)
        self._next_upload = time.monotonic() + settings.CHECKPOINT_SECONDS

    def _stored_hash(self) -> str | None:
        try:
            return self._stored_hash_file.read_text()
        except FileNotFoundError:
            return None

    def _log_failure(self, error: Exception) -> None:
        logger.warning("work %d continues without the stored checkpoint: %s", self.lease.work, error)
        if isinstance(error, CONNECTION_ERRORS):
            with contextlib.suppress(Exception):
                connection.close()
