"""A person at a running web server: REST with a session, and a socket that reconnects as a page does."""

import json
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from search.base.serialization import Json
from tests.frames import message_of
from tests.processes import wait_until


@dataclass
class Person:
    port: int
    session: str

    def ask(self, path: str, body: Json | None = None) -> Any:
        token = "t" * 32
        headers = {"Cookie": f"sessionid={self.session}; csrftoken={token}", "X-CSRFToken": token}
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def ask_patiently(self, path: str) -> Any:
        """The answer, or None while the server cannot be reached."""
        try:
            return self.ask(path)
        except (urllib.error.URLError, OSError):
            return None

    def connect(self, search: str, since: int) -> ClientConnection:
        origin: Any = f"http://127.0.0.1:{self.port}"
        headers = {"Cookie": f"sessionid={self.session}"}
        address = f"ws://127.0.0.1:{self.port}/ws/searches/{search}?since={since}"
        return connect(address, origin=origin, additional_headers=headers, open_timeout=20)


class Page:
    """Watches a search as a page does: reconnects whenever the socket closes, from the last event on."""

    def __init__(self, person: Person, search: str) -> None:
        self.events: list[Json] = []
        self.gap: str | None = None
        self.visits = 0  # number of connections
        self._person, self._search = person, search
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="page", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed.set()
        self._thread.join()

    @property
    def seq(self) -> int:
        return len(self.events)

    def until_seq(self, seq: int, seconds: float = 120) -> list[Json]:
        wait_until(lambda: self.seq >= seq or self.gap, seconds, f"event {seq} at the watcher")
        assert self.gap is None, self.gap
        return self.events

    def _watch(self) -> None:
        while not self._closed.is_set():
            try:
                with self._person.connect(self._search, self.seq) as socket:
                    self.visits += 1
                    self._listen(socket)
            except (OSError, EOFError, WebSocketException):
                self._closed.wait(0.1)

    def _listen(self, socket: ClientConnection) -> None:
        while not self._closed.is_set():
            try:
                message = message_of(socket.recv(timeout=0.2))
            except TimeoutError:
                continue
            if message["type"] == "events":
                if message["from_seq"] != self.seq + 1:
                    self.gap = f"the socket went from event {self.seq} to {message['from_seq']}"
                self.events += message["events"]
