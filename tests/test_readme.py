"""The examples of README.md are run, so that they work when copied."""

import re
import shlex
from pathlib import Path

import pytest
import torch

from search.__main__ import main
from tests.archives import folders, zipped

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z-]+):", re.MULTILINE)
SEARCH = [".venv/bin/python", "-m", "search"]

#: Options appended to a command so that it takes seconds; the last of a repeated option counts.
SMALLER = {
    "run": ["--nodes", "3", "--candidates", "1", "--epochs", "1"],
    "train": ["--epochs", "1"],
    "measure": ["--resolution", "32"],
}


def blocks(language: str) -> list[str]:
    return [body for name, body in BLOCK.findall((ROOT / "README.md").read_text()) if name == language]


def commands() -> list[tuple[list[str], str]]:
    """Every line of the shell blocks, split as the shell does, and its comment."""
    lines = "".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [(shlex.split(line, comments=True), line.partition(" # ")[2]) for line in lines if line.strip()]


def test_every_code_block_is_in_a_language_that_is_run_here() -> None:
    assert {name for name, _ in BLOCK.findall((ROOT / "README.md").read_text())} == {"sh", "python"}


def test_every_command_is_a_make_target_or_of_the_command_line() -> None:
    """So the tests below cover every command."""
    others = [words for words, _ in commands() if words[0] != "make" and words[: len(SEARCH)] != SEARCH]
    assert others == []


def test_every_named_make_target_exists() -> None:
    """They are not run: `make run` serves until it is stopped (tests/e2e starts it), and `make test` is this run."""
    named = {words[1] for words, _ in commands() if words[0] == "make"}
    named |= set(re.findall(r"`make ([a-z-]+)", (ROOT / "README.md").read_text()))
    assert {"run", "test"} <= named <= set(TARGET.findall((ROOT / "Makefile").read_text()))


def test_the_commands_and_the_python_example_work_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ESPALIER_CACHE", str(tmp_path / "cache"))
    (tmp_path / "photos.zip").write_bytes(zipped(folders(each=12, size=(40, 50))))
    (tmp_path / "cells.txt").write_text("|nor_conv_1x1~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|\n")
    ran = []
    for words, comment in commands():
        if words[0] == "make":
            continue
        arguments = words[len(SEARCH) :]
        assert main([*arguments, *SMALLER.get(arguments[0], [])]) == 0, arguments
        output = capsys.readouterr().out
        figures = re.findall(r"\d[\d,]+", comment)
        assert all(figure in output for figure in figures), (comment, output)
        ran.append(arguments[0])
    assert {"run", "resume", "train", "export", "cache", "inspect", "measure", "score", "list"} <= set(ran)

    monkeypatch.chdir(tmp_path / "runs" / "first")
    [example] = blocks("python")
    names: dict[str, object] = {}
    exec(compile(example, "README.md", "exec"), names)
    network = names["network"]
    assert isinstance(network, torch.nn.Module) and not network.training
    assert network(torch.rand(2, 1, 8, 8, generator=torch.Generator().manual_seed(0))).shape == (2, 10)
