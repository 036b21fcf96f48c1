"""Downloads from the file store: verified first, then streamed as attachments."""

import asyncio
from typing import BinaryIO

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from webapp.files import artifacts
from webapp.models import Artifact

CHUNK = 1 << 18


def download(artifact: Artifact, name: str, content_type: str) -> StreamingHttpResponse:
    """Verifies the file's hash before the first byte is sent. Raises artifacts.Damaged."""
    response = StreamingHttpResponse(Chunks(artifacts.open_verified(artifact.sha256)), content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Content-Length"] = str(artifact.bytes)
    response["X-Content-Type-Options"] = "nosniff"
    return response


class Chunks:
    """Asynchronous, because Django reads a synchronous iterator to its end first. Closed with the response."""

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
