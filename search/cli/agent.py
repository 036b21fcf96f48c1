"""The agent: a machine that only measures latency asks a studio for work, over HTTP, with a token of its own.

It needs neither database nor queue, and loads no torch. Whatever happens to it, nothing half done is handed in: a lease
that it does not renew lapses, and the work goes to whoever asks next.
"""

import http.client
import ssl
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from search.base import serialization
from search.network import macro as macros
from search.network.graph import BadGraph, Graph
from search.network.latency import Latency
from search.network.limits import BOUNDS
from search.network.macro import Macro

TIMEOUT = 10.0  # seconds: for an answer of the studio
MOST_BYTES = 1_000_000  # of an answer
FIRST_PAUSE = 1.0  # seconds; each pause is twice the one before
IDLE_PAUSE, AWAY_PAUSE = 10.0, 60.0  # the longest: where there is nothing to measure, and where nobody answers


class Refused(RuntimeError):
    """What no waiting helps against; the message is a sentence."""


class Away(RuntimeError):
    """Nobody answers, or not now; the message says how that shows."""


class Declined(RuntimeError):
    """The studio does not want what it was told; the message says why."""


class Withdrawn(Exception):
    """What is being measured is not wanted any more, or is another's by now."""


class Measure(Protocol):
    def __call__(
        self, graph: Graph, macro: Macro, threads: int = ..., should_stop: Callable[[], bool] = ...
    ) -> Latency: ...


def print_line(line: str) -> None:
    print(f"agent: {line}", file=sys.stderr, flush=True)


class Studio:
    """The studio's addresses for agents. All that is sent there carries the token, and nothing follows a redirect."""

    def __init__(self, url: str, token: str) -> None:
        """Raises Refused where the address or the token cannot be one."""
        if not _is_address(url):
            raise _no_address(url)
        if not token.strip():
            raise Refused("There is no token. The studio shows it once, where the device is added.")
        if not (token.strip().isascii() and token.strip().isprintable()):
            raise Refused("The token has characters that no token has. Copy it again, as one line.")
        self.url = url.rstrip("/")
        self._token = token.strip()
        self._opener = urllib.request.build_opener(_AsItComes)

    def post(self, door: str, body: serialization.Json | None = None) -> serialization.Json:
        """What it answers, {} where that is nothing. Raises Refused, Away or Declined."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/agent/{door}", serialization.dumps(body or {}), headers)
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                status, location = response.status, response.headers["Location"]
                content = response.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise Refused(f"The certificate of {self.url} cannot be trusted: {reason.verify_message}.") from None
            raise Away(str(reason) or type(reason).__name__) from None
        except UnicodeError:  # a host or a path that cannot be sent
            raise _no_address(self.url) from None
        if status in (408, 429) or status >= 500:
            raise Away(f"it answers with an error ({status})")
        if 300 <= status < 400:
            raise Refused(f"{self.url} sends on to {location}. Give that address.")
        if status == 204:
            return {}
        return self._read(status, content)

    def _read(self, status: int, content: bytes) -> serialization.Json:
        try:
            answer: Any = serialization.loads(content)
        except ValueError:
            answer = None
        if status == 200 and isinstance(answer, dict):
            return answer
        detail = _detail(answer)
        if status in (401, 403) and detail:
            raise Refused(f"{self.url} refuses the token. {detail}")
        if status in (400, 409) and detail:
            raise Declined(detail)
        raise self.no_espalier(f"what answers there does not know agents ({status})")

    def no_espalier(self, why: str) -> Refused:
        return Refused(f"There is no Espalier at {self.url}: {why}.")


def _is_address(url: str) -> bool:
    if not url.isprintable() or " " in url:  # of these, urlsplit drops some and keeps others
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, or a port that is no number
        return False


def _no_address(url: str) -> Refused:
    return Refused(f"{url!r} is no address of a studio; give one like https://studio.example")


class _AsItComes(urllib.request.HTTPErrorProcessor):
    """Errors are answers like others, and redirects are not followed: the token is for the address that was given."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response

    https_response = http_response


def _detail(answer: Any) -> str | None:
    """The sentence of an error's answer."""
    try:
        return str(answer["errors"][0]["detail"])
    except (KeyError, IndexError, TypeError):
        return None


@dataclass
class _Pauses:
    """Ever longer pauses, until something happens."""

    longest: float
    wait: Callable[[float], None]
    next: float = FIRST_PAUSE

    def take(self) -> None:
        self.wait(self.next)
        self.next = min(2 * self.next, self.longest)

    def begin_anew(self) -> None:
        self.next = FIRST_PAUSE


