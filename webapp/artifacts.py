"""Content-addressed files: a file is stored under the SHA-256 of its content, once, and never changes.

Written to a temporary name, flushed, hashed, renamed, and only then given its row, under one lock a hash; so a kill at
any moment leaves a stray temporary file at worst. A file whose hash differs from its name is an error that says so.
"""

import hashlib
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from webapp.heartbeat import persist
from webapp.models import Artifact

CHUNK = 1 << 20


class Damaged(Exception):
    """The file is not what it was when it was stored, or is gone."""


class Store:
    """What `search.runtime` hands its files to (search/runtime/context.py, `Files`)."""

    def put(self, path: Path) -> str:
        return persist(partial(put, path))  # a database that is away is no failure of the work

    def path_of(self, sha256: str) -> Path:
        return verified(sha256)


def put(source: Path) -> str:
    """Stores a copy of the file; the same content twice is stored once. Its SHA-256."""
    folder = Path(settings.FILES_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix="incoming-")
    temporary = Path(name)
    try:
        with source.open("rb") as origin, os.fdopen(handle, "wb") as copy:
            shutil.copyfileobj(origin, copy, CHUNK)
            copy.flush()
            os.fsync(copy.fileno())
        sha256 = _hash(temporary)
        with transaction.atomic():
            _lock(sha256)
            _settle(temporary, place(sha256))
            Artifact.objects.get_or_create(sha256=sha256, defaults={"bytes": place(sha256).stat().st_size})
    finally:
        temporary.unlink(missing_ok=True)
    return sha256


def place(sha256: str) -> Path:
    """Where a file of this content lies, or would."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256


def verified(sha256: str) -> Path:
    """The file, read through once to make sure that it is what its name says. Raises Damaged."""
    path = place(sha256)
    if not path.exists():
        raise Damaged(f"The file {sha256[:12]} is gone from the store.")
    if _hash(path) != sha256:
        raise Damaged(f"The file {sha256[:12]} has changed since it was stored.")
    return path


def _settle(temporary: Path, final: Path) -> None:
    if final.exists() and _hash(final) == final.name:
        return
    final.parent.mkdir(exist_ok=True)
    temporary.replace(final)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name is on disk too before the row says so
    finally:
        os.close(folder)


def _lock(sha256: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
