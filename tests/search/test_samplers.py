"""Random search and evolution: what their shared frame does beyond test_contract.py."""

from types import ModuleType
from typing import Any

import pytest

from search.log.task import BadTask, Task
from search.network.budget import Budget
from search.network.edits import Edits
from search.network.graph import Graph
from search.spaces import SPACES, cnn
from search.strategies import STRATEGIES
from tests.search import fakes
from tests.search.steering import Steered, of_kind

EVOLUTION: dict[str, Any] = {"strategy": "evolution", "candidates": 3, "rounds": 6, "population": 3, "tournament": 2}


def perfect(work: dict[str, Any]) -> dict[str, Any]:
    return {"status": "ok", "val_accuracy": 1.0, "curve": []}


def test_evolution_goes_on_where_no_part_of_a_graph_can_be_changed() -> None:
    """A cell of two nodes has one edge and one operation; locked, neither can change."""
    search = Steered(fakes.task(**{**EVOLUTION, "nodes": 2, "candidates": 1, "population": 2}), perfect)
    assert search.send("lock", node=1) is None
    search.advance(20)
    assert search.snapshot.why == "all 6 steps are done" and len(search.best.graph["edges"]) == 1


def test_evolution_goes_on_where_every_part_is_locked() -> None:
    search = Steered(fakes.task(**{**EVOLUTION, "nodes": 3}), perfect)
    for node in (1, 2):
        assert search.send("lock", node=node) is None
    for edge in search.edges:
        assert search.send("lock", edge=edge) is None
    search.advance(20)
    assert search.snapshot.why == "all 6 steps are done"


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (
            {"rounds": 4, "candidates": 5, "population": 16, "tournament": 2},
            "a population of 16 is not full before the last of 4 steps with 5 candidates each, so no graph would ever "
            "be changed; choose a population of at most 15, or more steps or candidates",
        ),
        (
            {"rounds": 9, "candidates": 5, "population": 8, "tournament": 9},
            "a tournament of 9 needs a population of at least 9, and it is 8; choose a tournament of at most 8",
        ),
    ],
)
def test_evolution_refuses_settings_by_which_it_never_changes_a_graph(settings: dict[str, Any], why: str) -> None:
    task = fakes.task(strategy="evolution", nodes=5, **settings)
    for ask in (STRATEGIES["evolution"].preview, STRATEGIES["evolution"].start):
        with pytest.raises(BadTask) as caught:
            ask(task)
        assert str(caught.value) == why


def test_evolution_changes_graphs_where_its_population_is_full_before_its_last_step() -> None:
    search = Steered(fakes.task(strategy="evolution", nodes=5, rounds=4, candidates=5, population=15, tournament=2))
    search.advance(20)
    assert any(row.parents for row in search.rows.values())


def test_of_graphs_that_are_equally_good_the_cheapest_is_the_answer_even_where_nothing_is_wrong() -> None:
    """All candidates classify every image, so that the error that the accuracy itself suggests is 0."""
    for name in STRATEGIES:
        search = Steered(fakes.task(strategy=name, nodes=5, cost_weight=0.0, finalists=0), perfect)
        search.advance(200)
        best = of_kind(search.log, "search_finished")[0]["best"]
        assert best["cost"]["macs"] == min(row.cost.macs for row in search.trained), name


@pytest.fixture
def opaque(monkeypatch: pytest.MonkeyPatch) -> None:
    """A space that draws graphs and cannot tell which is the smallest."""
    space = ModuleType("opaque")
    vars(space).update({name: getattr(cnn, name) for name in vars(cnn) if not name.startswith("__")})
    vars(space).update(NAME="opaque", MOVES=frozenset({"sample"}))
    del space.smallest
    monkeypatch.setitem(SPACES, "opaque", space)


class TestASpaceThatCannotTellItsSmallestGraph:
    def task(self, params: int) -> Task:
        return fakes.task(
            strategy="random", space="opaque", budget=Budget(params=params), nodes=5, rounds=3, candidates=4
        )

    def test_is_searched_within_limits_that_its_largest_graph_breaks(self, opaque: None) -> None:
        task = self.task(20_000)
        preview = STRATEGIES["random"].preview(task)
        assert (preview.smallest, preview.unreachable) == (None, ()) and preview.largest.params > 20_000
        assert [len(item["graph"]["edges"]) for item in preview.examples] == [10]
        assert STRATEGIES["random"].effort(task).low
        search = Steered(task)
        assert of_kind(search.log, "search_started")[0]["ends"]["smallest"] is None
        assert search.send("set_budget", budget={"params": 18_000}) is None
        edge = search.edges[0]
        assert search.send("lock", edge=edge) is None
        assert search.send("remove", edge=search.edges[3]) is None
        search.advance(20)
        assert search.best.cost.params <= 18_000 and edge in [f"{s}-{t}" for s, t in search.best.graph["edges"]]

    def test_ends_and_names_the_limit_where_nothing_that_is_drawn_fits(self, opaque: None) -> None:
        search = Steered(self.task(100))
        assert search.snapshot.why == (
            "no graph was admitted in 1,000 draws; refused by the limit on parameters (1,000)"
        )


def test_autoshrink_refuses_to_stop_above_its_largest_cell() -> None:
    task = fakes.task(nodes=4, keep_edges=7)
    for ask in (STRATEGIES["autoshrink"].preview, STRATEGIES["autoshrink"].start):
        with pytest.raises(BadTask, match="would stop at 7 edges, and its largest cell has only 6; choose fewer edges"):
            ask(task)
    STRATEGIES["autoshrink"].start(fakes.task(nodes=4, keep_edges=6))


def test_the_first_edits_are_against_the_largest_graph() -> None:
    search = Steered(fakes.task(strategy="random", nodes=5))
    assert Graph.from_rows(of_kind(search.log, "search_started")[0]["graph"]) == search.graph
    assert any(row.edits != Edits() for row in search.open_rows)
