"""Frames of pages that draw much: `make bench NAME=pages`; OUT=FILE also writes the report.

A real web server and a real browser on the pages of two searches: one of 500 nodes and 5,000 edges, drawn in layers,
and one of 10,000 candidates, in scatters. Says how long frames take while the drawing is panned and zoomed and while
ten events a second come in, how long it takes from a pointer over a node or a mark to the frame that highlights it, and
how much the heap grows over MINUTES of ten events a second, where the page has 10,000 candidates already. The turns are
taken beforehand (feed.py), so that events come at their pace. NODES and FAN_IN choose another graph, POINTS another
number of candidates; MINUTES=0 leaves out the heap.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Locator, Page

from tests import synthetic
from tests.benchmarks.feed import Feed
from tests.benchmarks.latency import prepare_owner, processor, web
from tests.benchmarks.long_page import FRAMES
from tests.e2e.browser import browser, window

NODES, FAN_IN = int(os.environ.get("NODES", "500")), int(os.environ.get("FAN_IN", "11"))
POINTS = int(os.environ.get("POINTS", "10000"))
MINUTES = float(os.environ.get("MINUTES", "10"))
EVENTS_A_SECOND = 10
CANDIDATES = 20
SECONDS = 6.0  # of each gesture
TARGET = "target: median 17, p95 34"
SMALL = {"nodes": 20, "fan_in": 5}  # the graph of the search of many candidates

#: Milliseconds from a pointer over a mark or a node to the end of the frame that highlights it: the status of the area
#: says what it is.
HOVER = """async ([area, surface]) => {
  const host = document.querySelector(area);
  const status = host.querySelector("[role=status]");
  const canvas = host.querySelector(surface);
  const box = canvas.getBoundingClientRect();
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const found = [];
  for (let i = 0; i < 60; i++) {
    await frame();
    const before = status.textContent;
    const [across, down] = [(10 + ((i * 37) % 80)) / 100, (45 + (i % 11)) / 100];
    const at = { clientX: box.left + box.width * across, clientY: box.top + box.height * down };
    const began = performance.now();
    canvas.dispatchEvent(new PointerEvent("pointermove", { ...at, pointerType: "mouse", bubbles: true }));
    await frame();
    await frame();
    if (status.textContent !== before && /^(Node|Edge|Step)/.test(status.textContent))
      found.push(performance.now() - began);
  }
  return found;
}"""


@dataclass(frozen=True)
class Area:
    """A part of a page that is panned and zoomed."""

    name: str
    selector: str
    surface: str  # within it: what takes the pointer
    focused: str  # within it: what must have the focus for the wheel to zoom

    def on(self, page: Page) -> Locator:
        return page.locator(self.selector).locator(self.surface)


LAYERS = Area("layers", "section[aria-label=Cell]", "canvas[role=application]", "canvas[role=application]")
SCATTER = Area("scatter", "section[aria-label='Accuracy against MACs']", "[role=img]", "[role=group]")


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
            page = window(launched).new_page()
            page.goto(f"http://127.0.0.1:{port}/sign-in/{link}")
            lines = [f"{processor()}, {os.cpu_count()} cores, Chromium {launched.version}"]
            for line in measure(page, database, f"http://127.0.0.1:{port}"):
                print(line, file=sys.stderr, flush=True)
                lines.append(line)
    if out := os.environ.get("OUT"):
        Path(out).write_text("\n".join(lines) + "\n")


def create(name: str, **config: int) -> str:
    from search.base import serialization
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    draft = {"strategy": "autoshrink", "dataset": "digits", "seed": 0, "budget": {}, "settings": {}}
    proposed = serialization.to_jsonable(proposals.task(draft))
    task = synthetic.task_of(proposed, candidates=CANDIDATES, rounds=10_000, items=1, **config)
    search = lifecycle.create(Team.objects.get(), User.objects.get(), name, task)
    lifecycle.advance(search.pk)
    return search.pk


def measure(page: Page, database: ThreadPoolExecutor, address: str) -> Iterator[str]:
    """First what is fast, so that one sees early what is wrong."""
    many = Feed(database.submit(create, "Many", **SMALL).result(), cuts=edges_of(**SMALL))
    database.submit(fill, many).result()
    began = time.perf_counter()
    page.goto(f"{address}/searches/{many.search}")
    SCATTER.on(page).locator("canvas").wait_for()
    drawn = time.perf_counter() - began
    page.wait_for_function(COUNTED, arg=[SCATTER.selector, POINTS])
    yield f"{POINTS:,} candidates; drawn {drawn:.1f} s after the request, all of them after {since(began)} s"
    yield from gestures(page, database, many, SCATTER)

    large = Feed(database.submit(create, "Large", nodes=NODES, fan_in=FAN_IN).result())
    began = time.perf_counter()
    page.goto(f"{address}/searches/{large.search}?view=layers")
    LAYERS.on(page).wait_for()
    count = len(edges_of(NODES, FAN_IN))
    yield f"{NODES} nodes, {count:,} edges; drawn {since(began)} s after the request"
    yield from gestures(page, database, large, LAYERS)
    if MINUTES > 0:
        database.submit(fill, large).result()  # a page keeps so many candidates at most
        page.reload()
        LAYERS.on(page).wait_for()
        page.wait_for_timeout(10_000)
        yield heap(page, database, large)


#: Whether the label of the chart says that there are so many candidates.
COUNTED = """([area, count]) => {
  const label = document.querySelector(area + " [role=img]")?.getAttribute("aria-label") ?? "";
  return Number(label.match(/of (\\d+) candidates/)?.[1] ?? 0) >= count;
}"""


def edges_of(nodes: int, fan_in: int) -> tuple[str, ...]:
    return tuple(f"{source}-{target}" for source, target in synthetic._graph(nodes, fan_in).edges)


def fill(feed: Feed) -> None:
    """Candidates with a result: POINTS of them."""
    from webapp.models import Candidate

    while (have := Candidate.objects.filter(search_id=feed.search, status="ok").count()) < POINTS:
        feed.prepare(max(4, 4 * (POINTS - have) // CANDIDATES))
        feed.write_all()


def since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f}"


def gestures(page: Page, database: ThreadPoolExecutor, feed: Feed, area: Area) -> Iterator[str]:
    page.wait_for_timeout(2_000)
    database.submit(feed.prepare, 4 * int(SECONDS * EVENTS_A_SECOND)).result()
    yield frames("zooming", page, lambda: zoom(page, area))
    yield frames("panning", page, lambda: pan(page, area))
    yield frames("live updates", page, lambda: live(database, feed, SECONDS, lambda: page.wait_for_timeout(50)))
    while_live = lambda: live(database, feed, SECONDS, lambda: pan(page, area, 0.3))  # noqa: E731
    yield frames("panning during live updates", page, while_live)
    page.get_by_role("button", name="Fit" if area is LAYERS else "Show all", exact=True).first.click()
    page.wait_for_timeout(6_000)  # the last events are read and drawn by then
    found = page.evaluate(HOVER, [area.selector, area.surface])
    assert found, "the pointer met nothing"
    spread = f"median {median(found):.0f} ms, longest {max(found):.0f} ms of {len(found)}"
    yield f"pointer to highlight: {spread} (target 100)"


def frames(name: str, page: Page, act: Callable[[], int | None]) -> str:
    """`act` returns how many events came in meanwhile."""
    page.evaluate(FRAMES)
    began = time.perf_counter()
    events = act()
    rate = "" if events is None else f" ({events / (time.perf_counter() - began):.1f} events a second)"
    found: list[float] = page.evaluate("() => { cancelAnimationFrame(window.frame); return window.frames_ms; }")
    return (
        f"frames while {name}{rate}: median {median(found):.1f} ms, p95 {quantiles(found, n=100)[94]:.1f} ms,"
        f" longest {max(found):.0f} ms of {len(found)} ({TARGET})"
    )


def pan(page: Page, area: Area, seconds: float = SECONDS) -> None:
    x, y = middle(page, area)
    page.mouse.move(x, y)
    page.mouse.down()
    end, step = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        step += 1
        page.mouse.move(x + 150 * ((step // 20) % 2 or -1) * (step % 20) / 20, y + 2 * (step % 20))
    page.mouse.up()


def zoom(page: Page, area: Area) -> None:
    """In and out, and at the end in, so that there is something to pan."""
    x, y = middle(page, area)
    page.locator(area.selector).locator(area.focused).focus()
    page.mouse.move(x, y)
    end, step = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < end:
        step += 1
        page.mouse.wheel(0, -60 if (step // 40) % 2 == 0 else 60)
    for _ in range(20):
        page.mouse.wheel(0, -30)


def middle(page: Page, area: Area) -> tuple[float, float]:
    area.on(page).scroll_into_view_if_needed()
    box = area.on(page).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def live(database: ThreadPoolExecutor, feed: Feed, seconds: float, meanwhile: Callable[[], None]) -> int:
    """Writes events at their pace; returns how many."""
    written = database.submit(feed.write, seconds, EVENTS_A_SECOND)
    while not written.done():
        meanwhile()
    return written.result()


def heap(page: Page, database: ThreadPoolExecutor, feed: Feed) -> str:
    """The heap after garbage collection, each minute: what grows leaks."""
    session = page.context.new_cdp_session(page)
    minutes = max(1, round(MINUTES))
    seconds = 60 * MINUTES / minutes
    sizes, count = [used(session)], 0
    for _ in range(minutes):
        database.submit(feed.prepare, int(seconds * EVENTS_A_SECOND)).result()
        count += live(database, feed, seconds, lambda: page.wait_for_timeout(50))
        sizes.append(used(session))
    return (
        f"heap over {MINUTES:g} minutes and {count:,} events: {sizes[0]:.1f} MB, then"
        f" {', '.join(f'{each:.1f}' for each in sizes[1:])} MB; it grew by {sizes[-1] - sizes[0]:.1f} MB"
    )


def used(session: Any) -> float:
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


if __name__ == "__main__":
    main()
