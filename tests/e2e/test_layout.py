"""A page is laid out alike whichever pages were open before it: their styles stay loaded in the window."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PAGES, Visited

pytestmark = [pytest.mark.spine, pytest.mark.browser]

#: What stands in the page, element by element: its tag and its box in the document. Drawings are left out: those of
#: lists are made once they are in view, and their places are there before.
BOXES = """() => {
  scrollTo(0, 0);
  return [...document.querySelectorAll('main *:not(svg, svg *)')].map(element => {
    const box = element.getBoundingClientRect();
    return [element.tagName, ...[box.x, box.y, box.width, box.height].map(Math.round)];
  });
}"""

#: A page that does not change in so many frames is at rest; after so many it is looked at as it is.
FRAMES = (12, 900)
REST = f"""async ([until, still, most]) => {{
  const read = {BOXES};
  const frame = () => new Promise(done => requestAnimationFrame(done));
  let boxes = read(), text = JSON.stringify(boxes), same = 0;
  for (let count = 0; count < most; count += 1) {{
    if (until === null ? same === still : text === JSON.stringify(until)) break;
    await frame();
    boxes = read();
    const now = JSON.stringify(boxes);
    same = now === text ? same + 1 : 0;
    text = now;
  }}
  return boxes;
}}"""

#: One page of each kind: those of a search in other states have the same styles.
KINDS = [name for name in PAGES if not name.startswith("search-") and name != "missing"]

#: Changes an entry.
CHANGE = """async ([path, changes]) => (await fetch('/api' + path, {
  method: 'PATCH',
  headers: {'Content-Type': 'application/json', 'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1]},
  body: JSON.stringify(changes),
})).status"""

#: Opens an address as a link does, without reloading the app.
GO = """address => {
  history.pushState(null, '', address);
  dispatchEvent(new PopStateEvent('popstate'));
}"""


@pytest.mark.parametrize("width", [1440, 390])
def test_visiting_any_page_after_any_other_lays_it_out_as_when_it_is_opened_directly(
    visited: Visited, width: int
) -> None:
    page = visited.page(width)
    page.clock.set_fixed_time(time.time())  # so that "3 minutes ago" keeps its width
    direct = {name: opened(page, visited, name) for name in KINDS}
    for name in KINDS:
        go(page, visited, name)
    for name in KINDS:
        go(page, visited, name)
        after = at_rest(page, until=direct[name])
        moved = [(was, now) for was, now in zip(direct[name], after, strict=False) if was != now]
        assert moved == [] and len(after) == len(direct[name]), name
    page.context.close()


@pytest.mark.parametrize("name", ["search", "search-ended", "search-layers"])
def test_a_search_fills_a_window_of_1440x900_and_does_not_scroll(visited: Visited, name: str) -> None:
    page = visited.page(1440)
    opened(page, visited, name)
    assert page.evaluate("document.documentElement.scrollHeight") == 900
    page.context.close()


@pytest.mark.parametrize("notes", ["Second try, with smaller images.", "One line.\n" * 9])
def test_notes_on_a_search_leave_its_charts_whole(visited: Visited, notes: str) -> None:
    page = visited.page(1440)
    page.goto(visited.url("search-ended"))
    answer = f"/searches/{visited.ids['search']}"
    assert page.evaluate(CHANGE, [answer, {"notes": notes, "tags": ["porch"]}]) == 200
    try:
        opened(page, visited, "search-ended")
        expect(page.get_by_text(notes.splitlines()[0]).first).to_be_visible()
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")  # long notes make the page longer
        if "\n" not in notes:
            assert page.evaluate("scrollY") == 0
        strip = page.get_by_role("region", name="Steps", exact=True).bounding_box()
        for chart in ("Score history", "Accuracy against MACs", "Evidence"):
            box = page.get_by_role("region", name=chart).locator("svg").last.bounding_box()
            assert box and strip and box["y"] + box["height"] <= strip["y"]
    finally:
        assert page.evaluate(CHANGE, [answer, {"notes": "", "tags": []}]) == 200
        page.context.close()


def opened(page: Page, visited: Visited, name: str) -> list[Any]:
    """The boxes of a page that is opened directly, once they no longer change."""
    page.goto(visited.url(name))
    expect(page.locator(PAGES[name][1]).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    return at_rest(page)


def at_rest(page: Page, until: list[Any] | None = None) -> list[Any]:
    """The boxes once they have not changed in so many frames, or once they are `until`; after so many, as they are."""
    boxes: list[Any] = page.evaluate(REST, [until, *FRAMES])
    return boxes


def go(page: Page, visited: Visited, name: str) -> None:
    """To a page without reloading the app; by way of another, since a search keeps its view in the address."""
    page.evaluate(GO, visited.url("nowhere"))
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    page.evaluate(GO, visited.url(name))
    expect(page.locator(PAGES[name][1]).first).to_be_visible()
