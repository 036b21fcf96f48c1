"""What people met on pages that stand still, and must not meet again: what jumps, is cut off, or takes no keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.pages import PAGES, Visited
from tests.e2e.windows import check

pytestmark = [pytest.mark.spine, pytest.mark.browser]

#: Adds up how far the page moves by itself, as browsers report it ("cumulative layout shift").
SHIFTS = """
window.shifts = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({type: 'layout-shift', buffered: true});
"""
#: Scales an architecture for a small microcontroller and returns the id of what was made, or deletes that again.
SCALE = """async ([id, method]) => {
  const budget = {params: null, macs: null, peak_memory: 32768, bytes_per_element: 1};
  const answer = await fetch('/api/architectures/' + id + (method === 'POST' ? '/scale' : ''), {
    method,
    headers: {'Content-Type': 'application/json', 'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1]},
    body: method === 'POST' ? JSON.stringify({budget}) : undefined,
  });
  return method === 'POST' ? (await answer.json()).id : answer.status;
}"""
#: The texts whose end is cut off.
CUT = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"


def opened(page: Page, visited: Visited, name: str) -> Page:
    page.goto(visited.url(name))
    expect(page.locator(PAGES[name][1]).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("name", ["model", "search-ended", "searches"])
def test_nothing_on_a_page_jumps_while_it_loads(visited: Visited, name: str) -> None:
    """Once: the page of a model moved by 0.11, where people notice 0.1."""
    page = visited.page(1440)
    page.add_init_script(SHIFTS)
    opened(page, visited, name)
    assert page.evaluate("shifts") < 0.05
    page.context.close()


def test_the_margin_of_a_search_has_its_figures_on_one_line_each_and_in_view(visited: Visited) -> None:
    """Once: “Δ Parameters” broke into two lines, and the last figures were cut off without a sign."""
    page = visited.page(1440)
    opened(page, visited, "search")
    page.goto(page.url.partition("?")[0] + "?edge=0-3")
    details = page.get_by_role("complementary")
    figures = details.locator("dt, dd")
    expect(figures.filter(has_text="Δ Peak memory")).to_be_in_viewport(ratio=1)
    assert max(figures.evaluate_all("all => all.map(each => each.offsetHeight)")) < 24
    assert details.locator("[data-state]").first.evaluate("it => it.scrollHeight <= it.clientHeight")
    page.context.close()


@pytest.mark.parametrize("width", [1024, 390])
def test_dates_in_the_list_of_searches_are_whole(visited: Visited, width: int) -> None:
    page = opened(visited.page(width), visited, "searches")
    dates = page.get_by_text(re.compile(r"\d+ \w{3} \d{4}, \d\d:\d\d"))
    assert dates.count() > 0
    assert dates.evaluate_all(CUT) == []
    page.context.close()


def test_the_text_of_a_dataset_scrolls_by_keyboard_on_a_phone(visited: Visited) -> None:
    page = visited.page(390)
    page.goto(visited.url("dataset").replace("digits", "python-docs"))
    expect(page.get_by_role("heading", name="Beginning of the text")).to_be_visible()
    check(page, "dataset-text-390")
    page.context.close()


def test_a_scaled_architecture_is_neither_published_nor_tested_and_counts_in_one_precision(visited: Visited) -> None:
    """Once: it was called a published entry with an accuracy in the search, and six of its seven parts the peak."""
    page = opened(visited.page(1440), visited, "architecture")
    made = page.evaluate(SCALE, [visited.ids["architecture"], "POST"])
    page.goto(page.url.rpartition("/")[0] + f"/{made}")
    main = page.locator("main")
    expect(main).to_contain_text("validation accuracy, not trained yet")
    expect(main).to_contain_text("Its accuracy is unknown until it is trained.")
    expect(main).not_to_contain_text(re.compile("published|in the search", re.IGNORECASE))
    expect(main).to_contain_text("of int8 activations, counted in three ways")
    parts = page.get_by_role("table", name="Cost per part of the network")
    expect(parts.locator("tbody").get_by_text("▲")).to_have_count(1)
    peak = parts.locator("tbody tr", has_text="▲").locator("td").last.inner_text().partition(" ▲")[0]
    expect(parts.locator("tfoot td").last).to_have_text(peak)
    assert page.evaluate(SCALE, [made, "DELETE"]) == 200
    page.context.close()
