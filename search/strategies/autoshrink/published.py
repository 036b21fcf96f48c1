"""AutoShrink as published, exactly as in the released code (AAAI 2020; spec section 2).

docs/decisions/0008 lists the exceptions. There are no limits and no comparison with the parent: each step makes the
best of ten cuts, however bad it is, down to a fixed number of edges. The answer is the winner of the step with the
highest score; among equal scores, the cell with fewer leaves.
"""

from search.base.sentences import counted
from search.log.events import Answer, Candidate, Measured
from search.log.task import BadTask
from search.network.budget import LIMITS
from search.network.cost import Cost
from search.network.edits import removal
from search.network.graph import Edge, Graph, live
from search.strategies.autoshrink.loop import Loop, ScoredCandidate
from search.strategies.autoshrink.scoring import published_score, why_no_score
from search.strategies.base import Effort, Outcome, Position, Preview
from search.strategies.effort import Extent, effort_of


class Published(Loop):
    def start(self) -> None:
        self._require_no_limits()
        self.emit_started(self._smallest())

    def preview(self) -> Preview:
        """K candidates per step of one edge (spec section 10: 235 and 95)."""
        self._require_no_limits()
        return Preview(
            graph=self.dense,
            largest=self.start_cost,
            smallest=self._smallest(),
            unreachable=(),
            evaluations=self.count_cuts(self.config.candidates),
            examples=self.examples(self._smallest_graph()),
        )

    def effort(self, position: Position | None) -> Effort:
        """Every step down to the last edges."""
        _, edges, cost = position or self.first_position()
        extent = Extent(self.cuts(edges, self.config.keep_edges), (cost.macs + self._smallest().macs) // 2)
        return effort_of(self.factors, extent, extent, extent)

    def _require_no_limits(self) -> None:
        if any(self.task.budget.allowed(limit) is not None for limit in LIMITS):
            raise BadTask("the published protocol has no limits: remove them, or choose the studio protocol")

    def _smallest(self) -> Cost:
        return self.cost(self._smallest_graph())

    def _smallest_graph(self) -> Graph:
        return live(self.dense.nodes, ()) if self.config.keep_edges == 0 else self.removals().smallest(self.dense)

    def propose(self) -> None:
        self.emit_due_snapshot()
        state, graph = self.state, self.graph
        if len(graph.edges) <= self.config.keep_edges:
            reached = counted(len(graph.edges), "edge")
            self.finish("finished", f"reached {reached}, where the paper's code stops")
            return
        edges = self.rng().sample(graph.edges, min(self.config.candidates, len(graph.edges)))
        ids, replaced = self.new_ids(len(edges)), state.drawn
        candidates = tuple(self._candidate(id, graph, edge) for id, edge in zip(ids, edges, strict=True))
        self.change(
            drawn=candidates,
            proposed=tuple(edge.id for edge in graph.edges),
            phase="choice",
            penalised_cost="macs",
        )
        self.output.propose(
            candidates, step=state.step + 1, phase="choice", cost=self.cost(graph), over=(), replaced=replaced
        )

    def _candidate(self, id: int, graph: Graph, edge: Edge) -> Candidate:
        after, edits = graph.without(edge), removal(graph, [edge])
        why_not = why_no_score(self.macro, after)
        return Candidate(id, edits, (), after.hash, None, self.cost(after), why_not is None, why_not)

    def candidate_score(self, quality: float, candidate: Candidate) -> float:
        return published_score(self.macro, quality, self.candidate_graph(candidate), candidate.cost)

    def tell(self, outcomes: list[Outcome]) -> None:
        scored = self.score_outcomes(outcomes)
        if scored:
            # of equal scores the last one: the released code sorts in ascending order and takes the last
            winner = max(scored, key=lambda result: (result.score, result.candidate.id))
            self._update_best(winner)
            self.make_cut(winner, scored)
        self.propose_or_give_up()

    def _update_best(self, winner: ScoredCandidate) -> None:
        """Stores the winner as the answer if it is better than the one so far."""
        graph, best = self.candidate_graph(winner.candidate), self.state.best
        if best is not None and not self.is_better(winner.score, graph, best):
            return
        answer = Answer(
            graph.to_rows(), graph.hash, winner.candidate.cost, winner.quality, winner.score, self.state.step + 1,
            Measured(self.state.branch, self.state.round - 1, winner.candidate.id), self.factors.metric,
        )  # fmt: skip
        self.change(best=answer)

    def is_better(self, score: float, graph: Graph, best: Answer) -> bool:
        """Whether a step's winner is a better answer than the best of earlier steps. Any cell beats an empty one."""
        other = Graph.from_rows(best.graph)
        if bool(graph.edges) != bool(other.edges):
            return bool(graph.edges)
        return (score, -len(graph.leaves)) > (best.score, -len(other.leaves))
