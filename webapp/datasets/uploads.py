"""The only writer of uploads and of the datasets made from them.

A file arrives in parts; each is stored before the row counts it. When all are complete, a worker reads them as one file
(webapp/tasks.py). Its outcome is a dataset, or a refusal with a reason, and the parts are deleted. Where the worker
itself failed, the parts are kept and `finish` tries again. Order of locks: the upload before its work, then the team.
"""

import logging
import os
import re
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now

from search.base import serialization
from search.base.serialization import Json
from search.data.datasets import FILE_FIELDS
from webapp.core import clock
from webapp.core.errors import Conflict, NotFound, TooLarge
from webapp.core.transactions import short_transaction
from webapp.entries.changes import RESTORE_HOURS
from webapp.files import storage, upload_parts
from webapp.models import Artifact, ArtifactUse, Dataset, Team, Upload, User, Work
from webapp.models.enums import FileFormat, UploadStatus
from webapp.models.kinds import INGEST
from webapp.scheduling import queue

logger = logging.getLogger(__name__)

MIN_PART = 1 << 16  # bytes of each part but the last: otherwise a file could have millions of parts
MAX_UNDER_WAY = 20  # uploads of a team at once
CHUNK = 1 << 18  # bytes read at once
ERROR_CLASS = re.compile(r"\w+: ")  # at the start of a failure's message, which means nothing to people
UNDER_WAY = [UploadStatus.RECEIVING, UploadStatus.WAITING, UploadStatus.INGESTING]


class WrongOffset(Conflict):
    """The part is not the next one. The response says in `received` how many bytes have arrived."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(f"{received:,} bytes have arrived. Send the bytes from there on.", received=received)


class UploadCancelled(NotFound):
    """The upload was cancelled."""

    def __init__(self) -> None:
        super().__init__("This upload was cancelled.")


def create(
    team: Team, user: User, name: str, title: str, size: int, options: Json, modified: int | None = None
) -> Upload:
    """Announces a file of `size` bytes. `modified`: when it was, in ms since 1970. Raises Conflict."""
    if size > settings.UPLOAD_BYTES:
        raise TooLarge(
            f"The file has {size:,} bytes; at most {settings.UPLOAD_BYTES:,} are allowed. "
            "Scale images down, or leave some out."
        )
    with short_transaction():
        free = _free_bytes(team.pk)
        under_way = Upload.objects.filter(team=team, status__in=UNDER_WAY)
        if under_way.count() >= MAX_UNDER_WAY:
            raise Conflict(f"The team has {MAX_UNDER_WAY} unfinished uploads. Finish or cancel one of them first.")
        if size > free:
            raise Conflict(_quota_message(free))
        upload = Upload.objects.create(
            team=team, created_by=user, name=name, title=title, bytes=size, modified=modified, options=options
        )
    upload.refresh_from_db()
    return upload


def receive(upload_id: str, offset: int, stream: upload_parts.Stream) -> Upload:
    """Stores the next part. Raises WrongOffset, Conflict, UploadCancelled, or storage.Unreachable; then nothing has
    changed."""
    with tempfile.TemporaryFile() as body:  # read completely before the row is locked: a browser may be slow
        size = _copy(stream, body)
        # Not a short transaction: if a slow store lost the lock, it could overwrite the part that came next.
        with transaction.atomic():
            upload = _locked(upload_id)
            _check_part(upload, offset, size)
            upload_parts.put_part(upload.pk, len(upload.parts), body)
            upload.parts = [*upload.parts, size]
            upload.received += size
            _save(upload)
    return upload


def finish(upload_id: str) -> Upload:
    """Queues the complete file for a worker, for the first time or again after a failure. Raises Conflict,
    UploadCancelled. A repeated call changes nothing."""
    with short_transaction():
        upload = _locked(upload_id)
        if upload.state is not UploadStatus.RECEIVING:
            return upload
        if upload.received < upload.bytes:
            raise Conflict(f"{upload.received:,} of {upload.bytes:,} bytes were received. Send the rest first.")
        upload.status, upload.why = UploadStatus.WAITING, ""
        _save(upload)
        payload = {"kind": INGEST, "upload": upload.pk, "options": upload.options}
        Work.objects.create(
            team_id=upload.team_id,
            upload=upload,
            kind=INGEST,
            key=serialization.cache_key(payload, ""),
            payload=serialization.dumps(payload),
        )
        queue.wake(None)
    return upload


def cancel(upload_id: str) -> None:
    """Deletes the upload and its parts; a dataset that was made from it stays. Raises UploadCancelled."""
    with short_transaction():
        _cancel(_locked(upload_id))


def settle(item: Work, outcome: Json) -> None:
    """Handles the outcome of reading an upload. The caller holds the locks on both."""
    upload = item.upload
    assert upload is not None
    if upload.state.is_over:
        return
    if outcome["status"] == "ok":
        _make_dataset(upload, outcome)
    elif outcome["status"] == "refused":
        _refuse(upload, outcome["why"])
    else:
        _offer_retry(upload, item.last_error or "")


@contextmanager
def prepared_payload(payload: Json, folder: Path, wait_for: Callable[[Callable[[], None]], None]) -> Iterator[Json]:
    """The payload for `execute`. For an upload, its parts are joined to one file in the folder, and limits are added.

    `wait_for` runs an action and retries while the store cannot be reached. Raises UploadCancelled.
    """
    if payload["kind"] != INGEST:
        yield payload
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"upload-{uuid.uuid4().hex}"  # unique: a worker that lost its lease may still read its own copy
    try:
        wait_for(partial(_join_parts, payload["upload"], path))
        yield payload | {"path": str(path), "limits": limits()}
    finally:
        path.unlink(missing_ok=True)


def _join_parts(upload_id: str, path: Path) -> None:
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise UploadCancelled
    with path.open("wb") as file:
        for chunk in upload_parts.read_parts(upload.pk, len(upload.parts)):
            file.write(chunk)


def limits() -> Json:
    """Limits on reading one upload (search/runtime/ingest/limits.py)."""
    return {
        "seconds": settings.INGEST_SECONDS,
        "memory": settings.INGEST_MEMORY,
        "unpacked": settings.INGEST_UNPACKED,
        "decoded": settings.INGEST_DECODED,
        "files": settings.INGEST_FILES,
        "pixels": settings.INGEST_PIXELS,
        "ratio": settings.INGEST_RATIO,
    }


def delete_abandoned() -> None:
    """Deletes unfinished uploads that received nothing for ABANDONED_SECONDS."""
    abandoned = Upload.objects.filter(
        status=UploadStatus.RECEIVING, touched_at__lt=clock.after(-settings.ABANDONED_SECONDS)
    )
    for pk in abandoned.values_list("pk", flat=True):
        with short_transaction():
            upload = abandoned.filter(pk=pk).select_for_update().first()  # it may have received a part just now
            if upload is not None:
                logger.info("upload %s was abandoned", pk)
                _cancel(upload)


def progress_of(upload: Upload) -> Json | None:
    """The worker's latest report: {"images", "share"}, for text without images; None while no worker reads it."""
    if upload.state is not UploadStatus.INGESTING:
        return None
    item = max(upload.work.all(), key=lambda item: item.pk, default=None)
    return None if item is None or not item.telemetry else item.telemetry


