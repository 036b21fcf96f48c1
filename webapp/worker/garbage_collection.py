"""Deletes what people deleted a day ago, files that nothing uses, and what killed processes left, in the store and on
this machine.

Each file is checked again under its lock before it is deleted, so a file that is being stored at that moment stays.
"""

import contextlib
import logging
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef

from webapp.core import clock
from webapp.entries import changes
from webapp.files import artifacts, cache, references, storage, upload_parts
from webapp.files.storage import STORED_NAME
from webapp.models import Artifact, ArtifactUse, Upload, Work
from webapp.models.enums import UploadStatus

logger = logging.getLogger(__name__)

SWEEP_LOCK = 0x45_53_50_46  # an advisory lock of Postgres: one sweep of the store at a time, in any process
SCRATCH_NAME = re.compile(r"work-(\d+)")
STRAY_NAME = re.compile(r"upload-.*|reading-.*|incoming-.*")  # in a scratch folder, left by a killed worker
QUERY_BATCH = 1_000  # hashes in one query


def sweep() -> None:
    """Cleans the store, if no other process does so right now, and this machine."""
    with _exclusive() as acquired:
        if acquired:
            sweep_store()
    sweep_local()


def sweep_store() -> None:
    entries = changes.delete_expired()
    references.delete_finished()
    unused = [sha256 for sha256 in _unused() if artifacts.discard(sha256, settings.UNUSED_SECONDS)]
    before = clock.now().timestamp() - settings.UNUSED_SECONDS
    unfinished = storage.store().delete_unfinished(before)
    strays = [sha256 for sha256 in _strays(before) if artifacts.discard(sha256, settings.UNUSED_SECONDS)]
    uploads = _finished_uploads()
    for upload in uploads:
        upload_parts.delete_parts(upload)
    if entries or unused or unfinished or strays or uploads:
        logger.info(
            "deleted %d entries, %d unused files, %d without a row, %d unfinished ones, and the parts of %d uploads",
            *(entries, len(unused), len(strays), unfinished, len(uploads)),
        )


def sweep_local() -> None:
    """Deletes what finished work left on this machine, and cached copies of files that the store no longer has."""
    folders = {
        int(match[1]): path for path in _entries(settings.SCRATCH_DIR) if (match := SCRATCH_NAME.fullmatch(path.name))
    }
    unfinished = set(Work.objects.filter(pk__in=folders).exclude(references.FINISHED).values_list("pk", flat=True))
    for work, folder in folders.items():
        if work in unfinished:
            _delete_strays(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    cache.delete_unfinished(settings.UNUSED_SECONDS)
    for sha256 in _without_row(cache.cached_hashes()):
        cache.path_of(sha256).unlink(missing_ok=True)
    cache.make_room()


def _delete_strays(folder: Path) -> None:
    """Deletes what killed workers left in the scratch folder of unfinished work."""
    before = time.time() - settings.UNUSED_SECONDS
    with contextlib.suppress(FileNotFoundError):  # the worker itself deleted it
        for path in _entries(folder):
            if not STRAY_NAME.fullmatch(path.name) or path.stat().st_mtime >= before:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()


def _unused() -> list[str]:
    rows = Artifact.objects.filter(
        ~Exists(ArtifactUse.objects.filter(artifact=OuterRef("pk"))),
        created_at__lt=clock.after(-settings.UNUSED_SECONDS),
    )
    return list(rows.values_list("pk", flat=True))


def _strays(before: float) -> list[str]:
    """Hashes of files stored before this time by a process that was killed before it wrote the row."""
    old = [
        match
        for entry in storage.store().entries()
        if entry.modified < before and (match := STORED_NAME.fullmatch(entry.name))
    ]
    return _without_row([match["sha256"] for match in old if match["sha256"]])


def _without_row(hashes: list[str]) -> list[str]:
    found: set[str] = set()
    for start in range(0, len(hashes), QUERY_BATCH):
        found.update(Artifact.objects.filter(pk__in=hashes[start : start + QUERY_BATCH]).values_list("pk", flat=True))
    return [sha256 for sha256 in hashes if sha256 not in found]


def _finished_uploads() -> set[str]:
    """Ids of uploads with stored parts that are over or deleted."""
    stored = upload_parts.upload_ids()
    over = [status for status in UploadStatus if status.is_over]
    live = Upload.objects.filter(pk__in=stored).exclude(status__in=over)
    return stored - set(live.values_list("pk", flat=True))


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


@contextlib.contextmanager
def _exclusive() -> Iterator[bool]:
    """Whether this process got the sweep's lock, which it holds for the block."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        acquired = bool(cursor.fetchone()[0])
        try:
            yield acquired
        finally:
            if acquired:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
