"""The table of candidates: one row per candidate, with everything that events leave out.

A strategy returns the rows that a turn has added or changed beside its events. Rows are found by branch and id, and the
later one replaces the earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from search.log.events import (
    SHOWN,
    Candidate,
    CandidatesProposed,
    Phase,
    Point,
    Refused,
)
from search.network.budget import Over
from search.network.cost import Cost
from search.network.edits import Edits

Status = Literal["waiting", "skipped", "ok", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    id: int  # from 0, in the order of proposals of a branch
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


def proposed(
    candidates: Sequence[Candidate],
    *,
    step: int,
    phase: Phase,
    refused: tuple[Refused, ...],
    cost: Cost,
    over: tuple[Over, ...],
) -> tuple[CandidatesProposed, list[CandidateRow]]:
    """The event and the rows of new candidates."""
    feasible = sum(candidate.feasible for candidate in candidates)
    event = CandidatesProposed(step, phase, len(candidates), feasible, shown(candidates), refused, cost, over)
    return event, [row_of(candidate, step, phase) for candidate in candidates]


def shown(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that events show: feasible ones first, in the order of their ids."""
    chosen = sorted(candidates, key=lambda candidate: not candidate.feasible)[:SHOWN]
    return tuple(sorted(chosen, key=lambda candidate: candidate.id))


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
