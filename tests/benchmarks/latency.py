"""Latency from a stored outcome to the removed edge in the browser: `make bench NAME=latency`; OUT=FILE also writes it.

Uses a real stack (Postgres with durable commits, Valkey, coordinator, web server) and a real browser. In place of
workers, a driver stores outcomes through `webapp.scheduling.leases` that are hashes of the work, so steps are fast. The
time of a step starts at `finished_at` of the last outcome of its round in the database, and ends when the mark of the
removed edge changes in the page's DOM. It is measured with the browser alone, and with 200 more sockets on the search.
"""

import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page

from tests.e2e.browser import browser, window
from tests.processes import free_port, wait_until

ROOT = Path(__file__).parents[2]
MANAGE = (sys.executable, str(ROOT / "manage.py"))
SEARCHES = int(
    os.environ.get("SEARCHES", "4")
)  # of about twenty steps each, both with the browser alone and with the crowd
CROWD, PAUSE = 200, (0.25, 0.5)
TASK: dict[str, Any] = {
    "strategy": "autoshrink",
    "dataset": "digits",
    "budget": {"params": 10**9, "macs": None, "peak_memory": None, "bytes_per_element": 4},
    "settings": {"space": {"nodes": 8}, "strategy": {"candidates": 3, "keep_edges": 4, "patience": 0}},
}

#: Records when the mark of each edge changes, by the system clock.
WATCH = """() => {
  window.cuts = {};
  new MutationObserver((changes) => {
    const now = performance.timeOrigin + performance.now();
    for (const { target } of changes) {
      const edge = target.getAttribute("data-edge");
      if (edge && target.getAttribute("data-state") === "removed" && !(edge in window.cuts)) window.cuts[edge] = now;
    }
  }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
}"""


@dataclass
class Steps:
    """Milliseconds of each step, from the stored outcome: in total and in parts."""

    total: list[float] = field(default_factory=list)
    logged: list[float] = field(default_factory=list)  # until the coordinator has written it into the log
    median_socket: list[float] = field(default_factory=list)  # until it arrives at the median socket of the crowd
    last_socket: list[float] = field(default_factory=list)  # until it arrives at the last socket
    rendered: list[float] = field(default_factory=list)  # from the log to the DOM


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        with stack() as port, ThreadPoolExecutor(1) as database, browser() as launched:
            link, session = database.submit(prepare_owner).result()
            page = window(launched).new_page()
            page.goto(f"http://127.0.0.1:{port}/sign-in/{link}")
            alone, crowded = Steps(), Steps()
            for seed in range(SEARCHES):
                measure(page, port, session, database, seed, 1, alone)
                measure(page, port, session, database, SEARCHES + seed, CROWD, crowded)
            text = report(alone, crowded, launched.version)
    print(text)
    if out := os.environ.get("OUT"):
        Path(out).write_text(text)


@contextmanager
def stack() -> Iterator[int]:
    """Services with durable commits, the coordinator and the web server; no worker."""
    from django.conf import settings

    from webapp.processes.supervisor import Child, Supervisor

    with web() as port, Supervisor(settings.LOG_DIR) as children:
        children.start(Child(name="coordinator", command=(*MANAGE, "worker", "--queue", "advance")))
        yield port


@contextmanager
def web(manage: tuple[str, ...] = MANAGE) -> Iterator[int]:
    """Services with durable commits, and the web server alone. `manage`: the command that starts it."""
    from django.conf import settings
    from django.core.management import call_command

    from webapp.processes.supervisor import Child, Supervisor

    port = free_port()
    with Supervisor(settings.LOG_DIR) as children:
        settings.EMBEDDED.start(children)
        call_command("migrate", verbosity=0)
        children.start(Child(name="web", command=(*manage, "web", "--port", str(port))))
        wait_until(lambda: answers(port), 60, "the web server")
        yield port


def answers(port: int) -> bool:
    return (
        subprocess.run(("curl", "-fsS", "-o", os.devnull, f"http://127.0.0.1:{port}/healthz"), stderr=-3).returncode
        == 0
    )


def prepare_owner() -> tuple[str, str]:
    """Prepares the owner's account: a sign-in link for the browser, and a session for the sockets."""
    from django.test import Client

    from webapp import firstrun
    from webapp.accounts import sign_in
    from webapp.models import Search, User
    from webapp.searches import lifecycle

    firstrun.ensure()
    for search in Search.objects.all():
        lifecycle.pause(search, None)
    owner = User.objects.get()
    client = Client()
    client.force_login(owner, backend=sign_in.BACKEND)
    return sign_in.make_link(owner), client.cookies["sessionid"].value


