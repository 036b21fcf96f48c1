"""What watchers of one thing share: it is read once in this process, however many watch.

A feed listens for pokes and looks at the database, ten times a second at most, and every five seconds without a poke.
Watchers take from it at their own pace, each from where it stands, and none has a queue: whoever is slow finds more
at once, or the whole view, and costs no memory meanwhile.

The channel layer carries the pokes, and may lose them or be gone: a feed joins again when it is back. Postgres may be
gone for a while too; then there is no news.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError, connection

from webapp.api import presenters
from webapp.config import logs
from webapp.core import pokes
from webapp.models import Search, TrainedModel
from webapp.searches import event_log

logger = logging.getLogger(__name__)
Json = dict[str, Any]
T = TypeVar("T")

BURST, A_SECOND = 3, 7  # looks: so many at once, then so many a second; ten in any second
LONGEST = 5.0  # seconds without a poke
BATCH = 500
TURNS = 5  # of the loop, in which those who wait for the log send it on
FAR_BEHIND = 500  # events; from here on the view is shorter
FAR = -1  # the one `since` of all that are far behind: the view does not depend on where they stand
MOST_PAGES = 64  # kept, of those that watchers ask for one by one
GONE = (OperationalError, InterfaceError)
Page = tuple[int, str]  # the seq that it leads to, and the message


@dataclass
class Place:
    """Where one watcher stands."""

    since: int = 0  # the last event that it has
    beside: int = 0  # which of the feed's latest values it has


@dataclass(eq=False)
class Feed:
    """What there is to say of one thing, as messages ready to be sent."""

    id: str
    watchers: set[asyncio.Event] = field(default_factory=set)
    poked: asyncio.Event = field(default_factory=asyncio.Event)
    seq: int | None = None  # of the log, as last looked at
    _beside: Json | None = None
    _beside_text: str = ""
    _beside_number: int = 0
    _logs: "dict[int, asyncio.Future[Page]]" = field(default_factory=dict)  # by since, the last asked for last
    _broken: Exception | None = None

    group: ClassVar[Callable[[str], str]]
    about: ClassVar[str]  # what log lines call it

    def read_seq(self) -> int:
        """How long the log is. Runs where the database may be asked, as do the next two."""
        return 0

    def read_log(self, since: int, seq: int | None) -> Json | None:
        """The message that leads on from `since`, if there is more. `seq`: how long the log is, where that is known."""
        return None

    def read_beside(self) -> Json | None:
        """What has no history: the latest is all there is. None if the thing is gone."""
        raise NotImplementedError

    async def news(self, place: Place) -> list[str]:
        """What this watcher has not had, and moves its place there. Equal questions are asked once."""
        if self._broken:
            raise self._broken
        texts = []
        if self.seq is not None and place.since < self.seq:
            since = FAR if self.seq - place.since > FAR_BEHIND else place.since
            asked = self._logs.pop(since, None) or asyncio.ensure_future(self._log(place.since))
            self._logs[since] = asked  # as the last one asked for
            if len(self._logs) > MOST_PAGES:
                del self._logs[next(iter(self._logs))]
            try:
                place.since, text = await asyncio.shield(asked)
            except GONE:
                self._logs.pop(since, None)
                raise
            texts.append(text)
        if place.beside != self._beside_number:
            place.beside = self._beside_number
            texts.append(self._beside_text)
        return texts

    async def _log(self, since: int) -> Page:
        message = await ask(self.read_log, since, self.seq)
        assert message is not None
        return _page(message)

    async def look(self) -> None:
        """First the log, which is what the eye waits for, then what goes beside it."""
        known = self.seq
        self.seq, message = await ask(self._read_ahead)
        if known != self.seq:
            self._logs.clear()
            if message is not None:  # where nearly all stand
                ready: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
                ready.set_result(_page(message))
                self._logs[message["from_seq"] - 1] = ready
            self._wake()
            for _ in range(TURNS):  # they first: the other thread would take the interpreter from them
                await asyncio.sleep(0)
        beside = await ask(self.read_beside)
        if beside is not None and beside != self._beside:
            self._beside, self._beside_text, self._beside_number = beside, _text(beside), self._beside_number + 1
            self._wake()

    def _read_ahead(self) -> tuple[int, Json | None]:
        """How long the log is, and what leads there from where it was: one question, most of the time."""
        if self.seq is None:
            return self.read_seq(), None
        message = self.read_log(self.seq, None)
        if message is None:
            return self.seq, None
        whole = message["to_seq"] - message["from_seq"] + 1 < BATCH
        return message["to_seq"] if whole else self.read_seq(), message

    async def run(self) -> None:
        logs.bind(**{self.about: self.id})
        listening = asyncio.create_task(self._listen())
        left, at = float(BURST), time.monotonic()
        try:
            while True:
                self.poked.clear()  # before the look: what comes during it is looked at again
                try:
                    await self.look()
                except GONE as error:
                    logger.warning("no news of %s: %s", self.id, error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LONGEST):
                        await self.poked.wait()
                now = time.monotonic()
                left, at = min(BURST, left + (now - at) * A_SECOND) - 1, now
                if left < 0:
                    await asyncio.sleep(-left / A_SECOND)
        except Exception as error:  # watchers end with it, and come back to another
            self._broken = error
            self._wake()
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        """Sets `poked` at each poke. When the broker goes, joins again as soon as it is back."""
        layer, group = get_channel_layer(), type(self).group(self.id)
        while layer is not None:
            channel = None
            try:
                channel = await layer.new_channel()
                await layer.group_add(group, channel)
                self.poked.set()  # what was said before joining
                while True:
                    await layer.receive(channel)
                    self.poked.set()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the layer's client and the socket each have their own
                logger.warning("no pokes for %s: %s", self.id, error)
                await asyncio.sleep(LONGEST)
            finally:
                if channel is not None:  # also where joining failed halfway: pokes would gather for nobody
                    with contextlib.suppress(Exception):
                        await layer.group_discard(group, channel)

    def _wake(self) -> None:
        for watcher in self.watchers:
            watcher.set()


class SearchFeed(Feed):
    group = pokes.search_group
    about = "search"

    def read_seq(self) -> int:
        return Search.objects.filter(pk=self.id).values_list("seq", flat=True).first() or 0

    def read_log(self, since: int, seq: int | None) -> Json | None:
        if seq is not None and seq - since > FAR_BEHIND:
            seq, view = event_log.current_view(self.id)
            return {"type": "view", "seq": seq, "view": view}
        events = event_log.read(self.id, since, BATCH)
        if not events:
            return None
        return {"type": "events", "from_seq": events[0]["seq"], "to_seq": events[-1]["seq"], "events": events}

    def read_beside(self) -> Json | None:
        search = Search.objects.filter(pk=self.id).first()
        return None if search is None else {"type": "beside", **presenters.beside(search)}


class ModelFeed(Feed):
    group = pokes.model_group
    about = "model"

    def read_beside(self) -> Json | None:
        rows = TrainedModel.objects.select_related("created_by").prefetch_related("files__artifact")
        row = rows.filter(pk=self.id).first()
        return None if row is None else {"type": "model", "model": presenters.model(row)}


_feeds: dict[tuple[asyncio.AbstractEventLoop, type[Feed], str], tuple[Feed, asyncio.Task[None]]] = {}


@asynccontextmanager
async def watching(kind: type[Feed], id: str) -> AsyncIterator[tuple[Feed, asyncio.Event]]:
    """The feed of that thing, and an event that is set when it has news. The last to leave ends it."""
    key = (asyncio.get_running_loop(), kind, id)
    if key not in _feeds:
        feed = kind(id)
        _feeds[key] = feed, asyncio.create_task(feed.run())
    feed, task = _feeds[key]
    fresh = asyncio.Event()
    feed.watchers.add(fresh)
    fresh.set()  # what is known already
    feed.poked.set()  # it may have been looked at five seconds ago
    try:
        yield feed, fresh
    finally:
        feed.watchers.discard(fresh)
        if not feed.watchers:
            _feeds.pop(key, None)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
            await rest()


async def ask(question: Callable[..., T], *arguments: Any) -> T:
    """In the one thread where this process asks for its watchers, whose connection stays open between two looks."""
    return await sync_to_async(_asked)(question, *arguments)


async def rest() -> None:
    """Gives the connection back where nobody watches anything."""
    if not _feeds:
        await ask(_hang_up)


def _asked(question: Callable[..., T], *arguments: Any) -> T:
    try:
        return question(*arguments)
    except GONE:
        connection.close()  # the next asks over another
        raise


def _hang_up() -> None:
    connection.close()  # looked up in the thread that runs this: each has its own


def _page(message: Json) -> Page:
    return message["seq"] if message["type"] == "view" else message["to_seq"], _text(message)


def _text(message: Json) -> str:
    return json.dumps(message, separators=(",", ":"))