def _make_dataset(upload: Upload, outcome: Json) -> None:
    """Creates the dataset, or refers to the team's dataset with equal content, which is restored if it was deleted."""
    described, files = outcome["dataset"], {file["format"]: file for file in outcome["files"]}
    origin = {"file": upload.name, "bytes": upload.bytes} | {
        name: outcome[name] for name in FILE_FIELDS if name in outcome
    }
    same = Dataset.objects.filter(team=upload.team_id, split=described["split"])
    free = _free_bytes(upload.team_id) + upload.bytes  # the dataset replaces the announced bytes
    if not same.exists() and free < _total_bytes(files.values()):
        _refuse(upload, _quota_message(free))
        _allow_sweep(files.values())
        return
    dataset, created = Dataset.objects.select_for_update().get_or_create(
        team_id=upload.team_id,
        split=described["split"],
        defaults={**described, "created_by": upload.created_by, "title": upload.title, "about": origin},
    )
    if created:
        ArtifactUse.objects.bulk_create(
            ArtifactUse(dataset=dataset, format=FileFormat(name), artifact_id=file["sha256"], name=file["name"])
            for name, file in files.items()
        )
    else:
        content = "text" if dataset.kind == "text" else "images"
        upload.why = f"The team already has the same {content} as the dataset “{dataset.title}”."
        if dataset.deleted_at is not None:
            dataset.deleted_at = dataset.deleted_by = None
            dataset.save(update_fields=["deleted_at", "deleted_by"])
            upload.why = f"The team had deleted the same {content}: the dataset “{dataset.title}” is back."
    upload.status, upload.dataset = UploadStatus.DONE, dataset
    _save(upload)
    _delete_parts(upload.pk)


