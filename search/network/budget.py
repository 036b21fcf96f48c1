"""Hard limits on a network's cost, and the violations of them."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.network.cost import Cost, cost_of
from search.network.graph import Graph
from search.network.limits import BOUNDS
from search.network.macro import Macro

Limit = Literal["params", "macs", "peak_memory", "latency"]
LIMITS: tuple[Limit, ...] = ("params", "macs", "peak_memory", "latency")


class LimitWords(NamedTuple):
    """How texts write a limit: as a noun, and after a number in full and in short."""

    noun: str
    unit: str
    short_unit: str


LIMIT_WORDS: dict[Limit, LimitWords] = {
    "params": LimitWords("parameters", "parameters", "parameters"),
    "macs": LimitWords("MACs", "MACs", "MACs"),
    "peak_memory": LimitWords("peak memory", "bytes of peak activation memory", "bytes"),
    "latency": LimitWords("latency", "microseconds of latency", "µs"),
}


class Infeasible(ValueError):
    """No graph that the search can reach fits the budget."""


class Over(NamedTuple):
    """A violated limit: the value of the cost and the allowed maximum."""

    limit: Limit
    value: int
    allowed: int

    @property
    def sentence(self) -> str:
        excess = self.value - self.allowed
        return f"{self.value:,} {LIMIT_WORDS[self.limit].unit} is {excess:,} over the limit of {self.allowed:,}"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Upper limits on a network's cost; None means no limit. `peak_memory` is in bytes, in the order of execution."""

    params: int | None = None
    macs: int | None = None
    peak_memory: int | None = None
    latency: int | None = None  # median, in microseconds, measured on `device`
    device: str | None = None  # id of a device; None: this installation's workers
    bytes_per_element: int = 4  # exported networks compute in float32

    def __post_init__(self) -> None:
        for limit in LIMITS:
            allowed = self.allowed(limit)
            if allowed is not None and allowed < 1:
                raise ValueError(f"a limit on {LIMIT_WORDS[limit].unit} must be at least 1, not {allowed}")
        if self.bytes_per_element not in BOUNDS.bytes_per_element:
            allowed_counts = ", ".join(map(str, BOUNDS.bytes_per_element))
            raise ValueError(f"the bytes per element must be one of {allowed_counts}, not {self.bytes_per_element}")

    def allowed(self, limit: Limit) -> int | None:
        """The maximum for this limit, or None."""
        value: int | None = getattr(self, limit)
        return value

    def over(self, cost: Cost) -> tuple[Over, ...]:
        """The limits that this cost violates."""
        return tuple(
            Over(limit, value, allowed)
            for limit in LIMITS
            if (allowed := self.allowed(limit)) is not None and (value := spent(cost, limit)) > allowed
        )

    def budget_utilisation(self, cost: Cost) -> float:
        """Largest share of any limit that this cost uses: above 1 it does not fit, and without limits it is 0."""
        return max((spent(cost, limit) / allowed for limit in LIMITS if (allowed := self.allowed(limit))), default=0.0)

    def size(self, graph: Graph, macro: Macro) -> tuple[float, ...]:
        """The key by which graphs are small: utilisation of the limits, then parameters.

        Latency is left out, because most graphs have not been measured.
        """
        memory = self.peak_memory is not None  # finding the best order is slow, and only this limit needs it
        cost = cost_of(graph, macro, self.bytes_per_element, order=memory)
        return self.budget_utilisation(cost), cost.params


def spent(cost: Cost, limit: Limit) -> int:
    """The value of a cost that this limit applies to. An unmeasured latency counts as 0, which violates no limit."""
    if limit == "peak_memory":
        return cost.peak_memory.live if cost.peak_memory.optimal is None else cost.peak_memory.optimal
    if limit == "latency":
        return cost.latency or 0
    return cost.params if limit == "params" else cost.macs
