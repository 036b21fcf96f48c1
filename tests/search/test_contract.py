"""The contract of strategies, spaces and evaluators: every two that can be combined are, in some search here."""

import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from search.base import serialization
from search.base.serialization import Json
from search.log.events import KINDS, LARGE_KINDS, SELF_CONTAINED, SHOWN, End, Snapshot
from search.log.task import Task
from search.network.budget import Budget, Infeasible
from search.network.cost import cost_of
from search.network.edits import Edits, apply, has_part
from search.network.graph import BadGraph, Edge, Graph
from search.network.locks import Locks
from search.network.lowering import lower
from search.spaces import SPACES
from search.strategies import STRATEGIES
from search.strategies import random as random_search
from search.strategies.base import SNAPSHOT_ROUNDS, Finished
from search.strategies.factors import Factors
from search.strategies.tasks import evaluators_for, spaces_for
from tests.search import fakes
from tests.search.reading import as_read, reader_of
from tests.search.steering import Steered, assert_small, of_kind, results

#: A small search of each strategy: what a new one adds to pass the contract.
SMALL: dict[str, dict[str, Any]] = {
    "autoshrink": {"candidates": 4},
    "random": {"candidates": 4, "rounds": 6},
    "evolution": {"candidates": 4, "rounds": 6, "population": 6, "tournament": 3},
    "zico": {"candidates": 6, "iterations": 80, "population": 14},
}
#: The settings that make a state and its events largest.
LARGEST: dict[str, dict[str, Any]] = {
    "autoshrink": {"candidates": 20, "patience": 0},
    "random": {"candidates": 20, "rounds": 1000},
    "evolution": {"candidates": 20, "rounds": 1000, "population": 200, "tournament": 200},
    "zico": {"candidates": 256, "iterations": 200_000, "population": 512},
}
#: A search of many rounds with few candidates each.
LONG: dict[str, dict[str, Any]] = {
    "autoshrink": {"candidates": 3, "patience": 0},
    "random": {"candidates": 2, "rounds": 120},
    "evolution": {"candidates": 2, "rounds": 120, "population": 10},
    "zico": {"candidates": 2, "iterations": 400, "population": 14},
}
#: A small search with time for many commands.
LONGER: dict[str, dict[str, Any]] = {
    "autoshrink": {"patience": 0},
    "random": {"rounds": 12},
    "evolution": {"rounds": 12},
    "zico": {"iterations": 300},
}
#: Settings of each space that make its graphs small.
SMALL_SPACE: dict[str, dict[str, Any]] = {
    "cnn": {"nodes": 6},
    "rnn": {"nodes": 5},
    "nasbench201": {"channels": 4, "cells": 1},
    "nasbench_macro": {},
    "chain": {"start": "small", "head": 64},
}
#: Settings of each space that make its graphs largest.
LARGEST_SPACE: dict[str, dict[str, Any]] = {
    "cnn": {"nodes": 16},
    "rnn": {"nodes": 10},
    "nasbench201": {},
    "nasbench_macro": {},
    "chain": {"start": "published", "max_layers": 64},
}
LIMITS = {
    "cnn": Budget(params=45_000, macs=900_000),
    "rnn": Budget(params=29_000),
    "nasbench201": Budget(params=7_000, macs=60_000),
    "nasbench_macro": Budget(params=1_500_000, macs=3_000_000),
    "chain": Budget(params=150_000, macs=3_200_000),
}
#: A limit on the faked latency, which counts edges, that some graphs of the space meet and others break.
LATENCIES = {"cnn": 900, "rnn": 900, "nasbench201": 900, "nasbench_macro": 1_200, "chain": 720}
CELLS = ("cnn", "rnn")  # spaces whose graphs are parts of one complete cell
ROUNDS = 5  # of the largest search that are run


class Combination(NamedTuple):
    strategy: str
    space: str
    evaluator: str

    def task(self, *, budget: Budget | None = None, seed: int = 0, **settings: Any) -> Task:
        settings = {**SMALL_SPACE[self.space], **SMALL[self.strategy], **settings}
        return fakes.task(**self._asdict(), budget=budget, seed=seed, **settings)

    def search(self, **arguments: Any) -> Steered:
        return Steered(self.task(**arguments))


#: The evaluators of each strategy over each space.
EVALUATED: dict[str, dict[str, tuple[str, ...]]] = {
    "autoshrink": {"cnn": ("train", "inherit", "score"), "rnn": ("train",)},
    "random": {
        "cnn": ("score",),
        "rnn": ("train",),
        "nasbench201": ("score", "inherit"),
        "nasbench_macro": ("score", "train"),
        "chain": ("score", "train"),
    },
    "evolution": {
        "cnn": ("inherit",),
        "rnn": ("train",),
        "nasbench201": ("score", "train"),
        "nasbench_macro": ("score", "inherit"),
        "chain": ("score",),
    },
    "zico": {
        "cnn": ("train",),
        "rnn": ("train",),
        "nasbench201": ("score",),
        "nasbench_macro": ("score",),
        "chain": ("score", "inherit"),
    },
}
COMBINATIONS = [
    Combination(strategy, space, evaluator)
    for strategy, spaces in EVALUATED.items()
    for space, evaluators in spaces.items()
    for evaluator in evaluators
]


