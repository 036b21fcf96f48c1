"""Upload of CIFAR-10 in the browser, and a search on it: `make bench NAME=upload`. Writes docs/results/upload.md.

Uses a complete studio and a real browser. Seconds count from the click on "Upload". Memory is the peak resident size of
a process (VmHWM), sampled ten times a second to include the short-lived reader.
"""

import os
import platform
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.cifar import ARCHIVE, MISSING
from tests.e2e.browser import browser, window
from tests.e2e.studio import ROOT, Studio
from tests.processes import descendants, peak, wait_until

RESULT = ROOT / "docs" / "results" / "upload.md"
LIMIT_MS = 1_200_000  # of every wait
POLL_SECONDS = 0.1  # between two samples of memory
SETTINGS = {
    "space": {"nodes": 4},
    "strategy": {"keep_edges": 2, "candidates": 2},
    "evaluator": {"epochs": 1, "images": 2000},
}

#: Name of a process -> words in its command line.
PROCESSES = {
    "web": ("manage.py", "web"),
    "coordinator": ("manage.py", "worker", "advance"),
    "worker": ("manage.py", "worker"),
    "reader of the archive": ("search.runtime.ingest",),
}

LAUNCH = """async (request) => {
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const answer = await fetch('/api/searches', {
    method: 'POST',
    headers: {'Content-Type': 'application/json', 'X-CSRFToken': token},
    body: JSON.stringify(request),
  });
  return await answer.json();
}"""


def main() -> None:
    if not ARCHIVE.exists():
        print(f"skipped: {MISSING}")
        return
    with (
        tempfile.TemporaryDirectory() as folder,
        Studio.running(Path(folder) / "var") as studio,
        watched(studio) as peaks,
        browser() as launched,
    ):
        page = window(launched).new_page()
        page.set_default_timeout(LIMIT_MS)
        page.goto(studio.link())
        cancel_the_sample(page)
        idle = dict(peaks)
        rows = send(page, f"http://127.0.0.1:{studio.port}")
        read = dict(peaks)
        rows |= search(page, f"http://127.0.0.1:{studio.port}")
        text = report(rows, {"before": idle, "after reading": read, "after the search": dict(peaks)})
    print(text)
    RESULT.write_text(text)


@contextmanager
def watched(studio: Studio) -> Iterator[dict[str, int]]:
    """Samples the peak memory of the processes, by name, while the context is open."""
    peaks: dict[str, int] = {}
    over = threading.Event()

    def poll() -> None:
        while not over.wait(POLL_SECONDS):
            for pid in descendants(studio.process.pid):
                if name := name_of(pid):
                    peaks[name] = max(peaks.get(name, 0), peak(pid))

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        wait_until(lambda: {"web", "worker"} <= set(peaks), 60, "the processes")
        yield peaks
    finally:
        over.set()
        thread.join()


def name_of(pid: int) -> str | None:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return None
    words = {Path(word).name for word in line if word}
    return next((name for name, known in PROCESSES.items() if words.issuperset(known)), None)


def cancel_the_sample(page: Page) -> None:
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("status")).to_have_text("Cancelled")


def send(page: Page, address: str) -> dict[str, str]:
    page.goto(f"{address}/datasets")
    page.get_by_label("Drop a file here").set_input_files(ARCHIVE)
    page.get_by_role("button", name="Upload", exact=True).click()
    start = time.monotonic()
    row = page.get_by_role("list", name="Uploads").get_by_role("listitem")
    expect(row).not_to_have_attribute("data-status", "receiving", timeout=LIMIT_MS)
    sent = time.monotonic()
    ready = row.get_by_role("link", name="Open it")
    expect(ready).to_be_visible(timeout=LIMIT_MS)
    done = time.monotonic()
    ready.click()
    expect(page.get_by_role("row", name="airplane")).to_be_visible()
    return {
        f"sent ({ARCHIVE.stat().st_size / 1e6:.1f} MB), s": f"{sent - start:.1f}",
        "read, split and packed by a worker, s": f"{done - sent:.1f}",
        "images": f"{page.locator('main dl dd').first.inner_text()}",
    }


def search(page: Page, address: str) -> dict[str, str]:
    """Runs a small search on the dataset to its end."""
    budget = {"params": None, "macs": None, "peak_memory": None, "bytes_per_element": 4}
    request = {
        "name": "CIFAR-10",
        "strategy": "autoshrink",
        "dataset": page.url.rpartition("/")[2],
        "budget": budget,
        "seed": 0,
        "settings": SETTINGS,
    }
    start = time.monotonic()
    launched: dict[str, Any] = page.evaluate(LAUNCH, request)
    page.goto(f"{address}/searches/{launched['id']}")
    expect(page.locator("svg g[data-edge][data-state='removed']").first).to_be_attached(timeout=LIMIT_MS)
    first = time.monotonic() - start
    expect(page.get_by_test_id("status")).to_have_text("Finished", timeout=LIMIT_MS)
    took = time.monotonic() - start
    row = page.evaluate("(id) => fetch(`/api/searches/${id}`).then((answer) => answer.json())", launched["id"])
    set_up = ", ".join(f"{name} {value}" for settings in SETTINGS.values() for name, value in settings.items())
    return {
        f"a search on this dataset ({set_up}): time to the first cut, s": f"{first:.1f}",
        "the same search: time to its end, s": f"{took:.1f}",
        "steps": str(row["step"]),
        "validation accuracy of the best cell": f"{row['best_quality']:.3f}",
    }


def report(rows: dict[str, str], peaks: dict[str, dict[str, int]]) -> str:
    def table(head: str, body: dict[str, str]) -> list[str]:
        return [
            head,
            f"|---|{'---|' * (head.count('|') - 2)}",
            *(f"| {name} | {row} |" for name, row in body.items()),
            "",
        ]

    names = {name for snapshot in peaks.values() for name in snapshot}
    memory = {
        name: " | ".join(f"{snapshot[name] / 1e6:.0f}" if name in snapshot else "–" for snapshot in peaks.values())
        for name in PROCESSES
        if name in names
    }
    where = f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores"
    lines = [
        "# Uploading CIFAR-10: `make bench NAME=upload`",
        "",
        f"{where} shared with other work; one run.",
        "",
        *table("| what | |", rows),
        "Peak resident memory of the processes, MB:",
        "",
        *table(f"| process | {' | '.join(peaks)} |", memory),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
