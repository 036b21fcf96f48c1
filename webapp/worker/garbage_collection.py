"""What nobody needs any more, and what a kill left half done: found and taken away, in the store and on this machine.

Whatever is removed is looked at again under its lock, so that a file which is being stored at that moment stays.
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
from webapp.files import artifacts, cache, references, storage, upload_parts
from webapp.files.storage import OURS
from webapp.models import Artifact, ArtifactUse, Upload, Work
from webapp.models.enums import UploadStatus

logger = logging.getLogger(__name__)

SWEEP_LOCK = 0x45_53_50_46  # one sweep of the store at a time, whoever runs it
SCRATCH = re.compile(r"work-(\d+)")
STRAY = re.compile(r"upload-.*|reading-.*|incoming-.*")  # in such a folder, once a kill left it
MANY = 1_000  # names in one question to the database


def sweep() -> None:
    """The store's leftovers, and this machine's."""
    with _alone() as alone:
        if alone:
            sweep_store()
    sweep_here()


def sweep_store() -> None:
    references.delete_finished()
    unused = [sha256 for sha256 in _unused() if artifacts.discard(sha256, settings.UNUSED_SECONDS)]
    before = clock.now().timestamp() - settings.UNUSED_SECONDS
    unfinished = storage.store().drop_unfinished(before)
    strays = [sha256 for sha256 in _without_row(before) if artifacts.discard(sha256, settings.UNUSED_SECONDS)]
    uploads = _uploads_over()
    for upload in uploads:
        upload_parts.drop_parts(upload)
    if unused or unfinished or strays or uploads:
        logger.info(
            "swept %d files that nothing used, %d without a row, %d unfinished ones, parts of %d uploads",
            *(len(unused), len(strays), unfinished, len(uploads)),
        )


def sweep_here() -> None:
    """What work that is over left on this machine, and copies of files that are gone."""
    folders = {int(match[1]): path for path in _listed(settings.SCRATCH_DIR) if (match := SCRATCH.fullmatch(path.name))}
    going_on = set(Work.objects.filter(pk__in=folders).exclude(references.FINISHED).values_list("pk", flat=True))
    for work, folder in folders.items():
        if work in going_on:
            _drop_strays(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    cache.drop_unfinished(settings.UNUSED_SECONDS)
    for sha256 in _gone(cache.copies()):
        cache.path_of(sha256).unlink(missing_ok=True)
    cache.make_room()


def _drop_strays(folder: Path) -> None:
    """What workers that were killed left in the folder of work that goes on."""
    before = time.time() - settings.UNUSED_SECONDS
    with contextlib.suppress(FileNotFoundError):  # it was somebody's yet
        for path in _listed(folder):
            if not STRAY.fullmatch(path.name) or path.stat().st_mtime >= before:
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


def _without_row(before: float) -> list[str]:
    """Files that were stored before this moment by somebody who was killed before the row."""
    old = [
        match
        for entry in storage.store().entries()
        if entry.modified < before and (match := OURS.fullmatch(entry.name))
    ]
    return _gone([match["sha256"] for match in old if match["sha256"]])


def _gone(names: list[str]) -> list[str]:
    """Of these the ones without a row."""
    found: set[str] = set()
    for start in range(0, len(names), MANY):
        found.update(Artifact.objects.filter(pk__in=names[start : start + MANY]).values_list("pk", flat=True))
    return [name for name in names if name not in found]


def _uploads_over() -> set[str]:
    there = upload_parts.uploads()
    live = Upload.objects.filter(pk__in=there).exclude(status__in=[each for each in UploadStatus if each.is_over])
    return there - set(live.values_list("pk", flat=True))


def _listed(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        alone = bool(cursor.fetchone()[0])
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])
