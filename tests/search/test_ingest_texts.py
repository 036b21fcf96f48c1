"""Texts that people bring: what comes of good ones, and the sentences in which the others are refused."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from search.base.serialization import Json
from search.runtime.ingest.limits import Limits, Refused
from search.runtime.ingest.read import ingest
from search.runtime.ingest.texts import LONGEST_LINE
from tests import ptb
from tests.archives import Files, picture, tarred, zipped

Take = Callable[..., Json]
LIMITS = Limits()


def story(lines: int, seed: int = 0) -> bytes:
    """Lines of nine words of a hundred."""
    rng = random.Random(seed)
    return "".join(" ".join(f"w{rng.randrange(100)}" for _ in range(9)) + "\n" for _ in range(lines)).encode()


TRAIN, VALID, TEST = story(120), story(20, 1), story(12, 2)
PARTS: Files = {"tale/train.txt": TRAIN, "tale/valid.txt": VALID, "tale/test.txt": TEST}


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Reads the content; what is packed lies in tmp_path/out."""

    def read(content: bytes, limits: Limits = LIMITS, **options: Any) -> Json:
        (tmp_path / "upload").write_bytes(content)
        return ingest(tmp_path / "upload", tmp_path / "out", options, limits)

    return read


@pytest.fixture
def refusal(take: Take, tmp_path: Path) -> Callable[..., str]:
    """The sentence, for there is one; and nothing is left of the file."""

    def read(content: bytes, limits: Limits = LIMITS, **options: Any) -> str:
        with pytest.raises(Refused) as refused:
            take(content, limits, **options)
        assert not list((tmp_path / "out").iterdir())
        assert str(refused.value).endswith(".")
        return str(refused.value)

    return read


def packed(tmp_path: Path, name: str) -> tuple[dict[str, str], dict[str, list[int]]]:
    with safe_open(tmp_path / "out" / f"{name}.safetensors", "np") as file:
        parts = list(file.keys())
        return file.metadata(), {part: file.get_tensor(part).tolist() for part in parts}


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("zip", zipped(PARTS)),
        ("tar", tarred(PARTS)),
        ("tar.gz", tarred(PARTS, "gz")),
        ("tar.xz", tarred(PARTS, "xz")),
        ("zip", zipped({"ptb.test.txt": TEST, "ptb.train.txt": TRAIN, "__MACOSX/x": b"x", "PTB.Validation": VALID})),
        ("tar", tarred({"wiki.train.tokens": TRAIN, "wiki.val.tokens": VALID, "wiki.test.tokens": TEST})),
    ],
)
def test_an_archive_of_three_files_is_read_whatever_its_order(
    kind: str, content: bytes, take: Take, tmp_path: Path
) -> None:
    found = take(content)
    first = take(zipped(PARTS))
    assert (found["content"], found["split"]) == (first["content"], first["split"])
    assert {name: found[name] for name in ("kind", "format", "vocabulary", "counts", "split_given", "tokens")} == {
        "kind": "text",
        "format": kind,
        "vocabulary": 101,
        "counts": {"train": 1200, "validation": 200, "test": 120},
        "split_given": True,
        "tokens": "blanks",
    }


def test_packed_files_hold_numbers_of_words_and_the_test_part_apart(take: Take, tmp_path: Path) -> None:
    found = take(zipped(PARTS))
    about, parts = packed(tmp_path, "train")
    words = json.loads(about.pop("words"))
    assert about == {"v": "1", "kind": "text", "content": found["content"], "split": found["split"]}
    assert {name: len(numbers) for name, numbers in parts.items()} == {"train": 1200, "validation": 200}
    said = " ".join(words[number] for number in parts["train"]).replace(" <eos>", "\n").replace("\n ", "\n")
    assert said.encode() == TRAIN
    assert found["excerpt"] == said[: len(found["excerpt"])] and 400 < len(found["excerpt"]) < 800
    of_test, test = packed(tmp_path, "test")
    assert (json.loads(of_test["words"]), list(test), len(test["test"])) == (words, ["test"], 120)


def test_a_plain_text_is_cut_into_parts_by_its_content(take: Take, tmp_path: Path) -> None:
    content = "\ufeff" + "The Cat, it is said, sat\r\n\r\non the mat No. {}.\r\n" * 200
    found = take(content.encode())
    assert (found["format"], found["tokens"], found["split_given"]) == ("text", "words", False)
    assert sum(found["counts"].values()) == 200 * 18
    assert abs(found["counts"]["train"] / (200 * 18) - 0.7) < 0.05
    words = json.loads(packed(tmp_path, "train")[0]["words"])
    assert words[:3] == ["the", "cat", ","] and "{" in words
    packs = [(tmp_path / "out" / name).read_bytes() for name in ("train.safetensors", "test.safetensors")]
    assert take(content.encode()) == found
    assert [(tmp_path / "out" / name).read_bytes() for name in ("train.safetensors", "test.safetensors")] == packs
    in_zip = take(zipped({"cat.txt": content.encode()}))
    assert (in_zip["split"], in_zip["format"]) == (found["split"], "zip")


