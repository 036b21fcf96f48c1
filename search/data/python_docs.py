"""The built-in text: Python's own language reference, as CPython carries it for `help()`.

Each version of Python has its own wording, so what depends on it is computed, when first asked for, and not written
down: the same interpreter gives the same words and the same parts, another one is told apart by the split.
"""

from collections.abc import Iterator
from functools import cache

from search.data.datasets import Dataset, TextData
from search.data.tokenization import Text, read, tokenise

NAME = "python-docs"
VOCABULARY = 2_000  # of some 3,600 different words: small enough for seconds a candidate


@cache
def text() -> Text:
    """Takes about a tenth of a second, once."""
    return read({"train": _lines()}, "words", VOCABULARY)


def dataset() -> Dataset:
    known = text()
    return Dataset(
        name=NAME,
        title="Python reference",
        about="Python's language reference, as the interpreter carries it for help(): some 100,000 words and marks, "
        "2,000 of them different. A smoke test for language models: it trains in seconds.",
        data=TextData(vocabulary=len(known.words)),
        counts=known.counts,
        content=known.content,
        split=known.split,
    )


def _lines() -> Iterator[str]:
    """Topic by topic. Lines under headings and around tables hold no word: a seventh of all tokens, and no language."""
    from pydoc_data.topics import topics

    for name in sorted(topics):
        for line in topics[name].splitlines():
            if any(token[0].isalnum() for token in tokenise(line, "words")):
                yield line
