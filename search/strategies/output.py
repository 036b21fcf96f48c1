"""What one call of a strategy gives back with its state: events, and rows of candidates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from search.base import serialization
from search.evaluation.base import WITHDRAWN, Result
from search.log.candidates import CandidateRow, row_of, shown
from search.log.events import (
    Candidate,
    CandidatesMeasured,
    CandidatesProposed,
    CandidatesTimed,
    Phase,
    Refused,
    Scored,
    Timed,
    curve_of,
    emit,
)
from search.network.budget import Over
from search.network.cost import Cost
from search.network.latency import Latency
from search.strategies.base import Transition


class Verdict(NamedTuple):
    """A candidate with its result, and its score where it has one."""

    candidate: Candidate
    result: Result
    score: float | None

    @property
    def status(self) -> Literal["ok", "error"]:
        return "error" if self.score is None else "ok"


@dataclass
class Output:
    events: list[object] = field(default_factory=list)
    rows: list[CandidateRow] = field(default_factory=list)

    def emit(self, payload: object) -> None:
        self.events.append(payload)

    def propose(
        self,
        candidates: Sequence[Candidate],
        *,
        step: int,
        phase: Phase,
        cost: Cost,
        over: tuple[Over, ...],
        refused: tuple[Refused, ...] = (),
        replaced: Sequence[Candidate] = (),
    ) -> None:
        """`replaced`: the candidates that were open. Those without a result will never have one: a command has made
        them obsolete."""
        answered = {row.id for row in self.rows}
        self.rows += [
            replace(row_of(each, step, phase), status="skipped", code=WITHDRAWN)
            for each in replaced
            if each.feasible and each.id not in answered
        ]
        feasible = sum(candidate.feasible for candidate in candidates)
        self.emit(
            CandidatesProposed(step, phase, len(candidates), feasible, tuple(shown(candidates)), refused, cost, over)
        )
        self.rows += [row_of(candidate, step, phase) for candidate in candidates]

    def time(
        self,
        candidates: Sequence[Candidate],
        timed: Iterable[Timed],
        *,
        step: int,
        phase: Phase,
        present: Latency | None,
        smallest: Latency | None,
        over: tuple[Over, ...],
    ) -> None:
        """`candidates`: all of the round, with the costs and the feasibility that their latencies give them."""
        by_id, visible = {each.id: each for each in timed}, {candidate.id for candidate in shown(candidates)}
        self.emit(
            CandidatesTimed(
                step,
                phase,
                sum(candidate.feasible for candidate in candidates),
                tuple(each for id, each in by_id.items() if id in visible),
                present,
                smallest,
                over,
            )
        )
        self.rows += [
            replace(row_of(candidate, step, phase), code=by_id[candidate.id].code)
            for candidate in candidates
            if candidate.id in by_id
        ]

    def measure(self, candidates: Sequence[Candidate], verdicts: Sequence[Verdict], *, step: int, phase: Phase) -> None:
        """`candidates`: all of the round, in the order of their proposal."""
        ids = {candidate.id for candidate in shown(candidates)}
        scored = [
            Scored(each.candidate.id, each.status, each.result.code, each.result.quality, each.score)
            for each in verdicts
        ]
        ok = sum(each.status == "ok" for each in scored)
        self.emit(CandidatesMeasured(step, ok, len(scored) - ok, tuple(each for each in scored if each.id in ids)))
        self.rows += [
            replace(
                row_of(verdict.candidate, step, phase),
                status=each.status,
                code=each.code,
                quality=each.quality,
                score=each.score,
                curve=curve_of(verdict.result.curve),
            )
            for verdict, each in zip(verdicts, scored, strict=True)
        ]

    def transition(self, state: object) -> Transition:
        return Transition(
            serialization.to_jsonable(state), [emit(payload) for payload in self.events], tuple(self.rows)
        )
