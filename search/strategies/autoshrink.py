"""AutoShrink (Zhang et al., AAAI 2020, arXiv 1911.09251): start from the complete cell, remove one edge a step.

Each step draws removals of one live edge, trains each shrunk graph from scratch and keeps the best (spec section 2).
What differs from the published loop, and why, is in docs/decisions/0002-autoshrink-that-fits.md: limits are enforced
(descent while over them, then choice among graphs that fit), cost counts relative to the dense graph, failures rank
last, everything is seeded, and a cell without an operation is never reached.
"""

import random
from dataclasses import replace
from typing import NamedTuple

from search import recipes, wire
from search.budget import Infeasible, Limit, Over
from search.commands import Command
from search.config import parse
from search.cost import Cost
from search.events import (
    Answer,
    Candidate,
    CandidateScored,
    CandidatesProposed,
    Phase,
    SearchStarted,
    StepDecided,
    applied,
    curve_of,
)
from search.graph import Graph, parse_edge
from search.spaces import SPACES
from search.strategies.base import Finished, Origin, Outcome, Round, State, Told, Work
from search.strategies.branching import opened
from search.strategies.locks import Locks
from search.strategies.removals import Removals, cut_refusal
from search.strategies.shrinking import CONFIGS as CONFIGS
from search.strategies.shrinking import CnnConfig, Shrinking, Weights
from search.strategies.shrinking import State as Known
from search.strategies.steered import obey, objection
from search.task import Task

TITLE = "AutoShrink"
ABOUT = "Starts from a dense cell and cuts one edge a step: each cut is tried, trained and scored before it is made."


def start(task: Task) -> Told:
    run = _Run(Known(task=task, edges=()))
    run.change(edges=tuple(edge.id for edge in run.dense.edges))
    smallest = run.begin()
    if over := task.budget.over(smallest):
        raise Infeasible("; ".join(o.sentence for o in over) + f", even for {run.smallest_cell}")
    run.propose()
    return run.told()


def ask(state: State) -> Round | Finished:
    run = _run(state)
    if run.state.finished is not None:
        return Finished(run.state.finished)
    return Round(
        tuple(run.measuring(run.measured_graph(candidate)) for candidate in run.state.candidates if candidate.feasible)
    )


def tell(state: State, outcomes: list[Outcome]) -> Told:
    run = _run(state)
    if run.state.finished is None:
        run.decide(outcomes)
    return run.told()


def steer(state: State, command: Command) -> Told:
    run = _run(state)
    obey(run, command)
    return run.told()


def refusal(state: State, command: Command) -> str | None:
    return objection(_run(state), command)


def branch(state: State, branch_id: int, origin: Origin) -> Told:
    run = _run(state)
    run.change(branch=branch_id, round=0, finished=None)
    if origin.search is not None:
        run.begin()
    if origin.command is not None:
        run.say(applied(origin.command))
    run.say(opened(run, origin))
    run.propose()
    return run.told()


def final(task: Task, graph: Graph) -> Work:
    run = _Run(Known(task=task, edges=(), phase="choice"))
    return run.training(graph) | {"kind": "final"}


def evaluations(task: Task) -> int:
    """One edge a step, K candidates each, and one reference (spec section 10: 235 for 8 nodes and K = 10)."""
    config = parse(CONFIGS[task.space], task.config)
    edges = config.nodes * (config.nodes - 1) // 2
    return sum(min(config.candidates, e) for e in range(config.keep_edges + 1, edges + 1)) + 1


class _Scored(NamedTuple):
    score: float
    quality: float
    candidate: Candidate


def _run(state: State) -> "_Run":
    return _Run(wire.decode(Known, state))


