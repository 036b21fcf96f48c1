"""The loop of strategies that draw whole graphs: draw, measure where latency is limited, evaluate, keep the best."""

import random
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

from search.base import serialization
from search.base.config import option
from search.evaluation.latencies import LatencyRound, without_failures
from search.log.commands import Command
from search.log.events import Candidate, Snapshot
from search.log.task import BadTask, Task
from search.network.budget import Infeasible
from search.network.edits import diff
from search.network.graph import Graph
from search.network.locks import Locks
from search.spaces.base import Move
from search.strategies.admission import MOST_DRAWS, Draw, Draws
from search.strategies.answer import edges_text
from search.strategies.base import (
    Effort,
    Factor,
    Finished,
    Origin,
    Outcome,
    Position,
    Preview,
    ProtocolSettings,
    Round,
    State,
    Transition,
)
from search.strategies.call import first_state
from search.strategies.effort import Extent, effort_of
from search.strategies.sampler import commands, decision
from search.strategies.sampler.state import Drawn, Member, SamplerRun, SamplerState
from search.strategies.steering import joined


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of strategies that draw whole graphs and end after so many steps."""

    candidates: int = option(10, "Candidates per step", "How many graphs are evaluated and compared.", min=1, max=20)
    rounds: int = option(20, "Steps", "The search ends after this many steps.", min=1, max=1000)


class Steps(NamedTuple):
    """Candidates of each step that is left: if the search is short, as a rule, and at most."""

    low: Sequence[int]
    middle: Sequence[int]
    high: Sequence[int]


class Sampler(ABC):
    """Implements search.strategies.base.Strategy; a subclass draws graphs and may remember some."""

    NAME: str
    TITLE: str
    ABOUT: str
    NEEDS: frozenset[Move]
    Config: type[Any] = Config
    PROTOCOLS: ClassVar[Mapping[str, ProtocolSettings]] = {}
    USUAL: ClassVar[Mapping[Factor, str]] = {}

    @abstractmethod
    def draw(self, run: SamplerRun, allowed: Graph, rng: random.Random) -> Draw:
        """A graph to evaluate, with parts of `allowed` alone. Graphs that break a rule or a limit are drawn again."""

    def why_senseless(self, config: Any) -> str | None:
        """Why settings make no sense together, as a sentence; None if they do."""
        return None

    def why_over(self, run: SamplerRun) -> str | None:
        """Why no further step follows, as a sentence; None if one does."""
        rounds = self.config(run).rounds
        if run.state.evaluated < rounds:
            return None
        return f"all {rounds} steps are done" if rounds > 1 else "the only step is done"

    def steps_left(self, config: Any, step: int) -> Steps:
        """From this step on."""
        return Steps(*[[config.candidates] * (config.rounds - step)] * 3)

    def wanted(self, run: SamplerRun) -> int:
        """How many graphs this step is to evaluate."""
        candidates: int = self.config(run).candidates
        return candidates

    def patience(self, wanted: int) -> int:
        """Draws of a step after which it goes on with fewer graphs than it wants."""
        return MOST_DRAWS

    def draws_left(self, run: SamplerRun) -> int:
        """How many graphs may be drawn in this step, those that are refused included."""
        return MOST_DRAWS - run.state.draws

    def remember(self, run: SamplerRun, scored: list[Member]) -> tuple[Member, ...]:
        """What the strategy remembers after a round with these results."""
        return ()

    def config(self, run: SamplerRun) -> Any:
        return serialization.decode(self.Config, run.state.task.strategy.config)

    # -- the protocol ---------------------------------------------------------------------------------------------

    def preview(self, task: Task) -> Preview:
        run = self._first_run(task)
        config, largest = self.config(run), run.start_graph
        graph = run.smallest(largest, Locks(), run.budget)
        smallest = None if graph is None else run.cost(graph)
        return Preview(
            graph=largest,
            largest=run.start_cost,
            smallest=smallest,
            unreachable=() if smallest is None else run.budget.over(smallest),
            evaluations=sum(self.steps_left(config, 0).high) + task.answer.finalists,
            examples=tuple(run.factors.examples([largest] if graph is None else [graph, largest], run.carry)),
        )

    def effort(self, task: Task, position: Position | None = None) -> Effort:
        """All steps that are left. The size of a typical candidate is not known: in the middle half between the
        smallest graph, where that is known, and the largest that the limit on MACs allows."""
        run = self._first_run(task)
        config, graph = self.config(run), run.smallest(run.start_graph, Locks(), run.budget)
        steps = self.steps_left(config, 0 if position is None else position.step)
        smallest = 0 if graph is None else run.cost(graph).macs
        start, limit = run.start_cost.macs, run.budget.macs or run.start_cost.macs
        largest = max(smallest, limit if "grow" in run.factors.space.MOVES else min(start, limit))
        low, middle, high = (
            Extent(rounds, smallest + (largest - smallest) * n // 4) for n, rounds in enumerate(steps, 1)
        )
        return effort_of(run.factors, low, middle, high)

    def start(self, task: Task) -> Transition:
        run = self._first_run(task)
        self._start(run)
        self._propose(run)
        return run.transition()

    def ask(self, state: State) -> Round | Finished:
        return _load(state).ask()

    def tell(self, state: State, outcomes: list[Outcome]) -> Transition:
        run = _load(state)
        if run.state.finished is None:
            if run.state.answering is not None:
                run.tell_answer_round(outcomes)
            elif run.state.latency_round is None:
                self._decide(run, outcomes)
            else:
                self._tell_latencies(run, run.state.latency_round, outcomes)
        return run.transition()

    def steer(self, state: State, command: Command) -> Transition:
        run = _load(state)
        commands.apply_command(run, command)
        return run.transition()

    def validate_command(self, state: State, command: Command) -> str | None:
        return commands.validate_command(_load(state), command)

    def branch(self, state: State, branch_id: int, origin: Origin) -> Transition:
        run = _load(state)
        run.enter_branch(branch_id, origin)
        if origin.search is not None:
            self._start(run)
        run.clear_round()
        run.open_branch(origin)
        self._propose(run)
        return run.transition()

    def snapshot(self, state: State) -> Snapshot:
        return _load(state).snapshot()

    # -- proposing ------------------------------------------------------------------------------------------------

    def _first_run(self, task: Task) -> SamplerRun:
        """Raises BadTask."""
        run = SamplerRun(first_state(SamplerState, task))
        if why := self.why_senseless(self.config(run)):
            raise BadTask(why)
        return run

    @staticmethod
    def _start(run: SamplerRun) -> None:
        """Emits search_started. Raises Infeasible where it is known that no graph fits."""
        graph = run.smallest(run.start_graph, Locks(), run.budget)
        smallest = None if graph is None else run.cost(graph)
        run.emit_started(smallest)
        if smallest is not None and (over := run.budget.over(smallest)):
            raise Infeasible(f"{joined(over)}, even for the smallest cell that can be reached")

    def _propose(self, run: SamplerRun) -> None:
        """Starts a step, or ends the search."""
        run.emit_due_snapshot()
        if (why := self.why_over(run)) is not None:
            run.finish("finished", why)
            return
        run.change(draws=0, refused=(), latency_records=without_failures(run.state.latency_records))
        self._draw(run)

    def _draw(self, run: SamplerRun) -> None:
        """Draws the graphs of a round in the present step. Ends the search where none is admitted."""
        state, rules = run.state, run.rules
        rng = run.rng(state.draws)
        draws = Draws.of(state.draws, state.refused)
        wanted, most = self.wanted(run), state.draws + self.draws_left(run)
        admitted = draws.until(wanted, self.patience(wanted), most, lambda: self.draw(run, rules.allowed, rng), rules)
        drawn_in_all = state.drawn_in_all + draws.count - state.draws
        run.change(
            draws=draws.count, drawn_in_all=drawn_in_all, refused=draws.as_events, redraw=False, latency_round=None
        )
        if not admitted:
            ended = None if run.state.best is None else self.why_over(run)
            run.finish("finished", ended or draws.why_none)  # without an answer, people ask what refused all
            return
        ids = run.new_ids(len(admitted))
        drawn = tuple(self._drawn(run, id, draw) for id, draw in zip(ids, admitted, strict=True))
        run.change(drawn=drawn, phase="choice")
        cost = rules.cost(run.graph)
        over, refused = run.budget.over(cost), draws.as_events
        run.output.propose(
            run.candidates,
            step=state.step + 1,
            phase="choice",
            cost=cost,
            over=over,
            refused=refused,
            replaced=[drawn.candidate for drawn in state.drawn],
        )
        if run.budget.latency is not None:
            self._measure(run)

    @staticmethod
    def _drawn(run: SamplerRun, id: int, draw: Draw) -> Drawn:
        graph, rows = draw.graph, draw.graph.to_rows()
        candidate = Candidate(
            id, diff(run.graph, graph), draw.parents, graph.hash, edges_text(rows), run.cost(graph), True, None
        )
        return Drawn(rows, candidate)

    # -- measuring ------------------------------------------------------------------------------------------------

    def _measure(self, run: SamplerRun) -> None:
        """Starts a round that measures what has no latency: the drawn graphs, and the answer."""
        best = [] if run.state.best is None else [run.state.best.graph]
        rows = [*(drawn.graph for drawn in run.feasible), *best]
        if not run.start_latency_round(map(Graph.from_rows, rows)):
            self._apply_latencies(run)

    def _tell_latencies(self, run: SamplerRun, latency_round: LatencyRound, outcomes: list[Outcome]) -> None:
        complete = run.end_latency_round(latency_round, outcomes)
        if run.state.redraw or not complete:
            self._draw(run)
        else:
            self._measure(run)

    def _apply_latencies(self, run: SamplerRun) -> None:
        """Refuses the graphs that are too slow, and draws others if none is left."""
        draws = Draws.of(run.state.draws, run.state.refused)
        before, drawn = run.candidates, [self._with_latency(run, each, draws) for each in run.state.drawn]
        run.change(drawn=tuple(drawn), refused=draws.as_events)
        run.emit_latencies(before, run.candidates, "choice", None)
        if not run.feasible:
            self._draw(run)

    @staticmethod
    def _with_latency(run: SamplerRun, drawn: Drawn, draws: Draws) -> Drawn:
        graph = Graph.from_rows(drawn.graph)
        cost, why_not = run.cost(graph), run.latencies.unmeasurable(graph)
        if why_not is None and (over := run.budget.over(cost)):
            why_not = over[0].sentence
        if why_not is not None:
            draws.refuse("latency")
        candidate = replace(drawn.candidate, cost=cost, feasible=why_not is None, why_not=why_not)
        return drawn._replace(candidate=candidate)

    # -- deciding -------------------------------------------------------------------------------------------------

    def _decide(self, run: SamplerRun, outcomes: list[Outcome]) -> None:
        """Scores the round, moves to the best graph so far, and proposes again."""
        scored = decision.score(run, outcomes)
        rules = run.rules
        # commands that came while the round ran may have made some of its graphs invalid, or limited latency, so that
        # the best one is still to be measured
        valid = [
            each
            for each in scored
            if rules.why_not_any_more(Graph.from_rows(each.drawn.graph), each.drawn.candidate.cost) is None
        ]
        run.change(members=self.remember(run, [each.member for each in valid]))
        if valid:
            decision.move(run, valid)
        if not run.gives_up():
            self._propose(run)


def _load(state: State) -> SamplerRun:
    return SamplerRun(serialization.decode(SamplerState, state))
