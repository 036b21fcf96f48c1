"""AutoShrink's own behaviour; test_contract.py holds what every strategy must do."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from search.base import serialization
from search.base.config import BadConfig, schema
from search.log.commands import BadCommand, Command
from search.log.events import MOST_POINTS, Emitted
from search.log.task import BadTask, Task
from search.network.budget import Budget
from search.network.graph import Edge, Graph, parse_edge
from search.spaces import cnn
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, Settings, State, Strategy, Work
from search.strategies.tasks import BadChoice, build_task
from tests.search import fakes

Outcomes = Callable[[Work], Outcome]
TIGHT = Budget(params=30_000)
#: The settings that make a search long and its rounds large.
LARGE = {"nodes", "candidates"}


def run_rounds(
    strategy: Strategy, state: State, outcome_of: Outcomes = fakes.outcome_of, sizes: list[int] | None = None
) -> list[Emitted]:
    """All events until the search ends or a whole round fails. The state passes through the codec each round; `sizes`
    collects its bytes."""
    events: list[Emitted] = []
    while not isinstance(next_round := strategy.ask(state), Finished):
        outcomes = [outcome_of(work) for work in next_round.work]
        if all(outcome["status"] == "error" for outcome in outcomes):
            break
        state, more = strategy.tell(state, outcomes)
        packed = serialization.dumps(state)
        state = serialization.loads(packed)
        events += more
        if sizes is not None:
            sizes.append(len(packed))
    return events


def all_events(task: Task, outcome_of: Outcomes = fakes.outcome_of) -> list[Emitted]:
    """All events of a search."""
    strategy = STRATEGIES[task.strategy.name]
    state, events = strategy.start(task)
    return events + run_rounds(strategy, state, outcome_of)


def of_kind(events: list[Emitted], kind: str) -> list[serialization.Json]:
    return [event.payload for event in events if event.kind == kind]


class TestTheLongestSearch:
    strategy = STRATEGIES["autoshrink"]

    def test_keeps_its_state_under_a_megabyte_and_its_events_under_16_kb_in_every_round_of_the_longest_search(
        self,
    ) -> None:
        """All its events together are larger, so a state that kept them would be found out."""
        rows = [*schema(cnn.Config), *schema(self.strategy.Config)]
        largest = {row["name"]: row["max"] for row in rows if row["name"] in LARGE}
        assert largest.keys() == LARGE
        state, events = self.strategy.start(fakes.task(patience=0, epochs=50, **largest))
        sizes = [len(serialization.dumps(state))]
        events += run_rounds(self.strategy, state, sizes=sizes)
        lengths = [len(serialization.dumps(event.payload)) for event in events]
        assert len(sizes) > 40 and sum(lengths) > 2 * 2**20
        assert sizes[0] < max(sizes) < 2**20
        assert max(lengths) < 16 * 1024

    @pytest.mark.parametrize("strategy", STRATEGIES)
    def test_keeps_events_under_16_kb_however_long_its_candidates_train(self, strategy: str) -> None:
        state, _ = STRATEGIES[strategy].start(fakes.task(strategy=strategy, nodes=3, epochs=200))
        next_round = STRATEGIES[strategy].ask(state)
        assert not isinstance(next_round, Finished)
        curve = [
            {"epoch": i, "train_loss": 1 / 3 / i, "val_loss": 2 / 3 / i, "val_accuracy": i / 271} for i in range(1, 201)
        ]
        _, events = STRATEGIES[strategy].tell(
            state, [{"status": "ok", "val_accuracy": 0.5, "curve": curve} for _ in next_round.work]
        )
        assert max(len(serialization.dumps(event.payload)) for event in events) < 15 * 1024
        shown = of_kind(events, "candidate_scored")[0]["curve"]
        assert (len(shown), shown[0], shown[-1]) == (MOST_POINTS, curve[0], curve[-1])

    def test_evaluates_no_more_than_the_published_number_of_candidates_the_dense_cell_and_the_finalists(self) -> None:
        task = fakes.task(nodes=8, candidates=10, patience=0)
        scored = of_kind(all_events(task), "candidate_scored")
        assert len(scored) <= self.strategy.preview(task).evaluations == 235 + 3


class TestAutoShrink:
    strategy = STRATEGIES["autoshrink"]

    def start(self, **config: object) -> State:
        return self.strategy.start(fakes.task(nodes=6, candidates=4, **config))[0]  # type: ignore[arg-type]

    def steer(self, state: State, kind: str, edge: str) -> tuple[State, list[Emitted]]:
        return self.strategy.steer(state, Command.from_dict({"id": 7, "kind": kind, "by": "colleague", "edge": edge}))

    def test_starts_dense_and_reports_broken_limits(self) -> None:
        _, events = self.strategy.start(fakes.task(nodes=6, budget=Budget(params=60_000)))
        started = events[0].payload
        assert len(started["graph"]["edges"]) == 15
        assert started["over"] == [{"limit": "params", "value": 82_106, "allowed": 60_000}]

    def test_shrinks_down_to_one_edge_and_never_to_none(self) -> None:
        decided = of_kind(all_events(fakes.task(nodes=6, candidates=4, patience=0)), "step_decided")
        assert [step["edges"] for step in decided][-1] == 1

    def test_reports_every_removed_edge_once(self) -> None:
        events = all_events(fakes.task(nodes=6, candidates=4, patience=0))
        removed = [payload["edge"] for payload in of_kind(events, "edge_removed")]
        assert len(removed) == len(set(removed)) == 14

    def test_trains_for_one_epoch_while_over_budget(self) -> None:
        state, _ = self.strategy.start(fakes.task(nodes=6, budget=TIGHT))
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        assert {work["recipe"]["epochs"] for work in next_round.work} == {1}

    def test_measures_the_first_graph_that_fits_itself(self) -> None:
        proposed = of_kind(all_events(fakes.task(nodes=6, candidates=4, budget=TIGHT)), "candidates_proposed")
        first_choice = next(p for p in proposed if p["phase"] == "choice")
        assert first_choice["candidates"][0]["edge"] is None

    def test_an_uncut_answer_belongs_to_the_step_that_reached_it(self) -> None:
        def best_uncut(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        finished = of_kind(all_events(fakes.task(nodes=6, patience=1, cost_weight=0.0), best_uncut), "search_finished")[
            0
        ]
        assert (finished["best"]["edge"], finished["best"]["step"]) == (None, 0)

    def test_never_trains_a_candidate_that_would_break_a_limit_in_choice(self) -> None:
        events = all_events(fakes.task(nodes=6, budget=Budget(macs=600_000)))
        candidates = [
            candidate
            for proposed in of_kind(events, "candidates_proposed")
            for candidate in (proposed["candidates"] if proposed["phase"] == "choice" else ())
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
        failed = {(p["step"], p["edge"]) for p in of_kind(events, "candidate_scored") if p["status"] == "error"}
        assert failed and not failed & {(p["step"], p["edge"]) for p in of_kind(events, "step_decided")}

    def test_a_locked_edge_stays_to_the_end(self) -> None:
        state, _ = self.steer(self.start(patience=0), "lock", "2-4")
        events = run_rounds(self.strategy, state)
        assert "2-4" not in [p["edge"] for p in of_kind(events, "edge_removed")]
        best = of_kind(events, "search_finished")[0]["best"]
        assert Graph.from_dict(best["graph"]).has(Edge(2, 4))

    def test_an_edge_that_a_person_removes_is_in_no_answer(self) -> None:
        state, events = self.steer(self.start(), "remove", "1-3")
        assert of_kind(events, "edge_removed")[0] == {
            "edge": "1-3", "source": 1, "target": 3, "step": 0, "cause": "person",
        }  # fmt: skip
        best = of_kind(run_rounds(self.strategy, state), "search_finished")[0]["best"]
        assert not Graph.from_dict(best["graph"]).has(Edge(1, 3))

    def test_candidates_with_an_edge_that_a_person_removed_meanwhile_are_no_answer(self) -> None:
        state = self.start()
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        lost = {edge for candidate in state["candidates"] for edge in candidate["edges"]}
        state, _ = self.steer(state, "remove", next(edge for edge in state["edges"] if edge not in lost))
        state, events = self.strategy.tell(state, [fakes.outcome_of(work) for work in next_round.work])
        assert len(of_kind(events, "candidate_scored")) == len(next_round.work)
        assert state["best"] is None

    def test_locking_the_winner_while_it_is_measured_makes_another_win(self) -> None:
        state = self.start()
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        outcomes = [fakes.outcome_of(work) for work in next_round.work]
        winner = of_kind(self.strategy.tell(state, outcomes)[1], "step_decided")[0]["edge"]
        state, _ = self.steer(state, "lock", winner)
        decided = of_kind(self.strategy.tell(state, outcomes)[1], "step_decided")
        assert decided and decided[0]["edge"] != winner

    def test_where_every_candidate_was_locked_meanwhile_others_are_drawn(self) -> None:
        state = self.start()
        next_round = self.strategy.ask(state)
        assert not isinstance(next_round, Finished)
        for candidate in state["candidates"]:
            if candidate["edge"]:
                state, _ = self.steer(state, "lock", candidate["edge"])
        after, events = self.strategy.tell(state, [fakes.outcome_of(work) for work in next_round.work])
        assert not of_kind(events, "step_decided") and after["edges"] == state["edges"]
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
    state, _ = strategy.start(fakes.task(nodes=2))
    why = strategy.validate_command(state, Command(id=1, kind="remove", by="owner", edge="0-1"))
    assert why == "without edge 0-1 nothing connects the input to the output"


def test_the_strategy_does_not_apply_a_pause() -> None:
    strategy = STRATEGIES["autoshrink"]
    state, _ = strategy.start(fakes.task(nodes=3))
    after, events = strategy.steer(state, Command(id=1, kind="pause", by="owner"))
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
    state, _ = strategy.start(fakes.task(nodes=6))
    _, events = strategy.steer(state, Command(id=1, kind="remove", by="owner", edge="0-1"))
    causes = [p["cause"] for p in of_kind(events, "edge_removed")]
    assert causes == ["person", *["collapse"] * 4]
    assert parse_edge(of_kind(events, "edge_removed")[1]["edge"]).source == 1


class TestAutoShrinkThatKeepsTheParent:
    def ended(self, outcome_of: Outcomes, **config: object) -> list[Emitted]:
        return all_events(fakes.task(nodes=5, candidates=4, cost_weight=0.0, keep_parent=True, **config), outcome_of)  # type: ignore[arg-type]

    def test_makes_no_cut_that_lowers_the_score(self) -> None:
        def best_at_seven(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": 1 - abs(len(work["graph"]["edges"]) - 7) / 10, "curve": []}

        events = self.ended(best_at_seven, patience=0)
        assert [step["edges"] for step in of_kind(events, "step_decided")][-1] == 7
        finished = of_kind(events, "search_finished")[0]
        assert finished["why"] == "no cut improves the score"
        assert len(finished["best"]["graph"]["edges"]) == 7
        scored = [(p["step"], p["edge"]) for p in of_kind(events, "candidate_scored")][:-3]  # the finalists come last
        assert len(scored) == len(set(scored))  # nothing is tested twice on one graph

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
        assert (finished["why"], finished["best"]["edge"]) == ("no better result in 2 steps", None)

    def test_evaluates_no_more_than_its_upper_bound(self) -> None:
        task = fakes.task(nodes=5, candidates=3, patience=0, keep_parent=True)
        assert len(of_kind(all_events(task), "candidate_scored")) <= STRATEGIES["autoshrink"].preview(task).evaluations


class TestAutoShrinkOfRecurrentCells:
    def test_ends_with_one_answer_that_fits_and_scores_by_the_logarithm_of_perplexity(self) -> None:
        events = all_events(fakes.task(space="rnn", nodes=5, candidates=3, patience=0, budget=Budget(params=33_000)))
        finished = of_kind(events, "search_finished")[0]
        assert finished["best"]["cost"]["params"] <= 33_000
        scored = [p for p in of_kind(events, "candidate_scored") if p["score"] is not None]
        assert len(scored) > 5 and all(p["score"] < 0 < p["quality"] for p in scored)  # -ln of the perplexity

    def test_its_cost_counts_relative_to_the_dense_cell(self) -> None:
        state, _ = STRATEGIES["autoshrink"].start(fakes.task(space="rnn", nodes=5, candidates=3))
        next_round = STRATEGIES["autoshrink"].ask(state)
        assert not isinstance(next_round, Finished)
        outcomes = [{"status": "ok", "val_perplexity": 100.0, "curve": []} for _ in next_round.work]
        scored = of_kind(STRATEGIES["autoshrink"].tell(state, outcomes)[1], "candidate_scored")
        dense = 500 * 32 + 4 * 32**2 + 10 * 2 * 32**2  # decoder, first node, two gates per edge
        for candidate, event in zip(state["candidates"], scored, strict=True):
            share = 1 - len(candidate["edges"]) * 2 * 32**2 / dense
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
            STRATEGIES["autoshrink"].start(fakes.task(space="rnn", seed=seed))[1][0].payload["graph"]
            for seed in (1, 1, 2)
        ]
        assert graphs[0] == graphs[1] != graphs[2]
