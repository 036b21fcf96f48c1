"""What people met on pages that stand still, and must not meet again: what jumps, is cut off, or takes no keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.e2e.pages import PAGES, Visited
from tests.e2e.windows import check, settle

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
#: Gives an entry another name.
RENAME = """async ([path, name]) => (await fetch('/api' + path, {
  method: 'PATCH',
  headers: {'Content-Type': 'application/json', 'X-CSRFToken': document.cookie.match(/csrftoken=([^;]+)/)[1]},
  body: JSON.stringify({name}),
})).status"""
ANSWER = "async path => (await (await fetch('/api' + path)).json()).snapshot.answer"
#: The texts whose end is cut off.
CUT = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.textContent)"

#: The marks of a legend that are drawn as lines along an edge.
LINES = "all => all.map(each => each.getBBox()).filter(box => box.width > 20).map(box => box.width)"
#: Of texts on squares: the contrast of their colour to their outline, or to the square if they have none.
CONTRASTS = r"""all => all.map(text => {
  const {fill, stroke, strokeWidth, paintOrder} = getComputedStyle(text);
  const outlined = parseFloat(strokeWidth) > 2 && stroke !== 'none' && paintOrder.startsWith('stroke');
  const ground = outlined ? stroke : getComputedStyle(text.parentElement.querySelector('[data-mark]')).fill;
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(each => each / 255).map(each => ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const [a, b] = [fill, ground].map(colour => light(colour.match(/[\d.]+/g).map(Number))).sort((m, n) => n - m);
  return (a + 0.05) / (b + 0.05);
})"""
#: The labels of charts that lie on another label or on a line, with what they lie on.
COLLISIONS = """charts => charts.flatMap(chart => {
  const found = [];
  const labels = [...chart.querySelectorAll('text')].map(text => ({text: text.textContent, box: text.getBBox()}));
  const within = ({x, y, width, height}, at) => at.x > x && at.x < x + width && at.y > y + 3 && at.y < y + height - 3;
  for (const [i, {text, box}] of labels.entries()) {
    for (const other of labels.slice(i + 1)) {
      const across = Math.min(box.x + box.width, other.box.x + other.box.width) - Math.max(box.x, other.box.x);
      const down = Math.min(box.y + box.height, other.box.y + other.box.height) - Math.max(box.y, other.box.y);
      if (across > 1 && down > 3) found.push([text, other.text]);
    }
    for (const line of chart.querySelectorAll('path[class*=line]'))
      for (let at = 0; at < line.getTotalLength(); at += 2)
        if (within(box, line.getPointAtLength(at))) {
          found.push([text, line.getAttribute('class')]);
          break;
        }
  }
  return found;
})"""

#: The marks of a chart that lie on a label of it.
COVERED = """label => {
  const {left, right, top, bottom} = label.getBoundingClientRect();
  return [...label.closest('svg').querySelectorAll('[data-mark]')].map(mark => mark.getBoundingClientRect())
    .map(box => [box.x + box.width / 2, box.y + box.height / 2])
    .filter(([x, y]) => x > left - 3 && x < right + 3 && y > top && y < bottom);
}"""


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


def test_a_model_does_not_jump_when_it_is_known_late_which_files_there_are(visited: Visited) -> None:
    held: list[Route] = []
    page = visited.page(1440)
    page.add_init_script(SHIFTS)
    page.route("**/api/engine", lambda route: held.append(route))
    with page.expect_response("**/api/models/*"):
        page.goto(visited.url("model"))
    settle(page, 1440, 900)
    for route in held:
        route.continue_()
    expect(page.get_by_text("ONNX").first).to_be_visible()
    page.wait_for_load_state("networkidle")
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


def test_a_phone_has_no_button_for_keys(visited: Visited) -> None:
    """Once: the strip of steps covered it but for 9 px; and it is of no use without a keyboard."""
    for name in ("search", "search-ended", "search-matrix"):
        page = opened(visited.page(390, has_touch=True, is_mobile=True), visited, name)
        expect(page.get_by_role("list", name="Legend")).to_be_visible()
        expect(page.get_by_role("button", name="Keyboard shortcuts")).to_be_hidden()
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


@pytest.fixture
def tested(visited: Visited) -> Iterator[Page]:
    """A search in its first step: four of five cuts are tested, and a sixth is not allowed."""
    page = visited.page(1440)
    page.goto(visited.search("tested"))
    expect(page.locator("[data-edge][data-state='next']").first).to_be_attached()
    yield page
    page.context.close()


def test_after_the_leader_is_locked_no_other_edge_is_said_to_lead_and_undoing_that_is_announced(tested: Page) -> None:
    """Once: the next one was “the most of 3 tested”; and the live region said the message before the request again."""
    leader = tested.locator("[data-edge][data-state='next']").first
    first = leader.get_attribute("data-edge")
    selected = f"{tested.url}?edge={first}"
    tested.goto(selected)
    margin = tested.get_by_role("complementary")
    expect(margin).to_contain_text(re.compile(r"the best of 4 tested\. 1 test left"))
    margin.get_by_role("button", name="Lock", exact=True).click()
    expect(leader).not_to_have_attribute("data-edge", str(first))
    leader.dispatch_event("click")
    expect(margin).to_contain_text(re.compile("the best that is not locked, of 4 tested"))
    tested.goto(selected)
    margin.get_by_role("button", name="Undo request").click()
    asked = f"owner asked to lock {str(first).replace('-', ' to ')}"
    expect(tested.locator("[aria-live=polite]", has_text=asked)).to_have_text(f"Undone: {asked}.")


def test_charts_say_that_tests_appear_when_the_step_is_decided_and_a_card_says_which_cost_its_cut_raises(
    tested: Page,
) -> None:
    """Once: “Candidates appear when they are trained” over trained ones; and “over”, where all of them were over."""
    candidates = tested.get_by_role("region", name="Candidates")
    expect(candidates).to_contain_text("4 of 5 tested")
    chart = tested.get_by_role("region", name="Accuracy against MACs")
    expect(chart).to_contain_text("Candidates appear when the first step is decided.")
    note = candidates.get_by_role("button").last.get_by_text("parameters")
    expect(note).to_have_text("raises parameters")
    assert note.evaluate("it => Math.round(it.clientHeight / parseFloat(getComputedStyle(it).lineHeight))") <= 2
    assert note.evaluate("it => parseFloat(getComputedStyle(it).fontSize)") > 11


def test_a_search_whose_results_were_at_hand_is_not_queued_in_its_second_step(visited: Visited) -> None:
    """Once: the state was “Queued” while “Step 5: 0 of 3 tested” was shown."""
    page = visited.page(1440)
    page.goto(visited.search("repeated"))
    status = page.get_by_test_id("status")
    expect(status.locator("xpath=..")).to_contain_text("Step 2: 0 of 4 tested")
    expect(status).to_have_text("Running")
    page.context.close()


def test_a_search_and_its_architecture_say_of_each_score_when_it_was_measured(visited: Visited) -> None:
    """Once: the answer had 97.8%, its dot 97.4%, and there were two scores: nothing said that it was measured again."""
    page = opened(visited.page(1440), visited, "search-ended")
    expect(page.get_by_role("complementary")).to_contain_text("Trained from scratch, longer than candidates.")
    expect(page.get_by_role("region", name="Best steps")).to_contain_text("by score when decided")
    answer = page.evaluate(ANSWER, f"/searches/{visited.ids['search']}/snapshot")
    drawn = page.get_by_role("region", name="Cell").locator("[data-edge]:not([data-state=removed])")
    expect(drawn).to_have_count(len(answer["graph"]["edges"]))
    page.get_by_role("link", name="Open architecture").click()
    lineage = page.locator("section", has=page.get_by_role("heading", name="Lineage"))
    expect(lineage).to_contain_text(f"This cell, score {answer['score']:.4f} as the answer")
    expect(page.locator("main header").first).to_contain_text(f"{100 * answer['quality']:.1f}%")
    page.context.close()


def test_the_matrix_has_a_legend_of_its_own_marks_and_counts_that_can_be_read(visited: Visited) -> None:
    """Once: it showed lines, arrows and double lines, and dark counts stood in dark squares."""
    page = opened(visited.page(1440), visited, "search-matrix")
    legend = page.get_by_role("list", name="Legend")
    expect(legend).to_contain_text("Larger: matters more")
    expect(legend).not_to_contain_text(re.compile("Thicker|Output"))
    assert legend.locator("path").evaluate_all(LINES) == []
    counts = page.get_by_role("grid").locator("text", has_text=re.compile(r"^\d+$")).and_(page.locator("[aria-hidden]"))
    assert counts.count() > 0 and min(counts.evaluate_all(CONTRASTS)) > 4.5
    page.context.close()


def test_labels_of_a_training_lie_on_nothing_and_the_kept_epoch_has_its_value(visited: Visited) -> None:
    """Once: “validation 0.461” lay on its own line and on “train”, curves struck through “best: epoch 13”, and only the
    last epoch had a value."""
    page = opened(visited.page(1440), visited, "model")
    charts = page.get_by_role("img", name=re.compile("by epoch"))
    expect(charts).to_have_count(2)
    expect(charts.first).to_contain_text("best: epoch 9, 94.4%")
    expect(charts.last).to_contain_text("best: epoch 9, 0.0969")
    assert charts.evaluate_all(COLLISIONS) == []
    page.context.close()


def test_axes_and_labels_write_the_same_minus_sign(visited: Visited) -> None:
    """Once: an axis had “-5.00” and its labels “−4.9563”."""
    page = visited.page(1440)
    page.goto(visited.search("words"))
    history = page.get_by_role("region", name="Score history")
    expect(history.locator("svg")).to_contain_text(re.compile(r"−5\.\d{4}"))
    expect(history.locator(".tick", has_text=re.compile(r"^−5\.\d$")).first).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(re.compile(r"(^|\s)-\d"))
    page.context.close()


def test_a_device_gets_its_token_outside_the_command_with_a_link_to_the_guide(visited: Visited) -> None:
    """Once: the token stood in the command line, where the list of processes shows it to everybody."""
    page = opened(visited.page(1440), visited, "devices")
    page.get_by_role("textbox", name="Name").fill("Reported board")
    page.get_by_role("button", name="Add", exact=True).click()
    new = page.get_by_role("status", name="Token of Reported board")
    token = new.locator("pre").first.inner_text()
    assert len(token) > 20
    expect(new.locator("pre").last).to_contain_text("ESPALIER_TOKEN")
    expect(new.locator("pre").last).not_to_contain_text(token)
    guide = new.get_by_role("link", name="the guide on devices").get_attribute("href")
    assert page.request.get(page.url.replace("/devices", str(guide))).ok
    new.get_by_role("button", name="Done").click()
    page.get_by_role("button", name="Retire Reported board").click()
    page.get_by_role("dialog", name="Retire Reported board?").get_by_role("button", name="Retire", exact=True).click()
    expect(page.get_by_text("Reported board")).to_have_count(0)
    page.context.close()


def test_published_results_take_their_place_in_both_directions_and_never_mix_two_metrics(visited: Visited) -> None:
    """Once: published entries came last by accuracy in both directions, and a perplexity stood under “Accuracy”."""
    page = opened(visited.page(1440), visited, "catalog")
    order = page.get_by_role("columnheader").get_by_role("button", name=re.compile("^Accuracy"))
    results = page.locator("tbody td[data-label=Accuracy], tbody td[data-label=Perplexity]")
    for sign, sort in ((-1, "-accuracy"), (1, "accuracy")):
        with page.expect_response(re.compile(rf"/api/architectures\?.*sort={sort}(&|$)")):
            order.click()
        expect(page).to_have_url(re.compile(f"sort={sort}"))
        expect(page.locator("section[aria-busy=false]")).to_be_visible()
        texts = results.locator("b, [class*=sub]").all_inner_texts()
        figures = [float(text.removesuffix("%")) for text in texts if text.endswith("%")]
        assert len(figures) > 3 and figures == sorted(figures, key=lambda figure: sign * figure)
    expect(page.get_by_role("columnheader").get_by_role("button", name="Perplexity", exact=True)).to_be_visible()
    perplexities = results.filter(has=page.locator("b"), has_not_text="%")
    expect(perplexities.first).to_be_visible()
    expect(perplexities.filter(has_not_text="perplexity")).to_have_count(0)
    page.context.close()


def test_architectures_are_sorted_by_peak_memory_and_by_method(visited: Visited) -> None:
    """Once: neither could be sorted by."""
    page = opened(visited.page(1440), visited, "catalog")
    for title, sort in (("Peak memory", "peak_memory"), ("Method", "method")):
        with page.expect_response(re.compile(rf"/api/architectures\?.*sort={sort}(&|$)")):
            page.get_by_role("columnheader").get_by_role("button", name=title, exact=True).click()
        expect(page).to_have_url(re.compile(f"sort={sort}$"))
        expect(page.get_by_role("columnheader", name=title)).to_have_attribute("aria-sort", "ascending")
    expect(page.locator("section[aria-busy=false]")).to_be_visible()
    methods = page.locator("tbody td[data-label=Method]").all_inner_texts()
    assert methods == sorted(methods) and len(set(methods)) > 1
    page.context.close()


def test_a_perplexity_is_called_so_once_on_a_phone_and_lower_is_better_is_not_cut_off(visited: Visited) -> None:
    """Once: “Best perplexity 135.9 perplexity” in the list; and a chart had “lo…” for “lower is better”."""
    page = opened(visited.page(390), visited, "searches")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="Words", exact=True))
    cell = row.locator("td[data-label='Best perplexity']")
    expect(cell.locator("b")).to_have_text(re.compile(r"^\d+\.\d$"))
    assert "perplexity" not in cell.inner_text()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(visited.search("words"))
    note = page.get_by_text("Lower is better")
    expect(note).to_be_visible()
    assert note.evaluate_all(CUT) == []
    page.context.close()


def test_the_limit_in_a_chart_lies_on_no_mark(visited: Visited) -> None:
    """Once: “≤ 16.7 k” lay on a point."""

    placed: list[str] = []

    def with_one_at_the_foot_of_the_limit(route: Route) -> None:
        answer = route.fetch()
        candidates = answer.json()
        columns = candidates["columns"]
        known = [i for i, quality in enumerate(columns["quality"]) if quality is not None]
        if known:
            columns["macs"][known[-1]], columns["quality"][known[-1]] = 850_000, 0.08
            placed.append(route.request.url)
        route.fulfill(response=answer, json=candidates)

    page = visited.page(1440)
    page.route("**/candidates?*", with_one_at_the_foot_of_the_limit)
    page.goto(visited.search("fern"))
    chart = page.get_by_role("region", name="Accuracy against MACs")
    limit = chart.get_by_text(re.compile("^≤ 900"))
    expect(limit).to_be_visible()
    assert placed and limit.evaluate(COVERED) == []
    page.context.close()


def test_the_tab_of_a_model_names_it_and_its_architecture(visited: Visited) -> None:
    """Once: every model's was “Training on Handwritten digits, seed 0”."""
    page = opened(visited.page(1440), visited, "model")
    name = page.get_by_role("heading", level=1).inner_text()
    expect(page).to_have_title(f"{name}, Small · Espalier")
    page.context.close()


def test_scripts_styles_and_json_come_compressed(visited: Visited) -> None:
    """Once: 350 kB of script and 28 kB of /api/engine came as they are."""
    page = visited.page(1440)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    opened(page, visited, "new")
    for ending in (".js", ".css", "/api/engine"):
        large = [answer for answer in answers if answer.url.endswith(ending) and len(answer.body()) > 2_000]
        assert large and {answer.headers.get("content-encoding") for answer in large} == {"gzip"}, ending
    page.context.close()


def test_a_catalog_of_1024_px_stays_within_its_margins_and_its_chart_fills_them(visited: Visited) -> None:
    """Once: the table ran 12 px past the margin, and the panel of the chart stopped at 720 px."""
    page = opened(visited.page(1024), visited, "catalog")
    margin = page.locator("main h1").evaluate("it => it.getBoundingClientRect().left")
    right = "it => innerWidth - it.getBoundingClientRect().right"
    assert page.locator("main table").evaluate(right) == margin
    assert page.get_by_role("complementary", name="Quality against cost").locator("section").evaluate(right) == margin
    page.context.close()


def test_the_actions_of_an_architecture_stand_beside_its_title_at_1024_px(visited: Visited) -> None:
    """Once: Train stood alone in a second row under the title."""
    page = opened(visited.page(1024), visited, "architecture")
    title = page.get_by_role("heading", level=1)
    head = page.locator("main header").first
    buttons = [head.get_by_role("button", name=name, exact=True) for name in ("Edit", "Scale to a device", "Train")]
    tops = {round(box["y"]) for each in buttons if (box := each.bounding_box())}
    box = title.bounding_box()
    assert box and len(tops) == 1 and tops.pop() < box["y"] + box["height"]
    page.context.close()


def test_names_of_120_letters_leave_rows_low_and_charts_in_view(visited: Visited) -> None:
    """Once: a row of the catalog had seven lines, and the axes of a search slid under the strip of its steps."""
    page = opened(visited.page(1440), visited, "catalog")
    made = page.evaluate(SCALE, [visited.ids["architecture"], "POST"])
    for path in (f"/architectures/{made}", f"/searches/{visited.ids['tested']}"):
        assert page.evaluate(RENAME, [path, "Long names " * 10 + "Long names"]) == 200
    page.reload()
    row = page.locator("main tbody tr", has_text="Long names")
    assert row.evaluate("it => it.offsetHeight") <= 90
    page.goto(visited.search("tested"))
    expect(page.get_by_role("region", name="Score history")).to_be_visible()
    strip = page.get_by_role("region", name="Steps").bounding_box()
    for name in ("Score history", "Accuracy against MACs"):
        chart = page.get_by_role("region", name=name).bounding_box()
        assert strip and chart and chart["y"] + chart["height"] <= strip["y"]
    assert page.evaluate(RENAME, [f"/searches/{visited.ids['tested']}", "Tested"]) == 200
    assert page.evaluate(SCALE, [made, "DELETE"]) == 200
    page.context.close()