@pytest.fixture(params=COMBINATIONS, ids="-".join)
def combination(request: pytest.FixtureRequest) -> Combination:
    found: Combination = request.param
    return found


def evaluated_graphs(search: Steered) -> list[Graph]:
    """The graphs that the next round trains."""
    next_round = search.strategy.ask(search.state)
    assert not isinstance(next_round, Finished)
    return [
        Graph.from_dict(graph)
        for work in next_round.work
        if work["kind"] != "measure"
        for graph in fakes.graphs_of(work)
    ]


def proposed_graphs(search: Steered) -> list[Graph]:
    """The same with the ids of the search: work has canonical ones. No command came since they were proposed."""
    return [apply(search.graph, row.edits) for row in search.open_rows if row.feasible]


def test_every_strategy_has_a_small_a_long_and_a_largest_search_here() -> None:
    assert STRATEGIES.keys() == SMALL.keys() == LARGEST.keys() == LONG.keys()


def test_every_two_factors_that_can_be_combined_are_combined_here() -> None:
    possible = [
        Combination(strategy, space, evaluator)
        for strategy in STRATEGIES
        for space in spaces_for(strategy)
        for evaluator in evaluators_for(SPACES[space].KIND)
    ]
    assert {(each.strategy, each.space) for each in COMBINATIONS} == {(e.strategy, e.space) for e in possible}
    assert {(each.strategy, each.evaluator) for each in COMBINATIONS} == {(e.strategy, e.evaluator) for e in possible}
    assert {(each.space, each.evaluator) for each in COMBINATIONS} == {(e.space, e.evaluator) for e in possible}


def test_a_strategy_that_draws_graphs_is_one_short_file_and_a_row() -> None:
    """If random search needs more, the frame or the protocol is cut wrongly."""
    lines = Path(random_search.__file__).read_text().splitlines()
    assert len(lines) <= 80
    assert [name for name, strategy in STRATEGIES.items() if isinstance(strategy, random_search.Random)] == ["random"]


