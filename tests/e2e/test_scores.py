"""An architecture is scored in a real browser, by a worker and in closed form, and stands in the table by proxy."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.spine, pytest.mark.browser]


def test_an_architecture_is_scored_by_zico_and_by_its_parameters(signed_in: Callable[..., Page]) -> None:
    page = signed_in("/catalog?kind=published&text=ShrinkCNN-A")
    page.set_default_timeout(30_000)
    page.get_by_role("link", name="ShrinkCNN-A", exact=True).click()
    page.wait_for_url("**/architectures/*")
    plate = page.get_by_role("region", name="Scores")
    plate.get_by_role("button", name="Score", exact=True).click()
    form = page.get_by_role("dialog")
    expect(form.get_by_role("checkbox", name="ZiCo", exact=True)).to_be_checked()
    form.get_by_role("checkbox", name="Parameters").check()
    form.get_by_label("Dataset").select_option(label="Handwritten digits")
    form.get_by_label("Batch size").fill("4000")
    form.get_by_role("button", name="Score", exact=True).click()
    expect(form.get_by_text("need 8,000 training images, and there are 1,259")).to_be_visible()
    form.get_by_label("Batch size").fill("16")
    form.get_by_role("button", name="Score", exact=True).click()
    expect(form).to_be_hidden()

    rows = page.evaluate("fetch('/api' + location.pathname + '/scores').then(answer => answer.json())")
    parameters = next(row["value"] for row in rows if row["proxy"] == "params")
    expect(plate.get_by_role("row", name="Parameters")).to_contain_text(f"{parameters / 1e6:.4g}")
    zico = plate.get_by_role("row", name="ZiCo")
    expect(zico).to_have_attribute("data-status", "done", timeout=60_000)
    expect(zico).to_contain_text("2 batches of 16 images, seed 0")
    shown = zico.get_by_role("cell").first.inner_text()
    assert re.fullmatch(r"[\d,.]+", shown) and float(shown.replace(",", "")) > 0

    page.goto(page.url.replace(page.url[page.url.index("/architectures") :], "/catalog/proxies?sort=-score_zico"))
    row = page.get_by_role("row", name="ShrinkCNN-A")
    expect(row).to_contain_text(shown)
    expect(row).to_contain_text(f"{parameters / 1e6:.4g}")
    expect(page.get_by_role("table", name=re.compile("^Rank correlation"))).to_contain_text("0 of 1")
