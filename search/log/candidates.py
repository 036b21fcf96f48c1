"""The table of candidates: one row per candidate, with everything that events leave out.

A strategy returns the rows that a turn has added or changed, with its events. Rows are found by branch and id, and the
later one replaces the earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from search.base import serialization
from search.log.events import SHOWN, Candidate, Phase, Point
from search.network.cost import Cost
from search.network.edits import Edits

Status = Literal["waiting", "skipped", "ok", "error"]
MOST_BYTES = 15_000  # of the candidates in one event
BESIDE_EDITS = 500  # bytes of a candidate in an event, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    id: int  # as in events
    step: int
    phase: Phase
    edits: Edits
    parents: tuple[int, ...]
    hash: str
    label: str | None
    cost: Cost
    feasible: bool
    why_not: str | None
    status: Status
    code: str | None = None  # of an error
    quality: float | None = None
    score: float | None = None
    curve: tuple[Point, ...] = ()


def shown(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """The candidates of a round that its events show. The strategy puts first what is worth seeing.

    They are the first SHOWN, or fewer where their edits are long. Measurements change no edits, so all events of a
    round show the same ones.
    """
    size = 0
    for i, candidate in enumerate(candidates[:SHOWN]):
        size += BESIDE_EDITS + len(serialization.dumps(candidate.edits))
        if size > MOST_BYTES:
            return candidates[: max(1, i)]
    return candidates[:SHOWN]


def row_of(candidate: Candidate, step: int, phase: Phase) -> CandidateRow:
    """The row of a candidate that is not measured yet."""
    return CandidateRow(
        id=candidate.id,
        step=step,
        phase=phase,
        edits=candidate.edits,
        parents=candidate.parents,
        hash=candidate.hash,
        label=candidate.label,
        cost=candidate.cost,
        feasible=candidate.feasible,
        why_not=candidate.why_not,
        status="waiting" if candidate.feasible else "skipped",
    )
