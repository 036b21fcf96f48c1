"""ZiCo's search (Li et al., ICLR 2023, Algorithm 1; released code): mutations of a population, without generations.

A loop iteration mutates one block of the first graph while the population has at most ten members, and afterwards two
blocks of a member that is drawn uniformly. What breaks a limit is counted and dropped before it is evaluated. The worst
members go once the population is over its size.

A step evaluates a batch of graphs, whose parents come from the population as it was before the batch: workers that run
side by side need many at once. With one candidate per step, this is the published loop.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

from search.base.config import option
from search.network.edits import apply
from search.network.graph import INPUT, Graph
from search.network.locks import Locks
from search.spaces.base import Move, Unchangeable
from search.strategies.admission import Draw
from search.strategies.base import Factor
from search.strategies.sampler.state import Member, SamplerRun
from search.strategies.sampler.strategy import Sampler, Steps

FEW = 10  # published: members up to which the first graph is mutated
REPLACEMENTS = 2  # published: of a member's blocks
PATIENCE = 10  # draws for each graph that a step wants


@dataclass(frozen=True, kw_only=True)
class Config:
    candidates: int = option(
        64, "Candidates per step", "Evaluated side by side; their parents are from the steps before.", min=1, max=256
    )  # published: 1
    iterations: int = option(
        5_000, "Iterations", "Graphs that are drawn in all, those over a limit included.", min=1, max=200_000
    )  # published: 100,000
    # published
    population: int = option(512, "Population", "The best graphs, from which others descend.", min=FEW + 1, max=512)


class ZiCo(Sampler):
    NAME = "zico"
    TITLE = "ZiCo evolution"
    ABOUT = "Keeps the best of thousands and changes one or two blocks of them. Made for scores without training."
    NEEDS: frozenset[Move] = frozenset({"mutate"})
    Config: type[Any] = Config
    USUAL: ClassVar[Mapping[Factor, str]] = {"space": "chain", "evaluator": "score"}

    def why_over(self, run: SamplerRun) -> str | None:
        iterations: int = self.config(run).iterations
        return f"all {iterations:,} iterations are done" if run.state.drawn_in_all >= iterations else None

    def steps_left(self, config: Any, step: int) -> Steps:
        """Nobody knows how many draws the limits refuse: three of four, one of two, or none."""
        sizes = [ceil(config.iterations * share) - step * config.candidates for share in (0.25, 0.5, 1.0)]
        return Steps(*[_batches(max(1, size), config.candidates) for size in sizes])

    def patience(self, wanted: int) -> int:
        """Where limits refuse nearly all, a step must not spend the iterations of all others on mutations of too few
        members."""
        return PATIENCE * wanted

    def draws_left(self, run: SamplerRun) -> int:
        iterations: int = self.config(run).iterations
        return min(super().draws_left(run), iterations - run.state.drawn_in_all)

    def wanted(self, run: SamplerRun) -> int:
        """The first members all descend from the first graph, whatever the size of a batch."""
        missing = FEW + 1 - len(run.state.members)
        return min(super().wanted(run), missing) if self._begins(run) else super().wanted(run)

    @staticmethod
    def _begins(run: SamplerRun) -> bool:
        """Whether the population still grows by descendants of the first graph. One that a command may have made small
        goes on from the members that are left."""
        state = run.state
        steered = run.locks or state.banned or state.banned_nodes or state.budget is not None
        return len(state.members) <= FEW and not (steered and state.members)

    def draw(self, run: SamplerRun, allowed: Graph, rng: random.Random) -> Draw:
        members = run.state.members
        if self._begins(run):
            return Draw(self._replaced(run, self._first(run, allowed), allowed, 1, rng))
        parent = rng.choice(members)
        graph = self._replaced(run, Graph.from_rows(parent.graph), allowed, REPLACEMENTS, rng)
        return Draw(graph, (parent.candidate,))

    def remember(self, run: SamplerRun, scored: list[Member]) -> tuple[Member, ...]:
        """The best members, in the order in which they came. Of equals the oldest goes, as in the released code."""
        members = [*run.state.members, *scored]
        scores = run.scores(members)
        ranked = sorted(range(len(members)), key=lambda i: (scores[i], i))
        kept = sorted(ranked[-self.config(run).population :])
        return tuple(members[i] for i in kept)

    @staticmethod
    def _first(run: SamplerRun, allowed: Graph) -> Graph:
        """The first graph of the space; the smallest one that can be reached, where the first breaks a limit, or is the
        largest one and latency is limited; the current one, where a locked part came later."""
        if run.locks.lost(allowed) is not None:
            return run.graph
        may_be_slow = run.budget.latency is not None and "grow" not in run.factors.space.MOVES
        if not run.budget.over(run.cost(allowed)) and not may_be_slow:
            return allowed
        return run.smallest(allowed, run.locks, run.budget) or allowed

    @staticmethod
    def _replaced(run: SamplerRun, parent: Graph, allowed: Graph, count: int, rng: random.Random) -> Graph:
        """The graph with up to so many blocks replaced. As published, each block is drawn from all of them, and one
        that was replaced before is left, so that sometimes fewer are."""
        space, graph, locks = run.factors.space, parent, run.locks
        for _ in range(count):
            replaced = [node for node in locks.nodes if node not in run.locks.nodes]
            if replaced and rng.randrange(len(graph.nodes) - 1) < len(replaced):  # the input is no block
                continue
            try:
                edits = space.mutate(graph, allowed, locks, rng)
            except Unchangeable:
                break
            graph = apply(graph, edits)
            locks = _with_changed(locks, parent, graph)
        return graph


def _with_changed(locks: Locks, parent: Graph, graph: Graph) -> Locks:
    """Also locks the nodes that differ from the parent's, so that the next mutation replaces another block."""
    changed = [node.id for node in graph.nodes if node.op != INPUT and parent.by_id.get(node.id) != node]
    for node in changed:
        locks = locks if node in locks.nodes else locks.plus(node)
    return locks


def _batches(count: int, size: int) -> list[int]:
    return [min(size, count - first) for first in range(0, count, size)]
