"""The form of a new search: numbers mean what a person typed, and Launch is always in view."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.spine, pytest.mark.browser]


@pytest.fixture
def page(signed_in: Callable[..., Page]) -> Page:
    return opened(signed_in("/searches/new"))


def opened(page: Page) -> Page:
    page.set_default_timeout(20_000)
    expect(page.locator("aside[aria-label=Review] svg").first).to_be_visible()
    expect(launch(page)).to_be_enabled()
    return page


def launch(page: Page) -> Locator:
    return page.get_by_role("button", name=re.compile("^Launch "))


def field(page: Page, name: str) -> Locator:
    return page.get_by_role("textbox", name=name, exact=True)


def advanced(page: Page) -> None:
    page.locator("summary", has_text="Advanced").click()


@pytest.mark.parametrize(
    ("typed", "limit"),
    [("1,500", 1_500), ("1 500", 1_500), ("1.5k", 1_500), ("67000", 67_000), ("2M", 2_000_000)],
)
def test_parameters_that_are_typed_are_the_limit_that_is_asked_for(page: Page, typed: str, limit: int) -> None:
    page.get_by_role("radio", name="No limits", exact=True).check()
    with page.expect_request(lambda request: preview_of(request, limit)):
        field(page, "Parameters").fill(typed)
    expect(page.get_by_text(f"= {limit:,} parameters")).to_be_visible()


def preview_of(request: Any, limit: int) -> bool:
    return bool(request.url.endswith("/preview") and request.post_data_json["budget"]["params"] == limit)


def test_a_latency_below_what_can_be_measured_is_refused_with_the_least(page: Page) -> None:
    field(page, "Latency").fill("0.0001")
    expect(page.get_by_text(re.compile(r"^Enter at least 0\.001\sms"))).to_be_visible()


def test_a_seed_that_is_too_large_is_refused_with_the_largest(page: Page) -> None:
    field(page, "Seed").fill("99999999999999999999")
    expect(page.get_by_text("Enter at most 2,147,483,647")).to_be_visible()


def test_edges_to_keep_are_at_most_those_of_the_cell(page: Page) -> None:
    advanced(page)
    field(page, "Stop at this many edges").fill("119")
    expect(page.get_by_text("Enter at most 28. A cell of 8 nodes has 28 edges")).to_be_visible()
    field(page, "Nodes").fill("16")
    expect(page.get_by_text(re.compile("^Enter at most"))).to_have_count(0)


def test_fewer_images_than_classes_are_refused(page: Page) -> None:
    advanced(page)
    field(page, "Training images per candidate").fill("5")
    expect(page.get_by_text(re.compile("^Enter 0, or at least 10"))).to_be_visible()


def test_neither_name_nor_command_is_made_from_invalid_nodes(page: Page) -> None:
    expect(page.locator("pre")).to_contain_text("--seed 0")
    field(page, "Nodes").fill("-3")
    expect(page.get_by_text("Enter at least 2", exact=True)).to_be_visible()
    expect(field(page, "Name")).to_have_value("Handwritten digits")
    expect(page.locator("pre")).to_have_count(0)


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768), (390, 844)])
def test_launch_verdict_and_review_are_in_view_wherever_the_page_is_scrolled(
    signed_in: Callable[..., Page], width: int, height: int
) -> None:
    page = signed_in("/datasets")
    page.set_viewport_size({"width": width, "height": height})
    page.goto(page.url.replace("/datasets", "/searches/new"))
    opened(page)
    for share in (0, 0.5, 1):
        page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", share)
        for element in (launch(page), page.get_by_text("All three limits can be met")):
            expect(element).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_draft_that_is_not_valid_is_kept_and_opened_again(page: Page) -> None:
    field(page, "Nodes").fill("many")
    page.reload()
    expect(page.get_by_text("Your unsaved changes are back.")).to_be_visible()
    page.get_by_role("button", name="Save as draft").click()
    page.wait_for_url("**/searches/new?draft=*")
    address = page.url
    page.goto(address.split("?")[0])
    page.get_by_role("button", name=re.compile("^a draft")).click()
    page.get_by_role("link", name=re.compile("^Handwritten digits")).click()
    page.wait_for_url(address)
    expect(field(page, "Nodes")).to_have_value("many")
    page.get_by_role("button", name=re.compile("^a draft")).click()
    page.get_by_role("button", name="Delete the draft Handwritten digits").click()
    page.wait_for_url("**/searches/new")


def test_a_group_is_launched_once_and_named_when_it_is_asked_for_again(page: Page) -> None:
    page.goto(f"{page.url}?template=quick-look")
    opened(page)
    field(page, "Seed").fill("4,100")
    field(page, "Repeats").fill("2")
    launched: list[str] = []
    page.on("request", lambda request: launched.append(request.url) if request.method == "POST" else None)
    launch(page).click(click_count=3)  # people press twice
    page.wait_for_url(re.compile(r"/searches/(?!new)"))
    assert len([url for url in launched if url.endswith("/api/searches")]) == 1
    first = page.url.split("?")[0]
    page.goto(first.rsplit("/", 1)[0] + f"/new?from={first.rsplit('/', 1)[1]}")
    opened(page)
    expect(field(page, "Seed")).to_have_value("4100")
    named = page.get_by_text("This search was launched already:").get_by_role("link")
    expect(named).to_have_attribute("href", "/searches/" + first.rsplit("/", 1)[1])
    expect(named).to_have_text("A quick look: digits, seed 4100")
