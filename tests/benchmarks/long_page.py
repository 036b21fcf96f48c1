"""The page of a search of 1,000 rounds of 500 candidates: `make bench NAME=long_page`; OUT=FILE also writes the report.

A real web server and a real browser. The turns of the synthetic strategy are taken here: most of them at once, the last
ones at a steady pace while the page is open. Says how long the page takes to load, how long an earlier step takes to
appear, and how long frames take while rounds come in. ROUNDS, CANDIDATES and NODES choose another size.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Page

from tests import synthetic
from tests.benchmarks.latency import prepare_owner, processor, web
from tests.e2e.browser import browser, window

ROUNDS, CANDIDATES, NODES = (
    int(os.environ.get(name, default)) for name, default in (("ROUNDS", 1_000), ("CANDIDATES", 500), ("NODES", 20))
)
WATCHED = min(60, ROUNDS // 2)  # rounds that come in while the page is open
PACE = 0.5  # seconds between them
LOADS = 5

SHOWS = "(step) => document.querySelector('[aria-label=Steps] b')?.textContent === `Step ${step}`"

#: Collects the milliseconds between frames.
FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const frame = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    window.frame = requestAnimationFrame(frame);
  };
  requestAnimationFrame((now) => { last = now; requestAnimationFrame(frame); });
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        synthetic.register()
        with (
            web((sys.executable, "-m", "tests.synthetic")) as port,
            ThreadPoolExecutor(1) as database,
            browser() as launched,
        ):
            link, _ = database.submit(prepare_owner).result()
            search = database.submit(create).result()
            database.submit(take_turns, search, ROUNDS - WATCHED).result()
            page = window(launched).new_page()
            page.goto(f"http://127.0.0.1:{port}/sign-in/{link}")
            address = f"http://127.0.0.1:{port}/searches/{search}"
            loads = [load(page, address, ROUNDS - WATCHED) for _ in range(LOADS)]
            frames = watch(page, database, search)
            text = report(loads, frames, page, launched.version)
    print(text)
    if out := os.environ.get("OUT"):
        Path(out).write_text(text)


def create() -> str:
    from search.base import serialization
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    draft = {"strategy": "autoshrink", "dataset": "digits", "seed": 0, "budget": {}, "settings": {}}
    proposed = serialization.to_jsonable(proposals.task(draft))
    task = synthetic.task_of(proposed, candidates=CANDIDATES, rounds=ROUNDS, nodes=NODES, items=1)
    search = lifecycle.create(Team.objects.get(), User.objects.get(), "Long", task)
    lifecycle.advance(search.pk)
    return search.pk


def take_turns(search: str, count: int) -> None:
    """Completes the one item of each round, and takes the turn that follows."""
    from tests.webapp.fakes import WORKER
    from webapp.scheduling import leases
    from webapp.searches import lifecycle

    for _ in range(count):
        lease = leases.claim(WORKER)
        assert lease, "the round has no item"
        leases.complete(lease, {"status": "ok"}, WORKER.numerics)
        lifecycle.advance(search)


def load(page: Page, address: str, step: int) -> float:
    """Milliseconds from the request of the page until it shows the newest step."""
    page.goto("about:blank")
    began = time.perf_counter()
    page.goto(address, wait_until="commit")
    shows(page, step)
    return 1000 * (time.perf_counter() - began)


def shows(page: Page, step: int) -> None:
    page.wait_for_function(SHOWS, arg=step)


def watch(page: Page, database: ThreadPoolExecutor, search: str) -> list[float]:
    """Milliseconds between frames while rounds come in."""
    page.evaluate(FRAMES)
    for number in range(1, WATCHED):
        began = time.perf_counter()
        database.submit(take_turns, search, 1).result()
        page.wait_for_timeout(max(1.0, 1000 * (PACE - (time.perf_counter() - began))))
        if number == WATCHED - 1:
            shows(page, ROUNDS - 1)
    found: list[float] = page.evaluate("() => { cancelAnimationFrame(window.frame); return window.frames_ms; }")
    return found


def report(loads: list[float], frames: list[float], page: Page, version: str) -> str:
    heap: Any = page.evaluate("() => performance.memory?.usedJSHeapSize ?? 0")
    tail = quantiles(frames, n=100)
    return (
        f"{processor()}, Chromium {version}: {ROUNDS:,} rounds of {CANDIDATES:,} candidates, {NODES} nodes\n"
        f"load until the newest step is shown: median {median(loads):,.0f} ms of {LOADS}"
        f" ({', '.join(f'{each:,.0f}' for each in loads)})\n"
        f"frames while {WATCHED - 1} rounds come in, one every {PACE} s: median {median(frames):.1f} ms"
        f" ({1000 / median(frames):.0f} a second), p95 {tail[94]:.1f} ms, longest {max(frames):.0f} ms\n"
        f"heap of the page: {heap / 1e6:,.0f} MB\n"
    )


if __name__ == "__main__":
    main()
