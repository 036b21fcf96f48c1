"""Mean and standard deviation of images per channel, by which networks normalise their input."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from search.base import serialization


class Statistics(NamedTuple):
    """Of pixels in [0, 1], one value per channel."""

    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def of_sums(count: int, totals: Sequence[int], squares: Sequence[int], white: int) -> Statistics:
    """From the sums and the sums of squares of `count` integer pixels per channel, where `white` is 1."""
    # count * squares - total^2 exceeds 64 bits, and is exact in Python's integers
    spread = [count * s - t * t for s, t in zip(squares, totals, strict=True)]
    return Statistics(
        tuple(total / (count * white) for total in totals), tuple(math.sqrt(s) / (count * white) for s in spread)
    )


def to_text(statistics: Statistics) -> str:
    """As packed files store them; `from_text` gives back equal numbers."""
    return serialization.dumps(statistics._asdict()).decode()


def from_text(text: str) -> Statistics:
    stored = serialization.loads(text)
    return Statistics(tuple(stored["mean"]), tuple(stored["deviation"]))
