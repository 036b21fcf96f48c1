"""The agent, against a small server that speaks as the studio does."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from search.__main__ import main
from search.base import serialization
from search.cli.agent import AWAY_PAUSE, IDLE_PAUSE, Agent, Away, Refused, Studio
from search.network.graph import Graph
from search.network.latency import Latency
from search.network.macro import Macro
from search.spaces import cnn

ROOT = Path(__file__).parents[2]
PAYLOAD = {
    "kind": "measure",
    "graph": cnn.dense(2).to_dict(),
    "macro": serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10)),
    "device": "pi",
}
FOUND = Latency(120, 100, 150, repeats=200, warmup=20, device="a board", threads=1, runtime="a runtime")
REQUIREMENTS = ("requirements-agent.txt", "requirements.txt")
Answer = tuple[int, Any]


class Enough(Exception):
    """The test has seen what it came for."""


def error(detail: str) -> serialization.Json:
    return {"type": "client_error", "errors": [{"code": "error", "detail": detail, "attr": None}]}


@dataclass
class Server:
    """Answers each address with what lies in wait for it, the last again and again, and keeps what it was told."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    heard: list[tuple[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)

    def told(self, door: str) -> list[Any]:
        return [body for where, body in self.heard if where == door]

    def answer(self, door: str) -> Answer:
        waiting = self.answers[door]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.fixture
