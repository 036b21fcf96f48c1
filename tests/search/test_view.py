"""The view: rebuilt from the log, the same however often it is folded; golden streams stay where they are."""

import pytest

from search.base import serialization
from search.log import view
from tests.search import golden


@pytest.fixture(params=golden.STREAMS)
def stream(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_golden_stream_does_not_move(stream: str) -> None:
    assert golden.lines(golden.record(stream)) == (golden.FOLDER / f"{stream}.jsonl").read_bytes()


def test_its_view_does_not_move(stream: str) -> None:
    seen = serialization.dumps(golden.view_of(golden.record(stream))) + b"\n"
    assert seen == (golden.FOLDER / f"{stream}.view.json").read_bytes()


def test_a_view_taken_up_from_its_json_at_any_event_ends_the_same(stream: str) -> None:
    events = golden.record(stream)
    seen, end = view.empty(), golden.view_of(events)
    for i, event in enumerate(events):
        seen = view.apply(serialization.loads(serialization.dumps(seen)), event)
        if i % 7 == 0:
            rest = seen
            for later in events[i + 1 :]:
                rest = view.apply(rest, later)
            assert serialization.dumps(rest) == serialization.dumps(end)


def test_an_event_seen_twice_changes_nothing(stream: str) -> None:
    events = golden.record(stream)
    end = golden.view_of(events)
    assert view.apply(end, events[-1]) is end


def test_a_removed_edge_stays_in_the_view_as_removed() -> None:
    end = golden.view_of(golden.record("descent-and-choice"))
    states = [edge["state"] for edge in end["edges"]]
    assert (len(states), states.count("active")) == (15, 1)


def test_evidence_of_an_edge_is_the_mean_gap_to_its_rounds() -> None:
    events = golden.record("no-limits")
    end = golden.view_of(events)
    edge = max(end["edges"], key=lambda e: e["tests"])
    gaps = []
    for step in end["history"]:
        scores = {t["edge"]: t["score"] for t in step["tested"] if t["edge"] and t["score"] is not None}
        if edge["id"] in scores:
            gaps.append(sum(scores.values()) / len(scores) - scores[edge["id"]])
    assert edge["tests"] == len(gaps) > 1
    assert edge["fitness"] == pytest.approx(sum(gaps) / len(gaps))


def test_a_refused_command_is_in_the_log_with_its_reason() -> None:
    end = golden.view_of(golden.record("steered"))
    refused = [line for line in end["log"] if line["kind"] == "command_refused"]
    assert refused[0]["why"] == "edge 0-5 is locked already"
    assert refused[0]["command"] == "lock"
