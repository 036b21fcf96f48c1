"""When whom: moments drawn from a seed. A moment is an event of the log and a delay after it."""

from dataclasses import dataclass
from random import Random
from typing import Any

Json = dict[str, Any]

#: "stopped" is a worker held beyond its lease and let go again; the others are killed.
VICTIMS = ("worker", "coordinator", "web", "postgres", "valkey", "all", "stopped")
MOST_DELAY = 0.5  # seconds: a round of the search lasts about two


@dataclass(frozen=True)
class Moment:
    seq: int
    delay: float  # seconds after that event is in the database
    pick: float  # in [0, 1): which of several, and how

    def __str__(self) -> str:
        return f"event {self.seq} + {self.delay:.2f} s"


def draw(seed: int, victim: str, number: int, attempt: int, last: int) -> Moment:
    """Uniform over the events 1..last and the delay. The next attempt is for a moment that did not count."""
    rng = Random(f"{seed}/{victim}/{number}/{attempt}")
    return Moment(rng.randint(1, last), rng.uniform(0, MOST_DELAY), rng.random())


def last_seq(log: list[Json]) -> int:
    """The last event after which a search still has something to do: what its last turn said comes with its end."""
    return max(int(event["seq"]) for event in log if event["round"] < log[-1]["round"])
