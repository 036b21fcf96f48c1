"""The answer of a search: its finalists are trained from scratch and longer, and the best of them is the answer."""

from dataclasses import replace
from typing import Any

import pytest

from search.base import serialization
from search.evaluation.objective import Contender, choose
from search.evaluation.recipes import full
from search.log.task import Task
from search.network.budget import Budget
from search.network.graph import Graph
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, Work
from search.strategies.tasks import build_task, final_work
from tests.search import fakes
from tests.search.steering import Steered, of_kind, results

SMALL: dict[str, dict[str, Any]] = {
    "autoshrink": {"nodes": 5, "candidates": 3},
    "random": {"nodes": 5, "candidates": 3, "rounds": 4},
    "evolution": {"nodes": 5, "candidates": 3, "rounds": 4, "population": 4, "tournament": 2},
    "zico": {"nodes": 5, "candidates": 3, "iterations": 40, "population": 12},
}


@pytest.fixture(params=STRATEGIES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def task_of(name: str, **settings: Any) -> Task:
    return fakes.task(strategy=name, **{**SMALL[name], **settings})


def work_of(search: Steered) -> tuple[Work, ...]:
    next_round = search.strategy.ask(search.state)
    assert not isinstance(next_round, Finished)
    return next_round.work


def until_its_finalists(search: Steered) -> Steered:
    """The search, whose next round trains its finalists."""
    while search.state["answering"] is None:
        assert not search.has_ended
        search.advance()
    return search


def test_finalists_are_trained_from_scratch_by_the_full_recipe_four_times_as_long_as_candidates(
    name: str,
) -> None:
    search = Steered(task_of(name, evaluator="inherit", epochs=2, images=500))
    last = work_of(until_its_finalists(search))
    assert len(last) == 3
    for work in last:
        assert work["kind"] == "train"
        assert work["recipe"] == serialization.to_jsonable(replace(full("digits", "image"), epochs=8))
        assert work.keys().isdisjoint({"keep", "inherit", "images"})


def test_they_are_the_three_best_candidates_that_fit(name: str) -> None:
    budget = Budget(params=30_000)
    search = until_its_finalists(Steered(task_of(name, budget=budget, cost_weight=0.0)))
    finalists = search.state["finalists"]
    scores = [finalist["score"] for finalist in finalists]
    assert scores == sorted(scores, reverse=True) and len({finalist["hash"] for finalist in finalists}) == len(scores)
    assert scores[0] == search.state["best"]["score"]
    assert all(finalist["cost"]["params"] <= 30_000 for finalist in finalists)


def test_the_answer_is_the_best_by_the_longer_training_and_what_is_said_of_it_is_that_measurement(name: str) -> None:
    search = Steered(task_of(name))
    until_its_finalists(search)
    graphs = [finalist["graph"] for finalist in search.state["finalists"]]
    qualities = iter((0.71, 0.93, 0.82))
    search.outcome_of = lambda work: {"status": "ok", "val_accuracy": next(qualities), "curve": []}
    events = search.advance()
    best = of_kind(events, "search_finished")[0]["best"]
    assert (best["graph"], best["quality"]) == (graphs[1], 0.93)
    assert serialization.to_jsonable(search.best) == best
    scored = results(of_kind(events, "candidates_measured"))
    assert [event["quality"] for event in scored] == [0.71, 0.93, 0.82]
    assert best["score"] == scored[1]["score"]
    assert best["measured"] == {"branch": 0, "round": events[0]["round"], "candidate": scored[1]["id"]}


def test_of_finalists_within_noise_the_cheapest_is_the_answer(name: str) -> None:
    search = until_its_finalists(Steered(task_of(name, cost_weight=0.0)))
    macs = [finalist["cost"]["macs"] for finalist in search.state["finalists"]]
    cheapest = macs.index(min(macs))

    def close(work: Work) -> Outcome:
        return {"status": "ok", "val_accuracy": 0.90, "standard_error": 0.02, "curve": []}

    search.outcome_of = close
    best = of_kind(search.advance(), "search_finished")[0]["best"]
    assert best["cost"]["macs"] == macs[cheapest]


def test_where_every_finalist_diverges_the_answer_stays_the_best_candidate(name: str) -> None:
    search = until_its_finalists(Steered(task_of(name)))
    before = search.state["best"]
    search.outcome_of = lambda work: {"status": "error", "code": "diverged"}
    assert of_kind(search.advance(), "search_finished")[0]["best"] == before


@pytest.mark.parametrize("kind", ["lock", "remove", "set_budget", "set_weight"])
def test_the_graph_cannot_be_edited_while_finalists_train(name: str, kind: str) -> None:
    search = until_its_finalists(Steered(task_of(name)))
    edge = search.edges[0]
    arguments: dict[str, Any] = {"set_budget": {"budget": {"params": 40_000}}, "set_weight": {"weight": 0.3}}
    why = search.send(kind, **arguments.get(kind, {"edge": edge}))
    assert why == "the search has chosen its finalists and trains them; fork it from an earlier step to change it"


def test_a_search_that_is_stopped_has_its_best_candidate_for_an_answer(name: str) -> None:
    search = until_its_finalists(Steered(task_of(name)))
    before = search.state["best"]
    search.send("stop")
    finished = of_kind(search.log, "search_finished")[0]
    assert (finished["status"], finished["best"]) == ("stopped", before)


def test_a_search_without_finalists_ends_with_its_best_candidate(name: str) -> None:
    search = Steered(task_of(name, finalists=0))
    search.advance(100)
    scored = [row.quality for row in search.trained]
    assert of_kind(search.log, "search_finished")[0]["best"]["quality"] in scored
    assert "answer" not in [event["phase"] for event in of_kind(search.log, "candidates_proposed")]


def test_a_rollback_from_the_finalists_goes_on_searching(name: str) -> None:
    search = until_its_finalists(Steered(task_of(name)))
    search.roll_back(1)
    assert search.state["answering"] is None and not search.has_ended
    search.advance(100)
    assert search.has_ended


def test_the_training_for_export_repeats_the_measurement_of_the_answer(name: str) -> None:
    task = task_of(name, answer_epochs=7)
    search = until_its_finalists(Steered(task))
    finalist = search.state["finalists"][0]
    final = final_work(task, Graph.from_rows(finalist["graph"]))
    assert final | {"checkpoint": True} == work_of(search)[0] | {"kind": "final"}
    assert final["recipe"]["epochs"] == 7


@pytest.mark.parametrize(("budget", "weight"), [(Budget(), 0.1), (Budget(macs=9_000), 0.0), (Budget(latency=9), 0.0)])
def test_within_limits_the_default_objective_is_quality_alone(budget: Budget, weight: float) -> None:
    task = build_task(
        strategy="autoshrink", settings={}, kind="image", dataset="digits", split="", seed=0, budget=budget
    )
    assert task.objective.cost_weight == weight
    assert serialization.decode(Task, serialization.loads(serialization.dumps(task))) == task


def test_within_its_noise_the_cheapest_of_the_best_wins_and_without_noise_the_best() -> None:
    contenders = [Contender(0.90, 0.0, (5.0,)), Contender(0.93, 0.02, (9.0,)), Contender(0.92, 0.02, (4.0,))]
    assert choose(contenders) == 2
    assert choose([each._replace(noise=0.0) for each in contenders]) == 1
    assert choose([Contender(0.9, 0.0, (2.0,)), Contender(0.9, 0.0, (1.0,))]) == 1
    assert choose([Contender(0.9, 0.0, (1.0,)), Contender(0.9, 0.0, (1.0,))]) == 0
