"""Every page of a studio with content, for tests that look at all of them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.e2e.browser import window
from tests.e2e.studio import ROOT, Studio

#: Long enough that the leased item stays leased during all tests.
LEASE = {"ESPALIER_LEASE_SECONDS": "3600"}
#: Page -> its path, and a selector that appears once it is loaded.
PAGES = {
    "searches": ("/searches", "main tbody a"),
    "search": ("/searches/{running}", "svg [data-edge]"),
    "search-ended": ("/searches/{search}", "svg [data-edge]"),
    "search-matrix": ("/searches/{search}?view=matrix", "[role=grid] [data-edge]"),
    "search-layers": ("/searches/{search}?view=layers", "canvas[role=application]"),
    "search-table": ("/searches/{search}?view=table", "table [data-edge], table tbody tr"),
    "new": ("/searches/new", "aside[aria-label=Review] svg"),
    "datasets": ("/datasets", "main tbody a"),
    "dataset": ("/datasets/digits", "main tbody tr"),
    "catalog": ("/catalog", "table tbody tr"),
    "proxies": ("/catalog/proxies", "main tbody a"),
    "compare": ("/catalog/compare?a={architecture}&b={other}", "figure svg"),
    "compare-spaces": ("/catalog/compare?a={architecture}&b={language}", "figure svg"),
    "compare-one": ("/catalog/compare?a={architecture}", "main a.btn"),
    "compare-missing": ("/catalog/compare?a={architecture}&b=nothing", "[role=alert]"),
    "models": ("/catalog/models", "main tbody a"),
    "architecture": ("/architectures/{architecture}", "table tbody tr"),
    "architecture-scored": ("/architectures/{other}", "[aria-label=Scores] tbody tr"),
    "language": ("/architectures/{language}", "h1"),
    "devices": ("/devices", "h1"),
    "model": ("/models/{model}", "h1"),
    "search-paused": ("/searches/{paused}", "svg [data-edge]"),
    "search-cancelled": ("/searches/{cancelled}", "svg [data-edge]"),
    "search-failed": ("/searches/{failed}", "svg [data-edge]"),
    "missing": ("/searches/nothing", "h1"),
    "nowhere": ("/nowhere", "h1"),
}


class Visited:
    """A studio with content on every page, a browser, and the cookies of the owner."""

    def __init__(self, studio: Studio, launched: Browser, state: Path) -> None:
        self.studio, self.browser, self.state = studio, launched, state
        owner = window(launched)
        page = owner.new_page()
        page.goto(studio.link())
        page.wait_for_url("**/searches/*")
        owner.storage_state(path=state)
        owner.close()
        self.ids = filled(studio)

    def url(self, name: str) -> str:
        address, _ = PAGES[name]
        return f"http://127.0.0.1:{self.studio.port}{address.format(**self.ids)}"

    def search(self, name: str) -> str:
        """The address of one of the searches that are no page of `PAGES`."""
        return f"http://127.0.0.1:{self.studio.port}/searches/{self.ids[name]}"

    def page(self, width: int, *, signed_in: bool = True, **options: Any) -> Page:
        """In a window of its own; `options` are Playwright's."""
        state = self.state if signed_in else None
        # without motion from the start, so that no colour is in transition when the page is checked
        page = window(self.browser, width, storage_state=state, reduced_motion="reduce", **options).new_page()
        page.set_default_timeout(20_000)
        return page


def filled(studio: Studio) -> dict[str, str]:
    """Fills the studio and returns the ids of the objects."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.e2e.fill"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(studio.var), **LEASE},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    ids: dict[str, str] = json.loads(done.stdout)
    return ids
