"""Latencies as a search knows them: measured, once for each network, all on one machine, and never assumed.

Two measurements of one network differ, and a network may be slower without an edge; so each network keeps the figure
that it was given, and nothing follows from one network's figure for another's. Nor from one machine's for another's:
when another one goes on measuring, what the first measured is forgotten, and measured again where it still matters.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from search.network.cost import Cost
from search.network.graph import Graph
from search.network.latency import Latency

MOST_RECORDS = 400  # about 130 KB of state; a whole search of 8 nodes measures some 250


class LatencyRecord(NamedTuple):
    """What became of the measurement of one network."""

    hash: str
    latency: Latency | None
    code: str | None  # why it could not be measured


class Machine(NamedTuple):
    """What two latencies must have in common to be compared."""

    device: str
    threads: int
    runtime: str


class LatencyRound(NamedTuple):
    """A round of measurements under way: the edges of each graph, in work order, and the device."""

    graphs: tuple[tuple[str, ...], ...]
    device: str | None


class Latencies:
    """Measurements of one device, by network."""

    def __init__(self, records: Iterable[LatencyRecord] = ()) -> None:
        self._by_hash = {one.hash: one for one in records}

    def of(self, graph: Graph) -> Latency | None:
        one = self._by_hash.get(graph.hash) if self._by_hash else None
        return None if one is None else one.latency

    def failure(self, graph: Graph) -> str | None:
        """The code of a measurement that failed; it is not tried again before the next decision."""
        one = self._by_hash.get(graph.hash) if self._by_hash else None
        return None if one is None else one.code

    def tried(self, graph: Graph) -> bool:
        return graph.hash in self._by_hash

    def on(self, cost: Cost, graph: Graph) -> Cost:
        """The cost with the graph's latency, if it is known."""
        latency = self.of(graph)
        return cost._replace(latency=None if latency is None else latency.median)


def merge_latencies(records: tuple[LatencyRecord, ...], new: list[LatencyRecord]) -> tuple[LatencyRecord, ...]:
    """With the new ones, all of one machine: that of the known ones, or where it measured none of the new ones, the
    one that measured most of them. What others measured is left out."""
    machines = [machine for one in new if (machine := _machine(one)) is not None]
    before = next((machine for one in reversed(records) if (machine := _machine(one)) is not None), None)
    chosen = Counter(machines).most_common(1)[0][0] if machines and before not in machines else before
    hashes = {one.hash for one in new}
    old = (one for one in records if one.hash not in hashes) if chosen == before else ()
    return tuple(one for one in (*old, *new) if _machine(one) in (None, chosen))


def _machine(one: LatencyRecord) -> Machine | None:
    """None: it could not be measured."""
    latency = one.latency
    return None if latency is None else Machine(latency.device, latency.threads, latency.runtime)


def drop_oldest(records: tuple[LatencyRecord, ...], needed: Collection[str] = ()) -> tuple[LatencyRecord, ...]:
    """Of more than there is room for the oldest go, and are measured again if need be; but none that is `needed`."""
    spare = [one.hash for one in records if one.hash not in needed]
    gone = set(spare[: max(0, len(records) - MOST_RECORDS)])
    return tuple(one for one in records if one.hash not in gone)


def without_failures(records: tuple[LatencyRecord, ...]) -> tuple[LatencyRecord, ...]:
    """Without the failures: another try may help."""
    return tuple(one for one in records if one.latency is not None)
