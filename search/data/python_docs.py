"""The built-in text: Python's language reference, which CPython ships for `help()`.

The wording differs between Python versions, so counts and hashes are computed on first use instead of stored. The same
interpreter always gives the same words and parts; another version is recognised by its split hash.
"""

from collections.abc import Iterator
from functools import cache

from search.data.datasets import Dataset, TextData
from search.data.tokenization import Text, read, tokenize

NAME = "python-docs"
VOCABULARY = 2_000  # of some 3,600 distinct words: small enough to train a candidate in seconds


@cache
def text() -> Text:
    """The tokenized reference. The first call takes about 0.1 s."""
    return read({"train": _lines()}, "words", VOCABULARY)


def dataset() -> Dataset:
    reference = text()
    return Dataset(
        name=NAME,
        title="Python reference",
        about="Python's language reference, which the interpreter ships for help(): some 100,000 words and punctuation "
        "marks, 2,000 of them distinct. A smoke test for language models: it trains in seconds.",
        data=TextData(vocabulary=len(reference.words)),
        counts=reference.counts,
        content=reference.content,
        split=reference.split,
    )


def _lines() -> Iterator[str]:
    """All lines, topic by topic, except those without a word: heading and table rules, a seventh of all tokens."""
    from pydoc_data.topics import topics

    for name in sorted(topics):
        for line in topics[name].splitlines():
            if any(token[0].isalnum() for token in tokenize(line, "words")):
                yield line
