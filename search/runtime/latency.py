"""Latency, measured: a network with drawn weights is run by onnxruntime on this machine, one inference at a time.

Nothing here estimates. What is measured is what an export would take: the same file, written by the same writer, with
onnxruntime's optimisations, as whoever opens it has them. Needs numpy, onnx and onnxruntime alone.
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
from search.runtime.context import Interrupted, never
from search.runtime.onnx.session import FAILURES, opened, options
from search.runtime.onnx.writer import TooLarge, model_of, random_inputs, random_weights

THREADS = 1  # as small devices run it; more only where they are asked for
WARMUP, REPEATS = 20, 200
LEAST_WARMUP, LEAST_REPEATS = 1, 10  # of a network so slow that the time runs out
WARMUP_SECONDS, SECONDS = 2.0, 10.0
NORM_EPSILON = 1e-5  # folded into drawn weights, so any will do
RUNTIME = f"onnxruntime {onnxruntime.__version__}"

ShouldStop = Callable[[], bool]


class CannotRun(RuntimeError):
    """This machine cannot run the network; the message says why."""


def measure(graph: Graph, macro: Macro, threads: int = THREADS, should_stop: ShouldStop = never) -> Latency:
    """Raises BadGraph, CannotRun, MemoryError, and Interrupted if told to stop; it asks before every inference."""
    try:
        return _measured(graph, macro, threads, should_stop)
    except TooLarge as error:
        raise CannotRun(str(error)) from None
    except FAILURES as error:
        raise CannotRun(f"onnxruntime says: {error}") from None


def _measured(graph: Graph, macro: Macro, threads: int, should_stop: ShouldStop) -> Latency:
    program = network(graph, macro)  # in the order that exports have
    session = opened(model_of(program, random_weights(program), NORM_EPSILON, {}), options(threads))
    feed = random_inputs(program)

    def once() -> float:
        if should_stop():
            raise Interrupted
        began = time.perf_counter_ns()
        session.run(None, feed)
        return (time.perf_counter_ns() - began) / 1000

    warmup = _repeat(once, WARMUP, LEAST_WARMUP, WARMUP_SECONDS)
    times = _repeat(once, REPEATS, LEAST_REPEATS, SECONDS)
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


def _repeat(once: Callable[[], float], most: int, least: int, seconds: float) -> list[float]:
    """Microseconds of each run: `most` of them, or as many as take so long together, but `least`."""
    times: list[float] = []
    while len(times) < least or (len(times) < most and sum(times) < seconds * 1e6):
        times.append(once())
    return times


def device() -> str:
    """This machine in words."""
    return f"{processor()}, {system()}"


@cache
def processor() -> str:
    """The name of a phone or a board, or of the processor."""
    return _model() or _processor() or platform.processor() or "unknown processor"


def system() -> str:
    return f"{platform.system()} {platform.machine()}"


def _model() -> str:
    """Of a phone, or of a board such as a Raspberry Pi; of others nothing."""
    getprop = shutil.which("getprop") or shutil.which("getprop", path="/system/bin")  # Android's, also from a container
    if getprop:
        asked = [getprop, "ro.product.model"]
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            return subprocess.run(asked, capture_output=True, text=True, timeout=5, check=True).stdout.strip()
    return _read("/proc/device-tree/model").strip("\0 \n")


def _processor() -> str:
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
