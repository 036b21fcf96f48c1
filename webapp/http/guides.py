"""Serves the Markdown documents of docs/ as HTML pages below /guides/. Nobody needs to sign in to read them.

Every address comes from a table of the documents and pictures that exist, so no request can name another file.
"""

import re
from collections import Counter
from functools import cache
from itertools import pairwise
from mimetypes import guess_type
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = Path(settings.BASE_DIR) / "docs"
PICTURES = DOCS / "pictures"
SECTIONS = {"Guides": "guides", "Reference": ".", "Decisions": "decisions", "Results": "results"}  # title -> folder
ABSOLUTE = re.compile(r"[a-z]+:|//")

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
# A wide table scrolls inside this element, so that the page does not.
MARKDOWN.add_render_rule("table_open", lambda *_: '<div class="guide-table"><table>\n')
MARKDOWN.add_render_rule("table_close", lambda *_: "</table></div>\n")


class Document(NamedTuple):
    slug: str  # "data" of docs/guides/data.md, "results" of docs/results/README.md
    path: Path
    title: str  # the first heading, as plain text

    @property
    def address(self) -> str:
        return reverse("guide", args=[self.slug])


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render(request, "guides/index.html", {"sections": sections()})


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    document = documents().get(slug)
    if document is None:
        raise Http404
    body = mark_safe(_html(document.path, document.path.stat().st_mtime_ns))
    return render(request, "guides/guide.html", {"document": document, "body": body, "sections": sections()})


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponse:
    path = pictures().get(name)
    if path is None:
        raise Http404
    disposition = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(path.read_bytes(), content_type=guess_type(name)[0], headers=disposition)


@cache
def sections() -> dict[str, list[Document]]:
    """All documents under the titles of their sections."""
    return {
        title: [_document(path) for path in sorted((DOCS / folder).glob("*.md"), key=_readme_first)]
        for title, folder in SECTIONS.items()
    }


@cache
def documents() -> dict[str, Document]:
    return {document.slug: document for section in sections().values() for document in section}


@cache
def pictures() -> dict[str, Path]:
    return {path.name: path for path in PICTURES.glob("*.png")}


def _readme_first(path: Path) -> tuple[bool, str]:
    return path.stem != "README", path.name


def _document(path: Path) -> Document:
    parts = [part for part in path.relative_to(DOCS).with_suffix("").parts if part not in ("guides", "README")]
    heading = re.search(r"^# +(.+)$", path.read_text(), re.MULTILINE)
    return Document("/".join(parts), path, heading[1].replace("`", "") if heading else path.stem)


@cache
def _html(path: Path, changed: int) -> str:
    """The document as HTML. `changed`, its time of change, keeps the cache from serving an older text."""
    tokens = MARKDOWN.parse(path.read_text())
    _name_headings(tokens)
    for token in tokens:
        if token.children:
            token.children = _linked(path, token.children)
    rendered: str = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return rendered


def _name_headings(tokens: list[Token]) -> None:
    """Gives headings the ids that GitHub gives them: lower case, hyphens for spaces, `-1` after a repeated one."""
    seen: Counter[str] = Counter()
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(child.content for child in inline.children or ())
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            opening.attrSet("id", f"{name}-{seen[name]}" if seen[name] else name)
            seen[name] += 1


def _linked(document: Path, children: list[Token]) -> list[Token]:
    """The same inline tokens with links and pictures that work here. A link to a file outside docs/ becomes text."""
    kept: list[Token] = []
    linked = True
    for child in children:
        if child.type == "link_open":
            address = _address(document, str(child.attrs["href"]))
            linked = address is not None
            child.attrs["href"] = address or ""
        elif child.type == "image":
            child.attrs["src"] = _address(document, str(child.attrs["src"])) or ""
        if linked or child.type not in ("link_open", "link_close"):
            kept.append(child)
    return kept


def _address(document: Path, link: str) -> str | None:
    """Where a link of a document leads on this site; None if its target is not served here."""
    if ABSOLUTE.match(link):
        return link
    path, hash_sign, anchor = link.partition("#")
    target = (document.parent / unquote(path)).resolve() if path else document
    served = _served().get(target)
    return served and served + hash_sign + anchor


@cache
def _served() -> dict[Path, str]:
    """The address of each file that is served here."""
    addresses: dict[Path, Any] = {document.path.resolve(): document.address for document in documents().values()}
    return addresses | {path.resolve(): reverse("guide-picture", args=[name]) for name, path in pictures().items()}
