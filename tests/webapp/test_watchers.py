"""Sockets through the real ASGI app: every watcher gets all that it needs of the log, and strangers see nothing."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from search.base.serialization import Json
from search.log.events import SELF_CONTAINED
from tests.examples import examples
from tests.frames import message_of
from tests.webapp.fakes import run_round, work_one
from tests.webapp.sockets import Socket
from webapp.api import presenters
from webapp.core import pokes
from webapp.live import consumers, feeds
from webapp.models import Membership, Search, User
from webapp.models.enums import CommandKind
from webapp.searches import event_log, steering

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_connections")]

SignedIn = Callable[[User], Client]


async def until_seq(socket: Socket, seq: int, since: int) -> list[Json]:
    """The events up to this seq, as the page takes them: they follow each other without gaps. Where the first one is
    not the next after `since`, it needs no earlier event."""
    events: list[Json] = []
    while since < seq:
        message = await socket.message()
        if message["type"] != "events":
            continue
        numbers = [event["seq"] for event in message["events"]]
        assert numbers == list(range(message["from_seq"], message["to_seq"] + 1))
        if message["from_seq"] != since + 1:
            assert message["from_seq"] > since
            assert message["events"][0]["kind"] in SELF_CONTAINED
        events, since = events + message["events"], message["to_seq"]
    return events


@pytest.fixture
def browser(signed_in: SignedIn, owner: User) -> Client:
    return signed_in(owner)


async def test_a_watcher_receives_past_and_new_events(search: Search, browser: Client) -> None:
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        past = await until_seq(socket, search.seq, 0)
        await sync_to_async(run_round)(search)
        new = await until_seq(socket, search.seq, past[-1]["seq"])
    assert past + new == await sync_to_async(event_log.read)(search.pk, 1, search.seq)
    assert "step_decided" in [event["kind"] for event in new]


async def test_a_poke_sends_new_events_at_once(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "POLL_SECONDS", 60.0)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        seen = search.seq
        await until_seq(socket, seen, 0)
        await sync_to_async(run_round)(search)
        await until_seq(socket, search.seq, seen)


async def test_new_events_are_sent_without_a_poke(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pokes, "_poke", lambda group: None)
    monkeypatch.setattr(feeds, "POLL_SECONDS", 0.2)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        seen = search.seq
        await until_seq(socket, seen, 0)
        await sync_to_async(run_round)(search)
        await until_seq(socket, search.seq, seen)


async def test_a_watcher_survives_a_channel_layer_that_is_down(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down:
        async def new_channel(self) -> str:
            raise ConnectionError("no broker")

    monkeypatch.setattr(feeds, "get_channel_layer", Down)
    monkeypatch.setattr(feeds, "POLL_SECONDS", 0.2)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        await sync_to_async(run_round)(search)
        await until_seq(socket, search.seq, 0)


async def test_telemetry_is_sent_when_it_changes(search: Search, browser: Client, owner: User) -> None:
    async with Socket(browser, f"/ws/searches/{search.pk}?since={search.seq}") as socket:
        first = await socket.message()
        assert (first["type"], first["status"], first["pending"]) == ("telemetry", "queued", [])
        assert (first["work"], first["counts"]) == ([], {"queued": 3, "running": 0, "done": 0})
        await sync_to_async(steering.steer)(search.pk, owner, CommandKind.LOCK, "0-1")
        second = await socket.message()
        assert [command["edge"] for command in second["pending"]] == ["0-1"]
        await sync_to_async(work_one)()
        while not second["counts"]["done"]:
            second = await socket.message()
        assert second["work"][0]["curve"]


async def test_a_socket_without_a_session_is_closed(search: Search) -> None:
    async with Socket(None, f"/ws/searches/{search.pk}") as socket:
        assert await socket.close_code() == 4401


async def test_for_a_stranger_the_socket_of_a_search_does_not_exist(
    search: Search, stranger: User, signed_in: SignedIn
) -> None:
    browser = await sync_to_async(signed_in)(stranger)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        assert await socket.close_code() == 4404


async def test_a_removed_member_receives_nothing_more(
    search: Search, owner: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "ACCESS_SECONDS", 0.0)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        await sync_to_async(Membership.objects.filter(user=owner).delete)()
        assert await socket.close_code() == 4404


async def test_a_user_who_signs_out_receives_nothing_more(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "ACCESS_SECONDS", 0.2)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        assert await socket.outcome() == "seen"
        await sync_to_async(browser.logout)()
        assert await socket.close_code() == 4401


async def test_an_unknown_socket_path_is_closed_with_a_code(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    for address in ("/ws/nothing", "/ws/searches/a/b", "/"):
        async with Socket(browser, address) as socket:
            assert await socket.close_code() == 4404
    assert not caplog.records


async def test_many_watchers_of_a_search_share_one_reader(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, str]] = []
    read_log, read_telemetry = feeds.SearchFeed.read_log, feeds.SearchFeed.read_telemetry

    def counted_log(feed: feeds.SearchFeed, since: int) -> Json | None:
        found = read_log(feed, since)
        if found:
            asked.append((since, "log"))
        return found

    def counted_telemetry(feed: feeds.SearchFeed) -> Json | None:
        asked.append((0, "telemetry"))
        return read_telemetry(feed)

    monkeypatch.setattr(feeds.SearchFeed, "read_log", counted_log)
    monkeypatch.setattr(feeds.SearchFeed, "read_telemetry", counted_telemetry)
    async with AsyncExitStack() as all_of_them:
        sockets = [
            await all_of_them.enter_async_context(Socket(browser, f"/ws/searches/{search.pk}")) for _ in range(20)
        ]
        seen = search.seq
        for socket in sockets:
            await until_seq(socket, seen, 0)
        asked.clear()
        await sync_to_async(run_round)(search)
        received = [await until_seq(socket, search.seq, seen) for socket in sockets]
    assert all(events == received[0] for events in received)
    assert [kind for _, kind in asked].count("log") == 1
    assert len(asked) < 20  # one poll per poke, at most ten a second for all watchers


async def test_watchers_far_behind_share_their_queries_and_few_pages_are_cached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts: list[int] = []
    asked: list[int] = []

    def read_start(feed: feeds.SearchFeed, seq: int) -> int:
        starts.append(seq)
        return 9_700

    def read_log(feed: feeds.SearchFeed, since: int) -> Json:
        asked.append(since)
        return {"type": "events", "from_seq": since + 1, "to_seq": 10_000, "events": []}

    monkeypatch.setattr(feeds.SearchFeed, "read_start", read_start)
    monkeypatch.setattr(feeds.SearchFeed, "read_log", read_log)
    feed = feeds.SearchFeed("a search", seq=10_000)
    cursors = [feeds.Cursor(since) for since in range(100)]
    await asyncio.gather(*(feed.news(place) for place in cursors))
    assert (starts, asked, {place.since for place in cursors}) == ([10_000], [9_700], {10_000})
    for since in range(9_800, 10_000):
        await feed.news(feeds.Cursor(since))
        await feed.news(feeds.Cursor(9_999))
    assert len(feed._pages) == feeds.MAX_PAGES
    assert asked.count(9_999) == 1  # the position of nearly all watchers
    assert starts == [10_000]


async def test_a_watcher_that_is_far_behind_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_log(feed: feeds.SearchFeed, since: int) -> Json:
        return {"type": "events", "from_seq": since + 1, "to_seq": since + 300, "events": []}

    monkeypatch.setattr(feeds.SearchFeed, "read_start", lambda feed, seq: 100)
    monkeypatch.setattr(feeds.SearchFeed, "read_log", read_log)
    feed = feeds.SearchFeed("a search", seq=1_300)
    behind = feeds.Cursor(200)
    await feed.news(behind)
    assert behind.since == 500
    await feed.news(behind)
    assert behind.since == 800


async def test_a_start_that_could_not_be_read_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def read_start(feed: feeds.SearchFeed, seq: int) -> int:
        tries.append(seq)
        if len(tries) == 1:
            raise OperationalError("no connection")
        return 900

    def read_log(feed: feeds.SearchFeed, since: int) -> Json:
        return {"type": "events", "from_seq": since + 1, "to_seq": 1_000, "events": []}

    monkeypatch.setattr(feeds.SearchFeed, "read_start", read_start)
    monkeypatch.setattr(feeds.SearchFeed, "read_log", read_log)
    feed = feeds.SearchFeed("a search", seq=1_000)
    behind = feeds.Cursor(0)
    with pytest.raises(OperationalError):
        await feed.news(behind)
    await feed.news(behind)
    assert (len(tries), behind.since) == (2, 1_000)


async def test_a_feed_ends_with_its_last_watcher(search: Search, browser: Client) -> None:
    async with Socket(browser, f"/ws/searches/{search.pk}") as first:
        assert await first.outcome() == "seen"
        async with Socket(browser, f"/ws/searches/{search.pk}") as second:
            assert await second.outcome() == "seen"
            assert len(feeds._feeds) == 1
        assert len(feeds._feeds) == 1
    assert not feeds._feeds


async def test_events_are_sent_at_once_and_at_most_ten_times_a_second(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    polls: list[float] = []

    async def poll(feed: feeds.Feed) -> None:
        polls.append(time.monotonic())
        feed.poked.set()

    monkeypatch.setattr(feeds.SearchFeed, "poll", poll)
    async with feeds.watching(feeds.SearchFeed, search.pk):
        deadline = time.monotonic() + 10
        while len(polls) < 14:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
    assert polls[2] - polls[0] < 0.1
    assert all(later - earlier > 0.9 for earlier, later in zip(polls, polls[11:], strict=False))


@pytest.mark.parametrize("since", ["-3", "x", "9" * 5_000])
async def test_an_invalid_since_is_rejected(search: Search, browser: Client, since: str) -> None:
    async with Socket(browser, f"/ws/searches/{search.pk}?since={since}") as socket:
        assert await socket.close_code() == 4400


@pytest.fixture
def rolled_back(search: Search, owner: User) -> Search:
    """A search with several branches, whose log a reader may begin at several events."""
    for _ in range(3):
        run_round(search)
        run_round(search)
        steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=0)
        search.refresh_from_db()
    run_round(search)
    return search


@hypothesis_settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_watcher_that_joins_at_any_seq_gets_what_it_needs(
    rolled_back: Search, browser: Client, data: st.DataObject
) -> None:
    last = rolled_back.seq
    since = data.draw(st.integers(0, last), label="since")
    far = data.draw(st.sampled_from([1, 5, 500]), label="events behind from which the watcher starts again")
    size = data.draw(st.sampled_from([1, 3_000, 1_000_000]), label="bytes of events in a message")
    compressed = data.draw(st.sampled_from([0, 2_000, 1_000_000]), label="bytes from which a message is compressed")
    start = event_log.segment(rolled_back.pk, last).first
    expected = max(start, since + 1) if last - since > far else since + 1

    async def join() -> list[Json]:
        async with Socket(browser, f"/ws/searches/{rolled_back.pk}?since={since}") as socket:
            return await until_seq(socket, last, since)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(feeds, "FAR_BEHIND", far)
        patched.setattr(feeds, "BATCH_BYTES", size)
        patched.setattr(feeds, "COMPRESSED_BYTES", compressed)
        assert asyncio.run(join()) == event_log.read(rolled_back.pk, expected, last)


@pytest.mark.parametrize("size", [1, 2_000, 10_000])
def test_a_batch_of_events_ends_with_the_one_that_fills_it(rolled_back: Search, size: int) -> None:
    lengths = {event.seq: len(event.payload) for event in rolled_back.events.all()}
    first = 1
    seen: list[Json] = []
    while batch := event_log.batch(rolled_back.pk, first, size):
        numbers = [event["seq"] for event in batch]
        assert numbers == list(range(first, first + len(batch)))
        assert sum(lengths[seq] for seq in numbers[:-1]) < size
        first, seen = numbers[-1] + 1, seen + batch
        assert first > rolled_back.seq or sum(lengths[seq] for seq in numbers) >= size
    assert seen == event_log.read(rolled_back.pk, 1, rolled_back.seq)


async def test_a_long_message_is_compressed_once_for_all_watchers(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    encoded = feeds.encoded

    def counted(message: Json) -> feeds.Encoded:
        frame = encoded(message)
        if isinstance(frame, bytes):
            compressed.append(len(frame))
        return frame

    monkeypatch.setattr(feeds, "encoded", counted)
    monkeypatch.setattr(feeds, "COMPRESSED_BYTES", 1_000)
    async with AsyncExitStack() as all_of_them:
        for _ in range(5):
            socket = await all_of_them.enter_async_context(Socket(browser, f"/ws/searches/{search.pk}"))
            frame = await socket.frame()
            assert isinstance(frame, bytes)
            assert len(frame) < len(json.dumps(message_of(frame))) / 2
    assert len(compressed) == 1


def test_rest_and_socket_return_the_same_command(search: Search, owner: User, browser: Client) -> None:
    steering.steer(search.pk, owner, CommandKind.LOCK, "0-1", "keep it")
    assert browser.get(f"/api/searches/{search.pk}/commands").json() == presenters.telemetry(search)["pending"]


async def test_a_silent_socket_beats_so_that_a_dead_line_is_noticed(
    search: Search, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.05)
    async with Socket(browser, f"/ws/searches/{search.pk}") as socket:
        await until_seq(socket, search.seq, 0)
        while await socket.any_message() != {"type": "heartbeat"}:
            pass
        while await socket.any_message() != {"type": "heartbeat"}:
            pass
        seen = search.seq
        await sync_to_async(run_round)(search)
        await until_seq(socket, search.seq, seen)