class TestASearch:
    def test_evaluates_only_valid_graphs_of_its_space(self, combination: Combination) -> None:
        search = combination.search()
        factors = Factors.of(combination.task())
        count = 0
        while not search.has_ended:
            for graph in proposed_graphs(search):
                assert factors.space.check(graph, factors.start, factors.space_config) is None
                count += 1
            search.advance()
        assert count > 10

    def test_never_evaluates_a_graph_over_its_limits_and_ends_with_an_answer_that_fits(
        self, combination: Combination
    ) -> None:
        budget = LIMITS[combination.space]
        search = combination.search(budget=budget)
        macro = Factors.of(combination.task()).macro
        while not search.has_ended:
            descends = search.snapshot.phase == "descent"  # AutoShrink shrinks a graph that does not fit yet
            for graph in evaluated_graphs(search):
                assert descends or not budget.over(cost_of(graph, macro))
            search.advance()
        best = of_kind(search.log, "search_finished")[0]["best"]
        assert not budget.over(cost_of(Graph.from_rows(best["graph"]), macro))
        assert best["cost"]["params"] <= (budget.params or 0)

    def test_trains_no_graph_that_was_measured_to_be_too_slow(self, combination: Combination) -> None:
        limit = LATENCIES[combination.space]
        search = combination.search(budget=Budget(latency=limit, device="a-phone"))
        trained = 0
        while not search.has_ended:
            descends = search.snapshot.phase == "descent"
            for graph in evaluated_graphs(search):
                trained += 1
                assert descends or fakes.latency_of({"graph": graph.to_dict()}) <= limit
            search.advance()
        best = of_kind(search.log, "search_finished")[0]["best"]
        assert trained and best["cost"]["latency"] <= limit

    def test_ends_and_names_the_limit_where_every_graph_turns_out_to_be_too_slow(
        self, combination: Combination
    ) -> None:
        search = combination.search(budget=Budget(latency=250, device="a-phone"), candidates=20)
        search.advance(2000)
        finished = of_kind(search.log, "search_finished")[0]
        assert finished["best"] is None and "latency" in finished["why"]
        assert not of_kind(search.log, "candidates_measured") and not search.trained

    def test_gives_the_same_events_under_the_same_seed_and_others_under_another(self, combination: Combination) -> None:
        one, same, other = (combination.search(seed=seed) for seed in (1, 1, 2))
        for search in (one, same, other):
            search.advance(200)
        assert one.log == same.log != other.log

    def test_asks_for_the_same_round_whenever_it_resumes(self, combination: Combination) -> None:
        search = combination.search(budget=LIMITS[combination.space])
        while not search.has_ended:
            stored = serialization.loads(serialization.dumps(search.state))
            assert search.strategy.ask(stored) == search.strategy.ask(search.state)
            search.advance()

    def test_emits_known_events_that_decode(self, combination: Combination) -> None:
        search = combination.search(budget=LIMITS[combination.space])
        search.advance(200)
        for event in search.log:
            serialization.decode(KINDS[event["kind"]], event["payload"])

    def test_ends_once_and_says_why(self, combination: Combination) -> None:
        search = combination.search()
        search.advance(200)
        finished = of_kind(search.log, "search_finished")
        assert len(finished) == 1 and search.log[-1]["kind"] == "search_finished"
        assert finished[0]["status"] == "finished" and finished[0]["why"]
        assert finished[0]["best"] is not None

    def test_evaluates_no_more_than_its_preview_says(self, combination: Combination) -> None:
        task = combination.task()
        preview = STRATEGIES[combination.strategy].preview(task)
        search = Steered(task)
        search.advance(200)
        finished = of_kind(search.log, "search_finished")[0]
        assert 0 < len(search.trained) == finished["candidates"] <= preview.evaluations
        started = of_kind(search.log, "search_started")[0]
        assert started["graph"] == preview.graph.to_rows()
        assert started["cost"] == started["ends"]["largest"] == serialization.to_jsonable(preview.largest)
        assert started["ends"]["smallest"] == serialization.to_jsonable(preview.smallest)

    def test_refuses_a_budget_that_no_graph_fits_and_previews_it(self, combination: Combination) -> None:
        task = combination.task(budget=Budget(params=500))
        assert [over.limit for over in STRATEGIES[combination.strategy].preview(task).unreachable] == ["params"]
        with pytest.raises(Infeasible, match="over the limit of 500, even for the smallest cell"):
            STRATEGIES[combination.strategy].start(task)

    def test_goes_on_where_every_training_of_some_rounds_diverges(self, combination: Combination) -> None:
        rounds = iter(range(1000))

        def unlucky(work: Json) -> Json:
            return {"status": "error", "code": "diverged"} if next(rounds) % 9 < 5 else fakes.outcome_of(work)

        search = Steered(combination.task(), unlucky)
        search.advance(300)
        assert search.has_ended

    def test_ends_without_an_answer_and_says_why_where_every_training_diverges(self, combination: Combination) -> None:
        search = Steered(combination.task(), lambda work: {"status": "error", "code": "diverged"})
        search.advance(50)
        finished = of_kind(search.log, "search_finished")[0]
        assert finished["best"] is None
        assert finished["why"] == (
            "every training of the last 3 rounds diverged or failed, so there is nothing to choose from"
        )
        assert len(of_kind(search.log, "candidates_measured")) == 3

    def test_keeps_its_state_and_its_events_and_snapshots_small_at_its_largest(self, combination: Combination) -> None:
        largest = LARGEST[combination.strategy] | LARGEST_SPACE[combination.space]
        if combination.evaluator != "score":
            largest |= {"epochs": 200}
        search = combination.search(**largest)
        sizes = [len(serialization.dumps(search.state))]
        for _ in range(ROUNDS):
            search.advance()
            sizes.append(len(serialization.dumps(search.state)))
        growth = max(1, LARGEST[combination.strategy].get("population", 20) // 20)  # rounds until the state is full
        if combination.strategy == "zico":  # whose population is the largest, and full by then
            assert max(sizes) < 2**21
        else:
            assert max(sizes) * (1 + growth / ROUNDS) < 2**20
        start = Factors.of(serialization.decode(Task, search.state["task"])).start
        for part in [node.id for node in start.nodes[3:]]:  # each removed part has its step and cause
            search.send("remove", node=part)
        for edge in search.edges:
            search.send("lock", edge=edge)
        search.advance()
        assert search.send("set_weight", weight=0.7) is None
        for _, snapshot in [*search.snapshots, (0, search.snapshot)]:
            assert len(serialization.dumps(snapshot)) < 64 * 1024
        assert_small(search.log)


@cache
def undisturbed(combination: Combination) -> Steered:
    """A whole search within limits, latency among them."""
    limits = replace(LIMITS[combination.space], latency=LATENCIES[combination.space] + 100, device="a-phone")
    search = combination.search(budget=limits, seed=3)
    search.advance(200)
    return search


@cache
def disturbed(combination: Combination, seed: int) -> tuple[Steered, Steered]:
    """A whole search with commands of many kinds and a rollback, and a fork of it."""
    longer = LONGER[combination.strategy]
    search, rng = combination.search(seed=seed, budget=LIMITS[combination.space], **longer), random.Random(seed)
    for turn in range(5):
        for kind in ("lock", "remove", "unlock", "remove", "restore"):
            search.send(kind, **as_argument(rng.choice(parts_of(search) if kind != "restore" else parts_ever(search))))
        if turn == 1:
            search.send("set_weight", weight=0.5)
        elif turn == 2:
            search.send("set_budget", budget={"params": search.snapshot.cost.params})
        elif turn == 3:
            search.roll_back(min(1, search.snapshot.step))
        search.advance()
    fork = search.fork(at=2)
    for each in (search, fork):
        each.advance(200)
    return search, fork


def parts_ever(search: Steered) -> list[Edge | int]:
    """Edges and nodes that the graph has or had."""
    rows = search.snapshot.graph
    return [*(row[0] for row in rows["nodes"]), *(Edge(*row) for row in rows["edges"])]


def rounds_of(log: list[Json]) -> dict[tuple[int, int], list[Json]]:
    """The events of each round by branch and number, in the order of the log."""
    result: dict[tuple[int, int], list[Json]] = {}
    for event in log:
        result.setdefault((event["branch"], event["round"]), []).append(event)
    return result


class TestTheLog:
    @pytest.fixture(params=["undisturbed", "disturbed", "other commands", "a fork"])
    def search(self, combination: Combination, request: pytest.FixtureRequest) -> Steered:
        match request.param:
            case "undisturbed":
                return undisturbed(combination)
            case "disturbed":
                return disturbed(combination, 0)[0]
            case "other commands":
                return disturbed(combination, 1)[0]
            case _:
                return disturbed(combination, 0)[1]

    def test_tells_all_that_a_snapshot_of_the_state_says_after_every_turn(self, search: Steered) -> None:
        assert len(search.snapshots) > 2
        for seq, snapshot in search.snapshots:
            reader = reader_of(search.log[:seq])
            assert reader.read_snapshot == as_read(snapshot), seq
        assert reader.graph == search.graph

    def test_can_be_read_from_any_self_contained_event_on(self, search: Steered) -> None:
        """The snapshot in the event says what a reader of all events before it knows, or what held where the branch
        starts."""
        for i, event in enumerate(search.log):
            if event["kind"] == "snapshot":
                assert reader_of(search.log[: i + 1]).read_snapshot == reader_of(search.log[:i]).read_snapshot
            elif event["kind"] == "branch_opened":
                parent = event["payload"]["parent"]
                start = (parent["branch"], parent["round"])
                for state in (state for branch, round, state in search.rounds if (branch, round) == start):
                    before = serialization.to_jsonable(search.strategy.snapshot(state))
                    assert parent["search"] is not None or event["payload"]["snapshot"] == before
        kinds = [event["kind"] for event in search.log if event["kind"] in SELF_CONTAINED]
        assert kinds[0] == search.log[0]["kind"] == "search_started" and kinds.count("search_started") == 1

    def test_leaves_no_candidate_of_its_last_branch_waiting_once_it_has_ended(self, search: Steered) -> None:
        search.advance(300)
        assert search.has_ended
        waiting = [key for key, row in search.rows.items() if row.status == "waiting" and key[0] == search.branch]
        assert waiting == []

    def test_holds_no_event_that_is_too_large(self, search: Steered) -> None:
        assert set(SELF_CONTAINED) < set(LARGE_KINDS)
        assert_small(search.log)

    def test_shows_at_most_twenty_candidates_of_those_that_it_counts(self, search: Steered) -> None:
        proposed = of_kind(search.log, "candidates_proposed")
        assert proposed
        for event in proposed:
            assert 0 < len(event["shown"]) == min(event["count"], SHOWN)  # small graphs have short edits
            assert 0 < event["feasible"] <= event["count"]
            if event["count"] <= SHOWN:
                assert sum(candidate["feasible"] for candidate in event["shown"]) == event["feasible"]

    def test_gives_every_candidate_an_id_of_its_own_in_its_branch_and_a_row(self, search: Steered) -> None:
        known = set[tuple[int, int]]()
        for event in search.log:
            if event["kind"] != "candidates_proposed":
                continue
            branch, payload = event["branch"], event["payload"]
            first = payload["shown"][0]["id"]
            ids = {(branch, id) for id in range(first, first + payload["count"])}
            assert not ids & known
            known |= ids
            for candidate in payload["shown"]:
                row = search.rows[branch, candidate["id"]]
                assert (row.step, row.hash, row.label) == (payload["step"], candidate["hash"], candidate["label"])
                assert (serialization.to_jsonable(row.edits), list(row.parents)) == (
                    candidate["edits"], candidate["parents"],
                )  # fmt: skip
        assert known == search.rows.keys()

    def test_says_the_results_that_the_rows_have(self, search: Steered) -> None:
        shown = dict[tuple[int, int], Json]()
        count = 0
        for event in search.log:
            if event["kind"] == "candidates_measured":
                count += event["payload"]["ok"] + event["payload"]["failed"]
                shown |= {(event["branch"], result["id"]): result for result in event["payload"]["shown"]}
        assert count == len(search.trained) >= len(shown) > 0
        for key, result in shown.items():
            row = search.rows[key]
            assert result == {name: getattr(row, name) for name in ("id", "status", "code", "quality", "score")}

    def test_has_a_row_with_a_result_for_every_candidate_that_was_trained(self, search: Steered) -> None:
        for row in search.rows.values():
            assert row.feasible == (row.why_not is None)
            match row.status:
                case "ok":
                    assert row.feasible and row.quality is not None and row.score is not None and row.code is None
                    is_scored = search.state["task"]["evaluator"]["name"] == "score" and row.phase != "answer"
                    assert (len(row.curve) > 0) != is_scored
                case "error":
                    assert row.feasible and row.code and (row.quality, row.score) == (None, None)
                case "skipped":
                    assert not row.feasible and not row.curve
                case "waiting":
                    assert row.feasible and not row.curve

    def test_says_a_step_before_the_change_that_it_makes(self, search: Steered) -> None:
        none, steps = serialization.to_jsonable(Edits()), 0
        for before, event, after in zip([None, *search.log], search.log, [*search.log[1:], None], strict=False):
            payload = event["payload"]
            if event["kind"] == "step_decided":
                changes, steps = payload["edits"] != none, steps + 1
                assert (after is not None and _is_of_search(after)) == changes
                assert changes or payload["edges"] == len(reader_of(search.log[: event["seq"]]).graph.edges)
            elif _is_of_search(event):
                assert before is not None and before["kind"] == "step_decided"
                decided = before["payload"]
                for name in ("step", "edits", "cost", "over"):
                    assert payload[name] == decided[name]
                assert decided["edges"] == len(reader_of(search.log[: event["seq"]]).graph.edges)
                assert decided["fits"] == (not decided["over"])
        assert steps

    def test_says_the_results_of_a_step_before_it_is_decided(self, search: Steered) -> None:
        for (branch, _), events in rounds_of(search.log).items():
            kinds = [event["kind"] for event in events]
            for decided in of_kind(events, "step_decided"):
                assert kinds.index("candidates_measured") < kinds.index("step_decided")
                if decided["candidate"] is not None:
                    winner = search.rows[branch, decided["candidate"]]
                    assert (winner.status, winner.step) == ("ok", decided["step"])

    def test_counts_steps_without_gaps(self, search: Steered) -> None:
        step = 0
        for event in search.log:
            if event["kind"] == "branch_opened":
                step = event["payload"]["snapshot"]["step"]
            elif event["kind"] == "step_decided":
                assert event["payload"]["step"] == step + 1
                step += 1
        assert step == search.snapshot.step > 0

    def test_removes_no_part_that_is_locked(self, search: Steered) -> None:
        removed = 0
        for i, event in enumerate(search.log):
            if event["kind"] != "graph_edited":
                continue
            snapshot, edits = reader_of(search.log[:i]).snapshot, event["payload"]["edits"]
            edges = {*edits["edges_removed"], *edits["edges_lost"]}
            nodes = {*edits["nodes_removed"], *edits["nodes_lost"]}
            assert edges.isdisjoint(snapshot["locked"]) and nodes.isdisjoint(snapshot["locked_nodes"])
            removed += len(edges)
        if search.state["task"]["space"]["name"] == "nasbench_macro":
            assert removed == 0  # its blocks change, and none goes
        elif search.state["task"]["space"]["name"] != "chain":  # whose blocks may be divided, and may not
            assert removed > 0 or search.log[1]["kind"] == "branch_opened"  # a fork may begin with what it ends with

    def test_names_where_the_answer_was_measured(self, search: Steered) -> None:
        for best in [event["best"] for event in of_kind(search.log, "search_finished") if event["best"]]:
            if best["measured"] is None:
                continue  # in the search that this one is a fork of
            where = best["measured"]
            events = rounds_of(search.log)[where["branch"], where["round"]]
            assert where["candidate"] in [one["id"] for one in results(of_kind(events, "candidates_measured"))]
            row = search.rows[where["branch"], where["candidate"]]
            assert (row.hash, row.quality) == (best["hash"], best["quality"])


def _is_of_search(event: Json) -> bool:
    return bool(event["kind"] == "graph_edited" and event["payload"]["cause"] == "search")


class TestARound:
    def test_says_which_candidates_each_of_its_work_items_is_about(self, combination: Combination) -> None:
        limits = replace(LIMITS[combination.space], latency=LATENCIES[combination.space] + 100, device="a-phone")
        search, kinds = combination.search(budget=limits, seed=5), set[str]()
        while not isinstance(asked := search.strategy.ask(search.state), Finished):
            assert len(asked.about) == len(asked.work) > 0
            feasible = {row.id: row for row in search.open_rows if row.feasible}
            for work, ids in zip(asked.work, asked.about, strict=True):
                kinds.add(work["kind"])
                hashes = [serialization.canonical_hash(graph) for graph in fakes.graphs_of(work)]
                assert ids or work["kind"] == "measure"  # such as the smallest graph, which is no candidate
                if work["kind"] == "measure":
                    assert set(ids) == {row.id for row in feasible.values() if row.hash == hashes[0]}
                else:
                    assert [feasible[id].hash for id in ids] == hashes
            if asked.work[0]["kind"] != "measure":
                assert sorted(id for ids in asked.about for id in ids) == sorted(feasible)
            search.advance()
        assert kinds == {"measure", "train", *(["score"] if combination.evaluator == "score" else [])}


def more_edges_are_better(work: Json) -> Json:
    """So that AutoShrink cuts one edge at a time."""
    if work["kind"] == "score":
        scores = [{name: len(graph["edges"]) for name in work["proxies"]} for graph in work["graphs"]]
        return {"status": "ok", "results": [{"status": "ok", "scores": each} for each in scores]}
    return {"status": "ok", "val_accuracy": len(edges := work["graph"]["edges"]) / 200, "curve": []} | (
        {"val_perplexity": 500 - len(edges)} if work["macro"]["kind"] == "text" else {}
    )


class TestASnapshot:
    def test_stands_in_the_log_at_least_every_fifty_rounds(self, combination: Combination) -> None:
        settings = dict(LONG[combination.strategy])
        if combination.strategy == "autoshrink":
            settings |= LARGEST_SPACE[combination.space]  # 120 and 45 edges in cells
        search = Steered(combination.task(**settings), more_edges_are_better)
        search.advance(500)
        last = 0
        for event in search.log:
            if event["kind"] in SELF_CONTAINED:
                last = event["round"]
            assert event["round"] - last <= SNAPSHOT_ROUNDS
        rounds = search.round
        assert rounds > (100 if combination != Combination("autoshrink", "rnn", "train") else 30)
        taken = [i for i, event in enumerate(search.log) if event["kind"] == "snapshot"]
        assert len(taken) == (rounds - 1) // SNAPSHOT_ROUNDS
        for i in taken:
            assert search.log[i + 1]["kind"] in ("candidates_proposed", "search_finished")  # no candidates are open
            assert reader_of(search.log[: i + 1]).read_snapshot == reader_of(search.log[:i]).read_snapshot
        assert_small(search.log)

    def test_of_one_state_is_always_the_same(self, combination: Combination) -> None:
        for search in (undisturbed(combination), *disturbed(combination, 0)):
            for _, _, state in [*search.rounds, (0, 0, search.state)]:
                packed = serialization.dumps(state)
                one, two = search.strategy.snapshot(state), search.strategy.snapshot(serialization.loads(packed))
                assert serialization.dumps(one) == serialization.dumps(two)
                assert serialization.dumps(state) == packed  # and it changes nothing
                read = serialization.decode(Snapshot, serialization.loads(serialization.dumps(one)))
                assert serialization.to_jsonable(read) == serialization.to_jsonable(one)


def parts_of(search: Steered) -> list[Edge | int]:
    """Edges and nodes of the current graph."""
    return [*search.graph.by_id, *search.graph.edges]


def as_argument(part: Edge | int) -> dict[str, Any]:
    return {"node": part} if isinstance(part, int) else {"edge": part.id}


class TestAPerson:
    @pytest.fixture(params=[0, 1, 2])
    def search(self, combination: Combination, request: pytest.FixtureRequest) -> Steered:
        search = combination.search(seed=request.param, **LONGER[combination.strategy])
        search.advance(2)
        return search

    def rounds(self, search: Steered, count: int = 3) -> list[Graph]:
        """The graphs of so many rounds that are proposed from now on."""
        search.advance()  # the open round was drawn before the command
        found: list[Graph] = []
        for _ in range(count):
            if search.has_ended:
                break
            found += proposed_graphs(search)
            search.advance()
        return found

    def test_has_every_lock_kept_or_is_told_why_not(self, search: Steered) -> None:
        locked: list[Edge | int] = []
        for part in random.Random(1).sample(parts_of(search), min(4, len(parts_of(search)))):
            why = search.send("lock", **as_argument(part))
            if why is None:
                locked.append(part)
            else:
                assert name(part) in why
        assert locked
        for graph in self.rounds(search):
            assert all(has_part(graph, part) for part in locked)

    def test_never_sees_a_part_again_that_they_removed_or_is_told_why_not(self, search: Steered) -> None:
        removed: list[Edge | int] = []
        for part in random.Random(2).sample(parts_of(search), min(4, len(parts_of(search)))):
            why = search.send("remove", **as_argument(part))
            if why is None:
                removed.append(part)
            else:
                assert name(part) in why
        for graph in self.rounds(search):
            assert not any(has_part(graph, part) for part in removed)

    def test_gets_answers_within_a_budget_that_they_set_meanwhile(
        self, combination: Combination, search: Steered
    ) -> None:
        tight = Budget(params=search.snapshot.cost.params)
        assert search.send("set_budget", budget=serialization.to_jsonable(tight)) is None
        search.advance(100)
        best = of_kind(search.log, "search_finished")[0]["best"]
        assert best is None or best["cost"]["params"] <= (tight.params or 0)
        macro = Factors.of(combination.task()).macro
        assert best is None or not tight.over(cost_of(Graph.from_rows(best["graph"]), macro))

    def test_is_refused_a_budget_that_nothing_fits(self, search: Steered) -> None:
        why = search.send("set_budget", budget={"params": 400})
        assert why is not None and "over the limit of 400" in why

    def test_changes_the_weight_of_cost(self, search: Steered) -> None:
        assert search.send("set_weight", weight=0.6) is None
        assert search.snapshot.weight == 0.6
        assert search.send("set_weight", weight=0.6) == "the cost weight is already 0.6"
        assert search.send("set_weight", weight=7.0) == "the cost weight must be from 0 to 1, not 7"
        search.advance(100)
        assert search.has_ended

    def test_restores_what_they_removed(self, search: Steered) -> None:
        for part in parts_of(search):
            if search.send("remove", **as_argument(part)) is None:
                assert search.send("restore", **as_argument(part)) is None
                break
        search.advance(100)
        assert search.has_ended

    def test_unlocks_only_what_is_locked(self, search: Steered) -> None:
        part = next(part for part in parts_of(search) if part != 0)
        assert search.send("unlock", **as_argument(part)) == f"{name(part)} is not locked"
        if search.send("lock", **as_argument(part)) is None:
            assert search.send("lock", **as_argument(part)) == f"{name(part)} is already locked"
            assert search.send("unlock", **as_argument(part)) is None

    def test_cannot_lock_or_remove_what_does_not_exist(self, search: Steered) -> None:
        assert search.send("lock", edge="0-99") == "edge 0-99 is not in the graph"
        assert search.send("remove", node=99) == "node 99 is not in the graph"

    def test_rolls_back_to_an_earlier_step_and_sees_the_same_graph(self, combination: Combination) -> None:
        search = combination.search(budget=LIMITS[combination.space])
        search.advance(2)
        before, graph, step = search.snapshot, search.graph, search.state["step"]
        search.advance(1)
        search.roll_back(step)
        for part in (
            "step", "cost", "over", "budget", "weight", "graph", "removed", "removed_nodes", "locked", "locked_nodes",
        ):  # fmt: skip
            assert getattr(search.snapshot, part) == getattr(before, part), part
        assert search.graph == graph
        assert (search.state["branch"], search.state["round"], search.log[-1]["branch"]) == (1, 0, 1)
        search.advance(200)
        assert search.has_ended

    def test_forks_a_search_whose_locks_hold_in_both(self, combination: Combination) -> None:
        search = combination.search()
        search.advance(1)
        part = next(part for part in parts_of(search) if isinstance(part, Edge))
        assert search.send("lock", edge=part.id) is None
        search.advance(2)
        fork = search.fork(at=2)
        for each in (search, fork):
            for graph in self.rounds(each):
                assert graph.has(part)

    def test_gets_other_random_numbers_in_each_fork_and_each_rollback(self, combination: Combination) -> None:
        """Also where all of them go on from one state: the first, before anything was drawn from."""
        search = combination.search()
        search.advance(1)
        first, second = search.fork(at=0), search.fork(at=0, number=1)
        first.advance(1)
        of_first = first.fork(at=0)
        logs = [each.log for each in (search, first, second, of_first)]
        for each in (search, first):
            each.roll_back(0)
            logs.append(each.log[[event["kind"] for event in each.log].index("branch_opened", 2) :])
        drawn = [_edits_of_first_round(log) for log in logs]
        assert all(one != other for i, one in enumerate(drawn) for other in drawn[:i])
        again = search.fork(at=0)
        assert again.log == first.log[: len(again.log)]  # and the same ones whenever it is done again

    def test_stops_with_the_best_so_far_and_cancels_without_an_answer(self, search: Steered) -> None:
        ends: tuple[tuple[str, End], ...] = (("stop", "stopped"), ("cancel", "cancelled"))
        for kind, status in ends:
            ended, events, _ = search.strategy.steer(search.state, search.new_command(kind))
            finished = next(event.payload for event in events if event.kind == "search_finished")
            assert finished["status"] == status and (finished["best"] is None) == (
                kind == "cancel" or not finished["best"]
            )
            assert search.strategy.ask(ended) == Finished(status)

    def test_is_refused_everything_after_the_end(self, search: Steered) -> None:
        search.send("stop")
        assert search.send("lock", edge="0-1") == "the search has ended (stopped)"
        why = search.strategy.validate_command(search.state, search.new_command("rollback", step=0))
        assert why == "the search has ended (stopped); fork it instead"


def _edits_of_first_round(log: list[Json]) -> list[Json]:
    return [candidate["edits"] for candidate in of_kind(log, "candidates_proposed")[0]["shown"]]


def name(part: Edge | int) -> str:
    return f"node {part}" if isinstance(part, int) else f"edge {part.id}"


@pytest.fixture(params=SPACES)
def factors(request: pytest.FixtureRequest) -> Factors:
    space: str = request.param
    return Factors.of(fakes.task(strategy="random", space=space, **SMALL_SPACE[space]))


class TestASpace:
    def locks(self, factors: Factors) -> Locks:
        start = factors.start
        return Locks((start.edges[-1].id,), (start.nodes[3].id,))

    def test_draws_valid_graphs_of_many_sizes_that_hold_every_locked_part(self, factors: Factors) -> None:
        space, start, locks = factors.space, factors.start, self.locks(factors)
        graphs = [space.sample(start, locks, random.Random(seed)) for seed in range(300)]
        assert all(locks.lost(graph) is None for graph in graphs)
        valid = [graph for graph in graphs if space.check(graph, start, factors.space_config) is None]
        assert len(valid) == 300 or (space.NAME == "chain" and len(valid) > 200)  # others are too deep
        assert len({params(factors, graph) for graph in valid}) > 7

    def test_changes_a_graph_into_another_of_its_own(self, factors: Factors) -> None:
        space, start, rng = factors.space, factors.start, random.Random(3)
        graph, changed = start, 0
        for _ in range(200):
            edits = space.mutate(graph, start, Locks(), rng)
            assert edits != Edits()
            after = apply(graph, edits)
            if space.check(after, start, factors.space_config) is None:
                graph, changed = after, changed + 1
        assert changed == 200 or (space.NAME == "chain" and changed > 100)

    def test_keeps_locked_parts_when_it_changes_a_graph(self, factors: Factors) -> None:
        space, start, rng, locks = factors.space, factors.start, random.Random(4), self.locks(factors)
        graph, (node,) = space.sample(start, locks, rng), locks.nodes
        before = graph.by_id[node]
        for _ in range(200):
            graph = apply(graph, space.mutate(graph, start, locks, rng))
            assert locks.lost(graph) is None and graph.by_id[node] == before

    def test_writes_a_graph_as_a_string_and_reads_it_back(self, factors: Factors) -> None:
        space, start = factors.space, factors.start
        for seed in range(100):
            text = space.encode(space.sample(start, Locks(), random.Random(seed)))
            read = space.decode(text)
            assert space.encode(read) == text
            lower(read, factors.macro)

    @pytest.mark.parametrize("text", ["", "nonsense", "|none~0|", "012", "1:conv1", "SuperConvK3BNRELU(3,8,1,1)"])
    def test_refuses_a_string_that_is_no_graph(self, factors: Factors, text: str) -> None:
        with pytest.raises(BadGraph):
            lower(factors.space.decode(text), factors.macro)

    def test_says_why_a_graph_is_not_one_of_its_own(self, factors: Factors) -> None:
        space, start = factors.space, factors.start
        foreign = Graph((*start.nodes[:-1], start.nodes[-1]._replace(op="conv9")), start.edges)
        assert "node" in str(space.check(foreign, start, factors.space_config))

    def test_finds_a_smallest_graph_that_fits_where_sampling_does(self, factors: Factors) -> None:
        start = factors.start

        def size(graph: Graph) -> tuple[float, ...]:
            return (params(factors, graph),)

        smallest = size(factors.space.smallest(start, Locks(), 1, size))
        drawn = min(size(factors.space.sample(start, Locks(), random.Random(seed))) for seed in range(300))
        assert smallest <= drawn


@pytest.mark.parametrize("factors", CELLS, indirect=True)
class TestASpaceOfCells:
    def test_draws_cells_of_all_sizes(self, factors: Factors) -> None:
        space, start = factors.space, factors.start
        sizes = {len(space.sample(start, Locks(), random.Random(seed)).edges) for seed in range(300)}
        assert max(sizes) == len(start.edges) and min(sizes) == 1

    def test_reaches_every_kind_of_change(self, factors: Factors) -> None:
        space, start, rng = factors.space, factors.start, random.Random(3)
        graph = space.sample(start, Locks(), rng)
        kinds = set[str]()
        for _ in range(200):
            edits = space.mutate(graph, start, Locks(), rng)
            kinds.update(kind for kind, parts in serialization.to_jsonable(edits).items() if parts)
            graph = apply(graph, edits)
        assert {"edges_added", "edges_removed", "nodes_changed"} <= kinds

    def test_says_what_is_wrong_with_a_cell(self, factors: Factors) -> None:
        space, start = factors.space, factors.start
        other = Factors.of(fakes.task(space=space.NAME, nodes=9)).start
        assert space.check(other, start, factors.space_config) == f"node {len(start.nodes)} is not a node of this space"
        empty = Graph(start.nodes[:1], ())
        assert space.check(empty, start, factors.space_config) == "a cell needs at least one edge"


def params(factors: Factors, graph: Graph) -> int:
    return cost_of(graph, factors.macro, order=False).params
