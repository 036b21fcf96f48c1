"""The command line."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from search.__main__ import main
from search.base import serialization
from search.base.config import option
from search.cli import datasets
from search.network import export_formats
from search.network.latency import Latency
from search.spaces import cnn
from search.spaces.presets import PRESETS
from search.strategies import STRATEGIES
from search.strategies.sampler import strategy as sampler

ROOT = Path(__file__).parents[2]


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    assert main(list(arguments)) == 0
    result: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return result


def test_inspect_prints_the_published_figures(capsys: pytest.CaptureFixture[str]) -> None:
    result = output(capsys, "inspect", "shrinkcnn-a", "--json")
    assert result["macs"] == 383_677_672
    assert (result["params_no_bn"], result["params"]) == (3_600_981, 3_636_301)
    assert (result["nodes"], result["edges"]) == (5, 6)
    assert set(result) == {"params", "params_no_bn", "macs", "peak_memory", "nodes", "edges"}
    assert set(result["peak_memory"]) == {"io", "live", "optimal", "exact"}  # type: ignore[call-overload]


def test_inspect_without_json_prints_the_same_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "shrinkcnn-a"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert "macs  383,677,672" in lines and "peak_memory  io 5,619,712, live 8,429,568, optimal 7,426,048" in lines


def test_list_prints_every_table(capsys: pytest.CaptureFixture[str]) -> None:
    result = output(capsys, "list", "--json")
    assert set(result) == {"strategies", "spaces", "evaluators", "datasets", "presets", "exports", "devices"}
    assert result["strategies"] == ["autoshrink", "random", "evolution", "zico"]
    assert result["exports"] == list(export_formats.EXPORTS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["inspect", "nothing"], "'nothing' is neither a file nor one of shrinkcnn-a"),
        (["inspect", "/dev/zero"], "'/dev/zero' is neither a file nor one of shrinkcnn-a"),
        (["inspect", "/"], "/ is a folder; name the architecture in it, like /architecture.json"),
        (["run", "--dataset", "/dev/zero", "--out", "OUT"], "there is no dataset '/dev/zero'"),
        (["export", "OUT", "--out", "/"], "/ is a folder; name a file in it"),
        (["scale", "shrinkcnn-a", "--budget", "params=9", "--out", "/"], "/ is a folder; name a file in it"),
        (["inspect", ""], "'' is neither a file nor one of shrinkcnn-a"),
        (["export", "OUT", "--out", "/dev/null"], "/dev/null is a device, not a file; choose another name"),
        (["export", "OUT", "--out", "/no/such/model.onnx"], "there is no folder /no/such"),
        (["cache", "--add", "/dev/zero"], "there is no file or folder /dev/zero"),
        (["run", "--dataset", "mnist", "--out", "OUT"], "there is no dataset 'mnist'; the datasets are digits"),
        (["run", "--strategy", "magic", "--out", "OUT"], "there is no strategy 'magic'"),
        (
            ["run", "--budget", "params=lots", "--out", "OUT"],
            "'params=lots' is not a limit; write one like params=60000",
        ),
        (["run", "--budget", "params=10", "--out", "OUT"], "even for the smallest cell"),
        (
            ["run", "--budget", f"params={'9' * 5000}", "--out", "OUT"],
            "params is at most 1,000,000,000,000, and",
        ),
        (["run", "--budget", "params=5", "--budget", "params=6", "--out", "OUT"], "params is given twice"),
        (["run", "--nodes", "99", "--out", "OUT"], "nodes: must be from 2 to 16, not 99"),
        (["run", "--nodes", "9" * 400, "--out", "OUT"], "nodes: must be from 2 to 16, not 999"),
        (
            ["run", "--dataset", "digits", "--hidden", "40", "--out", "OUT"],
            "--space.hidden does not apply: space cnn, on image data, has no such setting",
        ),
        (
            ["run", "--dataset", "python-docs", "--images", "40", "--out", "OUT"],
            "--evaluator.images does not apply: evaluator train, on text data, has no such setting",
        ),
        (
            ["run", "--dataset", "python-docs", "--inherit", "yes", "--out", "OUT"],
            "autoshrink on text data has no evaluator 'inherit'; it has train",
        ),
        (["run", "--strategy", "random", "--patience", "3", "--out", "OUT"], "--strategy.patience does not apply"),
        (["run", "--space", "rnn", "--out", "OUT"], "autoshrink on image data has no space 'rnn'; it has cnn"),
        (["run", "--device", "abacus", "--out", "OUT"], "there is no device 'abacus'; there are cpu and cuda"),
        (["run", "--device", "cuda:99", "--out", "OUT"], "there is no device 'cuda:99' on this machine"),
        (["run", "--out", __file__], "is a file; a search is kept in a folder"),
        (["resume", "OUT"], "holds no search"),
    ],
)
def test_an_invalid_request_is_refused(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "out") if a == "OUT" else a for a in arguments]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", [["run", "--out", ""], ["cache", "--add", ""], ["resume", ""]])
def test_an_empty_path_is_not_the_current_folder(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(command)
    assert "a path, not an empty text" in capsys.readouterr().err


def test_resume_does_not_create_a_folder(tmp_path: Path) -> None:
    assert main(["resume", str(tmp_path / "mistyped")]) == 2
    assert not (tmp_path / "mistyped").exists()


@pytest.mark.parametrize("command", [["run", "--out", "OUT"], ["resume", "OUT"], ["measure", "shrinkcnn-a"]])
@pytest.mark.parametrize("threads", ["0", "100000", "9" * 5000])
def test_the_number_of_threads_is_bounded(
    command: list[str], threads: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main([*[str(tmp_path / "out") if a == "OUT" else a for a in command], "--threads", threads])
    assert "argument --threads: a whole number from 1 to 256" in capsys.readouterr().err


@pytest.mark.parametrize("seed", ["-1", str(2**31), "9" * 5000])
def test_the_seed_is_bounded(seed: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["run", "--out", str(tmp_path / "out"), f"--seed={seed}"])
    assert "argument --seed: a whole number from 0 to 2,147,483,647" in capsys.readouterr().err


def test_an_error_of_the_system_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = str(tmp_path / ("x" * 300))
    assert main(["inspect", long]) == 1
    assert capsys.readouterr().err == f"search: {long}: File name too long\n"


def architecture(**change: object) -> dict[str, object]:
    preset = PRESETS["shrinkcnn-a"]
    return {"graph": preset.graph.to_dict(), "macro": serialization.to_jsonable(preset.macro)} | change


UNFED = {"nodes": [{"id": 0, "op": "input", "rank": 0}, {"id": 1, "op": "conv1", "rank": 1}], "edges": []}
UNKNOWN_OP = {
    "nodes": [{"id": 0, "op": "input", "rank": 0}, {"id": 1, "op": "magic", "rank": 1}],
    "edges": [{"source": 0, "target": 1}],
}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ([], "is not an architecture"),
        ({"graph": {"nodes": []}}, "is not an architecture: not a graph"),
        ({"graph": PRESETS["shrinkcnn-a"].graph.to_dict()}, "is not an architecture: it has no 'macro'"),
        (architecture(graph=UNKNOWN_OP), "node 1 has the unknown operation 'magic'; the operations are sep3, conv1"),
        (architecture(graph=UNFED), "node 1 reads nothing"),
        (
            architecture(macro=serialization.to_jsonable(PRESETS["shrinkcnn-a"].macro) | {"stem_stride": 0}),
            "is not an architecture: input, classes, filters and strides of a network must be at least 1",
        ),
    ],
)
def test_a_file_that_is_not_an_architecture_is_refused(
    written: object, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "architecture.json"
    broken.write_bytes(serialization.dumps(written))
    assert main(["inspect", str(broken)]) == 2
    assert message in capsys.readouterr().err


def test_a_file_that_is_nested_too_deeply_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "architecture.json"
    broken.write_text("[" * 100_000)
    assert main(["inspect", str(broken)]) == 2
    assert "is not an architecture: it is nested too deeply" in capsys.readouterr().err


def test_run_writes_the_answer_and_resume_repeats_its_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "search")
    arguments = ["--nodes", "4", "--candidates", "2", "--epochs", "1", "--budget", "params=15000", "--seed", "3"]
    result = output(capsys, "run", "--dataset", "digits", "--strategy", "autoshrink", *arguments, "--out", out)
    assert set(result) == {
        "status", "params", "macs", "peak_memory", "val_accuracy", "repeat", "steps", "candidates", "seconds",
    }  # fmt: skip
    finished = serialization.loads((tmp_path / "search" / "events.jsonl").read_bytes().splitlines()[-1])
    assert result["val_accuracy"] == finished["payload"]["best"]["quality"]
    assert result["status"] == "finished" and int(result["params"]) <= 15_000  # type: ignore[call-overload]
    log = (tmp_path / "search" / "events.jsonl").read_bytes()
    inspected = output(capsys, "inspect", f"{out}/architecture.json", "--json")
    assert inspected["params"] == result["params"]
    exported = serialization.loads((tmp_path / "search" / "architecture.json").read_bytes())
    assert (
        exported["found"]["strategy"] == "autoshrink"
        and {name: exported["trained"][name] for name in ("val_accuracy", "test_accuracy")} == result["repeat"]
    )
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "result.json").touch()
    assert main(["run", "--out", str(tmp_path / "foreign")]) == 2
    assert "already holds a result.json; search into a folder of its own" in capsys.readouterr().err
    weights = (tmp_path / "search" / "model.safetensors").stat().st_mtime_ns
    assert output(capsys, "resume", out) == result
    assert (tmp_path / "search" / "events.jsonl").read_bytes() == log
    assert (tmp_path / "search" / "model.safetensors").stat().st_mtime_ns == weights, "the answer was trained again"
    (tmp_path / "search" / "model.safetensors").unlink()
    assert output(capsys, "resume", out) | {"seconds": 0} == result | {"seconds": 0}
    assert (tmp_path / "search" / "model.safetensors").exists(), "its files were deleted, and not made again"


def test_a_failed_final_training_is_reported_and_can_be_resumed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from search.runtime import execute

    def fail(*_: object) -> serialization.Json:
        return {"status": "error", "code": "diverged"}

    monkeypatch.setitem(execute.KINDS, "final", fail)
    out = str(tmp_path / "search")
    assert main(["run", "--nodes", "3", "--candidates", "1", "--epochs", "1", "--out", out]) == 1
    assert (
        f"training it once more failed (diverged); `python -m search resume {out}` tries again"
        in capsys.readouterr().err
    )
    monkeypatch.undo()
    assert output(capsys, "resume", out)["status"] == "finished"


def test_a_search_is_not_resumed_on_another_device_or_with_other_threads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "search")
    output(capsys, "run", "--nodes", "2", "--candidates", "1", "--epochs", "1", "--out", out)
    (tmp_path / "search" / "result.json").unlink()  # as after a kill during the last training
    before = {path: path.read_bytes() for path in (tmp_path / "search").rglob("*") if path.is_file()}
    assert main(["resume", out, "--threads", "2"]) == 2
    message = capsys.readouterr().err
    assert f"the search in {out} was begun with torch" in message
    assert "2 threads. Choose the same --device and --threads, or search into a folder of its own" in message
    assert before == {path: path.read_bytes() for path in (tmp_path / "search").rglob("*") if path.is_file()}


@pytest.mark.parametrize("prog", ["python -m search", "espalier search"])
def test_messages_name_the_command_by_which_the_program_was_started(
    prog: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "my search"
    assert main(["resume", str(out)], prog) == 2
    assert f"start one with `{prog} run --out '{out}'`" in capsys.readouterr().err

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(datasets, "open_named", interrupt)  # such as while a file is packed
    out.mkdir()
    assert main(["run", "--out", str(out)], prog) == 130
    assert capsys.readouterr().err == "search: interrupted\n"
    (out / "search.json").touch()
    assert main(["export", str(out)], prog) == 2
    assert f"`{prog} resume '{out}'`" in capsys.readouterr().err


def test_a_setting_has_a_short_name_only_where_that_is_unique_and_free(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass(frozen=True, kw_only=True)
    class Config(sampler.Config):
        nodes: int = option(2, "Nodes", "A name that a space has too.", min=1, max=9)
        seed: int = option(3, "Seed", "A name that an option of the command has.", min=1, max=9)

    monkeypatch.setattr(STRATEGIES["random"], "Config", Config, raising=False)
    assert output(capsys, "list", "--json")["strategies"]
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    words = capsys.readouterr().out.replace(",", " ").split()
    assert {"--strategy.nodes", "--space.nodes", "--strategy.seed", "--seed", "--candidates", "--epochs"} <= set(words)
    assert "--nodes" not in words


def test_measure_prints_the_latency_on_this_machine(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = {"graph": cnn.dense(2).to_dict(), "macro": serialization.to_jsonable(cnn.search_macro((1, 8, 8), 10))}
    (tmp_path / "architecture.json").write_bytes(serialization.dumps(small))
    measured = output(capsys, "measure", str(tmp_path / "architecture.json"), "--json")
    assert set(measured) == set(Latency._fields) and measured["threads"] == 1
    assert main(["measure", str(tmp_path / "architecture.json"), "--threads", "2", "--resolution", "12"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "µs (p10 " in lines[0] and lines[1].endswith(", threads: 2")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing"], "'nothing' is neither a file nor one of shrinkcnn-a"),
        (["shrinkcnn-a", "--hidden", "8"], "--hidden does not apply: shrinkcnn-a is an image network"),
    ],
)
def test_measure_refuses_invalid_networks(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["measure", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_the_command_line_starts_without_torch_and_numpy() -> None:
    code = "import sys, search.__main__; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
