"""The result of a latency measurement. Latencies are never predicted."""

from typing import NamedTuple


class Latency(NamedTuple):
    """Latency of one inference at batch 1, in microseconds: median, 10th and 90th percentile of the repeats."""

    median: int
    low: int
    high: int
    repeats: int
    warmup: int  # inferences before the first timed one
    device: str  # name of the machine, such as its processor
    threads: int
    runtime: str  # such as "onnxruntime 1.32.0"
