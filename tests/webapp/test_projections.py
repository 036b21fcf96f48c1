"""What lists and the catalog show of searches whose candidates are whole graphs, not cuts of the current one."""

from typing import Any

import pytest

from search.base import serialization
from search.base.serialization import Json
from search.log import events
from search.log.events import Candidate, CandidateScored, CandidatesProposed, EdgeAdded, EdgeRemoved, StepDecided
from search.network.cost import Cost
from tests.webapp.fakes import WORKER
from webapp.models import Search
from webapp.scheduling import leases
from webapp.searches import event_log, lineage, progress, projections
from webapp.searches.turn import SerializedEvent

pytestmark = pytest.mark.django_db


def append(search: Search, *emitted: object) -> None:
    rows = [SerializedEvent(kind, payload, serialization.dumps(payload)) for kind, payload in map(events.emit, emitted)]
    event_log.append(search, 0, 0, rows)


def cost_with(search: Search, macs: int) -> Cost:
    assert search.cost is not None
    return serialization.decode(Cost, {**search.cost, "macs": macs})


def proposal(search: Search, *macs: int, step: int = 1) -> CandidatesProposed:
    """The unchanged graph, then whole graphs with these MACs."""
    unchanged = Candidate(0, None, None, (), (), cost_with(search, 9_999), True, None)
    drawn = [
        Candidate(index, None, f"{index} edges", (), (), cost_with(search, count), True, None)
        for index, count in enumerate(macs, 1)
    ]
    return CandidatesProposed(step, "choice", (unchanged, *drawn), (), cost_with(search, 9_999), ())


def scored(index: int, quality: float, step: int = 1) -> CandidateScored:
    return CandidateScored(step, index, None, "ok", None, quality, quality, ())


def decided(search: Search, label: str | None, edges: int) -> StepDecided:
    return StepDecided(1, "choice", None, label, 0.5, 0.5, cost_with(search, 500), (), True, edges, None)


def test_candidates_are_stored_with_what_they_are(search: Search) -> None:
    append(search, proposal(search, 500, 600))
    rows = projections.trained_candidates(search, 0)
    assert [(row.edge, row.label) for row in rows] == [(None, None), (None, "1 edges"), (None, "2 edges")]


def test_the_number_of_edges_follows_every_change_of_a_step(search: Search) -> None:
    assert search.edges == 15
    changes: list[Any] = [EdgeRemoved(edge, 0, 1, 1, "search") for edge in ("0-1", "0-2", "0-3")]
    append(search, *changes, EdgeAdded("0-1", 0, 1, 1, "search"))
    assert search.edges == 13
    append(search, decided(search, "13 edges", 13))
    stored = Search.objects.get(pk=search.pk)
    assert (stored.step, stored.edges, stored.best_quality) == (1, 13, 0.5)


def test_the_view_shows_a_step_that_cut_no_edge_by_its_label(search: Search) -> None:
    append(search, proposal(search, 500), scored(1, 0.5), decided(search, "1 edges", 15))
    _, view = event_log.current_view(search.pk)
    assert (view["history"][0]["edge"], view["history"][0]["label"]) == (None, "1 edges")


def best(quality: float, index: int) -> Json:
    return {"step": 1, "edge": None, "quality": quality, "measured": {"branch": 0, "round": 0, "index": index}}


def test_the_lineage_of_an_answer_is_where_it_says_that_it_was_measured(search: Search) -> None:
    append(search, proposal(search, 500, 600, 700), scored(0, 0.5), scored(1, 0.5), scored(2, 0.5))
    first = search.seq - 3 + 1
    for index in range(3):
        assert lineage.find(search, best(0.5, index))["seq"] == first + index
    with pytest.raises(LookupError, match="never measured"):
        lineage.find(search, best(0.5, 9))


def test_measurements_of_whole_graphs_are_counted_without_naming_candidates(make_search: Any) -> None:
    search = make_search(budget={"params": None, "latency": 600})
    assert leases.claim(WORKER) and leases.claim(WORKER)
    assert progress.of(search)["work"]
    append(search, proposal(search, 500, 600))
    shown = progress.of(search)
    assert [row["index"] for row in shown["work"]] == [0]
    assert shown["measuring"]["of"] > 1
