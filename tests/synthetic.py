"""A strategy without a search in it, for benchmarks and large logs: any number of candidates and rounds, at no cost.

Each round proposes other operations for some nodes, whose results are drawn at random, and the best of a round is
decided. Its rounds need no workers, unless its settings ask for items, which take a given time each.

`python -m tests.synthetic COMMAND...` is manage.py with this strategy and its kind of work.
"""

import random
import sys
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from search.base import serialization
from search.base.config import option
from search.base.serialization import Json
from search.evaluation.base import Result
from search.log.commands import Command
from search.log.events import (
    Answer,
    AnswerChanged,
    BranchOpened,
    Candidate,
    End,
    Ends,
    GraphEdited,
    Measured,
    ObjectiveOf,
    Parent,
    SearchFinished,
    SearchStarted,
    Snapshot,
    StepDecided,
    command_applied,
)
from search.log.task import Task
from search.network.cost import Cost, PeakMemory
from search.network.edits import Edits
from search.network.graph import INPUT, Edge, Graph, Node
from search.spaces import SPACES
from search.spaces.base import Move
from search.strategies import STRATEGIES
from search.strategies.answer import measured_elsewhere
from search.strategies.base import (
    SNAPSHOT_ROUNDS,
    Effort,
    Factor,
    Finished,
    Origin,
    Outcome,
    Position,
    Preview,
    ProtocolSettings,
    Round,
    Stage,
    State,
    Transition,
)
from search.strategies.output import Output, Verdict
from search.strategies.record import Record
from search.strategies.steering import is_to_apply, why_not_now

NAME = KIND = "synthetic"
OPS = {"conv1": 1, "sep3": 9}  # by what they cost
MOST_CHANGES = 4  # nodes that a candidate changes
EVERY_INFEASIBLE, EVERY_FAILED = 25, 40  # candidates: one of so many is infeasible, or fails


@dataclass(frozen=True, kw_only=True)
class Config:
    candidates: int = option(500, "Candidates per step", "How many are proposed.", min=1, max=1_000)
    rounds: int = option(1_000, "Steps", "The search ends after this many steps.", min=1, max=10_000)
    nodes: int = option(20, "Nodes", "Of the graph, with the input.", min=2, max=500)
    fan_in: int = option(5, "Edges into a node", "At most.", min=1, max=500)
    items: int = option(0, "Items of work", "In each round; none: it needs no worker.", min=0, max=1_000)
    seconds: float = option(0.0, "Seconds", "That an item takes.", min=0, max=60)


@dataclass(frozen=True, kw_only=True)
class SyntheticState:
    task: Task
    record: Record
    branch: int = 0
    round: int = 0
    step: int = 0
    next_id: int = 0  # of the first candidate after those that are open
    trained: int = 0
    last_snapshot: int = 0
    best: Answer | None = None
    finished: End | None = None
    why: str = ""


