"""Hard limits, what breaks them, and why, in words."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.network.cost import Cost

Limit = Literal["params", "macs", "peak_memory", "latency"]
LIMITS: tuple[Limit, ...] = ("params", "macs", "peak_memory", "latency")
UNITS: dict[Limit, str] = {
    "params": "parameters",
    "macs": "MACs",
    "peak_memory": "bytes of peak activation memory",
    "latency": "microseconds of latency",
}


class Infeasible(ValueError):
    """No graph that the search could reach fits the budget."""


class Over(NamedTuple):
    """A limit that is broken: the cost's value against what is allowed."""

    limit: Limit
    value: int
    allowed: int

    @property
    def sentence(self) -> str:
        excess = self.value - self.allowed
        return f"{self.value:,} {UNITS[self.limit]} is {excess:,} over the limit of {self.allowed:,}"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a network may cost; None is no limit. `peak_memory` is in bytes, in the order that the network runs in."""

    params: int | None = None
    macs: int | None = None
    peak_memory: int | None = None
    latency: int | None = None  # microseconds, median, measured on `device`
    device: str | None = None  # a device's id; None: the workers of this installation
    bytes_per_element: int = 4  # what is trained and exported here computes in float32

    def __post_init__(self) -> None:
        for limit in LIMITS:
            allowed = self.allowed(limit)
            if allowed is not None and allowed < 1:
                raise ValueError(f"a limit on {UNITS[limit]} must be at least 1, not {allowed}")
        if self.bytes_per_element not in (1, 2, 4, 8):
            raise ValueError(f"bytes_per_element must be 1, 2, 4 or 8, not {self.bytes_per_element}")

    def allowed(self, limit: Limit) -> int | None:
        value: int | None = getattr(self, limit)
        return value

    def over(self, cost: Cost) -> tuple[Over, ...]:
        """The limits that this cost breaks."""
        return tuple(
            Over(limit, value, allowed)
            for limit in LIMITS
            if (allowed := self.allowed(limit)) is not None and (value := spent(cost, limit)) > allowed
        )

    def budget_utilisation(self, cost: Cost) -> float:
        """Largest share of a limit that this cost uses: above 1 it does not fit; 0 where there is no limit."""
        return max((spent(cost, limit) / allowed for limit in LIMITS if (allowed := self.allowed(limit))), default=0.0)


def spent(cost: Cost, limit: Limit) -> int:
    """What a cost says on one limit; of a latency that was not measured, 0: nothing is known against it."""
    if limit == "peak_memory":
        return cost.peak_memory.live if cost.peak_memory.optimal is None else cost.peak_memory.optimal
    if limit == "latency":
        return cost.latency or 0
    return cost.params if limit == "params" else cost.macs
