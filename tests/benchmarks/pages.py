"""Frames of a page that draws a large graph in layers: `make bench NAME=pages`; OUT=FILE also writes the report.

A real web server and a real browser on the page of a search of 500 nodes and 5,000 edges, whose turns are taken here.
Says how long frames take while the drawing is panned and zoomed and while events come in, how long it takes from a
pointer over a node to the frame that highlights it, and how much the heap grows over MINUTES of ten events a second.
NODES and FAN_IN choose another graph.
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
from tests.benchmarks.long_page import FRAMES, take_turns
from tests.e2e.browser import browser, window

NODES, FAN_IN = int(os.environ.get("NODES", "500")), int(os.environ.get("FAN_IN", "11"))
MINUTES = float(os.environ.get("MINUTES", "10"))
EVENTS_A_SECOND = 10
CANDIDATES = 20
SECONDS = 6.0  # of each gesture
TARGET = "target: median 17, p95 34"

#: Milliseconds from a pointer over a node or an edge to the end of the frame that highlights it.
HOVER = """async () => {
  const canvas = document.querySelector("canvas[role=application]");
  const box = canvas.getBoundingClientRect();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const found = [];
  for (let i = 0; i < 60; i++) {
    await frame();
    const [across, down] = [((i * 37) % 100) / 100, (45 + (i % 11)) / 100];
    const at = { clientX: box.left + box.width * across, clientY: box.top + box.height * down };
    const began = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", { ...at, pointerType: "mouse", bubbles: true }));
    await frame();
    await frame();
    const described = document.querySelector("[role=status]").textContent;
    if (/^(Node|Edge)/.test(described)) found.push(performance.now() - began);
  }
  return found;
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
            page = window(launched).new_page()
            page.goto(f"http://127.0.0.1:{port}/sign-in/{link}")
            lines = [f"{processor()}, Chromium {launched.version}"]
            for line in measure(page, database, search, f"http://127.0.0.1:{port}/searches/{search}?view=layers"):
                print(line, file=sys.stderr, flush=True)
                lines.append(line)
    if out := os.environ.get("OUT"):
        Path(out).write_text("\n".join(lines) + "\n")


def create() -> str:
    from search.base import serialization
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    draft = {"strategy": "autoshrink", "dataset": "digits", "seed": 0, "budget": {}, "settings": {}}
    proposed = serialization.to_jsonable(proposals.task(draft))
    task = synthetic.task_of(proposed, candidates=CANDIDATES, rounds=10_000, nodes=NODES, fan_in=FAN_IN, items=1)
    search = lifecycle.create(Team.objects.get(), User.objects.get(), "Large", task)
    lifecycle.advance(search.pk)
    return search.pk


def measure(page: Page, database: ThreadPoolExecutor, search: str, address: str) -> Any:
    began = time.perf_counter()
    page.goto(address)
    page.get_by_role("application").wait_for()
    page.get_by_role("button", name="Fit", exact=True).click()
    page.wait_for_timeout(2_000)
    edges = len(synthetic._graph(NODES, FAN_IN).edges)
    yield f"{NODES} nodes, {edges:,} edges; drawn {time.perf_counter() - began - 2:.1f} s after the request"
    for name, gesture in (("panning", pan), ("zooming", zoom)):
        yield frames(name, page, lambda gesture=gesture: gesture(page))
    yield frames("live updates", page, lambda: live(database, search, SECONDS, lambda: page.wait_for_timeout(50)))
    yield frames("panning during live updates", page, lambda: live(database, search, SECONDS, lambda: pan(page, 0.3)))
    page.get_by_role("button", name="Fit", exact=True).click()
    page.wait_for_timeout(1_000)
    found = page.evaluate(HOVER)
    assert found, "the pointer met nothing"
    spread = f"median {median(found):.0f} ms, longest {max(found):.0f} ms of {len(found)}"
    yield f"pointer to highlight: {spread} (target 100)"
    yield heap(page, database, search)


def frames(name: str, page: Page, act: Any) -> str:
    page.evaluate(FRAMES)
    act()
    found: list[float] = page.evaluate("() => { cancelAnimationFrame(window.frame); return window.frames_ms; }")
    return (
        f"frames while {name}: median {median(found):.1f} ms, p95 {quantiles(found, n=100)[94]:.1f} ms,"
        f" longest {max(found):.0f} ms of {len(found)} ({TARGET})"
    )


def pan(page: Page, seconds: float = SECONDS) -> None:
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    end, step = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        step += 1
        page.mouse.move(x + 150 * ((step // 20) % 2 or -1) * (step % 20) / 20, y + 4 * (step % 20))
    page.mouse.up()


def zoom(page: Page) -> None:
    x, y = middle(page)
    page.get_by_role("application").focus()
    page.mouse.move(x, y)
    end, step = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < end:
        step += 1
        page.mouse.wheel(0, -60 if (step // 40) % 2 == 0 else 60)


def middle(page: Page) -> tuple[float, float]:
    box = page.get_by_role("application").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def live(database: ThreadPoolExecutor, search: str, seconds: float, meanwhile: Any) -> None:
    """Takes turns, so that about ten events a second come in."""
    first, began = database.submit(events_of, search).result(), time.perf_counter()
    written = first
    while (passed := time.perf_counter() - began) < seconds:
        if written - first < passed * EVENTS_A_SECOND:
            database.submit(take_turns, search, 1).result()
            written = database.submit(events_of, search).result()
        meanwhile()


def heap(page: Page, database: ThreadPoolExecutor, search: str) -> str:
    """The heap after garbage collection, each minute: what grows beyond the log itself leaks."""
    session = page.context.new_cdp_session(page)
    events = database.submit(events_of, search).result()
    sizes = [used(session)]
    for _ in range(max(1, round(MINUTES))):
        live(database, search, 60 * MINUTES / max(1, round(MINUTES)), lambda: page.wait_for_timeout(50))
        sizes.append(used(session))
    count = database.submit(events_of, search).result() - events
    return (
        f"heap over {MINUTES:g} minutes and {count:,} events: {sizes[0]:.1f} MB, then"
        f" {', '.join(f'{each:.1f}' for each in sizes[1:])} MB; it grew by {sizes[-1] - sizes[0]:.1f} MB"
    )


def used(session: Any) -> float:
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def events_of(search: str) -> int:
    from webapp.models import Event

    return Event.objects.filter(search_id=search).count()


if __name__ == "__main__":
    main()
