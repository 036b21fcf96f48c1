"""Stored parts of uploads, until a worker reads them as one file.

The upload's row (webapp/models/data.py) says how many parts are complete.
"""

import os
from collections.abc import Iterator
from typing import Protocol

from webapp.files import storage
from webapp.files.storage import CHUNK, STORED_NAME

FOLDER = "uploads"


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class PartMissing(Exception):
    """A part is missing from the store. The message is shown to the person."""


def put_part(upload_id: str, number: int, stream: Stream) -> int:
    """Stores the rest of the stream as this part, replacing an earlier one, or nothing if it fails. Returns its size
    in bytes."""
    store = storage.store()
    size = 0
    with storage.temporary(store.spool) as path:
        with path.open("wb") as file:
            while chunk := stream.read(CHUNK):
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        store.put(path, _name(upload_id, number))
    return size


def read_parts(upload_id: str, count: int) -> Iterator[bytes]:
    """The content of the first `count` parts, in pieces of any size. Raises PartMissing."""
    store = storage.store()
    for number in range(count):
        try:
            yield from store.chunks(_name(upload_id, number))
        except FileNotFoundError:
            raise PartMissing(
                f"Part {number + 1} of the upload is missing from the store. Upload the file again."
            ) from None


def delete_parts(upload_id: str) -> None:
    """Deletes all parts of the upload, if there are any."""
    store = storage.store()
    for entry in list(store.entries(f"{FOLDER}/{upload_id}")):
        if _upload_of(entry.name) == upload_id:
            store.delete(entry.name)


def upload_ids() -> set[str]:
    """Uploads that have stored parts."""
    return {upload for entry in storage.store().entries(FOLDER) if (upload := _upload_of(entry.name)) is not None}


def _upload_of(name: str) -> str | None:
    """None for a file that is no part of an upload; a bucket may hold files of other programs."""
    match = STORED_NAME.fullmatch(name)
    return match["upload"] if match else None


def _name(upload_id: str, number: int) -> str:
    """`number` counts from 0."""
    return f"{FOLDER}/{upload_id}/{number:06d}"
