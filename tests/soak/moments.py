"""Moments drawn from a seed. A moment is an event of the log and a delay after it."""

from dataclasses import dataclass
from random import Random

from search.base.serialization import Json

#: "stopped" is a worker stopped until its lease has run out, then continued; the others are killed.
VICTIMS = ("worker", "coordinator", "web", "postgres", "valkey", "all", "stopped")
MAX_DELAY = 0.5  # seconds: a round of the search lasts about two


@dataclass(frozen=True)
class Moment:
    seq: int
    delay: float  # seconds after that event is in the database
    pick: float  # in [0, 1): selects one of several processes, and how to disturb it

    def __str__(self) -> str:
        return f"event {self.seq} + {self.delay:.2f} s"


def draw(seed: int, victim: str, number: int, attempt: int, last: int) -> Moment:
    """Uniform over the events 1..last and the delay. `attempt` counts moments that did not count."""
    rng = Random(f"{seed}/{victim}/{number}/{attempt}")
    return Moment(rng.randint(1, last), rng.uniform(0, MAX_DELAY), rng.random())


def last_seq(log: list[Json]) -> int:
    """The last event after which the search still has work: the events of its last turn come with its end."""
    return max(int(event["seq"]) for event in log if event["round"] < log[-1]["round"])
