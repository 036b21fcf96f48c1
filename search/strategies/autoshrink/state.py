"""The state of an AutoShrink search, and the edits of its graph that the loop and people make."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from search.base import serialization
from search.evaluation import objective
from search.evaluation.latencies import Latencies
from search.evaluation.objective import QualityMetric
from search.log.events import Answer, Candidate, Cause, Evidence, GraphEdited
from search.network.budget import Budget, Limit, spent
from search.network.cost import Cost
from search.network.edits import Edits, diff
from search.network.graph import Edge, Graph, live, parse_edge
from search.network.locks import Locks
from search.spaces.base import Space
from search.strategies.answer import with_finalist
from search.strategies.autoshrink.config import Config
from search.strategies.autoshrink.removals import Removals
from search.strategies.call import RunState
from search.strategies.run import Run


class ParentResult(NamedTuple):
    """The measured result of the current graph, which its candidates are compared with."""

    quality: float
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class SearchState(RunState):
    """Everything that the search remembers."""

    v: Literal[5] = 5  # of the format: a state of another version is refused with a message
    penalised_cost: Limit | None = None  # the cost that lowers this round's scores
    drawn: tuple[Candidate, ...] = ()
    proposed: tuple[str, ...] = ()  # edges of the graph that the candidates were cut from
    measured: bool = False  # whether the current graph itself was trained as one that fits
    parent_result: ParentResult | None = None
    tested: tuple[str, ...] = ()  # edges of the current graph whose removal did not improve the score
    evidence: tuple[Evidence, ...] = ()
    # edges of a graph that fits and can be reached, while the current graph does not fit
    feasible_witness: tuple[str, ...] = ()
    reference_latency: int | None = None  # latency (us) of the graph that the candidates were cut from
    stale: int = 0  # steps of the choice phase since the answer last improved


@dataclass
class SearchRun(Run[SearchState]):
    """One call of the strategy."""

    @cached_property
    def config(self) -> Config:
        return serialization.decode(Config, self.task.strategy.config)

    @property
    def space(self) -> Space:
        return self.factors.space

    @property
    def dense(self) -> Graph:
        return self.start_graph

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return self.state.drawn

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return self.state.evidence

    @property
    def smallest_cell_text(self) -> str:
        """The smallest graph that removals can reach, in words."""
        keep = self.config.keep_edges
        return "the smallest cell that can be reached" if keep == 1 else f"the smallest cell of {keep} edges"

    def graph_of(self, edges: tuple[str, ...]) -> Graph:
        return live(self.dense.nodes, [parse_edge(edge) for edge in edges])

    @property
    def needed_latencies(self) -> set[str]:
        witness = self.state.feasible_witness
        return super().needed_latencies | ({self.graph_of(witness).hash} if witness else set())

    def drop_best(self) -> None:
        """As after a command that tightens the limit."""
        self.change(best=None, measured=False, stale=0)

    def score(self, quality: float, cost: Cost, penalised: Limit, metric: QualityMetric | None = None) -> float:
        """The cost counts relative to the dense graph's; a latency, relative to that of the graph that the round
        started with, because the dense graph may not have been measured. `metric`: of the quality; None: that of
        candidates."""
        baseline = self.state.reference_latency if penalised == "latency" else spent(self.start_cost, penalised)
        share = max(1, spent(cost, penalised)) / baseline if baseline else 1.0
        return objective.score(metric or self.factors.metric, quality, self.weight, share)

    def removals(
        self,
        *,
        graph: Graph | None = None,
        budget: Budget | None = None,
        locks: Locks | None = None,
        strict: bool = False,
    ) -> Removals:
        """The removals from a graph; by default from the current one, under the current budget and locks."""
        budget = self.budget if budget is None else budget
        return Removals(
            graph=self.graph if graph is None else graph,
            space=self.space,
            macro=self.macro,
            budget=budget,
            locks=self.locks if locks is None else locks,
            keep=self.config.keep_edges,
            witness=self.graph_of(self.state.feasible_witness) if self.state.feasible_witness else None,
            latencies=self.latencies if budget.device == self.budget.device else Latencies(),
            strict=strict,
        )

    def add_finalist(self, answer: Answer) -> None:
        count = self.task.answer.finalists
        self.change(finalists=with_finalist(self.state.finalists, answer, count, self.order))

    def score_of(self, quality: float, cost: Cost, metric: QualityMetric) -> float:
        return self.score(quality, cost, self.task.objective.cost_of, metric)

    def clear_round(self) -> None:
        self.change(drawn=(), latency_round=None)

    def edit(self, edits: Edits, cause: Cause, step: int) -> GraphEdited:
        """Changes the current graph, which is then another one than was measured."""
        self.change(parent_result=None, tested=())
        return self.change_graph(edits, cause, step)

    def restoration_of(self, edges: tuple[Edge, ...]) -> Edits:
        """The edits that restore edges of the dense graph and the nodes that they reach."""
        restored = {*self.graph.edges, *edges}
        return diff(self.graph, live(self.dense.nodes, (edge for edge in self.dense.edges if edge in restored)))
