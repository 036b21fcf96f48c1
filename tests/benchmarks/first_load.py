"""First load of pages on a slow line, with nothing cached: `make bench NAME=first_load`.

A real web server and a real browser at 50 kB/s with 600 ms of latency for each request. Says after how long the first
words are painted, after how long the page shows its content, and what was fetched in which order.
"""

import os
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, expect

from tests.benchmarks.latency import processor
from tests.benchmarks.report import interval
from tests.e2e.browser import browser, window
from tests.e2e.pages import LEASE, PAGES, Visited
from tests.e2e.studio import Studio

RUNS = int(os.environ.get("RUNS", "5"))
LINE = {"offline": False, "latency": 600, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SHOWN = ("searches", "search", "search-ended", "catalog")
WORDS, WHOLE = 2.0, 8.0  # seconds: the targets

FETCHED = """() => ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind)).map(each => ({
  name: new URL(each.name).pathname,
  began: each.startTime / 1000,
  ended: each.responseEnd / 1000,
  bytes: each.transferSize,
}))"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        browser() as launched,
        Studio.running(Path(folder) / "var", "--workers", "0", **LEASE) as studio,
    ):
        visited = Visited(studio, launched, Path(folder) / "state.json")
        print(f"{processor()}, Chromium {launched.version}; 50 kB/s, 600 ms, {RUNS} first loads of each page")
        for name in SHOWN:
            loads = [load(launched, visited, name) for _ in range(RUNS)]
            words, whole = [each[0] for each in loads], [each[1] for each in loads]
            print(f"\n{name}")
            print(f"  first words, s   {interval(words)}   {verdict(words, WORDS)}")
            print(f"  the page, s      {interval(whole)}   {verdict(whole, WHOLE)}")
            print_requests(loads[-1][2])


def load(launched: Browser, visited: Visited, name: str) -> tuple[float, float, list[dict[str, Any]]]:
    """Seconds to the first words and to the content, and what was fetched until then."""
    context = window(launched, storage_state=visited.state)
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    began = time.monotonic()
    page.goto(visited.url(name), wait_until="commit", timeout=60_000)
    expect(page.locator(PAGES[name][1]).first).to_be_visible(timeout=60_000)
    whole = time.monotonic() - began
    words, fetched = page.evaluate(PAINTED), page.evaluate(FETCHED)
    context.close()
    return words, whole, fetched


def verdict(seconds: list[float], target: float) -> str:
    return f"target: {target:g}, {'held' if median(seconds) <= target else 'MISSED'}"


def print_requests(fetched: list[dict[str, Any]]) -> None:
    ended = [each for each in sorted(fetched, key=lambda each: each["began"]) if each["ended"]]
    scripts = sum(each["bytes"] for each in ended if each["name"].endswith(".js"))
    print(f"  {len(ended)} requests, {scripts / 1000:.0f} kB of script; the last load:")
    for each in ended:
        kilobytes = each["bytes"] / 1000
        print(f"    {each['began']:6.2f} to {each['ended']:5.2f} s {kilobytes:7.1f} kB  {each['name']}")


if __name__ == "__main__":
    main()
