"""Latency within a search: what is measured when, what follows from it, and whatever people say meanwhile."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.base import serialization
from search.evaluation import latencies
from search.evaluation.latencies import MOST_RECORDS, LatencyRecord, drop_oldest
from search.log.commands import BadCommand
from search.log.events import KINDS
from search.network.budget import Budget
from search.network.cost import Cost
from search.network.latency import Latency
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, Work
from tests.search import fakes
from tests.search.steering import Steered, kinds, of_kind

NODES = 5
AUTOSHRINK = STRATEGIES["autoshrink"]


def begun(
    latency: int | None = 900, outcome_of: Callable[[Work], Outcome] = fakes.outcome_of, **more: object
) -> Steered:
    more = {"nodes": NODES, "candidates": 3, "budget": Budget(latency=latency), **more}
    return Steered(fakes.task(**more), outcome_of)  # type: ignore[arg-type]


def asked(search: Steered) -> list[Work]:
    found = search.strategy.ask(search.state)
    assert not isinstance(found, Finished)
    return list(found.work)


def by_edges(work: Work) -> Outcome:
    """1 ms and 100 us an edge; better with each edge."""
    edges = len(work["graph"]["edges"])
    if work["kind"] == "measure":
        return fakes.timed(1000 + 100 * edges)
    return {"status": "ok", "val_accuracy": edges / 20, "curve": []}


class TestRounds:
    def test_a_round_of_measurements_comes_before_the_training(self) -> None:
        search = begun()
        work = asked(search)
        assert {item["kind"] for item in work} == {"measure"}
        assert set(work[0]) == {"kind", "graph", "macro", "device"}
        assert len({serialization.canonical_hash(item) for item in work}) == len(
            work
        )  # equal networks are measured once
        assert kinds(search.rest()) == ["candidates_timed"]
        assert {item["kind"] for item in asked(search)} == {"train"}

    def test_it_measures_the_candidates_the_present_graph_and_the_smallest(self) -> None:
        search = begun()
        edges = [len(item["graph"]["edges"]) for item in asked(search)]
        candidates = [10 - len(c["edges"]) for c in search.state["candidates"] if c["edge"]]
        assert edges[0] == 10 and set(edges) == {10, 1, *candidates}

    def test_the_device_is_named_in_the_work(self) -> None:
        search = begun(budget=Budget(latency=900, device="my-phone"))
        assert {item["device"] for item in asked(search)} == {"my-phone"}

    def test_what_is_known_is_not_measured_again(self) -> None:
        search = begun(latency=1500, candidates=20, patience=0)
        seen: list[str] = []
        while not search.over:
            seen += [serialization.canonical_hash(item) for item in asked(search) if item["kind"] == "measure"]
            search.rest()
        assert len(seen) == len(set(seen)) > 10

    def test_without_a_limit_nothing_is_measured(self) -> None:
        search = begun(latency=None)
        assert {item["kind"] for item in asked(search)} == {"train"}
        assert "candidates_timed" not in kinds([*search.log, *search.rest(50)])

    def test_those_over_the_limit_are_marked_and_not_trained(self) -> None:
        def only_one_fits(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return fakes.timed(800 if edges in (1, 10) else 1200) if work["kind"] == "measure" else by_edges(work)

        search = begun(outcome_of=only_one_fits)
        timed = of_kind(search.rest(), "candidates_timed")[0]
        assert (timed["phase"], timed["present"]["median"], timed["smallest"]["median"], timed["over"]) == (
            "choice", 800, 800, [],
        )  # fmt: skip
        marked = [one["why_not"] for one in timed["timed"] if not one["feasible"]]
        assert marked == ["1,200 microseconds of latency is 300 over the limit of 900"] * 3
        assert [c["status"] for c in search.view["candidates"]] == ["waiting", "skipped", "skipped", "skipped"]
        assert len(asked(search)) == 1

    def test_where_all_that_was_drawn_is_over_others_are_drawn_until_none_is_left(self) -> None:
        def nothing_else_fits(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return fakes.timed(800 if edges in (1, 10) else 1200) if work["kind"] == "measure" else by_edges(work)

        search = begun(outcome_of=nothing_else_fits)
        search.rest(50)
        assert search.view["why"] == "every removal left is locked, breaks a limit or empties the cell"
        assert (search.view["best"]["edge"], search.view["best"]["cost"]["latency"]) == (None, 800)

    def test_what_was_a_choice_by_all_that_was_known_becomes_a_descent(self) -> None:
        search = begun(latency=1500, outcome_of=by_edges)
        assert search.view["phase"] == "choice"
        search.rest()
        assert (search.view["phase"], search.view["over"]) == (
            "descent", [{"limit": "latency", "value": 2000, "allowed": 1500}],
        )  # fmt: skip
        assert {item["recipe"]["epochs"] for item in asked(search)} == {1}
        assert search.view["candidates"][0]["why_not"] == "2,000 microseconds of latency is 500 over the limit of 1,500"

    def test_in_a_descent_by_latency_quality_counts_against_the_latency(self) -> None:
        search = begun(latency=1500, outcome_of=by_edges)
        search.rest()
        for said in of_kind(search.rest(), "candidate_scored"):
            assert said["score"] >= said["quality"]  # faster than the graph that it was cut from
        assert search.log[-1]["kind"] == "candidates_proposed"

    def test_a_cell_that_is_slower_without_an_edge_does_not_bar_the_way(self) -> None:
        def slower_first(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return (
                fakes.timed(2000 - 100 * edges if edges > 4 else 800) if work["kind"] == "measure" else by_edges(work)
            )

        search = begun(latency=900, outcome_of=slower_first)
        search.rest(100)
        decided = of_kind(search.log, "step_decided")
        assert decided[0]["phase"] == "descent" and decided[0]["cost"]["latency"] > 1000
        assert search.view["best"]["cost"]["latency"] == 800

    def test_a_recurrent_cell_is_timed_too(self) -> None:
        search = Steered(fakes.task(space="rnn", nodes=4, candidates=3, budget=Budget(latency=700)))
        assert asked(search)[0]["macro"] == {"vocabulary": 500, "hidden": 32}
        search.rest(100)
        assert search.view["best"]["cost"]["latency"] <= 700


class TestFailures:
    def test_one_that_could_not_be_measured_is_not_trained(self) -> None:
        def first_fails(work: Work) -> Outcome:
            if work["kind"] == "measure" and len(work["graph"]["edges"]) == 9:
                return {"status": "error", "code": "out_of_memory"}
            return by_edges(work)

        search = begun(latency=5000, outcome_of=first_fails)
        timed = of_kind(search.rest(), "candidates_timed")[0]["timed"]
        failed = [one for one in timed if one["code"]]
        assert failed and {one["why_not"] for one in failed} == {"its latency could not be measured (out_of_memory)"}
        assert not any(one["feasible"] or one["latency"] for one in failed)
        search.rest(50)
        assert search.over and search.view["best"] is not None

    def test_a_present_graph_that_cannot_be_measured_is_left_behind(self) -> None:
        def dense_fails(work: Work) -> Outcome:
            if work["kind"] == "measure" and len(work["graph"]["edges"]) == 10:
                return {"status": "error", "code": "unsupported"}
            return by_edges(work)

        search = begun(latency=1900, outcome_of=dense_fails)
        search.rest()
        assert (search.view["phase"], search.view["over"]) == ("descent", [])
        search.rest(100)
        assert len(search.view["best"]["graph"]["edges"]) == 9

    def test_where_nothing_can_be_measured_but_the_dense_graph_it_ends(self) -> None:
        def fails(work: Work) -> Outcome:
            if work["kind"] == "measure" and len(work["graph"]["edges"]) < 10:
                return {"status": "error", "code": "unsupported"}
            return by_edges(work)

        search = begun(latency=1900, outcome_of=fails)
        search.rest(100)
        assert search.view["best"] is None
        assert search.view["why"] == (
            "no removal leads on, and 2,000 microseconds of latency is 100 over the limit of 1,900"
        )

    def test_a_failure_is_tried_again_after_the_next_decision(self) -> None:
        measured = serialization.decode(Latency, fakes.timed(5)["latency"])
        known = (LatencyRecord("a", None, "lost"), LatencyRecord("b", measured, None))
        search = begun(latency=5000, outcome_of=by_edges)
        search.rest()
        state = search.state | {
            "latency_records": [*search.state["latency_records"], *serialization.to_jsonable(known)]
        }
        outcomes = [by_edges(work) for work in asked(search)]
        told, _ = AUTOSHRINK.tell(state, outcomes)
        assert {one["hash"] for one in serialization.to_jsonable(told["latency_records"])} & {"a", "b"} == {"b"}


class TestState:
    def test_of_more_measurements_than_there_is_room_for_the_oldest_go(self) -> None:
        known = tuple(LatencyRecord(str(i), None, "x") for i in range(MOST_RECORDS + 2))
        assert drop_oldest(known) == known[2:]
        assert drop_oldest(known, {"0"}) == (known[0], *known[3:])
        assert drop_oldest(known[:MOST_RECORDS]) == known[:MOST_RECORDS]

    def test_those_of_the_answer_and_of_the_present_graph_never_go(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(latencies, "MOST_RECORDS", 12)
        search = begun(latency=1900, candidates=2, patience=0, nodes=6, outcome_of=by_edges)
        while not search.over:
            search.rest()
            known = {one["hash"] for one in search.state["latency_records"]}
            assert len(known) <= 12
            if search.state["best"] is not None:
                assert search.state["best"]["hash"] in known
        assert len(of_kind(search.log, "step_decided")) > 8 and search.view["best"]["cost"]["latency"] == 1900

    def test_a_state_full_of_them_stays_under_a_megabyte(self) -> None:
        search = begun(nodes=16, candidates=20, latency=10**6)
        one = {"latency": fakes.timed(10**6)["latency"], "code": None}
        full = search.state | {"latency_records": [one | {"hash": str(i).zfill(64)} for i in range(MOST_RECORDS)]}
        assert full["latency_round"] is not None
        assert len(serialization.dumps(full)) < 2**19


class TestSteering:
    def test_a_limit_set_while_a_round_trains_decides_nothing_before_it_is_measured(self) -> None:
        search = begun(latency=None, outcome_of=by_edges)
        search.rest()
        assert search.state["best"] is not None
        search.say("set_budget", budget={"latency": 1500})
        assert search.state["best"] is None  # nobody knows how fast it is
        events = search.rest()
        assert "step_decided" not in kinds(events) and search.state["best"] is None
        assert {item["kind"] for item in asked(search)} == {"measure"}
        search.rest(100)
        assert search.view["best"]["cost"]["latency"] == 1500

    def test_a_tighter_one_is_held_against_what_is_known_at_once(self) -> None:
        search = begun(latency=5000, outcome_of=by_edges)
        search.rest(2)
        assert search.state["best"]["cost"]["latency"] == 2000
        too_tight = "1,100 microseconds of latency is 100 over the limit of 1,000, even for the smallest cell"
        assert search.say("set_budget", budget={"latency": 1000}) == f"{too_tight} that can be reached"
        assert search.say("set_budget", budget={"latency": 1900}) is None
        changed = of_kind(search.log, "budget_changed")[0]
        assert (changed["fits"], changed["over"]) == (True, [])  # an edge is gone by now
        assert search.state["best"] is None
        search.rest(100)
        assert search.view["best"]["cost"]["latency"] <= 1900

    def test_on_another_device_everything_is_measured_anew(self) -> None:
        search = begun(latency=5000, outcome_of=by_edges)
        search.rest(2)
        search.say("set_budget", budget={"latency": 5000, "device": "my-phone"})
        assert search.state["latency_records"] == [] and search.state["best"] is None
        search.rest()
        assert {(item["kind"], item.get("device")) for item in asked(search)} >= {("measure", "my-phone")}
        search.rest(100)
        assert search.view["best"]["cost"]["latency"] <= 5000

    def test_a_device_that_was_changed_while_it_measured_is_not_believed(self) -> None:
        search = begun(latency=5000, outcome_of=by_edges)
        search.say("set_budget", budget={"latency": 5000, "device": "my-phone"})
        assert kinds(search.rest()) == ["candidates_proposed"]
        assert {item["device"] for item in asked(search)} == {"my-phone"}

    @pytest.mark.parametrize(
        ("kind", "what"),
        [("lock", {"edge": "0-4"}), ("remove", {"edge": "1-3"}), ("set_budget", {"budget": {"latency": 1600}})],
    )
    def test_what_is_said_while_it_measures_leads_to_another_draw(self, kind: str, what: dict[str, object]) -> None:
        search = begun(latency=5000, outcome_of=by_edges)
        assert search.say(kind, **what) is None
        measured = {serialization.canonical_hash(item["graph"]) for item in asked(search)}
        events = search.rest()
        assert kinds(events)[0] == "candidates_proposed"
        again = [item for item in asked(search) if item["kind"] == "measure"]
        assert not measured & {serialization.canonical_hash(item["graph"]) for item in again}
        search.rest(100)
        assert search.over and search.view["best"] is not None

    def test_a_weight_said_while_it_measures_changes_nothing_in_the_draw(self) -> None:
        search = begun(latency=5000, outcome_of=by_edges)
        search.say("set_weight", weight=0.5)
        assert kinds(search.rest()) == ["candidates_timed"]

    def test_what_was_given_up_unmeasured_is_not_taken_for_failed(self) -> None:
        search = begun(latency=5000, outcome_of=by_edges)
        first, *rest = asked(search)
        outcomes = [by_edges(first), *({"status": "error", "code": "withdrawn"} for _ in rest)]
        search.state, said = AUTOSHRINK.tell(search.state, outcomes)
        assert [kind for kind, _ in said] == ["candidates_proposed"]
        assert [one["hash"] for one in search.state["latency_records"]] == [
            serialization.canonical_hash(first["graph"])
        ]
        assert {item["kind"] for item in asked(search)} == {"measure"}

    def test_it_can_be_stopped_while_it_measures(self) -> None:
        search = begun()
        search.say("stop")
        assert (search.view["status"], search.view["best"], search.over) == ("stopped", None, True)

    def test_a_way_back_and_a_fork_may_begin_in_a_round_that_measures(self) -> None:
        search = begun(latency=1500, patience=0)
        search.rest(5)
        measuring = [i for i, (_, _, state) in enumerate(search.rounds) if state["latency_round"] is not None]
        fork = search.fork(at=measuring[-1])
        fork.rest(40)
        assert fork.view["best"]["cost"]["latency"] <= 1500
        search.back(0, at=(0, 0))
        assert "candidates_proposed" in kinds(search.log[-2:])
        search.rest(100)
        assert search.view["best"]["cost"]["latency"] <= 1500


EDGES = st.sampled_from([f"{i}-{j}" for i in range(NODES) for j in range(i + 1, NODES)])
PARTS = st.one_of(EDGES.map(lambda edge: {"edge": edge}), st.integers(0, NODES).map(lambda node: {"node": node}))
BUDGETS = st.builds(
    lambda params, latency, device: {"params": params, "latency": latency, "device": device},
    st.none() | st.integers(15_000, 70_000),
    st.none() | st.integers(250, 1500),
    st.sampled_from([None, "my-phone"]),
)
TURNS = st.one_of(
    st.tuples(st.sampled_from(["lock", "unlock", "remove", "restore"]), PARTS),
    st.tuples(st.just("set_budget"), BUDGETS.map(lambda budget: {"budget": budget})),
    st.tuples(st.just("rest"), st.integers(1, 3)),
    st.tuples(st.just("rest"), st.integers(1, 3)),
    st.tuples(st.just("back"), st.integers(0, 6)),
)


def sometimes_failing(work: Work) -> Outcome:
    if work["kind"] == "measure" and serialization.canonical_hash(work["graph"]).startswith(("0", "1")):
        return {"status": "error", "code": "lost"}
    return fakes.outcome_of(work)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(300, 1400), st.sampled_from([fakes.outcome_of, sometimes_failing]), st.lists(TURNS, max_size=8))
def test_whatever_people_say_the_search_ends_and_no_answer_breaks_its_limit(
    latency: int, outcome_of: Callable[[Work], Outcome], turns: list[tuple[str, object]]
) -> None:
    search = begun(latency, outcome_of, patience=2, nodes=4, candidates=2)
    for kind, what in turns:
        if search.over:
            break
        if kind == "rest":
            search.rest(what)  # type: ignore[arg-type]
        elif kind == "back":
            search.back(what % (search.state["step"] + 1))
        else:
            try:
                search.say(kind, **what)  # type: ignore[arg-type]
            except BadCommand:
                continue
        obeys(search)
    search.rest(300)
    assert search.over
    obeys(search)
    for event in search.log:
        serialization.decode(KINDS[event["kind"]], event["payload"])
    assert len(serialization.dumps(search.state)) < 2**20


def obeys(search: Steered) -> None:
    if (best := search.state["best"]) is None:
        return
    budget, cost = serialization.decode(Budget, search.view["budget"]), serialization.decode(Cost, best["cost"])
    assert not budget.over(cost)
    assert budget.latency is None or cost.latency is not None
