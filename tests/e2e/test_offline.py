"""Without a network, or with a slow one: what is opened waits, says so, and comes when the network is back."""

import re

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.e2e.pages import Visited

pytestmark = [pytest.mark.spine, pytest.mark.browser]

LOST = "No connection. Trying again…"
CATALOG = re.compile(r"/static/app/assets/Catalog-.*\.(js|css)$")
BROWSER_WORDS = re.compile("Failed to fetch|Unable to preload|dynamically imported")


@pytest.fixture
def page(visited: Visited) -> Page:
    """The list of searches; the code of no other page is loaded."""
    page = visited.page(1440)
    page.goto(visited.url("searches"))
    expect(page.get_by_role("heading", name="Searches")).to_be_visible()
    return page


def test_a_page_that_is_opened_without_a_network_comes_when_it_is_back(page: Page) -> None:
    page.context.set_offline(True)
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_text(LOST)).to_be_visible()
    expect(page.get_by_role("navigation", name="Main").get_by_role("link", name="Datasets")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(BROWSER_WORDS)
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Catalog")).to_be_visible()
    expect(page.get_by_text(LOST)).to_have_count(0)
    sheets = "[...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet !== null)"
    assert page.evaluate(sheets), "the page has no styles"
    page.context.close()


def test_a_page_that_was_opened_before_stays_reachable_without_a_network(page: Page) -> None:
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_role("heading", name="Catalog")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="Datasets").click()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.get_by_role("link", name="Searches", exact=True).click()
    expect(page.get_by_role("heading", name="Searches")).to_be_visible()
    expect(page.get_by_text(LOST)).to_have_count(0)
    page.context.close()


def test_a_page_whose_files_a_new_version_replaced_is_loaded_anew_once(page: Page) -> None:
    gone: list[str] = []
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))

    def replaced(route: Route) -> None:
        if loads:  # the new version's page names files that are there
            route.continue_()
        else:
            gone.append(route.request.url)
            route.fulfill(status=404)

    page.route(CATALOG, replaced)
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_role("heading", name="Catalog")).to_be_visible()
    assert gone and loads == [page.url] and page.url.endswith("/catalog")
    page.context.close()


def test_a_page_whose_files_stay_away_says_so_and_the_bar_stays(page: Page) -> None:
    loads: list[str] = []
    page.on("load", lambda loaded: loads.append(loaded.url))
    page.route(CATALOG, lambda route: route.fulfill(status=404))
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_role("alert")).to_contain_text("This page could not be loaded.")
    expect(page.locator("body")).not_to_contain_text(BROWSER_WORDS)
    expect(page.get_by_role("link", name="Datasets")).to_be_visible()
    assert len(loads) == 1
    page.context.close()


def test_a_page_that_comes_slowly_says_that_it_opens(page: Page) -> None:
    waiting: list[Route] = []
    page.route(CATALOG, lambda route: waiting.append(route))
    page.get_by_role("link", name="Catalog").click()
    expect(page.get_by_text("Opening the page…")).to_be_visible()
    expect(page.get_by_role("heading", name="Searches")).to_be_visible()  # meanwhile
    page.unroute(CATALOG)  # what waits is let go
    expect(page.get_by_role("heading", name="Catalog")).to_be_visible()
    page.context.close()


def test_the_first_words_need_no_script(page: Page) -> None:
    page.route("**/*.js", lambda route: route.abort())
    page.reload()
    expect(page.get_by_text("Opening the studio…")).to_be_visible()
    page.context.close()


def test_a_search_whose_log_is_on_its_way_states_nothing_that_is_not_known(page: Page, visited: Visited) -> None:
    page.route_web_socket("**/ws/**", lambda socket: None)  # it opens, and nothing comes
    page.goto(visited.url("search-ended"))
    expect(page.get_by_text("Loading the search…")).to_be_visible()
    expect(page.get_by_test_id("status")).to_have_text("Finished")
    expect(page.locator("main")).not_to_contain_text(re.compile("no limit|not started|not begun|none|step", re.I))
    page.context.close()


def test_a_line_on_which_nothing_comes_any_more_is_said_to_be_lost_within_ten_seconds(
    page: Page, visited: Visited
) -> None:
    """Once: “Live, updated 31 s ago” after the Wi-Fi was gone, which closes no socket."""
    sockets: list[WebSocketRoute] = []

    def passed_on(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        if len(sockets) > 1:  # without a network no other one is opened
            socket.close()
            return
        server = socket.connect_to_server()
        server.on_message(lambda message: None if silent else socket.send(message))

    silent: list[bool] = []
    page.clock.install()
    page.route_web_socket("**/ws/**", passed_on)
    page.goto(visited.url("search"))
    expect(page.get_by_role("banner")).to_contain_text("Live")
    expect(page.locator("svg [data-edge]").first).to_be_attached()
    silent.append(True)
    page.clock.run_for(10_000)
    expect(page.get_by_role("banner")).to_contain_text("Connection lost")
    expect(page.get_by_text(re.compile("^Connection lost, last update"))).to_be_visible()
    page.context.close()


def test_a_machine_that_loses_its_network_says_so_although_its_socket_stays_open(page: Page, visited: Visited) -> None:
    """Once: nobody listened to what the browser says of its network."""
    page.clock.install()
    page.route_web_socket("**/ws/**", lambda socket: None)
    page.goto(visited.url("search"))
    expect(page.get_by_role("banner")).to_contain_text("Live")
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 5)  # below the silence that is noticed, and not passed yet
    page.context.set_offline(True)
    expect(page.get_by_role("banner")).to_contain_text("Connection lost")
    page.context.close()


def test_a_verb_without_a_network_says_in_words_that_it_was_not_sent(page: Page, visited: Visited) -> None:
    page.goto(visited.url("search"))
    expect(page.locator("svg [data-edge]").first).to_be_attached()
    page.context.set_offline(True)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("main")).to_contain_text("Could not pause. No connection to the server.")
    expect(page.locator("body")).not_to_contain_text(BROWSER_WORDS)
    page.context.close()
