"""Content-addressed files: each is stored once under the SHA-256 of its content, and never changes.

A file is written to a temporary name, flushed, hashed and moved into the store, and then gets its row, under a lock per
hash. A process killed in between leaves at worst a stray file. Reading a file checks its hash.
"""

import contextlib
import logging
import os
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from search.base.files import sha256_of
from webapp.core import clock
from webapp.core.errors import Conflict
from webapp.core.retry import retry_until_connected
from webapp.core.transactions import short_transaction
from webapp.files import cache, storage
from webapp.files.storage import CHUNK, Unreachable
from webapp.models import Artifact

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Damaged(Conflict):
    """The file has changed since it was stored, or is missing."""


class RetryingFiles:
    """The files of `search.runtime` (search/runtime/context.py, `Files`).

    Waits while the database or the store cannot be reached, since that is no failure of the work. Raises Unreachable
    once the work should stop.
    """

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop

    def put(self, path: Path) -> str:
        return self.wait_for(lambda: put(path))

    def path_of(self, sha256: str) -> Path:
        return self.wait_for(lambda: verified_path(sha256))

    def wait_for(self, action: Callable[[], T]) -> T:
        pause = threading.Event()
        while True:
            try:
                return retry_until_connected(action)
            except Unreachable as error:
                if self._should_stop():
                    raise
                logger.warning("trying again: %s", error)
                pause.wait(settings.RENEW_SECONDS)


def put(source: Path, use: Callable[[str], None] | None = None) -> str:
    """Stores a copy of the file and returns its SHA-256. Equal content is stored once.

    `use` is called with the hash in the same transaction, to record what uses the file. A file without a use is kept
    for UNUSED_SECONDS.
    """
    store = storage.store()
    with storage.temporary(store.spool) as copy:
        with source.open("rb") as origin, copy.open("wb") as file:
            shutil.copyfileobj(origin, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        sha256, size = sha256_of(copy), copy.stat().st_size
        name = name_of(sha256)
        local = store.local_path(name)
        # What may take long comes before the lock. Storing the same content twice does no harm.
        stamp = None
        if local is None:
            store.put(copy, name)
        else:
            stamp = _verified_stamp(local, sha256)
        with short_transaction():
            lock(sha256)
            intact = store.exists(name) if local is None else stamp is not None and _stamp(local) == stamp
            if not intact:
                store.put(copy, name)
            Artifact.objects.update_or_create(sha256=sha256, defaults={"bytes": size, "created_at": Now()})
            if use is not None:
                use(sha256)
        if local is None:
            with contextlib.suppress(OSError):  # the cached copy only saves a download
                cache.insert(copy, sha256)
    return sha256


def verified_path(sha256: str) -> Path:
    """The file on this machine, after its content was hashed and compared. Raises Damaged, storage.Unreachable."""
    local = storage.store().local_path(name_of(sha256))
    if local is None:
        return _cached_copy(sha256)
    try:
        if sha256_of(local) != sha256:
            raise Damaged(f"The file {sha256[:12]} has changed since it was stored.")
    except FileNotFoundError:
        raise Damaged(f"The file {sha256[:12]} is missing from the store.") from None
    return local


def open_verified(sha256: str) -> BinaryIO:
    """The file, open for reading, which stays readable if it is deleted. Raises Damaged, storage.Unreachable."""
    return verified_path(sha256).open("rb")


def discard(sha256: str, unused_for: float = 0.0) -> bool:
    """Deletes the file if nothing uses it and it was last stored at least `unused_for` seconds ago. Whether it did.

    The row is deleted before the file, in a transaction of its own: a process killed in between leaves a stray file,
    never a row without a file.
    """
    with short_transaction():
        lock(sha256)
        row = (
            Artifact.objects.select_for_update().filter(pk=sha256).first()
        )  # waits for a transaction that is recording a use
        if row is not None:
            if row.uses.exists() or row.created_at > clock.now() - timedelta(seconds=unused_for):
                return False
            row.delete()
    with short_transaction():
        lock(sha256)
        if Artifact.objects.filter(pk=sha256).exists():
            return False  # it was just stored again
        storage.store().delete(name_of(sha256))
    return True


def name_of(sha256: str) -> str:
    """The file's name in the store."""
    return f"{sha256[:2]}/{sha256}"


def lock(sha256: str) -> None:
    """Keeps others from storing or deleting this file until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])


def _verified_stamp(path: Path, sha256: str) -> tuple[int, int] | None:
    """The file's stamp if its content has this hash; None if it differs or the file is missing."""
    stamp = _stamp(path)
    try:
        return stamp if stamp is not None and sha256_of(path) == sha256 else None
    except FileNotFoundError:
        return None


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size in bytes and time of the last change: while both stay the same, so does the content."""
    try:
        info = path.stat()
    except FileNotFoundError:
        return None
    return info.st_size, info.st_mtime_ns


def _cached_copy(sha256: str) -> Path:
    """A local copy of a file in an object store, downloaded if needed."""
    path = cache.path_of(sha256)
    with contextlib.suppress(FileNotFoundError):
        if sha256_of(path) == sha256:
            cache.touch(path)
            return path
    store = storage.store()
    with storage.temporary(store.spool) as copy:
        try:
            with copy.open("wb") as file:
                for chunk in store.chunks(name_of(sha256)):
                    file.write(chunk)
        except FileNotFoundError:
            raise Damaged(f"The file {sha256[:12]} is missing from the store.") from None
        if sha256_of(copy) != sha256:
            raise Damaged(f"The file {sha256[:12]} has changed since it was stored.")
        return cache.insert(copy, sha256)
