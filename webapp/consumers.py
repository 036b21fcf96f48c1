"""Sockets: may they see it, join, read since seq, send. They only carry news outward; commands go by REST.

The channel layer carries pokes, and may lose them or be gone: each watcher listens to it by itself, joins again when it
is back, and looks every five seconds anyway. Postgres may be gone for a while too; then there is no news.
"""

import asyncio
import contextlib
import logging
import time
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError
from django.urls import path

from webapp import access, eventlog, live, shapes
from webapp.models import Search, TrainedModel, User

logger = logging.getLogger(__name__)
Json = dict[str, Any]

NOBODY, STRANGER, BAD_SINCE = 4401, 4404, 4400
SHORTEST = 0.1  # seconds between batches: at most ten a second
LONGEST = 5.0  # without a poke
ACCESS = 60.0  # a member who was removed sees nothing after this
BATCH = 500
MOST_DIGITS = 10  # of a seq
FAR_BEHIND = 500  # events; from here on the view is shorter
GONE = (OperationalError, InterfaceError)


class Watcher(AsyncJsonWebsocketConsumer):
    """What watching a search and watching a model share."""

    channel_layer_alias = "none"  # the framework's own listening would end the socket when the broker dies
    task: asyncio.Task[None] | None = None
    user_id: int

    async def connect(self) -> None:
        await self.accept()  # a close code reaches a browser only after that
        user = self.scope["user"]
        if user is None or not user.is_authenticated:
            await self.close(NOBODY)
            return
        self.user_id, self.id = user.pk, self.scope["url_route"]["kwargs"]["id"]
        if not await self._may_see():
            await self.close(STRANGER)
        elif not self.begin():
            await self.close(BAD_SINCE)
        else:
            self.task = asyncio.create_task(self._watch())

    async def disconnect(self, code: int) -> None:
        if self.task is not None:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    def begin(self) -> bool:
        """Reads where the client stands; False if that makes no sense."""
        return True

    def group(self) -> str:
        raise NotImplementedError

    def exists(self, user: User) -> bool:
        raise NotImplementedError

    def news(self) -> list[Json]:
        """Messages that the client has not had. Runs where the database may be asked."""
        raise NotImplementedError

    async def _watch(self) -> None:
        poked = asyncio.Event()
        listening = asyncio.create_task(self._listen(poked))
        try:
            await self._pump(poked)
        except Exception:
            logger.exception("watching %s broke off", self.id)
            with contextlib.suppress(Exception):  # it may be what has gone
                await self.close(1011)  # the client comes back with its last seq
        finally:
            listening.cancel()

    async def _pump(self, poked: asyncio.Event) -> None:
        checked = time.monotonic()
        while True:
            poked.clear()  # before the look: what comes during it is looked at again
            try:
                if time.monotonic() - checked >= ACCESS:
                    if not await self._may_see():
                        await self.close(STRANGER)
                        return
                    checked = time.monotonic()
                messages = await database_sync_to_async(self.news)()
            except GONE as error:
                logger.warning("no news of %s: %s", self.id, error)
                messages = []
            for message in messages:
                await self.send_json(message)
            await asyncio.sleep(SHORTEST)
            if not messages:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(poked.wait(), LONGEST)

    async def _listen(self, poked: asyncio.Event) -> None:
        """Sets `poked` at each poke. When the broker goes, joins again as soon as it is back."""
        layer = get_channel_layer()
        while layer is not None:
            channel = None
            try:
                channel = await layer.new_channel()
                await layer.group_add(self.group(), channel)
                poked.set()  # what was said before joining
                while True:
                    await layer.receive(channel)
                    poked.set()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the layer's client and the socket each have their own
                logger.warning("no pokes for %s: %s", self.id, error)
                await asyncio.sleep(LONGEST)
            finally:
                if channel is not None:  # also where joining failed halfway: pokes would gather for nobody
                    with contextlib.suppress(Exception):
                        await layer.group_discard(self.group(), channel)

    @database_sync_to_async
    def _may_see(self) -> bool:
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        return user is not None and self.exists(user)


class SearchWatcher(Watcher):
    since: int
    beside: Json | None = None

    def begin(self) -> bool:
        text = parse_qs(self.scope["query_string"].decode()).get("since", ["0"])[0]
        if not text.isdecimal() or len(text) > MOST_DIGITS:
            return False
        self.since = int(text)
        return True

    def group(self) -> str:
        return live.search_group(self.id)

    def exists(self, user: User) -> bool:
        return access.searches(user).filter(pk=self.id).exists()

    def news(self) -> list[Json]:
        search = Search.objects.filter(pk=self.id).first()
        if search is None:
            return []
        messages = [self._log(search.seq)] if search.seq > self.since else []
        beside = shapes.beside(search)
        if beside != self.beside:
            self.beside = beside
            messages.append({"type": "beside", **beside})
        return messages

    def _log(self, latest: int) -> Json:
        if latest - self.since > FAR_BEHIND:
            self.since, view = eventlog.current_view(self.id)
            return {"type": "view", "seq": self.since, "view": view}
        events = eventlog.read(self.id, self.since, BATCH)
        self.since = events[-1]["seq"]
        return {"type": "events", "from_seq": events[0]["seq"], "to_seq": self.since, "events": events}


class ModelWatcher(Watcher):
    last: Json | None = None

    def group(self) -> str:
        return live.model_group(self.id)

    def exists(self, user: User) -> bool:
        return access.models(user).filter(pk=self.id).exists()

    def news(self) -> list[Json]:
        row = (
            TrainedModel.objects.select_related("created_by")
            .prefetch_related("files__artifact")
            .filter(pk=self.id)
            .first()
        )
        if row is None:
            return []
        model = shapes.model(row)
        if model == self.last:
            return []
        self.last = model
        return [{"type": "model", "model": model}]


WATCHERS: dict[str, Any] = {"searches": SearchWatcher.as_asgi(), "models": ModelWatcher.as_asgi()}
websocket_urlpatterns = [path(f"ws/{kind}/<slug:id>", watcher) for kind, watcher in WATCHERS.items()]
