"""Every page, wide and narrow, light and dark: no accessibility violation, horizontal scroll or console error.

ESPALIER_PICTURES names a folder for screenshots.
"""

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.browser import AXE
from tests.e2e.pages import PAGES, Visited

pytestmark = [pytest.mark.spine, pytest.mark.browser]

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PICTURES = os.environ.get("ESPALIER_PICTURES")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits_the_window(visited: Visited, name: str, width: int) -> None:
    address, there = PAGES[name]
    page = visited.page(width)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"http://127.0.0.1:{visited.studio.port}{address.format(**visited.ids)}")
    expect(page.locator(there).first).to_be_visible()
    check(page, f"{name}-{width}")
    assert complaints == []
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_sign_in_page_is_accessible_and_fits_the_window(visited: Visited, width: int) -> None:
    page = visited.page(width, signed_in=False)
    page.goto(f"http://127.0.0.1:{visited.studio.port}/catalog")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    check(page, f"sign-in-{width}")
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_training_form_is_accessible_and_fits_the_window(visited: Visited, width: int) -> None:
    page = visited.page(width)
    page.goto(f"http://127.0.0.1:{visited.studio.port}/architectures/{visited.ids['architecture']}")
    page.get_by_role("button", name="Train").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check(page, f"train-{width}")
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_upload_form_is_accessible_and_fits_the_window(visited: Visited, width: int) -> None:
    page = visited.page(width)
    page.goto(f"http://127.0.0.1:{visited.studio.port}/searches/new")
    page.get_by_role("button", name="Your own").click()
    check(page, f"own-{width}")
    file: FilePayload = {"name": "leaves.zip", "mimeType": "application/zip", "buffer": b"PK"}
    page.get_by_role("dialog").get_by_label("Drop a file here").set_input_files(file)
    expect(page.get_by_label("Title")).to_be_focused()
    check(page, f"chosen-{width}")
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_definition_of_a_term_opens_by_keyboard_within_the_window(visited: Visited, width: int) -> None:
    page = visited.page(width)
    page.goto(f"http://127.0.0.1:{visited.studio.port}/searches/{visited.ids['search']}")
    expect(page.locator("svg [data-edge]").first).to_be_visible()  # before that, the page is still put together
    term = page.get_by_role("heading", name="Answer").get_by_role("button")
    term.focus()
    page.keyboard.press("Enter")
    definition = page.get_by_role("dialog", name="Answer")
    expect(definition).to_be_focused()
    box = definition.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    check(page, f"term-{width}")
    page.keyboard.press("Escape")
    expect(definition).to_have_count(0)
    expect(term).to_be_focused()
    page.context.close()


def test_closing_a_definition_keeps_its_dialog_open(visited: Visited) -> None:
    page = visited.page(390)
    page.goto(f"http://127.0.0.1:{visited.studio.port}/architectures/{visited.ids['architecture']}")
    page.get_by_role("button", name="Scale to a device").click()
    page.get_by_role("dialog").get_by_role("button", name="Definition of MACs").click()
    expect(page.get_by_role("dialog", name="MACs")).to_contain_text("Multiply-accumulate")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="MACs")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.context.close()


def check(page: Page, name: str) -> None:
    """Checks the page in the light and the dark scheme."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "it scrolls sideways"
    page.evaluate(AXE.read_text())
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{scheme}.png")
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        violations = [(each["id"], [node["target"] for node in each["nodes"]]) for each in found["violations"]]
        assert violations == [], scheme
