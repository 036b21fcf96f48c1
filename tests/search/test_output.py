"""What a round gives to its events and to the table of candidates."""

from search.base import serialization
from search.evaluation.base import Result
from search.log.candidates import MOST_BYTES, shown
from search.log.events import (
    MOST_POINTS,
    SHOWN,
    Candidate,
    CandidatesMeasured,
    CandidatesProposed,
    CandidatesTimed,
    Timed,
    stamp,
)
from search.network.cost import Cost, PeakMemory
from search.network.edits import Edits
from search.strategies.output import Output, Verdict
from tests.search.steering import AT, assert_small

COST = Cost(10**9, 10**9, 10**12, PeakMemory(10**9, 10**9, 10**9, True), 10**6)
CUT = Edits(edges_removed=("0-1",))
WHOLE = Edits(edges_removed=tuple(f"{i}-{j}" for i in range(16) for j in range(i + 1, 16)))
POINT = {"epoch": 1, "train_loss": 2.0, "val_loss": 2.5, "val_accuracy": 0.5}


def candidates(count: int, edits: Edits = CUT, feasible: int | None = None) -> list[Candidate]:
    """Candidates of which the first ones are feasible."""
    most = count if feasible is None else feasible
    return [
        Candidate(
            id, edits, (id,), "f" * 64, "120 edges", COST, id < most, None if id < most else "too large for its limit"
        )
        for id in range(count)
    ]


def output(proposed: list[Candidate]) -> Output:
    """Of a whole round: proposed, timed and measured."""
    out = Output()
    out.propose(proposed, step=3, phase="choice", cost=COST, over=())
    feasible = [each for each in proposed if each.feasible]
    times = [Timed(each.id, None, "lost", each.feasible, each.why_not) for each in feasible]
    out.time(proposed, times, step=3, phase="choice", present=None, smallest=None, over=())
    results = [Result(quality=0.5, code=None, curve=(POINT,) * 150) for _ in feasible[:-1]]
    results.append(Result(quality=None, code="diverged", curve=()))
    verdicts = [
        Verdict(each, result, None if result.quality is None else 0.4)
        for each, result in zip(feasible, results, strict=True)
    ]
    out.measure(proposed, verdicts, step=3, phase="choice")
    return out


def test_an_event_shows_the_first_twenty_candidates_and_counts_all() -> None:
    proposed, timed, measured = output(candidates(34, feasible=30)).events
    assert isinstance(proposed, CandidatesProposed)
    assert isinstance(timed, CandidatesTimed) and isinstance(measured, CandidatesMeasured)
    assert (proposed.count, proposed.feasible, timed.feasible) == (34, 30, 30)
    assert (measured.ok, measured.failed) == (29, 1)
    for event in (proposed, timed, measured):
        assert [each.id for each in event.shown] == [*range(SHOWN)]


def test_the_table_has_a_row_for_all_of_them_with_their_results() -> None:
    out = output(candidates(34, feasible=30))
    rows = {row.id: row for row in out.rows}
    assert rows.keys() == {*range(34)}
    assert [row.status for row in rows.values()] == [*["ok"] * 29, "error", *["skipped"] * 4]
    assert (rows[0].quality, rows[0].score, len(rows[0].curve)) == (0.5, 0.4, MOST_POINTS)
    assert (rows[29].code, rows[29].quality, rows[29].score, rows[29].curve) == ("diverged", None, None, ())
    assert rows[33].why_not == "too large for its limit"


def test_where_edits_are_long_fewer_are_shown_so_that_events_stay_small_and_all_events_show_the_same() -> None:
    out = output(candidates(20, WHOLE))
    assert_small([stamp_of(out, place) for place in range(len(out.events))])
    ids = [[each.id for each in event.shown] for event in out.events]  # type: ignore[attr-defined]
    assert 5 < len(ids[0]) < 20
    assert ids[0] == ids[1] == ids[2] == [*range(len(ids[0]))]
    assert {row.id for row in out.rows} == {*range(20)}


def test_one_candidate_is_shown_however_long_its_edits_are() -> None:
    edits = Edits(nodes_changed=tuple((i, "sep3", float(i), {"width": i}) for i in range(1000)))
    assert len(serialization.dumps(edits)) > MOST_BYTES
    assert [each.id for each in shown(candidates(3, edits))] == [0]
    assert not shown([])


def stamp_of(out: Output, place: int) -> serialization.Json:
    return stamp(out.transition({}).events[place], seq=1, branch=0, round=0, at=AT)
