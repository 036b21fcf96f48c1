"""The commands `train` and `export`: full trainings that survive kills, and exports that keep their accuracy."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from search.__main__ import main
from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import UPLOAD_FULL
from search.evaluation.recipes.text import FULL
from search.network import export_formats
from search.runtime.context import LocalFiles
from search.runtime.data.images import load_test_data, to_float
from search.runtime.data.packed import Packed
from search.spaces import cnn, rnn
from tests.archives import npz, zipped

ROOT = Path(__file__).parents[2]
SMALL = {"graph": cnn.dense(3).to_dict(), "macro": serialization.to_jsonable(cnn.search_macro((3, 32, 32), 7))}


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home") / "cache"
    monkeypatch.setenv("ESPALIER_CACHE", str(folder))
    return folder


@pytest.fixture
def small(tmp_path: Path) -> str:
    """An architecture.json of a small cell; its macro is for other images than those of the tests."""
    path = tmp_path / "architecture.json"
    path.write_bytes(serialization.dumps(SMALL | {"found": {"strategy": "autoshrink", "step": 2}}))
    return str(path)


@pytest.fixture
def stripes(tmp_path: Path) -> str:
    """An npz of noisy images with a bright half, which says the class: neither trivial nor impossible."""
    rng = np.random.default_rng(0)
    y = np.arange(240) % 3
    x = rng.integers(0, 160, (240, 8, 8, 3), np.uint8)
    for image, label in zip(x, y, strict=True):
        image[:, :, label] += rng.integers(0, 60, (8, 8), np.uint8)
    path = tmp_path / "stripes.npz"
    path.write_bytes(npz(x=x, y=y))
    return str(path)


@pytest.fixture
def story(tmp_path: Path) -> str:
    rng = np.random.default_rng(0)
    words = [f"word{n}" for n in range(20)]
    lines = [" ".join(words[n] for n in rng.integers(0, 20, 8)) for _ in range(300)]
    path = tmp_path / "story.txt"
    path.write_text("\n".join(lines))
    return str(path)


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> Json:
    assert main(list(arguments)) == 0
    result: Json = json.loads(capsys.readouterr().out.splitlines()[-1])
    return result


def test_a_training_writes_the_network_and_its_result(
    small: str, stripes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    result = output(capsys, "train", small, "--dataset", stripes, "--epochs", "2", "--seed", "5", "--out", str(out))
    assert set(result) == {
        "status", "architecture", "dataset", "seed", "epochs", "best_epoch", "params", "macs", "peak_memory",
        "val_accuracy", "test_accuracy", "seconds",
    }  # fmt: skip
    assert (result["epochs"], result["seed"]) == (2, 5)
    saved = serialization.loads((out / "result.json").read_bytes())
    assert len(saved.pop("curve")) == 2 and saved == result
    architecture = serialization.loads((out / "architecture.json").read_bytes())
    assert architecture["macro"]["input"] == [3, 8, 8] and architecture["macro"]["classes"] == 3
    assert architecture["found"] == {"strategy": "autoshrink", "step": 2}
    assert architecture["trained"]["recipe"] == serialization.to_jsonable(UPLOAD_FULL) | {"epochs": 2}
    assert architecture["trained"]["test_accuracy"] == result["test_accuracy"]
    assert (out / "model.safetensors").exists()


def test_a_preset_a_named_recipe_and_its_settings_can_be_chosen(
    stripes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    recipe = ["--recipe", "studio-proxy", "--recipe.batch", "16", "--recipe.flip", "yes", "--epochs", "1"]
    result = output(capsys, "train", "shrinkcnn-b", "--dataset", stripes, *recipe, "--out", str(out))
    assert result["architecture"] == "shrinkcnn-b"
    trained = serialization.loads((out / "architecture.json").read_bytes())
    assert trained["found"] == {"preset": "shrinkcnn-b"}
    used = trained["trained"]["recipe"]
    assert (used["batch"], used["flip"], used["epochs"], used["schedule"]) == (16, True, 1, "constant")


def test_a_line_per_epoch_is_written_to_standard_error(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", small, "--epochs", "2", "--out", str(tmp_path / "out")]) == 0
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1 of at most 2", "epoch 2 of at most 2"]
    assert "validation loss" in lines[0] and "accuracy" in lines[0]


def test_a_finished_training_repeats_its_result(
    small: str, stripes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", small, "--dataset", stripes, "--epochs", "1", "--out", str(tmp_path / "out")]
    first = output(capsys, *command)
    weights = (tmp_path / "out" / "model.safetensors").stat().st_mtime_ns
    assert output(capsys, *command) == first == output(capsys, "resume", str(tmp_path / "out"))
    assert (tmp_path / "out" / "model.safetensors").stat().st_mtime_ns == weights


@pytest.mark.parametrize("again", ["the same command", "resume"])
def test_a_killed_training_ends_as_an_undisturbed_one(
    again: str, small: str, stripes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", small, "--dataset", stripes, "--epochs", "12", "--recipe.patience", "0", "--out"]
    undisturbed = output(capsys, *command, str(tmp_path / "undisturbed"))
    out = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", "search", *command, str(out)], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stderr is not None
    for line in process.stderr:  # each epoch is reported after its checkpoint
        if line.startswith(b"epoch 3 "):
            break
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (out / "result.json").exists()
    result = output(capsys, *([*command, str(out)] if again != "resume" else ["resume", str(out)]))
    assert result | {"seconds": 0} == undisturbed | {"seconds": 0}
    for name in ("model.safetensors", "architecture.json"):
        assert (out / name).read_bytes() == (tmp_path / "undisturbed" / name).read_bytes()


def test_a_continued_training_says_after_which_epoch(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.runtime.training import checkpoint

    save = checkpoint.save

    def interrupt(*arguments: Any) -> None:
        save(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "save", interrupt)
    assert main(["train", small, "--epochs", "2", "--out", str(tmp_path / "out")]) == 130
    assert f"interrupted; `python -m search resume {tmp_path / 'out'}` continues" in capsys.readouterr().err
    monkeypatch.undo()
    assert main(["resume", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "continuing after epoch 1"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "'nothing' is neither a file nor one of shrinkcnn-a"),
        (["shrinkrnn"], "This is a language model, and the dataset holds images. Pick a text dataset."),
        (["shrinkcnn-a", "--dataset", "python-docs"], "This network takes images, and the dataset is a text."),
        (["shrinkcnn-a", "--recipe", "magic"], "there is no recipe 'magic' for image data; there are autoshrink-proxy"),
        (["shrinkcnn-a", "--recipe", "studio-text"], "there is no recipe 'studio-text' for image data"),
        (["shrinkcnn-a", "--recipe.bptt", "5"], "--recipe.bptt does not apply: recipes for image data have no such"),
        (["shrinkcnn-a", "--epochs", "0"], "recipe.epochs: must be from 1 to 1000, not 0"),
        (["shrinkcnn-a", "--device", "abacus"], "there is no device 'abacus'"),
        (["shrinkcnn-a", "--dataset", "mnist"], "there is no dataset 'mnist'"),
    ],
)
def test_an_invalid_training_is_refused(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_folder_holds_one_training(small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    output(capsys, "train", small, "--epochs", "1", "--out", out)
    assert main(["train", small, "--epochs", "2", "--seed", "1", "--out", out]) == 2
    assert "holds a training with another recipe and seed; choose a folder of its own" in capsys.readouterr().err
    assert main(["run", "--out", out]) == 2
    assert "holds a training; search into a folder of its own" in capsys.readouterr().err


def test_a_checkpoint_of_other_numerics_is_not_thrown_away(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.runtime import execute

    def fail(*_: object) -> Json:
        return {"status": "error", "code": "exception"}

    out = tmp_path / "out"
    monkeypatch.setitem(execute.KINDS, "final", fail)
    assert main(["train", small, "--out", str(out)]) == 1
    assert f"the training failed (exception); `python -m search resume {out}` tries again" in capsys.readouterr().err
    (out / "checkpoint").mkdir()
    (out / "checkpoint" / "checkpoint.pt").touch()
    assert main(["resume", str(out), "--threads", "2"]) == 2
    assert "Choose the same --device and --threads" in capsys.readouterr().err


def test_a_diverged_training_says_what_to_change(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.runtime import execute

    monkeypatch.setitem(execute.KINDS, "final", lambda *_: {"status": "error", "code": "diverged"})
    assert main(["train", small, "--out", str(tmp_path / "out")]) == 1
    assert "try a lower --recipe.learning-rate" in capsys.readouterr().err


def test_a_training_whose_data_left_the_cache_says_which_file_to_pack_again(
    small: str, stripes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.runtime import execute

    monkeypatch.setitem(execute.KINDS, "final", lambda *_: {"status": "error", "code": "exception"})
    assert main(["train", small, "--dataset", stripes, "--epochs", "1", "--out", str(tmp_path / "out")]) == 1
    monkeypatch.undo()
    monkeypatch.setenv("ESPALIER_CACHE", str(tmp_path / "another"))
    (tmp_path / "out" / "dataset.json").write_bytes(
        (tmp_path / "out" / "dataset.json").read_bytes().replace(b"home", b"gone")
    )
    capsys.readouterr()
    assert main(["resume", str(tmp_path / "out")]) == 2
    assert f"python -m search cache --add {stripes}" in capsys.readouterr().err


@pytest.mark.parametrize("packed", [False, True])
def test_the_onnx_file_has_the_stated_accuracy(
    packed: bool, small: str, stripes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], cache_folder: Path
) -> None:
    out = tmp_path / "out"
    data = ["--dataset", stripes] if packed else []
    trained = output(capsys, "train", small, *data, "--recipe.batch", "16", "--epochs", "2", "--out", str(out))
    exported = output(capsys, "export", str(out), "--evaluate")
    assert exported["file"] == str(out / "model.onnx") and exported["format"] == "onnx"
    assert exported["check"]["max_difference"] < 1e-4
    stated = {name: trained[name] for name in ("val_accuracy", "test_accuracy")}
    assert exported["stated"] == stated == exported["measured"]

    # and by onnxruntime alone, with its default options
    architecture = serialization.loads((out / "architecture.json").read_bytes())
    files = LocalFiles(cache_folder / "files")
    entries = [serialization.loads(path.read_bytes()) for path in cache_folder.glob("datasets/*.json")]
    test_file = Packed(entries[0]["files"]["test_data"], files) if packed else None
    images, labels = load_test_data(architecture["dataset"], architecture["trained"]["split"], packed=test_file)
    session = onnxruntime.InferenceSession(out / "model.onnx", providers=["CPUExecutionProvider"])
    (logits,) = session.run(["logits"], {"images": to_float(images).numpy()})
    assert (logits.argmax(1) == labels.numpy()).mean() == trained["test_accuracy"]
    assert 0.4 < trained["test_accuracy"] < 1  # so that the equality says something


def test_the_onnx_file_of_a_language_model_has_the_stated_perplexity(
    story: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = {"graph": rnn.dense(3, 0).to_dict(), "macro": {"kind": "text", "vocabulary": 5, "hidden": 12}}
    (tmp_path / "cell.json").write_bytes(serialization.dumps(cell))
    out = str(tmp_path / "out")
    trained = output(capsys, "train", str(tmp_path / "cell.json"), "--dataset", story, "--epochs", "2", "--out", out)
    recipe = serialization.loads((tmp_path / "out" / "architecture.json").read_bytes())["trained"]["recipe"]
    assert recipe == serialization.to_jsonable(FULL) | {"epochs": 2}
    exported = output(capsys, "export", out, "--evaluate")
    for name in ("val_perplexity", "test_perplexity"):
        assert exported["stated"][name] == trained[name] == pytest.approx(exported["measured"][name], rel=1e-5)


def test_a_search_is_exported_too_and_to_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, target = str(tmp_path / "search"), tmp_path / "cell.onnx"
    output(capsys, "run", "--nodes", "3", "--candidates", "1", "--epochs", "1", "--out", out)
    exported = output(capsys, "export", out, "--out", str(target))
    assert exported["bytes"] == target.stat().st_size and not (tmp_path / "search" / "model.onnx").exists()


@pytest.mark.parametrize("format", export_formats.EXPORTS)
def test_every_format_is_exported(format: str, small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    output(capsys, "train", small, "--epochs", "1", "--out", str(out))
    before = (out / "architecture.json").read_bytes()
    exported = output(capsys, "export", str(out), "--format", format, "--out", str(tmp_path / "exported"))
    assert (tmp_path / "exported").stat().st_size == exported["bytes"] > 0
    output(capsys, "export", str(out), "--format", format)
    assert (out / "architecture.json").read_bytes() == before  # with how it was trained


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["OUT"], "has no model.safetensors and no architecture.json; train a network with `python -m search train"),
        (["TRAINED", "--format", "safetensors", "--evaluate"], "--evaluate runs an ONNX file; it does not apply to"),
    ],
)
def test_an_invalid_export_is_refused(
    arguments: list[str], message: str, small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained = tmp_path / "trained"
    output(capsys, "train", small, "--epochs", "1", "--out", str(trained))
    names = {"OUT": str(tmp_path / "out"), "TRAINED": str(trained)}
    assert main(["export", *[names.get(word, word) for word in arguments]]) == 2
    assert message in capsys.readouterr().err


def test_data_that_cannot_be_used_leave_no_training_behind(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photos.zip").write_bytes(zipped({"cat/1.png": b"no picture"}))
    assert main(["train", small, "--dataset", str(tmp_path / "photos.zip"), "--out", str(tmp_path / "out")]) == 2
    assert "search: " in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
