"""One studio and one browser for all browser tests of a process, signed in as the owner.

Each test begins in a new window, signed in, with an idle worker.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import browser, window
from tests.e2e.pages import LEASE, Visited
from tests.e2e.studio import Studio

#: How long a page may take to show what is expected, as long as for the actions on it: workers start meanwhile.
expect.set_options(timeout=20_000)

PART = 65_536  # bytes of a part of an upload, so small that small files have several

CANCEL_ALL = """async () => {
  const get = (path) => fetch('/api' + path).then(answer => answer.json());
  await get('/me');
  const headers = {
    'Content-Type': 'application/json',
    'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1],
  };
  for (const search of (await get('/searches')).results)
    if (['queued', 'running', 'paused'].includes(search.status))
      await fetch(`/api/searches/${search.id}/commands`, {method: 'POST', headers, body: '{"kind": "cancel"}'});
}"""


@pytest.fixture(scope="package")
def launched() -> Iterator[Browser]:
    with browser() as launched:
        yield launched


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with one worker, shared by all tests."""
    with Studio.running(tmp_path_factory.mktemp("studio") / "var", ESPALIER_PART_BYTES=str(PART)) as studio:
        yield studio


@pytest.fixture(scope="package")
def state(studio: Studio, launched: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cookies of the owner, who has signed in by the one-time link and cancelled the sample search."""
    path = tmp_path_factory.mktemp("state") / "state.json"
    context = window(launched)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.goto(studio.link())
    page.get_by_role("button", name="Leave the tour").click()  # which is kept with the cookies
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_test_id("status")).to_have_text("Cancelled")
    context.storage_state(path=path)
    context.close()
    return path


@pytest.fixture(scope="package")
def visited(launched: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    """A studio without workers, with content on every page that does not change."""
    folder = tmp_path_factory.mktemp("pages")
    with Studio.running(folder / "var", "--workers", "0", **LEASE) as studio:
        yield Visited(studio, launched, folder / "state.json")


@pytest.fixture
def signed_in(studio: Studio, launched: Browser, state: Path) -> Iterator[Callable[..., Page]]:
    """Opens a page in a new window of the owner, after cancelling all searches of earlier tests."""
    contexts = []

    def open_page(path: str, **options: Any) -> Page:
        context = window(launched, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{studio.port}/datasets")
        page.evaluate(CANCEL_ALL)
        if path != "/datasets":
            page.goto(f"http://127.0.0.1:{studio.port}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
