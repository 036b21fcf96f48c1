"""From launch to model in a real browser: launch, watch, open the answer, train it, run it elsewhere."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from playwright.sync_api import Page, expect

from search.data import builtin
from search.runtime.data.images import load_test_data

pytestmark = [pytest.mark.spine, pytest.mark.browser]


@pytest.fixture
def page(signed_in: Callable[..., Page]) -> Iterator[Page]:
    """The page of searches; any error in its console fails the test."""
    page = signed_in("/datasets")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.set_default_timeout(30_000)
    page.goto(page.url.replace("/datasets", "/searches"))
    yield page
    assert complaints == []


def test_a_search_leads_to_a_model_that_runs_elsewhere(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="New search").first.click()
    page.wait_for_url("**/searches/new")
    page.get_by_label("Nodes", exact=True).fill("5")
    page.locator("summary", has_text="Advanced").click()
    page.get_by_label("Candidates per step").fill("2")
    page.get_by_label("Epochs per candidate").fill("1")
    page.get_by_role("radio", name="No limits", exact=True).check()
    page.get_by_role("textbox", name="Parameters").fill("16k")
    page.get_by_role("button", name="Launch").click()

    page.wait_for_url("**/searches/*")
    expect(page.locator("svg [data-edge][data-state='active']").first).to_be_attached()
    page.evaluate("window.sinceTheStart = true")
    before = removed(page)
    expect(page.get_by_test_id("status")).to_have_text("Finished", timeout=180_000)
    assert removed(page) - before >= 5
    assert page.evaluate("window.sinceTheStart"), "the page was loaded again"

    train_and_run_elsewhere(page, tmp_path)


def test_a_search_without_training_leads_to_a_model_that_runs_elsewhere(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="New search").first.click()
    page.wait_for_url("**/searches/new")
    page.get_by_role("radio", name="ZiCo evolution").check()
    expect(page.get_by_role("radio", name="Chain of inverted bottlenecks")).to_be_checked()
    page.get_by_label("First chain").select_option("small")
    page.get_by_label("Head channels").fill("64")
    page.locator("summary", has_text="Advanced").click()
    expect(page.get_by_role("radio", name="Score without training")).to_be_checked()
    page.get_by_label("Iterations", exact=True).fill("120")
    page.get_by_label("Candidates per step").fill("40")
    page.get_by_label("Epochs of finalists").fill("1")
    page.get_by_role("textbox", name="MACs").fill("600k")
    page.get_by_role("button", name="Launch").click()

    page.wait_for_url("**/searches/*")
    expect(page.get_by_text("draws refused").first).to_be_visible(timeout=120_000)
    expect(page.get_by_test_id("status")).to_have_text("Finished", timeout=180_000)
    train_and_run_elsewhere(page, tmp_path)


def train_and_run_elsewhere(page: Page, tmp_path: Path) -> None:
    """From the page of a search that has ended to its model, whose file is run by itself."""
    page.get_by_role("link", name="Open architecture").click()
    page.wait_for_url("**/architectures/*")
    page.get_by_role("button", name="Train").first.click()
    page.get_by_label("Epochs", exact=True).fill("3")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url("**/models/*")
    onnx = page.locator("a[href$='/files/onnx']")
    expect(onnx).to_be_visible(timeout=120_000)
    with page.expect_download() as download:
        onnx.click()
    model = tmp_path / "elsewhere" / download.value.suggested_filename
    download.value.save_as(model)
    shown = page.evaluate("fetch('/api' + location.pathname).then(answer => answer.json())")
    assert accuracy(model) == pytest.approx(shown["test_accuracy"])
    expect(page.get_by_text(f"{100 * shown['test_accuracy']:.1f}").first).to_be_visible()

    with page.expect_download() as download:
        page.locator("a[href$='/files/architecture']").click()
    described = json.loads(download.value.path().read_text())
    assert {"graph", "macro"} <= set(described)


def removed(page: Page) -> int:
    """The number of removed edges in the trellis."""
    return page.locator("svg g[data-edge][data-state='removed']").count()


def accuracy(model: Path) -> float:
    """The test accuracy on digits of an ONNX file run by itself."""
    assert [path.name for path in model.parent.iterdir()] == [model.name]
    session = onnxruntime.InferenceSession(model.read_bytes())
    test = load_test_data("digits", builtin.get("digits").split, "cpu")
    (logits,) = session.run(None, {session.get_inputs()[0].name: test.images.numpy()})
    right: float = np.mean(np.argmax(logits, axis=1) == test.labels.numpy())
    return float(right)
