"""The only writer of uploads and of the datasets that come of them.

A file comes in parts, each stored before it is counted; when all are there a worker reads them as one (webapp/tasks.py)
and its outcome makes a dataset, or says in a sentence why not. Either way the parts go. Where nobody could read it, for
no fault of its own, they stay, and `finish` has another try. Order of locks: the upload before its work, then the team.
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
from typing import IO, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Sum
from django.db.models.functions import Now

from search.base import serialization
from webapp.core import clock
from webapp.core.errors import Conflict, NotFound, TooLarge
from webapp.core.transactions import short_transaction
from webapp.files import storage, upload_parts
from webapp.models import Artifact, ArtifactUse, Dataset, Team, Upload, User, Work
from webapp.models.enums import FileFormat, UploadStatus, WorkKind
from webapp.scheduling import queue

logger = logging.getLogger(__name__)
Json = dict[str, Any]

LEAST_PART = 1 << 16  # of all parts but the last: else a file could come in millions of them
MOST_AT_ONCE = 20  # uploads of a team that are on their way
CHUNK = 1 << 18
PREFIX = re.compile(r"\w+: ")  # a class that a failure's message begins with, which tells people nothing
ORIGIN = ("format", "left_out", "tokens", "excerpt")  # what an outcome says of the file; the last two of a text
UNDER_WAY = [UploadStatus.RECEIVING, UploadStatus.WAITING, UploadStatus.INGESTING]


class WrongOffset(Conflict):
    """The part is not the next one. The response says in `received` how many bytes have arrived."""

    code = "wrong_offset"

    def __init__(self, received: int) -> None:
        super().__init__(f"{received:,} bytes have arrived. Send the bytes from there on.", received=received)


class Gone(NotFound):
    """The upload was cancelled."""

    def __init__(self) -> None:
        super().__init__("This upload was cancelled.")


def create(team: Team, user: User, name: str, title: str, size: int, options: Json) -> Upload:
    """Announces a file. Raises Conflict."""
    if size > settings.UPLOAD_BYTES:
        raise TooLarge(
            f"The file has {size:,} bytes, and at most {settings.UPLOAD_BYTES:,} may come. "
            "Scale images down, or leave some out."
        )
    with short_transaction():
        left = _left(team.pk)
        under_way = Upload.objects.filter(team=team, status__in=UNDER_WAY)
        if under_way.count() >= MOST_AT_ONCE:
            raise Conflict(f"{MOST_AT_ONCE} uploads of the team are on their way. Finish or cancel one of them first.")
        if size > left:
            raise Conflict(_no_room(left))
        upload = Upload.objects.create(team=team, created_by=user, name=name, title=title, bytes=size, options=options)
    upload.refresh_from_db()
    return upload


def receive(upload_id: str, offset: int, stream: upload_parts.Stream) -> Upload:
    """Stores the next part. Raises Conflict, TooLarge, Gone or StoreError, and then nothing has changed."""
    with tempfile.TemporaryFile() as body:  # read to its end first: a locked row waits for no browser
        size = _copy(stream, body)
        # As long as the store takes, so no moment: with the lock let go, a slow one could write over the next.
        with transaction.atomic():
            upload = _locked(upload_id)
            _accept(upload, offset, size)
            upload_parts.put_part(upload.pk, len(upload.parts), body)
            upload.parts = [*upload.parts, size]
            upload.received += size
            _save(upload)
    return upload


def finish(upload_id: str) -> Upload:
    """All is there: a worker may read it, for the first time or, after a failure, again. Raises Conflict, Gone.

    Asked twice, the second time changes nothing.
    """
    with short_transaction():
        upload = _locked(upload_id)
        if upload.state is not UploadStatus.RECEIVING:
            return upload
        if upload.received < upload.bytes:
            raise Conflict(f"{upload.received:,} of {upload.bytes:,} bytes are here. Send the rest first.")
        upload.status, upload.why = UploadStatus.WAITING, ""
        _save(upload)
        payload = {"kind": WorkKind.INGEST.value, "upload": upload.pk, "options": upload.options}
        Work.objects.create(
            team_id=upload.team_id,
            upload=upload,
            kind=WorkKind.INGEST,
            key=serialization.cache_key(payload, ""),
            payload=serialization.dumps(payload),
        )
        queue.wake(None)
    return upload


def cancel(upload_id: str) -> None:
    """Ends it, whatever it has come to, and leaves nothing; a dataset that came of it stays. Raises Gone."""
    with short_transaction():
        _cancel(_locked(upload_id))


def settle(item: Work, outcome: Json) -> None:
    """What an outcome makes of its upload. The caller holds both locks."""
    upload = item.upload
    assert upload is not None
    if upload.state.is_over:
        return
    if outcome["status"] == "ok":
        _settle(upload, outcome)
    elif outcome["status"] == "refused":
        _refuse(upload, outcome["why"])
    else:
        _hand_back(upload, item.last_error or "")


@contextmanager
def at_hand(payload: Json, folder: Path, wait_for: Callable[[Callable[[], None]], None]) -> Iterator[Json]:
    """The payload as `execute` takes it: of an upload, with its parts as one file in the folder, and what is allowed.

    `wait_for` does what a store that is away may hold up. Raises Gone.
    """
    if payload["kind"] != WorkKind.INGEST:
        yield payload
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"upload-{uuid.uuid4().hex}"  # another worker's, whose lease was lost, may lie beside it
    try:
        wait_for(partial(_put_together, payload["upload"], path))
        yield payload | {"path": str(path), "limits": limits()}
    finally:
        path.unlink(missing_ok=True)


def _put_together(upload_id: str, path: Path) -> None:
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise Gone
    with path.open("wb") as file:
        for chunk in upload_parts.read_parts(upload.pk, len(upload.parts)):
            file.write(chunk)


def limits() -> Json:
    """What the reading of one upload may take."""
    return {
        "seconds": settings.INGEST_SECONDS,
        "memory": settings.INGEST_MEMORY,
        "unpacked": settings.INGEST_UNPACKED,
        "decoded": settings.INGEST_DECODED,
        "files": settings.INGEST_FILES,
        "pixels": settings.INGEST_PIXELS,
        "ratio": settings.INGEST_RATIO,
    }


def remove(dataset: Dataset) -> None:
    """Deletes a dataset that nothing uses; its files go when they are swept. Raises Conflict."""
    try:
        with short_transaction():
            Dataset.objects.select_for_update().filter(pk=dataset.pk).first()  # whoever begins to use it waits
            dataset.delete()
    except (ProtectedError, IntegrityError):
        raise Conflict(
            "Searches or trained models use this dataset, so it stays: what they found would mean nothing without it."
        ) from None


def drop_abandoned() -> None:
    """Takes away files that nobody sent the rest of."""
    abandoned = Upload.objects.filter(
        status=UploadStatus.RECEIVING, touched_at__lt=clock.after(-settings.ABANDONED_SECONDS)
    )
    for pk in abandoned.values_list("pk", flat=True):
        with short_transaction():
            upload = abandoned.filter(pk=pk).select_for_update().first()  # somebody may just have gone on with it
            if upload is not None:
                logger.info("upload %s was abandoned", pk)
                _cancel(upload)


def progress_of(upload: Upload) -> Json | None:
    """How far its worker has come, as it last said: {"images", "share"}; of a text, no images."""
    if upload.state is not UploadStatus.INGESTING:
        return None
    item = max(upload.work.all(), key=lambda item: item.pk, default=None)
    return None if item is None or not item.telemetry else item.telemetry


def _settle(upload: Upload, outcome: Json) -> None:
    """A dataset of its own, or the one that holds the same."""
    described, files = outcome["dataset"], {file["format"]: file for file in outcome["files"]}
    origin = {"file": upload.name, "bytes": upload.bytes} | {name: outcome[name] for name in ORIGIN if name in outcome}
    same = Dataset.objects.filter(team=upload.team_id, split=described["split"])
    left = _left(upload.team_id) + upload.bytes  # for it takes the place of what was announced
    if not same.exists() and left < _bytes(files.values()):
        _refuse(upload, _no_room(left))
        _let_go(files.values())
        return
    dataset, made = Dataset.objects.get_or_create(
        team_id=upload.team_id,
        split=described["split"],
        defaults={**described, "created_by": upload.created_by, "title": upload.title, "about": origin},
    )
    if made:
        ArtifactUse.objects.bulk_create(
            ArtifactUse(dataset=dataset, format=FileFormat(name), artifact_id=file["sha256"], name=file["name"])
            for name, file in files.items()
        )
    else:
        what = "text is" if dataset.kind == "text" else "images are"
        upload.why = f"The same {what} here already, as “{dataset.title}”."
    upload.status, upload.dataset = UploadStatus.DONE, dataset
    _save(upload)
    _drop(upload.pk)


def _refuse(upload: Upload, why: str) -> None:
    upload.status, upload.why = UploadStatus.REFUSED, why
    _save(upload)
    _drop(upload.pk)


def _hand_back(upload: Upload, said: str) -> None:
    """Nobody could read it, and what there is to say of that. All parts are there yet: it may be finished again."""
    message = PREFIX.sub("", said, count=1) if PREFIX.match(said) else said
    if not message.endswith((".", ")")) or not message[0].isupper():
        message = "The worker's log says what happened."
    upload.status, upload.why = (
        UploadStatus.RECEIVING,
        f"Reading the file failed, and the file is kept. {message} Then have it read again, or cancel the upload.",
    )
    _save(upload)


def _cancel(upload: Upload) -> None:
    """The caller holds its lock."""
    pk = upload.pk
    upload.delete()  # and its work, whose worker hears of it when it renews its lease
    _drop(pk)


def _left(team_id: int) -> int:
    """Bytes that the team may still announce; until the transaction ends, nobody else takes of them."""
    Team.objects.select_for_update(no_key=True).get(pk=team_id)
    return settings.TEAM_BYTES - _taken(team_id)


def _no_room(left: int) -> str:
    return (
        f"The team may keep {settings.TEAM_BYTES:,} bytes of data, and {max(0, left):,} of them are left. "
        "Delete a dataset that nothing uses, or cancel an upload."
    )


def _bytes(files: Iterable[Json]) -> int:
    hashes = [file["sha256"] for file in files]
    return int(Artifact.objects.filter(pk__in=hashes).aggregate(bytes=Sum("bytes"))["bytes"] or 0)


def _let_go(files: Iterable[Json]) -> None:
    """What will be no dataset's waits no day for the sweep."""
    unused = Artifact.objects.filter(pk__in=[file["sha256"] for file in files], uses=None)
    unused.update(created_at=clock.after(-settings.UNUSED_SECONDS))


