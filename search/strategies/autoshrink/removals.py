"""Removals of one edge: which are allowed, which would be of no use under a budget, and a draw among them."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

from search.evaluation.latencies import Latencies
from search.log.events import Candidate
from search.network.budget import Budget, Over, spent
from search.network.cost import Cost, cost_of
from search.network.edits import why_not_removable
from search.network.graph import Edge, Graph, parse_edge
from search.network.locks import Locks
from search.network.macro import Macro
from search.strategies.autoshrink.smallest import smallest

MOST_MARKED = 20  # infeasible ones kept for the page: an event stays small
UNREACHABLE = "no graph that fits can be reached from it"


@dataclass(frozen=True, kw_only=True)
class Removals:
    """The removals from one graph under one budget, with what is locked, down to `keep` edges.

    Where latency is limited, what counts is known of some graphs only. While candidates are drawn, nothing is held
    against a graph that was not measured; `strict`, as when something is decided, only what was measured fits.
    """

    graph: Graph
    macro: Macro
    budget: Budget
    locks: Locks
    keep: int
    witness: Graph | None = None  # a graph that fits and can be reached, if one is known
    latencies: Latencies = field(default_factory=Latencies)
    strict: bool = False
    _found: list[Graph] = field(default_factory=list)

    def cost(self, graph: Graph) -> Cost:
        cost = cost_of(graph, self.macro, self.budget.bytes_per_element)
        return cost if self.budget.latency is None else self.latencies.on(cost, graph)

    @cached_property
    def over(self) -> tuple[Over, ...]:
        """The limits that the graph itself breaks."""
        return self.budget.over(self.cost(self.graph))

    @cached_property
    def descends(self) -> bool:
        """Whether a graph that fits is yet to be reached. One whose latency cannot be measured is not known to fit."""
        return bool(self.over) or self._unmeasurable(self.graph) is not None

    @cached_property
    def unreachable_limits(self) -> tuple[Over, ...]:
        """The limits that even the smallest graph breaks; none while a way on is known."""
        if self.find_feasible(self.graph) is not None:
            return ()
        edges = self.graph.edges if len(self.graph.edges) > self.keep else ()
        cuts = (self.graph.without(edge) for edge in edges if why_not_removable(self.graph, edge, self.locks) is None)
        if any(self.strictly._reachable(after) for after in cuts):
            return ()  # the smallest need not be the fastest
        return self.budget.over(self.cost(self.smallest(self.graph)))

    @cached_property
    def strictly(self) -> "Removals":
        """The same, where only what was measured fits."""
        return replace(self, strict=True, _found=[])

    def draw(self, count: int, rng: random.Random, tested: Collection[str] = ()) -> list[Candidate]:
        """Removals in a drawn order until `count` are feasible; those passed on the way are kept, marked. Of edges that
        were `tested` on this graph nothing new would be learnt.

        In a descent where every removal raises a cost that is over, those that still lead to a graph that fits count as
        feasible all the same: the way down may lead up first.
        """
        edges = [edge for edge in self.graph.edges if why_not_removable(self.graph, edge, self.locks) is None]
        rng.shuffle(edges)
        edges = [edge for edge in edges if edge.id not in tested]
        drawn: list[Candidate] = []
        for edge in edges:
            drawn.append(self._candidate(edge))
            if sum(candidate.feasible for candidate in drawn) == count:
                break
        if self.over and not any(candidate.feasible for candidate in drawn):
            leading = [c for c in drawn if self._leads_on(self.graph.without(parse_edge(str(c.edge))))]
            return [replace(candidate, feasible=True, why_not=None) for candidate in leading[:count]]
        marked = [candidate for candidate in drawn if not candidate.feasible][:MOST_MARKED]
        return [candidate for candidate in drawn if candidate.feasible or candidate in marked]

    def timed(self, candidate: Candidate) -> Candidate:
        """The candidate now that its latency was measured, or could not be."""
        after = self.graph if candidate.edge is None else self.graph.without(parse_edge(candidate.edge))
        cost = self.cost(after)
        why_not = self._unmeasurable(after)
        if why_not is None and (candidate.edge is None or not self.descends):
            broken = self.budget.over(cost)
            why_not = broken[0].sentence if broken else None
        elif why_not is None and self.find_feasible(after) is None:
            why_not = UNREACHABLE
        return replace(candidate, cost=cost, feasible=why_not is None, why_not=why_not)

    def find_feasible(self, after: Graph) -> Graph | None:
        """A graph that fits, keeps what is locked and can be reached from this one by removals; None: none is found."""
        if self._reachable(after):
            return after
        witnesses = self._found
        if self.witness is not None and self._reachable(self.witness):
            witnesses = [*witnesses, self.witness]
        for witness in witnesses:
            if len(witness.edges) >= self.keep and all(after.has(edge) for edge in witness.edges):
                return witness
        found = self.smallest(after)
        if not self._reachable(found):
            return None
        self._found.append(found)
        return found

    def smallest(self, after: Graph) -> Graph:
        return smallest(after, self.locks, self.keep, self.budget_utilisation)

    def budget_utilisation(self, graph: Graph) -> tuple[float, ...]:
        """How near its limits, and how large, a graph is. Latencies are left out: most graphs' are not known."""
        memory = self.budget.peak_memory is not None  # the best order is most of the work, and only this limit asks
        cost = cost_of(graph, self.macro, self.budget.bytes_per_element, order=memory)
        return self.budget.budget_utilisation(cost), cost.params

    def fits(self, graph: Graph) -> bool:
        cost = self.cost(graph)
        if self.budget.over(cost):
            return False
        if self.budget.latency is None or cost.latency is not None:
            return True
        return not self.strict and self._unmeasurable(graph) is None

    def _reachable(self, graph: Graph) -> bool:
        return self.locks.lost(graph) is None and self.fits(graph)

    def _candidate(self, edge: Edge) -> Candidate:
        after = self.graph.without(edge)
        cost = self.cost(after)
        why_not = self._why_not(after, cost)
        gone = tuple(other.id for other in self.graph.edges if not after.has(other))
        nodes = tuple(node.id for node in self.graph.nodes if node.id not in after.by_id)
        return Candidate(0, edge.id, gone, nodes, cost, why_not is None, why_not)

    def _why_not(self, after: Graph, cost: Cost) -> str | None:
        if why_not := self._unmeasurable(after):
            return why_not
        if not self.descends:
            broken = self.budget.over(cost)
            return broken[0].sentence if broken else None
        for limit, value, _ in self.over:
            # a latency that rises may be noise: it counts against a removal only where nothing that fits lies beyond
            if limit != "latency" and spent(cost, limit) > value:
                return f"raises {limit}, which is over its limit, from {value:,} to {spent(cost, limit):,}"
        return None if self.find_feasible(after) else UNREACHABLE

    def _leads_on(self, after: Graph) -> bool:
        return self._unmeasurable(after) is None and self.find_feasible(after) is not None

    def _unmeasurable(self, graph: Graph) -> str | None:
        if self.budget.latency is None or (code := self.latencies.failure(graph)) is None:
            return None
        return f"its latency could not be measured ({code})"
