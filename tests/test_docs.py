"""Links of the documents lead to existing files, folders, pictures and headings."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(<?([^)\s>]+)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z]+:|//")


def anchors(document: Path) -> set[str]:
    """Anchors as GitHub makes them: lower case, no punctuation, hyphens for blanks; a repeated heading ends in -1."""
    found: dict[str, int] = {}
    names: set[str] = set()
    for heading in HEADING.findall(FENCED.sub("", document.read_text())):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        name = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        seen = found[name] = found.get(name, -1) + 1
        names.add(f"{name}-{seen}" if seen else name)
    return names


def links(document: Path) -> list[str]:
    text = INLINE_CODE.sub("", FENCED.sub("", document.read_text()))
    return [link for link in LINK.findall(text) if not ELSEWHERE.match(link)]


def test_links_and_anchors_are_found() -> None:
    assert "docs/pictures/search.png" in links(ROOT / "README.md")
    assert "limits-of-what-people-send" in anchors(ROOT / "docs" / "configuration.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_resolves(document: Path) -> None:
    broken = []
    for link in links(document):
        path, _, anchor = unquote(link).partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []
