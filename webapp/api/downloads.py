"""Files on their way to a person, from whichever store: checked first, then streamed, never shown as a page."""

import asyncio
from typing import BinaryIO

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from webapp.api.errors import Conflict
from webapp.files import artifacts
from webapp.models import Artifact

CHUNK = 1 << 18


def download(artifact: Artifact, name: str, content_type: str) -> StreamingHttpResponse:
    """The file, checked against its hash before the first byte goes out."""
    try:
        file = artifacts.open_verified(artifact.sha256)
    except artifacts.Damaged as error:
        raise Conflict(str(error)) from None
    response = StreamingHttpResponse(Chunks(file), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Length"] = str(artifact.bytes)
    response["X-Content-Type-Options"] = "nosniff"
    return response


class Chunks:
    """Asynchronous, or the server would gather the whole file first; closed with the answer, however that ends."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __aiter__(self) -> "Chunks":
        return self

    async def __anext__(self) -> bytes:
        chunk = await asyncio.to_thread(self._file.read, CHUNK)
        if not chunk:
            raise StopAsyncIteration
        return chunk

    def close(self) -> None:
        self._file.close()
