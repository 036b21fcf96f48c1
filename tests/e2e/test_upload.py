"""Uploads in a real browser: a dataset to view and search on, rejections, and resumed transfers."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import PART

pytestmark = [pytest.mark.spine, pytest.mark.browser]

PARTS = "**/api/uploads/*/parts?*"
SIDE = 24


@pytest.fixture
def page(signed_in: Callable[..., Page]) -> Iterator[Page]:
    """The page of datasets; any uncaught error fails the test."""
    page = signed_in("/datasets")
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.set_default_timeout(20_000)
    page.reload()
    yield page
    assert broken == []


def archive(path: Path, *classes: str, seed: int, images: int = 24, mode: Literal["w", "a"] = "w") -> Path:
    """A zip of class folders, each class with its own colour; larger than one part."""
    rng = random.Random(seed)
    with zipfile.ZipFile(path, mode) as file:
        for name in classes:
            colour = [rng.randrange(160) for _ in range(3)]
            for number in range(images):
                pixels = bytes(colour[i % 3] + rng.randrange(96) for i in range(3 * SIDE * SIDE))
                out = io.BytesIO()
                Image.frombytes("RGB", (SIDE, SIDE), pixels).save(out, "PNG")
                file.writestr(f"{path.stem}/{name}/{number:04}.png", out.getvalue())
    assert path.stat().st_size > 2 * PART
    return path


def send(page: Page, path: Path) -> Locator:
    """Chooses and uploads the file; returns the row that shows its progress."""
    page.get_by_label("Drop a file here").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    return row(page, path)


def row(page: Page, path: Path) -> Locator:
    return page.get_by_role("list", name="Uploads").get_by_role("listitem").filter(has_text=path.name)


def test_a_file_becomes_a_dataset_and_a_search_runs_on_it(page: Page, tmp_path: Path) -> None:
    sent = send(page, archive(tmp_path / "pets.zip", "cat", "dog", "hen", seed=1))
    sent.get_by_role("link", name="Open").click()

    page.wait_for_url("**/datasets/*")
    expect(page.get_by_role("heading", name="pets")).to_be_visible()
    for name in ("cat", "dog", "hen"):
        expect(page.get_by_role("row", name=name)).to_contain_text("16 train, 4 validation, 4 test")
        expect(page.get_by_role("img", name=f"8 images of {name}")).to_be_visible()
    sample = page.request.get(page.url.replace("/datasets/", "/api/datasets/") + "/sample")
    assert Image.open(io.BytesIO(sample.body())).format == "PNG"
    page.get_by_role("link", name="New search with this dataset").click()

    expect(page.get_by_role("radio", name="pets")).to_be_checked()
    page.get_by_label("Nodes", exact=True).fill("4")
    page.locator("summary", has_text="Advanced").click()
    page.get_by_label("Candidates per step").fill("2")
    page.get_by_label("Epochs per candidate").fill("1")
    page.get_by_role("radio", name="No limits", exact=True).check()
    page.get_by_role("button", name="Launch").click()
    page.wait_for_url("**/searches/*")
    expect(page.locator("svg g[data-edge][data-state='removed']").first).to_be_attached(timeout=60_000)

    page.get_by_role("link", name="Searches", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="pets, 4 nodes")).to_be_visible()


def test_a_file_that_is_not_a_dataset_is_rejected_with_a_message(page: Page, tmp_path: Path) -> None:
    refused = send(page, archive(tmp_path / "alone.zip", "cat", seed=2, images=80))
    expect(refused).to_contain_text("All images are of one class, “cat”. Add images of another class.")
    refused.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)


def test_a_broken_image_is_named_and_turns_no_archive_of_images_into_texts(page: Page, tmp_path: Path) -> None:
    """Once: the advice was to name the files train.txt, valid.txt and test.txt."""
    path = tmp_path / "broken.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("cat/0000.png", "no picture")
    archive(path, "cat", "dog", "hen", seed=7, mode="a")
    refused = send(page, path)
    expect(refused).to_contain_text("The archive contains 1 file other than PNG and JPEG: “cat/0000.png”.")
    refused.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)


def test_a_table_is_not_taken_for_a_text_unless_somebody_says_so(page: Page, tmp_path: Path) -> None:
    """Once: it was refused with “The validation part has no words”."""
    path = tmp_path / "plain.csv"
    path.write_text("name,weight\ncat,4\ndog,20\n")
    refused = send(page, path)
    expect(refused).to_contain_text("The file is a text, not images. Send images as a zip")
    refused.get_by_role("button", name="Dismiss").click()
    expect(refused).to_have_count(0)
    page.get_by_label("Drop a file here").set_input_files(path)
    page.get_by_label("Content").select_option(label="Text: one file, or train, valid and test")
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(row(page, path)).to_contain_text("The text has too few lines to split off a validation part.")


def test_an_upload_survives_a_dropped_connection(page: Page, tmp_path: Path) -> None:
    offsets: list[str] = []
    page.on("request", lambda request: offsets.append(request.url.partition("offset=")[2]))
    dropped: list[str] = []

    def drop_the_second(route: Route) -> None:
        if not dropped and f"offset={PART}" in route.request.url:
            dropped.append(route.request.url)
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(PARTS, drop_the_second)
    sent = send(page, archive(tmp_path / "dropped.zip", "cat", "dog", "hen", seed=3))
    expect(sent).to_contain_text("No connection. Waiting at 64 KiB")
    expect(sent.get_by_role("link", name="Open")).to_be_visible()
    assert [each for each in offsets if each] == ["0", str(PART), str(PART), str(2 * PART)]


def test_an_upload_continues_at_once_when_the_network_is_back(page: Page, tmp_path: Path) -> None:
    page.route(PARTS, lambda route: route.abort("internetdisconnected"))
    sent = send(page, archive(tmp_path / "offline.zip", "cat", "dog", "hen", seed=4))
    expect(sent).to_contain_text("Next attempt in 4 s")  # after a third failure
    page.context.set_offline(True)
    page.unroute(PARTS)
    page.context.set_offline(False)
    expect(sent.get_by_role("link", name="Open")).to_be_visible()


def test_an_upload_continues_after_the_page_is_reloaded(page: Page, tmp_path: Path) -> None:
    path = archive(tmp_path / "again.zip", "cat", "dog", "hen", seed=5)
    page.route(PARTS, lambda route: route.continue_() if "offset=0" in route.request.url else route.abort())
    expect(send(page, path)).to_contain_text("No connection. Waiting at 64 KiB")
    page.unroute(PARTS)
    page.reload()
    expect(row(page, path)).to_contain_text("64 KiB of")

    offsets: list[str] = []
    page.on("request", lambda request: offsets.append(request.url.partition("offset=")[2]))
    page.get_by_label("Drop a file here").set_input_files(path)
    page.locator("aside").get_by_role("button", name="Continue").click()
    expect(row(page, path).get_by_role("link", name="Open")).to_be_visible()
    assert [each for each in offsets if each] == [str(PART), str(2 * PART)]


def test_data_can_be_uploaded_from_the_form_of_a_search_and_the_draft_is_kept(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="New search").click()
    page.get_by_label("Nodes", exact=True).fill("5")
    page.get_by_role("button", name="Your own").click()
    path = archive(tmp_path / "brought.zip", "cat", "dog", "hen", seed=6)
    page.get_by_role("dialog").get_by_label("Drop a file here").set_input_files(path)
    page.get_by_role("dialog").get_by_role("button", name="Upload", exact=True).click()
    row(page, path).get_by_role("button", name="Use this dataset").click()
    expect(page.get_by_role("radio", name="brought")).to_be_checked()
    expect(page.get_by_label("Nodes", exact=True)).to_have_value("5")
    expect(page.get_by_label("Name", exact=True)).to_have_value("brought, 5 nodes")
