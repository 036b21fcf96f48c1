"""Texts: a plain file of lines, or an archive of train, valid and test, as numbered words.

Lines are decoded and checked one by one, so that what is no text is found before it takes memory.
search/data/tokenization.py says what a word is, and which words have a number. The packed files are safetensors:
`train` and `validation` in one, `test` in another, int32 (N,), and metadata with the words in the order of their
numbers.
"""

import re
from array import array
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import numpy as np

from search.base import serialization
from search.data import tokenization
from search.data.datasets import PACKED, Part
from search.runtime.ingest import archive
from search.runtime.ingest.archive import Member
from search.runtime.ingest.folders import PARTS
from search.runtime.ingest.images import is_image
from search.runtime.ingest.limits import Meter, Refused, some
from search.runtime.ingest.pack import header

CHUNK = 1 << 16
LONGEST_LINE = 1_000_000  # bytes: as long as a book's chapter without a break
LONGEST_WORD = 200  # letters
LEAST = {"train": 1_000, "validation": 100, "test": 100}  # tokens of a part: fewer fill no batch
FEWEST = 10  # different words
SUFFIXES = (".txt", ".tokens")  # of a file that says to be a text, and may be none
NAMES = "Name the files train.txt, valid.txt and test.txt"
WORDS = re.compile(r"[.\-_ ]")  # between the words of a file's name: ptb.train.txt


def are_in(file: BinaryIO, kind: str, meter: Meter) -> bool:
    """Whether the archive holds texts: by its first file. Leaves the file at its beginning. Raises Refused."""
    with closing(archive.members(file, kind, meter)) as members:
        for member in members:
            if not member.is_left_out:
                found = _may_be_text(member, member.stream.read(archive.BLOCK))
                file.seek(0)
                return found
    file.seek(0)
    return False


def ingest(file: BinaryIO, kind: str, out: Path, options: serialization.Json, meter: Meter) -> serialization.Json:
    """Writes train.safetensors and test.safetensors, and says what they hold. Raises Refused."""
    if kind == "text":
        meter.text(meter.packed)
        return _pack({"train": _lines(file, "The text", meter)}, False, out, options)
    with TemporaryDirectory(dir=out) as folder:
        found = _unpack(archive.members(file, kind, meter), Path(folder), meter)
        lines = {part or "train": _stored(path, f"“{name}”", meter) for part, (name, path) in found.items()}
        return _pack(lines, None not in found, out, options)


def _pack(
    lines: Mapping[Part, Iterator[str]], given: bool, out: Path, options: serialization.Json
) -> serialization.Json:
    """`given`: files are parts; such texts come split into words already, and others do not, unless told otherwise."""
    tokens: tokenization.Tokens = options.get("tokens") or ("blanks" if given else "words")
    try:
        read = tokenization.read(lines, tokens, options.get("vocabulary") or tokenization.VOCABULARY)
    except tokenization.BadText as error:
        raise Refused(str(error)) from None
    _check(read)
    about = {
        "v": PACKED,
        "kind": "text",
        "content": read.content,
        "split": read.split,
        "words": serialization.dumps(read.words).decode(),
    }
    _write(out / "train.safetensors", about, {part: read.parts[part] for part in ("train", "validation")})
    _write(out / "test.safetensors", about, {"test": read.parts["test"]})
    return {
        "kind": "text",
        "vocabulary": len(read.words),
        "counts": read.counts._asdict(),
        "split_given": len(lines) > 1,
        "content": read.content,
        "split": read.split,
        "tokens": tokens,
        "excerpt": tokenization.excerpt(read),
    }


def _check(read: tokenization.Text) -> None:
    """Raises Refused."""
    if len(read.words) < FEWEST:
        raise Refused(
            f"The text has {len(read.words)} different words, ends of lines and unknown ones included, and a language "
            f"model needs {FEWEST} at least to choose from. Send a text of sentences."
        )
    for part, least in LEAST.items():
        if (count := getattr(read.counts, part)) < least:
            raise Refused(
                f"The {part} part has {count:,} words, and {least:,} are the least that a model is "
                f"{'trained' if part == 'train' else 'measured'} on. Send a longer text."
            )
    for word in read.words:
        if len(word) > LONGEST_WORD:
            raise Refused(
                f"“{word[:20]}…” is a word of {len(word):,} letters, as no text has any. "
                "Send words with blanks between them, a sentence or a paragraph a line."
            )


