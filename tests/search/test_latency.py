"""Latency measurements, and the description of the machine."""

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


def fresh_device_name() -> str:
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
    remaining = iter(range(calls))
    return lambda: next(remaining, None) is None


def test_a_latency_has_median_percentiles_and_conditions(capfd: pytest.CaptureFixture[str]) -> None:
    measured = measure(CELL, IMAGES)
    assert 0 < measured.low <= measured.median <= measured.high
    assert measured == measured._replace(
        repeats=REPEATS, warmup=WARMUP, device=device(), threads=1, runtime=f"onnxruntime {onnxruntime.__version__}"
    )
    assert capfd.readouterr() == ("", "")


def test_a_language_model_is_measured_per_token() -> None:
    macro: Macro = TextMacro(vocabulary=20, hidden=4)
    assert measure(rnn.dense(3, seed=0), macro).median > 0


def test_single_inferences_of_the_given_network_are_timed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a clock that advances by a millisecond per inference."""
    shapes: list[tuple[int, ...]] = []

    class Session:
        def run(self, names: None, feed: dict[str, Any]) -> None:
            shapes.append(feed["images"].shape)

    monkeypatch.setattr(latency, "open_session", lambda model, settings: Session())
    monkeypatch.setattr("time.perf_counter_ns", lambda: len(shapes) * 1_000_000)
    measured = measure(cnn.dense(3), cnn.search_macro((3, 48, 48), 10))
    assert (measured.low, measured.median, measured.high) == (1000, 1000, 1000)
    assert shapes == [(1, 3, 48, 48)] * (WARMUP + REPEATS)


def test_a_network_that_is_too_large_for_a_file_is_refused_before_drawing_weights(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("search.runtime.onnx.writer._draw", raises(AssertionError("weights were drawn")))
    assert main(["measure", "shrinkrnn", "--vocabulary", "1000000"]) == 1
    assert capsys.readouterr().err == (
        "search: this machine cannot run shrinkrnn: "
        "its weights take 3,046,162,800 bytes, and a single ONNX file holds at most 2,000,000,000\n"
    )


def raises(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("random_inputs", MemoryError("Unable to allocate 4.26 PiB"), "out of memory. Unable to allocate 4.26 PiB"),
        ("open_session", native.RuntimeException("bad allocation"), "onnxruntime says: bad allocation"),
        ("_repeat", native.Fail("no kernel"), "onnxruntime says: no kernel"),
    ],
)
def test_a_network_that_the_machine_cannot_run_is_reported(
    name: str, error: Exception, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(latency, name, raises(error))
    assert main(["measure", "shrinkrnn", "--vocabulary", "10", "--hidden", "4"]) == 1
    assert capsys.readouterr().err == f"search: this machine cannot run shrinkrnn: {message}\n"


def test_a_slow_network_has_fewer_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "SECONDS", 0.0)
    monkeypatch.setattr(latency, "WARMUP_SECONDS", 0.0)
    measured = measure(CELL, IMAGES)
    assert (measured.repeats, measured.warmup) == (latency.MIN_REPEATS, latency.MIN_WARMUP)


def test_the_percentiles_do_not_include_the_warm_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each run takes one microsecond longer than the previous one."""
    ticks = iter(range(10_000_000))

    def clock() -> int:
        number = next(ticks)
        run, is_end = divmod(number, 2)
        return run * 10_000_000 + is_end * (run + 1) * 1000

    monkeypatch.setattr("time.perf_counter_ns", clock)
    measured = measure(CELL, IMAGES)
    first, last = WARMUP + 1, WARMUP + REPEATS
    assert measured.median == round((first + last) / 2)
    assert (measured.low, measured.high) == (round(first + 0.1 * (REPEATS - 1)), round(first + 0.9 * (REPEATS - 1)))


@pytest.mark.parametrize("calls", [0, 5, WARMUP + 5])
def test_it_stops_between_two_inferences(calls: int) -> None:
    with pytest.raises(Interrupted):
        measure(CELL, IMAGES, should_stop=after(calls))


def test_the_outcome_of_measuring_is_the_latency() -> None:
    outcome = execute(work(), Context())
    assert outcome["status"] == "ok" and outcome.keys() == {"status", "latency", "numerics"}
    assert serialization.decode(Latency, serialization.loads(serialization.dumps(outcome["latency"]))).threads == 1


def test_it_uses_the_threads_of_the_worker() -> None:
    assert execute(work(), Context(threads=2))["latency"]["threads"] == 2


def test_a_network_that_cannot_be_built_is_bad_work() -> None:
    graph = CELL.to_dict()
    graph["nodes"][1]["op"] = "magic"
    with pytest.raises(BadGraph):
        measure(CELL.from_dict(graph), IMAGES)
    with pytest.raises(BadWork, match="node 1 has the unknown operation 'magic'"):
        execute(work(graph=graph), Context())
    with pytest.raises(BadWork, match="'classes' is missing"):
        execute(work(macro={"kind": "image", "input": [1, 8, 8]}), Context())


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0"}, "Raspberry Pi 4 Model B Rev 1.4, "),
        ({"/proc/cpuinfo": "processor\t: 0\nmodel name\t: Some CPU @ 2 GHz\n"}, "Some CPU @ 2 GHz, "),
        ({"/proc/cpuinfo": "processor\t: 0\nHardware\t: Some board\n"}, "Some board, "),
        ({}, ", "),
    ],
)
def test_the_machine_is_described(files: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latency, "_read", lambda path: files.get(path, ""))
    assert expected in fresh_device_name()
    assert not fresh_device_name().startswith(",")


@pytest.mark.parametrize(
    ("script", "expected"),
    [('[ "$1" = ro.product.model ] && echo "Pixel 7"', "Pixel 7, "), ("exit 1", "Some CPU, ")],
)
def test_a_phone_has_its_model_name(
    script: str, expected: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    getprop = tmp_path / "getprop"
    getprop.write_text(f"#!/bin/sh\n{script}\n")
    getprop.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(latency, "_read", lambda path: "model name: Some CPU" if path == "/proc/cpuinfo" else "")
    assert fresh_device_name().startswith(expected)


def test_measuring_needs_no_torch() -> None:
    code = "import sys, search.runtime.latency; assert not {'torch', 'django', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
