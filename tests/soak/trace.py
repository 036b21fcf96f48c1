"""Everything that a search leaves in the database, and the first difference from another search of the same task."""

from dataclasses import dataclass
from typing import Any

from search.base import serialization
from search.base.serialization import Json
from tests.soak.stack import Stack


@dataclass(frozen=True)
class Trace:
    log: tuple[Json, ...]  # without times
    seen: tuple[Json, ...]  # the same, as received through the socket
    candidates: tuple[Any, ...]
    answer: tuple[Any, ...]  # the catalog's row of the best graph
    rounds: tuple[Any, ...]
    tries: int  # of all items; 0, since nothing failed
    items: tuple[Any, ...]  # status, failed


def trace(stack: Stack, search: str, log: list[Json], seen: list[Json]) -> Trace:
    def rows(sql: str) -> tuple[Any, ...]:
        return tuple(stack.rows(sql, search))

    work = "FROM webapp_work w JOIN webapp_round r ON r.id = w.round_id WHERE r.search_id = %s"
    return Trace(
        log=timeless(log),
        seen=timeless(seen),
        candidates=rows(
            "SELECT branch, number, seq, step, edits::text, status, code, quality, score, cost::text, curve::text "
            "FROM webapp_candidate WHERE search_id = %s ORDER BY branch, number"
        ),
        answer=rows("SELECT hash, val_accuracy, lineage::text FROM webapp_architecture WHERE search_id = %s"),
        rounds=rows("SELECT branch, number, status FROM webapp_round WHERE search_id = %s ORDER BY branch, number"),
        tries=rows(f"SELECT coalesce(sum(w.tries), 0) {work}")[0][0],
        items=rows(f"SELECT r.number, w.index, w.key, w.status, w.failed, w.outcome::text {work} ORDER BY 1, 2"),
    )


def timeless(log: list[Json]) -> tuple[Json, ...]:
    return tuple({**event, "at": ""} for event in log)


def difference(expected: Trace, found: Trace) -> str | None:
    """The first one, in words."""
    for what in ("log", "seen"):
        if (first := _first(expected.log, getattr(found, what))) is not None:
            return f"{what}: {first}"
    if [event["seq"] for event in found.log] != list(range(1, len(found.log) + 1)):
        return "the log has a gap"
    if found.tries:
        return f"{found.tries} tries were counted as failed"
    for what in ("candidates", "answer", "rounds", "items"):
        if getattr(expected, what) != getattr(found, what):
            return f"{what}: {_first_row(getattr(expected, what), getattr(found, what))}"
    return None


def _first(expected: tuple[Json, ...], found: tuple[Json, ...]) -> str | None:
    for event, other in zip(expected, found, strict=False):
        before, after = serialization.dumps(event).decode(), serialization.dumps(other).decode()
        if before != after:
            return f"event {event['seq']} is {after} instead of {before}"
    return None if len(expected) == len(found) else f"{len(found)} events instead of {len(expected)}"


def _first_row(expected: tuple[Any, ...], found: tuple[Any, ...]) -> str:
    for row, other in zip(expected, found, strict=False):
        if row != other:
            return f"{other} instead of {row}"
    return f"{len(found)} instead of {len(expected)}"
