"""Measures latency: onnxruntime runs a network with random weights on this machine, one inference at a time.

The model is written as for an export and runs with onnxruntime's default optimisations, as it would for users of the
file. Only numpy, onnx and onnxruntime are needed.
"""

import contextlib
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime

from search.network.graph import Graph
from search.network.latency import Latency
from search.network.macro import Macro
from search.network.memory_order import network
from search.runtime.context import Interrupted, never_stop
from search.runtime.onnx.session import FAILURES, open_session, session_options
from search.runtime.onnx.writer import TooLarge, model_of, random_inputs, random_weights

THREADS = 1  # by default, as on small devices
WARMUP, REPEATS = 20, 200
MIN_WARMUP, MIN_REPEATS = 1, 10  # where a slow network reaches the time limits below
WARMUP_SECONDS, SECONDS = 2.0, 10.0
NORM_EPSILON = 1e-5  # any value: it does not affect the latency
RUNTIME = f"onnxruntime {onnxruntime.__version__}"

ShouldStop = Callable[[], bool]


class CannotRun(RuntimeError):
    """This machine cannot run the network; the message says why."""


def measure(graph: Graph, macro: Macro, threads: int = THREADS, should_stop: ShouldStop = never_stop) -> Latency:
    """The latency of the network on this machine.

    `should_stop` is called before every inference. Raises BadGraph, CannotRun, MemoryError or Interrupted.
    """
    try:
        return _measure(graph, macro, threads, should_stop)
    except TooLarge as error:
        raise CannotRun(str(error)) from None
    except FAILURES as error:
        raise CannotRun(f"onnxruntime says: {error}") from None


def _measure(graph: Graph, macro: Macro, threads: int, should_stop: ShouldStop) -> Latency:
    program = network(graph, macro)  # in the order of exports
    session = open_session(model_of(program, random_weights(program), NORM_EPSILON, {}), session_options(threads))
    inputs = random_inputs(program)

    def run_once() -> float:
        if should_stop():
            raise Interrupted
        start = time.perf_counter_ns()
        session.run(None, inputs)
        return (time.perf_counter_ns() - start) / 1000

    warmup = _repeat(run_once, WARMUP, MIN_WARMUP, WARMUP_SECONDS)
    times = _repeat(run_once, REPEATS, MIN_REPEATS, SECONDS)
    low, median, high = (round(float(value)) for value in np.percentile(times, (10, 50, 90)))
    return Latency(
        median=max(1, median),
        low=low,
        high=high,
        repeats=len(times),
        warmup=len(warmup),
        device=device(),
        threads=threads,
        runtime=RUNTIME,
    )


def _repeat(run_once: Callable[[], float], limit: int, minimum: int, seconds: float) -> list[float]:
    """Microseconds of each run: `limit` runs, or fewer where `seconds` are over, but at least `minimum`."""
    times: list[float] = []
    while len(times) < minimum or (len(times) < limit and sum(times) < seconds * 1e6):
        times.append(run_once())
    return times


def device() -> str:
    """Description of this machine: processor and operating system."""
    return f"{processor()}, {system()}"


@cache
def processor() -> str:
    """Name of the phone or board, else of the processor."""
    return _board_name() or _cpu_name() or platform.processor() or "unknown processor"


def system() -> str:
    return f"{platform.system()} {platform.machine()}"


def _board_name() -> str:
    """Name of an Android phone, or of a board such as a Raspberry Pi; empty on other machines."""
    getprop = shutil.which("getprop") or shutil.which("getprop", path="/system/bin")  # the path helps in containers
    if getprop:
        command = [getprop, "ro.product.model"]
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return subprocess.run(command, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    return _read("/proc/device-tree/model").strip("\0 \n")


def _cpu_name() -> str:
    for line in _read("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Hardware"):
            return value.strip()
    return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""