def test_the_options_say_what_a_word_is_and_how_many_there_are(take: Take) -> None:
    found = take(zipped(PARTS), tokens="words", vocabulary=50)
    assert (found["tokens"], found["vocabulary"]) == ("words", 50)
    assert take(story(200), tokens="blanks")["tokens"] == "blanks"


def test_train_alone_gives_the_rest(take: Take) -> None:
    found = take(zipped({"train.txt": story(200)}))
    assert (found["tokens"], found["split_given"]) == ("blanks", False)
    two = take(zipped({"train.txt": story(200), "test.txt": TEST}))
    assert (two["split_given"], two["counts"]["test"], 200 < two["counts"]["validation"] < 400) == (True, 120, True)


@pytest.mark.skipif(not ptb.ARCHIVE.exists(), reason=ptb.MISSING)
def test_the_proxy_of_the_treebank_has_its_published_counts(take: Take) -> None:
    found = take(ptb.ARCHIVE.read_bytes())
    assert found["counts"] == {"train": 88_832, "validation": 7_060, "test": 6_642}
    assert (found["vocabulary"], found["tokens"], found["split_given"]) == (7_002, "blanks", True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello\n", "The validation part has no words: the text is too short"),
        (b"again and\n" * 5_000, "The text has 3 different words"),
        (story(300) + b"x" * 9_000, "“xxxxxxxxxxxxxxxxxxxx…” is a word of 9,000 letters"),
        (story(30), "The train part has 220 words, and 1,000 are the least that a model is trained on."),
        (story(100) + b"caf\xe9\n", "The text is not in UTF-8: line 101 has bytes that are none. Save it in UTF-8."),
        (story(100) + b"a\0b\n", "The text has a byte of zero in line 101"),
        (story(100).decode().encode("utf-16"), "The file is a text, but not in UTF-8. Save it in UTF-8"),
        (story(9) + b"a " * LONGEST_LINE, "The text has a line of more than 1,000,000 bytes, its line 10."),
    ],
)
def test_a_plain_text_that_is_none(content: bytes, said: str, refusal: Callable[..., str]) -> None:
    assert said in refusal(content)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a/train.txt": TRAIN, "b/valid.txt": VALID}, "The texts lie in different folders"),
        ({"valid.txt": VALID, "test.txt": TEST}, "There is test and validation, and no train. Add the text to learn"),
        ({"train.txt": TRAIN, "ptb.train.txt": TRAIN}, "“train.txt” and “ptb.train.txt” are both for train"),
        ({"train.txt": TRAIN, "val.txt": VALID, "valid.txt": VALID}, "“val.txt” and “valid.txt” are both for valid"),
        ({**PARTS, "tale/README": b"words"}, "“tale/README”: the name does not say which part it is. Name the files"),
        ({"one.txt": TRAIN, "two.txt": TRAIN}, "“one.txt”, “two.txt”: the name does not say which part it is"),
        ({"train-test.txt": TRAIN, "two.txt": TRAIN}, "“train-test.txt”, “two.txt”: the name does not say"),
        ({**PARTS, "tale/x.png": picture(0)}, "“tale/x.png” is an image, and the first file of the archive a text."),
        ({**PARTS, "tale/x.zip": zipped(PARTS)}, "“tale/x.zip” is itself an archive (zip). Put the texts in directly."),
        ({"train.txt": b"", "valid.txt": VALID}, "The training part has no words"),
        ({"train.txt": TRAIN, "valid.txt": b"", "test.txt": TEST}, "The validation part has no words"),
        ({**PARTS, "tale/test.txt": story(3)}, "The test part has 30 words, and 100 are the least that a model is mea"),
        ({"train.txt": TRAIN, "valid.txt": b"caf\xe9\n" * 99}, "“valid.txt” is not in UTF-8: line 1 has bytes"),
        ({"train.txt": b"caf\xe9\n" * 99}, "“train.txt” is not in UTF-8: line 1 has bytes"),
        ({"train.txt": TRAIN, "valid.txt": b"\0" * 99}, "“valid.txt” has a byte of zero in line 1"),
        ({"train.txt": b"one " * 2_000, "valid.txt": b"one " * 200}, "The test part has no words"),
        (dict.fromkeys(PARTS, b"one " * 2_000), "The text has 2 different words"),
    ],
)
def test_an_archive_of_texts_that_makes_no_sense(files: Files, said: str, refusal: Callable[..., str]) -> None:
    assert said in refusal(zipped(files))


def test_a_text_is_held_to_the_same_limits(refusal: Callable[..., str]) -> None:
    assert "more than 1,000 bytes. Leave some of it out." in refusal(story(200), Limits(text=1_000))
    assert "more than 5,000 bytes. Leave some of it out." in refusal(zipped(PARTS), Limits(text=5_000))
    assert "more than 2 files" in refusal(zipped(PARTS), Limits(files=2))
    assert "longer than the 0 seconds" in refusal(story(200), Limits(seconds=0.0))
    assert "unpacks to more than 1,000 bytes" in refusal(zipped(PARTS), Limits(unpacked=1_000))
