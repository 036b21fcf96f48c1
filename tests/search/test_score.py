"""The command `score`: one score for each architecture string, kept as they come."""

import csv
from pathlib import Path
from typing import Any

import pytest

from search.__main__ import main
from search.data.datasets import ImageData
from search.network.cost import cost_of
from search.runtime import execute
from search.spaces import nasbench201

CELLS = [
    nasbench201.encode(nasbench201.cell_of(dict.fromkeys(nasbench201.SLOTS, op)))
    for op in ("nor_conv_3x3", "skip_connect", "none", "avg_pool_3x3")
]
#: More than two work items.
MANY = [CELLS[i % 4] for i in range(36)]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "scores.csv"


def score(out: Path, *options: str, archs: list[str] = CELLS, space: str = "nasbench201", name: str = "archs") -> int:
    file = out.parent / name
    file.write_text("\n".join(archs) + "\n")
    return main(["score", "--space", space, "--archs", str(file), "--out", str(out), "--batch-size", "4", *options])


def rows(out: Path) -> list[dict[str, str]]:
    with out.open() as file:
        return list(csv.DictReader(file))


def test_writes_a_row_for_each_string_in_their_order(out: Path) -> None:
    assert score(out) == 0
    found = rows(out)
    assert list(found[0]) == ["arch", "score", "seconds"] and [row["arch"] for row in found] == CELLS
    assert float(found[0]["score"]) > float(found[1]["score"]) > 0 and float(found[0]["seconds"]) > 0
    assert [path.name for path in out.parent.iterdir() if "partial" in path.name] == []


def test_writes_a_column_for_each_proxy_where_there_are_several(out: Path) -> None:
    assert score(out, "--proxy", "zico,naswot,params,macs") == 0
    found = rows(out)
    assert list(found[0]) == ["arch", "zico", "naswot", "params", "macs", "seconds"]
    assert float(found[0]["params"]) > float(found[1]["params"])
    one = out.with_name("one.csv")
    assert score(one, "--proxy", "naswot") == 0
    assert [row["score"] for row in rows(one)] == [row["naswot"] for row in found]
    assert found[2]["naswot"] == ""  # no ReLU tells the images of the empty cell apart, so there is no finite score


def test_needs_no_worker_for_scores_in_closed_form(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execute, "attempt", None)
    assert score(out, "--proxy", "params") == 0
    macro = nasbench201.macro(nasbench201.Config(), ImageData(shape=(1, 8, 8), classes=10))
    costs = [cost_of(nasbench201.decode(arch), macro) for arch in CELLS]
    assert [float(row["score"]) for row in rows(out)] == [cost.params for cost in costs]


@pytest.mark.parametrize(
    ("space", "arch"),
    [
        ("nasbench_macro", "01201201"),
        ("cnn", "1:sep3(0) 2:conv1(0,1)"),
        ("chain", "SuperConvK3BNRELU(3,8,1,1)SuperResIDWE6K3(8,16,2,8,1)"),
    ],
)
def test_scores_the_strings_of_every_space_of_images(out: Path, space: str, arch: str) -> None:
    assert score(out, archs=[arch], space=space) == 0
    assert float(rows(out)[0]["score"]) > 0


def interrupt(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores the first work item of MANY, and is interrupted in the second."""
    attempt, calls = execute.attempt, iter(range(10))

    def interrupted(*arguments: Any) -> Any:
        if next(calls) == 1:
            raise KeyboardInterrupt
        return attempt(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(execute, "attempt", interrupted)
        assert score(out, archs=MANY) == 130


def test_continues_after_it_was_interrupted_and_gives_the_same_scores(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = out.with_name("whole.csv")
    assert score(whole, archs=MANY) == 0
    interrupt(out, monkeypatch)
    kept = out.with_name("scores.csv.partial") / "scores.csv"
    assert not out.exists() and len(kept.read_text().splitlines()) == 17
    kept.write_text(kept.read_text() + "half a ro")
    capsys.readouterr()
    assert score(out, archs=MANY) == 0
    assert "continuing after 16 scores" in capsys.readouterr().err
    assert [row["score"] for row in rows(out)] == [row["score"] for row in rows(whole)]


def test_does_not_continue_with_other_settings(
    out: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    interrupt(out, monkeypatch)
    assert score(out, "--seed", "1", archs=MANY) == 2
    assert "begun with another seed; delete the folder, or choose another file" in capsys.readouterr().err
    assert score(out, archs=MANY) == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--proxy", "zicco"], "there is no proxy 'zicco'; the proxies are zico,"),
        (["--proxy", "zico,zico"], "a proxy is named twice"),
        (["--data", "python-docs"], "is a text, and proxies score image networks; choose a dataset of images"),
        (["--batch-size", "1000"], "2 batches of 1000 need 2,000 training images, and there are 1,259; choose smaller"),
        (["--data", "nowhere"], "there is no dataset 'nowhere'"),
    ],
)
def test_says_what_is_wrong_with_a_request(
    out: Path, options: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(out, *options) == 2
    assert why in capsys.readouterr().err and [path.name for path in out.parent.iterdir()] == ["archs"]


def test_names_the_line_of_a_string_that_is_no_graph_of_the_space(
    out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert score(out, archs=[CELLS[0], "", "|none~0|"]) == 2
    assert "line 3 of" in capsys.readouterr().err
    assert score(out, archs=[""]) == 2
    assert "is empty; write one architecture string a line" in capsys.readouterr().err


def test_overwrites_nothing(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out.write_text("mine")
    assert score(out) == 2
    assert "exists; choose another file, or delete it first" in capsys.readouterr().err and out.read_text() == "mine"
