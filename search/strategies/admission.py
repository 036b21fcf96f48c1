"""Admission: drawn graphs are checked against locks and limits, and only those that pass are evaluated.

Limits in closed form come first. A limit on latency is met by measuring, which takes a round of its own; until then an
unmeasured graph counts as fast enough. What breaks a limit is drawn again and counted, so that a search which finds
nothing that fits can name the limit that refused most.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from search.base.sentences import counted
from search.evaluation.latencies import Latencies
from search.log.events import Refused, RefusedBy
from search.network.budget import LIMIT_WORDS, Budget, spent
from search.network.cost import Cost, cost_of
from search.network.graph import Graph
from search.network.locks import Locks
from search.network.macro import Macro
from search.spaces.base import Space

MOST_DRAWS = 1000  # in one step
RULES: RefusedBy = "rules"  # a draw that the space forbids, that lacks a locked part or repeats one of its round


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What every evaluated graph must respect."""

    space: Space
    space_config: Any
    macro: Macro
    budget: Budget
    locks: Locks
    allowed: Graph  # the largest graph, without the parts that people removed
    latencies: Latencies

    def cost(self, graph: Graph) -> Cost:
        """Includes the latency, where that is limited and was measured."""
        return self.latencies.cost_of(graph, self.macro, self.budget)

    def why_not(self, graph: Graph) -> RefusedBy | None:
        """The first rule or limit that the graph breaks; None if it may be evaluated."""
        if self._breaks_a_rule(graph):
            return RULES
        # the search for the best order takes most of the time, so the limits that do not need it come first
        rough = cost_of(graph, self.macro, self.budget.bytes_per_element, order=False)
        quick: tuple[Literal["params", "macs"], ...] = ("params", "macs")
        for limit in quick:
            allowed = self.budget.allowed(limit)
            if allowed is not None and spent(rough, limit) > allowed:
                return limit
        if self.budget.latency is not None and self.latencies.failure(graph) is not None:
            return "latency"
        over = self.budget.over(self.cost(graph))
        return over[0].limit if over else None

    def why_not_any_more(self, graph: Graph, cost: Cost) -> RefusedBy | None:
        """The same of a graph that was evaluated before, and whose cost is therefore known. As `why_not` says, but
        without lowering the graph again: a population has hundreds."""
        if self._breaks_a_rule(graph):
            return RULES
        if self.budget.latency is not None and self.latencies.failure(graph) is not None:
            return "latency"
        over = self.budget.over(self.latencies.on(cost, graph) if self.budget.latency is not None else cost)
        return over[0].limit if over else None

    def _breaks_a_rule(self, graph: Graph) -> bool:
        return self.locks.lost(graph) is not None or (
            self.space.check(graph, self.allowed, self.space_config) is not None
        )


class Draw(NamedTuple):
    """A graph that a strategy wants to evaluate."""

    graph: Graph
    parents: tuple[int, ...] = ()  # ids of the candidates that it descends from


@dataclass
class Draws:
    """The draws of one step."""

    count: int = 0
    refused: Counter[RefusedBy] = field(default_factory=Counter)

    @staticmethod
    def of(count: int, refused: Collection[Refused]) -> "Draws":
        return Draws(count, Counter({each.limit: each.count for each in refused}))

    def until(self, wanted: int, patience: int, most: int, draw: Callable[[], Draw], rules: Rules) -> list[Draw]:
        """Draws until so many different graphs are admitted, or `most` were drawn in this step. From `patience` draws
        on, one of them is enough."""
        admitted: dict[Graph, Draw] = {}
        while len(admitted) < (wanted if self.count < patience else 1) and self.count < most:
            self.count += 1
            drawn = draw()
            why_not = RULES if drawn.graph in admitted else rules.why_not(drawn.graph)
            if why_not is None:
                admitted[drawn.graph] = drawn
            else:
                self.refused[why_not] += 1
        return list(admitted.values())

    def refuse(self, limit: RefusedBy) -> None:
        self.refused[limit] += 1

    @property
    def as_events(self) -> tuple[Refused, ...]:
        """The most frequent reason first."""
        return tuple(Refused(reason, count) for reason, count in self.refused.most_common())

    @property
    def why_none(self) -> str:
        """Why no graph was admitted, for people: each reason with its count, the most frequent first."""
        reasons = ", ".join(f"{_words_of(reason)} ({count:,})" for reason, count in self.refused.most_common())
        return f"no graph was admitted in {counted(self.count, 'draw')}; refused by {reasons}"


def _words_of(reason: RefusedBy) -> str:
    if reason == "rules":
        return "rules of the space, locks or repetition"
    return f"the limit on {LIMIT_WORDS[reason].noun}"