@dataclass
class Run:
    """One call of the strategy."""

    state: SyntheticState
    output: Output = field(default_factory=Output)

    @cached_property
    def config(self) -> Config:
        return serialization.decode(Config, self.state.task.strategy.config)

    @property
    def graph(self) -> Graph:
        return self.state.record.graph

    def rng(self, what: str) -> random.Random:
        return random.Random(f"{self.state.task.seed}/{self.state.branch}/{self.state.round}/{what}")

    def change(self, **fields: Any) -> None:
        self.state = replace(self.state, **fields)

    def emit(self, payload: object) -> None:
        self.output.emit(payload)

    def transition(self) -> Transition:
        return self.output.transition(self.state)

    # -- proposing ------------------------------------------------------------------------------------------------

    def start(self) -> None:
        task, cost = self.state.task, cost_of(self.graph)
        snapshot = self.snapshot()
        self.emit(
            SearchStarted(
                task=task,
                macro=snapshot.macro,
                graph=self.graph.to_rows(),
                cost=cost,
                ends=snapshot.ends,
                over=(),
                metric=snapshot.metric,
                objectives=snapshot.objectives,
            )
        )

    def propose(self) -> None:
        if self.state.round >= self.config.rounds:
            self.finish("finished", f"all {self.config.rounds} steps are done")
            return
        if self.state.round - self.state.last_snapshot >= SNAPSHOT_ROUNDS:
            self.change(last_snapshot=self.state.round)
            self.emit(self.snapshot())
        self.change(next_id=self.state.next_id + self.config.candidates)
        step, cost = self.state.step + 1, cost_of(self.graph)
        self.output.propose(self.candidates(), step=step, phase="choice", cost=cost, over=())

    def candidates(self) -> list[Candidate]:
        """The open ones. They are drawn again whenever they are needed, so that the state stays small."""
        rng, nodes, total = self.rng("candidates"), self.graph.nodes[1:], cost_of(self.graph)
        most = min(MOST_CHANGES, len(nodes))
        ids = range(self.state.next_id - self.config.candidates, self.state.next_id)
        return [_candidate(id, rng.sample(nodes, rng.randint(1, most)), total) for id in ids]

    # -- deciding -------------------------------------------------------------------------------------------------

    def decide(self) -> None:
        rng, candidates = self.rng("results"), self.candidates()
        verdicts = [_verdict(each, rng.random()) for each in candidates if each.feasible]
        state = self.state
        self.output.measure(candidates, verdicts, step=state.step + 1, phase="choice")
        scored = [(each.score, each.candidate) for each in verdicts if each.score is not None]
        self.change(step=state.step + 1, trained=state.trained + len(verdicts))
        if scored:
            self._decide(*max(scored, key=lambda each: each[0]))
        self.change(round=state.round + 1)

    def _decide(self, score: float, winner: Candidate) -> None:
        step = self.state.step
        self.change(record=self.state.record.after(winner.edits, "search", step))
        cost, edges = cost_of(self.graph), len(self.graph.edges)
        self.emit(
            StepDecided(
                step, "choice", winner.id, winner.label, winner.edits, score, score, cost, (), True, edges, None
            )
        )
        self.emit(GraphEdited(step, "search", winner.edits, cost, ()))
        if self.state.best is None or score > self.state.best.score:
            where = Measured(self.state.branch, self.state.round, winner.id)
            best = Answer(self.graph.to_rows(), self.graph.hash, cost, score, score, step, where, "accuracy")
            self.change(best=best)
            self.emit(AnswerChanged(best.as_best))

    def finish(self, status: End, why: str) -> None:
        best = None if status == "cancelled" else self.state.best
        self.change(finished=status, why=why, best=best)
        self.emit(SearchFinished(status, why, self.state.step, self.state.trained, best))

    def snapshot(self) -> Snapshot:
        state, space = self.state, SPACES[self.state.task.space.name]
        task, cost = state.task, cost_of(self.graph)
        start = cost_of(_graph(self.config.nodes, self.config.fan_in))
        config = serialization.decode(space.Config, task.space.config)
        return Snapshot(
            task=task,
            macro=serialization.to_jsonable(space.macro(config, task.data_spec)),
            metric=task.data_spec.metric,
            objectives=(ObjectiveOf(task.data_spec.metric, "max"), ObjectiveOf("macs", "min")),
            start=start,
            ends=Ends(None, start),
            status=state.finished or "running",
            why=state.why,
            step=state.step,
            phase="choice",
            graph=state.record.parts,
            removed=state.record.removed,
            removed_nodes=state.record.removed_nodes,
            locked=(),
            locked_nodes=(),
            evidence=(),
            cost=cost,
            over=(),
            budget=task.budget,
            weight=task.objective.cost_weight,
            trained=state.trained,
            best=None if state.best is None else state.best.as_best,
            answer=state.best if state.finished else None,
        )


class Synthetic:
    """Implements search.strategies.base.Strategy. Of commands it applies stop, cancel and rollback."""

    NAME = NAME
    TITLE = "Synthetic"
    ABOUT = "Searches nothing: for tests and benchmarks."
    NEEDS: frozenset[Move] = frozenset()
    Config: type[Any] = Config
    USUAL: dict[Factor, str] = {}  # noqa: RUF012  # as PROTOCOLS
    PROTOCOLS: dict[str, ProtocolSettings] = {}  # noqa: RUF012  # the protocol asks for a mapping

    def preview(self, task: Task) -> Preview:
        run = _first_run(task)
        cost = cost_of(run.graph)
        evaluations = run.config.candidates * run.config.rounds
        return Preview(
            graph=run.graph, largest=cost, smallest=cost, unreachable=(), evaluations=evaluations, examples=()
        )

    def effort(self, task: Task, position: Position | None = None) -> Effort:
        config = _first_run(task).config
        rounds = (config.candidates,) * (config.rounds - (0 if position is None else position.step))
        stages = (Stage("choice", rounds, 1, {"kind": KIND}),)
        return Effort(stages, stages, stages)

    def start(self, task: Task) -> Transition:
        run = _first_run(task)
        run.start()
        run.propose()
        return run.transition()

    def ask(self, state: State) -> Round | Finished:
        run = _load(state)
        if run.state.finished is not None:
            return Finished(run.state.finished)
        config, ids = run.config, [each.id for each in run.candidates() if each.feasible]
        item = {"kind": KIND, "seconds": config.seconds, "seed": run.state.task.seed, "first": ids[0]}
        return Round(
            tuple({**item, "number": number} for number in range(config.items)),
            tuple(tuple(ids[number :: config.items]) for number in range(config.items)),
        )

    def tell(self, state: State, outcomes: list[Outcome]) -> Transition:
        run = _load(state)
        if run.state.finished is None:
            run.decide()
            run.propose()
        return run.transition()

    def steer(self, state: State, command: Command) -> Transition:
        run = _load(state)
        is_to_apply(run, command, self.validate_command(state, command))
        return run.transition()

    def validate_command(self, state: State, command: Command) -> str | None:
        run = _load(state)
        why = why_not_now(command, run.state.finished, run.state.step)
        if why is None and command.kind not in ("stop", "cancel", "rollback"):
            why = "this search cannot be edited"
        return why

    def branch(self, state: State, branch_id: int, origin: Origin) -> Transition:
        run = _load(state)
        before = run.state
        open_count = 0 if before.finished else run.config.candidates  # of the round that the branch leaves
        run.change(branch=branch_id, round=0, last_snapshot=0, finished=None, next_id=before.next_id - open_count)
        if origin.search is not None:
            run.change(best=before.best and measured_elsewhere(before.best))
            run.start()
        if origin.command is not None:
            run.emit(command_applied(origin.command))
        parent = Parent(origin.search, origin.branch, origin.round)
        run.emit(BranchOpened(branch_id, parent, origin.by, origin.reason, run.snapshot()))
        run.propose()
        return run.transition()

    def snapshot(self, state: State) -> Snapshot:
        return _load(state).snapshot()


