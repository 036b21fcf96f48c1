"""Latency is measured, and says how."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime
import pytest
from onnxruntime.capi import onnxruntime_pybind11_state as native

from search.__main__ import main
from search.base import serialization
from search.network.graph import BadGraph
from search.network.latency import Latency
from search.network.macro import Macro, TextMacro
from search.runtime import latency
from search.runtime.context import Context, Interrupted
from search.runtime.execute import execute
from search.runtime.latency import REPEATS, WARMUP, device, measure
from search.runtime.work import BadWork
from search.spaces import cnn, rnn

ROOT = Path(__file__).parents[2]
IMAGES = cnn.search_macro((1, 8, 8), 10)
CELL = cnn.dense(2)


def named() -> str:
    latency.processor.cache_clear()
    return device()


def work(**change: object) -> serialization.Json:
    return {
        "kind": "measure",
        "graph": CELL.to_dict(),
        "macro": serialization.to_jsonable(IMAGES),
        "device": None,
        **change,
    }


def after(calls: int) -> Callable[[], bool]:
    left = iter(range(calls))
    return lambda: next(left, None) is None


def test_it_says_the_median_the_spread_and_how_it_was_measured(capfd: pytest.CaptureFixture[str]) -> None:
    found = measure(CELL, IMAGES)
    assert 0 < found.low <= found.median <= found.high
    assert found == found._replace(
        repeats=REPEATS, warmup=WARMUP, device=device(), threads=1, runtime=f"onnxruntime {onnxruntime.__version__}"
    )
    assert capfd.readouterr() == ("", "")


def test_a_language_model_is_measured_by_the_token() -> None:
    macro: Macro = TextMacro(vocabulary=20, hidden=4)
    assert measure(rnn.dense(3, seed=0), macro).median > 0


def test_what_is_timed_is_one_inference_after_another_of_the_network_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a clock that goes on by a millisecond for each inference, whatever else this machine does."""
    fed: list[tuple[int, ...]] = []

    class Session:
        def run(self, names: None, feed: dict[str, Any]) -> None:
            fed.append(feed["images"].shape)

    monkeypatch.setattr(latency, "opened", lambda model, chosen: Session())
    monkeypatch.setattr("time.perf_counter_ns", lambda: len(fed) * 1_000_000)
    found = measure(cnn.dense(3), cnn.search_macro((3, 48, 48), 10))
    assert (found.low, found.median, found.high) == (1000, 1000, 1000)
    assert fed == [(1, 3, 48, 48)] * (WARMUP + REPEATS)


def test_a_network_that_no_file_holds_is_refused_before_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("search.runtime.onnx.writer._drawn", raises(AssertionError("it was drawn")))
    assert main(["measure", "shrinkrnn", "--vocabulary", "1000000"]) == 1
    assert capsys.readouterr().err == (
        "search: this machine cannot run shrinkrnn: "
        "its weights take 3,046,162,800 bytes, and an ONNX file in one piece holds 2,000,000,000\n"
    )


def raises(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("random_inputs", MemoryError("Unable to allocate 4.26 PiB"), "out of memory. Unable to allocate 4.26 PiB"),
        ("opened", native.RuntimeException("bad allocation"), "onnxruntime says: bad allocation"),
        ("_repeat", native.Fail("no kernel"), "onnxruntime says: no kernel"),
    ],
)
def test_what_the_machine_cannot_run_is_said_in_words(
    name: str, error: Exception, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(latency, name, raises(error))
    assert main(["measure", "shrinkrnn", "--vocabulary", "10", "--hidden", "4"]) == 1
    assert capsys.readouterr().err == f"search: this machine cannot run shrinkrnn: {says}\n"


def test_a_slow_network_is_repeated_as_often_as_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "SECONDS", 0.0)
    monkeypatch.setattr(latency, "WARMUP_SECONDS", 0.0)
    found = measure(CELL, IMAGES)
    assert (found.repeats, found.warmup) == (latency.LEAST_REPEATS, latency.LEAST_WARMUP)


def test_the_percentiles_are_those_of_the_repeats_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run takes one microsecond more than the one before."""
    told = iter(range(10_000_000))

    def clock() -> int:
        number = next(told)
        run, is_end = divmod(number, 2)
        return run * 10_000_000 + is_end * (run + 1) * 1000

    monkeypatch.setattr("time.perf_counter_ns", clock)
    found = measure(CELL, IMAGES)
    first, last = WARMUP + 1, WARMUP + REPEATS
    assert found.median == round((first + last) / 2)
    assert (found.low, found.high) == (round(first + 0.1 * (REPEATS - 1)), round(first + 0.9 * (REPEATS - 1)))


@pytest.mark.parametrize("calls", [0, 5, WARMUP + 5])
def test_it_stops_between_two_inferences_when_told_to(calls: int) -> None:
    with pytest.raises(Interrupted):
        measure(CELL, IMAGES, should_stop=after(calls))


def test_work_of_this_kind_has_the_latency_as_its_outcome() -> None:
    outcome = execute(work(), Context())
    assert outcome["status"] == "ok" and outcome.keys() == {"status", "latency", "numerics"}
    assert serialization.decode(Latency, serialization.loads(serialization.dumps(outcome["latency"]))).threads == 1


def test_it_runs_in_as_many_threads_as_its_worker() -> None:
    assert execute(work(), Context(threads=2))["latency"]["threads"] == 2


def test_a_network_that_cannot_be_built_is_bad_work() -> None:
    graph = CELL.to_dict()
    graph["nodes"][1]["op"] = "magic"
    with pytest.raises(BadGraph):
        measure(CELL.from_dict(graph), IMAGES)
    with pytest.raises(BadWork, match="node 1 has the unknown operation 'magic'"):
        execute(work(graph=graph), Context())
    with pytest.raises(BadWork, match="'classes' is missing"):
        execute(work(macro={"input": [1, 8, 8]}), Context())


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"}, "Raspberry Pi 4 Model B Rev 1.4, "),
        ({"/proc/cpuinfo": "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n"}, "Some CPU @ 2 GHz, "),
        ({"/proc/cpuinfo": "processor\t: 0\nHardware\t: Some board\n"}, "Some board, "),
        ({}, ", "),
    ],
)
def test_the_machine_is_named_in_words(files: dict[str, str], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "_read", lambda path: files.get(path, ""))
    assert says in named()
    assert not named().startswith(",")


@pytest.mark.parametrize(
    ("script", "says"),
    [('[ "$1" = ro.product.model ] && echo "Pixel 7"', "Pixel 7, "), ("exit 1", "Some CPU, ")],
)
def test_a_phone_is_asked_for_its_name(script: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    getprop = tmp_path / "getprop"
    getprop.write_text(f"#!/bin/sh\n{script}\n")
    getprop.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(latency, "_read", lambda path: "model name: Some CPU" if path == "/proc/cpuinfo" else "")
    assert named().startswith(says)


def test_measuring_needs_no_torch() -> None:
    code = "import sys, search.runtime.latency; assert not {'torch', 'django', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
