"""Content-addressed files: a file is stored under the SHA-256 of its content, once, and never changes.

Written to a temporary name, flushed, hashed, stored whole, and only then given its row, under one lock a hash; so a
kill at any moment leaves a stray file at worst. A file whose hash differs from its name is an error that says so.
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
    """The file is not what it was when it was stored, or is gone."""


class RetryingFiles:
    """What `search.runtime` hands its files to (search/runtime/context.py, `Files`).

    A database or a store that is away is no failure of the work: it waits for them. Raises Unreachable once the work
    is to stop.
    """

    def __init__(self, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop

    def put(self, path: Path) -> str:
        return self.wait_for(lambda: put(path))

    def path_of(self, sha256: str) -> Path:
        return self.wait_for(lambda: verified(sha256))

    def wait_for(self, act: Callable[[], T]) -> T:
        pause = threading.Event()
        while True:
            try:
                return retry_until_connected(act)
            except Unreachable as error:
                if self._should_stop():
                    raise
                logger.warning("trying again: %s", error)
                pause.wait(settings.RENEW_SECONDS)


def put(source: Path, use: Callable[[str], None] | None = None) -> str:
    """Stores a copy of the file; the same content twice is stored once. Its SHA-256.

    What has no use yet is left alone for a day; `use` writes one before a sweep can come.
    """
    store = storage.store()
    with storage.temporary(store.spool) as copy:
        with source.open("rb") as origin, copy.open("wb") as file:
            shutil.copyfileobj(origin, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        sha256, size = sha256_of(copy), copy.stat().st_size
        name = name_of(sha256)
        there = store.local(name)
        seen = None
        if there is None:
            store.take_in(copy, name)  # before the lock, for it may take long, and twice the same does no harm
        else:
            seen = _seen_whole(there, sha256)  # as above: a slow disk is no moment
        with short_transaction():
            lock(sha256)
            if not (store.exists(name) if there is None else seen is not None and _stamp(there) == seen):
                store.take_in(copy, name)
            Artifact.objects.update_or_create(sha256=sha256, defaults={"bytes": size, "created_at": Now()})
            if use is not None:
                use(sha256)
        if there is None:
            with contextlib.suppress(OSError):  # the copy here only saves a way
                cache.adopt(copy, sha256)
    return sha256


def verified(sha256: str) -> Path:
    """The file on this machine, read through once to make sure that it is what its name says. Raises Damaged."""
    there = storage.store().local(name_of(sha256))
    if there is None:
        return _copied(sha256)
    try:
        if sha256_of(there) != sha256:
            raise Damaged(f"The file {sha256[:12]} has changed since it was stored.")
    except FileNotFoundError:
        raise Damaged(f"The file {sha256[:12]} is gone from the store.") from None
    return there


def opened(sha256: str) -> BinaryIO:
    """The same, open, so that nothing can come in between."""
    return verified(sha256).open("rb")


def discard(sha256: str, unused_for: float = 0.0) -> bool:
    """Removes the file, if nothing uses it and it was last stored so many seconds ago. Whether it did.

    First the row, for good, and then the file: a kill between the two leaves a stray file, never a row without one.
    """
    with short_transaction():
        lock(sha256)
        row = Artifact.objects.select_for_update().filter(pk=sha256).first()  # whoever holds it is about to use it
        if row is not None:
            if row.uses.exists() or row.created_at > clock.now() - timedelta(seconds=unused_for):
                return False
            row.delete()
    with short_transaction():
        lock(sha256)
        if Artifact.objects.filter(pk=sha256).exists():
            return False  # somebody just stored it again
        storage.store().delete(name_of(sha256))
    return True


def name_of(sha256: str) -> str:
    """What the store calls a file of this content."""
    return f"{sha256[:2]}/{sha256}"


def lock(sha256: str) -> None:
    """Until the transaction ends, nobody else stores or removes a file of this content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])


def _seen_whole(path: Path, sha256: str) -> tuple[int, int] | None:
    """How the file looked when it was read through and was what its name says; None: it is not, or not there."""
    seen = _stamp(path)
    try:
        return seen if seen is not None and sha256_of(path) == sha256 else None
    except FileNotFoundError:
        return None


def _stamp(path: Path) -> tuple[int, int] | None:
    """Size and time of the last change: as long as they stay, so does the content."""
    try:
        about = path.stat()
    except FileNotFoundError:
        return None
    return about.st_size, about.st_mtime_ns


def _copied(sha256: str) -> Path:
    """A copy of what lies in the object store."""
    path = cache.path_of(sha256)
    with contextlib.suppress(FileNotFoundError):
        if sha256_of(path) == sha256:
            cache.used(path)
            return path
    store = storage.store()
    with storage.temporary(store.spool) as copy:
        try:
            with copy.open("wb") as file:
                for chunk in store.chunks(name_of(sha256)):
                    file.write(chunk)
        except FileNotFoundError:
            raise Damaged(f"The file {sha256[:12]} is gone from the store.") from None
        if sha256_of(copy) != sha256:
            raise Damaged(f"The file {sha256[:12]} has changed since it was stored.")
        return cache.adopt(copy, sha256)
