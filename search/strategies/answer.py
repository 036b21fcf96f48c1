"""The answer of a search: the best few graphs that fit are trained once more, from scratch and longer.

A short training is noisy, and the winner of many is lucky more often than good. So the search ends with a round that
trains its finalists by the dataset's full recipe, and the best of them is the answer. What a search says of its answer
is this measurement. Where the settings ask for no finalists, the answer is the best candidate by its short training.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from search.evaluation.base import Result
from search.evaluation.objective import Contender, choose
from search.log.events import Answer, Candidate, CandidateScored, CandidatesProposed, Measured, curve_of
from search.network.budget import Over
from search.network.cost import Cost

NO_CHANGES = "the search has chosen its finalists and trains them; fork it from an earlier step to change it"


def with_finalist(finalists: tuple[Answer, ...], new: Answer, count: int) -> tuple[Answer, ...]:
    """The best `count` graphs, the best first; each graph once, by its first result."""
    if any(each.hash == new.hash for each in finalists):
        return finalists
    return tuple(sorted((*finalists, new), key=lambda each: -each.score)[:count])  # stable: the earlier of equals


def proposal(finalists: Sequence[Answer], step: int, cost: Cost, over: tuple[Over, ...]) -> CandidatesProposed:
    """The event that shows the finalists as candidates. `step`: the number of the last one."""
    candidates = (
        Candidate(index, None, _label(each), (), (), each.cost, True, None) for index, each in enumerate(finalists)
    )
    return CandidatesProposed(step + 1, "answer", tuple(candidates), (), cost, over)


def decide(
    finalists: Sequence[Answer],
    results: Sequence[Result],
    step: int,
    measured: Measured,
    score: Callable[[float, Cost], float],
    size: Callable[[Answer], tuple[float, ...]],
) -> tuple[Answer | None, list[CandidateScored]]:
    """The answer, and an event per finalist. None where the training of every finalist failed.

    `measured`: where the first of them is measured.
    """
    contenders: list[tuple[Answer, Contender]] = []
    events: list[CandidateScored] = []
    for index, (finalist, result) in enumerate(zip(finalists, results, strict=True)):
        value = None if result.quality is None else score(result.quality, finalist.cost)
        status: str = "ok" if value is not None else "error"
        events.append(
            CandidateScored(
                step + 1, index, None, status, result.code, result.quality, value, curve_of(result.curve)  # type: ignore[arg-type]
            )
        )  # fmt: skip
        if value is not None and result.quality is not None:
            answer = replace(finalist, quality=result.quality, score=value, measured=replace(measured, index=index))
            contenders.append((answer, Contender(value, result.noise, size(finalist))))
    if not contenders:
        return None, events
    return contenders[choose([contender for _, contender in contenders])][0], events


def measured_elsewhere(answer: Answer) -> Answer:
    """The answer in a fork, whose log does not hold the measurement."""
    return replace(answer, measured=None)


def _label(finalist: Answer) -> str:
    count = len(finalist.graph["edges"])
    return f"{count} edge{'' if count == 1 else 's'} of step {finalist.step}"
