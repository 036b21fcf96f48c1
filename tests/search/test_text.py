"""Text: tokenized, numbered and split into parts."""

import os
import subprocess
import sys
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest

from search.data import builtin, datasets, python_docs, tokenization
from search.data.tokenization import END, UNKNOWN, BadText, excerpt, read, tokenize
from tests import ptb

Lines = dict[datasets.Part, list[str]]


def lines(count: int) -> list[str]:
    return [f"line {number} of them" for number in range(count)]


def test_words_are_lower_case_and_punctuation_is_separate() -> None:
    assert tokenize("  Don't x_1,\tÄrger! ", "words") == ["don", "'", "t", "x_1", ",", "ärger", "!"]


def test_a_tokenized_text_is_split_only_at_white_space() -> None:
    assert tokenize("  Don't <unk> N\tx ", "blanks") == ["Don't", "<unk>", "N", "x"]


def test_each_line_ends_with_an_end_token_and_empty_lines_are_dropped() -> None:
    found = read({"train": ["a b", "", "  "], "validation": ["b"], "test": ["c"]}, "blanks")
    assert found.words == ("a", "b", END, "c")
    assert [list(found.parts[part]) for part in datasets.PARTS] == [[0, 1, 2], [1, 2], [3, 2]]
    assert found.counts == (3, 2, 2)


def test_a_full_vocabulary_keeps_the_most_frequent_words_of_the_training_part() -> None:
    given: Lines = {"train": ["a b b c c d"], "validation": ["d d d"], "test": ["e"]}
    found = read(given, "blanks", vocabulary=5)  # ties stay in order of first appearance: a, not d
    assert found.words == ("a", "b", "c", UNKNOWN, END)
    assert [found.words[number] for number in found.parts["validation"]] == [UNKNOWN] * 3 + [END]


def test_unk_in_the_text_and_dropped_words_share_one_number() -> None:
    found = read({"train": ["a a <unk> b"], "validation": ["a"], "test": ["c"]}, "blanks", vocabulary=3)
    assert found.words == ("a", UNKNOWN, END)
    assert list(found.parts["train"]) == [0, 0, 1, 1, 2]


def test_a_text_without_parts_is_split_in_blocks_of_lines() -> None:
    found = read({"train": lines(1000)}, "blanks")
    numbers = {str(number) for number in range(1000)}
    seen = {part: {found.words[n] for n in found.parts[part]} & numbers for part in datasets.PARTS}
    assert sum(map(len, seen.values())) == 1000 and len(set.union(*seen.values())) == 1000  # every line in one part
    assert [len(seen[part]) for part in datasets.PARTS] == [680, 160, 160]  # 34, 8 and 8 blocks of 50
    train = sorted(map(int, seen["train"]))
    assert sum(b - a > 1 for a, b in pairwise(train)) < 17  # whole blocks, not single lines


def test_a_missing_part_is_split_off_the_training_part() -> None:
    found = read({"train": lines(100), "test": ["test alone"]}, "blanks")
    assert [found.words[n] for n in found.parts["test"]] == ["test", "alone", END]
    assert len(found.parts["validation"]) == 16 * 5


def test_other_words_parts_or_vocabulary_change_the_split_hash() -> None:
    base: Lines = {"train": lines(60), "validation": lines(2), "test": lines(2)}
    found = read(base, "blanks")
    assert read(base, "blanks").split == found.split
    others = [
        read({**base, "train": [*lines(59), "other"]}, "blanks"),
        read({**base, "validation": lines(3)}, "blanks"),
        read(base, "blanks", vocabulary=9),
        read({"train": lines(64)}, "blanks"),
    ]
    assert len({found.split, *(other.split for other in others)}) == 5
    assert others[2].content == found.content


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"train": ["a"]}, "too few lines to split off a validation part"),
        ({"train": []}, "training part has no words"),
        ({"train": ["  "], "validation": ["a"], "test": ["a"]}, "training part has no words"),
        ({"validation": ["a"]}, "no training part"),
    ],
)
def test_a_text_that_cannot_be_split_is_an_error(given: Lines, message: str) -> None:
    with pytest.raises(BadText, match=message):
        read(given, "blanks")


def test_an_excerpt_is_whole_lines_of_the_training_part() -> None:
    beginning = excerpt(read({"train": lines(900), "validation": ["a"], "test": ["a"]}, "words"), 100)
    assert beginning.startswith("line 0 of them\nline 1 of them\n") and beginning.endswith("of them\n")
    assert 80 < len(beginning) <= 100
    endless = read({"train": ["a " * 900], "validation": ["a"], "test": ["a"]}, "words")
    assert excerpt(endless, 20) == "a a a a a a a a a a "


def test_the_description_of_the_built_in_text_matches_its_data() -> None:
    described, reference = builtin.get("python-docs"), python_docs.text()
    assert described.kind == "text" and described.data.metric == "perplexity"
    assert isinstance(described.data, datasets.TextData) and described.data.vocabulary == len(reference.words) == 2000
    assert described.counts == reference.counts and described.content == reference.content
    assert 0.6 < described.counts.train / sum(described.counts) < 0.75
    assert {max(part) < 2000 for part in reference.parts.values()} == {True}


def test_another_process_gets_the_same_words_and_parts() -> None:
    code = "from search.data import builtin; print(builtin.get('python-docs').split)"
    process = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )
    assert process.stdout.strip() == builtin.get("python-docs").split


def test_listing_the_datasets_reads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenization, "read", lambda *_: pytest.fail("a text was read"))
    assert list(builtin.DATASETS) == ["digits", "python-docs"]
    assert "python-docs" in builtin.DATASETS and len(builtin.DATASETS) == 2


@pytest.mark.skipif(not ptb.ARCHIVE.exists(), reason=ptb.MISSING)
def test_the_treebank_proxy_has_its_known_size() -> None:
    with tarfile.open(ptb.ARCHIVE) as archive:
        found = read(ptb.lines(archive), "blanks")
    assert found.counts == (88_832, 7_060, 6_642)
    assert len(found.words) == 7_002
