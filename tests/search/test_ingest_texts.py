"""Ingestion of texts: the packed datasets of valid ones, and the messages that reject others."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors import safe_open

from search.base.serialization import Json
from search.runtime.ingest.limits import Limits, RejectedUpload
from search.runtime.ingest.reader import ingest
from search.runtime.ingest.texts import MAX_LINE_BYTES
from tests import ptb
from tests.archives import Files, picture, tarred, zipped

Take = Callable[..., Json]
LIMITS = Limits()


def story(lines: int, seed: int = 0) -> bytes:
    """Lines of nine words from a vocabulary of a hundred."""
    rng = random.Random(seed)
    return "".join(" ".join(f"w{rng.randrange(100)}" for _ in range(9)) + "\n" for _ in range(lines)).encode()


TRAIN, VALID, TEST = story(120), story(20, 1), story(12, 2)
PARTS: Files = {"tale/train.txt": TRAIN, "tale/valid.txt": VALID, "tale/test.txt": TEST}


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """Ingests the content; packed files are written to tmp_path/out."""

    def read(content: bytes, limits: Limits = LIMITS, **options: Any) -> Json:
        (tmp_path / "upload").write_bytes(content)
        return ingest(tmp_path / "upload", tmp_path / "out", options, limits)

    return read


@pytest.fixture
def rejection(take: Take, tmp_path: Path) -> Callable[..., str]:
    """The message of the rejection. Also checks that no file remains."""

    def read(content: bytes, limits: Limits = LIMITS, **options: Any) -> str:
        with pytest.raises(RejectedUpload) as raised:
            take(content, limits, **options)
        assert not list((tmp_path / "out").iterdir())
        assert str(raised.value).endswith(".")
        return str(raised.value)

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
def test_an_archive_of_three_files_is_read_in_any_order(kind: str, content: bytes, take: Take, tmp_path: Path) -> None:
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


def test_packed_files_hold_token_numbers_with_the_test_part_apart(take: Take, tmp_path: Path) -> None:
    found = take(zipped(PARTS))
    about, parts = packed(tmp_path, "train")
    words = json.loads(about.pop("words"))
    assert about == {"v": "1", "kind": "text", "content": found["content"], "split": found["split"]}
    assert {name: len(numbers) for name, numbers in parts.items()} == {"train": 1200, "validation": 200}
    text = " ".join(words[number] for number in parts["train"]).replace(" <eos>", "\n").replace("\n ", "\n")
    assert text.encode() == TRAIN
    assert found["excerpt"] == text[: len(found["excerpt"])] and 400 < len(found["excerpt"]) < 800
    of_test, test = packed(tmp_path, "test")
    assert (json.loads(of_test["words"]), list(test), len(test["test"])) == (words, ["test"], 120)


def test_a_plain_text_is_split_by_its_content(take: Take, tmp_path: Path) -> None:
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


def test_options_choose_the_tokens_and_the_size_of_the_vocabulary(take: Take) -> None:
    found = take(zipped(PARTS), tokens="words", vocabulary=50)
    assert (found["tokens"], found["vocabulary"]) == ("words", 50)
    assert take(story(200), tokens="blanks")["tokens"] == "blanks"


def test_missing_parts_are_split_off_from_train(take: Take) -> None:
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
    ("content", "expected"),
    [
        (b"hello\n", "The text has too few lines to split off a validation part. Send a longer text"),
        (b"again and\n" * 5_000, "The text has 3 different words"),
        (story(300) + b"x" * 9_000, "“xxxxxxxxxxxxxxxxxxxx…” is a word of 9,000 letters"),
        (story(30), "The train part has 220 words, and needs at least 1,000. Send a longer text."),
        (story(100) + b"caf\xe9\n", "The text is not in UTF-8: line 101 has invalid bytes. Save it in UTF-8."),
        (story(100) + b"a\0b\n", "The text has a zero byte in line 101"),
        (story(100).decode().encode("utf-16"), "The file is a text, but not in UTF-8. Save it in UTF-8"),
        (story(9) + b"a " * MAX_LINE_BYTES, "The text has a line of more than 1,000,000 bytes, line 10."),
    ],
)
def test_an_invalid_plain_text(content: bytes, expected: str, rejection: Callable[..., str]) -> None:
    assert expected in rejection(content)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/train.txt": TRAIN, "b/valid.txt": VALID}, "The texts are in different folders"),
        ({"valid.txt": VALID, "test.txt": TEST}, "There is test and validation, but no train. Add a text to train on."),
        ({"train.txt": TRAIN, "ptb.train.txt": TRAIN}, "“train.txt” and “ptb.train.txt” are both for train"),
        ({"train.txt": TRAIN, "val.txt": VALID, "valid.txt": VALID}, "“val.txt” and “valid.txt” are both for valid"),
        ({**PARTS, "tale/README": b"words"}, "“tale/README”: the part is not clear from the name. Name the files"),
        ({"one.txt": TRAIN, "two.txt": TRAIN}, "“one.txt”, “two.txt”: the part is not clear from the name"),
        ({"train-test.txt": TRAIN, "two.txt": TRAIN}, "“train-test.txt”, “two.txt”: the part is not clear"),
        ({**PARTS, "tale/x.png": picture(0)}, "“tale/x.png” is an image, not a text. Leave only texts"),
        ({**PARTS, "tale/x.zip": zipped(PARTS)}, "“tale/x.zip” is itself an archive (zip). Put the texts in directly."),
        ({"train.txt": b"", "valid.txt": VALID}, "The training part has no words"),
        ({"train.txt": TRAIN, "valid.txt": b"", "test.txt": TEST}, "The validation part has no words"),
        ({**PARTS, "tale/test.txt": story(3)}, "The test part has 30 words, and needs at least 100."),
        ({"train.txt": TRAIN, "valid.txt": b"caf\xe9\n" * 99}, "“valid.txt” is not in UTF-8: line 1 has invalid bytes"),
        ({"train.txt": b"caf\xe9\n" * 99}, "“train.txt” is not in UTF-8: line 1 has invalid bytes"),
        ({"train.txt": TRAIN, "valid.txt": b"\0" * 99}, "“valid.txt” has a zero byte in line 1"),
        (
            {"train.txt": b"one " * 2_000, "valid.txt": b"one " * 200},
            "The text has too few lines to split off a test part.",
        ),
        (dict.fromkeys(PARTS, b"one " * 2_000), "The text has 2 different words"),
    ],
)
def test_an_invalid_archive_of_texts(files: Files, expected: str, rejection: Callable[..., str]) -> None:
    assert expected in rejection(zipped(files))


def test_limits_apply_to_texts(rejection: Callable[..., str]) -> None:
    assert "more than 1,000 bytes. Leave some of it out." in rejection(story(200), Limits(text=1_000))
    assert "more than 5,000 bytes. Leave some of it out." in rejection(zipped(PARTS), Limits(text=5_000))
    assert "more than 2 files" in rejection(zipped(PARTS), Limits(files=2))
    assert "longer than the 0 seconds" in rejection(story(200), Limits(seconds=0.0))
    assert "unpacks to more than 1,000 bytes" in rejection(zipped(PARTS), Limits(unpacked=1_000))
