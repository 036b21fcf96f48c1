"""One feed per search or model and process: the database is read once, however many clients watch.

A feed polls the database when it is poked, at most ten times a second, and every five seconds without a poke. Watchers
read from it at their own pace, each from its own cursor. There are no queues: a slow watcher gets more events at once,
or starts again at the last event that needs no earlier one, and costs no memory meanwhile.

The channel layer carries the pokes. It may lose them or be away; a feed joins again when it is back. While Postgres is
away, watchers get no messages.
"""

import asyncio
import contextlib
import json
import logging
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.db import InterfaceError, OperationalError, connection

from search.base.serialization import Json
from webapp.api import presenters
from webapp.config import logs
from webapp.core import pokes
from webapp.models import Search, TrainedModel
from webapp.searches import event_log

logger = logging.getLogger(__name__)
T = TypeVar("T")

BURST, POLLS_PER_SECOND = 3, 7  # a token bucket: at most ten polls in any second
POLL_SECONDS = 5.0  # between two polls without a poke
BATCH_BYTES = 256 * 1024  # of the events in one message: a slow line must carry it before the page takes it for dead
COMPRESSED_BYTES = 16 * 1024  # longer messages are compressed, once for all watchers
YIELDS = 5  # turns of the event loop in which watchers send the log before telemetry is read
FAR_BEHIND = 500  # events; whoever lacks more of them starts at the last self-contained one
MAX_PAGES = 64  # messages of the log that are cached
CONNECTION_ERRORS = (OperationalError, InterfaceError)
Encoded = str | bytes  # a message as JSON; as bytes where zlib compressed it
Page = tuple[int, Encoded]  # the seq of its last event, and the message


@dataclass
class Cursor:
    """What one watcher has received."""

    since: int = 0  # seq of its last event
    telemetry: int = 0  # number of its last telemetry message


@dataclass(eq=False)
class Feed:
    """Messages about one search or model, encoded once for all watchers."""

    id: str
    watchers: set[asyncio.Event] = field(default_factory=set)
    poked: asyncio.Event = field(default_factory=asyncio.Event)
    seq: int | None = None  # length of the log at the last poll
    _telemetry: Json | None = None
    _telemetry_message: Encoded = ""
    _telemetry_number: int = 0
    _pages: "dict[int, asyncio.Future[Page]]" = field(default_factory=dict)  # by since, least recently used first
    _start: "asyncio.Future[int] | None" = None  # seq before the last self-contained event
    _failure: Exception | None = None

    group: ClassVar[Callable[[str], str]]
    about: ClassVar[str]  # its name in log lines

    # The read_* methods query the database, so they run in the feeds' thread (`query`).

    def read_seq(self) -> int:
        """Length of the log."""
        return 0

    def read_start(self, seq: int) -> int:
        """The seq before the last self-contained event of the log, whose length is `seq`."""
        return 0

    def read_log(self, since: int) -> Json | None:
        """The message with the events after `since`, or None."""
        return None

    def read_telemetry(self) -> Json | None:
        """Latest state that the log does not hold. None if the row was deleted."""
        raise NotImplementedError

    async def news(self, cursor: Cursor) -> list[Encoded]:
        """Messages that this watcher has not received. Moves its cursor. Watchers at one seq share one query."""
        if self._failure:
            raise self._failure
        messages: list[Encoded] = []
        if self.seq is not None and cursor.since < self.seq:
            if self.seq - cursor.since > FAR_BEHIND:
                cursor.since = max(cursor.since, await self._read_start(self.seq))
            page = self._pages.pop(cursor.since, None) or asyncio.ensure_future(self._read_page(cursor.since))
            self._pages[cursor.since] = page  # now the most recently used
            if len(self._pages) > MAX_PAGES:
                del self._pages[next(iter(self._pages))]
            try:
                cursor.since, message = await asyncio.shield(page)
            except Exception:  # it is read again, by whoever asks next
                self._pages.pop(cursor.since, None)
                raise
            messages.append(message)
        if cursor.telemetry != self._telemetry_number:
            cursor.telemetry = self._telemetry_number
            messages.append(self._telemetry_message)
        return messages

    async def _read_start(self, seq: int) -> int:
        """Watchers that are far behind share one query, too."""
        start = self._start = self._start or asyncio.ensure_future(query(self.read_start, seq))
        try:
            return await asyncio.shield(start)
        except CONNECTION_ERRORS:
            self._start = None
            raise

    async def _read_page(self, since: int) -> Page:
        message = await query(self.read_log, since)
        if message is None:
            raise LookupError(f"the log of {self.id} has no event after {since} any more")
        return _page(message)

    async def poll(self) -> None:
        """Reads the log first, since people wait for it, then telemetry."""
        known = self.seq
        self.seq, message = await query(self._read_ahead)
        if known != self.seq:
            self._pages.clear()
            self._start = None
            if message is not None:  # nearly all watchers are at the end of the log
                ready: asyncio.Future[Page] = asyncio.get_running_loop().create_future()
                ready.set_result(_page(message))
                self._pages[message["from_seq"] - 1] = ready
            self._wake()
            for _ in range(YIELDS):  # watchers send first: the database thread would hold the interpreter
                await asyncio.sleep(0)
        telemetry = await query(self.read_telemetry)
        if telemetry is not None and telemetry != self._telemetry:
            self._telemetry, self._telemetry_message = telemetry, encoded(telemetry)
            self._telemetry_number += 1
            self._wake()

    def _read_ahead(self) -> tuple[int, Json | None]:
        """Length of the log, and the message with the events since the last poll."""
        seq = self.read_seq()
        if self.seq is None or self.seq >= seq or (message := self.read_log(self.seq)) is None:
            return seq, None
        return max(seq, message["to_seq"]), message

    async def run(self) -> None:
        logs.bind(**{self.about: self.id})
        listening = asyncio.create_task(self._listen())
        left, at = float(BURST), time.monotonic()
        try:
            while True:
                self.poked.clear()  # before the poll: a poke during it leads to another poll
                try:
                    await self.poll()
                except CONNECTION_ERRORS as error:
                    logger.warning("%s could not be read: %s", self.id, error)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(POLL_SECONDS):
                        await self.poked.wait()
                now = time.monotonic()
                left, at = min(BURST, left + (now - at) * POLLS_PER_SECOND) - 1, now
                if left < 0:
                    await asyncio.sleep(-left / POLLS_PER_SECOND)
        except Exception as error:  # clients reconnect, and then get a new feed
            self._failure = error
            self._wake()
        finally:
            listening.cancel()

    async def _listen(self) -> None:
        """Sets `poked` at each poke. Joins again after the broker was away."""
        layer, group = get_channel_layer(), type(self).group(self.id)
        while layer is not None:
            channel = None
            try:
                channel = await layer.new_channel()
                await layer.group_add(group, channel)
                self.poked.set()  # pokes before joining were lost
                while True:
                    await layer.receive(channel)
                    self.poked.set()
            except asyncio.CancelledError:
                raise
            except Exception as error:  # the layer's client and the socket raise different ones
                logger.warning("no pokes for %s: %s", self.id, error)
                await asyncio.sleep(POLL_SECONDS)
            finally:
                if channel is not None:  # also if joining failed halfway: pokes would pile up
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

    def read_start(self, seq: int) -> int:
        return event_log.segment(self.id, seq).first - 1

    def read_log(self, since: int) -> Json | None:
        events = event_log.batch(self.id, since + 1, BATCH_BYTES)
        if not events:
            return None
        return {"type": "events", "from_seq": events[0]["seq"], "to_seq": events[-1]["seq"], "events": events}

    def read_telemetry(self) -> Json | None:
        search = Search.objects.filter(pk=self.id, deleted_at=None).first()
        return None if search is None else {"type": "telemetry", **presenters.telemetry(search)}


