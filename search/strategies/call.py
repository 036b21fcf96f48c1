"""One call of a strategy: the state that it starts from, values derived from that, and what it gives back."""

import random
from abc import ABC
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from search.evaluation.base import Carry
from search.evaluation.latencies import Latencies, LatencyRecord, LatencyRound
from search.log.events import Answer, AnswerChanged, Best, Cause, End, Ends, GraphEdited, Phase
from search.log.task import Task
from search.network.budget import Budget, spent
from search.network.cost import Cost, cost_of
from search.network.edits import Edits
from search.network.graph import Graph
from search.network.locks import Locks
from search.network.macro import Macro
from search.strategies.base import Transition
from search.strategies.factors import Factors
from search.strategies.output import Output
from search.strategies.record import Record


@dataclass(frozen=True, kw_only=True)
class RunState:
    """What a search remembers, whatever its strategy is."""

    task: Task
    record: Record  # of the current graph
    carry: dict[str, Any]  # what the evaluator remembers
    ends: Ends | None = None  # of the space; None: not started
    branch: int = 0
    fork: str = ""  # names the forks that led to this search, so that each draws other random numbers
    round: int = 0
    step: int = 0  # decisions made
    phase: Phase | None = None  # of the candidates that were proposed last
    last_snapshot: int = 0  # the round that began with it
    next_id: int = 0  # of a candidate
    locked: tuple[str, ...] = ()
    locked_nodes: tuple[int, ...] = ()
    budget: Budget | None = None  # None: the task's
    weight: float | None = None  # of cost; None: the task's
    latency_records: tuple[LatencyRecord, ...] = ()  # latencies on the budget's device, all of one machine
    latency_round: LatencyRound | None = None  # the current round, where it measures latencies
    redraw: bool = False  # a command has made the candidates of the latency round obsolete
    best: Answer | None = None
    finalists: tuple[Answer, ...] = ()  # the best graphs that fit, the best first
    answering: str | None = None  # while the finalists are measured and trained: why no further step follows
    fruitless: int = 0  # rounds of training in a row that gave no result
    trained: int = 0  # candidates
    finished: End | None = None
    why: str = ""  # it is finished


S = TypeVar("S", bound=RunState)


def first_state(cls: type[S], task: Task) -> S:
    """The state before the first turn. Raises BadTask where the factors do not fit the task's data."""
    factors = Factors.of(task)
    return cls(task=task, record=Record.of(factors.start), carry=factors.first_carry())


@dataclass
class Call(ABC, Generic[S]):
    state: S
    output: Output = field(default_factory=Output)

    @cached_property
    def factors(self) -> Factors:
        return Factors.of(self.state.task)

    @property
    def task(self) -> Task:
        return self.state.task

    @property
    def macro(self) -> Macro:
        return self.factors.macro

    @property
    def start_graph(self) -> Graph:
        """The graph that the search starts from, which is the largest one."""
        return self.factors.start

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return self.state.record.graph

    @property
    def budget(self) -> Budget:
        return self.state.budget or self.task.budget

    @property
    def weight(self) -> float:
        return self.task.objective.cost_weight if self.state.weight is None else self.state.weight

    @property
    def locks(self) -> Locks:
        return Locks(self.state.locked, self.state.locked_nodes)

    @property
    def latencies(self) -> Latencies:
        return Latencies(self.state.latency_records)

    @property
    def carry(self) -> Carry:
        """What the evaluator remembers."""
        return self.state.carry

    @property
    def stream(self) -> str:
        """Names the branch among all branches of this search and of those that it is a fork of."""
        return f"{self.state.fork}{self.state.branch}"

    def rng(self, *draws: int) -> random.Random:
        """For the candidates of the round. `draws`: made in it already, where it may draw more than once."""
        return random.Random("/".join(map(str, (self.task.seed, self.stream, self.state.round, *draws, "candidates"))))

    @cached_property
    def start_cost(self) -> Cost:
        return cost_of(self.start_graph, self.macro, self.budget.bytes_per_element)

    def cost(self, graph: Graph) -> Cost:
        """Includes the latency, where that is limited and was measured."""
        return self.latencies.cost_of(graph, self.macro, self.budget)

    def with_latency(self, cost: Cost, graph: Graph) -> Cost:
        """An earlier cost of the graph, with the latency that the current budget and records give it."""
        return cost._replace(latency=None) if self.budget.latency is None else self.latencies.on(cost, graph)

    def remeasured(self, answer: Answer) -> Answer:
        """The answer with the latency that the current budget and records give it."""
        return replace(answer, cost=self.with_latency(answer.cost, Graph.from_rows(answer.graph)))

    def remeasure_best(self) -> None:
        """Call it after the budget has changed."""
        if self.state.best is not None:
            self.change(best=self.remeasured(self.state.best))

    def fits_budget(self, cost: Cost) -> bool:
        """Whether an answer of this cost is valid: inside every limit, and measured where latency is limited."""
        measured = self.budget.latency is None or cost.latency is not None
        return measured and not self.budget.over(cost)

    def size(self, cost: Cost) -> tuple[float, ...]:
        """By which the cheaper of two equally good graphs is found."""
        return self.budget.budget_utilisation(cost), spent(cost, self.task.objective.cost_of)

    def order(self, answer: Answer) -> tuple[float, ...]:
        """By which the better of two answers is found, which is the smaller one by this key."""
        return -answer.score, *self.size(answer.cost)

    @property
    def answer(self) -> Answer | None:
        """The best so far; None while latency is limited and the present machine has not measured it."""
        best = self.state.best
        if best is None or self.budget.latency is None:
            return best
        record = self.latencies.record(best.hash)
        return None if record is None or record.latency is None else best

    # -- what the call gives back ---------------------------------------------------------------------------------

    def change(self, **fields: Any) -> None:
        """Changes the state. Says so where the answer changes."""
        before = self.state
        self.state = replace(before, **fields)
        if self.state.best != before.best:
            self.emit(AnswerChanged(self.as_best))

    @property
    def as_best(self) -> Best | None:
        return None if self.state.best is None else self.state.best.as_best

    def change_graph(self, edits: Edits, cause: Cause, step: int) -> GraphEdited:
        """Changes the current graph; returns the event, which is still to be emitted."""
        self.change(record=self.state.record.after(edits, cause, step))
        cost = self.cost(self.graph)
        return GraphEdited(step, "person" if cause == "person" else "search", edits, cost, self.budget.over(cost))

    def new_ids(self, count: int) -> range:
        """The ids of so many new candidates."""
        first = self.state.next_id
        self.change(next_id=first + count)
        return range(first, first + count)

    def emit(self, payload: object) -> None:
        self.output.emit(payload)

    def transition(self) -> Transition:
        return self.output.transition(self.state)
