"""The measuring agent, against a small fake of the studio's API."""

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
from search.cli.agent import MAX_IDLE_PAUSE, MAX_RETRY_PAUSE, Agent, AgentError, Studio, StudioUnavailable
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
    """Ends the agent's endless loop."""


def error(detail: str) -> serialization.Json:
    return {"type": "client_error", "errors": [{"code": "error", "detail": detail, "attr": None}]}


@dataclass
class Server:
    """Answers each endpoint with its prepared answers, repeating the last, and records the requests."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, Any]] = field(default_factory=list)
    tokens: set[str | None] = field(default_factory=set)

    def bodies(self, endpoint: str) -> list[Any]:
        return [body for name, body in self.requests if name == endpoint]

    def answer(self, endpoint: str) -> Answer:
        answers = self.answers[endpoint]
        return answers.pop(0) if len(answers) > 1 else answers[0]


@pytest.fixture
def server() -> Iterator[Server]:
    fake = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint = self.path.removeprefix("/api/agent/")
            fake.requests.append((endpoint, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            fake.tokens.add(self.headers["Authorization"])
            status, content = fake.answer(endpoint)
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
        fake.url = f"http://127.0.0.1:{listening.server_port}"
        fake.answers = {
            "hello": [(200, {"device": "kitchen", "team": "Garden", "renew_seconds": 3.0})],
            "claim": [(200, {"work": 7, "token": "lease-1", "payload": PAYLOAD}), (204, None)],
            "renew": [(200, {"answer": "continue"})],
            "complete": [(204, None)],
            "fail": [(204, None)],
        }
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield fake
        listening.shutdown()
        thread.join()


def measured(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = lambda: False) -> Latency:
    return FOUND if not should_stop() else pytest.fail("should_stop is true")


def agent(server: Server, **change: Any) -> Agent:
    settings: dict[str, Any] = {
        "measure": measured,
        "print_line": lambda line: None,
        "wait": lambda seconds: pytest.fail("waits"),
    }
    return Agent(Studio(server.url + "/", "secret"), about={"processor": "a board"}, **settings | change)


def waits(most: int, taken: list[float]) -> Callable[[float], None]:
    """Records the pauses, and ends the agent after so many of them."""

    def wait(seconds: float) -> None:
        taken.append(seconds)
        if len(taken) == most:
            raise Enough

    return wait


def test_it_registers_measures_and_sends_the_result(server: Server) -> None:
    lines: list[str] = []
    agent(server, threads=2, print_line=lines.append).run(once=True)
    assert server.requests == [
        ("hello", {"about": {"processor": "a board", "threads": "2"}}),
        ("claim", {}),
        (
            "complete",
            {"work": 7, "token": "lease-1", "outcome": {"status": "ok", "latency": serialization.to_jsonable(FOUND)}},
        ),
    ]
    assert server.tokens == {"Bearer secret"}
    assert lines[0] == "measuring as “kitchen” for the team “Garden”; press Ctrl-C to stop"
    assert "120 µs" in lines[1]


def test_it_measures_the_network_of_the_payload_with_the_given_threads(server: Server) -> None:
    calls: list[Any] = []

    def measure(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = bool) -> Latency:
        calls.append((graph, macro, threads))
        return FOUND

    agent(server, measure=measure, threads=3).run(once=True)
    assert calls == [(cnn.dense(2), cnn.search_macro((1, 8, 8), 10), 3)]


def test_once_ends_where_nothing_is_waiting(server: Server) -> None:
    server.answers["claim"] = [(204, None)]
    agent(server).run(once=True)
    assert [endpoint for endpoint, _ in server.requests] == ["hello", "claim"]


def test_its_pauses_grow_while_there_is_nothing_to_measure(server: Server) -> None:
    item = server.answers["claim"][0]
    server.answers["claim"] = [*[(204, None)] * 6, item, (204, None)]
    taken: list[float] = []
    with pytest.raises(Enough):
        agent(server, wait=waits(8, taken)).run()
    assert taken == [1, 2, 4, 8, MAX_IDLE_PAUSE, MAX_IDLE_PAUSE, 1, 2]
    assert len(server.bodies("hello")) == 1


def test_it_renews_its_lease_when_that_is_due(server: Server) -> None:
    times = iter([0.0, 1.0, 2.9, 3.0, 4.0, 6.1])

    def measure(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = bool) -> Latency:
        assert not any(should_stop() for _ in range(5))
        return FOUND

    agent(server, measure=measure, clock=lambda: next(times)).run(once=True)
    assert server.bodies("renew") == [{"work": 7, "token": "lease-1"}] * 2


def test_it_drops_a_withdrawn_measurement_without_a_report(server: Server) -> None:
    server.answers["renew"] = [(200, {"answer": "stop"})]
    times = iter([0.0, 5.0])

    def measure(graph: Graph, macro: Macro, threads: int = 1, should_stop: Callable[[], bool] = bool) -> Latency:
        should_stop()
        pytest.fail("the measurement continues")

    agent(server, measure=measure, clock=lambda: next(times)).run(once=True)
    assert not server.bodies("complete") and not server.bodies("fail")


def test_it_keeps_measuring_while_the_studio_is_unavailable(server: Server) -> None:
    server.answers["renew"] = [(503, b"")]
    times = iter([0.0, 5.0])
    agent(server, clock=lambda: next(times)).run(once=True)
    assert server.bodies("renew") and server.bodies("complete")


def test_its_pauses_grow_while_the_studio_is_unavailable_and_it_registers_again(server: Server) -> None:
    server.answers["claim"] = [(204, None), *[(502, b"bad gateway")] * 7, (204, None)]
    taken: list[float] = []
    lines: list[str] = []
    with pytest.raises(Enough):
        agent(server, wait=waits(9, taken), print_line=lines.append).run()
    assert taken == [1, 1, 2, 4, 8, 16, 32, MAX_RETRY_PAUSE, 2]
    assert len(server.bodies("hello")) == 8
    assert [line for line in lines if "unavailable" in line] == [
        f"{server.url} is unavailable: it answers with an error (502); retrying"
    ]


def test_a_refused_connection_counts_as_unavailable(server: Server) -> None:
    taken: list[float] = []
    offline = Agent(
        Studio("http://127.0.0.1:9", "secret"), measured, {}, wait=waits(2, taken), print_line=lambda line: None
    )
    with pytest.raises(Enough):
        offline.run()
    with pytest.raises(StudioUnavailable, match="refused"):
        offline.run(once=True)


def test_a_result_is_sent_when_the_studio_is_back(server: Server) -> None:
    server.answers["complete"] = [(503, b""), (503, b""), (204, None)]
    taken: list[float] = []
    agent(server, wait=taken.append).run(once=True)
    assert taken == [1, 2] and len(server.bodies("complete")) == 3


def test_a_rejected_result_does_not_end_the_agent(server: Server) -> None:
    server.answers["complete"] = [(409, error("This work is with another by now."))]
    lines: list[str] = []
    with pytest.raises(Enough):
        agent(server, print_line=lines.append, wait=waits(1, [])).run()
    assert lines[-1] == "the studio rejected the result: This work is with another by now."


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (MemoryError("8 GB"), "out_of_memory", "ran out of memory"),
        (RuntimeError("odd " * 500), "exception", "RuntimeError: odd odd"),
    ],
)
def test_a_failure_is_reported_and_the_agent_continues(
    server: Server, problem: Exception, code: str, message: str
) -> None:
    def measure(*_: object, **__: object) -> Latency:
        raise problem

    with pytest.raises(Enough):
        agent(server, measure=measure, wait=waits(1, [])).run()
    (failure,) = server.bodies("fail")
    assert (failure["work"], failure["token"], failure["code"]) == (7, "lease-1", code)
    assert message in failure["message"] and len(failure["message"]) <= 500


@pytest.mark.parametrize("change", [{"macro": {"strange": 1}}, {"graph": {"nodes": []}}])
def test_a_network_of_an_unknown_kind_is_reported(server: Server, change: Any) -> None:
    server.answers["claim"][0] = (200, {"work": 7, "token": "lease-1", "payload": PAYLOAD | change})
    agent(server).run(once=True)
    assert server.bodies("fail")[0]["code"] == "unknown_network"


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (401, error("The device kitchen was retired."), "rejects the token. The device kitchen was retired."),
        (403, error("Send the token."), "rejects the token. Send the token."),
        (404, b"<html>", "There is no Espalier at"),
        (403, b"<html>", "There is no Espalier at"),
        (200, b"<html>Welcome</html>", "There is no Espalier at"),
        (200, {"hello": "world"}, "There is no Espalier at"),
        (302, "http://127.0.0.1:9/elsewhere", "redirects to http://127.0.0.1:9/elsewhere. Use that address."),
    ],
)
def test_an_error_that_retrying_cannot_fix_ends_it_with_a_message(
    server: Server, status: int, content: Any, message: str
) -> None:
    server.answers["hello"] = [(status, content)]
    with pytest.raises(AgentError) as caught:
        agent(server).run()
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, {"work": 7}), "There is no Espalier at"),
        ((400, error("Say less.")), "rejects this agent: Say less."),
    ],
)
def test_an_unexpected_answer_ends_it_with_a_message(server: Server, answer: Answer, message: str) -> None:
    server.answers["claim"] = [answer]
    with pytest.raises(AgentError, match=message):
        agent(server).run()


def test_retiring_a_device_ends_its_agent(server: Server) -> None:
    server.answers["claim"] = [(204, None), (401, error("The device kitchen was retired."))]
    with pytest.raises(AgentError, match="was retired"):
        agent(server, wait=lambda seconds: None).run()


@pytest.mark.parametrize(
    "url",
    [
        "studio.example", "ftp://studio.example", "file:///etc", "http://",
        "http://[::1", "http://[x]", "http://a b", " http://a", "http://a\tb", "http://a\nb", "http://a/b c",
        "http://a:x", "http://a:99999", "http://a:0",
    ],
)  # fmt: skip
def test_a_malformed_address_is_refused(url: str) -> None:
    with pytest.raises(AgentError, match="is not the address of a studio"):
        Studio(url, "secret")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/ä", f"http://{'a' * 70}.example"])
def test_an_address_that_cannot_be_encoded_is_refused_without_retries(url: str) -> None:
    with pytest.raises(AgentError, match="is not the address of a studio"):
        Studio(url, "secret").post("hello")


@pytest.mark.parametrize("token", ["", "  ", "\n"])
def test_an_empty_token_is_refused(token: str) -> None:
    with pytest.raises(AgentError, match="The token is missing"):
        Studio("http://127.0.0.1:9", token)


@pytest.mark.parametrize("token", ["two\nlines", "a\tb", "schlüssel"])
def test_a_malformed_token_is_refused(token: str) -> None:
    with pytest.raises(AgentError, match="The token contains invalid characters"):
        Studio("http://127.0.0.1:9", token)


def test_the_command_measures_a_real_network(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ESPALIER_TOKEN", "from-the-environment")
    assert main(["agent", "--url", server.url, "--once"]) == 0
    assert server.tokens == {"Bearer from-the-environment"}
    outcome = server.bodies("complete")[0]["outcome"]
    assert serialization.decode(Latency, outcome["latency"]).runtime.startswith("onnxruntime")
    assert set(server.bodies("hello")[0]["about"]) == {"processor", "system", "runtime", "threads"}
    assert "for the team “Garden”" in capsys.readouterr().err


def test_the_command_prints_why_it_ends(server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    server.answers["hello"] = [(401, error("This is no token of a device."))]
    assert main(["agent", "--url", server.url, "--token", "wrong"]) == 1
    assert capsys.readouterr().err == f"agent: {server.url} rejects the token. This is no token of a device.\n"
    assert main(["agent", "--url", "http://127.0.0.1:9", "--token", "any", "--once"]) == 1
    assert "http://127.0.0.1:9 is unavailable: " in capsys.readouterr().err


def test_ctrl_c_ends_it_cleanly_without_a_report(
    server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> Latency:
        raise KeyboardInterrupt

    monkeypatch.setattr("search.runtime.latency.measure", interrupted)
    assert main(["agent", "--url", server.url, "--token", "any"]) == 0
    assert "goes to another agent" in capsys.readouterr().err
    assert [endpoint for endpoint, _ in server.requests] == ["hello", "claim"]


def test_an_agent_loads_neither_torch_nor_the_packages_of_the_studio() -> None:
    code = (
        "import sys, search.__main__, search.cli.agent, search.runtime.latency\n"
        "assert not {'torch', 'django', 'celery', 'rich', 'PIL', 'sklearn', 'safetensors'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_an_agent_pins_the_same_versions_as_the_studio() -> None:
    of_agents, of_studio = ((ROOT / name).read_text().splitlines() for name in REQUIREMENTS)
    pinned = {line for line in of_agents if not line.startswith("#")}
    assert pinned <= set(of_studio) and len(pinned) == 3
