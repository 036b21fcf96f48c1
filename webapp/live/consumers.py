"""Sockets: may they see it, join, send what is new. They only carry news outward; commands go by REST."""

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

from webapp.accounts import access
from webapp.config import logs
from webapp.live.feeds import GONE, Feed, ModelFeed, Place, SearchFeed, ask, rest, watching
from webapp.models import User

logger = logging.getLogger(__name__)

NOBODY, STRANGER, BAD_SINCE, BROKEN = 4401, 4404, 4400, 1011
ACCESS = 60.0  # seconds: a member who was removed, or who signed out, sees nothing after this
AGAIN = 1.0  # seconds, when the database is away
MOST_DIGITS = 10  # of a seq


class Watcher(AsyncWebsocketConsumer):
    """What watching a search and watching a model share."""

    channel_layer_alias = "none"  # feeds listen; the framework's own would end the socket when the broker dies
    feed: type[Feed]
    task: asyncio.Task[None] | None = None
    id: str

    async def connect(self) -> None:
        await self.accept()  # a close code reaches a browser only after that
        self.id = self.scope["url_route"]["kwargs"]["id"]
        logs.bind(**{self.feed.about: self.id})
        try:
            refusal = await ask(self._refusal)
        except GONE as error:
            logger.warning("nobody can be let in to %s: %s", self.id, error)
            refusal = BROKEN
        if refusal is not None:
            await self.close(refusal)
            await rest()
        elif (place := self.place()) is None:
            await self.close(BAD_SINCE)
        else:
            self.task = asyncio.create_task(self._watch(place))

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    def place(self) -> Place | None:
        """Where the client stands; None if what it says makes no sense."""
        return Place()

    def exists(self, user: User) -> bool:
        raise NotImplementedError

    async def _watch(self, place: Place) -> None:
        try:
            async with watching(self.feed, self.id) as (feed, fresh):
                await self._pump(feed, fresh, place)
        except Exception:
            logger.exception("watching %s broke off", self.id)
            with contextlib.suppress(Exception):  # it may be what has gone
                await self.close(BROKEN)  # the client comes back with its last seq

    async def _pump(self, feed: Feed, fresh: asyncio.Event, place: Place) -> None:
        clock = asyncio.get_running_loop().time
        check = clock() + ACCESS * random.uniform(0.5, 1)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(check):
                    await fresh.wait()
            fresh.clear()
            try:
                if clock() >= check:
                    if (refusal := await ask(self._refusal)) is not None:
                        await self.close(refusal)
                        return
                    check = clock() + ACCESS * random.uniform(0.5, 1)  # not all at one moment
                while texts := await feed.news(place):
                    for text in texts:
                        await self.send(text)  # waits while the client does not read; silence of a minute ends it
            except GONE as error:
                logger.warning("no news of %s: %s", self.id, error)
                await asyncio.sleep(AGAIN)
                fresh.set()

    def _refusal(self) -> int | None:
        """The code to close with. The session is read anew each time: it may be over."""
        key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        session = import_module(settings.SESSION_ENGINE).SessionStore(key)
        user = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # all that it looks at
        if not isinstance(user, User):
            return NOBODY
        return None if user.is_active and self.exists(user) else STRANGER


class SearchWatcher(Watcher):
    feed = SearchFeed

    def place(self) -> Place | None:
        text = parse_qs(self.scope["query_string"].decode(errors="replace")).get("since", ["0"])[0]
        return Place(int(text)) if text.isdecimal() and len(text) <= MOST_DIGITS else None

    def exists(self, user: User) -> bool:
        return access.searches(user).filter(pk=self.id).exists()


class ModelWatcher(Watcher):
    feed = ModelFeed

    def exists(self, user: User) -> bool:
        return access.models(user).filter(pk=self.id).exists()


class Nowhere(AsyncWebsocketConsumer):
    """There is nothing to watch at this address."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.accept()
        await self.close(STRANGER)


WATCHERS: dict[str, Any] = {"searches": SearchWatcher.as_asgi(), "models": ModelWatcher.as_asgi()}
NOWHERE: Any = Nowhere.as_asgi()
websocket_urlpatterns = [
    *(path(f"ws/{kind}/<slug:id>", watcher) for kind, watcher in WATCHERS.items()),
    re_path("", NOWHERE),
]
