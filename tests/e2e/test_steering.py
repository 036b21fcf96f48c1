"""Two people steer one search: each sees the other's commands at once, and both pages end in the same state.

The owner uses a keyboard; the colleague uses a phone.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import AXE, window
from tests.e2e.studio import LINK, ROOT, Studio

pytestmark = [pytest.mark.spine, pytest.mark.browser]

#: A small cell without limits: short rounds, and more of them than the test needs.
MAKE = """async () => {
  const get = (path) => fetch('/api' + path).then(answer => answer.json());
  await get('/me');
  const headers = {
    'Content-Type': 'application/json',
    'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1],
  };
  const post = (path, body) => fetch('/api' + path, {method: 'POST', headers, body: JSON.stringify(body)});
  const made = await post('/searches', {
    name: 'Ours', strategy: 'autoshrink', dataset: 'digits', seed: 0,
    budget: {params: null, macs: null, peak_memory: null, bytes_per_element: 4},
    settings: {
      space: {nodes: 5}, strategy: {candidates: 2, keep_edges: 1, patience: 0}, evaluator: {epochs: 1},
    },
  });
  const {id} = await made.json();
  await post(`/searches/${id}/commands`, {kind: 'pause'});
  return id;
}"""

#: What a page shows of the search: the states of edges and nodes, the step, the limits and the events.
SHOWN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    edges: all('[role=application] [data-edge]').map(e => [e.dataset.edge, e.dataset.state]).sort(),
    nodes: all('[role=application] [data-node]').map(e => [e.dataset.node, e.dataset.state]).sort(),
    step: document.querySelector('[aria-label=Cell] h2').textContent,
    limits: all('[aria-label=Budgets] > div').map(e => e.textContent),
    events: all('[aria-label="Events, newest first"] li').map(e => e.textContent),
    branch: document.querySelector('[aria-label=Steps] select').value,
  };
}"""

#: Whether a select shows all of its text, which it does not tell: so it is measured.
HAS_ROOM = """select => {
  const {font, paddingLeft, paddingRight} = getComputedStyle(select);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = font;
  const room = select.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  return pen.measureText(select.selectedOptions[0].text).width <= room;
}"""


def test_two_people_steer_one_search(owner: Page, colleague: Page) -> None:
    both = (owner, colleague)
    for page in both:
        expect(status(page)).to_have_text("Paused")

    # The owner locks an edge; the colleague sees it at once, and their removal of it is rejected with the reason.
    choose_by_keys(owner, "0-2")
    owner.keyboard.press("l")
    expect(edge(colleague, "0-2")).to_have_attribute("aria-label", re.compile("owner asked to lock it$"))
    tap(colleague, "0-2")
    note(colleague).get_by_label("Reason").fill("too wide")
    note(colleague).get_by_role("button", name="Cut").tap()
    note(colleague).get_by_role("button", name="Cut 0→2").tap()
    expect(note(colleague).get_by_role("alert")).to_have_text("Refused: Edge 0-2 is locked; unlock it first.")
    expect(note(colleague).get_by_label("Reason")).to_have_value("too wide")

    # The owner removes another edge; it disappears from both pages at the end of the round.
    owner.keyboard.press("ArrowRight")
    owner.keyboard.press("r")
    owner.get_by_role("button", name="Cut 0→3").click()
    expect(edge(colleague, "0-3")).to_have_attribute("data-state", "next")
    owner.get_by_role("button", name="Resume").click()
    for page in both:
        expect(edge(page, "0-3")).to_have_attribute("data-state", "removed")
        expect(edge(page, "0-2")).to_have_attribute("data-state", "locked")

    # The owner restores it while the colleague sets a limit; each sees the other's pending commands.
    colleague.get_by_role("button", name="Pause").tap()
    expect(status(owner)).to_have_text("Paused")
    choose_by_keys(owner, "0-3")
    owner.keyboard.press("Enter")
    expect(note(owner).get_by_role("button", name="Restore")).to_be_focused()
    owner.keyboard.press("Enter")
    tap(colleague, "0-3")
    expect(note(colleague).get_by_role("status")).to_contain_text("owner asked to restore 0→3")
    note(colleague).get_by_role("button", name="Lock").tap()
    expect(note(owner).get_by_role("status")).to_contain_text("rev asked to lock 0→3")
    colleague.get_by_role("button", name="Change", exact=True).tap()
    colleague.get_by_role("textbox", name="Parameters").fill("40k")
    colleague.get_by_role("button", name="Apply").tap()
    expect(budgets(owner).get_by_role("status")).to_contain_text("rev asked for limits: parameters ≤ 40 k")
    owner.get_by_role("button", name="Resume").click()
    for page in both:
        expect(event_list(page)).to_contain_text("owner restored 0→3")
        expect(budgets(page)).to_contain_text("40 k")
        expect(edge(page, "0-3")).to_have_attribute("data-state", "locked")

    # The owner rolls back to step 0 after a confirmation; the earlier branch can still be viewed.
    owner.get_by_role("button", name="Pause").click()
    expect(status(colleague)).to_have_text("Paused")
    owner.get_by_role("button", name=re.compile("^Step 0,")).click()
    owner.get_by_role("button", name="Roll back to here").click()
    expect(owner.get_by_role("dialog")).to_contain_text("available as branch 0")
    owner.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    for page in both:
        expect(page.get_by_role("heading", name="Cell at step 0")).to_be_visible()
        expect(event_list(page)).to_contain_text("owner rolled back to step 0")
        expect(edge(page, "0-2")).to_have_attribute("data-state", "active")
        expect(budgets(page)).not_to_contain_text("40 k")
    colleague.get_by_label("Branch").select_option("0")
    expect(colleague.get_by_text(re.compile("^This is branch 0, which ended at step"))).to_be_visible()
    expect(edge(colleague, "0-2")).to_have_attribute("data-state", "locked")
    colleague.evaluate("document.activeElement.blur(); scrollTo(0, 0)")  # once, these lay below the window's edge then
    for control in (colleague.get_by_role("button", name="Fork from here"), colleague.get_by_label("Branch")):
        expect(control).to_be_in_viewport(ratio=1)
    assert colleague.get_by_label("Branch").evaluate(HAS_ROOM)  # once, it was cut to “Branch 1, ı”
    check_accessibility(colleague)
    colleague.get_by_role("button", name="Go to the latest branch").tap()

    owner.get_by_role("button", name="Stop").click()
    owner.get_by_role("dialog").get_by_role("button", name="Stop").click()
    for page in both:
        expect(status(page)).to_have_text("Stopped")
        expect(event_list(page)).to_contain_text("Search ended")
    assert owner.evaluate(SHOWN) == colleague.evaluate(SHOWN)
    check_accessibility(owner)


