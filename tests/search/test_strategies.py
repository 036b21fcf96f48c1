"""AutoShrink's own behaviour; test_contract.py holds what every strategy must do."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from search.base import serialization
from search.base.config import BadConfig, schema
from search.log.candidates import CandidateRow
from search.log.commands import BadCommand, Command
from search.log.events import MOST_POINTS, Emitted, stamp
from search.log.task import BadTask, Task
from search.network.budget import Budget
from search.network.cost import cost_of
from search.network.edits import Edits
from search.network.graph import Edge, Graph
from search.spaces import cnn
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, Settings, State, Strategy, Work
from search.strategies.factors import Factors
from search.strategies.record import Record
from search.strategies.tasks import BadChoice, build_task
from tests.search import fakes
from tests.search.steering import AT, Steered, assert_small, cut_of, edges_gone, results

Outcomes = Callable[[Work], Outcome]
TIGHT = Budget(params=30_000)
#: The settings that make a search long and its rounds large.
LARGE = {"nodes", "candidates"}


def run_rounds(
    strategy: Strategy,
    state: State,
    outcome_of: Outcomes = fakes.outcome_of,
    sizes: list[int] | None = None,
    rows: list[CandidateRow] | None = None,
) -> list[Emitted]:
    """All events until the search ends or a whole round fails. The state passes through the codec each round; `sizes`
    collects its bytes, `rows` the rows of candidates."""
    events: list[Emitted] = []
    while not isinstance(next_round := strategy.ask(state), Finished):
        outcomes = [outcome_of(work) for work in next_round.work]
        if all(outcome["status"] == "error" for outcome in outcomes):
            break
        state, more, new_rows = strategy.tell(state, outcomes)
        packed = serialization.dumps(state)
        state = serialization.loads(packed)
        events += more
        if sizes is not None:
            sizes.append(len(packed))
        if rows is not None:
            rows += new_rows
    return events


def all_events(task: Task, outcome_of: Outcomes = fakes.outcome_of) -> list[Emitted]:
    """All events of a search."""
    strategy = STRATEGIES[task.strategy.name]
    state, events, _ = strategy.start(task)
    return events + run_rounds(strategy, state, outcome_of)


def of_kind(events: list[Emitted], kind: str) -> list[serialization.Json]:
    return [event.payload for event in events if event.kind == kind]


def results_of(events: list[Emitted]) -> list[serialization.Json]:
    """The results of all candidates that events show; here no round has more of them than an event may hold."""
    measured = of_kind(events, "candidates_measured")
    assert sum(one["ok"] + one["failed"] for one in measured) == len(results(measured))
    return results(measured)


def edges_removed(events: list[Emitted]) -> list[str]:
    return [edge for edited in of_kind(events, "graph_edited") for edge in edges_gone(edited)]


def cuts_of(state: State) -> list[str]:
    """The edges whose removal the candidates of the round are."""
    return [cut for candidate in state["drawn"] if (cut := cut_of(candidate))]


def graph_of(state: State) -> Graph:
    return serialization.decode(Record, state["record"]).graph


class TestTheLongestSearch:
    strategy = STRATEGIES["autoshrink"]

    def test_keeps_its_state_under_a_megabyte_and_its_events_small_in_every_round_of_the_longest_search(self) -> None:
        """All its rows together are larger, so a state that kept them would be found out."""
        rows = [*schema(cnn.Config), *schema(self.strategy.Config)]
        largest = {row["name"]: row["max"] for row in rows if row["name"] in LARGE}
        assert largest.keys() == LARGE
        state, events, first_rows = self.strategy.start(fakes.task(patience=0, epochs=50, **largest))
        sizes = [len(serialization.dumps(state))]
        candidates = [*first_rows]
        events += run_rounds(self.strategy, state, sizes=sizes, rows=candidates)
        assert len(sizes) > 40 and sum(len(serialization.dumps(row)) for row in candidates) > 2 * 2**20
        assert sizes[0] < max(sizes) < 2**20
        assert_small([stamp(one, seq=1, branch=0, round=0, at=AT) for one in events])

    @pytest.mark.parametrize("strategy", STRATEGIES)
    def test_keeps_curves_out_of_events_and_their_rows_short_however_long_its_candidates_train(
        self, strategy: str
    ) -> None:
        state, _, _ = STRATEGIES[strategy].start(fakes.task(strategy=strategy, nodes=3, epochs=200))
        next_round = STRATEGIES[strategy].ask(state)
        assert not isinstance(next_round, Finished)
        curve = [
            {"epoch": i, "train_loss": 1 / 3 / i, "val_loss": 2 / 3 / i, "val_accuracy": i / 271} for i in range(1, 201)
        ]
        _, events, rows = STRATEGIES[strategy].tell(
            state, [{"status": "ok", "val_accuracy": 0.5, "curve": curve} for _ in next_round.work]
        )
        assert_small([stamp(one, seq=1, branch=0, round=0, at=AT) for one in events])
        assert not any(b"train_loss" in serialization.dumps(event.payload) for event in events)
        measured = [serialization.to_jsonable(row.curve) for row in rows if row.status == "ok"]
        assert len(measured) == len(next_round.work)
        for kept in measured:
            assert (len(kept), kept[0], kept[-1]) == (MOST_POINTS, curve[0], curve[-1])

    def test_evaluates_no_more_than_the_published_number_of_candidates_the_dense_cell_and_the_finalists(self) -> None:
        task = fakes.task(nodes=8, candidates=10, patience=0)
        scored = results_of(all_events(task))
        assert 0 < len(scored) <= self.strategy.preview(task).evaluations == 235 + 3


class TestAutoShrink:
    strategy = STRATEGIES["autoshrink"]

    def start(self, **config: Any) -> State:
        return self.strategy.start(fakes.task(nodes=6, candidates=4, **config)).state

    def steer(self, state: State, kind: str, edge: str) -> tuple[State, list[Emitted]]:
        command = Command.from_dict({"id": 7, "kind": kind, "by": "colleague", "edge": edge})
        steered = self.strategy.steer(state, command)
        return steered.state, steered.events

    def test_starts_dense_and_reports_broken_limits(self) -> None:
        started = self.strategy.start(fakes.task(nodes=6, budget=Budget(params=60_000))).events[0].payload
        assert len(started["graph"]["edges"]) == 15
        assert started["over"] == [{"limit": "params", "value": 82_106, "allowed": 60_000}]

    def test_shrinks_down_to_one_edge_and_never_to_none(self) -> None:
        decided = of_kind(all_events(fakes.task(nodes=6, candidates=4, patience=0)), "step_decided")
        assert [step["edges"] for step in decided][-1] == 1

    def test_reports_every_removed_edge_once(self) -> None:
        events = all_events(fakes.task(nodes=6, candidates=4, patience=0))
        removed = edges_removed(events)
        assert len(removed) == len(set(removed)) == 14

    def test_trains_for_one_epoch_while_over_budget(self) -> None:
        state = self.strategy.start(fakes.task(nodes=6, budget=TIGHT)).state
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        assert {work["recipe"]["epochs"] for work in next_round.work} == {1}

    def test_measures_the_first_graph_that_fits_itself(self) -> None:
        proposed = of_kind(all_events(fakes.task(nodes=6, candidates=4, budget=TIGHT)), "candidates_proposed")
        first_choice = next(p for p in proposed if p["phase"] == "choice")
        assert first_choice["shown"][0]["edits"] == serialization.to_jsonable(Edits())

    def test_an_uncut_answer_belongs_to_the_step_that_reached_it(self) -> None:
        def best_uncut(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        events = all_events(fakes.task(nodes=6, patience=1, cost_weight=0.0), best_uncut)
        best = of_kind(events, "search_finished")[0]["best"]
        assert (best["graph"], best["step"]) == (events[0].payload["graph"], 0)

    def test_never_trains_a_candidate_that_would_break_a_limit_in_choice(self) -> None:
        events = all_events(fakes.task(nodes=6, budget=Budget(macs=600_000)))
        candidates = [
            candidate
            for proposed in of_kind(events, "candidates_proposed")
            for candidate in (proposed["shown"] if proposed["phase"] == "choice" else ())
        ]
        assert len(candidates) > 5
        for candidate in candidates:
            assert candidate["feasible"] == (candidate["cost"]["macs"] <= 600_000)

    def test_ends_when_patience_runs_out(self) -> None:
        def declining(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        finished = of_kind(all_events(fakes.task(nodes=6, patience=3), declining), "search_finished")[0]
        assert finished["why"] == "no better result in 3 steps"

    def test_a_failed_candidate_never_wins(self) -> None:
        def mostly_failing(work: Work) -> Outcome:
            is_even = len(work["graph"]["edges"]) % 2 == 0
            return {"status": "ok", "val_accuracy": 0.5, "curve": []} if is_even else {"status": "error", "code": "x"}

        events = all_events(fakes.task(nodes=5, patience=0), mostly_failing)
        failed = {one["id"] for one in results_of(events) if one["status"] == "error"}
        assert failed and not failed & {decided["candidate"] for decided in of_kind(events, "step_decided")}

    def test_a_locked_edge_stays_to_the_end(self) -> None:
        state, _ = self.steer(self.start(patience=0), "lock", "2-4")
        events = run_rounds(self.strategy, state)
        assert edges_removed(events) and "2-4" not in edges_removed(events)
        best = of_kind(events, "search_finished")[0]["best"]
        assert Graph.from_rows(best["graph"]).has(Edge(2, 4))

    def test_an_edge_that_a_person_removes_is_in_no_answer(self) -> None:
        state, events = self.steer(self.start(), "remove", "1-3")
        edited = of_kind(events, "graph_edited")[0]
        assert (edited["step"], edited["cause"]) == (0, "person")
        assert edited["edits"] == serialization.to_jsonable(Edits(edges_removed=("1-3",)))
        assert edited["cost"] == serialization.to_jsonable(
            cost_of(graph_of(state), Factors.of(fakes.task(nodes=6)).macro)
        )
        best = of_kind(run_rounds(self.strategy, state), "search_finished")[0]["best"]
        assert not Graph.from_rows(best["graph"]).has(Edge(1, 3))

    def test_candidates_with_an_edge_that_a_person_removed_meanwhile_are_no_answer(self) -> None:
        state = self.start()
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        lost = {edge for candidate in state["drawn"] for edge in edges_gone(candidate)}
        kept = next(edge.id for edge in graph_of(state).edges if edge.id not in lost)
        state, _ = self.steer(state, "remove", kept)
        state, events, rows = self.strategy.tell(state, [fakes.outcome_of(work) for work in next_round.work])
        assert len(results_of(events)) == len(next_round.work) == sum(row.status in ("ok", "error") for row in rows)
        assert state["best"] is None

    def test_locking_the_winner_while_it_is_measured_makes_another_win(self) -> None:
        state = self.start()
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        outcomes = [fakes.outcome_of(work) for work in next_round.work]
        winner = cut_of(of_kind(self.strategy.tell(state, outcomes).events, "step_decided")[0])
        assert winner is not None
        state, _ = self.steer(state, "lock", winner)
        decided = of_kind(self.strategy.tell(state, outcomes).events, "step_decided")
        assert decided and cut_of(decided[0]) not in (None, winner)

    def test_where_every_candidate_was_locked_meanwhile_others_are_drawn(self) -> None:
        state = self.start()
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        assert cuts_of(state)
        for edge in cuts_of(state):
            state, _ = self.steer(state, "lock", edge)
        after, events, _ = self.strategy.tell(state, [fakes.outcome_of(work) for work in next_round.work])
        assert not of_kind(events, "step_decided") and after["record"] == state["record"]
        assert len(of_kind(events, "candidates_proposed")) == 1

    @pytest.mark.parametrize(
        ("before", "kind", "edge", "why"),
        [
            ([], "remove", "4-1", "edge 4-1 is not in the graph"),
            ([("lock", "0-2")], "remove", "0-2", "edge 0-2 is locked; unlock it first"),
            ([("lock", "0-2")], "lock", "0-2", "edge 0-2 is already locked"),
            ([], "unlock", "0-2", "edge 0-2 is not locked"),
            ([("lock", "1-2")], "remove", "0-1", "edge 0-1 is the only path to 1-2, which is locked"),
        ],
    )
    def test_refuses_invalid_commands(self, before: list[tuple[str, str]], kind: str, edge: str, why: str) -> None:
        state = self.start()
        for earlier_kind, earlier_edge in before:
            state, events = self.steer(state, earlier_kind, earlier_edge)
            assert not of_kind(events, "command_refused")
        after, events = self.steer(state, kind, edge)
        assert after == state
        assert of_kind(events, "command_refused")[0]["why"] == why


def test_the_last_edge_cannot_be_removed() -> None:
    strategy = STRATEGIES["autoshrink"]
    state = strategy.start(fakes.task(nodes=2)).state
    why = strategy.validate_command(state, Command(id=1, kind="remove", by="owner", edge="0-1"))
    assert why == "without edge 0-1 nothing connects the input to the output"


def test_the_strategy_does_not_apply_a_pause() -> None:
    strategy = STRATEGIES["autoshrink"]
    state = strategy.start(fakes.task(nodes=3)).state
    after, events, _ = strategy.steer(state, Command(id=1, kind="pause", by="owner"))
    assert after == state
    assert of_kind(events, "command_refused")[0]["why"].startswith("pause is applied by the studio")


def test_a_malformed_edge_is_refused() -> None:
    with pytest.raises(BadCommand, match="names no edge"):
        Command.from_dict({"id": 1, "kind": "lock", "by": "owner", "edge": "here"})


def test_a_lock_needs_an_edge_and_a_stop_takes_none() -> None:
    with pytest.raises(BadCommand, match="lock needs an edge"):
        Command.from_dict({"id": 1, "kind": "lock", "by": "owner"})
    with pytest.raises(BadCommand, match="stop takes no edge"):
        Command.from_dict({"id": 1, "kind": "stop", "by": "owner", "edge": "0-1"})


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"space": {"nodes": 1}}, "space.nodes: must be from 2 to 16, not 1"),
        ({"space": {"nodes": 8.5}}, "space.nodes: must be a whole number"),
        ({"objective": {"cost_of": "joules"}}, "objective.cost_of: choose one of macs, params, peak_memory"),
        ({"strategy": {"depth": 3}}, "strategy.depth: there is no such setting"),
        ({"evaluator": {"nodes": 3}}, "evaluator.nodes: there is no such setting"),
    ],
)
def test_an_invalid_setting_is_refused_by_factor_and_name(settings: Settings, why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        build_task(
            strategy="autoshrink", settings=settings, kind="image", dataset="digits", split="", seed=0, budget=Budget()
        )


@pytest.mark.parametrize(
    ("choice", "factor", "why"),
    [
        ({"strategy": "guessing"}, "strategy", "there is no strategy 'guessing'; there are autoshrink, random"),
        ({"space": "rnn"}, "space", "autoshrink on image data has no space 'rnn'; it has cnn"),
        (
            {"evaluator": "oracle"},
            "evaluator",
            "autoshrink on image data has no evaluator 'oracle'; it has train, inherit",
        ),
        ({"kind": "text", "evaluator": "inherit"}, "evaluator", "autoshrink on text data has no evaluator 'inherit'"),
    ],
)
def test_factors_that_cannot_be_combined_are_refused_with_what_can(choice: Any, factor: str, why: str) -> None:
    given = {"strategy": "autoshrink", "kind": "image"} | choice
    with pytest.raises(BadChoice, match=why) as error:
        build_task(**given, settings={}, dataset="digits", split="", seed=0, budget=Budget())
    assert error.value.factor == factor


def test_a_cut_by_a_person_collapses_the_parts_that_it_fed() -> None:
    strategy = STRATEGIES["autoshrink"]
    state = strategy.start(fakes.task(nodes=6)).state
    after, events, _ = strategy.steer(state, Command(id=1, kind="remove", by="owner", edge="0-1"))
    edits = of_kind(events, "graph_edited")[0]["edits"]
    assert (edits["edges_removed"], edits["nodes_lost"]) == (["0-1"], [1])
    assert edits["edges_lost"] == ["1-2", "1-3", "1-4", "1-5"]
    snapshot = strategy.snapshot(after)
    assert [edge.cause for edge in snapshot.removed] == ["person", *["collapse"] * 4]
    assert [(node.id, node.cause) for node in snapshot.removed_nodes] == [(1, "collapse")]


class TestAutoShrinkThatKeepsTheParent:
    def ended(self, outcome_of: Outcomes, **config: Any) -> list[Emitted]:
        return all_events(fakes.task(nodes=5, candidates=4, cost_weight=0.0, keep_parent=True, **config), outcome_of)

    def test_makes_no_cut_that_lowers_the_score(self) -> None:
        def best_at_seven(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": 1 - abs(len(work["graph"]["edges"]) - 7) / 10, "curve": []}

        events = self.ended(best_at_seven, patience=0)
        assert [step["edges"] for step in of_kind(events, "step_decided")][-1] == 7
        finished = of_kind(events, "search_finished")[0]
        assert finished["why"] == "no cut improves the score by more than its noise"
        assert len(finished["best"]["graph"]["edges"]) == 7
        proposed = [p for p in of_kind(events, "candidates_proposed") if p["phase"] != "answer"]
        tested = [(p["step"], cut_of(candidate)) for p in proposed for candidate in p["shown"]]
        assert len(tested) == len(set(tested)) > 10  # nothing is tested twice on one graph

    def test_makes_no_cut_whose_gain_is_within_its_noise(self) -> None:
        def slightly_better_when_smaller(noise: float, work: Work) -> Outcome:
            accuracy = 0.9 - len(work["graph"]["edges"]) / 1000
            return {"status": "ok", "val_accuracy": accuracy, "standard_error": noise, "curve": []}

        for noise, cuts in ((0.02, False), (0.0, True)):
            events = self.ended(partial(slightly_better_when_smaller, noise))
            assert bool(of_kind(events, "step_decided")) is cuts

    def test_ends_when_no_cut_has_improved_the_score_within_its_patience(self) -> None:
        def declining(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        events = self.ended(declining, patience=2)
        assert not of_kind(events, "step_decided")
        finished = of_kind(events, "search_finished")[0]
        assert (finished["why"], finished["best"]["graph"]) == (
            "no better result in 2 steps",
            events[0].payload["graph"],
        )

    def test_evaluates_no_more_than_its_upper_bound(self) -> None:
        task = fakes.task(nodes=5, candidates=3, patience=0, keep_parent=True)
        assert 0 < len(results_of(all_events(task))) <= STRATEGIES["autoshrink"].preview(task).evaluations


class TestAutoShrinkWithInheritedWeights:
    """Each step trains its graphs further, so that a result of a later step is better by training alone."""

    def search(self, quality: Callable[[int], float], **settings: Any) -> Steered:
        """`quality`: of a cell with so many edges, before the 2 points that each earlier training adds."""
        trainings = dict[str, int]()  # in the history of stored weights

        def outcome_of(work: Work) -> Outcome:
            earlier = trainings[work["inherit"]["weights"]] if "inherit" in work else 0
            accuracy = quality(len(work["graph"]["edges"])) + 0.02 * earlier
            weights = serialization.canonical_hash(work)
            trainings[weights] = earlier + 1
            return {"status": "ok", "val_accuracy": accuracy, "curve": []} | (
                {"files": {"weights": weights}} if work.get("keep") else {}
            )

        more = {"patience": 0, "keep_parent": True, "candidates": 4, **settings}
        search = Steered(fakes.task(nodes=6, evaluator="inherit", cost_weight=0.0, **more), outcome_of)
        search.advance(100)
        return search

    def test_keeps_the_parent_where_a_cut_is_better_only_because_it_was_trained_for_longer(self) -> None:
        search = self.search(lambda edges: {15: 0.80, 14: 0.85}.get(edges, 0.84))
        assert [e["payload"]["edges"] for e in search.log if e["kind"] == "step_decided"] == [14]
        assert search.snapshot.why == "no cut improves the score by more than its noise"
        assert len(search.best.graph["edges"]) == 14

    def test_goes_on_cutting_what_improves_the_graph_itself_and_trains_each_parent_once_more(self) -> None:
        search = self.search(lambda edges: 0.80 - 0.01 * abs(edges - 5))
        edges = [15, *(event["payload"]["edges"] for event in search.log if event["kind"] == "step_decided")]
        assert len(edges) > 2 and all(abs(after - 5) < abs(before - 5) for before, after in pairwise(edges))
        uncut = [row.step for row in search.trained if row.edits == Edits() and row.label is None]
        assert uncut == list(range(1, len(edges) + 1))
        task = serialization.decode(Task, search.state["task"])
        assert len(search.trained) <= STRATEGIES["autoshrink"].preview(task).evaluations

    def test_runs_out_of_patience_although_training_alone_improves_every_result(self) -> None:
        search = self.search(lambda edges: {15: 0.80, 14: 0.85}.get(edges, 0.84), patience=1)
        assert search.snapshot.why == "no better result in 1 step"


class TestAutoShrinkOfRecurrentCells:
    def test_ends_with_one_answer_that_fits_and_scores_by_the_logarithm_of_perplexity(self) -> None:
        events = all_events(fakes.task(space="rnn", nodes=5, candidates=3, patience=0, budget=Budget(params=33_000)))
        finished = of_kind(events, "search_finished")[0]
        assert finished["best"]["cost"]["params"] <= 33_000
        scored = [one for one in results_of(events) if one["score"] is not None]
        assert len(scored) > 5 and all(p["score"] < 0 < p["quality"] for p in scored)  # -ln of the perplexity

    def test_its_cost_counts_relative_to_the_dense_cell(self) -> None:
        state = STRATEGIES["autoshrink"].start(fakes.task(space="rnn", nodes=5, candidates=3)).state
        next_round = STRATEGIES["autoshrink"].ask(state)
        assert not isinstance(next_round, Finished)
        outcomes = [{"status": "ok", "val_perplexity": 100.0, "curve": []} for _ in next_round.work]
        scored = results_of(STRATEGIES["autoshrink"].tell(state, outcomes).events)
        dense = 500 * 32 + 4 * 32**2 + 10 * 2 * 32**2  # decoder, first node, two gates per edge
        for candidate, event in zip(state["drawn"], scored, strict=True):
            share = 1 - len(edges_gone(candidate)) * 2 * 32**2 / dense
            assert event["score"] == pytest.approx(-math.log(100) - 0.1 * math.log10(share))

    def test_a_space_for_another_kind_of_data_is_refused(self) -> None:
        image, text = fakes.task(), fakes.task(space="rnn")
        for task, words in (
            (replace(text, data=None, dataset="digits"), "recurrent cells are for text data"),
            (replace(image, data=text.data), "convolutional cells are for image data"),
        ):
            with pytest.raises(BadTask, match=f"{words}; choose another space"):
                STRATEGIES["autoshrink"].start(task)

    def test_its_activations_depend_on_the_seed(self) -> None:
        graphs = [
            STRATEGIES["autoshrink"].start(fakes.task(space="rnn", seed=seed)).events[0].payload["graph"]
            for seed in (1, 1, 2)
        ]
        assert graphs[0] == graphs[1] != graphs[2]