def server() -> Iterator[Server]:
    known = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            door = self.path.removeprefix("/api/agent/")
            known.heard.append((door, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            known.tokens.add(self.headers["Authorization"])
            status, content = known.answer(door)
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", content)
            body = content if isinstance(content, bytes) else json.dumps(content).encode() if status != 204 else b""
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        known.url = f"http://127.0.0.1:{listening.server_port}"
        known.answers = {
            "hello": [(200, {"device": "kitchen", "team": "Garden", "seconds": 3.0})],
            "claim": [(200, {"work": 7, "token": "lease-1", "payload": PAYLOAD}), (204, None)],
            "renew": [(200, {"answer": "go on"})],
            "complete": [(204, None)],
            "fail": [(204, None)],
        }
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield known
        listening.shutdown()
        thread.join()


def measured(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = lambda: False) -> Latency:
    return FOUND if not should_stop() else pytest.fail("it is told to stop")


def agent(server: Server, **change: Any) -> Agent:
    said: dict[str, Any] = {
        "measure": measured,
        "print_line": lambda line: None,
        "wait": lambda seconds: pytest.fail("waits"),
    }
    return Agent(Studio(server.url + "/", "secret"), about={"processor": "a board"}, **said | change)


def waits(most: int, taken: list[float]) -> Callable[[float], None]:
    """Keeps how long it was to wait, and ends the agent after so many."""

    def wait(seconds: float) -> None:
        taken.append(seconds)
        if len(taken) == most:
            raise Enough

    return wait


def test_it_introduces_itself_measures_and_tells(server: Server) -> None:
    lines: list[str] = []
    agent(server, threads=2, print_line=lines.append).run(once=True)
    assert server.heard == [
        ("hello", {"about": {"processor": "a board", "threads": "2"}}),
        ("claim", {}),
        (
            "complete",
            {"work": 7, "token": "lease-1", "outcome": {"status": "ok", "latency": serialization.to_jsonable(FOUND)}},
        ),
    ]
    assert server.tokens == {"Bearer secret"}
    assert lines[0] == "measuring as “kitchen” for the team “Garden”; Ctrl-C ends it"
    assert "120 µs" in lines[1]


def test_it_measures_what_the_payload_says_in_as_many_threads_as_it_was_given(server: Server) -> None:
    seen: list[Any] = []

    def measure(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = bool) -> Latency:
        seen.append((graph, macro, threads))
        return FOUND

    agent(server, measure=measure, threads=3).run(once=True)
    assert seen == [(cnn.dense(2), cnn.search_macro((1, 8, 8), 10), 3)]


def test_once_ends_where_there_is_nothing_to_measure(server: Server) -> None:
    server.answers["claim"] = [(204, None)]
    agent(server).run(once=True)
    assert [door for door, _ in server.heard] == ["hello", "claim"]


def test_it_asks_ever_more_rarely_while_there_is_nothing_to_measure(server: Server) -> None:
    item = server.answers["claim"][0]
    server.answers["claim"] = [*[(204, None)] * 6, item, (204, None)]
    taken: list[float] = []
    with pytest.raises(Enough):
        agent(server, wait=waits(8, taken)).run()
    assert taken == [1, 2, 4, 8, IDLE_PAUSE, IDLE_PAUSE, 1, 2]
    assert len(server.told("hello")) == 1


def test_it_renews_its_lease_while_it_measures_and_only_when_that_is_due(server: Server) -> None:
    times = iter([0.0, 1.0, 2.9, 3.0, 4.0, 6.1])

    def measure(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = bool) -> Latency:
        assert not any(should_stop() for _ in range(5))
        return FOUND

    agent(server, measure=measure, clock=lambda: next(times)).run(once=True)
    assert server.told("renew") == [{"work": 7, "token": "lease-1"}] * 2


def test_it_drops_what_is_not_wanted_any_more_and_tells_nothing_of_it(server: Server) -> None:
    server.answers["renew"] = [(200, {"answer": "stop"})]
    times = iter([0.0, 5.0])

    def measure(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = bool) -> Latency:
        should_stop()
        pytest.fail("it goes on")

    agent(server, measure=measure, clock=lambda: next(times)).run(once=True)
    assert not server.told("complete") and not server.told("fail")


def test_it_measures_on_while_the_studio_is_away(server: Server) -> None:
    server.answers["renew"] = [(503, b"")]
    times = iter([0.0, 5.0])
    agent(server, clock=lambda: next(times)).run(once=True)
    assert server.told("renew") and server.told("complete")


def test_it_waits_ever_longer_for_a_studio_that_is_away_and_then_introduces_itself_again(server: Server) -> None:
    server.answers["claim"] = [(204, None), *[(502, b"bad gateway")] * 7, (204, None)]
    taken: list[float] = []
    lines: list[str] = []
    with pytest.raises(Enough):
        agent(server, wait=waits(9, taken), print_line=lines.append).run()
    assert taken == [1, 1, 2, 4, 8, 16, 32, AWAY_PAUSE, 2]
    assert len(server.told("hello")) == 8
    assert [line for line in lines if "away" in line] == [
        f"{server.url} is away: it answers with an error (502); asking again until it is back"
    ]


def test_a_studio_that_nobody_answers_for_is_away(server: Server) -> None:
    taken: list[float] = []
    nobody = Agent(
        Studio("http://127.0.0.1:9", "secret"), measured, {}, wait=waits(2, taken), print_line=lambda line: None
    )
    with pytest.raises(Enough):
        nobody.run()
    with pytest.raises(Away, match="refused"):
        nobody.run(once=True)


def test_what_was_measured_is_told_when_the_studio_is_back(server: Server) -> None:
    server.answers["complete"] = [(503, b""), (503, b""), (204, None)]
    taken: list[float] = []
    agent(server, wait=taken.append).run(once=True)
    assert taken == [1, 2] and len(server.told("complete")) == 3


def test_a_result_that_comes_too_late_is_no_reason_to_end(server: Server) -> None:
    server.answers["complete"] = [(409, error("This work is with another by now."))]
    lines: list[str] = []
    with pytest.raises(Enough):
        agent(server, print_line=lines.append, wait=waits(1, [])).run()
    assert lines[-1] == "the studio did not take it: This work is with another by now."


@pytest.mark.parametrize(
    ("problem", "code", "says"),
    [
        (MemoryError("8 GB"), "out_of_memory", "short of memory"),
        (RuntimeError("odd " * 500), "exception", "RuntimeError: odd odd"),
    ],
)
def test_what_fails_is_told_and_the_next_is_taken(server: Server, problem: Exception, code: str, says: str) -> None:
    def measure(*_: object, **__: object) -> Latency:
        raise problem

    with pytest.raises(Enough):
        agent(server, measure=measure, wait=waits(1, [])).run()
    (told,) = server.told("fail")
    assert (told["work"], told["token"], told["code"]) == (7, "lease-1", code)
    assert says in told["message"] and len(told["message"]) <= 500


@pytest.mark.parametrize("change", [{"macro": {"strange": 1}}, {"graph": {"nodes": []}}])
def test_a_network_of_a_kind_that_it_does_not_know_is_told_so(server: Server, change: Any) -> None:
    server.answers["claim"][0] = (200, {"work": 7, "token": "lease-1", "payload": PAYLOAD | change})
    agent(server).run(once=True)
    assert server.told("fail")[0]["code"] == "unknown_network"


@pytest.mark.parametrize(
    ("status", "content", "says"),
    [
        (401, error("The device kitchen was retired."), "refuses the token. The device kitchen was retired."),
        (403, error("Send the token."), "refuses the token. Send the token."),
        (404, b"<html>", "There is no Espalier at"),
        (403, b"<html>", "There is no Espalier at"),
        (200, b"<html>Welcome</html>", "There is no Espalier at"),
        (200, {"hello": "world"}, "There is no Espalier at"),
        (302, "http://127.0.0.1:9/elsewhere", "sends on to http://127.0.0.1:9/elsewhere. Give that address."),
    ],
)
def test_what_no_waiting_helps_against_ends_it_in_words(server: Server, status: int, content: Any, says: str) -> None:
    server.answers["hello"] = [(status, content)]
    with pytest.raises(Refused) as refused:
        agent(server).run()
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((200, {"work": 7}), "There is no Espalier at"),
        ((400, error("Say less.")), "does not want this agent: Say less."),
    ],
)
def test_an_answer_that_makes_no_sense_ends_it_in_words(server: Server, answer: Answer, says: str) -> None:
    server.answers["claim"] = [answer]
    with pytest.raises(Refused, match=says):
        agent(server).run()


