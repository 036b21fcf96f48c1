"""What a measurement of latency says: never a prediction."""

from typing import NamedTuple


class Latency(NamedTuple):
    """Microseconds of one inference at batch 1: the median of the repeats, and the 10th and 90th percentiles."""

    median: int
    low: int
    high: int
    repeats: int
    warmup: int  # inferences before the first that counts
    device: str  # the machine in words, such as its processor
    threads: int
    runtime: str  # such as "onnxruntime 1.32.0"
