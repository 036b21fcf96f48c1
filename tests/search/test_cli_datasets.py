"""The command line on a person's own data: packing, the cache, and searches on packed data."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from search.__main__ import main
from search.base import serialization
from tests.archives import arrays, folders, npz, tarred, zipped

SMALLEST = ["--space.nodes", "3", "--strategy.candidates", "1", "--evaluator.epochs", "1", "--strategy.patience", "1"]
FILES = folders(each=12)
TEXT = "".join(f"the cat {n % 7} sat on the mat {n % 11} and looked at dog {n % 13}\n" for n in range(300)).encode()


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home") / "cache"
    monkeypatch.setenv("ESPALIER_CACHE", str(folder))
    return folder


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def write_file(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


KINDS: dict[str, Callable[[Path], Path]] = {
    "zip": lambda folder: write_file(folder / "animals.zip", zipped(FILES)),
    "tar.gz": lambda folder: write_file(folder / "animals.tar.gz", tarred(FILES, "gz")),
    "folder": lambda folder: write_folder(folder / "animals", FILES),
    "npz": lambda folder: write_file(folder / "animals.npz", npz(**arrays(40))),
    "text": lambda folder: write_file(folder / "animals.txt", TEXT),
    "folder of texts": lambda folder: write_folder(
        folder / "animals", {"train.txt": TEXT, "valid.txt": TEXT, "test.txt": TEXT}
    ),
}


def packed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[serialization.Json]:
    """The datasets that `cache` lists after this command of it."""
    assert main(["cache", *arguments, "--json"]) == 0
    found: list[serialization.Json] = json.loads(capsys.readouterr().out)["datasets"]
    return found


def times_of(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*/*")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_upload_is_packed_once(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path
) -> None:
    path = KINDS[kind](tmp_path)
    (first,) = packed(capsys, "--add", str(path))
    assert first["path"] == str(path) and first["kind"] == ("text" if "text" in kind else "image")
    written = times_of(cache_folder)
    assert main(["cache", "--add", str(path)]) == 0
    assert f"{path.name} is packed in {cache_folder}: {first['about']} ({first['name']})" in capsys.readouterr().err
    assert times_of(cache_folder) == written


def test_packing_says_where_and_what(tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path) -> None:
    assert main(["cache", "--add", str(KINDS["zip"](tmp_path))]) == 0
    error = capsys.readouterr().err
    assert f"packed animals.zip in {cache_folder}: 24 colour images of 8×8 pixels in 2 classes (" in error


def test_a_folder_and_an_archive_with_equal_images_are_the_same_dataset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["cache", "--add", str(KINDS["zip"](tmp_path))])
    capsys.readouterr()
    both = packed(capsys, "--add", str(KINDS["folder"](tmp_path)))
    assert len(both) == 2 and both[0]["name"] == both[1]["name"]


def test_a_folder_is_packed_again_once_it_has_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = KINDS["folder"](tmp_path)
    (before,) = packed(capsys, "--add", str(folder))
    os.utime(folder / "cat" / "1.png", (1, 1))
    (folder / "cat" / "1.png").chmod(0o600)
    assert len(packed(capsys, "--add", str(folder))) == 1  # the same content
    (folder / "cat" / "1.png").unlink()
    assert {row["about"] for row in packed(capsys, "--add", str(folder))} == {
        before["about"], "23 colour images of 8×8 pixels in 2 classes",
    }  # fmt: skip


def test_the_options_of_uploads_are_options_of_the_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_folder(tmp_path / "large", folders(each=12, size=(20, 14)))
    (small,) = packed(capsys, "--add", str(path), "--data.side", "10")
    assert "images of 10×10 pixels" in small["about"] and small["options"] == {"side": 10}
    text = KINDS["text"](tmp_path)
    rows = packed(capsys, "--add", str(text), "--data.vocabulary", "100", "--data.tokens", "blanks")
    assert {"tokens": "blanks", "vocabulary": 100} in [row["options"] for row in rows]


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("text", ["--data.side", "10"], "--data.side does not apply: animals.txt holds a text"),
        ("zip", ["--data.vocabulary", "100"], "--data.vocabulary does not apply: animals.zip holds images"),
    ],
)
def test_an_option_of_other_data_is_refused(
    kind: str, options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cache", "--add", str(KINDS[kind](tmp_path)), *options]) == 2
    assert message in capsys.readouterr().err
    assert packed(capsys) == []


def test_options_of_data_do_not_apply_to_a_built_in_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--dataset", "digits", "--data.side", "16", "--out", str(tmp_path / "out")]) == 2
    assert "--data.side does not apply: digits is built in" in capsys.readouterr().err


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a single class": (
        lambda folder: write_file(folder / "data", zipped(folders(["cat"]))),
        "All images are of one class, “cat”. Add images of another class.",
    ),
    "a damaged archive": (
        lambda folder: write_file(folder / "data", tarred(FILES, "gz")[:-300]),
        "The archive is damaged or was cut off",
    ),
    "a path that leads out": (
        lambda folder: write_file(folder / "data", tarred({"../cat/1.png": b""})),
        "“../cat/1.png” leads out of the archive.",
    ),
    "other files": (
        lambda folder: write_folder(folder / "data", FILES | {"cat/notes.md": b"# Cats"}),
        "The archive contains 1 file other than PNG and JPEG: “cat/notes.md”.",
    ),
    "an empty folder": (lambda folder: write_folder(folder / "data", {}), "The folder “data” is empty."),
    "a short text": (
        lambda folder: write_file(folder / "data", b"A cat.\n"),
        "The text has too few lines to split off a validation part.",
    ),
    "another file": (lambda folder: write_file(folder / "data", b"\x7fELF\0\0"), "neither a supported archive nor a"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_data_that_the_studio_refuses_are_refused_with_its_sentence(
    what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path
) -> None:
    make, sentence = REFUSED[what]
    if what == "an empty folder":
        (tmp_path / "data").mkdir()
    path = make(tmp_path)
    assert main(["run", "--dataset", str(path), "--out", str(tmp_path / "out")]) == 2
    assert sentence in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["data"]
    assert [file.name for file in cache_folder.rglob("*") if file.name != "lock"] == []


def test_a_link_in_a_folder_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = KINDS["folder"](tmp_path)
    (folder / "cat" / "link.png").symlink_to(folder / "dog" / "1.png")
    assert main(["cache", "--add", str(folder)]) == 2
    assert "“cat/link.png” is a link. An archive may only contain regular files." in capsys.readouterr().err


def test_two_names_of_one_file_are_two_images(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = KINDS["folder"](tmp_path)
    (folder / "cat" / "again.png").hardlink_to(folder / "cat" / "1.png")
    (row,) = packed(capsys, "--add", str(folder))
    assert row["about"].startswith("25 colour images")


def test_a_dataset_that_does_not_exist_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--dataset", "photos.zip", "--out", str(tmp_path / "out")]) == 2
    assert "there is no dataset 'photos.zip'; the datasets are digits, python-docs, and" in capsys.readouterr().err


def test_a_built_in_name_wins_over_a_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_file(tmp_path / "digits", b"not a dataset")
    assert main(["run", *SMALLEST, "--out", "out"]) == 0
    assert not (tmp_path / "out" / "dataset.json").exists()


def test_clearing_deletes_only_what_was_packed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path
) -> None:
    main(["cache", "--add", str(KINDS["zip"](tmp_path))])
    (cache_folder / "files" / "notes.txt").write_text("mine")
    left = cache_folder / "reading-of-a-dead-process"
    left.mkdir()
    capsys.readouterr()
    assert packed(capsys, "--clear") == []
    assert {file.name for file in cache_folder.rglob("*") if file.is_file()} == {"lock", "notes.txt"}
    assert not left.exists()


def test_a_damaged_file_of_the_cache_is_packed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path
) -> None:
    path = KINDS["zip"](tmp_path)
    before = packed(capsys, "--add", str(path))
    for file in (cache_folder / "files").iterdir():
        file.write_bytes(b"damaged")
    assert packed(capsys, "--add", str(path)) == before
    assert main(["cache", "--add", str(path)]) == 0 and " is packed in " in capsys.readouterr().err


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> serialization.Json:
    assert main(list(arguments)) == 0
    result: serialization.Json = json.loads(capsys.readouterr().out.splitlines()[-1])
    return result


def test_a_search_on_a_file_resumes_without_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = KINDS["zip"](tmp_path), tmp_path / "out"
    first = run(capsys, "run", "--dataset", str(path), *SMALLEST, "--out", str(out))
    assert first["status"] == "finished" and first["repeat"]["test_accuracy"] is not None
    started = json.loads((out / "events.jsonl").read_bytes().splitlines()[0])["payload"]["task"]
    assert started["data"]["kind"] == "image" and len(started["data"]["file"]) == 64
    assert started["data"]["test_file"] is None  # a search never sees the test part
    path.unlink()
    again = run(capsys, "resume", str(out))
    assert again | {"seconds": 0} == first | {"seconds": 0}


def test_a_search_on_a_text_runs_by_the_name_of_the_packed_dataset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = packed(capsys, "--add", str(KINDS["text"](tmp_path)))
    out = str(tmp_path / "out")
    result = run(capsys, "run", "--dataset", row["name"], "--hidden", "8", *SMALLEST, "--out", out)
    assert result["repeat"]["test_perplexity"] > 1


def test_the_published_recipe_validates_on_the_packed_test_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    x = np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8)
    path = write_file(tmp_path / "animals.npz", npz(x=x, y=np.arange(40) % 2))
    out = tmp_path / "out"
    run(capsys, "run", "--dataset", str(path), *SMALLEST, "--evaluator.recipe", "published", "--out", str(out))
    task = json.loads((out / "search.json").read_bytes())["task"]
    assert task["data"]["test_file"] is not None


def test_once_the_cache_is_cleared_resume_says_which_file_to_pack_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = write_folder(tmp_path / "my pictures", folders(each=12, size=(9, 9))), str(tmp_path / "out")
    run(capsys, "run", "--dataset", str(path), "--data.side", "8", *SMALLEST, "--out", out)
    (tmp_path / "out" / "result.json").unlink()  # as after a kill during the last training
    main(["cache", "--clear"])
    capsys.readouterr()
    assert main(["resume", out]) == 2
    command = f"python -m search cache --add '{path}' --data.side 8"
    assert f"pack the file again: `{command}`" in capsys.readouterr().err
    assert main(["cache", "--add", str(path), "--data.side", "8"]) == 0
    assert main(["resume", out]) == 0


def test_a_search_finds_the_cache_that_it_was_started_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = KINDS["zip"](tmp_path)
    run(capsys, "run", "--dataset", str(path), "--cache", "mine", *SMALLEST, "--out", "out")
    monkeypatch.chdir("/")
    (tmp_path / "out" / "result.json").unlink()  # as after a kill during the last training
    assert main(["resume", str(tmp_path / "out")]) == 0
    (tmp_path / "out" / "result.json").unlink()
    shutil.rmtree(tmp_path / "mine")
    capsys.readouterr()
    assert main(["resume", str(tmp_path / "out")]) == 2
    assert f"cache --add {path} --cache {tmp_path / 'mine'}`" in capsys.readouterr().err


def test_an_invalid_budget_is_refused_before_the_data_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path
) -> None:
    path = KINDS["zip"](tmp_path)
    assert main(["run", "--dataset", str(path), "--budget", "params=lots", "--out", str(tmp_path / "out")]) == 2
    assert not cache_folder.exists()