def measure(
    page: Page, port: int, session: str, database: ThreadPoolExecutor, seed: int, crowd: int, steps: Steps
) -> None:
    """Measures one search from its launch to its end."""
    search = database.submit(launch, seed).result()
    page.goto(f"http://127.0.0.1:{port}/searches/{search}")
    page.locator("svg [data-edge]").nth(27).wait_for(state="attached")
    page.evaluate(WATCH)
    address = f"ws://127.0.0.1:{port}/ws/searches/{search}"
    watching = subprocess.Popen(
        (sys.executable, "-m", "tests.benchmarks.crowd", address, session, str(crowd)),
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert watching.stdin and watching.stdout and watching.stdout.readline() == "ready\n"
    rng = random.Random(seed)
    cuts: dict[str, tuple[float, float]] = {}
    while (step := database.submit(finish_round, search, rng).result()) is not None:
        if step:
            edge, stored, logged = step
            cuts[edge] = stored, logged
            page.wait_for_function("(edge) => edge in window.cuts", arg=edge, polling=100)
    watching.stdin.close()
    arrived = json.loads(watching.stdout.readline())
    watching.wait(10)
    rendered = page.evaluate("window.cuts")
    print(f"seed {seed}: {len(cuts)} steps, {crowd} sockets in addition to the browser's", file=sys.stderr, flush=True)
    for edge, (stored, logged) in cuts.items():
        steps.total.append(rendered[edge] - stored)
        steps.logged.append(logged - stored)
        steps.rendered.append(rendered[edge] - logged)
        steps.median_socket.append(median(arrived[edge]) * 1e3 - stored)
        steps.last_socket.append(max(arrived[edge]) * 1e3 - stored)


def launch(seed: int) -> str:
    from search.base import serialization
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    task = serialization.to_jsonable(proposals.task({**TASK, "seed": seed}))
    return lifecycle.create(Team.objects.get(), User.objects.get(), f"Seed {seed}", task).pk


def finish_round(search: str, rng: random.Random) -> tuple[str, float, float] | tuple[()] | None:
    """Stores the outcomes of the open round, the last one after a pause.

    Returns the removed edge, and when the last outcome was stored and the event logged, in milliseconds; () if no edge
    was removed, None if the search is over.
    """
    from tests.webapp.fakes import WORKER, outcome_of
    from webapp.models import Event, Round, Search, Work
    from webapp.scheduling import leases

    if not Search.objects.get(pk=search).state.is_live:
        return None
    current = Round.objects.get(search=search, status="open")
    claimed = []
    while (lease := leases.claim(WORKER)) is not None:
        claimed.append(lease)
    for number, lease in enumerate(claimed):
        if number == len(claimed) - 1:
            time.sleep(rng.uniform(*PAUSE))
        leases.complete(lease, outcome_of(lease.payload), WORKER.numerics)
    time.sleep(PAUSE[0])  # polling more often would slow down what is measured
    wait_until(lambda: not Round.objects.filter(pk=current.pk, status="open").exists(), 30, "the next round")
    stored = Work.objects.filter(round=current).latest("finished_at").finished_at
    event = Event.objects.filter(search=search, round=current.number, kind="graph_edited").order_by("seq").first()
    if event is None or stored is None:
        return ()
    from search.base import serialization

    edge: str = serialization.loads(bytes(event.payload))["edits"]["edges_removed"][0]
    return edge, stored.timestamp() * 1e3, event.at.timestamp() * 1e3


def report(alone: Steps, crowded: Steps, chromium: str) -> str:
    def row(name: str, values: list[float]) -> str:
        percentiles = quantiles(values, n=20)
        return f"| {name} | {len(values)} | {median(values):.0f} | {percentiles[18]:.0f} | {max(values):.0f} |"

    import django
    import uvicorn

    load = os.getloadavg()[0]
    versions = f"Python {platform.python_version()}, Django {django.__version__}, uvicorn {uvicorn.__version__}"
    lines = [
        "# From a stored outcome to the cut in the browser",
        "",
        "Made by `make bench NAME=latency OUT=docs/results/latency.md`; what is measured, and how:",
        "[tests/benchmarks/latency.py](../../tests/benchmarks/latency.py). Times in milliseconds.",
        "",
        f"{processor()}, {os.cpu_count()} cores, with all processes and the browser on it (load {load:.1f}).",
        f"{versions}, PostgreSQL 18 with durable commits, Valkey 9, Chromium {chromium}. Cells of eight nodes.",
        "",
        "| measure | steps | median | 95th percentile | maximum |",
        "|---|---|---|---|---|",
        row("one watcher: stored to gone in the browser", alone.total),
        row("… of that, until the coordinator wrote it into the log", alone.logged),
        row("… of that, from the log to the browser's DOM", alone.rendered),
        row(f"{CROWD} more sockets: stored to gone in the browser", crowded.total),
        row("… of that, until the coordinator wrote it into the log", crowded.logged),
        row("… of that, from the log to the browser's DOM", crowded.rendered),
        row("… stored to come to half of the sockets", crowded.median_socket),
        row("… stored to come to the last of them", crowded.last_socket),
    ]
    return "\n".join(lines) + "\n"


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


if __name__ == "__main__":
    main()
