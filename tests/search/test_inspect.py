"""`python -m search inspect` and `scale`: published figures, other sizes, and error messages."""

import json
from pathlib import Path

import pytest

from search.__main__ import main
from search.base.serialization import Json


def output(capsys: pytest.CaptureFixture[str], *arguments: str) -> Json:
    assert main([*arguments, "--json"]) == 0
    result: Json = json.loads(capsys.readouterr().out)
    return result


@pytest.mark.parametrize(
    ("arguments", "figures"),
    [
        (["shrinkcnn-a"], (3_636_301, 3_600_981, 383_677_672)),
        (["shrinkcnn-b"], (3_636_301, 3_600_981, 383_677_672)),
        (["shrinkcnn-a", "--classes", "1000"], (3_635_020, 3_599_700, 383_676_392)),
        (["shrinkrnn"], (23_000_700, 23_000_700, 22_990_700)),
        (["shrinkrnn", "--vocabulary", "7002", "--hidden", "100"], (987_202, 987_202, 980_200)),
    ],
)
def test_the_published_networks_have_the_published_figures(
    capsys: pytest.CaptureFixture[str], arguments: list[str], figures: tuple[int, int, int]
) -> None:
    found = output(capsys, "inspect", *arguments)
    assert (found["params"], found["params_no_bn"], found["macs"]) == figures
    assert found["peak_memory"]["exact"] is True


def test_another_resolution_changes_only_macs_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    whole = output(capsys, "inspect", "shrinkcnn-a", "--resolution", "224")
    half = output(capsys, "inspect", "shrinkcnn-a", "--resolution", "112")
    assert half["params"] == whole["params"] and 0.24 < half["macs"] / whole["macs"] < 0.27
    assert half["peak_memory"]["optimal"] * 4 == whole["peak_memory"]["optimal"] == 7_426_048


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["shrinkcnn-a", "--hidden", "5"],
            "--hidden does not apply: shrinkcnn-a is an image network, which has --classes",
        ),
        (
            ["shrinkrnn", "--classes", "5"],
            "--classes does not apply: shrinkrnn is a language model, which has --vocabulary",
        ),
        (["shrinkrnn", "--resolution", "5"], "--resolution does not apply"),
        (["nothing"], "'nothing' is neither a file nor one of"),
    ],
)
def test_an_option_for_another_kind_of_network_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["inspect", *arguments]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("size", "most"),
    [("classes", "1,000,000"), ("resolution", "2,048"), ("vocabulary", "1,000,000"), ("hidden", "8,192")],
)
@pytest.mark.parametrize("value", ["0", str(10**20), "9" * 5000])
def test_sizes_have_bounds(capsys: pytest.CaptureFixture[str], size: str, most: str, value: str) -> None:
    with pytest.raises(SystemExit):
        main(["inspect", "shrinkcnn-a", f"--{size}", value])
    assert f"argument --{size}: a whole number from 1 to {most}\n" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["shrinkcnn-a", "shrinkrnn"])
def test_the_order_peaks_at_the_peak_memory(capsys: pytest.CaptureFixture[str], name: str) -> None:
    found = output(capsys, "inspect", name, "--order")
    assert max(step["held"] for step in found["order"]) == found["peak_memory"]["optimal"]


def test_order_without_json_prints_a_line_per_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "shrinkrnn", "--order"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["42,980", "decoder"]


def test_a_scaled_network_can_be_inspected(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "scaled.json"
    budget = ["--budget", "params=60000,macs=4000000", "--budget", "peak_memory=60000,bytes_per_element=1"]
    scaled = output(capsys, "scale", "shrinkcnn-b", "--dataset", "digits", *budget, "--out", str(file))
    assert scaled["macro"]["input"] == [1, 8, 8] and scaled["macro"]["activation"] == "swish"
    assert scaled["shares"][scaled["limited_by"]] == max(scaled["shares"].values()) <= 1
    assert output(capsys, "inspect", str(file))["params"] == scaled["cost"]["params"] <= 60_000


def test_scaling_takes_the_bytes_per_element(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["scale", "shrinkcnn-a", "--resolution", "96", "--budget", "macs=60000000,peak_memory=250000"]
    scaled = output(capsys, *arguments, "--bytes-per-element", "1")
    assert scaled["cost"]["peak_memory"]["optimal"] <= 250_000
    assert scaled["cost"]["macs"] > 2 * output(capsys, *arguments)["cost"]["macs"]  # with 4 bytes, memory is the limit


def test_a_file_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["scale", "shrinkrnn", "--budget", "params=23000700", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"search: {tmp_path} is a folder; name a file in it\n"


def test_scale_without_json_prints_the_network_and_its_share_of_the_budget(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scale", "shrinkrnn", "--budget", "params=23000700"]) == 0
    first, *_, last = capsys.readouterr().out.splitlines()
    assert "hidden size 745, vocabulary 10,000" in first and "params 100.0%" in last


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["shrinkcnn-a", "--budget", "params=5"],
            "No network of this cell fits. The smallest, one cell of 4 filters, needs",
        ),
        (["shrinkcnn-a", "--budget", "bytes_per_element=1"], "Give a limit to scale to"),
        (["shrinkcnn-a", "--budget", "macs=60000000,latency=1"], "cannot measure latency; leave that limit out"),
        (
            ["shrinkcnn-a", "--budget", "macs=6,bytes_per_element=4", "--bytes-per-element", "1"],
            "bytes_per_element is given twice",
        ),
        (["shrinkrnn", "--family", "search", "--budget", "params=5"], "--family does not apply: shrinkrnn is a"),
        (["shrinkcnn-a", "--budget", "weight=5"], "'weight=5' is not a limit"),
        (["shrinkrnn", "--dataset", "digits", "--budget", "params=5"], "the dataset holds images"),
        (["shrinkrnn", "--resolution", "8", "--budget", "params=5"], "--resolution does not apply"),
    ],
)
def test_an_invalid_request_to_scale_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    assert main(["scale", *arguments]) == 2
    assert sentence in capsys.readouterr().err
