"""Text as language models take it: words of lines, numbered, in three parts.

Everything that reads a text comes by here, the built-in one and those that people bring, so that the same text gives
the same numbers and the same parts on every machine.
"""

import hashlib
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.base import serialization
from search.data import splits
from search.data.datasets import PARTS, Counts, Part

END, UNKNOWN = "<eos>", "<unk>"  # after each line; in place of a word that the vocabulary lacks
Tokens = Literal["blanks", "words"]
VOCABULARY = 10_000  # most different words, unless told otherwise: as many as the Penn Treebank's
BLOCKS = 50  # that a text without parts is cut into, to be dealt
_TITLES: dict[Part, str] = {"train": "training", "validation": "validation", "test": "test"}
_WORD = re.compile(r"\w+|[^\w\s]")


class BadText(ValueError):
    """A text that no model can be trained on; the message is a sentence."""


@dataclass(frozen=True, kw_only=True)
class Text:
    words: tuple[str, ...]  # in the order of their numbers, which is that of their first appearance
    parts: Mapping[Part, "array[int]"]  # 32-bit numbers of words, `END` after each line
    content: str  # SHA-256 (hex) of all lines as tokens, before any word became unknown
    split: str  # fingerprint of content, parts and vocabulary together

    @property
    def counts(self) -> Counts:
        return Counts(*(len(self.parts[part]) for part in PARTS))


def tokenise(line: str, tokens: Tokens) -> list[str]:
    """`blanks`: as language-model datasets come, all but split already. `words`: lower-case words, and marks."""
    return line.split() if tokens == "blanks" else _WORD.findall(line.lower())


def read(lines: Mapping[Part, Iterable[str]], tokens: Tokens, vocabulary: int = VOCABULARY) -> Text:
    """Lines without a token do not count. Parts that are not given are dealt from what trains, in blocks of lines.

    The vocabulary is that of all parts together; where it is too large, the words that are most frequent in the
    training part stay. Raises BadText.
    """
    numbers: dict[str, int] = {}
    given = {part: _numbered(lines[part], tokens, numbers) for part in PARTS if part in lines}
    content = _content(given, list(numbers))
    parts = _complete(given, content)
    for part in PARTS:
        if not parts[part]:
            raise BadText(f"The {_TITLES[part]} part has no words: the text is too short, or its file is empty.")
    words = _chosen(parts, list(numbers), vocabulary)
    renumbered = {part: _renumbered(parts[part], list(numbers), words) for part in PARTS}
    counted = {part: len(renumbered[part]) for part in PARTS}
    drawn = hashlib.sha256(b"".join(_bytes(renumbered[part]) for part in PARTS)).hexdigest()
    split = serialization.canonical_hash({"content": content, "parts": counted, "words": words, "drawn": drawn})
    return Text(words=tuple(words), parts=renumbered, content=content, split=split)


def excerpt(text: Text, most: int = 600) -> str:
    """The beginning of the training part, as a model reads it: whole lines, of about so many characters together."""
    said, line = "", ""
    for number in text.parts["train"][: 2 * most]:
        word = text.words[number]
        if word != END:
            line += f" {word}" if line else word
            continue
        if said and len(said) + len(line) > most:
            break
        said, line = f"{said}{line}\n", ""
    return said or line[:most]


class _Lines(NamedTuple):
    """One part: the tokens of all its lines in a row, and where each line ends."""

    tokens: "array[int]"
    ends: "array[int]"


def _numbered(lines: Iterable[str], tokens: Tokens, numbers: dict[str, int]) -> _Lines:
    """As numbers from the start: a text of many millions of words fits in memory so, and not as strings."""
    found, ends = array("i"), array("q")
    for line in lines:
        if words := tokenise(line, tokens):
            found.extend([numbers.setdefault(word, len(numbers)) for word in words])
            found.append(numbers.setdefault(END, len(numbers)))
            ends.append(len(found))
    return _Lines(found, ends)


def _content(given: Mapping[Part, _Lines], words: list[str]) -> str:
    hashed = hashlib.sha256()
    hashed.update(serialization.dumps([[part, len(lines.tokens)] for part, lines in given.items()]))
    hashed.update(serialization.dumps(words))
    for lines in given.values():
        hashed.update(_bytes(lines.tokens))
    return hashed.hexdigest()


def _complete(given: Mapping[Part, _Lines], content: str) -> dict[Part, "array[int]"]:
    parts = {part: lines.tokens for part, lines in given.items()}
    missing = [part for part in PARTS if part not in given]
    if not missing:
        return parts
    if "train" in missing:
        raise BadText("There is no training part: a file named train.txt.")
    blocks = list(_blocks(given["train"]))
    dealt = splits.deal([0] * len(blocks), content)
    taken = {index: part for part in missing for index in getattr(dealt, part)}
    for part in ("train", *missing):
        chosen = [block for index, block in enumerate(blocks) if taken.get(index, "train") == part]
        parts[part] = array("i", [number for block in chosen for number in block])
    return parts


def _blocks(lines: _Lines) -> Iterator["array[int]"]:
    """At most `BLOCKS` runs of whole lines, of about equal tokens."""
    total, begin, place = len(lines.tokens), 0, 0
    for end in lines.ends:
        if (now := end * BLOCKS // total) > place:
            yield lines.tokens[begin:end]
            begin, place = end, now


def _chosen(parts: Mapping[Part, "array[int]"], words: list[str], vocabulary: int) -> list[str]:
    """The words that have a number, in the order of their first appearance."""
    order = list(dict.fromkeys(number for part in PARTS for number in parts[part]))
    if len(order) <= vocabulary:
        return [words[number] for number in order]
    often = Counter(parts["train"])
    kept = [number for number in order if words[number] not in (END, UNKNOWN)]
    kept.sort(key=lambda number: -often[number])  # a stable sort: equals stay by first appearance
    stays = set(kept[: max(0, vocabulary - 2)])
    found: dict[str, None] = {}
    for number in order:
        found[words[number] if number in stays or words[number] == END else UNKNOWN] = None
    return list(found)


def _renumbered(part: "array[int]", before: list[str], words: list[str]) -> "array[int]":
    place = {word: number for number, word in enumerate(words)}
    unknown = place.get(UNKNOWN, -1)  # where there is none, every word has its own
    table = [place.get(word, unknown) for word in before]
    return array("i", [table[number] for number in part])


def _bytes(numbers: "array[int]") -> bytes:
    """The same on every machine."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