class _Run(Shrinking):
    """The loop: what to measure next, and what follows from what was measured."""

    def begin(self) -> Cost:
        """Says what the search starts from; the cost of the smallest graph that it can end with."""
        task, cost = self.task, self.cost(self.dense)
        at_start = Removals(
            graph=self.dense, macro=self.macro, budget=task.budget, locks=Locks(), keep=self.config.keep_edges
        )
        smallest = self.cost(at_start.smallest(self.dense))
        self.say(
            SearchStarted(
                task, wire.plain(self.macro), self.dense.to_dict(), cost, smallest, task.budget.over(cost),
                task.material.metric,
            )
        )  # fmt: skip
        return smallest

    def measured_graph(self, candidate: Candidate) -> Graph:
        """What the candidate trains. The present graph may have changed since: a person can cut while a round runs."""
        drawn_on = self.graph_of(self.state.proposed)
        return drawn_on if candidate.edge is None else drawn_on.without(parse_edge(candidate.edge))

    # -- what to measure next ------------------------------------------------------------------------------------

    def propose(self) -> None:
        """Draws the next round's candidates, or finishes where no removal leads on."""
        state, graph, possible = self.state, self.graph, self.removals()
        over = possible.over
        phase: Phase = "descent" if over else "choice"
        drawn: list[Candidate] = []
        if len(state.edges) > self.config.keep_edges:
            rng = random.Random(f"{self.task.seed}/{state.branch}/{state.round}/candidates")
            drawn = possible.draw(self.config.candidates, rng)
        if not over and not state.measured:
            drawn = [Candidate(0, None, (), (), self.cost(graph), True, None), *drawn]
        if not any(candidate.feasible for candidate in drawn):
            self.finish("finished", self._dead_end(over))
            return
        candidates = tuple(replace(c, index=i) for i, c in enumerate(drawn))
        way = possible.way(graph) if over else None
        self.change(
            phase=phase,
            counts=self._counted(over),
            candidates=candidates,
            proposed=state.edges,
            way=() if way is None else tuple(edge.id for edge in way.edges),
        )
        self.say(CandidatesProposed(state.step + 1, phase, candidates, self.cost(graph), over))

    def _counted(self, over: tuple[Over, ...]) -> Limit:
        """In a descent the cost that counts is the one most over its limit."""
        return max(over, key=lambda o: o.value / o.allowed).limit if over else self.config.cost_of

    def _dead_end(self, over: tuple[Over, ...]) -> str:
        if over:
            return f"no removal leads on, and {over[0].sentence}"
        left = len(self.state.edges)
        if left <= self.config.keep_edges:
            return "the cell is down to its last edge" if left == 1 else f"the cell is down to {left} edges, as asked"
        return "every removal left is locked, breaks a limit or empties the cell"

    def measuring(self, graph: Graph) -> Work:
        """A candidate's training: from scratch, or on from the weights of the graph that it was cut from."""
        work = self.training(graph)
        config = self.config
        if not isinstance(config, CnnConfig):
            return work
        if config.images:
            work |= {"images": config.images}
        if not config.inherit:
            return work
        work |= {"keep": True}
        weights = self.state.weights
        if weights is None:
            return work
        parent = self.graph_of(weights.edges)
        nodes = {graph.numbering[node]: parent.numbering[node] for node in graph.by_id if node in parent.by_id}
        return work | {"inherit": {"weights": weights.sha256, "nodes": wire.plain(nodes)}}

    def training(self, graph: Graph) -> Work:
        """Training from scratch, in the canonical form: equal graphs are equal work."""
        recipe = recipes.proxy(self.task.dataset, SPACES[self.task.space].KIND)
        if self.config.epochs:
            recipe = replace(recipe, epochs=self.config.epochs)
        if self.state.phase == "descent":
            recipe = replace(recipe, epochs=min(self.config.descent_epochs, recipe.epochs))
        data = self.task.material
        work: Work = {
            "kind": "train",
            "graph": graph.canonical.to_dict(),
            "macro": wire.plain(self.macro),
            "recipe": wire.plain(recipe),
            "dataset": self.task.dataset,
            "split": self.task.split,
            "replicate": self.task.seed,
        }
        return work if data.file is None else work | {"file": data.file}

    # -- what was measured ---------------------------------------------------------------------------------------

    def decide(self, outcomes: list[Outcome]) -> None:
        """Scores the round, keeps the answer, makes the best removal that is still allowed, proposes the next."""
        state, step = self.state, self.state.step + 1
        # a state of before this was kept has no people's budget either
        counted = state.counts or self._counted(self.task.budget.over(self.cost(self.graph_of(state.proposed))))
        measured = [candidate for candidate in state.candidates if candidate.feasible]
        scored: list[_Scored] = []
        metric = self.task.material.metric
        for candidate, outcome in zip(measured, outcomes, strict=True):
            quality = outcome[f"val_{metric}"] if outcome["status"] == "ok" else None
            score = None if quality is None else self.score(quality, candidate.cost, counted)
            if quality is not None and score is not None:
                scored.append(_Scored(score, quality, candidate))
            self.say(
                CandidateScored(
                    step, candidate.index, candidate.edge, outcome["status"], outcome.get("code"), quality, score,
                    curve_of(outcome.get("curve", [])),
                )
            )  # fmt: skip
        self.change(round=state.round + 1, trained=state.trained + len(measured))
        improved = self._keep_best(scored)
        graph, possible = self.graph, self.removals()
        if state.phase == "choice" and any(self.measured_graph(candidate) == graph for candidate in measured):
            self.change(measured=True)  # even where it failed: it is not tried again and again
        allowed = [one for one in scored if self._may_win(one.candidate, possible)]
        if allowed:
            winner = max(allowed, key=lambda s: (s.score, -s.candidate.index))
            self._inherit(winner.candidate, outcomes[measured.index(winner.candidate)])
            self._cut(winner, allowed, improved, possible)
        patience = self.config.patience
        if patience and self.state.stale >= patience:
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
        if cut_refusal(possible.graph, edge, possible.locks) is not None:
            return False
        after = possible.graph.without(edge)
        if possible.over:
            return possible.way(after) is not None
        # the rough rank of a descent is not enough to choose by, once there is a choice
        return self.state.phase == "choice" and not self.budget.over(self.cost(after))

    def _keep_best(self, scored: list[_Scored]) -> bool:
        """Whether the round has a better answer: trained, fitting, and forbidden by no command."""
        if self.state.phase != "choice":
            return False
        was, present = self.state.best, self.graph
        for score, quality, candidate in scored:
            graph, best = self.measured_graph(candidate), self.state.best
            lacks_removed = all(present.has(edge) for edge in graph.edges)
            if not lacks_removed or self.locks.lost(graph) or self.budget.over(candidate.cost):
                continue
            if best is None or score > best.score:
                answer = Answer(
                    graph.to_dict(),
                    graph.hash,
                    candidate.cost,
                    quality,
                    score,
                    self.state.step + (candidate.edge is not None),
                    candidate.edge,
                )
                self.change(best=answer)
        return self.state.best is not was

    def _inherit(self, winner: Candidate, outcome: Outcome) -> None:
        """The next candidates go on from the winner's weights, and nobody from any others."""
        if isinstance(self.config, CnnConfig) and self.config.inherit:
            sha256, graph = outcome.get("weights"), self.measured_graph(winner)
            self.change(weights=Weights(sha256, tuple(edge.id for edge in graph.edges)) if sha256 else None)

    def _cut(self, winner: _Scored, rivals: list[_Scored], improved: bool, possible: Removals) -> None:
        score, quality, candidate = winner
        phase, step = self.state.phase, self.state.step + 1
        others = [s for s, _, c in rivals if c is not candidate]
        edge = parse_edge(str(candidate.edge))
        way = possible.way(possible.graph.without(edge))
        self.remove((edge,), "search", step)
        cost = self.cost(self.graph)
        over = self.budget.over(cost)
        waits = phase == "choice" and self.state.best is not None and not improved
        self.change(
            step=step,
            stale=self.state.stale + 1 if waits else 0,
            # the winner of a choice was trained as it now stands; the first graph that fits after a descent was not
            measured=phase == "choice" and self.measured_graph(candidate) == self.graph,
            way=tuple(e.id for e in way.edges) if over and way is not None else (),
        )
        self.say(
            StepDecided(
                step, phase, edge.id, score, quality, cost, over, not over, len(self.state.edges),
                score - max(others) if others else None,
            )
        )  # fmt: skip
