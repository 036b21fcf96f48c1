"""Removals of one edge: which are allowed, which would be of no use under a budget, and a draw among them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from search.budget import Budget, Over, spent
from search.cost import Cost, cost_of
from search.events import Candidate
from search.graph import Edge, Graph, parse_edge
from search.macro import Macro

MOST_MARKED = 20  # infeasible ones kept for the page: an event stays small


def smallest_cells(graph: Graph) -> Iterator[Graph]:
    """The least that removals can leave: one operation on the input."""
    for target in graph.successors[graph.input.id]:
        yield Graph((graph.input, graph.by_id[target]), (Edge(graph.input.id, target),))


def cut_refusal(graph: Graph, edge: Edge, locked: tuple[str, ...]) -> str | None:
    """Why this edge may not go, whoever asks; None if it may."""
    if not graph.has(edge):
        return f"edge {edge.id} is not in the graph (any more)"
    if edge.id in locked:
        return f"edge {edge.id} is locked; unlock it first"
    after = graph.without(edge)
    if not after.edges:
        return f"without edge {edge.id} the output is cut from the input"
    if lost := [other for other in locked if not after.has(parse_edge(other))]:
        return f"edge {edge.id} is all that feeds {lost[0]}, which is locked"
    return None


@dataclass(frozen=True)
class Removals:
    """The removals from one graph under one budget."""

    graph: Graph
    macro: Macro
    budget: Budget
    locked: tuple[str, ...]

    def cost(self, graph: Graph) -> Cost:
        return cost_of(graph, self.macro, self.budget.bytes_per_element)

    @cached_property
    def over(self) -> tuple[Over, ...]:
        """The limits that the graph itself breaks."""
        return self.budget.over(self.cost(self.graph))

    def draw(self, count: int, rng: random.Random) -> list[Candidate]:
        """Removals in a drawn order until `count` are feasible; those passed on the way are kept, marked.

        In a descent where every removal raises a cost that is over, those that still lead to a graph that fits count as
        feasible all the same: the way down may lead up first.
        """
        edges = [edge for edge in self.graph.edges if cut_refusal(self.graph, edge, self.locked) is None]
        rng.shuffle(edges)
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

    def _candidate(self, edge: Edge) -> Candidate:
        after = self.graph.without(edge)
        cost = self.cost(after)
        why_not = self._why_not(after, cost)
        gone = tuple(other.id for other in self.graph.edges if not after.has(other))
        nodes = tuple(node.id for node in self.graph.nodes if node.id not in after.by_id)
        return Candidate(0, edge.id, gone, nodes, cost, why_not is None, why_not)

    def _why_not(self, after: Graph, cost: Cost) -> str | None:
        if not self.over:
            broken = self.budget.over(cost)
            return broken[0].sentence if broken else None
        for limit, value, _ in self.over:
            if spent(cost, limit) > value:
                return f"raises {limit}, which is over its limit, from {value:,} to {spent(cost, limit):,}"
        return None if self._leads_on(after) else "no graph that fits can be reached from it"

    def _leads_on(self, after: Graph) -> bool:
        return any(not self.budget.over(self.cost(cell)) for cell in smallest_cells(after))
