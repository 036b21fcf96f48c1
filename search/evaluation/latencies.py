"""The measured latencies of a search: one measurement per network, all of them from one machine.

Repeated measurements differ, and removing an edge can make a network slower. So each network keeps its first
measurement, and nothing is concluded from it about other networks. Measurements of different machines are not
comparable: when another machine takes over, the old ones are dropped and repeated where they still matter.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.base import WITHDRAWN, Outcome
from search.network.budget import Budget
from search.network.cost import Cost, cost_of
from search.network.graph import Graph
from search.network.latency import Latency
from search.network.macro import Macro

MAX_RECORDS = 400  # about 130 KB of state; a complete search with 8 nodes measures some 250 networks


class LatencyRecord(NamedTuple):
    """The outcome of measuring one network."""

    hash: str  # of the graph
    latency: Latency | None
    code: str | None  # why it could not be measured


class Machine(NamedTuple):
    """Latencies are comparable only if all of this is equal."""

    device: str
    threads: int
    runtime: str


class LatencyRound(NamedTuple):
    """A round of measurements in progress."""

    graphs: tuple[Json, ...]  # rows of each graph, in the order of the work items
    device: str | None

    def records(self, outcomes: Sequence[Outcome]) -> list[LatencyRecord]:
        """The records of its outcomes. A measurement that was withdrawn says nothing about its graph and has none."""
        return [
            _record(Graph.from_rows(rows), outcome)
            for rows, outcome in zip(self.graphs, outcomes, strict=True)
            if outcome.get("code") != WITHDRAWN
        ]


class Latencies:
    """The measurements of one device, by network."""

    def __init__(self, records: Iterable[LatencyRecord] = ()) -> None:
        self._by_hash = {record.hash: record for record in records}

    def record(self, hash: str) -> LatencyRecord | None:
        """Of the network with this hash."""
        return self._by_hash.get(hash)

    def of(self, graph: Graph) -> Latency | None:
        record = self._record(graph)
        return None if record is None else record.latency

    def failure(self, graph: Graph) -> str | None:
        """The code of a failed measurement, which is not repeated before the next decision; otherwise None."""
        record = self._record(graph)
        return None if record is None else record.code

    def tried(self, graph: Graph) -> bool:
        """Whether this network was measured, successfully or not."""
        return graph.hash in self._by_hash

    def unmeasurable(self, graph: Graph) -> str | None:
        """Why its latency is not known although it was measured, as a sentence for people."""
        code = self.failure(graph)
        return None if code is None else f"latency could not be measured ({code})"

    def cost_of(self, graph: Graph, macro: Macro, budget: Budget) -> Cost:
        """Includes the latency, where the budget limits it and it was measured."""
        cost = cost_of(graph, macro, budget.bytes_per_element)
        return cost if budget.latency is None else self.on(cost, graph)

    def on(self, cost: Cost, graph: Graph) -> Cost:
        """The cost with the graph's latency, or with None if it is unknown."""
        latency = self.of(graph)
        return cost._replace(latency=None if latency is None else latency.median)

    def _record(self, graph: Graph) -> LatencyRecord | None:
        return self._by_hash.get(graph.hash) if self._by_hash else None  # without records, skip the costly hash


def merge_latencies(records: tuple[LatencyRecord, ...], new: list[LatencyRecord]) -> tuple[LatencyRecord, ...]:
    """Old and new records of one machine: the previous one, if it made any of the new measurements.

    Otherwise it is the machine that made most of the new ones. Measurements of other machines are dropped.
    """
    machines = [machine for record in new if (machine := _machine(record)) is not None]
    previous = next((machine for record in reversed(records) if (machine := _machine(record)) is not None), None)
    chosen = Counter(machines).most_common(1)[0][0] if machines and previous not in machines else previous
    hashes = {record.hash for record in new}
    kept = (record for record in records if record.hash not in hashes) if chosen == previous else ()
    return tuple(record for record in (*kept, *new) if _machine(record) in (None, chosen))


def _record(graph: Graph, outcome: Outcome) -> LatencyRecord:
    if outcome["status"] == "ok":
        return LatencyRecord(graph.hash, serialization.decode(Latency, outcome["latency"]), None)
    return LatencyRecord(graph.hash, None, str(outcome.get("code")))


def _machine(record: LatencyRecord) -> Machine | None:
    """The machine that measured this, or None for a failure."""
    latency = record.latency
    return None if latency is None else Machine(latency.device, latency.threads, latency.runtime)


def drop_oldest(records: tuple[LatencyRecord, ...], needed: Collection[str] = ()) -> tuple[LatencyRecord, ...]:
    """At most MAX_RECORDS records: the oldest are dropped, to be measured again if needed. `needed` hashes are kept."""
    droppable = [record.hash for record in records if record.hash not in needed]
    dropped = set(droppable[: max(0, len(records) - MAX_RECORDS)])
    return tuple(record for record in records if record.hash not in dropped)


def without_failures(records: tuple[LatencyRecord, ...]) -> tuple[LatencyRecord, ...]:
    """The records without failures, so that those are tried again."""
    return tuple(record for record in records if record.latency is not None)
