"""AutoShrink as the studio runs it: descent while a limit is broken, then choice among graphs that fit.

What differs from the published loop, and why, is in docs/decisions/0002 and 0008. Where latency is limited, a round of
measurements comes before each round of training; what follows from it is in timed.py.
"""

import random
from collections.abc import Iterable
from dataclasses import replace

from search.evaluation.latencies import without_failures
from search.log.events import Answer, Candidate, CandidatesProposed, Phase
from search.network.budget import Infeasible, Limit, Over
from search.network.edits import why_not_removable
from search.network.graph import parse_edge
from search.strategies.autoshrink.config import CnnConfig
from search.strategies.autoshrink.latency_rounds import (
    LatencyLoop,
    begin_latency_round,
    latency_work,
    tell_latency_round,
)
from search.strategies.autoshrink.loop import Scored
from search.strategies.autoshrink.removals import Removals
from search.strategies.autoshrink.state import ParentResult, Weights
from search.strategies.base import Outcome, Work


class Studio(LatencyLoop):
    def begin(self) -> None:
        """A fork begins under the budget and the locks of where it goes on from, and with what was measured."""
        self.started(self.cost(self.removals(graph=self.dense).smallest(self.dense)))
        if over := self.removals().unreachable_limits:
            raise Infeasible("; ".join(o.sentence for o in over) + f", even for {self.smallest_cell}")

    def work(self) -> Iterable[Work]:
        return self.trainings() if self.state.latency_round is None else latency_work(self, self.state.latency_round)

    def tell(self, outcomes: list[Outcome]) -> None:
        if self.state.latency_round is None:
            self._decide(outcomes)
        else:
            tell_latency_round(self, self.state.latency_round, outcomes)

    # -- what to measure next ------------------------------------------------------------------------------------

    def propose(self) -> None:
        state, graph, possible = self.state, self.graph, self.removals()
        over = possible.over
        phase: Phase = "descent" if possible.descends else "choice"
        drawn: list[Candidate] = []
        if len(state.edges) > self.config.keep_edges:
            rng = random.Random(f"{self.task.seed}/{state.branch}/{state.round}/candidates")
            drawn = possible.draw(self.config.candidates, rng, state.tested)
        if not possible.descends and not state.measured:
            drawn = [Candidate(0, None, (), (), self.cost(graph), True, None), *drawn]
        if not any(candidate.feasible for candidate in drawn):
            self.finish("finished", self.dead_end(over))
            return
        candidates = tuple(replace(c, index=i) for i, c in enumerate(drawn))
        witness = possible.find_feasible(graph) if over else None
        self.change(
            phase=phase,
            penalised_cost=self.counted(over),
            candidates=candidates,
            proposed=state.edges,
            feasible_witness=() if witness is None else tuple(edge.id for edge in witness.edges),
            latency_round=None,
            redraw=False,
        )
        self.emit(CandidatesProposed(state.step + 1, phase, candidates, self.cost(graph), over))
        if self.budget.latency is not None:
            begin_latency_round(self, possible)

    def counted(self, over: tuple[Over, ...]) -> Limit:
        """In a descent the cost that counts is the one most over its limit."""
        return max(over, key=lambda o: o.value / o.allowed).limit if over else self.config.cost_of

    def dead_end(self, over: tuple[Over, ...]) -> str:
        if over:
            return f"no removal leads on, and {over[0].sentence}"
        left = len(self.state.edges)
        if left <= self.config.keep_edges:
            return "the cell is down to its last edge" if left == 1 else f"the cell is down to {left} edges, as asked"
        if self.state.tested:
            return "no removal pays"
        return "every removal left is locked, breaks a limit or empties the cell"

    # -- what was measured ---------------------------------------------------------------------------------------

    def worth(self, quality: float, candidate: Candidate) -> float:
        assert self.state.penalised_cost is not None  # set with the candidates
        return self.score(quality, candidate.cost, self.state.penalised_cost)

    def _decide(self, outcomes: list[Outcome]) -> None:
        """Scores the round, keeps the answer, makes the best removal that is still allowed, proposes the next."""
        state, asked = self.state, self.asked
        scored = self.read(outcomes)
        improved = self._keep_best(scored)
        graph, possible = self.graph, self.removals(strict=True)
        if state.phase == "choice" and any(self.measured_graph(candidate) == graph for candidate in asked):
            self.change(measured=True)  # even where it failed: it is not tried again and again
            as_it_is = next((one for one in scored if self.measured_graph(one.candidate) == graph), None)
            self.change(
                parent_result=None if as_it_is is None else ParentResult(as_it_is.quality, as_it_is.candidate.cost)
            )
        allowed = [one for one in scored if self._may_win(one.candidate, possible)]
        if allowed:
            winner = max(allowed, key=lambda s: (s.score, -s.candidate.index))
            if self._pays(winner):
                self._inherit(winner.candidate, outcomes[asked.index(winner.candidate)])
                self._cut(winner, allowed, improved, possible)
            else:
                tested = (*self.state.tested, *(str(one.edge) for one in asked if one.edge is not None))
                self.change(stale=0 if improved else self.state.stale + 1, tested=tested)
        patience = self.config.patience
        # a graph that a person put over a limit is brought under it first, however long the answer has not improved
        if patience and self.state.stale >= patience and not self.removals().descends:
            self.finish("finished", f"{patience} steps brought no better answer")
        else:
            self.propose()

    def _may_win(self, candidate: Candidate, possible: Removals) -> bool:
        """Whether the removal may be made on the present graph: people may have changed it, or the terms, meanwhile.

        Without commands since the draw each feasible one may, so a round that decides nothing answers to a command.
        """
        if candidate.edge is None or len(possible.graph.edges) <= possible.keep:
            return False
        edge = parse_edge(candidate.edge)
        if why_not_removable(possible.graph, edge, possible.locks) is not None:
            return False
        after = possible.graph.without(edge)
        if possible.descends:
            return possible.find_feasible(after) is not None
        # the rough rank of a descent is not enough to choose by, once there is a choice
        return self.state.phase == "choice" and possible.fits(after)

    def _pays(self, winner: Scored) -> bool:
        """Whether the best removal is to be made: always, unless people asked for better ones only."""
        parent = self.state.parent_result
        if not self.config.keep_parent or parent is None or self.state.phase != "choice":
            return True
        return winner.score > self.score(parent.quality, parent.cost, self.config.cost_of)

    def _keep_best(self, scored: list[Scored]) -> bool:
        """Whether the round has a better answer: trained, fitting, and forbidden by no command."""
        if self.state.phase != "choice":
            return False
        was, present = self.state.best, self.graph
        for score, quality, candidate in scored:
            graph, best = self.measured_graph(candidate), self.state.best
            lacks_removed = all(present.has(edge) for edge in graph.edges)
            cost = self.with_latency(candidate.cost, graph)
            if not lacks_removed or self.locks.lost(graph) or not self.obeys_budget(cost):
                continue
            if best is None or score > best.score:
                step = self.state.step + (candidate.edge is not None)
                self.change(
                    best=Answer(graph.to_dict(), graph.hash, cost, quality, score, step, candidate.edge),
                )
        return self.state.best is not was

    def _inherit(self, winner: Candidate, outcome: Outcome) -> None:
        """The next candidates go on from the winner's weights, and nobody from any others."""
        if isinstance(self.config, CnnConfig) and self.config.inherit:
            sha256, graph = outcome.get("weights"), self.measured_graph(winner)
            self.change(weights=Weights(sha256, tuple(edge.id for edge in graph.edges)) if sha256 else None)

    def _cut(self, winner: Scored, rivals: list[Scored], improved: bool, possible: Removals) -> None:
        candidate, step = winner.candidate, self.state.step + 1
        edge = parse_edge(str(candidate.edge))
        witness = possible.find_feasible(possible.graph.without(edge))
        self.remove((edge,), "search", step)
        cost = self.cost(self.graph)
        over = self.budget.over(cost)
        choice = self.state.phase == "choice"
        as_measured = choice and self.measured_graph(candidate) == self.graph
        waits = choice and self.state.best is not None and not improved
        self.change(
            step=step,
            stale=self.state.stale + 1 if waits else 0,
            # the winner of a choice was trained as it now stands; the first graph that fits after a descent was not
            measured=as_measured,
            parent_result=ParentResult(winner.quality, candidate.cost) if as_measured else None,
            feasible_witness=tuple(e.id for e in witness.edges) if over and witness is not None else (),
            latency_records=without_failures(self.state.latency_records),
        )
        self.decided(winner, rivals, cost, over)
