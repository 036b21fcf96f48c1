"""From a hand that points at an edge to its figures: `make bench NAME=whatif`.

A real web server, asked over HTTP as a page asks, with a session. One: a single edit. All: every single edit of a
complete cell at once (edges and nodes out, operations changed), as before a hand moves. Orders for memory included.
"""

import http.client
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from search.base import serialization
from search.network.graph import Graph
from search.network.macro import Macro
from search.spaces import cnn
from search.spaces.presets import PRESETS
from tests.benchmarks.report import interval

RUNS = 10
Json = dict[str, Any]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "ESPALIER_VAR": str(Path(folder) / "var"),
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            "ESPALIER_ASKS_A_MINUTE": "0",
        }
        import django

        django.setup()
        from tests.benchmarks.latency import people, stack

        with stack() as port:
            _, session = people()
            measure(http.client.HTTPConnection("127.0.0.1", port), session)


def measure(server: http.client.HTTPConnection, session: str) -> None:
    small, published = cnn.search_macro((3, 32, 32), 10), PRESETS["shrinkcnn-a"].macro
    print(f"milliseconds over HTTP, {RUNS} runs (load {os.getloadavg()[0]:.1f}); mean and 95 % interval")
    for nodes in (8, 12):
        graph = cnn.dense(nodes)
        edits = single_edits(graph)
        for title, macro in (("the search's network", small), ("AutoShrink's for ImageNet", published)):
            body = question(graph, macro, edits)
            ask = [ms(server, session, body | {"edits": edits[run::RUNS][:1], "each": False}) for run in range(RUNS)]
            print(f"{nodes} nodes, {title}")
            print(f"  one edit                      {interval(ask)}")
            ask = [ms(server, session, body) for _ in range(RUNS + 1)][1:]
            print(f"  all {len(edits)} edits                  {interval(ask)}")


def single_edits(graph: Graph) -> list[Json]:
    inside = graph.nodes[1:]
    changed = [(node, op) for node in inside for op in cnn.OPS if op != node.op]
    return [
        *({"kind": "remove_edge", "edge": edge.id} for edge in graph.edges),
        *({"kind": "remove_node", "node": node.id} for node in inside),
        *({"kind": "set_op", "node": node.id, "op": op} for node, op in changed),
    ]


def question(graph: Graph, macro: Macro, edits: list[Json]) -> Json:
    return {"graph": graph.to_dict(), "macro": serialization.to_jsonable(macro), "edits": edits, "each": True}


def ms(server: http.client.HTTPConnection, session: str, body: Json) -> float:
    token = "t" * 32
    headers = {
        "Content-Type": "application/json",
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "X-CSRFToken": token,
    }
    text = json.dumps(body)
    began = time.perf_counter()
    server.request("POST", "/api/what-if", text, headers)
    answer = server.getresponse()
    content = answer.read()
    taken = (time.perf_counter() - began) * 1e3
    assert answer.status == 200, content
    return taken


if __name__ == "__main__":
    main()