def _refuse(upload: Upload, why: str) -> None:
    upload.status, upload.why = UploadStatus.REFUSED, why
    _save(upload)
    _delete_parts(upload.pk)


def _offer_retry(upload: Upload, error: str) -> None:
    """After a failure of the worker: the parts are kept, so that `finish` can be called again."""
    message = ERROR_CLASS.sub("", error, count=1) if ERROR_CLASS.match(error) else error
    if not message.endswith((".", ")")) or not message[0].isupper():  # no sentence for people
        message = "The worker's log says what happened."
    upload.status, upload.why = (
        UploadStatus.RECEIVING,
        f"Reading the file failed; the file is kept. {message} Then read it again, or cancel the upload.",
    )
    _save(upload)


def _cancel(upload: Upload) -> None:
    """The caller holds its lock."""
    pk = upload.pk
    upload.delete()  # and its work: the worker stops when it renews its lease
    _delete_parts(pk)


def _free_bytes(team_id: int) -> int:
    """Bytes that the team may still announce. Locks the team, so that no other upload takes them meanwhile."""
    Team.objects.select_for_update(no_key=True).get(pk=team_id)
    return settings.TEAM_BYTES - _used_bytes(team_id)


def _quota_message(free: int) -> str:
    return (
        f"The team may keep {settings.TEAM_BYTES:,} bytes of data; {max(0, free):,} of them are free. "
        f"Cancel an upload, or delete a dataset that nothing uses: its bytes are free {RESTORE_HOURS} hours later."
    )


def _total_bytes(files: Iterable[Json]) -> int:
    hashes = [file["sha256"] for file in files]
    return int(Artifact.objects.filter(pk__in=hashes).aggregate(bytes=Sum("bytes"))["bytes"] or 0)


def _allow_sweep(files: Iterable[Json]) -> None:
    """Lets the next sweep delete these files at once, instead of after UNUSED_SECONDS."""
    unused = Artifact.objects.filter(pk__in=[file["sha256"] for file in files], uses=None)
    unused.update(created_at=clock.after(-settings.UNUSED_SECONDS))


def _used_bytes(team: int) -> int:
    """Bytes of the team's datasets and of its announced uploads."""
    stored = ArtifactUse.objects.filter(dataset__team=team).aggregate(bytes=Sum("artifact__bytes"))["bytes"] or 0
    announced = Upload.objects.filter(team=team, status__in=UNDER_WAY).aggregate(bytes=Sum("bytes"))["bytes"] or 0
    return int(stored) + int(announced)


def _check_part(upload: Upload, offset: int, size: int) -> None:
    """Raises WrongOffset, TooLarge, Conflict."""
    if upload.state is UploadStatus.RECEIVING and offset != upload.received:
        raise WrongOffset(upload.received)
    if upload.received == upload.bytes:
        raise Conflict("The file was received completely; no more parts are accepted.")
    if not size:
        raise Conflict("The part is empty. Send the bytes that follow the offset.")
    missing = upload.bytes - upload.received
    if size > missing:
        raise TooLarge(f"The part has {size:,} bytes, but only {missing:,} bytes of the file are missing.")
    if size < min(missing, MIN_PART):
        raise Conflict(f"A part must have at least {MIN_PART:,} bytes, unless it is the last one.")


def _copy(stream: upload_parts.Stream, body: IO[bytes]) -> int:
    """Copies the stream to the file, at most a chunk in memory, and returns its size. Raises TooLarge."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > settings.PART_BYTES:
            raise TooLarge(f"A part may have at most {settings.PART_BYTES:,} bytes. Send the file in several parts.")
        body.write(chunk)
    body.seek(0, os.SEEK_SET)
    return size


def _locked(upload_id: str) -> Upload:
    upload = Upload.objects.select_for_update().filter(pk=upload_id).first()
    if upload is None:
        raise UploadCancelled
    return upload


def _save(upload: Upload) -> None:
    """Saves the row and, by the database's clock, the time of the change."""
    upload.save()
    Upload.objects.filter(pk=upload.pk).update(touched_at=Now())


def _delete_parts(upload_id: str) -> None:
    """Deletes the stored parts after the commit."""
    transaction.on_commit(partial(_try_to_delete_parts, upload_id))


def _try_to_delete_parts(upload_id: str) -> None:
    try:
        upload_parts.delete_parts(upload_id)
    except (OSError, storage.StoreError) as error:  # the sweep of the store tries again
        logger.warning("parts of upload %s could not be deleted: %s", upload_id, error)