@pytest.fixture
def owner(studio: Studio, signed_in: Callable[..., Page]) -> Iterator[Page]:
    page = signed_in("/searches")
    yield from open_search(page, studio, page.evaluate(MAKE))


@pytest.fixture
def colleague(studio: Studio, launched: Browser, owner: Page) -> Iterator[Page]:
    context = window(launched, 390, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(invited(studio, "rev@example.org"))
    yield from open_search(page, studio, owner.url.rpartition("/")[2].partition("?")[0])
    context.close()


@pytest.fixture(autouse=True)
def long_timeouts() -> Iterator[None]:
    """Long timeouts, since a busy machine trains slowly."""
    expect.set_options(timeout=60_000)
    yield
    expect.set_options(timeout=20_000)


def open_search(page: Page, studio: Studio, search: str) -> Iterator[Page]:
    """Opens the search. Any error in the console fails the test, except rejected commands."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.set_default_timeout(30_000)
    page.goto(f"http://127.0.0.1:{studio.port}/searches/{search}")
    expect(page.locator("[role=application] [data-edge]").first).to_be_attached()
    yield page
    assert [text for text in complaints if "409" not in text] == []


def invited(studio: Studio, email: str) -> str:
    """Invites a person and returns the printed link."""
    done = subprocess.run(
        [sys.executable, "manage.py", "invite", email, "--address", f"http://127.0.0.1:{studio.port}"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(studio.var)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = LINK.search(done.stdout)
    assert found, done.stdout
    return found[0]


def choose_by_keys(page: Page, wanted: str) -> None:
    """Selects an edge by moving from the first edge with the arrow keys."""
    page.get_by_role("application").focus()
    page.keyboard.press("Escape")
    for _ in range(int(wanted.partition("-")[2])):
        page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile(f"edge={wanted}"))


def tap(page: Page, wanted: str) -> None:
    """Taps the middle of an edge."""
    page.get_by_role("application").scroll_into_view_if_needed()
    x, y = (
        edge(page, wanted)
        .locator("path")
        .first.evaluate(
            """line => {
          const at = line.getPointAtLength(line.getTotalLength() / 2).matrixTransform(line.getScreenCTM());
          return [at.x, at.y];
        }"""
        )
    )
    page.touchscreen.tap(x, y)
    expect(page).to_have_url(re.compile(f"edge={wanted}"))


def edge(page: Page, wanted: str) -> Locator:
    return page.locator(f'[role=application] [data-edge="{wanted}"]')


def status(page: Page) -> Locator:
    return page.get_by_test_id("status")


def note(page: Page) -> Locator:
    return page.get_by_role("complementary")


def budgets(page: Page) -> Locator:
    return page.get_by_role("region", name="Budgets")


def event_list(page: Page) -> Locator:
    return page.get_by_role("list", name="Events, newest first")


def check_accessibility(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]] == []
