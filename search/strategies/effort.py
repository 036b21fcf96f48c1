"""How much a search trains, counted before it does: the basis of an estimate of its time.

Nothing here knows seconds. Whoever has measured what a training takes multiplies (webapp/searches/estimate.py).
"""

from collections.abc import Sequence
from typing import NamedTuple

from search.log.events import Phase
from search.strategies.base import Effort, Stage, Work
from search.strategies.factors import Factors


class Extent(NamedTuple):
    """How far a search gets by one assumption: the candidates of each round, and the MACs of a typical one."""

    choice: Sequence[int]
    choice_macs: int
    descent: Sequence[int] = ()
    descent_macs: int = 0


def effort_of(factors: Factors, low: Extent, middle: Extent, high: Extent, descent_epochs: int | None = None) -> Effort:
    """The stages of a search that gets so far, and then trains its finalists, which cost as much as its candidates."""
    start, carry = [factors.start], factors.first_carry()
    finalists = factors.task.answer.finalists
    descent = next(iter(factors.work(start, carry, descent_epochs)), None)
    choice = next(iter(factors.work(start, carry)), None)
    answer = factors.final_work(start)[0]

    def stages(extent: Extent) -> tuple[Stage, ...]:
        parts: list[tuple[Phase, Sequence[int], int, Work | None]] = [
            ("descent", extent.descent, extent.descent_macs, descent),
            ("choice", extent.choice, extent.choice_macs, choice),
            ("answer", [finalists] if finalists else [], extent.choice_macs, answer),
        ]
        return tuple(
            Stage(phase, tuple(rounds), macs, work)
            for phase, rounds, macs, work in parts
            if rounds and work is not None
        )

    return Effort(stages(low), stages(middle), stages(high))
