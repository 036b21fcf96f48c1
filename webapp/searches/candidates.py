"""Rows of candidates: written by turns, and by results of rounds that were withdrawn before their turn."""

from collections.abc import Sequence

from django.db.models import Max

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.base import WITHDRAWN, Result
from search.log.events import curve_of
from search.log.task import Task
from search.network.budget import LIMITS, spent
from search.network.cost import Cost
from search.strategies.factors import Factors
from webapp.models import Candidate, Search

UNREADABLE = "unreadable"  # code of a result that its evaluator cannot read
KEY = ("search", "branch", "number")
COPIED = (
    *("step", "phase", "edits", "parents", "hash", "label", "cost", "feasible", "why_not"),
    *("status", "code", "quality", "score", "curve"),
)  # from a row of the strategy


def record(search: Search, branch: int, rows: Sequence[Json]) -> None:
    """Adds or replaces the rows of a turn, in one statement, after its events were numbered."""
    Candidate.objects.bulk_create(
        (_candidate(search, branch, row) for row in rows),
        update_conflicts=True,
        unique_fields=KEY,
        update_fields=["seq", *COPIED, *LIMITS],
    )


def keep_withdrawn_results(search: Search, branch: int, seq: int, results: Sequence[tuple[list[int], Json]]) -> None:
    """Stores results of a withdrawn round: pairs of (numbers of the item's candidates, outcome). The strategy never saw
    them, so they have no score. An item whose candidates have no rows is skipped. `seq`: of the last event of the turn
    that withdraws the round."""
    factors = Factors.of(Task.from_dict(search.task))
    about = {number for numbers, _ in results for number in numbers}
    found = search.candidates.filter(branch=branch, number__in=about).only("search", "number", "phase", "cost")
    rows = {row.number: row for row in found}
    known = [(numbers, outcome) for numbers, outcome in results if rows.keys() >= set(numbers)]
    by_number = {
        number: result
        for numbers, outcome in known
        for number, result in zip(numbers, _read(factors, outcome, [rows[each] for each in numbers]), strict=True)
    }
    kept = [rows[number] for number in by_number]
    for row in kept:
        result = by_number[row.number]
        row.seq, row.status, row.code = seq, "error" if result.quality is None else "ok", result.code
        row.quality, row.curve = result.quality, serialization.to_jsonable(curve_of(result.curve))
    Candidate.objects.bulk_update(kept, ["seq", "status", "code", "quality", "curve"])


def _read(factors: Factors, outcome: Json, rows: Sequence[Candidate]) -> list[Result]:
    """The results of an outcome about these candidates. One that cannot be read gives none: nobody waits for it."""
    try:
        if rows[0].phase == "answer":
            return factors.read_finalists([outcome])
        costs = [serialization.decode(Cost, row.cost) for row in rows]
        return factors.read(costs, [len(rows)], [outcome])
    except (AttributeError, KeyError, TypeError, ValueError):
        return [Result(None, UNREADABLE, ())] * len(rows)


def close_waiting(search: Search, branch: int, seq: int) -> None:
    """Says of the candidates that still wait that nobody evaluates them any more."""
    waiting = search.candidates.filter(branch=branch, status="waiting")
    waiting.update(seq=seq, status="skipped", code=WITHDRAWN)


def newest_seq(search: Search) -> int:
    """The greatest `seq` of the search's rows; 0 without rows."""
    return search.candidates.aggregate(newest=Max("seq"))["newest"] or 0


def _candidate(search: Search, branch: int, row: Json) -> Candidate:
    cost = serialization.decode(Cost, row["cost"])
    return Candidate(
        search=search,
        branch=branch,
        number=row["id"],
        seq=search.seq,
        **{name: row[name] for name in COPIED},
        **{limit: spent(cost, limit) for limit in LIMITS if limit != "latency"},
        latency=cost.latency,
    )
