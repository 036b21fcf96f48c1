"""Limits the size of a request's body. Django would accept any size and write it to disk."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from django.conf import settings

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

PARTS = re.compile(r"^/api/uploads/[^/]+/parts$")


class BodySizeLimit:
    """ASGI middleware: answers 413 to a body above BODY_BYTES, or PART_BYTES for a part of an upload."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        limit = settings.PART_BYTES if PARTS.match(scope["path"]) else settings.BODY_BYTES
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > limit:
            await refuse(send, limit)
            return
        received, exceeded, answered = 0, False, False

        async def receive_counted() -> Message:
            """Cuts off a body without Content-Length at the limit, as if the client had disconnected."""
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received <= limit:
                return message
            exceeded = True
            return {"type": "http.disconnect"}

        async def send_watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self.app(scope, receive_counted, send_watched)
        if exceeded and not answered:
            await refuse(send, limit)


async def refuse(send: Send, limit: int) -> None:
    detail = f"The request is too large: send at most {limit:,} bytes at once."
    error = {"type": "client_error", "errors": [{"code": "too_large", "detail": detail, "attr": None}]}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error).encode()})
