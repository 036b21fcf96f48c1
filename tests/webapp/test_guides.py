"""The documents of docs/ as pages of the studio."""

import os
import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client

from webapp.http import guides

DOCS = Path(__file__).parents[2] / "docs"
ADDRESSES = sorted(document.address for document in guides.documents().values())
LINK = re.compile(r'(?:href|src)="([^"]*)"')
ID = re.compile(r' id="([^"]+)"')


@pytest.fixture
def nobody() -> Client:
    """A client without a session; none of these pages uses the database."""
    return Client()


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    assert response["content-type"].startswith("text/html")
    return response.content.decode()


def test_the_index_lists_every_document_by_its_title(nobody: Client) -> None:
    page = read(nobody, "/guides/")
    firsts = [path.read_text().partition("\n")[0] for path in DOCS.rglob("*.md")]
    titles = [first.removeprefix("# ").replace("`", "") for first in firsts]
    assert len(titles) > 15
    assert [title for title in titles if f">{title}</a>" not in unescape(page)] == []


def test_documents_have_different_addresses() -> None:
    assert len(ADDRESSES) == len(list(DOCS.rglob("*.md")))


@pytest.mark.parametrize("address", ["/guides/", *ADDRESSES])
def test_every_link_of_a_page_resolves(address: str, nobody: Client) -> None:
    links = [unescape(link) for link in LINK.findall(read(nobody, address))]
    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        if path == "/" or path.startswith(("http://", "https://", "/static/app/")):
            continue  # the app, other sites, and files of the front-end build
        response = nobody.get(path)
        if response.status_code != 200 or (anchor and anchor not in ID.findall(response.content.decode())):
            broken.append(link)
    assert len(links) > 5
    assert broken == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_needs_anything_that_the_content_policy_forbids(address: str, nobody: Client) -> None:
    assert not re.search(r"<script|<style|\sstyle=", read(nobody, address))


def test_a_page_shows_headings_tables_code_and_pictures(nobody: Client) -> None:
    page = read(nobody, "/guides/autoshrink")
    assert all(part in page for part in ("<h1 ", "<table>", '<pre><code class="language-sh">', "<img "))


def test_links_to_documents_and_pictures_become_paths_of_the_studio(nobody: Client) -> None:
    page = read(nobody, "/guides/autoshrink")
    assert 'href="/guides/devices"' in page
    assert 'src="/guides/pictures/recurrent.png"' in page
    assert ".md" not in "".join(LINK.findall(page))


def test_a_link_to_a_source_file_becomes_text(nobody: Client) -> None:
    assert "](../webapp/settings.py)" in (DOCS / "configuration.md").read_text()
    page = read(nobody, "/guides/configuration")
    assert "webapp/settings.py" in page
    assert "settings.py" not in "".join(LINK.findall(page))


def test_a_diagram_is_shown_as_its_source(nobody: Client) -> None:
    assert '<code class="language-mermaid">flowchart' in read(nobody, "/guides/architecture")


def test_a_picture_is_served_unchanged(nobody: Client) -> None:
    response = nobody.get("/guides/pictures/search.png")
    assert response["content-type"] == "image/png"
    assert response.content == (DOCS / "pictures" / "search.png").read_bytes()


@pytest.mark.parametrize(
    "address",
    [
        "/guides/nothing",
        "/guides/data.md",
        "/guides/../manage.py",
        "/guides/..%2f..%2fmanage.py",
        "/guides/decisions/../../README",
        "/guides//etc/passwd",
        "/guides/pictures/nothing.png",
        "/guides/pictures/..%2farchitecture.md",
    ],
)
def test_no_other_file_is_served(address: str, nobody: Client) -> None:
    response = nobody.get(address)
    assert response.status_code == 404
    assert response.content == b"There is nothing at this address."


def test_a_changed_document_is_rendered_again(tmp_path: Path, nobody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "note.md"
    note = guides.Document("note", path, "Note")
    monkeypatch.setattr(guides, "documents", lambda: {"note": note})
    for time, text in enumerate(("first", "second")):
        path.write_text(f"# Note\n\n{text}\n")
        os.utime(path, (time, time))
        assert text in read(nobody, "/guides/note")


def test_html_in_a_document_is_shown_as_text(tmp_path: Path, nobody: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "note.md"
    path.write_text("# Note\n\n<script>alert(1)</script> <b>bold</b>\n")
    monkeypatch.setattr(guides, "documents", lambda: {"note": guides.Document("note", path, "Note")})
    page = read(nobody, "/guides/note")
    assert "<script" not in page and "<b>" not in page


def test_the_container_image_contains_the_documents() -> None:
    root = DOCS.parent
    assert "COPY docs docs" in (root / "Dockerfile").read_text().splitlines()
    assert "docs" not in (root / ".dockerignore").read_text().splitlines()
