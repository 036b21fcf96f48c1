"""AutoShrink (Zhang et al., AAAI 2020, arXiv 1911.09251): start from the complete cell, remove one edge a step.

Each step draws removals of one live edge, trains each shrunk graph from scratch and keeps the best (spec section 2).
What differs from the published loop, and why, is in docs/decisions/0002-autoshrink-that-fits.md: limits are enforced
(descent while over them, then choice among graphs that fit), cost counts relative to the dense graph, failures rank
last, everything is seeded, and a cell without an operation is never reached.
"""

import math
import random
from dataclasses import dataclass, field, replace
from typing import Literal

from search import recipe as recipes
from search import wire
from search.budget import Budget, Infeasible, Limit, Over, spent
from search.commands import END_KINDS, PAUSE_KINDS, Command
from search.config import option, parse
from search.cost import Cost, cost_of
from search.events import (
    Answer,
    Candidate,
    CandidateScored,
    CandidatesProposed,
    Cause,
    EdgeLocked,
    EdgeRemoved,
    EdgeUnlocked,
    End,
    NodeRemoved,
    Phase,
    SearchFinished,
    SearchStarted,
    StepDecided,
    applied,
    curve_of,
    emit,
    refused,
)
from search.graph import Edge, Graph, live, parse_edge
from search.macro import Macro
from search.spaces import cnn
from search.strategies.base import Finished, Outcome, Round, State, Told, Work
from search.strategies.removals import Removals, cut_refusal, smallest_cells
from search.task import Task

