"""AutoShrink by the studio protocol: a descent while a limit is broken, then a choice among graphs that fit.

docs/decisions/0002 and 0008 say what differs from the published protocol, and why. Where latency is limited, a latency
round comes before each round of training (latency_rounds.py).
"""

from dataclasses import replace
from math import ceil

from search.base.sentences import counted
from search.evaluation.latencies import without_failures
from search.evaluation.objective import Contender, choose
from search.log.events import Answer, Candidate, Measured, Phase
from search.network.budget import Infeasible, Limit, Over, spent
from search.network.cost import Cost
from search.network.edits import Edits, why_not_removable
from search.network.graph import Graph, parse_edge
from search.strategies.autoshrink.latency_rounds import LatencyLoop, measure_candidates, tell_latency_round
from search.strategies.autoshrink.loop import ScoredCandidate
from search.strategies.autoshrink.removals import Removals
from search.strategies.autoshrink.state import ParentResult
from search.strategies.base import Effort, Outcome, Position, Preview
from search.strategies.effort import Extent, effort_of

#: Steps of a descent, relative to the edges that must go: a cut may take other edges with it, which lead nowhere then.
PACES = (0.6, 0.8, 1.0)


class Studio(LatencyLoop):
    def start(self) -> None:
        """A fork keeps the budget, the locks and the latencies of the state that it starts from."""
        self.emit_started(self._smallest())
        if over := self.removals().unreachable_limits:
            raise Infeasible("; ".join(o.sentence for o in over) + f", even for {self.smallest_cell_text}")

    def preview(self) -> Preview:
        """K candidates per step of one edge (spec section 10: 235 and 95 as published), and the dense cell itself."""
        edges = len(self.dense.edges)
        return Preview(
            graph=self.dense,
            largest=self.start_cost,
            smallest=self._smallest(),
            unreachable=self.removals(graph=self.dense).unreachable_limits,
            # a parent may be kept until all its cuts are tested
            evaluations=self.count_cuts(edges if self.config.keep_parent else self.config.candidates)
            + (1 + edges - self.config.keep_edges if self._retrains_parent else 1)
            + self.task.answer.finalists,
            examples=self.examples(self._smallest_graph()),
        )

    def effort(self, position: Position | None) -> Effort:
        """A descent, in which costs fall with each edge alike, then a choice that ends when it finds nothing better.

        Before its end the choice makes no cut, a quarter of the cuts that are left, or all of them; without patience
        and without `keep_parent`, always all.
        """
        config, smallest = self.config, self._smallest()
        _, edges, cost = position or self.first_position()
        over = self.budget.over(cost)
        fall = self._fall(over, smallest)
        fitting = edges - ceil(fall * max(0, edges - config.keep_edges))
        macs = round(cost.macs - fall * max(0, cost.macs - smallest.macs))
        descent, most = self.cuts(edges, fitting), max(0, fitting - config.keep_edges)
        least = 0 if config.keep_parent or config.patience else most

        def extent(pace: float, cuts: int) -> Extent:
            left = fitting - cuts
            made = [count + self._retrains_parent for count in self.cuts(fitting, left)]
            choice = [*made, *self._fruitless(left, begun=position is not None and not over)] or [0]
            choice[0] += position is None  # the graph itself
            typical = round(macs - cuts / 2 / max(1, most) * max(0, macs - smallest.macs))
            return Extent(choice, typical, descent[: ceil(pace * len(descent))], (cost.macs + macs) // 2)

        low, middle, high = extent(PACES[0], least), extent(PACES[1], max(least, most // 4)), extent(PACES[2], most)
        return effort_of(self.factors, low, middle, high, config.descent_epochs)

    @staticmethod
    def _fall(over: tuple[Over, ...], smallest: Cost) -> float:
        """How much of the way to the smallest graph must be gone to fit. Latencies are not known before."""
        shares = [
            (value - allowed) / max(1, value - spent(smallest, limit))
            for limit, value, allowed in over
            if limit != "latency"
        ]
        return min(1.0, max(shares, default=0.0))

    def _fruitless(self, edges: int, begun: bool) -> list[int]:
        """The candidates of the rounds that end a choice on a graph of so many edges: none is better than the answer.
        `begun`: some of these rounds may be over, so one is left at least."""
        if edges <= self.config.keep_edges:
            return []
        patience, most = self.config.patience, self.config.candidates
        if self.config.keep_parent:
            rounds = [min(most, edges - tested) for tested in range(0, edges, most)]
        else:
            rounds = self.cuts(edges, self.config.keep_edges)
        return rounds[: 1 if begun else patience or None]

    def _smallest(self) -> Cost:
        return self.cost(self._smallest_graph())

    def _smallest_graph(self) -> Graph:
        return self.removals(graph=self.dense).smallest(self.dense)

    def tell(self, outcomes: list[Outcome]) -> None:
        if self.state.answering is not None:
            self.tell_answer_round(outcomes)
        elif self.state.latency_round is None:
            self._decide(outcomes)
        else:
            tell_latency_round(self, self.state.latency_round, outcomes)

    # -- proposing -----------------------------------------------------------------------------------------------

    def propose(self) -> None:
        self.emit_due_snapshot()
        state, graph, removals = self.state, self.graph, self.removals()
        over = removals.over
        phase: Phase = "descent" if removals.must_descend else "choice"
        drawn: list[Candidate] = []
        if len(graph.edges) > self.config.keep_edges:
            drawn = removals.draw(self.config.candidates, self.rng(), state.tested)
        if not removals.must_descend and not state.measured:
            drawn = [Candidate(0, Edits(), (), graph.hash, None, self.cost(graph), True, None), *drawn]
        if not any(candidate.feasible for candidate in drawn):
            self.finish("finished", self.end_reason(over))
            return
        drawn.sort(key=lambda candidate: not candidate.feasible)
        candidates = tuple(replace(c, id=id) for id, c in zip(self.new_ids(len(drawn)), drawn, strict=True))
        witness = removals.find_feasible(graph) if over else None
        self.change(
            phase=phase,
            penalised_cost=self.choose_penalised_cost(over),
            drawn=candidates,
            proposed=tuple(edge.id for edge in graph.edges),
            feasible_witness=() if witness is None else tuple(edge.id for edge in witness.edges),
            latency_round=None,
            redraw=False,
        )
        self.output.propose(
            candidates, step=state.step + 1, phase=phase, cost=self.cost(graph), over=over, replaced=state.drawn
        )
        if self.budget.latency is not None:
            measure_candidates(self, removals)

    def choose_penalised_cost(self, over: tuple[Over, ...]) -> Limit:
        """In a descent, the cost that is most over its limit, relative to the limit."""
        return max(over, key=lambda o: o.value / o.allowed).limit if over else self.task.objective.cost_of

    def end_reason(self, over: tuple[Over, ...]) -> str:
        if over:
            return f"no cut leads to a cell within the limits: {over[0].sentence}"
        edges = len(self.graph.edges)
        if edges <= self.config.keep_edges:
            return "no more edges to cut" if edges == 1 else f"reached {edges} edges, where this search was set to stop"
        if self.state.tested:
            return "no cut improves the score by more than its noise"
        return "no edge can be cut: each is locked, or cutting it breaks a limit or empties the cell"

    # -- deciding ------------------------------------------------------------------------------------------------

    def candidate_score(self, quality: float, candidate: Candidate) -> float:
        assert self.state.penalised_cost is not None  # set with the candidates
        return self.score(quality, candidate.cost, self.state.penalised_cost)

    def _decide(self, outcomes: list[Outcome]) -> None:
        """Scores the round, updates the answer, makes the best removal that is still allowed, and proposes again."""
        state, trained = self.state, self.feasible_candidates
        scored = self.score_outcomes(outcomes)
        improved = self._update_best(scored)
        graph, removals = self.graph, self.removals(strict=True)
        if state.phase == "choice" and any(self.candidate_graph(candidate) == graph for candidate in trained):
            self.change(measured=True)  # even if the training failed, so that it is not repeated every round
            parent = next((result for result in scored if self.candidate_graph(result.candidate) == graph), None)
            self.change(parent_result=None if parent is None else ParentResult(parent.quality, parent.candidate.cost))
        allowed = [result for result in scored if self._is_allowed(result.candidate, removals)]
        if allowed:
            contenders = [Contender(each.score, each.result.noise, self.size(each.candidate.cost)) for each in allowed]
            winner = allowed[choose(contenders)]
            if self._beats_parent(winner):
                graph = self.candidate_graph(winner.candidate)
                self.change(carry=self.factors.evaluator.adopt(self.carry, graph, winner.result))
                self._make_cut(winner, allowed, improved, removals)
            else:
                tested = (*self.state.tested, *(edge for c in trained if (edge := c.edits.removed_edge) is not None))
                self.change(stale=0 if improved else self.state.stale + 1, tested=tested)
        patience = self.config.patience
        # patience cannot end a search whose graph a person put over a limit: the graph must fit first
        if patience and self.state.stale >= patience and not self.removals().must_descend:
            self.finish("finished", f"no better result in {counted(patience, 'step')}")
        else:
            self.propose_or_give_up()

    def _is_allowed(self, candidate: Candidate, removals: Removals) -> bool:
        """Whether the removal may be made on the current graph, after commands that came while the round ran.

        Without such commands every feasible cut is allowed, so only a command can make a round decide nothing.
        """
        if candidate.edits.removed_edge is None or len(removals.graph.edges) <= removals.keep:
            return False
        edge = parse_edge(candidate.edits.removed_edge)
        if why_not_removable(removals.graph, edge, removals.locks) is not None:
            return False
        after = removals.graph.without(edge)
        if removals.must_descend:
            return removals.find_feasible(after) is not None
        # the short trainings of a descent are too rough to choose by
        return self.state.phase == "choice" and removals.fits(after)

    def _beats_parent(self, winner: ScoredCandidate) -> bool:
        """Whether to make the best removal: always, unless the setting `keep_parent` demands a higher score.

        Higher by more than its noise: among several cuts that change nothing, one looks better by chance.
        """
        parent = self.state.parent_result
        if not self.config.keep_parent or parent is None or self.state.phase != "choice":
            return True
        return winner.score > self.score(parent.quality, parent.cost, self.task.objective.cost_of) + winner.result.noise

    def _update_best(self, scored: list[ScoredCandidate]) -> bool:
        """Stores the best answer of the round if it beats the one so far; returns whether it does.

        An answer must fit, hold every locked part and have no edge that was removed while the round ran.
        """
        if self.state.phase != "choice":
            return False
        before, best, current = self.state.best, self.state.best, self.graph
        for result in scored:
            graph = self.candidate_graph(result.candidate)
            answer = self._answer_of(result)
            is_subgraph = all(current.has(edge) for edge in graph.edges)
            if not is_subgraph or self.locks.lost(graph) or self.budget.over(answer.cost):
                continue
            self.add_finalist(answer)  # it may be measured later: a command may have limited latency meanwhile
            if not self.fits_budget(answer.cost):
                continue
            is_bar = best is not None and best is before and best.hash == answer.hash
            if is_bar and self._retrains_parent:
                before = best = answer  # the result that is comparable with those of its cuts
            elif best is None or self.order(answer) < self.order(best):
                best = answer
        self.change(best=best)
        return best is not before

    def _answer_of(self, result: ScoredCandidate) -> Answer:
        """After its round was counted, and before its step is."""
        score, quality, candidate, _ = result
        graph = self.candidate_graph(candidate)
        cost, step = self.with_latency(candidate.cost, graph), self.state.step + (candidate.edits != Edits())
        measured = Measured(self.state.branch, self.state.round - 1, candidate.id)
        return Answer(graph.to_rows(), graph.hash, cost, quality, score, step, measured, self.factors.metric)

    @property
    def _retrains_parent(self) -> bool:
        """Whether the parent is trained beside its cuts although it was trained as a cut: that training was shorter."""
        return self.config.keep_parent and self.factors.evaluator.WITHIN_STEP

    def _make_cut(
        self, winner: ScoredCandidate, scored: list[ScoredCandidate], improved: bool, removals: Removals
    ) -> None:
        candidate, answer, retrains = winner.candidate, self._answer_of(winner), self._retrains_parent
        witness = removals.find_feasible(removals.graph.without(parse_edge(str(candidate.edits.removed_edge))))
        over = self.make_cut(winner, scored)
        choice = self.state.phase == "choice"
        as_measured = choice and self.candidate_graph(candidate) == self.graph
        is_stale = choice and self.state.best is not None and not improved
        if as_measured and retrains:
            self.change(best=answer)  # so that the next round compares with its own result of this graph
        self.change(
            stale=self.state.stale + 1 if is_stale else 0,
            # the winner of a choice was trained in full; the first graph that fits after a descent was not
            measured=as_measured and not retrains,
            parent_result=ParentResult(winner.quality, candidate.cost) if as_measured and not retrains else None,
            feasible_witness=tuple(e.id for e in witness.edges) if over and witness is not None else (),
            latency_records=without_failures(self.state.latency_records),
        )
