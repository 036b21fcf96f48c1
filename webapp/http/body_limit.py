"""How much a request may bring. Checked before Django, which would take a body of any size and put it on the disk."""

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


class Bounded:
    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        most = settings.PART_BYTES if PARTS.match(scope["path"]) else settings.BODY_BYTES
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared) > most:
            await refuse(send, most)
            return
        got, over, answered = 0, False, False

        async def counted() -> Message:
            """What said nothing of its size is cut off where it passes the limit, as if the client had gone."""
            nonlocal got, over
            message = await receive()
            got += len(message.get("body", b""))
            if got <= most:
                return message
            over = True
            return {"type": "http.disconnect"}

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self.app(scope, counted, watched)
        if over and not answered:
            await refuse(send, most)


async def refuse(send: Send, most: int) -> None:
    said = f"The request is too large: at most {most:,} bytes may come at once."
    error = {"type": "client_error", "errors": [{"code": "too_large", "detail": said, "attr": None}]}
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(error).encode()})
