"""Word-level text for language models: lines become words, words become numbers, in three parts.

The built-in text and uploads both come through here, so that equal text gives equal numbers and parts everywhere.
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

END, UNKNOWN = "<eos>", "<unk>"  # after each line; in place of a word outside the vocabulary
Tokens = Literal["blanks", "words"]
VOCABULARY = 10_000  # default for the most distinct words: as many as the Penn Treebank's
BLOCKS = 50  # runs of lines that a text without parts is divided into before it is split
_TITLES: dict[Part, str] = {"train": "training", "validation": "validation", "test": "test"}
_WORD = re.compile(r"\w+|[^\w\s]")


class BadText(ValueError):
    """A text that no model can be trained on. The message is a sentence."""


@dataclass(frozen=True, kw_only=True)
class Text:
    """A tokenized text."""

    words: tuple[str, ...]  # the vocabulary: a word's number is its index, in order of first appearance
    parts: Mapping[Part, "array[int]"]  # 32-bit word numbers, `END` after each line
    content: str  # SHA-256 (hex) of all lines as tokens, before rare words became unknown
    split: str  # SHA-256 (hex) of content, parts and vocabulary together

    @property
    def counts(self) -> Counts:
        return Counts(*(len(self.parts[part]) for part in PARTS))


def tokenize(line: str, tokens: Tokens) -> list[str]:
    """`blanks`: split at white space, for text that is already tokenized. `words`: lower-case words and punctuation."""
    return line.split() if tokens == "blanks" else _WORD.findall(line.lower())


def read(lines: Mapping[Part, Iterable[str]], tokens: Tokens, vocabulary: int = VOCABULARY) -> Text:
    """The text of these lines; lines without a token are dropped. Missing parts are split off the training part.

    The vocabulary covers all parts. If it is too large, the words that are most frequent in the training part stay.
    Raises BadText.
    """
    numbers: dict[str, int] = {}
    given = {part: _number_words(lines[part], tokens, numbers) for part in PARTS if part in lines}
    words = list(numbers)
    content = _content_hash(given, words)
    parts = _fill_missing(given, content)
    for part in PARTS:
        if not parts[part] and part in given:
            raise BadText(f"The {_TITLES[part]} part has no words: its file is empty. Send a longer text.")
        if not parts[part]:
            raise BadText(
                f"The text has too few lines to split off a {_TITLES[part]} part. "
                "Send a longer text, with a sentence or a paragraph on each line."
            )
    chosen = _choose_vocabulary(parts, words, vocabulary)
    renumbered = {part: _renumber(parts[part], words, chosen) for part in PARTS}
    counts = {part: len(renumbered[part]) for part in PARTS}
    drawn = hashlib.sha256(b"".join(_little_endian(renumbered[part]) for part in PARTS)).hexdigest()
    split = serialization.canonical_hash({"content": content, "parts": counts, "words": chosen, "drawn": drawn})
    return Text(words=tuple(chosen), parts=renumbered, content=content, split=split)


def excerpt(text: Text, max_chars: int = 600) -> str:
    """The beginning of the training part as a model reads it: whole lines, about `max_chars` characters in all."""
    result, line = "", ""
    for number in text.parts["train"][: 2 * max_chars]:
        word = text.words[number]
        if word != END:
            line += f" {word}" if line else word
            continue
        if result and len(result) + len(line) > max_chars:
            break
        result, line = f"{result}{line}\n", ""
    return result or line[:max_chars]


class _Lines(NamedTuple):
    """One part: the tokens of all its lines in a row, and the index after each line's last token."""

    tokens: "array[int]"
    ends: "array[int]"


def _number_words(lines: Iterable[str], tokens: Tokens, numbers: dict[str, int]) -> _Lines:
    """The part as word numbers; new words are added to `numbers`. Many millions of words do not fit as strings."""
    result, ends = array("i"), array("q")
    for line in lines:
        if words := tokenize(line, tokens):
            result.extend([numbers.setdefault(word, len(numbers)) for word in words])
            result.append(numbers.setdefault(END, len(numbers)))
            ends.append(len(result))
    return _Lines(result, ends)


def _content_hash(given: Mapping[Part, _Lines], words: list[str]) -> str:
    digest = hashlib.sha256()
    digest.update(serialization.dumps([[part, len(lines.tokens)] for part, lines in given.items()]))
    digest.update(serialization.dumps(words))
    for lines in given.values():
        digest.update(_little_endian(lines.tokens))
    return digest.hexdigest()


def _fill_missing(given: Mapping[Part, _Lines], content: str) -> dict[Part, "array[int]"]:
    """All three parts; a missing validation or test part is made of blocks of the training part."""
    parts = {part: lines.tokens for part, lines in given.items()}
    missing = [part for part in PARTS if part not in given]
    if not missing:
        return parts
    if "train" in missing:
        raise BadText("There is no training part: a file named train.txt.")
    blocks = list(_blocks(given["train"]))
    split = splits.stratify([0] * len(blocks), content)
    part_of = {index: part for part in missing for index in getattr(split, part)}
    for part in ("train", *missing):
        chosen = [block for index, block in enumerate(blocks) if part_of.get(index, "train") == part]
        parts[part] = array("i", [number for block in chosen for number in block])
    return parts


def _blocks(lines: _Lines) -> Iterator["array[int]"]:
    """At most `BLOCKS` runs of whole lines with about the same number of tokens each."""
    total, begin, block = len(lines.tokens), 0, 0
    for end in lines.ends:
        if (reached := end * BLOCKS // total) > block:
            yield lines.tokens[begin:end]
            begin, block = end, reached


def _choose_vocabulary(parts: Mapping[Part, "array[int]"], words: list[str], vocabulary: int) -> list[str]:
    """The words that keep a number of their own, in order of first appearance."""
    order = list(dict.fromkeys(number for part in PARTS for number in parts[part]))
    if len(order) <= vocabulary:
        return [words[number] for number in order]
    frequency = Counter(parts["train"])
    candidates = [number for number in order if words[number] not in (END, UNKNOWN)]
    candidates.sort(key=lambda number: -frequency[number])  # a stable sort: ties stay in order of first appearance
    kept = set(candidates[: max(0, vocabulary - 2)])
    chosen: dict[str, None] = {}
    for number in order:
        chosen[words[number] if number in kept or words[number] == END else UNKNOWN] = None
    return list(chosen)


def _renumber(part: "array[int]", before: list[str], after: list[str]) -> "array[int]":
    """The part with numbers of the vocabulary `after` in place of those of `before`."""
    number_of = {word: number for number, word in enumerate(after)}
    unknown = number_of.get(UNKNOWN, -1)  # -1 is never used: without UNKNOWN every word has its own number
    table = [number_of.get(word, unknown) for word in before]
    return array("i", [table[number] for number in part])


def _little_endian(numbers: "array[int]") -> bytes:
    """The numbers as bytes, the same on every machine."""
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
