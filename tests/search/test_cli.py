"""The command line, as a person types it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from search import exports
from search.__main__ import main

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
    assert set(result["peak_memory"]) == {"io", "live", "optimal"}  # type: ignore[call-overload]


def test_list_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    result = output(capsys, "list", "--json")
    assert set(result) == {"strategies", "spaces", "datasets", "proxies", "presets", "exports"}
    assert result["strategies"] == ["autoshrink"] and result["exports"] == list(exports.EXPORTS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["inspect", "nothing"], "'nothing' is neither a file nor one of shrinkcnn-a"),
        (["run", "--dataset", "mnist", "--out", "OUT"], "there is no dataset 'mnist'; there are digits"),
        (["run", "--strategy", "magic", "--out", "OUT"], "there is no strategy 'magic'"),
        (["run", "--budget", "params=lots", "--out", "OUT"], "'params=lots' is no limit; write one like params=60000"),
        (["run", "--budget", "params=10", "--out", "OUT"], "even for the smallest cell"),
        (["run", "--nodes", "99", "--out", "OUT"], "nodes: must be from 2 to 16, not 99"),
        (["resume", "OUT"], "holds no search"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_in_words(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path) if a == "OUT" else a for a in arguments]) == 2
    assert says in capsys.readouterr().err


def test_a_file_that_is_no_architecture_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "architecture.json"
    broken.write_text('{"graph": {"nodes": []}}')
    assert main(["inspect", str(broken)]) == 2
    assert "is no architecture" in capsys.readouterr().err


def test_run_searches_trains_tests_and_leaves_what_resume_reads_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "search")
    arguments = ["--nodes", "4", "--candidates", "2", "--epochs", "1", "--budget", "params=15000", "--seed", "3"]
    result = output(capsys, "run", "--dataset", "digits", "--strategy", "autoshrink", *arguments, "--out", out)
    assert {
        "status", "params", "macs", "peak_memory", "val_accuracy", "test_accuracy", "steps", "candidates", "seconds",
    } <= set(result)  # fmt: skip
    assert result["status"] == "finished" and int(result["params"]) <= 15_000  # type: ignore[call-overload]
    log = (tmp_path / "search" / "events.jsonl").read_bytes()
    inspected = output(capsys, "inspect", f"{out}/architecture.json", "--json")
    assert inspected["params"] == result["params"]
    again = output(capsys, "resume", out)
    assert (tmp_path / "search" / "events.jsonl").read_bytes() == log
    assert {**again, "seconds": 0} == {**result, "seconds": 0}


def test_the_vocabulary_starts_without_torch() -> None:
    code = "import sys, search.__main__; assert 'torch' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
