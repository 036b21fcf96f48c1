"""Another machine takes over the latency measurements of a search: which are repeated, and that the search ends."""

import random
from collections.abc import Callable

import pytest

from search.base import serialization
from search.network.edits import Edits
from search.strategies.base import Outcome, Work
from tests.search import fakes
from tests.search.steering import Steered, kinds
from tests.search.test_latency_rounds import AUTOSHRINK, assert_answer_fits, by_edges, new_search, work_of

NO_EDITS = serialization.to_jsonable(Edits())


def on(machine: str, factor: float = 1.0) -> Callable[[Work], Outcome]:
    """Outcomes of a machine whose latencies are longer by this factor."""

    def outcome_of(work: Work) -> Outcome:
        if work["kind"] != "measure":
            return by_edges(work)
        outcome = fakes.latency_outcome(int(factor * by_edges(work)["latency"]["median"]))
        return outcome | {"latency": outcome["latency"] | {"runtime": machine}}

    return outcome_of


def machines(search: Steered) -> set[str]:
    return {record["latency"]["runtime"] for record in search.state["latency_records"] if record["latency"]}


class TestAnotherMachine:
    def test_everything_is_measured_again_including_the_answer(self) -> None:
        search = new_search(latency=5000, outcome_of=on("first"))
        search.advance(2)
        best = search.state["best"]
        assert (machines(search), best["cost"]["latency"]) == ({"first"}, 2000)
        search.outcome_of = on("second", 2)
        assert not search.advance() and machines(search) == {"second"}
        again = {serialization.canonical_hash(item["graph"]) for item in work_of(search)}
        assert {item["kind"] for item in work_of(search)} == {"measure"} and best["hash"] in again
        assert kinds(search.advance()) == ["answer_changed", "candidates_timed"]
        assert (machines(search), search.state["best"]["cost"]["latency"]) == ({"second"}, 4000)
        assert {item["kind"] for item in work_of(search)} == {"train"}

    def test_an_answer_that_is_too_slow_there_is_discarded_and_the_search_continues(self) -> None:
        search = new_search(latency=2500, outcome_of=on("first"), patience=0)
        search.advance(2)
        assert search.state["best"]["cost"]["latency"] == 2000
        search.outcome_of = on("second", 1.5)
        search.advance(2)
        assert search.state["best"] is None and search.state["phase"] == "descent"
        search.advance(100)
        assert search.best.cost.latency == 2400

    def test_an_answer_without_a_measurement_there_is_discarded_at_the_end(self) -> None:
        search = new_search(latency=5000, outcome_of=on("first"))
        search.advance(2)
        search.outcome_of = on("second")
        search.advance()
        search.send("stop")
        assert search.snapshot.best is None

    def test_commands_do_not_prevent_measuring_the_answer_again(self) -> None:
        search = new_search(latency=5000, outcome_of=on("first"))
        search.advance(2)
        best = search.state["best"]
        search.outcome_of = on("second", 2)
        assert search.send("lock", edge=search.edges[0]) is None
        search.advance()
        assert best["hash"] in {serialization.canonical_hash(item["graph"]) for item in work_of(search)}
        assert kinds(search.advance())[:2] == ["answer_changed", "candidates_proposed"]
        assert search.state["best"]["cost"]["latency"] == 4000

    def test_a_graph_that_fits_there_ends_a_descent_and_is_evaluated_unchanged(self) -> None:
        search = new_search(latency=1500, outcome_of=on("first"))
        search.advance(2)
        assert search.state["phase"] == "descent"
        search.outcome_of = on("second", 0.5)
        search.advance(2)
        assert search.state["phase"] == "choice" and search.proposed[0]["edits"] == NO_EDITS

    def test_in_a_round_of_two_machines_the_records_of_the_previous_one_count(self) -> None:
        search = new_search(latency=5000, outcome_of=on("first"))
        search.advance(2)
        _, *rest = work_of(search)
        outcomes = [on("first")(work_of(search)[0]), *(on("second")(item) for item in rest)]
        search.state, events, rows = AUTOSHRINK.tell(search.state, outcomes)
        assert not events and not rows and machines(search) == {"first"}
        assert work_of(search) == rest

    @pytest.mark.parametrize("seed", range(3))
    def test_the_search_ends_although_machines_alternate(self, seed: int) -> None:
        rng = random.Random(seed)
        search = new_search(latency=2000, outcome_of=lambda work: on(rng.choice("ab"), 1.1)(work), patience=0)
        while not search.has_ended and len(search.rounds) < 300:
            search.advance()
            assert len(machines(search)) <= 1
            if search.has_ended or work_of(search)[0]["kind"] == "train":
                assert_answer_fits(search)
        assert search.has_ended
