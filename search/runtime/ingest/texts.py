"""Texts: packs a plain text file, or an archive of train, valid and test, as token numbers.

Lines are decoded and checked one by one, so a file that is not a text is rejected before it takes memory.
search/data/tokenization.py defines the tokens and the vocabulary. Packed files are safetensors: `train` and
`validation` in one, `test` in another, int32 (N,), and metadata with the words by token number.
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
from search.base.serialization import Json
from search.data import tokenization
from search.data.datasets import PACKED, Part
from search.runtime.ingest import archive
from search.runtime.ingest.archive import Member
from search.runtime.ingest.folders import PARTS
from search.runtime.ingest.images import is_image
from search.runtime.ingest.limits import RejectedUpload, UsageCounter, quote_names
from search.runtime.ingest.packing import header

CHUNK_BYTES = 1 << 16
MAX_LINE_BYTES = 1_000_000  # about the length of a book's chapter
MAX_WORD_LENGTH = 200  # characters
MIN_TOKENS = {"train": 1_000, "validation": 100, "test": 100}  # with fewer, a batch is not filled
MIN_VOCABULARY = 10
SUFFIXES = (".txt", ".tokens")  # of files that are read as texts, even if they turn out not to be in UTF-8
NAMING_HINT = "Name the files train.txt, valid.txt and test.txt"
NAME_SEPARATORS = re.compile(r"[.\-_ ]")  # between the words of a file name such as ptb.train.txt


def contains_texts(file: BinaryIO, kind: str, usage: UsageCounter) -> bool:
    """Whether the first file in the archive is a text. Rewinds the archive. Raises RejectedUpload."""
    with closing(archive.members(file, kind, usage)) as members:
        for member in members:
            if not member.is_system_file:
                is_text = _may_be_text(member, member.stream.read(archive.HEAD_SIZE))
                file.seek(0)
                return is_text
    file.seek(0)
    return False


def ingest(file: BinaryIO, kind: str, out: Path, options: Json, usage: UsageCounter) -> Json:
    """Writes train.safetensors and test.safetensors, and returns the dataset. Raises RejectedUpload."""
    if kind == "text":
        usage.add_text(usage.packed_size)
        return _pack({"train": _lines(file, "The text", usage)}, False, out, options)
    with TemporaryDirectory(dir=out) as folder:
        unpacked = _unpack(archive.members(file, kind, usage), Path(folder), usage)
        lines = {part or "train": _file_lines(path, f"“{name}”", usage) for part, (name, path) in unpacked.items()}
        return _pack(lines, None not in unpacked, out, options)


def _pack(lines: Mapping[Part, Iterator[str]], is_split: bool, out: Path, options: Json) -> Json:
    """`is_split`: the files are named as parts. Such texts are usually tokenised already, so the default differs."""
    tokens: tokenization.Tokens = options.get("tokens") or ("blanks" if is_split else "words")
    try:
        text = tokenization.read(lines, tokens, options.get("vocabulary") or tokenization.VOCABULARY)
    except tokenization.BadText as error:
        raise RejectedUpload(str(error)) from None
    _check(text)
    metadata = {
        "v": PACKED,
        "kind": "text",
        "content": text.content,
        "split": text.split,
        "words": serialization.dumps(text.words).decode(),
    }
    _write(out / "train.safetensors", metadata, {part: text.parts[part] for part in ("train", "validation")})
    _write(out / "test.safetensors", metadata, {"test": text.parts["test"]})
    return {
        "kind": "text",
        "vocabulary": len(text.words),
        "counts": text.counts._asdict(),
        "split_given": len(lines) > 1,
        "content": text.content,
        "split": text.split,
        "tokens": tokens,
        "excerpt": tokenization.excerpt(text),
    }


def _check(text: tokenization.Text) -> None:
    """Raises RejectedUpload."""
    if len(text.words) < MIN_VOCABULARY:
        raise RejectedUpload(
            f"The text has {len(text.words)} different words, counting line ends and unknown words, and a language "
            f"model needs at least {MIN_VOCABULARY}. Send a text of sentences."
        )
    for part, minimum in MIN_TOKENS.items():
        if (count := getattr(text.counts, part)) < minimum:
            raise RejectedUpload(
                f"The {part} part has {count:,} words, and needs at least {minimum:,}. Send a longer text."
            )
    for word in text.words:
        if len(word) > MAX_WORD_LENGTH:
            raise RejectedUpload(
                f"“{word[:20]}…” is a word of {len(word):,} letters, which is not plausible in a text. "
                "Separate words by blanks, and put a sentence or a paragraph on each line."
            )


def _may_be_text(member: Member, head: bytes) -> bool:
    if is_image(head) or archive.archive_kind(head) is not None:
        return False
    return archive.is_text(head) or member.name.casefold().endswith(SUFFIXES)


def _unpack(members: Iterator[Member], folder: Path, usage: UsageCounter) -> dict[Part | None, tuple[str, Path]]:
    """Name and unpacked file of each part; None: a single text whose name is not that of a part.

    Raises RejectedUpload.
    """
    found: dict[Part | None, tuple[str, Path]] = {}
    unnamed: list[str] = []
    folders: set[tuple[str, ...]] = set()
    for member in members:
        if member.is_system_file:
            usage.skipped += 1
            continue
        head = member.stream.read(archive.HEAD_SIZE)
        if is_image(head):
            raise RejectedUpload(
                f"“{member.name}” is an image, not a text. "
                "Leave only texts in the archive; or only images, in class folders, and send it as images."
            )
        if (inner_kind := archive.archive_kind(head)) is not None:
            raise RejectedUpload(f"“{member.name}” is itself an archive ({inner_kind}). Put the texts in directly.")
        part = part_of(member.path[-1])
        if part is None:
            unnamed.append(member.name)
        elif part in found:
            raise RejectedUpload(f"“{found[part][0]}” and “{member.name}” are both for {part}. Leave one of them out.")
        folders.add(member.path[:-1])
        if part is not None or len(unnamed) == 1:
            path = folder / (part or "unnamed")
            _copy_member(head, member, path, usage)
            found[part] = (member.name, path)
    parts = [str(part) for part in found if part is not None]
    if unnamed and (parts or len(unnamed) > 1):
        raise RejectedUpload(
            f"{quote_names(unnamed, len(unnamed))}: the part is not clear from the name. "
            f"{NAMING_HINT}, and add nothing else."
        )
    if len(folders) > 1:
        raise RejectedUpload(f"The texts are in different folders. {NAMING_HINT}, and put them into one folder.")
    if parts and "train" not in parts:
        raise RejectedUpload(f"There is {' and '.join(sorted(parts))}, but no train. Add a text to train on.")
    return found


def part_of(name: str) -> Part | None:
    """The part in a file name: validation for valid.txt, ptb.valid.txt and wiki.valid.tokens. None: no part, or two."""
    parts = {PARTS[word] for word in NAME_SEPARATORS.split(name.casefold()) if word in PARTS}
    return parts.pop() if len(parts) == 1 else None


def _copy_member(head: bytes, member: Member, path: Path, usage: UsageCounter) -> None:
    with path.open("wb") as file:
        chunk = head
        while chunk:
            usage.add_text(len(chunk))
            usage.check_time()
            file.write(chunk)
            chunk = member.stream.read(CHUNK_BYTES)


def _file_lines(path: Path, name: str, usage: UsageCounter) -> Iterator[str]:
    with path.open("rb") as file:
        yield from _lines(file, name, usage)


def _lines(file: BinaryIO, name: str, usage: UsageCounter) -> Iterator[str]:
    """The lines of a text. Raises RejectedUpload, naming the line, where one is not in UTF-8 or is too long."""
    rest, number = b"", 0
    while True:
        chunk = file.read(CHUNK_BYTES)
        *lines, rest = (rest + chunk).split(b"\n")
        if not chunk:
            lines.append(rest)
        elif len(rest) > MAX_LINE_BYTES:
            raise RejectedUpload(
                f"{name} has a line of more than {MAX_LINE_BYTES:,} bytes, line {number + len(lines) + 1:,}. "
                "Break it into lines of a sentence or a paragraph each."
            )
        for line in lines:
            number += 1
            yield _decode_line(line, name, number)
        usage.check_time()
        if not chunk:
            return


def _decode_line(line: bytes, name: str, number: int) -> str:
    if b"\0" in line:
        raise RejectedUpload(f"{name} has a zero byte in line {number:,}. Save it as plain text in UTF-8.")
    try:
        decoded = line.decode()
    except UnicodeDecodeError:
        raise RejectedUpload(f"{name} is not in UTF-8: line {number:,} has invalid bytes. Save it in UTF-8.") from None
    return decoded.removeprefix("\ufeff") if number == 1 else decoded


def _write(path: Path, metadata: dict[str, str], parts: Mapping[str, "array[int]"]) -> None:
    tensors = {name: ("I32", [len(numbers)], 4 * len(numbers)) for name, numbers in parts.items()}
    with path.open("wb") as file:
        file.write(header(metadata, tensors))
        for numbers in parts.values():
            file.write(np.asarray(numbers, "<i4").tobytes())
