"""WebSockets: check access, join a feed, send what is new. They only send; commands go by REST.

A message is JSON: in a text frame, or compressed by zlib in a binary one.
"""

import asyncio
import contextlib
import logging
import random
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib.auth import get_user
from django.urls import path, re_path
from uvicorn.protocols.utils import ClientDisconnected

from webapp.accounts import access
from webapp.config import logs
from webapp.live.feeds import (
    CONNECTION_ERRORS,
    Cursor,
    Feed,
    ModelFeed,
    SearchFeed,
    query,
    release_connection,
    watching,
)
from webapp.models import User

logger = logging.getLogger(__name__)

# Close codes. 4000 to 4999 are for applications; the last three digits are the HTTP status that fits.
BAD_REQUEST, UNAUTHENTICATED, NOT_FOUND, INTERNAL_ERROR = 4400, 4401, 4404, 1011
ACCESS_SECONDS = 60.0  # between two checks of access: so long may a removed member still read
RETRY_SECONDS = 1.0  # when the database is away
HEARTBEAT_SECONDS = 4.0  # of silence, after which a message says that the line is alive (frontend/src/live/socket.ts)
HEARTBEAT = '{"type":"heartbeat"}'
MAX_DIGITS = 10  # of a seq


class Watcher(AsyncWebsocketConsumer):
    """Base of the two sockets."""

    channel_layer_alias = "none"  # the feed joins the group: the framework would close the socket when the broker dies
    feed: type[Feed]
    task: asyncio.Task[None] | None = None
    id: str

    async def connect(self) -> None:
        await self.accept()  # a close code reaches a browser only after that
        self.id = self.scope["url_route"]["kwargs"]["id"]
        logs.bind(**{self.feed.about: self.id})
        try:
            close_code = await query(self._close_code)
        except CONNECTION_ERRORS as error:
            logger.warning("access to %s could not be checked: %s", self.id, error)
            close_code = INTERNAL_ERROR
        if close_code is not None:
            await self.close(close_code)
            await release_connection()
        elif (cursor := self.cursor()) is None:
            await self.close(BAD_REQUEST)
        else:
            self.task = asyncio.create_task(self._watch(cursor))

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    def cursor(self) -> Cursor | None:
        """What the client has received already; None if its query string is not valid."""
        return Cursor()

    def exists(self, user: User) -> bool:
        raise NotImplementedError

    async def _watch(self, cursor: Cursor) -> None:
        try:
            async with watching(self.feed, self.id) as (feed, fresh):
                await self._pump(feed, fresh, cursor)
        except ClientDisconnected:  # it left while a message was sent
            logger.debug("the client of %s has left", self.id)
        except Exception:
            logger.exception("the socket of %s failed", self.id)
            with contextlib.suppress(Exception):  # the socket itself may have failed
                await self.close(INTERNAL_ERROR)  # the client reconnects with its last seq

    async def _pump(self, feed: Feed, fresh: asyncio.Event, cursor: Cursor) -> None:
        clock = asyncio.get_running_loop().time
        check, sent = clock() + ACCESS_SECONDS * random.uniform(0.5, 1), clock()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(min(check, sent + HEARTBEAT_SECONDS)):
                    await fresh.wait()
            fresh.clear()
            try:
                if clock() >= sent + HEARTBEAT_SECONDS:
                    await self.send(HEARTBEAT)
                    sent = clock()
                if clock() >= check:
                    if (close_code := await query(self._close_code)) is not None:
                        await self.close(close_code)
                        return
                    check = clock() + ACCESS_SECONDS * random.uniform(0.5, 1)  # spread over time
                while messages := await feed.news(cursor):
                    for message in messages:
                        # Waits while the client does not read; the server gives up after a minute.
                        await (self.send(message) if isinstance(message, str) else self.send(bytes_data=message))
                        sent = clock()
            except CONNECTION_ERRORS as error:
                logger.warning("%s could not be read: %s", self.id, error)
                await asyncio.sleep(RETRY_SECONDS)
                fresh.set()

    def _close_code(self) -> int | None:
        """The code to close the socket with, or None. The session is read each time, since it may have ended."""
        key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # it reads nothing else
        if not isinstance(user, User):
            return UNAUTHENTICATED
        return None if user.is_active and self.exists(user) else NOT_FOUND


class SearchWatcher(Watcher):
    feed = SearchFeed

    def cursor(self) -> Cursor | None:
        text = parse_qs(self.scope["query_string"].decode(errors="replace")).get("since", ["0"])[0]
        return Cursor(int(text)) if text.isdecimal() and len(text) <= MAX_DIGITS else None

    def exists(self, user: User) -> bool:
        return access.searches(user).filter(pk=self.id).exists()


class ModelWatcher(Watcher):
    feed = ModelFeed

    def exists(self, user: User) -> bool:
        return access.models(user).filter(pk=self.id).exists()


class UnknownSocket(AsyncWebsocketConsumer):
    """Any other address."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.accept()
        await self.close(NOT_FOUND)


WATCHERS: dict[str, Any] = {"searches": SearchWatcher.as_asgi(), "models": ModelWatcher.as_asgi()}
UNKNOWN: Any = UnknownSocket.as_asgi()
websocket_urlpatterns = [
    *(path(f"ws/{kind}/<slug:id>", watcher) for kind, watcher in WATCHERS.items()),
    re_path("", UNKNOWN),
]
