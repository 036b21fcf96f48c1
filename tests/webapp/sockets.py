"""A client of a WebSocket, connected directly to the ASGI app.

channels.testing is not used, since it needs another web server.
"""

from typing import Any
from urllib.parse import unquote

from asgiref import testing
from django.test import Client

from search.base.serialization import Json
from tests.frames import message_of
from webapp.asgi import application

PATIENCE = 10.0  # seconds to wait for one message
Communicator: Any = testing.ApplicationCommunicator  # the package has no types


class Socket:
    """A context manager: connected inside, closed after it."""

    def __init__(self, browser: Client | None, address: str) -> None:
        path, _, query = address.partition("?")
        session = browser.cookies.get("sessionid") if browser else None
        cookie = [(b"cookie", f"sessionid={session.value}".encode())] if session else []
        token = browser.defaults.get("HTTP_AUTHORIZATION") if browser else None
        bearer = [(b"authorization", str(token).encode())] if token else []
        scope = {
            "type": "websocket",
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": [(b"origin", b"http://localhost"), (b"host", b"localhost"), *cookie, *bearer],
            "subprotocols": [],
        }
        self._app = Communicator(application, scope)

    async def __aenter__(self) -> "Socket":
        await self._app.send_input({"type": "websocket.connect"})
        answer = await self._app.receive_output(PATIENCE)
        assert answer["type"] == "websocket.accept", answer
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._app.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._app.wait(PATIENCE)

    async def message(self) -> Json:
        """The next message that is no heartbeat."""
        while (message := await self.any_message())["type"] == "heartbeat":
            pass
        return message

    async def any_message(self) -> Json:
        return message_of(await self.frame())

    async def frame(self) -> str | bytes:
        got = await self._app.receive_output(PATIENCE)
        assert got["type"] == "websocket.send", got
        frame: str | bytes = got.get("text") or got["bytes"]
        return frame

    async def close_code(self) -> int:
        """The code of the close, after any messages."""
        while (got := await self._app.receive_output(PATIENCE))["type"] != "websocket.close":
            pass
        return int(got["code"])

    async def outcome(self) -> str:
        """ "seen" if a message arrives first, else the code of the close."""
        got = await self._app.receive_output(PATIENCE)
        return "seen" if got["type"] == "websocket.send" else str(got["code"])
