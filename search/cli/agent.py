"""The measuring agent: claims latency measurements from a studio over HTTP, with the token of its device.

It needs no database, no queue and no torch. It may die at any moment: a lease that is not renewed expires, and the
studio gives the work to another agent.
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

TIMEOUT = 10.0  # seconds, for a response of the studio
MOST_BYTES = 1_000_000  # of a response
FIRST_PAUSE = 1.0  # seconds; each further pause is twice as long
MAX_IDLE_PAUSE = 10.0  # seconds, while there is nothing to measure
MAX_RETRY_PAUSE = 60.0  # seconds, while the studio is unavailable


class AgentError(RuntimeError):
    """An error that retrying cannot fix; the message is a sentence."""


class StudioUnavailable(RuntimeError):
    """The studio does not answer, or answers with a temporary error, which the message names."""


class RequestRejected(RuntimeError):
    """The studio rejects a request; the message is its reason."""


class Withdrawn(Exception):
    """The measurement is not needed any more, or its lease is lost."""


class Measure(Protocol):
    def __call__(
        self, graph: Graph, macro: Macro, threads: int = ..., should_stop: Callable[[], bool] = ...
    ) -> Latency: ...


def print_line(line: str) -> None:
    print(f"agent: {line}", file=sys.stderr, flush=True)


class Studio:
    """Client of the studio's API for agents. Every request carries the token, and redirects are not followed."""

    def __init__(self, url: str, token: str) -> None:
        """Raises AgentError on a malformed address or token."""
        if not _is_address(url):
            raise _bad_address(url)
        if not token.strip():
            raise AgentError("The token is missing. The studio shows it once, when the device is added.")
        if not (token.strip().isascii() and token.strip().isprintable()):
            raise AgentError("The token contains invalid characters. Copy it again, as one line.")
        self.url = url.rstrip("/")
        self._token = token.strip()
        self._opener = urllib.request.build_opener(_RawResponses)

    def post(self, endpoint: str, body: serialization.Json | None = None) -> serialization.Json:
        """The response, {} if it is empty. Raises AgentError, StudioUnavailable or RequestRejected."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/api/agent/{endpoint}", serialization.dumps(body or {}), headers)
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                status, location = response.status, response.headers["Location"]
                content = response.read(MOST_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, ssl.SSLCertVerificationError):
                raise AgentError(f"The certificate of {self.url} is not trusted: {reason.verify_message}.") from None
            raise StudioUnavailable(str(reason) or type(reason).__name__) from None
        except UnicodeError:  # the host or the path cannot be encoded
            raise _bad_address(self.url) from None
        if status in (408, 429) or status >= 500:
            raise StudioUnavailable(f"it answers with an error ({status})")
        if 300 <= status < 400:
            raise AgentError(f"{self.url} redirects to {location}. Use that address.")
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
            raise AgentError(f"{self.url} rejects the token. {detail}")
        if status in (400, 409) and detail:
            raise RequestRejected(detail)
        raise self.not_a_studio(f"the server there has no API for agents ({status})")

    def not_a_studio(self, why: str) -> AgentError:
        return AgentError(f"There is no Espalier at {self.url}: {why}.")


def _is_address(url: str) -> bool:
    if not url.isprintable() or " " in url:  # urlsplit drops some of these characters and keeps others
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # unbalanced brackets, or a port that is not a number
        return False


def _bad_address(url: str) -> AgentError:
    return AgentError(f"{url!r} is not the address of a studio; it looks like https://studio.example")


class _RawResponses(urllib.request.HTTPErrorProcessor):
    """Returns error responses instead of raising, and follows no redirect: the token is for the given address only."""

    def http_response(self, request: urllib.request.Request, response: Any) -> Any:
        return response

    https_response = http_response


def _detail(answer: Any) -> str | None:
    """The sentence in an error response."""
    try:
        return str(answer["errors"][0]["detail"])
    except (KeyError, IndexError, TypeError):
        return None


@dataclass
class _Backoff:
    """Pauses that double up to a maximum, until they are reset."""

    longest: float
    wait: Callable[[float], None]
    next: float = FIRST_PAUSE

    def pause(self) -> None:
        self.wait(self.next)
        self.next = min(2 * self.next, self.longest)

    def reset(self) -> None:
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

    def fields(self) -> serialization.Json:
        """The fields that identify the lease in a request."""
        return {"work": self.work, "token": self.token}

    def renew_if_due(self) -> bool:
        """Renews the lease when it is due. Serves as `should_stop`, called between inferences. Raises Withdrawn."""
        now = self.clock()
        if now >= self.due:
            self.due = now + self.seconds
            try:
                answer = self.studio.post("renew", self.fields())
            except StudioUnavailable:
                return False  # it may be back for the next renewal, or when the measurement is done
            if answer.get("answer") != "continue":
                raise Withdrawn
        return False


@dataclass
class Agent:
    studio: Studio
    measure: Measure
    about: dict[str, str]  # description of this machine
    threads: int = 1
    wait: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    print_line: Callable[[str], None] = print_line

    def run(self, *, once: bool = False) -> None:
        """Measures until interrupted. `once`: makes at most one measurement.

        Retries with growing pauses while the studio is unavailable. Raises AgentError, and with `once`
        StudioUnavailable.
        """
        idle, retry = _Backoff(MAX_IDLE_PAUSE, self.wait), _Backoff(MAX_RETRY_PAUSE, self.wait)
        seconds: float | None = None  # between two renewals of a lease
        while True:
            try:
                seconds = self._register() if seconds is None else seconds
                has_measured = self._measure_next(seconds, retry)
            except StudioUnavailable as error:
                if once:
                    raise
                self._wait_for_studio(error, retry)
                seconds = None  # register again: the studio may have been reconfigured
                continue
            except RequestRejected as error:
                raise AgentError(f"{self.studio.url} rejects this agent: {error}") from None
            retry.reset()
            if once:
                return
            if has_measured:
                idle.reset()
            else:
                idle.pause()

    def _register(self) -> float:
        """Describes this machine to the studio; returns the seconds between two renewals of a lease."""
        answer = self.studio.post("hello", {"about": self.about | {"threads": str(self.threads)}})
        try:
            device, team, seconds = str(answer["device"]), str(answer["team"]), float(answer["renew_seconds"])
        except (KeyError, TypeError, ValueError):
            raise self._unexpected_answer() from None
        self.print_line(f"measuring as “{device}” for the team “{team}”; press Ctrl-C to stop")
        return seconds

    def _measure_next(self, seconds: float, retry: _Backoff) -> bool:
        """Claims one measurement, makes it and sends its outcome. False: there is none to claim."""
        item = self.studio.post("claim")
        if not item:
            return False
        try:
            work, token, payload = item["work"], item["token"], item["payload"]
        except KeyError:
            raise self._unexpected_answer() from None
        lease = _Lease(self.studio, work, token, seconds, self.clock)
        try:
            endpoint, body = self._outcome(payload, lease)
            self._send(endpoint, lease.fields() | body, retry)
        except Withdrawn:
            self.print_line("stopped: this measurement is no longer needed")
        except RequestRejected as error:
            self.print_line(f"the studio rejected the result: {error}")
        return True

    def _unexpected_answer(self) -> AgentError:
        return self.studio.not_a_studio("the server sent an unexpected answer")

    def _send(self, endpoint: str, body: serialization.Json, retry: _Backoff) -> None:
        """Retries until the studio is available: a result that took minutes to measure should not be lost."""
        while True:
            try:
                self.studio.post(endpoint, body)
                return
            except StudioUnavailable as error:
                self._wait_for_studio(error, retry)

    def _wait_for_studio(self, error: StudioUnavailable, retry: _Backoff) -> None:
        if retry.next == FIRST_PAUSE:
            self.print_line(f"{self.studio.url} is unavailable: {error}; retrying")
        retry.pause()

    def _outcome(self, payload: serialization.Json, lease: _Lease) -> tuple[str, serialization.Json]:
        """Measures; returns the endpoint and the body that report the outcome."""
        try:
            graph, macro = Graph.from_dict(payload["graph"]), macros.read(payload["macro"])
            latency = self.measure(graph, macro, self.threads, lease.renew_if_due)
        except (Withdrawn, AgentError, RequestRejected):
            raise
        except (BadGraph, serialization.DecodeError, KeyError) as error:
            return self._failed("unknown_network", f"This agent cannot build the network; is it too old? {error}")
        except MemoryError as error:
            return self._failed("out_of_memory", f"The device ran out of memory. {error}")
        except Exception as error:  # the agent must survive any failure of one measurement
            return self._failed("exception", f"{type(error).__name__}: {error}")
        self.print_line(f"{latency.median:,} µs (p10 {latency.low:,}, p90 {latency.high:,})")
        return "complete", {"outcome": {"status": "ok", "latency": serialization.to_jsonable(latency)}}

    def _failed(self, code: str, message: str) -> tuple[str, serialization.Json]:
        self.print_line(f"failed: {message}")
        return "fail", {"code": code, "message": message[: BOUNDS.failure_message]}
