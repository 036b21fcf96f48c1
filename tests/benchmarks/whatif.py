"""Response times of what-if requests: `make bench NAME=whatif`.

Requests go to a real web server over HTTP with a session, as from a page. Measured are a single edit, and all single
edits of a complete cell in one request (removed edges and nodes, changed operations), including memory orders.
"""

import http.client
import json
import os
import tempfile
import time
from pathlib import Path

from search.base import serialization
from search.base.serialization import Json
from search.network.graph import Graph
from search.network.macro import Macro
from search.spaces import cnn
from search.spaces.presets import PRESETS
from tests.benchmarks.report import interval

RUNS = 10


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "ESPALIER_VAR": str(Path(folder) / "var"),
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "ESPALIER_WHAT_IF_PER_MINUTE": "0",
        }
        import django

        django.setup()
        from tests.benchmarks.latency import prepare_owner, stack

        with stack() as port:
            _, session = prepare_owner()
            measure(http.client.HTTPConnection("127.0.0.1", port), session)


def measure(server: http.client.HTTPConnection, session: str) -> None:
    small, published = cnn.search_macro((3, 32, 32), 10), PRESETS["shrinkcnn-a"].macro
    print(f"milliseconds over HTTP, {RUNS} runs (load {os.getloadavg()[0]:.1f}); mean and 95 % interval")
    for nodes in (8, 12):
        graph = cnn.dense(nodes)
        edits = single_edits(graph)
        for title, macro in (("the search's network", small), ("AutoShrink's for ImageNet", published)):
            body = request_body(graph, macro, edits)
            times = [
                response_ms(server, session, body | {"edits": edits[run::RUNS][:1], "each": False})
                for run in range(RUNS)
            ]
            print(f"{nodes} nodes, {title}")
            print(f"  one edit                      {interval(times)}")
            times = [response_ms(server, session, body) for _ in range(RUNS + 1)][1:]
            print(f"  all {len(edits)} edits                  {interval(times)}")


def single_edits(graph: Graph) -> list[Json]:
    nodes = graph.nodes[1:]
    changed = [(node, op) for node in nodes for op in cnn.OPS if op != node.op]
    return [
        *({"kind": "remove_edge", "edge": edge.id} for edge in graph.edges),
        *({"kind": "remove_node", "node": node.id} for node in nodes),
        *({"kind": "set_op", "node": node.id, "op": op} for node, op in changed),
    ]


def request_body(graph: Graph, macro: Macro, edits: list[Json]) -> Json:
    return {"graph": graph.to_dict(), "macro": serialization.to_jsonable(macro), "edits": edits, "each": True}


def response_ms(server: http.client.HTTPConnection, session: str, body: Json) -> float:
    token = "t" * 32
    headers = {
        "Content-Type": "application/json",
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "X-CSRFToken": token,
    }
    text = json.dumps(body)
    start = time.perf_counter()
    server.request("POST", "/api/what-if", text, headers)
    response = server.getresponse()
    content = response.read()
    milliseconds = (time.perf_counter() - start) * 1e3
    assert response.status == 200, content
    return milliseconds


if __name__ == "__main__":
    main()