@dataclass
class _Lease:
    studio: Studio
    work: int
    token: str
    seconds: float  # between two renewals
    clock: Callable[[], float]
    due: float = field(init=False)

    def __post_init__(self) -> None:
        self.due = self.clock() + self.seconds

    def named(self) -> serialization.Json:
        return {"work": self.work, "token": self.token}

    def renew_if_due(self) -> bool:
        """Renews the lease when that is due; for `should_stop`, which is asked between inferences. Raises Withdrawn."""
        now = self.clock()
        if now >= self.due:
            self.due = now + self.seconds
            try:
                answer = self.studio.post("renew", self.named())
            except Away:
                return False  # it may be back at the next time, or when the measurement is done
            if answer.get("answer") != "go on":
                raise Withdrawn
        return False


@dataclass
class Agent:
    studio: Studio
    measure: Measure
    about: dict[str, str]  # of this machine, in words
    threads: int = 1
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    print_line: Callable[[str], None] = print_line

    def run(self, *, once: bool = False) -> None:
        """Measures until it is interrupted; `once`: one measurement, if there is one. Raises Refused, and Away if once.

        A studio that is away is asked again and again, ever more rarely.
        """
        idle, away = _Pauses(IDLE_PAUSE, self.wait), _Pauses(AWAY_PAUSE, self.wait)
        seconds: float | None = None
        while True:
            try:
                seconds = self._hello() if seconds is None else seconds
                found = self._one(seconds, away)
            except Away as error:
                if once:
                    raise
                self._bear(error, away)
                seconds = None  # who is back may have changed
                continue
            except Declined as error:
                raise Refused(f"{self.studio.url} does not want this agent: {error}") from None
            away.begin_anew()
            if once:
                return
            if found:
                idle.begin_anew()
            else:
                idle.take()

    def _hello(self) -> float:
        answer = self.studio.post("hello", {"about": self.about | {"threads": str(self.threads)}})
        try:
            device, team, seconds = str(answer["device"]), str(answer["team"]), float(answer["seconds"])
        except (KeyError, TypeError, ValueError):
            raise self._strange() from None
        self.print_line(f"measuring as “{device}” for the team “{team}”; Ctrl-C ends it")
        return seconds

    def _one(self, seconds: float, away: _Pauses) -> bool:
        """Takes one measurement and tells what came of it. False: there is none to take."""
        item = self.studio.post("claim")
        if not item:
            return False
        try:
            work, token, payload = item["work"], item["token"], item["payload"]
        except KeyError:
            raise self._strange() from None
        lease = _Lease(self.studio, work, token, seconds, self.clock)
        try:
            door, told = self._outcome(payload, lease)
            self._tell(door, lease.named() | told, away)
        except Withdrawn:
            self.print_line("stopped: this measurement is not wanted any more")
        except Declined as error:
            self.print_line(f"the studio did not take it: {error}")
        return True

    def _strange(self) -> Refused:
        return self.studio.no_espalier("its answer is none that agents know")

    def _tell(self, door: str, told: serialization.Json, away: _Pauses) -> None:
        """Until somebody hears it: what was measured is worth some patience."""
        while True:
            try:
                self.studio.post(door, told)
                return
            except Away as error:
                self._bear(error, away)

    def _bear(self, error: Away, away: _Pauses) -> None:
        if away.next == FIRST_PAUSE:
            self.print_line(f"{self.studio.url} is away: {error}; asking again until it is back")
        away.take()

    def _outcome(self, payload: serialization.Json, lease: _Lease) -> tuple[str, serialization.Json]:
        """Where to tell it, and what."""
        try:
            graph, macro = Graph.from_dict(payload["graph"]), macros.read(payload["macro"])
            latency = self.measure(graph, macro, self.threads, lease.renew_if_due)
        except (Withdrawn, Refused, Declined):
            raise
        except (BadGraph, serialization.DecodeError, KeyError) as error:
            return self._failed("unknown_network", f"This agent cannot build the network; is it too old? {error}")
        except MemoryError as error:
            return self._failed("out_of_memory", f"The device is short of memory. {error}")
        except Exception as error:  # whatever it is, the device goes on with the next
            return self._failed("exception", f"{type(error).__name__}: {error}")
        self.print_line(f"{latency.median:,} µs (of ten, one below {latency.low:,} and one above {latency.high:,})")
        return "complete", {"outcome": {"status": "ok", "latency": serialization.to_jsonable(latency)}}

    def _failed(self, code: str, message: str) -> tuple[str, serialization.Json]:
        self.print_line(f"failed: {message}")
        return "fail", {"code": code, "message": message[: BOUNDS.failure_message]}