def _taken(team: int) -> int:
    """Bytes of the team's datasets, and those that its uploads have announced."""
    kept = ArtifactUse.objects.filter(dataset__team=team).aggregate(bytes=Sum("artifact__bytes"))["bytes"] or 0
    coming = Upload.objects.filter(team=team, status__in=UNDER_WAY).aggregate(bytes=Sum("bytes"))["bytes"] or 0
    return int(kept) + int(coming)


def _accept(upload: Upload, offset: int, size: int) -> None:
    if upload.state is UploadStatus.RECEIVING and offset != upload.received:
        raise WrongOffset(upload.received)
    if upload.received == upload.bytes:
        raise Conflict("The file is all here already; nothing more is taken.")
    if not size:
        raise Conflict("The part is empty. Send the bytes from the offset on.")
    left = upload.bytes - upload.received
    if size > left:
        raise TooLarge(f"The part has {size:,} bytes, and only {left:,} of the file are to come.")
    if size < min(left, LEAST_PART):
        raise Conflict(f"A part has at least {LEAST_PART:,} bytes, unless it is the last one.")


def _copy(stream: upload_parts.Stream, body: IO[bytes]) -> int:
    """Never more of it at once than a chunk, never more in all than a part."""
    size = 0
    while chunk := stream.read(CHUNK):
        size += len(chunk)
        if size > settings.PART_BYTES:
            raise TooLarge(f"A part has at most {settings.PART_BYTES:,} bytes. Send the file in several.")
        body.write(chunk)
    body.seek(0, os.SEEK_SET)
    return size


def _locked(upload_id: str) -> Upload:
    upload = Upload.objects.select_for_update().filter(pk=upload_id).first()
    if upload is None:
        raise Gone
    return upload


def _save(upload: Upload) -> None:
    upload.save()
    Upload.objects.filter(pk=upload.pk).update(touched_at=Now())


def _drop(upload_id: str) -> None:
    transaction.on_commit(partial(_drop_now, upload_id))


def _drop_now(upload_id: str) -> None:
    try:
        upload_parts.drop_parts(upload_id)
    except (OSError, storage.StoreError) as error:  # a sweep of the store has another try
        logger.warning("parts of upload %s could not be dropped: %s", upload_id, error)
