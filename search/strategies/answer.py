"""The answer of a search: the best few graphs that fit are trained once more, from scratch and longer.

A short training is noisy, and the winner of many is lucky more often than good. So the search ends with a round that
trains its finalists by the dataset's full recipe, and the best of them is the answer. Where latency is limited, those
that were not measured on the present machine are measured before. What a search says of its answer is this result.
Where the settings ask for no finalists, the answer is the best candidate by its short training.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.base.sentences import counted
from search.base.serialization import Json
from search.data.datasets import Metric
from search.evaluation.base import Result
from search.evaluation.objective import Contender, choose
from search.log.events import Answer, Candidate, Measured
from search.network.cost import Cost
from search.network.edits import diff
from search.network.graph import Graph
from search.strategies.output import Verdict

NO_CHANGES = "the search has chosen its finalists and trains them; fork it from an earlier step to change it"


def with_finalist(
    finalists: tuple[Answer, ...], new: Answer, count: int, order: Callable[[Answer], tuple[float, ...]]
) -> tuple[Answer, ...]:
    """The best `count` graphs, the best first; each graph once. Where it was measured again, the last result counts.

    `order`: smaller for better answers.
    """
    if any((each.hash, each.score) == (new.hash, new.score) for each in finalists):
        return finalists
    others = (each for each in finalists if each.hash != new.hash)
    return tuple(sorted((*others, new), key=order)[:count])  # stable: the earlier of equals


def finalist_candidates(
    finalists: Sequence[Answer], current: Graph, first: int, why_not: Callable[[Answer], str | None]
) -> list[Candidate]:
    """The finalists as candidates, with ids from `first` on. `current`: the graph that their edits are against."""
    candidates = []
    for id, each in enumerate(finalists, first):
        edits, why = diff(current, Graph.from_rows(each.graph)), why_not(each)
        label = f"{edges_text(each.graph)} of step {each.step}"
        candidates.append(Candidate(id, edits, (), each.hash, label, each.cost, why is None, why))
    return candidates


def decide(
    finalists: Sequence[tuple[Answer, Candidate]],
    results: Sequence[Result],
    measured: tuple[int, int],
    metric: Metric,
    score: Callable[[float, Cost], float],
    size: Callable[[Cost], tuple[float, ...]],
) -> tuple[Answer | None, list[Verdict]]:
    """The answer, and a verdict per finalist that was trained. None where the training of each failed.

    `measured`: branch and round that measure them. `metric`: of the trained finalists.
    """
    contenders: list[tuple[Answer, Contender]] = []
    verdicts: list[Verdict] = []
    for (finalist, candidate), result in zip(finalists, results, strict=True):
        value = None if result.quality is None else score(result.quality, finalist.cost)
        verdicts.append(Verdict(candidate, result, value))
        if value is not None and result.quality is not None:
            where = Measured(*measured, candidate.id)
            answer = replace(finalist, quality=result.quality, score=value, measured=where, metric=metric)
            contenders.append((answer, Contender(value, result.noise, size(finalist.cost))))
    if not contenders:
        return None, verdicts
    return contenders[choose([contender for _, contender in contenders])][0], verdicts


def measured_elsewhere(answer: Answer) -> Answer:
    """The answer in a fork, whose log does not hold the measurement."""
    return replace(answer, measured=None)


def edges_text(graph: Json) -> str:
    """How many edges there are in these rows, in words."""
    return counted(len(graph["edges"]), "edge")
