"""The view of a search: folding the log is repeatable, and golden streams do not change."""

import pytest

from search.base import serialization
from search.log import view
from tests.search import golden


@pytest.fixture(params=golden.STREAMS)
def stream(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_golden_stream_does_not_change(stream: str) -> None:
    assert golden.lines(golden.record(stream)) == (golden.FOLDER / f"{stream}.jsonl").read_bytes()


def test_its_view_does_not_change(stream: str) -> None:
    folded = serialization.dumps(golden.view_of(golden.record(stream))) + b"\n"
    assert folded == (golden.FOLDER / f"{stream}.view.json").read_bytes()


def test_a_view_that_passes_through_json_at_any_event_ends_the_same(stream: str) -> None:
    events = golden.record(stream)
    prefix, end = view.empty(), golden.view_of(events)
    for i, event in enumerate(events):
        prefix = view.apply(serialization.loads(serialization.dumps(prefix)), event)
        if i % 7 == 0:
            whole = prefix
            for later in events[i + 1 :]:
                whole = view.apply(whole, later)
            assert serialization.dumps(whole) == serialization.dumps(end)


def test_an_event_applied_twice_changes_nothing(stream: str) -> None:
    events = golden.record(stream)
    end = golden.view_of(events)
    assert view.apply(end, events[-1]) is end


def test_a_removed_edge_stays_in_the_view_as_removed() -> None:
    end = golden.view_of(golden.record("descent-and-choice"))
    states = [edge["state"] for edge in end["edges"]]
    assert (len(states), states.count("active")) == (15, 1)


def test_the_importance_of_an_edge_is_its_mean_gap_to_the_mean_score_of_a_round() -> None:
    events = golden.record("no-limits")
    end = golden.view_of(events)
    edge = max(end["edges"], key=lambda e: e["tests"])
    gaps = []
    for step in end["history"]:
        scores = {t["edge"]: t["score"] for t in step["tested"] if t["edge"] and t["score"] is not None}
        if edge["id"] in scores:
            gaps.append(sum(scores.values()) / len(scores) - scores[edge["id"]])
    assert edge["tests"] == len(gaps) > 1
    assert edge["importance"] == pytest.approx(sum(gaps) / len(gaps))


def test_a_refused_command_is_in_the_log_with_its_reason() -> None:
    end = golden.view_of(golden.record("steered"))
    refused = [line for line in end["log"] if line["kind"] == "command_refused"]
    assert refused[0]["why"] == "edge 0-5 is already locked"
    assert refused[0]["command"] == "lock"
