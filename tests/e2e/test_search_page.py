"""What people met on the page of a search, and must not meet again: verbs, sentences, and the answer."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.windows import check_everywhere

pytestmark = [pytest.mark.spine, pytest.mark.browser]

#: Launches a search, and pauses it if asked to. One epoch on a few images, so that results come in quickly.
LAUNCH = """async ([task, pause]) => {
  const headers = {
    'Content-Type': 'application/json',
    'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1],
  };
  const post = (path, body) => fetch('/api' + path, {method: 'POST', headers, body: JSON.stringify(body)});
  const made = await (await post('/searches', task)).json();
  if (pause) await post(`/searches/${made.id}/commands`, {kind: 'pause'});
  return made.id;
}"""
COLOURS = "button => [getComputedStyle(button).color, getComputedStyle(button).borderColor]"
GROUNDS = "all => all.map(button => getComputedStyle(button).backgroundColor)"
READ = "path => fetch('/api' + path).then(answer => answer.json())"


def task(**more: Any) -> dict[str, Any]:
    settings = {"space": {"nodes": 5}, "strategy": {"candidates": 3}, "evaluator": {"epochs": 1}}
    budget = {"params": None, "macs": None, "peak_memory": None, "bytes_per_element": 4}
    base = {"name": "Reported", "strategy": "autoshrink", "dataset": "digits", "seed": 3}
    return {**base, "budget": budget, "settings": settings, **more}


@pytest.fixture
def launch(signed_in: Callable[..., Page]) -> Callable[..., Page]:
    def launched(pause: bool = False, **more: Any) -> Page:
        page = signed_in("/searches")
        page.set_default_timeout(30_000)
        search = page.evaluate(LAUNCH, [task(**more), pause])
        page.goto(page.url.partition("/searches")[0] + f"/searches/{search}")
        expect(edges(page).first).to_be_attached()
        return page

    return launched


def test_nothing_can_be_cut_by_a_button_whose_edge_changes_under_the_pointer(launch: Callable[..., Page]) -> None:
    """Once: without a selection the margin offered to cut the leader, whichever that was at the moment."""
    page = launch()
    expect(page.locator("[data-edge][data-state='next']").first).to_be_attached(timeout=60_000)
    expect(verbs(page)).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Select ")).click()
    expect(verbs(page)).to_have_count(2)
    chosen = re.search(r"edge=([\d-]+)", page.url)
    assert chosen is not None
    name = chosen[1].replace("-", "→")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_test_id("status")).to_have_text("Paused")
    details(page).get_by_role("button", name=re.compile("^(Cut|Force cut)$")).click()
    page.get_by_test_id("thumbnail").first.hover()
    expect(details(page).get_by_role("button", name=f"Cut {name}")).to_be_visible()


def test_an_edge_that_was_tested_in_the_open_step_is_called_tested(launch: Callable[..., Page]) -> None:
    """Once: “Tested 0×” stood beside the accuracy of its test."""
    page = launch(settings={"space": {"nodes": 5}, "strategy": {"candidates": 6}, "evaluator": {"epochs": 4}})
    leader = page.locator("[data-edge][data-state='next']").first
    expect(leader).to_be_attached(timeout=60_000)
    page.goto(f"{page.url}?edge={leader.get_attribute('data-edge')}")
    tested = details(page).locator("dt", has_text="Tested").locator("xpath=following-sibling::dd[1]")
    expect(tested).to_have_text("1×")


def test_a_second_press_on_lock_never_locks_another_edge(launch: Callable[..., Page]) -> None:
    """Once: after the first request the margin went on to the next edge, and so did the button."""
    page = launch(pause=True)
    page.goto(f"{page.url}?edge=0-2")
    lock = details(page).get_by_role("button", name="Lock", exact=True)
    lock.click()
    expect(details(page).get_by_text(re.compile("asked to lock 0→2"))).to_be_visible()
    expect(lock).to_be_disabled()
    sent = page.evaluate(READ, f"{search_path(page)}/commands")
    assert [(command["kind"], command["edge"]) for command in sent if command["kind"] == "lock"] == [("lock", "0-2")]


def test_a_cut_that_is_only_asked_for_is_called_requested(launch: Callable[..., Page]) -> None:
    """Once: it was called cut by hand before it was cut."""
    page = launch(pause=True)
    page.goto(f"{page.url}?edge=0-3")
    cut = details(page).get_by_role("button", name="Cut", exact=True)
    enabled = cut.evaluate(COLOURS)
    cut.click()
    details(page).get_by_role("button", name="Cut 0→3").click()
    expect(details(page).get_by_role("heading")).to_contain_text("cut requested")
    expect(cut).to_be_disabled()
    assert all(was != now for was, now in zip(enabled, cut.evaluate(COLOURS), strict=True)), "it looks enabled"
    expect(details(page)).to_contain_text("asked for this cut. It applies when this step ends.")


def test_a_cancelled_search_promises_nothing_more(launch: Callable[..., Page]) -> None:
    """Once: it said that scores appear when the first step is decided, and had a tick before its end."""
    page = launch(pause=True)
    page.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Keep paused")).to_be_focused()  # so Enter cancels nothing
    expect(dialog.get_by_role("button").first).to_have_text("Keep paused")
    assert len(set(dialog.get_by_role("button").evaluate_all(GROUNDS))) == 1  # the other one does not stand out
    dialog.get_by_role("button", name="Cancel search").click()
    expect(page.get_by_test_id("status")).to_have_text("Cancelled")
    ended = (
        page.get_by_role("list", name="Events, newest first").get_by_role("listitem").filter(has_text="Search ended")
    )
    expect(ended.locator("svg").first).to_have_attribute("data-kind", "cancelled")
    expect(page.get_by_role("region", name="Score history")).to_contain_text("The search ended before its first step")
    expect(page.locator("main")).not_to_contain_text("appear when")
    expect(details(page)).to_contain_text("No answer")


def test_the_focus_stays_in_the_form_when_limits_are_refused(launch: Callable[..., Page]) -> None:
    """Once: it fell to the page, and a refusal by the server stayed beside a later one of the form."""
    page = launch(pause=True)
    budgets = page.get_by_role("region", name="Budgets")
    budgets.get_by_role("button", name="Change").click()
    parameters, apply = budgets.get_by_role("textbox", name="Parameters"), budgets.get_by_role("button", name="Apply")
    parameters.fill("1")
    apply.focus()
    page.keyboard.press("Enter")
    expect(budgets.get_by_role("alert")).to_contain_text("Refused: ")
    expect(apply).to_be_focused()
    parameters.fill("0")
    apply.focus()
    page.keyboard.press("Enter")
    expect(budgets.get_by_text("Enter at least 1, or leave the field empty for no limit")).to_be_visible()
    expect(budgets.get_by_role("alert")).to_have_count(0)
    expect(parameters).to_be_focused()


def test_a_finished_search_shows_its_answer_and_everybody_says_the_same_of_it(launch: Callable[..., Page]) -> None:
    """Once: the page drew the last step and its costs, the list and the catalog another cell."""
    page = launch()
    expect(page.get_by_test_id("status")).to_have_text("Finished", timeout=180_000)
    expect(page.get_by_role("heading", name="Answer").first).to_be_visible()
    tested = re.search(r"\d+ candidates tested", page.locator("main").inner_text())
    assert tested is not None
    search = page.evaluate(READ, search_path(page))
    architecture = page.evaluate(READ, f"/architectures/{search['architecture']}")
    count = len(architecture["graph"]["edges"])
    expect(edges(page)).to_have_count(count)
    assert (search["edges"], search["cost"]) == (count, architecture["cost"])
    accuracy = f"{100 * architecture['val_accuracy']:.1f}"
    assert search["best_quality"] == architecture["val_accuracy"]
    for place in (details(page), page.get_by_test_id("status").locator("xpath=ancestor::header")):
        expect(place).to_contain_text(accuracy)
    costs = page.get_by_role("region", name="Budgets")
    drawn = costs.inner_text()

    page.get_by_role("region", name="Steps").get_by_role("button", name=re.compile("^Step 0,")).click()
    expect(page.get_by_role("heading", name="Cell at step 0")).to_be_visible()
    page.get_by_role("button", name="Go to the answer").click()
    expect(page.get_by_role("heading", name="Answer").first).to_be_visible()
    assert costs.inner_text() == drawn
    page.get_by_role("region", name="Steps").get_by_role("button", name="Finalists").click()
    expect(page.get_by_role("region", name="Finalists")).to_contain_text("trained, best first")

    page.get_by_role("link", name="Searches").click()
    listed = page.locator("main tbody tr").first
    expect(listed).to_contain_text(accuracy)
    expect(listed.locator("td[data-label=Edges]")).to_have_text(str(count))
    page.get_by_role("link", name="Catalog").click()
    found = page.locator("main tbody tr").filter(has=page.locator(f"a[href='/architectures/{search['architecture']}']"))
    expect(found).to_contain_text(accuracy)
    expect(found.locator("td[data-label=Edges]")).to_have_text(str(count))
    page.goto(page.url.partition("/catalog")[0] + f"/architectures/{search['architecture']}")
    expect(page.locator("main")).to_contain_text(accuracy)
    expect(page.get_by_role("heading", name="Lineage").locator("xpath=ancestor::section")).to_contain_text(tested[0])


@pytest.mark.parametrize("strategy", ["random", "evolution"])
def test_a_search_that_draws_whole_cells_has_a_population_in_the_same_frame(
    launch: Callable[..., Page], strategy: str
) -> None:
    settings = {"space": {"nodes": 4}, "strategy": {"candidates": 3, "rounds": 3}, "evaluator": {"epochs": 1}}
    if strategy == "evolution":
        settings["strategy"] |= {"population": 4, "tournament": 2}
    page = launch(strategy=strategy, settings=settings)
    expect(page.get_by_test_id("status")).to_have_text("Finished", timeout=180_000)
    population = page.get_by_role("region", name="Population")
    chart = population.get_by_role("group", name="Accuracy")
    name = "of 9 members by step" if strategy == "random" else "against MACs of 9 members"
    expect(chart).to_have_attribute("aria-label", re.compile(f"^Accuracy {name}, "))
    chart.focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(population.get_by_role("status")).to_contain_text(re.compile(r"^Step 3, .*: accuracy "))
    expect(page.get_by_role("region", name="Evidence")).to_have_count(0)
    expect(page.get_by_role("region", name="Events")).to_be_visible()


def test_a_search_without_training_shows_scores_and_how_many_draws_were_refused(
    signed_in: Callable[..., Page],
) -> None:
    settings = {
        "space": {"start": "small"},
        "strategy": {"candidates": 32, "iterations": 120, "population": 20},
        "evaluator": {"proxy": "params"},
        "answer": {"finalists": 0},
    }
    budget = {"params": None, "macs": 1_200_000, "peak_memory": None, "bytes_per_element": 4}
    page = signed_in("/searches")
    search = page.evaluate(LAUNCH, [task(strategy="zico", settings=settings, budget=budget), False])
    page.goto(page.url.partition("/searches")[0] + f"/searches/{search}")
    expect(page.get_by_test_id("status")).to_have_text("Finished", timeout=60_000)
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"Answer: proxy score [\d.,]+"))
    population = page.get_by_role("region", name="Population")
    expect(population).to_contain_text(re.compile(r"\d+ of 120 draws refused: .*\d+ over the MACs limit"))
    chart = population.get_by_role("group", name="Proxy score against MACs")
    expect(chart).to_have_attribute("aria-label", re.compile("members, 20 of them alive"))
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(population.get_by_role("status")).to_contain_text(re.compile(r"^Step \d, .*: proxy score .* MACs"))
    check_everywhere(page, "scores")
    page.goto(page.url.partition("/searches")[0] + "/searches")
    row = page.locator("main tbody tr").filter(has=page.locator(f"a[href='/searches/{search}']"))
    expect(row).to_contain_text("proxy score")
    expect(row).not_to_contain_text("%")


def details(page: Page) -> Locator:
    return page.get_by_role("complementary")


def verbs(page: Page) -> Locator:
    return details(page).get_by_role("button", name=re.compile("^(Lock|Unlock|Cut|Force cut|Restore)"))


def edges(page: Page) -> Locator:
    """Those of the drawing that are part of the cell."""
    return page.get_by_role("application").locator("[data-edge]:not([data-state='removed'])")


def search_path(page: Page) -> str:
    found = re.search(r"/searches/\w+", page.url)
    assert found is not None
    return found[0]
