"""Lists and what is done to their entries, in a real browser: an owner, a colleague and a stranger."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.browser import window
from tests.e2e.pages import LEASE, Visited
from tests.e2e.studio import ROOT, Studio
from tests.e2e.windows import check, settle

pytestmark = [pytest.mark.spine, pytest.mark.browser]

Opens = Callable[..., Page]


@pytest.fixture(scope="module")
def lists(launched: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    """A studio with content whose entries these tests change."""
    folder = tmp_path_factory.mktemp("lists")
    with Studio.running(folder / "var", "--workers", "0", **LEASE) as studio:
        yield Visited(studio, launched, folder / "state.json")


@pytest.fixture
def owner(lists: Visited) -> Iterator[Opens]:
    """Opens a page as the owner; any uncaught error fails the test."""
    broken: list[str] = []
    pages: list[Page] = []

    def opens(path: str, width: int = 1440) -> Page:
        page = lists.page(width)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"http://127.0.0.1:{lists.studio.port}{path}")
        pages.append(page)
        return page

    yield opens
    for page in pages:
        page.context.close()
    assert broken == []


@pytest.fixture
def guest(lists: Visited) -> Iterator[Opens]:
    """Opens a page as somebody else, invited with `arguments`."""
    pages: list[Page] = []

    def opens(path: str, *arguments: str) -> Page:
        invited = subprocess.run(
            [sys.executable, "manage.py", "invite", *arguments],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "ESPALIER_VAR": str(lists.studio.var)},
            capture_output=True,
            text=True,
        )
        link = re.search(r"/sign-in/\S+", invited.stdout)
        assert link, invited.stderr
        page = window(lists.browser, reduced_motion="reduce").new_page()
        page.set_default_timeout(20_000)
        base = f"http://127.0.0.1:{lists.studio.port}"
        page.goto(base + link[0])
        page.wait_for_url("**/searches**")
        page.goto(base + path)
        pages.append(page)
        return page

    yield opens
    for page in pages:
        page.context.close()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def act(page: Page, name: str, verb: str) -> None:
    row(page, name).get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("dialog", name=f"Actions for {name}").get_by_role("button", name=verb).click()


def test_an_owner_renames_tags_filters_archives_and_deletes_a_search_and_takes_it_back(owner: Opens) -> None:
    page = owner("/searches")
    act(page, "Small", "Rename…")
    page.get_by_label("Name", exact=True).fill("Porch camera")
    page.keyboard.press("Enter")
    expect(row(page, "Porch camera")).to_be_visible()

    act(page, "Porch camera", "Tags…")
    page.get_by_label("Add a tag").fill("Edge")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove the tag Edge")).to_be_visible()
    check(page, "lists-tags")
    page.keyboard.press("Enter")
    expect(row(page, "Porch camera")).to_contain_text("Edge")

    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("checkbox", name="Edge 1").check()
    expect(page.get_by_text("1 search with these filters")).to_be_visible()
    check(page, "lists-filter")
    page.keyboard.press("Escape")
    assert page.url.endswith("?tag=Edge")
    page.reload()  # the link says all
    expect(row(page, "Porch camera")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(2)

    act(page, "Porch camera", "Archive")
    expect(page.get_by_text("No search fits this filter: Tag: Edge.")).to_be_visible()
    page.get_by_role("button", name="Show 1 archived search").click()
    expect(row(page, "Porch camera")).to_contain_text("archived")
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "Porch camera")).not_to_contain_text("archived")
    page.get_by_role("button", name="Dismiss").click()

    act(page, "Porch camera", "Delete…")
    expect(page.get_by_role("dialog")).to_contain_text("You can undo it for 24 hours.")
    check(page, "lists-delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="Undo")).to_be_focused()
    expect(row(page, "Porch camera")).to_have_count(0)
    check(page, "lists-deleted")
    page.get_by_role("link", name="Datasets", exact=True).click()  # the notice goes along
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Open").click()
    expect(page.get_by_role("heading", name="Porch camera")).to_be_visible()


def test_a_running_search_is_not_deleted_and_the_dialog_says_so(owner: Opens) -> None:
    page = owner("/searches")
    act(page, "Passing", "Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("“Passing” is running. Stop it first, then delete it.")
    check(page, "lists-refused")
    page.get_by_role("button", name="Close").click()
    expect(row(page, "Passing")).to_be_visible()


def test_what_was_typed_stays_when_the_session_ends_and_is_saved_after_signing_in_again(owner: Opens) -> None:
    page = owner("/searches")
    act(page, "Fern", "Notes…")
    page.get_by_role("textbox", name="Notes").fill("Half a sentence")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("You are signed out. Sign in, then try again.")
    expect(dialog).to_contain_text("This page stays as it is, and goes on once you have signed in again.")
    with page.expect_popup() as opened:  # what is below the dialog cannot be pressed
        dialog.get_by_role("link", name="Sign in, in another tab").click()
    opened.value.close()
    page.context.add_cookies(cast(Any, cookies))
    expect(page.get_by_text("signed out")).to_have_count(0)  # neither the page nor the dialog says so any more
    page.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("You are signed out.")).to_have_count(0)
    act(page, "Fern", "Notes…")
    expect(page.get_by_role("textbox", name="Notes")).to_have_value("Half a sentence")


def test_each_escape_after_more_typing_asks_again_before_it_discards(owner: Opens) -> None:
    """Browsers tell a page of Escape in a dialog only so often."""
    page = owner("/searches")
    for _ in range(3):
        act(page, "Fern", "Notes…")
        notes = page.get_by_role("textbox", name="Notes")
        for digit in "123":
            notes.press_sequentially(digit)
            page.keyboard.press("Escape")
            expect(page.get_by_text("Press Escape again to discard what you changed.")).to_be_visible()
            expect(notes).to_have_value(re.compile(digit))
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_warning_of_a_tall_dialog_is_in_view_on_a_phone(owner: Opens, lists: Visited) -> None:
    page = owner(f"/architectures/{lists.ids['architecture']}", width=390)
    page.get_by_role("button", name="Scale to a device").click()
    page.get_by_role("dialog").get_by_role("textbox", name="Parameters").fill("20k")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Press Escape again to discard what you changed.")).to_be_in_viewport(ratio=1)


def test_a_list_waits_while_its_user_is_signed_out_and_goes_on_by_itself_afterwards(owner: Opens) -> None:
    page = owner("/searches")
    expect(row(page, "Fern")).to_be_visible()
    cookies = page.context.cookies()
    with page.expect_response(lambda answer: "/api/searches?" in answer.url and answer.status == 401):
        page.context.clear_cookies()  # the list has a running search, so it is read again soon
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    for _ in range(3):  # longer than between two readings of the list
        with page.expect_response("**/api/me"):
            pass
    assert set(asked) == {"/api/me"}
    expect(row(page, "Fern")).to_be_visible()
    expect(page.get_by_text("could not be loaded")).to_have_count(0)
    with page.expect_response(lambda answer: "/api/searches?" in answer.url and answer.ok):
        page.context.add_cookies(cast(Any, cookies))
    expect(page.get_by_text("You are signed out.")).to_have_count(0)


def test_an_architecture_that_models_depend_on_names_them_with_links(owner: Opens, lists: Visited) -> None:
    page = owner(f"/architectures/{lists.ids['architecture']}")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("1 model depends on it")
    page.get_by_role("dialog").get_by_role("link").click()
    page.wait_for_url(f"**/models/{lists.ids['model']}")


def test_a_colleague_renames_but_does_not_delete_what_the_owner_made(owner: Opens, guest: Opens) -> None:
    page = guest("/datasets", "colleague@example.org", "--team", "studio")
    act(page, "Leaves", "Delete…")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("who created this dataset, or an owner of the team may delete")
    page.get_by_role("button", name="Close").click()
    act(page, "Leaves", "Notes…")
    page.get_by_role("textbox", name="Notes").fill("Pressed in October.")
    page.get_by_role("button", name="Save").click()
    last = row(page, "Leaves").locator("td[data-label]").last.bounding_box()
    assert last
    page.mouse.click(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2)  # a whole row opens its entry
    expect(page.get_by_text("Pressed in October.")).to_be_visible()


def test_a_page_says_that_its_entry_was_deleted_meanwhile(owner: Opens, guest: Opens, lists: Visited) -> None:
    page = guest(f"/models/{lists.ids['model']}", "reader@example.org", "--team", "studio")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    other = owner("/catalog/models")
    name = other.get_by_role("row").nth(1).get_by_role("link").first.inner_text()
    act(other, name, "Delete…")
    other.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(other.get_by_role("button", name="Undo")).to_be_visible()
    page.bring_to_front()
    expect(page.get_by_role("alert")).to_contain_text("This model was deleted meanwhile.", timeout=30_000)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("alert")).to_contain_text("an owner of the team may delete or restore it")
    other.get_by_role("button", name="Undo").click()
    expect(other.get_by_role("link", name="Open")).to_be_visible()


def test_a_viewer_reads_why_nothing_can_be_changed(guest: Opens) -> None:
    page = guest("/catalog/models", "viewer@example.org", "--team", "studio", "--role", "viewer")
    page.get_by_role("button", name="Actions for").first.click()
    menu = page.get_by_role("dialog")
    expect(menu).to_contain_text("You have view-only access.")
    expect(menu.get_by_role("button", name="Delete…")).to_be_disabled()


def test_a_stranger_sees_none_of_it(guest: Opens, lists: Visited) -> None:
    page = guest("/catalog/models", "stranger@example.org", "--new-team", "Elsewhere")
    expect(page.get_by_text("No trained models yet")).to_be_visible()
    page.goto(f"http://127.0.0.1:{lists.studio.port}/architectures/{lists.ids['architecture']}")
    expect(page.get_by_role("alert")).to_contain_text("was not found")


def test_on_a_phone_rows_are_blocks_with_the_same_actions(owner: Opens) -> None:
    page = owner("/catalog", width=390)
    result = row(page, "ShrinkRNN").locator("[data-label=Perplexity]")
    expect(result).to_contain_text("56.5")
    assert "perplexity" not in result.inner_text()  # the label before it says so, once
    with page.expect_response(re.compile(r"/api/architectures\?.*sort=macs")):
        page.get_by_label("Order").select_option("macs")
    page.wait_for_url("**/catalog?sort=macs")
    expect(page.locator("section[aria-busy=false]")).to_be_visible()  # previous rows are pale
    actions = row(page, "ShrinkRNN").get_by_role("button", name="Actions for ShrinkRNN")
    actions.scroll_into_view_if_needed()
    settle(page, 390, 900)  # scrolling closes what is open, a frame later
    actions.click()
    expect(page.get_by_role("dialog")).to_contain_text("Published architectures are the same for all teams")
    check(page, "lists-phone")