def test_a_device_that_is_retired_meanwhile_ends_its_agent(server: Server) -> None:
    server.answers["claim"] = [(204, None), (401, error("The device kitchen was retired."))]
    with pytest.raises(Refused, match="was retired"):
        agent(server, wait=lambda seconds: None).run()


@pytest.mark.parametrize(
    "url",
    [
        "studio.example", "ftp://studio.example", "file:///etc", "http://",
        "http://[::1", "http://[x]", "http://a b", " http://a", "http://a\tb", "http://a\nb", "http://a/b c",
        "http://a:x", "http://a:99999", "http://a:0",
    ],
)  # fmt: skip
def test_what_cannot_be_an_address_is_refused(url: str) -> None:
    with pytest.raises(Refused, match="is no address of a studio"):
        Studio(url, "secret")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/ä", f"http://{'a' * 70}.example"])
def test_an_address_that_cannot_be_sent_is_refused_and_not_asked_again(url: str) -> None:
    with pytest.raises(Refused, match="is no address of a studio"):
        Studio(url, "secret").post("hello")


@pytest.mark.parametrize("token", ["", "  ", "\n"])
def test_no_token_is_refused(token: str) -> None:
    with pytest.raises(Refused, match="There is no token"):
        Studio("http://127.0.0.1:9", token)


@pytest.mark.parametrize("token", ["two\nlines", "a\tb", "schlüssel"])
def test_what_cannot_be_a_token_is_refused(token: str) -> None:
    with pytest.raises(Refused, match="The token has characters that no token has"):
        Studio("http://127.0.0.1:9", token)


def test_the_command_measures_for_real(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ESPALIER_TOKEN", "from-the-environment")
    assert main(["agent", "--url", server.url, "--once"]) == 0
    assert server.tokens == {"Bearer from-the-environment"}
    outcome = server.told("complete")[0]["outcome"]
    assert serialization.decode(Latency, outcome["latency"]).runtime.startswith("onnxruntime")
    assert set(server.told("hello")[0]["about"]) == {"processor", "system", "runtime", "threads"}
    assert "for the team “Garden”" in capsys.readouterr().err


def test_the_command_says_in_words_why_it_ends(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.answers["hello"] = [(401, error("This is no token of a device."))]
    assert main(["agent", "--url", server.url, "--token", "wrong"]) == 1
    assert capsys.readouterr().err == f"agent: {server.url} refuses the token. This is no token of a device.\n"
    assert main(["agent", "--url", "http://127.0.0.1:9", "--token", "any", "--once"]) == 1
    assert "http://127.0.0.1:9 is away: " in capsys.readouterr().err


def test_ctrl_c_ends_it_cleanly_and_hands_in_nothing(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Latency:
        raise KeyboardInterrupt

    monkeypatch.setattr("search.runtime.latency.measure", interrupted)
    assert main(["agent", "--url", server.url, "--token", "any"]) == 0
    assert "handed out again" in capsys.readouterr().err
    assert [door for door, _ in server.heard] == ["hello", "claim"]


def test_an_agent_loads_neither_torch_nor_what_the_studio_needs() -> None:
    code = (
        "import sys, search.__main__, search.cli.agent, search.runtime.latency\n"
        "assert not {'torch', 'django', 'celery', 'rich', 'PIL', 'sklearn', 'safetensors'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_an_agent_needs_the_versions_that_the_studio_has() -> None:
    of_agents, of_studio = ((ROOT / name).read_text().splitlines() for name in REQUIREMENTS)
    pinned = {line for line in of_agents if not line.startswith("#")}
    assert pinned <= set(of_studio) and len(pinned) == 3
