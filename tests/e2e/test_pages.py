"""Every page and state, in windows of all sizes, light and dark: accessible, and laid out within the window."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.e2e.pages import PAGES, Visited
from tests.e2e.windows import check_everywhere

pytestmark = [pytest.mark.spine, pytest.mark.browser]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_in_every_window_and_fits_it(visited: Visited, name: str) -> None:
    complaints: list[str] = []
    page = opened(visited, name, complaints)
    check_everywhere(page, name)
    assert [each for each in complaints if "404" not in each] == []  # the browser's own, of an entry that is not there
    page.context.close()


def opened(visited: Visited, name: str, complaints: list[str] | None = None) -> Page:
    """The page once it is loaded; its errors are added to `complaints`."""
    page = visited.page(1440)
    if complaints is not None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(visited.url(name))
    expect(page.locator(PAGES[name][1]).first).to_be_visible()
    return page


def train(page: Page) -> None:
    page.get_by_role("button", name="Train").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def scale(page: Page) -> None:
    page.get_by_role("button", name="Scale to a device").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def score(page: Page) -> None:
    page.get_by_role("button", name="Score", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def choose_a_file(page: Page) -> None:
    page.get_by_role("button", name="Your own").click()
    file: FilePayload = {"name": "leaves.zip", "mimeType": "application/zip", "buffer": b"PK"}
    page.get_by_role("dialog").get_by_label("Drop a file here").set_input_files(file)
    expect(page.get_by_label("Title")).to_be_focused()


def unfold(page: Page) -> None:
    page.locator("summary", has_text="Advanced").click()


def enter_nonsense(page: Page) -> None:
    page.get_by_role("textbox", name="Parameters", exact=True).fill("many")
    page.get_by_role("textbox", name="Seed", exact=True).fill("-1")
    expect(page.get_by_text(re.compile("^Fix: "))).to_be_visible()


def ask_for_too_little(page: Page) -> None:
    field = page.get_by_role("textbox", name="Parameters", exact=True)
    expect(field).to_have_value(re.compile("k$"))  # the limit of the preset, once the costs are known
    field.fill("100")
    expect(page.get_by_role("button", name=re.compile("^Raise to"))).to_be_visible()


def change_limits(page: Page) -> None:
    page.get_by_role("button", name="Change", exact=True).click()
    page.get_by_role("textbox", name="Parameters").fill("0")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Enter at least 1, or leave the field empty")).to_be_visible()


def ask_to_cut(page: Page) -> None:
    page.get_by_role("application").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    expect(page.get_by_role("complementary").get_by_role("button", name=re.compile("^Cut "))).to_be_visible()


def ask_to_cancel(page: Page) -> None:
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def ask_to_fork(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Step 0,")).click()
    page.get_by_role("button", name=re.compile("^Fork")).click()
    expect(page.get_by_role("dialog")).to_be_visible()


def look_at_finalists(page: Page) -> None:
    page.get_by_role("region", name="Steps").get_by_role("button", name="Finalists").click()
    expect(page.get_by_role("region", name="Finalists")).to_be_visible()


def show_keys(page: Page) -> None:
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts in the drawing")).to_be_visible()


def open_the_account_menu(page: Page) -> None:
    page.locator("header summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def find_nothing(page: Page) -> None:
    page.get_by_role("searchbox").fill("nothing is called this")
    expect(page.get_by_text(re.compile("fits this filter"))).to_be_visible()


def choose_two(page: Page) -> None:
    for name in ("Fern", "Small"):
        page.get_by_role("checkbox", name=f"Compare {name}").check()
    expect(page.get_by_role("region", name="Comparison").get_by_role("link")).to_be_visible()


def fit_a_device(page: Page) -> None:
    page.get_by_role("combobox", name="Fits device").select_option("microcontroller")
    expect(page.get_by_role("button", name=re.compile("^Remove the filter At most"))).to_be_visible()


def ask_to_delete(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Actions for")).first.click()
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def add_a_device(page: Page) -> None:
    page.get_by_role("textbox", name="Name").fill("Watch")
    page.get_by_role("button", name=re.compile("^Add")).click()
    expect(page.locator("pre").first).to_be_visible()


def lose_the_network(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_text("No connection. Trying again…")).to_be_visible()


#: State -> its page, and what a person does there to come to it.
STATES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "train": ("architecture", train),
    "scale": ("architecture", scale),
    "score": ("architecture", score),
    "own-data": ("new", choose_a_file),
    "advanced": ("new", unfold),
    "nonsense": ("new", enter_nonsense),
    "too-little": ("new", ask_for_too_little),
    "limits-refused": ("search", change_limits),
    "cut-asked": ("search", ask_to_cut),
    "cancel-asked": ("search", ask_to_cancel),
    "fork-asked": ("search-ended", ask_to_fork),
    "finalists": ("search-ended", look_at_finalists),
    "keys": ("search-ended", show_keys),
    "account": ("catalog", open_the_account_menu),
    "found-nothing": ("catalog", find_nothing),
    "two-chosen": ("catalog", choose_two),
    "fits-device": ("catalog", fit_a_device),
    "delete-asked": ("models", ask_to_delete),
    "device-added": ("devices", add_a_device),
    "offline": ("searches", lose_the_network),
}


@pytest.mark.parametrize("state", STATES)
def test_a_state_of_a_page_is_accessible_in_every_window_and_fits_it(visited: Visited, state: str) -> None:
    name, act = STATES[state]
    page = opened(visited, name)
    act(page)
    check_everywhere(page, state)
    page.context.close()


@pytest.mark.parametrize("address", ["/catalog", "/sign-in/spent"])
def test_a_page_for_people_who_are_not_signed_in_is_accessible_in_every_window(visited: Visited, address: str) -> None:
    page = visited.page(1440, signed_in=False)
    page.goto(f"http://127.0.0.1:{visited.studio.port}{address}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    check_everywhere(page, f"signed-out-{address.rpartition('/')[2]}")
    page.context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_definition_of_a_term_opens_by_keyboard_within_the_window(visited: Visited, width: int) -> None:
    page = opened(visited, "search-ended")
    page.set_viewport_size({"width": width, "height": 900})
    term = page.get_by_role("heading", name="Answer").get_by_role("button")
    term.focus()
    page.keyboard.press("Enter")
    definition = page.get_by_role("dialog", name="Answer")
    expect(definition).to_be_focused()
    box = definition.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    page.keyboard.press("Escape")
    expect(definition).to_have_count(0)
    expect(term).to_be_focused()
    page.context.close()


def test_closing_a_definition_keeps_its_dialog_open(visited: Visited) -> None:
    page = visited.page(390)
    page.goto(visited.url("architecture"))
    page.get_by_role("button", name="Scale to a device").click()
    page.get_by_role("dialog").get_by_role("button", name="Definition of MACs").click()
    expect(page.get_by_role("dialog", name="MACs")).to_contain_text("Multiply-accumulate")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="MACs")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.context.close()
