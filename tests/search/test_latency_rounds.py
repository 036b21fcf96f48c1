"""Latency rounds of a search: what they measure, how latencies change the candidates, and commands meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.base import serialization
from search.evaluation import latencies
from search.evaluation.latencies import MAX_RECORDS, LatencyRecord, drop_oldest
from search.log.commands import BadCommand
from search.log.events import KINDS
from search.log.task import Task
from search.network.budget import Budget, Over
from search.network.cost import Cost
from search.network.latency import Latency
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, Work
from tests.search import fakes
from tests.search.steering import Steered, cut_of, edges_gone, kinds, of_kind, results

NODES = 5
AUTOSHRINK = STRATEGIES["autoshrink"]


def new_search(
    latency: int | None = 900, outcome_of: Callable[[Work], Outcome] = fakes.outcome_of, **more: Any
) -> Steered:
    more = {"nodes": NODES, "candidates": 3, "budget": Budget(latency=latency), **more}
    return Steered(fakes.task(**more), outcome_of)


def work_of(search: Steered) -> list[Work]:
    next_round = search.strategy.ask(search.state)
    assert not isinstance(next_round, Finished)
    return list(next_round.work)


def answer_latency(search: Steered) -> int:
    latency = search.best.cost.latency
    assert latency is not None
    return latency


def by_edges(work: Work) -> Outcome:
    """1 ms plus 100 us per edge; accuracy grows with the number of edges."""
    edges = len(work["graph"]["edges"])
    if work["kind"] == "measure":
        return fakes.latency_outcome(1000 + 100 * edges)
    return {"status": "ok", "val_accuracy": edges / 20, "curve": []}


class TestRounds:
    def test_a_latency_round_comes_before_the_training(self) -> None:
        search = new_search()
        work = work_of(search)
        assert {item["kind"] for item in work} == {"measure"}
        assert set(work[0]) == {"kind", "graph", "macro", "device"}
        assert len({serialization.canonical_hash(item) for item in work}) == len(
            work
        )  # equal networks are measured once
        assert kinds(search.advance()) == ["candidates_timed"]
        assert {item["kind"] for item in work_of(search)} == {"train"}

    def test_it_measures_the_candidates_the_current_graph_and_the_smallest_one(self) -> None:
        search = new_search()
        edges = [len(item["graph"]["edges"]) for item in work_of(search)]
        candidates = [10 - len(edges_gone(candidate)) for candidate in search.proposed if cut_of(candidate)]
        assert edges[0] == 10 and set(edges) == {10, 1, *candidates}

    def test_the_device_is_named_in_the_work(self) -> None:
        search = new_search(budget=Budget(latency=900, device="my-phone"))
        assert {item["device"] for item in work_of(search)} == {"my-phone"}

    def test_no_graph_is_measured_twice(self) -> None:
        search = new_search(latency=1500, candidates=20, patience=0)
        measured: list[str] = []
        while not search.has_ended:
            measured += [serialization.canonical_hash(item) for item in work_of(search) if item["kind"] == "measure"]
            search.advance()
        assert len(measured) == len(set(measured)) > 10

    def test_without_a_limit_nothing_is_measured(self) -> None:
        search = new_search(latency=None)
        assert {item["kind"] for item in work_of(search)} == {"train"}
        assert "candidates_timed" not in kinds([*search.log, *search.advance(50)])

    def test_candidates_over_the_limit_are_infeasible_and_not_trained(self) -> None:
        def only_one_fits(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return (
                fakes.latency_outcome(800 if edges in (1, 10) else 1200)
                if work["kind"] == "measure"
                else by_edges(work)
            )

        search = new_search(outcome_of=only_one_fits)
        timed = of_kind(search.advance(), "candidates_timed")[0]
        assert (timed["phase"], timed["present"]["median"], timed["smallest"]["median"], timed["over"]) == (
            "choice", 800, 800, [],
        )  # fmt: skip
        reasons = [one["why_not"] for one in timed["shown"] if not one["feasible"]]
        assert reasons == ["1,200 microseconds of latency is 300 over the limit of 900"] * 3
        assert [row.status for row in search.rows.values()] == ["waiting", "skipped", "skipped", "skipped"]
        assert [row.cost.latency for row in search.rows.values()] == [800, 1200, 1200, 1200]
        assert len(work_of(search)) == 1

    def test_where_every_candidate_is_over_others_are_drawn_until_none_is_left(self) -> None:
        def nothing_else_fits(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return (
                fakes.latency_outcome(800 if edges in (1, 10) else 1200)
                if work["kind"] == "measure"
                else by_edges(work)
            )

        search = new_search(outcome_of=nothing_else_fits)
        search.advance(50)
        assert (
            search.snapshot.why
            == "no edge can be cut: each is locked, or cutting it breaks a limit or empties the cell"
        )
        assert (len(search.best.graph["edges"]), search.best.cost.latency) == (10, 800)

    def test_a_latency_over_the_limit_turns_a_choice_into_a_descent(self) -> None:
        search = new_search(latency=1500, outcome_of=by_edges)
        assert search.snapshot.phase == "choice"
        search.advance()
        assert (search.snapshot.phase, search.snapshot.over) == (
            "descent", (Over(limit="latency", value=2000, allowed=1500),),
        )  # fmt: skip
        assert {item["recipe"]["epochs"] for item in work_of(search)} == {1}
        assert search.rows[0, 0].why_not == "2,000 microseconds of latency is 500 over the limit of 1,500"

    def test_in_a_descent_by_latency_the_score_penalises_latency(self) -> None:
        search = new_search(latency=1500, outcome_of=by_edges)
        search.advance()
        measured = results(of_kind(search.advance(), "candidates_measured"))
        assert measured
        for scored in measured:
            assert scored["score"] >= scored["quality"]  # faster than the graph that it was cut from
        assert search.log[-1]["kind"] == "candidates_proposed"

    def test_a_descent_may_pass_through_slower_cells(self) -> None:
        def slower_first(work: Work) -> Outcome:
            edges = len(work["graph"]["edges"])
            return (
                fakes.latency_outcome(2000 - 100 * edges if edges > 4 else 800)
                if work["kind"] == "measure"
                else by_edges(work)
            )

        search = new_search(latency=900, outcome_of=slower_first)
        search.advance(100)
        decided = of_kind(search.log, "step_decided")
        assert decided[0]["phase"] == "descent" and decided[0]["cost"]["latency"] > 1000
        assert search.best.cost.latency == 800

    def test_the_latency_of_a_recurrent_cell_is_measured(self) -> None:
        search = Steered(fakes.task(space="rnn", nodes=4, candidates=3, budget=Budget(latency=700)))
        assert work_of(search)[0]["macro"] == {"kind": "text", "vocabulary": 500, "hidden": 32}
        search.advance(100)
        assert answer_latency(search) <= 700


class TestFailures:
    def test_a_candidate_that_could_not_be_measured_is_not_trained(self) -> None:
        def first_fails(work: Work) -> Outcome:
            if work["kind"] == "measure" and len(work["graph"]["edges"]) == 9:
                return {"status": "error", "code": "out_of_memory"}
            return by_edges(work)

        search = new_search(latency=5000, outcome_of=first_fails)
        timed = of_kind(search.advance(), "candidates_timed")[0]["shown"]
        failed = [one for one in timed if one["code"]]
        assert failed and {one["why_not"] for one in failed} == {"latency could not be measured (out_of_memory)"}
        assert not any(one["feasible"] or one["latency"] for one in failed)
        search.advance(50)
        assert search.has_ended and search.snapshot.best is not None

    def test_a_current_graph_that_cannot_be_measured_starts_a_descent(self) -> None:
        def dense_fails(work: Work) -> Outcome:
            if work["kind"] == "measure" and len(work["graph"]["edges"]) == 10:
                return {"status": "error", "code": "unsupported"}
            return by_edges(work)

        search = new_search(latency=1900, outcome_of=dense_fails)
        search.advance()
        assert (search.snapshot.phase, search.snapshot.over) == ("descent", ())
        search.advance(100)
        assert len(search.best.graph["edges"]) == 9

    def test_a_search_ends_where_no_candidate_can_be_measured(self) -> None:
        def fails(work: Work) -> Outcome:
            if work["kind"] == "measure" and len(work["graph"]["edges"]) < 10:
                return {"status": "error", "code": "unsupported"}
            return by_edges(work)

        search = new_search(latency=1900, outcome_of=fails)
        search.advance(100)
        assert search.snapshot.best is None
        assert search.snapshot.why == (
            "no cut leads to a cell within the limits: 2,000 microseconds of latency is 100 over the limit of 1,900"
        )

    def test_a_failed_measurement_is_retried_after_the_next_decision(self) -> None:
        measured = serialization.decode(Latency, fakes.latency_outcome(5)["latency"])
        known = (LatencyRecord("a", None, "lost"), LatencyRecord("b", measured, None))
        search = new_search(latency=5000, outcome_of=by_edges)
        search.advance()
        state = search.state | {
            "latency_records": [*search.state["latency_records"], *serialization.to_jsonable(known)]
        }
        outcomes = [by_edges(work) for work in work_of(search)]
        after = AUTOSHRINK.tell(state, outcomes).state
        assert {one["hash"] for one in serialization.to_jsonable(after["latency_records"])} & {"a", "b"} == {"b"}


class TestState:
    def test_beyond_the_maximum_the_oldest_records_are_dropped(self) -> None:
        known = tuple(LatencyRecord(str(i), None, "x") for i in range(MAX_RECORDS + 2))
        assert drop_oldest(known) == known[2:]
        assert drop_oldest(known, {"0"}) == (known[0], *known[3:])
        assert drop_oldest(known[:MAX_RECORDS]) == known[:MAX_RECORDS]

    def test_the_records_of_the_answer_and_of_the_current_graph_are_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(latencies, "MAX_RECORDS", 12)
        search = new_search(latency=1900, candidates=2, patience=0, nodes=6, outcome_of=by_edges)
        while not search.has_ended:
            search.advance()
            known = {one["hash"] for one in search.state["latency_records"]}
            assert len(known) <= 12
            if search.state["best"] is not None:
                assert search.state["best"]["hash"] in known
        assert len(of_kind(search.log, "step_decided")) > 8 and search.best.cost.latency == 1900

    def test_a_state_with_the_maximum_of_records_stays_under_a_megabyte(self) -> None:
        search = new_search(nodes=16, candidates=20, latency=10**6)
        one = {"latency": fakes.latency_outcome(10**6)["latency"], "code": None}
        full = search.state | {"latency_records": [one | {"hash": str(i).zfill(64)} for i in range(MAX_RECORDS)]}
        assert full["latency_round"] is not None
        assert len(serialization.dumps(full)) < 2**19


class TestSteering:
    def test_after_a_new_latency_limit_graphs_are_measured_before_the_next_decision(self) -> None:
        search = new_search(latency=None, outcome_of=by_edges)
        search.advance()
        assert search.state["best"] is not None
        search.send("set_budget", budget={"latency": 1500})
        assert search.state["best"] is None  # its latency was not measured
        events = search.advance()
        assert "step_decided" not in kinds(events) and search.state["best"] is None
        assert {item["kind"] for item in work_of(search)} == {"measure"}
        search.advance(100)
        assert search.best.cost.latency == 1500

    def test_a_tighter_limit_is_checked_against_known_latencies_at_once(self) -> None:
        search = new_search(latency=5000, outcome_of=by_edges)
        search.advance(2)
        assert search.state["best"]["cost"]["latency"] == 2000
        too_tight = "1,100 microseconds of latency is 100 over the limit of 1,000, even for the smallest cell"
        assert search.send("set_budget", budget={"latency": 1000}) == f"{too_tight} that can be reached"
        assert search.send("set_budget", budget={"latency": 1900}) is None
        changed = of_kind(search.log, "budget_changed")[0]
        assert (changed["fits"], changed["over"]) == (True, [])  # an edge has been removed meanwhile
        assert search.state["best"] is None
        search.advance(100)
        assert answer_latency(search) <= 1900

    def test_on_another_device_everything_is_measured_again(self) -> None:
        search = new_search(latency=5000, outcome_of=by_edges)
        search.advance(2)
        search.send("set_budget", budget={"latency": 5000, "device": "my-phone"})
        assert search.state["latency_records"] == [] and search.state["best"] is None
        search.advance()
        assert {(item["kind"], item.get("device")) for item in work_of(search)} >= {("measure", "my-phone")}
        search.advance(100)
        assert answer_latency(search) <= 5000

    def test_measurements_on_the_old_device_are_dropped(self) -> None:
        search = new_search(latency=5000, outcome_of=by_edges)
        search.send("set_budget", budget={"latency": 5000, "device": "my-phone"})
        assert kinds(search.advance()) == ["candidates_proposed"]
        assert {item["device"] for item in work_of(search)} == {"my-phone"}

    @pytest.mark.parametrize(
        ("kind", "arguments"),
        [("lock", {"edge": "0-4"}), ("remove", {"edge": "1-3"}), ("set_budget", {"budget": {"latency": 1600}})],
    )
    def test_a_command_during_a_latency_round_leads_to_another_draw(
        self, kind: str, arguments: dict[str, object]
    ) -> None:
        search = new_search(latency=5000, outcome_of=by_edges)
        assert search.send(kind, **arguments) is None
        measured = {serialization.canonical_hash(item["graph"]) for item in work_of(search)}
        events = search.advance()
        assert kinds(events)[0] == "candidates_proposed"
        again = [item for item in work_of(search) if item["kind"] == "measure"]
        assert not measured & {serialization.canonical_hash(item["graph"]) for item in again}
        search.advance(100)
        assert search.has_ended and search.snapshot.best is not None

    def test_a_new_weight_during_a_latency_round_keeps_the_draw(self) -> None:
        search = new_search(latency=5000, outcome_of=by_edges)
        search.send("set_weight", weight=0.5)
        assert kinds(search.advance()) == ["candidates_timed"]

    def test_a_withdrawn_measurement_does_not_count_as_failed(self) -> None:
        search = new_search(latency=5000, outcome_of=by_edges)
        first, *others = work_of(search)
        outcomes = [by_edges(first), *({"status": "error", "code": "withdrawn"} for _ in others)]
        search.state, emitted, _ = AUTOSHRINK.tell(search.state, outcomes)
        assert [kind for kind, _ in emitted] == ["candidates_proposed"]
        assert [one["hash"] for one in search.state["latency_records"]] == [
            serialization.canonical_hash(first["graph"])
        ]
        assert {item["kind"] for item in work_of(search)} == {"measure"}

    def test_it_can_be_stopped_during_a_latency_round(self) -> None:
        search = new_search()
        search.send("stop")
        assert (search.snapshot.status, search.snapshot.best, search.has_ended) == ("stopped", None, True)

    def test_a_rollback_and_a_fork_may_start_in_a_latency_round(self) -> None:
        search = new_search(latency=1500, patience=0)
        search.advance(5)
        measuring = [i for i, (_, _, state) in enumerate(search.rounds) if state["latency_round"] is not None]
        fork = search.fork(at=measuring[-1])
        fork.advance(40)
        assert answer_latency(fork) <= 1500
        search.roll_back(0, at=(0, 0))
        assert "candidates_proposed" in kinds(search.log[-2:])
        search.advance(100)
        assert answer_latency(search) <= 1500


@pytest.fixture(params=STRATEGIES)
def late(request: pytest.FixtureRequest) -> Steered:
    """A search in its last round of training, without a limit on latency."""
    settings: dict[str, dict[str, Any]] = {
        "autoshrink": {"patience": 0},
        "random": {"rounds": 3, "candidates": 3},
        "evolution": {"rounds": 3, "candidates": 3, "population": 4, "tournament": 2},
        "zico": {"iterations": 60, "candidates": 3, "population": 12},
    }
    task = fakes.task(strategy=request.param, nodes=4, **settings[request.param])
    whole = Steered(task)
    whole.advance(100)
    search = Steered(task)
    search.advance(len(whole.rounds) - 2)
    return search


def finalists(search: Steered) -> list[tuple[str, int | None, str | None]]:
    """Status, latency and reason of each."""
    first = of_kind(search.log, "candidates_proposed")[-1]
    assert first["phase"] == "answer"
    ids = [candidate["id"] for candidate in first["shown"]]
    rows = [search.rows[search.branch, id] for id in ids]
    return [(row.status, row.cost.latency, row.why_not) for row in rows]


class TestFinalists:
    def test_are_measured_before_they_are_trained_where_a_limit_came_late(self, late: Steered) -> None:
        assert late.send("set_budget", budget={"latency": 5000}) is None
        late.advance(20)
        assert late.has_ended
        found = finalists(late)
        assert len(found) == 3 and all(status in ("ok", "error") and latency for status, latency, _ in found)
        assert answer_latency(late) <= 5000

    def test_are_measured_on_the_device_that_was_chosen_last(self, late: Steered) -> None:
        start = Steered(serialization.decode(Task, late.state["task"] | {"budget": {"latency": 5000}}))
        while work_of(start)[0]["kind"] == "measure":
            start.advance()
        assert start.send("set_budget", budget={"latency": 5000, "device": "my-phone"}) is None
        start.outcome_of = lambda work: by_edges(work) if work["kind"] == "measure" else fakes.outcome_of(work)
        before = len(start.log)
        start.advance(200)
        found = finalists(start)
        assert start.has_ended and found and all(latency and latency >= 1000 for _, latency, _ in found)
        for decided in of_kind(start.log[before:], "step_decided"):
            assert decided["cost"]["latency"] is None or decided["cost"]["latency"] >= 1000

    def test_that_turn_out_to_be_too_slow_are_named_and_not_trained(self, late: Steered) -> None:
        ahead = late.strategy.tell(late.state, [fakes.outcome_of(work) for work in work_of(late)]).state
        slow = ahead["finalists"][0]["hash"]

        def slow_best(work: Work) -> Outcome:
            if work["kind"] != "measure":
                return fakes.outcome_of(work)
            return fakes.latency_outcome(900 if serialization.canonical_hash(work["graph"]) == slow else 300)

        late.outcome_of = slow_best
        assert late.send("set_budget", budget={"latency": 800, "device": "my-phone"}) is None
        late.advance(300)
        found = finalists(late)
        for status, latency, why_not in found:
            assert (status == "skipped") == (latency == 900) == (why_not is not None)
        if late.strategy.NAME != "autoshrink":  # which goes on, and measures its graphs before that
            why = "900 microseconds of latency is 100 over the limit of 800"
            assert found[0] == ("skipped", 900, why)
        assert late.has_ended and answer_latency(late) == 300

    def test_are_measured_again_where_another_machine_took_over(self, late: Steered) -> None:
        assert late.send("set_budget", budget={"latency": 5000}) is None
        measured = iter(range(1000))

        def two_machines(work: Work) -> Outcome:
            outcome = fakes.outcome_of(work)
            if work["kind"] != "measure":
                return outcome
            return outcome | {"latency": outcome["latency"] | {"runtime": "first" if next(measured) < 2 else "second"}}

        late.outcome_of = two_machines
        while not late.has_ended:
            training = late.state["answering"] and not late.state["latency_round"]
            if training:
                records = {one["hash"]: one["latency"]["runtime"] for one in late.state["latency_records"]}
                assert {finalist["hash"] for finalist in late.state["finalists"]} <= records.keys()
                assert len(set(records.values())) == 1
            late.advance()
        assert training and all(latency for _, latency, _ in finalists(late))

    def test_are_none_where_all_of_them_turn_out_to_be_too_slow(self, late: Steered) -> None:
        assert late.send("set_budget", budget={"latency": 5}) is None
        late.advance(300)
        assert late.has_ended and late.snapshot.answer is None

    def test_keep_their_latencies_however_many_graphs_are_measured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(latencies, "MAX_RECORDS", 8)
        for name in ("random", "evolution"):
            more: dict[str, Any] = {"population": 4, "tournament": 2} if name == "evolution" else {}
            search = new_search(strategy=name, latency=5000, nodes=6, rounds=8, candidates=4, **more)
            while not search.has_ended:
                search.advance()
                known = {one["hash"] for one in search.state["latency_records"]}
                assert {finalist["hash"] for finalist in search.state["finalists"]} <= known
            assert len(finalists(search)) == 3

    def test_are_no_reason_to_lose_the_answer_of_a_search_without_any(self) -> None:
        search = Steered(fakes.task(strategy="random", nodes=4, rounds=2, candidates=3, finalists=0))
        search.advance(1)
        assert search.send("set_budget", budget={"latency": 5000}) is None
        search.advance(10)
        assert search.has_ended and answer_latency(search) <= 5000


EDGES = st.sampled_from([f"{i}-{j}" for i in range(NODES) for j in range(i + 1, NODES)])
PARTS = st.one_of(EDGES.map(lambda edge: {"edge": edge}), st.integers(0, NODES).map(lambda node: {"node": node}))
BUDGETS = st.builds(
    lambda params, latency, device: {"params": params, "latency": latency, "device": device},
    st.none() | st.integers(15_000, 70_000),
    st.none() | st.integers(250, 1500),
    st.sampled_from([None, "my-phone"]),
)
ACTIONS = st.one_of(
    st.tuples(st.sampled_from(["lock", "unlock", "remove", "restore"]), PARTS),
    st.tuples(st.just("set_budget"), BUDGETS.map(lambda budget: {"budget": budget})),
    st.tuples(st.just("advance"), st.integers(1, 3)),
    st.tuples(st.just("advance"), st.integers(1, 3)),
    st.tuples(st.just("roll_back"), st.integers(0, 6)),
)


def sometimes_failing(work: Work) -> Outcome:
    if work["kind"] == "measure" and serialization.canonical_hash(work["graph"]).startswith(("0", "1")):
        return {"status": "error", "code": "lost"}
    return fakes.outcome_of(work)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(300, 1400), st.sampled_from([fakes.outcome_of, sometimes_failing]), st.lists(ACTIONS, max_size=8))
def test_under_any_commands_the_search_ends_and_no_answer_breaks_a_limit(
    latency: int, outcome_of: Callable[[Work], Outcome], actions: list[tuple[str, Any]]
) -> None:
    search = new_search(latency, outcome_of, patience=2, nodes=4, candidates=2)
    for kind, argument in actions:
        if search.has_ended:
            break
        if kind == "advance":
            search.advance(argument)
        elif kind == "roll_back":
            search.roll_back(argument % (search.state["step"] + 1))
        else:
            try:
                search.send(kind, **argument)
            except BadCommand:
                continue
        assert_answer_fits(search)
    search.advance(300)
    assert search.has_ended
    assert_answer_fits(search)
    for event in search.log:
        serialization.decode(KINDS[event["kind"]], event["payload"])
    assert len(serialization.dumps(search.state)) < 2**20


def assert_answer_fits(search: Steered) -> None:
    if (best := search.state["best"]) is None:
        return
    budget, cost = search.snapshot.budget, serialization.decode(Cost, best["cost"])
    assert not budget.over(cost)
    assert budget.latency is None or cost.latency is not None
