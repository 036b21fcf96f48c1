"""Limits: each one met exactly, violated by one, and impossible; and all of them at once."""

from functools import cache
from typing import Any

import pytest

from search.base import serialization
from search.log.task import Task
from search.network.budget import LIMITS, Budget, Infeasible, Limit, spent
from search.network.cost import Cost
from search.network.graph import Graph
from search.strategies import STRATEGIES
from search.strategies.base import Outcome, Work
from tests.search import fakes
from tests.search.steering import Steered, of_kind
from tests.search.test_latency_rounds import answer_latency

NODES = 4


def outcome_of(work: Work) -> Outcome:
    """More edges are more accurate and slower, so that the search stays just within its limits."""
    edges = len(work["graph"]["edges"])
    if work["kind"] == "measure":
        return fakes.latency_outcome(1000 + 100 * edges)
    return {"status": "ok", "val_accuracy": edges / 20, "curve": []}


@cache
def costs() -> tuple[Cost, Cost]:
    """Costs of the dense cell and of the smallest reachable cell."""
    ends = STRATEGIES["autoshrink"].start(task(Budget())).events[0].payload["ends"]
    dense, smallest = (serialization.decode(Cost, ends[name]) for name in ("largest", "smallest"))
    return dense._replace(latency=1600), smallest._replace(latency=1100)


def task(budget: Budget) -> Task:
    return fakes.task(nodes=NODES, candidates=3, patience=0, cost_weight=0.0, budget=budget)


def limited(limit: Limit, allowed: int) -> Budget:
    limits: dict[str, Any] = {limit: allowed}
    return Budget(**limits)


def finished_search(budget: Budget) -> Steered:
    search = Steered(task(budget), outcome_of)
    search.advance(200)
    assert search.has_ended
    return search


def phases(search: Steered) -> list[str]:
    """Phases of the decided steps."""
    return [step["phase"] for step in of_kind(search.log, "step_decided")]


@pytest.mark.parametrize("limit", LIMITS)
class TestEachLimit:
    def test_a_graph_at_the_limit_fits(self, limit: Limit) -> None:
        dense, _ = costs()
        search = finished_search(limited(limit, spent(dense, limit)))
        best = search.best
        assert set(phases(search)) == {"choice"}
        assert spent(best.cost, limit) == spent(dense, limit)
        assert (best.step, len(best.graph["edges"])) == (0, 6)

    def test_a_graph_one_over_the_limit_does_not_fit(self, limit: Limit) -> None:
        dense, _ = costs()
        allowed = spent(dense, limit) - 1
        search = finished_search(limited(limit, allowed))
        assert phases(search)[0] == "descent"
        assert spent(search.best.cost, limit) <= allowed

    def test_a_limit_of_exactly_the_smallest_graph_is_met(self, limit: Limit) -> None:
        _, smallest = costs()
        allowed = spent(smallest, limit)
        search = finished_search(limited(limit, allowed))
        assert spent(search.best.cost, limit) == allowed

    def test_an_error_says_by_how_much_the_smallest_graph_violates_a_limit(self, limit: Limit) -> None:
        _, smallest = costs()
        allowed = spent(smallest, limit) - 1
        message = rf"is 1 over the limit of {allowed:,}, even for the smallest cell that can be reached"
        if limit != "latency":
            with pytest.raises(Infeasible, match=message):
                Steered(task(limited(limit, allowed)))
            return
        search = finished_search(limited(limit, allowed))  # unknown before the first measurement
        finished = of_kind(search.log, "search_finished")[0]
        assert finished["why"] == (
            "1,100 microseconds of latency is 1 over the limit of 1,099, even for the smallest cell that can be reached"
        )
        assert finished["best"] is None and not of_kind(search.log, "candidates_measured") and not search.trained

    def test_no_candidate_over_the_limit_is_trained_in_choice(self, limit: Limit) -> None:
        dense, smallest = costs()
        allowed = (spent(dense, limit) + spent(smallest, limit)) // 2
        search = finished_search(limited(limit, allowed))
        for step in of_kind(search.log, "step_decided"):
            if step["phase"] == "choice":
                assert spent(serialization.decode(Cost, step["cost"]), limit) <= allowed
        assert phases(search)[0] == "descent" and phases(search)[-1] == "choice"


def test_all_four_limits_hold_at_once() -> None:
    dense, smallest = costs()
    middle: dict[str, Any] = {limit: (2 * spent(dense, limit) + 3 * spent(smallest, limit)) // 5 for limit in LIMITS}
    search = finished_search(Budget(**middle))
    cost = search.best.cost
    assert cost.latency is not None
    assert all(spent(cost, limit) <= middle[limit] for limit in LIMITS)


class TestForks:
    """A fork has the limits of the step where it starts, not those of the start of the search."""

    def test_parts_locked_under_a_wider_limit_may_violate_the_first_limit(self) -> None:
        search = Steered(fakes.task(candidates=3, budget=Budget(params=13_000)))
        search.send("set_budget", budget={"params": 200_000})
        for node in (7, 6, 5, 4):
            assert search.send("lock", node=node) is None
        search.advance(2)
        fork = search.fork(at=1)
        fork.advance(200)
        best = fork.best
        assert 13_000 < best.cost.params <= 200_000
        assert {4, 5, 6, 7} <= Graph.from_rows(best.graph).by_id.keys()

    def test_a_fork_under_a_wider_latency_limit_may_violate_the_first_limit(self) -> None:
        search = Steered(task(Budget(latency=100)), outcome_of)
        search.send("set_budget", budget={"latency": 1300})
        search.advance(2)
        fork = search.fork(at=1)
        fork.advance(200)
        assert answer_latency(fork) <= 1300

    def test_a_fork_can_continue_where_the_smallest_cell_is_not_the_fastest(self) -> None:
        def five_edges_are_fastest(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return (
                fakes.latency_outcome({6: 1200, 5: 900}.get(edges, 1100))
                if work["kind"] == "measure"
                else outcome_of(work)
            )

        search = Steered(task(Budget(latency=1000)), five_edges_are_fastest)
        search.advance(2)
        assert [state["phase"] for _, _, state in search.rounds][1] == "descent"
        fork = search.fork(at=1)
        fork.advance(200)
        assert fork.best.cost.latency == 900

    def test_a_fork_from_which_no_fitting_graph_is_reachable_is_an_error(self) -> None:
        search = finished_search(Budget(latency=1000))
        at = (search.branch, search.round, search.state)
        search.rounds.append(at)
        with pytest.raises(Infeasible, match="1,100 microseconds of latency is 100 over the limit of 1,000, even for"):
            search.fork(at=-1)
