"""Parts of an upload: what has come of a file so far, piece by piece, until a worker reads it as one.

Which parts there are is for the upload's row to say (webapp/models/data.py); here they only lie.
"""

import os
from collections.abc import Iterator
from typing import Protocol

from webapp.files import storage
from webapp.files.storage import CHUNK, OURS

TOP = "uploads"


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


class PartGone(Exception):
    """A part is not there any more; the message is a sentence."""


def put_part(upload_id: str, number: int, stream: Stream) -> int:
    """Stores what the stream has left as this part, whole or not at all; a second time, over the first. Its bytes."""
    store = storage.store()
    size = 0
    with storage.temporary(store.spool) as path:
        with path.open("wb") as file:
            while chunk := stream.read(CHUNK):
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        store.take_in(path, _name(upload_id, number))
    return size


def read_parts(upload_id: str, count: int) -> Iterator[bytes]:
    """The first `count` parts, one after another, in pieces of any size. Raises PartGone."""
    store = storage.store()
    for number in range(count):
        try:
            yield from store.chunks(_name(upload_id, number))
        except FileNotFoundError:
            raise PartGone(f"Part {number + 1} of the upload is gone from the store: upload the file again.") from None


def drop_parts(upload_id: str) -> None:
    """All of them, whether there are any or not."""
    store = storage.store()
    for entry in list(store.entries(f"{TOP}/{upload_id}")):
        if _upload_of(entry.name) == upload_id:
            store.delete(entry.name)


def uploads() -> set[str]:
    """Of which uploads there are parts."""
    return {upload for entry in storage.store().entries(TOP) if (upload := _upload_of(entry.name)) is not None}


def _upload_of(name: str) -> str | None:
    """None where it is somebody else's file: a bucket may hold more than ours."""
    match = OURS.fullmatch(name)
    return match["upload"] if match else None


def _name(upload_id: str, number: int) -> str:
    """Numbers count from 0."""
    return f"{TOP}/{upload_id}/{number:06d}"