class ModelFeed(Feed):
    group = pokes.model_group
    about = "model"

    def read_telemetry(self) -> Json | None:
        rows = TrainedModel.objects.select_related("created_by").prefetch_related("files__artifact", "work")
        row = rows.filter(pk=self.id, deleted_at=None).first()
        return None if row is None else {"type": "model", "model": presenters.TrainedModelSerializer(row).data}


_feeds: dict[tuple[asyncio.AbstractEventLoop, type[Feed], str], tuple[Feed, asyncio.Task[None]]] = {}


@asynccontextmanager
async def watching(kind: type[Feed], id: str) -> AsyncIterator[tuple[Feed, asyncio.Event]]:
    """The feed of a search or model, and an event that is set when it has news. The last watcher to leave ends it."""
    key = (asyncio.get_running_loop(), kind, id)
    if key not in _feeds:
        feed = kind(id)
        _feeds[key] = feed, asyncio.create_task(feed.run())
    feed, task = _feeds[key]
    fresh = asyncio.Event()
    feed.watchers.add(fresh)
    fresh.set()  # the feed may have messages already
    feed.poked.set()  # the last poll may be five seconds old
    try:
        yield feed, fresh
    finally:
        feed.watchers.discard(fresh)
        if not feed.watchers:
            _feeds.pop(key, None)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
            await release_connection()


async def query(read: Callable[..., T], *arguments: Any) -> T:
    """Runs in the one thread that reads for all feeds. Its connection stays open between two polls."""
    return await sync_to_async(_read)(read, *arguments)


async def release_connection() -> None:
    """Closes the connection if nobody watches anything."""
    if not _feeds:
        await query(_close)


def _read(read: Callable[..., T], *arguments: Any) -> T:
    try:
        return read(*arguments)
    except CONNECTION_ERRORS:
        connection.close()  # the next query opens another
        raise


def _close() -> None:
    connection.close()  # that of the feeds' thread: each thread has its own


def _page(message: Json) -> Page:
    return message["to_seq"], encoded(message)


def encoded(message: Json) -> Encoded:
    """Sockets do not compress by themselves, which takes memory for each of them and time for each message."""
    text = json.dumps(message, separators=(",", ":"))
    return text if len(text) < COMPRESSED_BYTES else zlib.compress(text.encode())
