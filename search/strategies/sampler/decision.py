"""The decision of a step: the results of its graphs, and whether the best of them becomes the current graph."""

from typing import NamedTuple

from search.evaluation.base import Result
from search.evaluation.objective import Contender, choose
from search.log.events import Answer, Measured, StepDecided
from search.network.edits import Edits, diff
from search.network.graph import Graph
from search.strategies.answer import with_finalist
from search.strategies.base import Outcome
from search.strategies.output import Verdict
from search.strategies.sampler.state import Drawn, Member, SamplerRun


class Scored(NamedTuple):
    score: float
    drawn: Drawn
    result: Result

    @property
    def member(self) -> Member:
        assert self.result.quality is not None
        candidate = self.drawn.candidate
        return Member(candidate.id, self.drawn.graph, self.result.quality, candidate.cost)


def score(run: SamplerRun, outcomes: list[Outcome]) -> list[Scored]:
    """Emits the results of the round. Failed and diverged candidates have no score and cannot win."""
    state, scored, verdicts = run.state, list[Scored](), list[Verdict]()
    results = run.read(outcomes)
    for drawn, result in zip(run.feasible, results, strict=True):
        value = None
        if result.quality is not None:
            value = run.score(result.quality, drawn.candidate.cost)
            scored.append(Scored(value, drawn, result))
        verdicts.append(Verdict(drawn.candidate, result, value))
    run.output.measure(run.candidates, verdicts, step=state.step + 1, phase="choice")
    run.close_round(results)
    run.change(evaluated=state.evaluated + 1)
    return scored


def move(run: SamplerRun, valid: list[Scored]) -> None:
    """Decides the step: the best graph of the round becomes the current one if it beats the best so far."""
    contenders = [Contender(each.score, each.result.noise, run.size(each.drawn.candidate.cost)) for each in valid]
    winner, best, step = valid[choose(contenders)], run.state.best, run.state.step + 1
    run.change(step=step)
    for each in valid:
        answer, count = _answer_of(run, each, step), run.task.answer.finalists
        run.change(finalists=with_finalist(run.state.finalists, answer, count, run.order))
    others = [each.score for each in valid if each is not winner]
    margin = winner.score - max(others) if others else None
    edits, edited, candidate, label = Edits(), None, None, "no change"
    answer = _answer_of(run, winner, step)
    if best is None or run.order(answer) < run.order(best):
        graph, best = Graph.from_rows(winner.drawn.graph), answer
        run.change(best=best, carry=run.factors.evaluator.adopt(run.carry, graph, winner.result))
        edits = diff(run.graph, graph)  # people may have edited the current graph while the round ran
        edited = run.change_graph(edits, "search", step)
        candidate, label = winner.drawn.candidate.id, str(winner.drawn.candidate.label)
    over, edges = run.budget.over(best.cost), len(run.graph.edges)
    run.emit(
        StepDecided(
            step, "choice", candidate, label, edits, best.score, best.quality, best.cost, over, not over, edges, margin
        )
    )
    if edited is not None and edits != Edits():
        run.emit(edited)


def _answer_of(run: SamplerRun, scored: Scored, step: int) -> Answer:
    """After the round that measured it was counted."""
    graph, member = Graph.from_rows(scored.drawn.graph), scored.member
    measured = Measured(run.state.branch, run.state.round - 1, member.candidate)
    cost = run.with_latency(member.cost, graph)  # a command may have changed the device meanwhile
    return Answer(graph.to_rows(), graph.hash, cost, member.quality, scored.score, step, measured)
