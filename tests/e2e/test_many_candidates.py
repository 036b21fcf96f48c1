"""The charts of a search with many candidates, in a real browser: on a canvas, with what they say and do in SVG."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import window
from tests.e2e.studio import ROOT, Studio
from tests.e2e.windows import Scheme, check

pytestmark = [pytest.mark.spine, pytest.mark.browser]

COUNT = 2_500  # more than one page of the API

#: How many pixels of the chart's canvas are painted.
PAINTED = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  return count;
}"""


@pytest.fixture(scope="module")
def page(launched: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of the search, of its owner; any uncaught error fails the tests."""
    broken: list[str] = []
    with Studio.running(tmp_path_factory.mktemp("many") / "var", "--workers", "0") as studio:
        page = window(launched, reduced_motion="reduce").new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(studio.link())
        page.wait_for_url("**/searches/*")
        filled = subprocess.run(
            [sys.executable, "-m", "tests.e2e.fill_many", str(COUNT)],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(studio.var)},
            capture_output=True,
            text=True,
        )
        assert filled.returncode == 0, filled.stderr
        page.goto(f"http://127.0.0.1:{studio.port}/searches/{filled.stdout.strip()}")
        yield page
        page.context.close()
    assert broken == []


def chart(page: Page, name: str = "Accuracy against MACs") -> Locator:
    return page.get_by_role("region", name=name).get_by_role("group")


def tip(page: Page) -> Locator:
    return chart(page).get_by_role("status")


def test_all_candidates_are_read_in_pages_and_drawn(page: Page) -> None:
    # At first the newest thousand are drawn, in SVG, then all of them.
    expect(chart(page)).to_have_attribute("aria-label", re.compile(f"of {COUNT} candidates"))
    for name in ("Accuracy against MACs", "Score history"):
        canvas = chart(page, name).locator("canvas").first  # of the marks; others lie on it
        assert canvas.evaluate(PAINTED) > 1_000
        expect(chart(page, name).locator("svg")).to_have_count(0)
    check(page, "many")


def test_a_mark_under_the_pointer_says_what_it_is_and_a_press_selects_its_edge(page: Page) -> None:
    chart(page).scroll_into_view_if_needed()
    box = chart(page).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    expect(tip(page)).to_contain_text(re.compile(r"^Step 1, without \d→\d: accuracy [\d.]+.?%, .* MACs"))
    edge = re.search(r"without (\d)→(\d)", tip(page).inner_text())
    assert edge
    lit = page.get_by_role("application").locator("[data-edge][data-on]")
    expect(lit).to_have_attribute("data-edge", f"{edge[1]}-{edge[2]}")
    page.mouse.click(x, y)
    expect(page).to_have_url(re.compile(f"edge={edge[1]}-{edge[2]}"))
    page.mouse.move(5, 5)
    expect(tip(page)).to_have_count(0)  # it is hidden
    expect(lit).to_have_attribute("data-edge", f"{edge[1]}-{edge[2]}")


def test_keys_go_through_marks_and_select_them(page: Page) -> None:
    chart(page).focus()
    page.keyboard.press("End")
    last = tip(page).inner_text()
    page.keyboard.press("Home")
    expect(tip(page)).to_contain_text("Step 1, without")
    first = tip(page).inner_text()
    page.keyboard.press("ArrowRight")
    assert len({first, last, tip(page).inner_text()}) == 3
    edge = re.search(r"without (\d)→(\d)", tip(page).inner_text())
    assert edge
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"edge={edge[1]}-{edge[2]}"))


def test_wheel_and_keys_zoom_and_a_button_shows_all_again(page: Page) -> None:
    everything = page.get_by_role("button", name="Show all")
    expect(everything).to_have_count(0)
    chart(page).focus()
    page.keyboard.press("+")
    expect(everything).to_be_visible()
    page.keyboard.press("0")
    expect(everything).to_have_count(0)
    box = chart(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -300)
    everything.click()
    expect(everything).to_have_count(0)
    expect(chart(page)).to_be_focused()


def test_the_wheel_scrolls_the_page_until_the_chart_has_the_focus(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")
    chart(page).scroll_into_view_if_needed()
    box = chart(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.wheel(0, -300)
    expect(page.get_by_role("button", name="Show all")).to_have_count(0)


def test_colours_follow_the_theme(page: Page) -> None:
    canvas = "document.querySelector('section[aria-label=\"Accuracy against MACs\"] canvas')"
    before = page.evaluate(f"{canvas}.toDataURL()")
    was: Scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    page.emulate_media(color_scheme="light" if was == "dark" else "dark")
    page.wait_for_function(f"before => {canvas}.toDataURL() !== before", arg=before)
    page.emulate_media(color_scheme=was)
    page.wait_for_function(f"before => {canvas}.toDataURL() === before", arg=before)