TITLE = "AutoShrink"
ABOUT = "Starts from a dense cell and cuts one edge a step: each cut is tried, trained and scored before it is made."
SPACES: tuple[str, ...] = ("cnn",)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of the search; N = 8 and K = 10 are the published ones (spec section 2)."""

    nodes: int = option(8, "Nodes", "Nodes of the cell, its input counted.", min=cnn.MIN_NODES, max=cnn.MAX_NODES)
    candidates: int = option(10, "Cuts tested a step", "How many removals are drawn and trained.", min=1, max=20)
    keep_edges: int = option(1, "Edges to keep", "The search ends when no more than these are left.", min=1, max=119)
    patience: int = option(
        4, "Patience", "Steps without a better answer after which it ends; 0 goes on to the last edge.", min=0, max=119
    )
    cost_weight: float = option(
        0.1, "Weight of cost", "Points of score for a cost ten times lower.", min=0.0, max=1.0
    )  # published: ten times the MACs are worth 10 points of accuracy
    cost_of: Literal["macs", "params", "peak_memory"] = option(
        "macs", "Cost that counts", "Which cost lowers the score."
    )
    epochs: int = option(
        0, "Epochs a candidate", "Epochs of training for each candidate; 0 takes the dataset's own.", min=0, max=200
    )
    descent_epochs: int = option(
        1,
        "Epochs over budget",
        "The same while over a limit, where a rough rank is enough.",
        min=1,
        max=200,
    )


@dataclass(frozen=True, kw_only=True)
class _State:
    """All that the search knows. Edges and nodes are those that live; the dense graph comes from the task again."""

    v: Literal[1] = 1  # so another version is refused in words
    task: Task
    edges: tuple[str, ...]
    branch: int = 0
    round: int = 0
    step: int = 0  # decisions made
    phase: Phase = "descent"
    locked: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    proposed: tuple[str, ...] = ()  # edges of the graph that the candidates were drawn on
    measured: bool = False  # whether the present graph itself was trained as one that fits
    best: Answer | None = None
    stale: int = 0  # choices since the answer last grew better
    trained: int = 0
    finished: End | None = None


def start(task: Task) -> Told:
    run = _Run(_State(task=task, edges=()))
    run.state = replace(run.state, edges=tuple(edge.id for edge in run.dense.edges))
    smallest = min(
        (run.cost(cell) for cell in smallest_cells(run.dense)), key=lambda c: (task.budget.strain(c), c.params)
    )
    if over := task.budget.over(smallest):
        raise Infeasible("; ".join(o.sentence for o in over) + ", even for the smallest cell that can be reached")
    cost = run.cost(run.dense)
    run.say(
        SearchStarted(
            task, wire.plain(run.macro), run.dense.to_dict(), cost, smallest, task.budget.over(cost)
        )
    )  # fmt: skip
    run.propose()
    return run.told()


def ask(state: State) -> Round | Finished:
    run = _Run(wire.decode(_State, state))
    if run.state.finished is not None:
        return Finished(run.state.finished)
    return Round(
        tuple(run.training(run.measured_graph(candidate)) for candidate in run.state.candidates if candidate.feasible)
    )


def tell(state: State, outcomes: list[Outcome]) -> Told:
    run = _Run(wire.decode(_State, state))
    if run.state.finished is None:
        run.decide(outcomes)
    return run.told()


def steer(state: State, command: Command) -> Told:
    run = _Run(wire.decode(_State, state))
    run.steer(command)
    return run.told()


def refusal(state: State, command: Command) -> str | None:
    return _Run(wire.decode(_State, state)).refusal(command)


def branch(state: State, branch_id: int) -> Told:
    run = _Run(replace(wire.decode(_State, state), branch=branch_id, finished=None))
    run.propose()
    return run.told()


def final(task: Task, graph: Graph) -> Work:
    run = _Run(_State(task=task, edges=(), phase="choice"))
    return run.training(graph) | {"kind": "final"}


def evaluations(task: Task) -> int:
    """One edge a step, K candidates each, and one reference (spec section 10: 235 for 8 nodes and K = 10)."""
    config = parse(Config, task.config)
    edges = config.nodes * (config.nodes - 1) // 2
    return sum(min(config.candidates, e) for e in range(config.keep_edges + 1, edges + 1)) + 1


@dataclass
class _Run:
    """One call of the fold: a state, what follows from it, and the events said so far."""

    state: _State
    said: list[object] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.task = self.state.task
        self.config = parse(Config, self.task.config)
        images = self.task.images
        self.macro: Macro = cnn.search_macro(images.shape, images.classes)
        self.dense = cnn.dense(self.config.nodes)

    @property
    def budget(self) -> Budget:
        return self.task.budget

    @property
    def graph(self) -> Graph:
        """The present graph."""
        return self._graph(self.state.edges)

    def measured_graph(self, candidate: Candidate) -> Graph:
        """What the candidate trains. The present graph may have changed since: a person can cut while a round runs."""
        drawn_on = self._graph(self.state.proposed)
        return drawn_on if candidate.edge is None else drawn_on.without(parse_edge(candidate.edge))

    def _graph(self, edges: tuple[str, ...]) -> Graph:
        return live(self.dense.nodes, [parse_edge(edge) for edge in edges])

    def cost(self, graph: Graph) -> Cost:
        return cost_of(graph, self.macro, self.budget.bytes_per_element)

    def say(self, payload: object) -> None:
        self.said.append(payload)

    def told(self) -> Told:
        return wire.plain(self.state), [emit(payload) for payload in self.said]

    # -- what to measure next ------------------------------------------------------------------------------------

    def propose(self) -> None:
        """Draws the next round's candidates, or finishes where no removal leads on."""
        state = self.state
        possible = Removals(self.graph, self.macro, self.budget, state.locked)
        over = possible.over
        phase: Phase = "descent" if over else "choice"
        drawn: list[Candidate] = []
        if len(state.edges) > self.config.keep_edges:
            rng = random.Random(f"{self.task.seed}/{state.branch}/{state.round}/candidates")
            drawn = possible.draw(self.config.candidates, rng)
        if not over and not state.measured:
            drawn = [Candidate(0, None, (), (), self.cost(self.graph), True, None), *drawn]
        if not any(candidate.feasible for candidate in drawn):
            self.finish("finished", self._dead_end(over))
            return
        candidates = tuple(replace(c, index=i) for i, c in enumerate(drawn))
        self.state = replace(state, phase=phase, candidates=candidates, proposed=state.edges)
        self.say(CandidatesProposed(state.step + 1, phase, candidates, self.cost(self.graph), over))

    def _dead_end(self, over: tuple[Over, ...]) -> str:
        if over:
            return f"no removal leads on, and {over[0].sentence}"
        left = len(self.state.edges)
        if left <= self.config.keep_edges:
            return "the cell is down to its last edge" if left == 1 else f"the cell is down to {left} edges, as asked"
        return "every removal left is locked, breaks a limit or empties the cell"

    def training(self, graph: Graph) -> Work:
        """Training from scratch, in the canonical form: equal graphs are equal work."""
        recipe = recipes.proxy(self.task.dataset)
        if self.config.epochs:
            recipe = replace(recipe, epochs=self.config.epochs)
        if self.state.phase == "descent":
            recipe = replace(recipe, epochs=min(self.config.descent_epochs, recipe.epochs))
        data = self.task.images
        return {
            "kind": "train",
            "graph": graph.canonical.to_dict(),
            "macro": wire.plain(self.macro),
            "recipe": wire.plain(recipe),
            "dataset": self.task.dataset,
            "split": self.task.split,
            "replicate": self.task.seed,
        } | ({} if data.file is None else {"file": data.file})

    # -- what was measured ---------------------------------------------------------------------------------------

    def score(self, quality: float, cost: Cost) -> float:
        """quality - weight * log10(cost / dense cost); in a descent the cost is the one most over its limit."""
        counted: Limit = self.config.cost_of
        if self.state.phase == "descent":
            over = self.budget.over(self.cost(self._graph(self.state.proposed)))
            counted = max(over, key=lambda o: o.value / o.allowed).limit
        ratio = spent(cost, counted) / spent(self.cost(self.dense), counted)
        return quality - self.config.cost_weight * math.log10(ratio)

    def decide(self, outcomes: list[Outcome]) -> None:
        """Scores the round, keeps the answer, makes the best removal that is still allowed, proposes the next."""
        measured = [candidate for candidate in self.state.candidates if candidate.feasible]
        scored: list[tuple[float, float, Candidate]] = []
        for candidate, outcome in zip(measured, outcomes, strict=True):
            quality = outcome["val_accuracy"] if outcome["status"] == "ok" else None
            score = None if quality is None else self.score(quality, candidate.cost)
            if quality is not None and score is not None:
                scored.append((score, quality, candidate))
            self.say(
                CandidateScored(
                    self.state.step + 1, candidate.index, candidate.edge, outcome["status"], outcome.get("code"),
                    quality, score, curve_of(outcome.get("curve", [])),
                )
            )  # fmt: skip
        self.state = replace(self.state, round=self.state.round + 1, trained=self.state.trained + len(measured))
        improved = self._keep_best(scored)
        graph = self.graph
        if self.state.phase == "choice" and any(self.measured_graph(candidate) == graph for candidate in measured):
            self.state = replace(self.state, measured=True)  # even where it failed: it is not tried again and again
        allowed = [
            s for s in scored if s[2].edge and cut_refusal(graph, parse_edge(s[2].edge), self.state.locked) is None
        ]
        if allowed:
            self._cut(max(allowed, key=lambda s: (s[0], -s[2].index)), allowed, improved)
        config = self.config
        if config.patience and self.state.stale >= config.patience:
            self.finish("finished", f"{config.patience} steps brought no better answer")
        else:
            self.propose()

    def _keep_best(self, scored: list[tuple[float, float, Candidate]]) -> bool:
        """Whether the round has a better answer: trained, fitting, and forbidden by no command."""
        if self.state.phase != "choice":
            return False
        was, present = self.state.best, self.graph
        for score, quality, candidate in scored:
            graph, best = self.measured_graph(candidate), self.state.best
            keeps_locked = all(graph.has(parse_edge(edge)) for edge in self.state.locked)
            lacks_removed = all(present.has(edge) for edge in graph.edges)
            if not (keeps_locked and lacks_removed):
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
                self.state = replace(self.state, best=answer)
        return self.state.best is not was

    def _cut(
        self, winner: tuple[float, float, Candidate], rivals: list[tuple[float, float, Candidate]], improved: bool
    ) -> None:
        score, quality, candidate = winner
        phase, step = self.state.phase, self.state.step + 1
        others = [s for s, _, c in rivals if c is not candidate]
        self.remove(parse_edge(str(candidate.edge)), "search", step)
        cost = self.cost(self.graph)
        over = self.budget.over(cost)
        stale = 0 if improved or phase == "descent" else self.state.stale + 1
        # the winner of a choice was trained as it now stands; the first graph that fits after a descent was not
        measured = phase == "choice" and self.measured_graph(candidate) == self.graph
        self.state = replace(self.state, step=step, stale=stale, measured=measured)
        self.say(
            StepDecided(
                step, phase, str(candidate.edge), score, quality, cost, over, not over, len(self.state.edges),
                score - max(others) if others else None,
            )
        )  # fmt: skip

    def remove(self, edge: Edge, cause: Cause, step: int) -> None:
        """Removes an edge and what can no longer be reached, saying each."""
        before = self.graph
        after = before.without(edge)
        gone = [edge, *(e for e in before.edges if e != edge and not after.has(e))]
        for e in gone:
            self.say(EdgeRemoved(e.id, e.source, e.target, step, cause if e == edge else "collapse"))
        for node in before.nodes:
            if node.id not in after.by_id:
                self.say(NodeRemoved(node.id, step, "collapse"))
        self.state = replace(self.state, edges=tuple(e.id for e in after.edges))

    def finish(self, status: End, why: str) -> None:
        state = self.state
        best = None if status == "cancelled" else state.best
        self.state = replace(state, finished=status, candidates=(), best=best)
        self.say(SearchFinished(status, why, state.step, state.trained, best))

    # -- what a person says --------------------------------------------------------------------------------------

    def steer(self, command: Command) -> None:
        if why := self.refusal(command):
            self.say(refused(command, why))
            return
        self.say(applied(command))
        if command.kind in END_KINDS:
            status: End = "stopped" if command.kind == "stop" else "cancelled"
            self.finish(status, f"{status} by {command.by}")
            return
        edge = str(command.edge)
        locked = set(self.state.locked)
        if command.kind == "lock":
            self.state = replace(self.state, locked=tuple(sorted(locked | {edge})))
            self.say(EdgeLocked(edge))
        elif command.kind == "unlock":
            self.state = replace(self.state, locked=tuple(sorted(locked - {edge})))
            self.say(EdgeUnlocked(edge))
        else:
            self.remove(parse_edge(edge), "person", self.state.step)
            self.state = replace(self.state, measured=False)
        self._drop_best_that_disobeys(command)

    def _drop_best_that_disobeys(self, command: Command) -> None:
        """An answer found earlier must obey too: it keeps what is locked and lacks what a person removed."""
        best = self.state.best
        if best is None or command.kind == "unlock":
            return
        has = Graph.from_dict(best.graph).has(parse_edge(str(command.edge)))
        if has != (command.kind == "lock"):
            self.state = replace(self.state, best=None, measured=False, stale=0)

    def refusal(self, command: Command) -> str | None:
        if self.state.finished is not None:
            return f"the search is over ({self.state.finished})"
        if command.kind in PAUSE_KINDS:
            return f"{command.kind} is for whoever runs the search; it changes nothing in it"
        if command.kind in END_KINDS:
            return None
        if command.edge is None or command.kind == "restore":
            return f"{command.kind} cannot be done in this search"
        graph, edge = self.graph, parse_edge(command.edge)
        if not graph.has(edge):
            return f"edge {edge.id} is not in the graph (any more)"
        if command.kind == "remove":
            return cut_refusal(graph, edge, self.state.locked)
        is_locked = edge.id in self.state.locked
        if is_locked == (command.kind == "lock"):
            return f"edge {edge.id} is locked already" if is_locked else f"edge {edge.id} is not locked"
        return None
