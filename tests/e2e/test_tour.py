"""The tour of the sample search, as a new team's first member sees it, and a colleague at the same browser."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.browser import window
from tests.e2e.pages import Visited
from tests.e2e.studio import ROOT
from tests.e2e.windows import check

pytestmark = [pytest.mark.spine, pytest.mark.browser]

Arrives = Callable[..., Page]

STEPS = ("The cell", "Budgets", "Steps", "Your say", "The result")


@pytest.fixture
def arrives(visited: Visited) -> Iterator[Arrives]:
    """Follows the link of an invitation in a new window, or in that of another page."""
    contexts = []

    def follow(email: str, *arguments: str, opener: Page | None = None) -> Page:
        invited = subprocess.run(
            [sys.executable, "manage.py", "invite", email, *arguments],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(visited.studio.var)},
            capture_output=True,
            text=True,
        )
        link = re.search(r"/sign-in/\S+", invited.stdout)
        assert link, invited.stderr
        if opener is None:
            contexts.append(window(visited.browser, reduced_motion="reduce"))
        page = (contexts[-1] if opener is None else opener.context).new_page()
        page.set_default_timeout(20_000)
        page.goto(f"http://127.0.0.1:{visited.studio.port}{link[0]}")
        page.wait_for_url("**/searches/*")
        return page

    yield follow
    for context in contexts:
        context.close()


def tour(page: Page) -> Locator:
    return page.get_by_role("region", name="Tour")


def press(page: Page, name: str) -> None:
    tour(page).get_by_role("button", name=name).click()


def is_within(page: Page, width: int, height: int) -> None:
    box = tour(page).bounding_box()
    assert box and box["x"] >= 0 and box["y"] >= 0
    assert box["x"] + box["width"] <= width and box["y"] + box["height"] <= height
    expect(page.locator("[data-tour]")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_new_team_gets_the_tour_which_can_be_left_and_found_again(arrives: Arrives) -> None:
    page = arrives("first@example.org", "--new-team", "Newcomers")
    expect(tour(page)).to_be_focused()
    for number, title in enumerate(STEPS, 1):
        expect(tour(page).get_by_role("heading", name=title)).to_be_visible()
        expect(tour(page)).to_contain_text(f"{number} of {len(STEPS)}")
        is_within(page, 1440, 900)
        if number < len(STEPS):
            page.keyboard.press("Tab")  # Leave the tour, Back from the second step on, Next
            press(page, "Next")
    check(page, "tour")
    page.keyboard.press("Escape")
    expect(tour(page)).to_have_count(0)
    page.reload()
    expect(page.get_by_role("region", name="Cell")).to_be_visible()
    expect(tour(page)).to_have_count(0)

    page.goto(page.url.split("/searches")[0] + "/catalog")
    page.get_by_label("Account").click()
    page.get_by_role("button", name="Tour").click()
    page.wait_for_url("**/searches/*")
    expect(tour(page)).to_be_focused()
    press(page, "Leave the tour")

    colleague = arrives("second@example.org", "--team", "newcomers", opener=page)
    expect(tour(colleague)).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(390, 844), (320, 256)])
def test_the_tour_fits_small_windows_and_leaves_the_page_to_be_used(arrives: Arrives, width: int, height: int) -> None:
    page = arrives(f"small-{width}@example.org", "--new-team", f"Small {width}")
    page.set_viewport_size({"width": width, "height": height})
    for title in STEPS:
        expect(tour(page).get_by_role("heading", name=title)).to_be_visible()
        is_within(page, width, height)
        if title == "Budgets":
            check(page, f"tour-{width}")
        if title != STEPS[-1]:
            press(page, "Next")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep").click()
    press(page, "Done")
    expect(page.locator("[data-tour]")).to_have_count(0)
