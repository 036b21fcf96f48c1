"""Golden streams and their snapshots do not change, and each snapshot says what a reader of the log knows."""

from collections.abc import Iterator

import pytest

from search.base import serialization
from search.base.serialization import Json
from tests.search import golden
from tests.search.reading import as_read, reader_of
from tests.search.steering import Steered, cut_of, of_kind


@pytest.fixture(params=golden.STREAMS)
def stream(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def recorded(name: str) -> list[Json]:
    """The events of a stream as its file holds them."""
    lines = (golden.FOLDER / f"{name}.jsonl").read_bytes().splitlines()
    return [serialization.loads(line) for line in lines]


def test_a_golden_stream_does_not_change(stream: str) -> None:
    assert golden.lines(golden.record(stream)) == (golden.FOLDER / f"{stream}.jsonl").read_bytes()


def test_its_snapshots_do_not_change(stream: str) -> None:
    taken = serialization.dumps(golden.snapshots(stream)) + b"\n"
    assert taken == (golden.FOLDER / f"{stream}.snapshots.json").read_bytes()


def test_its_snapshots_say_what_its_events_say(stream: str) -> None:
    events = recorded(stream)
    for seq, snapshot in golden.run(stream).snapshots:
        assert reader_of(events[:seq]).read_snapshot == as_read(snapshot), seq


def test_its_events_are_numbered_without_gaps_and_rounds_of_a_branch_do_not_go_back(stream: str) -> None:
    events = recorded(stream)
    assert [event["seq"] for event in events] == [*range(1, len(events) + 1)]
    places = [(event["branch"], event["round"]) for event in events]
    assert places == sorted(places)


def test_a_removed_edge_stays_in_the_snapshot_as_removed() -> None:
    end = golden.run("descent-and-choice").snapshot
    assert len(end.graph["edges"]) == 15
    assert len(end.removed) == 14 and {edge.cause for edge in end.removed} <= {"search", "collapse"}
    removed = {edge.id for edge in end.removed}
    assert removed < {f"{source}-{target}" for source, target in end.graph["edges"]}


def test_an_edge_that_is_restored_is_not_removed_any_more() -> None:
    search = golden.run("every-command")
    for event in search.log:
        if event["kind"] == "graph_edited" and event["payload"]["edits"]["edges_added"]:
            after = reader_of(search.log[: event["seq"]])
            added = event["payload"]["edits"]["edges_added"]
            assert not {one["id"] for one in after.read_snapshot["removed"]} & set(added)
            return
    raise AssertionError("the stream restores nothing")


def test_the_importance_of_an_edge_is_its_mean_gap_to_the_mean_score_of_a_round() -> None:
    search = golden.run("no-limits")
    gaps: dict[str, list[float]] = {}
    for scores in scores_by_edge(search):
        for edge, score in scores.items():
            gaps.setdefault(edge, []).append(sum(scores.values()) / len(scores) - score)
    evidence = {one.edge: one for one in search.snapshot.evidence}
    assert evidence.keys() == gaps.keys() and max(len(each) for each in gaps.values()) > 1
    for edge, each in gaps.items():
        assert evidence[edge].tests == len(each)
        assert evidence[edge].importance == pytest.approx(sum(each) / len(each))


def scores_by_edge(search: Steered) -> Iterator[dict[str, float]]:
    """Of each round: the score of the graph without an edge, by the edge, from the rows of candidates."""
    for proposed in of_kind(search.log, "candidates_proposed"):
        if proposed["phase"] == "answer":
            continue
        rows = [(cut_of(candidate), search.rows[0, candidate["id"]].score) for candidate in proposed["shown"]]
        if scores := {edge: score for edge, score in rows if edge is not None and score is not None}:
            yield scores


def test_a_refused_command_is_in_the_log_with_its_reason() -> None:
    refused = of_kind(golden.record("steered"), "command_refused")
    assert (refused[0]["kind"], refused[0]["why"]) == ("lock", "edge 0-5 is already locked")
