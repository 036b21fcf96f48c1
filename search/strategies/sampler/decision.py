"""The decision of a step: the results of its graphs, and whether the best of them becomes the current graph."""

from dataclasses import replace
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
    member: Member


def score(run: SamplerRun, outcomes: list[Outcome]) -> list[Scored]:
    """Emits the results of the round. Failed and diverged candidates have no score and cannot win."""
    state, results = run.state, run.read(outcomes)
    scored = _compared(run, list(zip(run.feasible, results, strict=True)))
    score_of = {each.member.candidate: each.score for each in scored}
    verdicts = [
        Verdict(drawn.candidate, result, score_of.get(drawn.candidate.id))
        for drawn, result in zip(run.feasible, results, strict=True)
    ]
    run.output.measure(run.candidates, verdicts, step=state.step + 1, phase="choice")
    run.close_round(results)
    run.change(evaluated=state.evaluated + 1)
    return scored


def _compared(run: SamplerRun, measured: list[tuple[Drawn, Result]]) -> list[Scored]:
    """The scores of the round's graphs. Where a score is relative to other graphs, so are those of the best ones so
    far, which are computed again."""
    state, found = run.state, list[tuple[Drawn, Result, Member]]()
    for drawn, result in measured:
        if result.quality is not None:
            candidate = drawn.candidate
            member = Member(candidate.id, drawn.graph, result.quality, candidate.cost, result.values)
            found.append((drawn, result, member))
    answers = [*state.finalists, *([] if state.best is None else [state.best])]
    scores = run.scores([*(member for _, _, member in found), *answers, *state.members])
    again = [replace(answer, score=score) for answer, score in zip(answers, scores[len(found) :], strict=False)]
    finalists = tuple(sorted(again[: len(state.finalists)], key=run.order))
    run.change(finalists=finalists, best=state.best and again[-1])
    return [Scored(score, *each) for each, score in zip(found, scores, strict=False)]


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
    return Answer(
        graph.to_rows(), graph.hash, cost, member.quality, scored.score, step, measured, run.factors.metric,
        member.values,
    )  # fmt: skip
