"""Outcomes of work: one that nobody could read is refused where it arrives."""

from typing import Any

import pytest

from search.log.outcomes import BadOutcome, check
from tests.search import fakes
from tests.search.fakes import latency_outcome

POINT = {"epoch": 1, "train_loss": 1.0, "val_loss": 1.0, "val_accuracy": 0.5}
GOOD: dict[str, Any] = {"status": "ok", "val_accuracy": 0.5, "curve": [POINT]}


@pytest.mark.parametrize(
    "outcome",
    [
        GOOD,
        {"status": "error", "code": "diverged"},
        {"status": "ok", "results": [GOOD, {"status": "error", "code": "diverged"}]},
        {**GOOD, "files": {"weights": "a" * 64}},
        latency_outcome(900),
        {**GOOD, "seconds": 3, "numerics": fakes.NUMERICS},
    ],
)
def test_a_good_outcome_is_taken(outcome: Any) -> None:
    check(outcome)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (None, "status"),
        ([], "status"),
        ({}, "status"),
        ({"status": "done"}, "status"),
        ({**GOOD, "val_accuracy": "x"}, "val_accuracy of a result must be a number"),
        ({**GOOD, "curve": 5}, "list of points"),
        ({**GOOD, "curve": [{"epoch": 1}]}, "a point of the curve"),
        ({"status": "error", "code": "a\0b"}, "must be text"),
        ({"status": "ok", "results": [5]}, "status"),
        ({"status": "ok", "results": {}}, "must be a list"),
        ({**GOOD, "files": None}, "hashes by role"),
        ({**GOOD, "files": {"weights": 5}}, "hashes by role"),
    ],
)
def test_a_malformed_one_is_refused_with_the_reason(outcome: Any, why: str) -> None:
    with pytest.raises(BadOutcome, match=why):
        check(outcome)
