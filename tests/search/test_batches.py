"""A work item may hold many candidates: its outcome has a result for each."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from search.base.serialization import Json
from search.data.datasets import Kind
from search.evaluation import EVALUATORS, train
from search.evaluation.base import Carry, Outcome, Source, Work, results_of
from search.network.graph import Graph
from search.network.macro import Macro
from search.strategies.base import Finished
from tests.search import fakes
from tests.search.steering import Steered, of_kind

SIZE = 3  # candidates in an item, but for the last one


def batches(config: Any, count: int) -> list[int]:
    return [min(SIZE, count - first) for first in range(0, count, SIZE)]


def work(
    config: Any, source: Source, macro: Macro, graphs: Sequence[Graph], carry: Carry, most_epochs: int | None = None
) -> list[Work]:
    items = train.work(config, source, macro, graphs, carry, most_epochs)
    return [{"kind": "train", "items": items[first : first + SIZE]} for first in range(0, len(items), SIZE)]


def outcome_of(item: Work) -> Outcome:
    if "items" not in item:
        return fakes.outcome_of(item)
    return {"status": "ok", "results": [fakes.outcome_of(each) for each in item["items"]]}


@pytest.fixture(params=["autoshrink", "random", "evolution"])
def settings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Settings of a small search with each strategy. The evaluator `batched` trains several candidates in an item."""
    image: Kind = "image"
    batched = SimpleNamespace(
        **{
            name: getattr(train, name)
            for name in (
                *("start", "metric", "ranking", "read", "adopt", "files", "final", "why_too_few", "reads_test_part"),
                *("WITHIN_STEP", "DEFAULTS"),
            )
        },
        NAME="batched",
        TITLE="Batched training",
        ABOUT="",
        CONFIGS={image: train.ImageConfig},
        batches=batches,
        work=work,
    )
    monkeypatch.setitem(EVALUATORS, "batched", batched)
    rounds = {} if request.param == "autoshrink" else {"rounds": 4}
    return {"strategy": request.param, "nodes": 6, "candidates": 7, "seed": 3, **rounds}


def decisions(search: Steered) -> list[Json]:
    return of_kind(search.log, "step_decided")


def test_a_search_decides_alike_however_many_candidates_an_item_holds(settings: dict[str, Any]) -> None:
    one, many = Steered(fakes.task(**settings)), Steered(fakes.task(**settings, evaluator="batched"), outcome_of)
    for search in (one, many):
        search.advance(100)
        assert search.has_ended
    assert decisions(one) == decisions(many)


def test_an_item_is_about_the_candidates_that_it_holds(settings: dict[str, Any]) -> None:
    search = Steered(fakes.task(**settings, evaluator="batched"), outcome_of)
    asked = search.strategy.ask(search.state)
    assert not isinstance(asked, Finished)
    assert [len(item["items"]) for item in asked.work] == [len(ids) for ids in asked.about]
    feasible = [row.id for row in search.rows.values() if row.feasible]
    assert [id for ids in asked.about for id in ids] == feasible and len(asked.work) < len(feasible)


def test_where_an_item_fails_all_its_candidates_have(settings: dict[str, Any]) -> None:
    search = Steered(fakes.task(**settings, evaluator="batched"), outcome_of)
    asked = search.strategy.ask(search.state)
    assert not isinstance(asked, Finished)
    failed: Outcome = {"status": "error", "code": "out_of_memory"}
    transition = search.strategy.tell(search.state, [failed, *map(outcome_of, asked.work[1:])])
    codes = {row.id: row.code for row in transition.rows if row.status == "error"}
    assert {codes[id] for id in asked.about[0]} == {"out_of_memory"}


def test_an_outcome_with_too_few_results_is_refused() -> None:
    with pytest.raises(ValueError, match="an outcome about 3 graphs has 2 results"):
        results_of({"status": "ok", "results": [{}, {}]}, 3)
