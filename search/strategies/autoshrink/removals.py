"""Removals of one edge: which are allowed, which are feasible under a budget, and a random draw of candidates."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

from search.evaluation.latencies import Latencies
from search.log.events import Candidate
from search.network.budget import LIMIT_WORDS, Budget, Over, spent
from search.network.cost import Cost
from search.network.edits import Edits, apply, removal, why_not_removable
from search.network.graph import Edge, Graph
from search.network.locks import Locks
from search.network.macro import Macro
from search.spaces.base import Space

MOST_INFEASIBLE = 20  # infeasible candidates that are kept: they explain the step, but nobody evaluates them
UNREACHABLE = "no cell within the limits can be reached after this cut"


@dataclass(frozen=True, kw_only=True)
class Removals:
    """The removals from one graph under a budget and locks, down to `keep` edges.

    Where latency is limited, only some graphs have been measured. A graph that was not measured counts as fitting while
    candidates are drawn. With `strict`, which is for decisions, it does not.
    """

    graph: Graph
    space: Space
    macro: Macro
    budget: Budget
    locks: Locks
    keep: int
    witness: Graph | None = None  # a known graph that fits and can be reached
    latencies: Latencies = field(default_factory=Latencies)
    strict: bool = False
    _witnesses: list[Graph] = field(default_factory=list)  # further ones that find_feasible found

    def cost(self, graph: Graph) -> Cost:
        return self.latencies.cost_of(graph, self.macro, self.budget)

    @cached_property
    def over(self) -> tuple[Over, ...]:
        """The limits that the graph breaks."""
        return self.budget.over(self.cost(self.graph))

    @cached_property
    def must_descend(self) -> bool:
        """Whether the graph breaks a limit, or its latency could not be measured, so that it may break one."""
        return bool(self.over) or self._unmeasurable(self.graph) is not None

    @cached_property
    def unreachable_limits(self) -> tuple[Over, ...]:
        """The limits that even the smallest reachable graph breaks; none if some graph that fits can be reached."""
        if self.find_feasible(self.graph) is not None:
            return ()
        edges = self.graph.edges if len(self.graph.edges) > self.keep else ()
        cuts = (self.graph.without(edge) for edge in edges if why_not_removable(self.graph, edge, self.locks) is None)
        if any(self.as_strict._is_valid(after) for after in cuts):
            return ()  # a larger graph may be faster than the smallest one
        return self.budget.over(self.cost(self.smallest(self.graph)))

    @cached_property
    def as_strict(self) -> "Removals":
        """The same removals, where only measured graphs fit."""
        return replace(self, strict=True, _witnesses=[])

    def draw(self, count: int, rng: random.Random, tested: Collection[str] = ()) -> list[Candidate]:
        """Draws removals in random order until `count` of them are feasible, leaving out edges in `tested`.

        Infeasible ones drawn before that are returned too, with the reason. In a descent where every removal raises a
        cost that is over its limit, those from which a graph that fits can be reached count as feasible.
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
            leading = [c for c in drawn if self._leads_to_feasible(apply(self.graph, c.edits))]
            return [replace(candidate, feasible=True, why_not=None) for candidate in leading[:count]]
        infeasible = [candidate for candidate in drawn if not candidate.feasible][:MOST_INFEASIBLE]
        return [candidate for candidate in drawn if candidate.feasible or candidate in infeasible]

    def with_latency(self, candidate: Candidate) -> Candidate:
        """The candidate with its measured latency, and its feasibility given that or a failed measurement."""
        after = apply(self.graph, candidate.edits)
        cost = self.cost(after)
        why_not = self._unmeasurable(after)
        if why_not is None and (candidate.edits == Edits() or not self.must_descend):
            broken = self.budget.over(cost)
            why_not = broken[0].sentence if broken else None
        elif why_not is None and self.find_feasible(after) is None:
            why_not = UNREACHABLE
        return replace(candidate, cost=cost, feasible=why_not is None, why_not=why_not)

    def find_feasible(self, after: Graph) -> Graph | None:
        """A graph that fits, holds every locked part and can be reached from `after` by removals; None if none is
        found."""
        if self._is_valid(after):
            return after
        witnesses = self._witnesses
        if self.witness is not None and self._is_valid(self.witness):
            witnesses = [*witnesses, self.witness]
        for witness in witnesses:
            if len(witness.edges) >= self.keep and all(after.has(edge) for edge in witness.edges):
                return witness
        found = self.smallest(after)
        if not self._is_valid(found):
            return None
        self._witnesses.append(found)
        return found

    def smallest(self, after: Graph) -> Graph:
        return self.space.smallest(after, self.locks, self.keep, lambda graph: self.budget.size(graph, self.macro))

    def fits(self, graph: Graph) -> bool:
        cost = self.cost(graph)
        if self.budget.over(cost):
            return False
        if self.budget.latency is None or cost.latency is not None:
            return True
        return not self.strict and self._unmeasurable(graph) is None

    def _is_valid(self, graph: Graph) -> bool:
        return self.locks.lost(graph) is None and self.fits(graph)

    def _candidate(self, edge: Edge) -> Candidate:
        after = self.graph.without(edge)
        cost = self.cost(after)
        why_not = self._why_not(after, cost)
        edits = removal(self.graph, [edge])
        return Candidate(0, edits, (), after.hash, None, cost, why_not is None, why_not)  # its id follows

    def _why_not(self, after: Graph, cost: Cost) -> str | None:
        if why_not := self._unmeasurable(after):
            return why_not
        if not self.must_descend:
            broken = self.budget.over(cost)
            return broken[0].sentence if broken else None
        for limit, value, _ in self.over:
            # a higher latency may be noise, so it alone does not make a removal infeasible
            if limit != "latency" and spent(cost, limit) > value:
                noun = LIMIT_WORDS[limit].noun
                return f"raises {noun}, already over the limit, from {value:,} to {spent(cost, limit):,}"
        return None if self.find_feasible(after) else UNREACHABLE

    def _leads_to_feasible(self, after: Graph) -> bool:
        return self._unmeasurable(after) is None and self.find_feasible(after) is not None

    def _unmeasurable(self, graph: Graph) -> str | None:
        return None if self.budget.latency is None else self.latencies.unmeasurable(graph)