def _may_be_text(member: Member, head: bytes) -> bool:
    if is_image(head) or archive.packed(head) is not None:
        return False
    return archive.is_text(head) or member.name.casefold().endswith(SUFFIXES)


def _unpack(members: Iterator[Member], folder: Path, meter: Meter) -> dict[Part | None, tuple[str, Path]]:
    """Name and unpacked file of each part; under None the only text, where its name says no part. Raises Refused."""
    found: dict[Part | None, tuple[str, Path]] = {}
    others: list[str] = []
    folders: set[tuple[str, ...]] = set()
    for member in members:
        if member.is_left_out:
            meter.left_out += 1
            continue
        head = member.stream.read(archive.BLOCK)
        if is_image(head):
            raise Refused(
                f"“{member.name}” is an image, and the first file of the archive a text. "
                "Leave in it nothing but images, or nothing but texts."
            )
        if (inner := archive.packed(head)) is not None:
            raise Refused(f"“{member.name}” is itself an archive ({inner}). Put the texts in directly.")
        part = part_of(member.path[-1])
        if part is None:
            others.append(member.name)
        elif part in found:
            raise Refused(f"“{found[part][0]}” and “{member.name}” are both for {part}. Leave one of them out.")
        folders.add(member.path[:-1])
        if part is not None or len(others) == 1:
            path = folder / (part or "other")
            _spool(head, member, path, meter)
            found[part] = (member.name, path)
    parts = [str(part) for part in found if part is not None]
    if others and (parts or len(others) > 1):
        raise Refused(
            f"{some(others, len(others))}: the name does not say which part it is. {NAMES}, and add nothing else."
        )
    if len(folders) > 1:
        raise Refused(f"The texts lie in different folders. {NAMES}, and put them into one.")
    if parts and "train" not in parts:
        raise Refused(f"There is {' and '.join(sorted(parts))}, and no train. Add the text to learn from.")
    return found


def part_of(name: str) -> Part | None:
    """What a file's name says: valid.txt, ptb.valid.txt and wiki.valid.tokens all say validation."""
    said = {PARTS[word] for word in WORDS.split(name.casefold()) if word in PARTS}
    return said.pop() if len(said) == 1 else None


def _spool(head: bytes, member: Member, path: Path, meter: Meter) -> None:
    with path.open("wb") as file:
        chunk = head
        while chunk:
            meter.text(len(chunk))
            meter.tick()
            file.write(chunk)
            chunk = member.stream.read(CHUNK)


def _stored(path: Path, name: str, meter: Meter) -> Iterator[str]:
    with path.open("rb") as file:
        yield from _lines(file, name, meter)


def _lines(file: BinaryIO, name: str, meter: Meter) -> Iterator[str]:
    """Raises Refused where it is no text: with the number of the line."""
    rest, number = b"", 0
    while True:
        chunk = file.read(CHUNK)
        *whole, rest = (rest + chunk).split(b"\n")
        if not chunk:
            whole.append(rest)
        elif len(rest) > LONGEST_LINE:
            raise Refused(
                f"{name} has a line of more than {LONGEST_LINE:,} bytes, its line {number + len(whole) + 1:,}. "
                "Break it into lines: a sentence or a paragraph each."
            )
        for line in whole:
            number += 1
            yield _decoded(line, name, number)
        meter.tick()
        if not chunk:
            return


def _decoded(line: bytes, name: str, number: int) -> str:
    if b"\0" in line:
        raise Refused(f"{name} has a byte of zero in line {number:,}, as no text has. Save it as plain text, in UTF-8.")
    try:
        decoded = line.decode()
    except UnicodeDecodeError:
        raise Refused(f"{name} is not in UTF-8: line {number:,} has bytes that are none. Save it in UTF-8.") from None
    return decoded.removeprefix("\ufeff") if number == 1 else decoded


def _write(path: Path, about: dict[str, str], parts: Mapping[str, "array[int]"]) -> None:
    tensors = {name: ("I32", [len(numbers)], 4 * len(numbers)) for name, numbers in parts.items()}
    with path.open("wb") as file:
        file.write(header(about, tensors))
        for numbers in parts.values():
            file.write(np.asarray(numbers, "<i4").tobytes())