def register() -> None:
    """Adds the strategy and its kind of work to their tables. Django must be set up."""
    from webapp.models.kinds import KINDS, Kind

    STRATEGIES[NAME] = Synthetic()
    KINDS[KIND] = Kind(owners=["round"], reusable=True, scores=True)


def unregister() -> None:
    from webapp.models.kinds import KINDS

    del STRATEGIES[NAME], KINDS[KIND]


def task_of(task: Json, **config: Any) -> Json:
    """The task, with this strategy."""
    return {**task, "strategy": {"name": NAME, "config": serialization.to_jsonable(Config(**config))}}


def cost_of(graph: Graph) -> Cost:
    """Made up, since real costs of large graphs take long."""
    return _cost(sum(map(_weight, graph.nodes)))


def _cost(weight: int) -> Cost:
    memory = 1_000 + 4 * weight
    return Cost(100 * weight, 100 * weight, 10_000 * weight, PeakMemory(memory, memory, memory))


def _weight(node: Node) -> int:
    return OPS.get(node.op, 0) * (node.id % 7 + 1)


def _first_run(task: Task) -> Run:
    config = serialization.decode(Config, task.strategy.config)
    return Run(SyntheticState(task=task, record=Record.of(_graph(config.nodes, config.fan_in))))


def _load(state: State) -> Run:
    return Run(serialization.decode(SyntheticState, state))


def _graph(nodes: int, fan_in: int) -> Graph:
    return Graph(
        (Node(0, INPUT, 0.0), *(Node(id, "sep3", float(id)) for id in range(1, nodes))),
        tuple(
            Edge(source, target)
            for source in range(nodes)
            for target in range(source + 1, min(nodes, source + fan_in + 1))
        ),
    )


def _candidate(id: int, chosen: list[Node], present: Cost) -> Candidate:
    changed = [node._replace(op="conv1" if node.op == "sep3" else "sep3") for node in sorted(chosen)]
    more = sum(map(_weight, changed)) - sum(map(_weight, chosen))
    rows = tuple(tuple(node.to_row()) for node in changed)
    feasible = id % EVERY_INFEASIBLE > 0
    return Candidate(
        id=id,
        edits=Edits(nodes_changed=rows),
        parents=(),
        hash=serialization.canonical_hash([id, rows]),
        label=f"{len(rows)} other operations" if len(rows) > 1 else f"node {changed[0].id} to {changed[0].op}",
        cost=_cost(present.params // 100 + more),
        feasible=feasible,
        why_not=None if feasible else "it is one of those that never fit",
    )


def _verdict(candidate: Candidate, quality: float) -> Verdict:
    if candidate.id % EVERY_FAILED == 1:
        return Verdict(candidate, Result(None, "diverged", ()), None)
    curve = ({"epoch": 1, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": quality},)
    return Verdict(candidate, Result(quality, None, curve), quality)


def wait(work: Json, context: Any) -> Json:
    time.sleep(work["seconds"])
    return {"status": "ok", "score": 0.0}


def main(arguments: list[str]) -> None:
    import os

    import django
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    register()
    if "advance" not in arguments:
        from search.runtime import execute

        execute.KINDS[KIND] = wait
    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
