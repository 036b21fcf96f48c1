"""Texts as they are split into words, numbered, and dealt into parts."""

import os
import subprocess
import sys
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest

from search.data import datasets, python_docs, tokenization
from search.data.tokenization import END, UNKNOWN, BadText, excerpt, read, tokenise
from tests import ptb

Given = dict[datasets.Part, list[str]]


def lines(count: int) -> list[str]:
    return [f"line {number} of them" for number in range(count)]


def test_words_are_lower_case_and_marks_stand_alone() -> None:
    assert tokenise("  Don't x_1,\tÄrger! ", "words") == ["don", "'", "t", "x_1", ",", "ärger", "!"]


def test_a_dataset_that_is_split_already_is_split_at_blanks_alone() -> None:
    assert tokenise("  Don't <unk> N\tx ", "blanks") == ["Don't", "<unk>", "N", "x"]


def test_each_line_ends_with_its_token_and_empty_ones_are_dropped() -> None:
    found = read({"train": ["a b", "", "  "], "validation": ["b"], "test": ["c"]}, "blanks")
    assert found.words == ("a", "b", END, "c")
    assert [list(found.parts[part]) for part in datasets.PARTS] == [[0, 1, 2], [1, 2], [3, 2]]
    assert found.counts == (3, 2, 2)


def test_of_too_many_words_the_most_frequent_of_the_training_part_stay() -> None:
    given: Given = {"train": ["a b b c c d"], "validation": ["d d d"], "test": ["e"]}
    found = read(given, "blanks", vocabulary=5)  # equals stay by first appearance: a, not d
    assert found.words == ("a", "b", "c", UNKNOWN, END)
    assert [found.words[number] for number in found.parts["validation"]] == [UNKNOWN] * 3 + [END]


def test_unknown_words_of_the_text_are_the_same_as_those_that_become_it() -> None:
    found = read({"train": ["a a <unk> b"], "validation": ["a"], "test": ["c"]}, "blanks", vocabulary=3)
    assert found.words == ("a", UNKNOWN, END)
    assert list(found.parts["train"]) == [0, 0, 1, 1, 2]


def test_a_text_without_parts_is_dealt_in_blocks_of_lines() -> None:
    found = read({"train": lines(1000)}, "blanks")
    said = {
        part: {found.words[n] for n in found.parts[part]} & {str(n) for n in range(1000)} for part in datasets.PARTS
    }
    assert sum(map(len, said.values())) == 1000 and len(set.union(*said.values())) == 1000  # none shared, none lost
    assert [len(said[part]) for part in datasets.PARTS] == [680, 160, 160]  # 34, 8 and 8 blocks of 50
    train = sorted(map(int, said["train"]))
    assert sum(b - a > 1 for a, b in pairwise(train)) < 17  # whole blocks, not single lines


def test_a_part_that_is_missing_is_dealt_from_what_trains() -> None:
    given = read({"train": lines(100), "test": ["test alone"]}, "blanks")
    assert [given.words[n] for n in given.parts["test"]] == ["test", "alone", END]
    assert len(given.parts["validation"]) == 16 * 5


def test_other_words_parts_or_vocabulary_make_another_split() -> None:
    base: Given = {"train": lines(60), "validation": lines(2), "test": lines(2)}
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
    ("given", "why"),
    [
        ({"train": ["a"]}, "validation part has no words"),
        ({"train": []}, "training part has no words"),
        ({"train": ["  "], "validation": ["a"], "test": ["a"]}, "training part has no words"),
        ({"validation": ["a"]}, "no training part"),
    ],
)
def test_what_cannot_be_split_is_refused_in_words(given: Given, why: str) -> None:
    with pytest.raises(BadText, match=why):
        read(given, "blanks")


def test_an_excerpt_is_whole_lines_of_the_training_part() -> None:
    said = excerpt(read({"train": lines(900), "validation": ["a"], "test": ["a"]}, "words"), 100)
    assert said.startswith("line 0 of them\nline 1 of them\n") and said.endswith("of them\n")
    assert 80 < len(said) <= 100
    endless = read({"train": ["a " * 900], "validation": ["a"], "test": ["a"]}, "words")
    assert excerpt(endless, 20) == "a a a a a a a a a a "


def test_the_built_in_text_says_of_itself_what_is_so() -> None:
    described, known = datasets.get("python-docs"), python_docs.text()
    assert described.kind == "text" and described.data.metric == "perplexity"
    assert isinstance(described.data, datasets.TextData) and described.data.vocabulary == len(known.words) == 2000
    assert described.counts == known.counts and described.content == known.content
    assert 0.6 < described.counts.train / sum(described.counts) < 0.75
    assert {max(part) < 2000 for part in known.parts.values()} == {True}


def test_another_process_reads_the_same_words_and_deals_the_same_parts() -> None:
    code = "from search.data import datasets; print(datasets.get('python-docs').split)"
    there = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONHASHSEED": "1"},
    )
    assert there.stdout.strip() == datasets.get("python-docs").split


def test_to_name_the_datasets_reads_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenization, "read", lambda *_: pytest.fail("a text was read"))
    assert list(datasets.DATASETS) == ["digits", "python-docs"]
    assert "python-docs" in datasets.DATASETS and len(datasets.DATASETS) == 2


@pytest.mark.skipif(not ptb.ARCHIVE.exists(), reason=ptb.MISSING)
def test_the_treebanks_proxy_has_its_known_size() -> None:
    with tarfile.open(ptb.ARCHIVE) as archive:
        found = read(ptb.lines(archive), "blanks")
    assert found.counts == (88_832, 7_060, 6_642)
    assert len(found.words) == 7_002
