"""What every strategy keeps to, over the table of strategies; then what AutoShrink does."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from search.base import serialization
from search.base.config import BadConfig, parse, schema
from search.log.commands import BadCommand, Command
from search.log.events import KINDS, MOST_POINTS, Emitted
from search.log.task import BadTask
from search.network.budget import Budget, Infeasible
from search.network.graph import Edge, Graph, parse_edge
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, State, Strategy, Work
from tests.search import fakes
from tests.search.steering import Steered

Outcomes = Callable[[Work], Outcome]
TIGHT = Budget(params=30_000)
#: The settings that make a search long and its rounds large.
LARGE = {"nodes", "candidates"}


def rounds(
    strategy: Strategy, state: State, outcome_of: Outcomes = fakes.outcome_of, sizes: list[int] | None = None
) -> list[Emitted]:
    """All events to the end, or to a round that fails whole; the state goes through the codec each round. `sizes`
    takes the bytes of the state after each of them."""
    events: list[Emitted] = []
    while not isinstance(asked := strategy.ask(state), Finished):
        outcomes = [outcome_of(work) for work in asked.work]
        if all(outcome["status"] == "error" for outcome in outcomes):
            break
        state, more = strategy.tell(state, outcomes)
        packed = serialization.dumps(state)
        state = serialization.loads(packed)
        events += more
        if sizes is not None:
            sizes.append(len(packed))
    return events


def whole(task: object, outcome_of: Outcomes = fakes.outcome_of) -> list[Emitted]:
    """All events of a search."""
    strategy = STRATEGIES[task.strategy]  # type: ignore[attr-defined]
    state, events = strategy.start(task)  # type: ignore[arg-type]
    return events + rounds(strategy, state, outcome_of)


def of_kind(events: list[Emitted], kind: str) -> list[serialization.Json]:
    return [event.payload for event in events if event.kind == kind]


@pytest.fixture(params=STRATEGIES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestEveryStrategy:
    def test_ends_with_one_answer_that_fits(self, name: str) -> None:
        events = whole(fakes.task(strategy=name, nodes=6, candidates=4, budget=TIGHT))
        finished = of_kind(events, "search_finished")
        assert len(finished) == 1 and events[-1].kind == "search_finished"
        assert finished[0]["best"]["cost"]["params"] <= 30_000

    def test_repeats_under_the_same_seed(self, name: str) -> None:
        task = fakes.task(strategy=name, nodes=6, candidates=4)
        assert serialization.dumps(whole(task)) == serialization.dumps(whole(task))

    def test_draws_otherwise_under_another_seed(self, name: str) -> None:
        one, two = (whole(fakes.task(strategy=name, nodes=6, candidates=4, seed=seed)) for seed in (0, 1))
        assert serialization.dumps(one) != serialization.dumps(two)

    def test_asks_the_same_however_often(self, name: str) -> None:
        strategy = STRATEGIES[name]
        state, _ = strategy.start(fakes.task(strategy=name, nodes=6))
        assert strategy.ask(state) == strategy.ask(serialization.loads(serialization.dumps(state)))

    def test_emits_only_kinds_of_the_table_with_payloads_that_decode(self, name: str) -> None:
        for kind, payload in whole(fakes.task(strategy=name, nodes=6, candidates=4, budget=TIGHT)):
            serialization.decode(KINDS[kind], serialization.loads(serialization.dumps(payload)))

    def test_keeps_its_state_under_a_megabyte_and_its_events_under_16_kb_in_every_round_of_the_longest_search(
        self, name: str
    ) -> None:
        """What is said of all its candidates is several times as much: a state that kept it would be found out."""
        strategy = STRATEGIES[name]
        largest = {row["name"]: row["max"] for row in schema(strategy.CONFIGS["cnn"]) if row["name"] in LARGE}
        assert largest.keys() == LARGE
        state, events = strategy.start(fakes.task(strategy=name, patience=0, epochs=50, **largest))
        sizes = [len(serialization.dumps(state))]
        events += rounds(strategy, state, sizes=sizes)
        lengths = [len(serialization.dumps(event.payload)) for event in events]
        assert len(sizes) > 40 and sum(lengths) > 2 * 2**20
        assert sizes[0] < max(sizes) < 2**20
        assert max(lengths) < 16 * 1024

    def test_keeps_events_under_16_kb_however_long_its_candidates_train(self, name: str) -> None:
        strategy = STRATEGIES[name]
        state, _ = strategy.start(fakes.task(strategy=name, nodes=3, epochs=200))
        asked = strategy.ask(state)
        assert not isinstance(asked, Finished)
        curve = [
            {"epoch": i, "train_loss": 1 / 3 / i, "val_loss": 2 / 3 / i, "val_accuracy": i / 271} for i in range(1, 201)
        ]
        _, events = strategy.tell(state, [{"status": "ok", "val_accuracy": 0.5, "curve": curve} for _ in asked.work])
        assert max(len(serialization.dumps(event.payload)) for event in events) < 15 * 1024
        shown = of_kind(events, "candidate_scored")[0]["curve"]
        assert (len(shown), shown[0], shown[-1]) == (MOST_POINTS, curve[0], curve[-1])

    def test_evaluates_no_more_than_it_says(self, name: str) -> None:
        task = fakes.task(strategy=name, nodes=8, candidates=10, patience=0)
        scored = of_kind(whole(task), "candidate_scored")
        assert len(scored) <= STRATEGIES[name].evaluations(task) == 235

    def test_refuses_a_budget_that_nothing_fits(self, name: str) -> None:
        with pytest.raises(Infeasible, match=r"over the limit of 5,000, even for the smallest cell"):
            STRATEGIES[name].start(fakes.task(strategy=name, budget=Budget(params=5_000)))

    def test_stops_with_the_best_so_far_and_cancels_without(self, name: str) -> None:
        strategy = STRATEGIES[name]
        state, _ = strategy.start(fakes.task(strategy=name, nodes=6, candidates=4))
        asked = strategy.ask(state)
        assert not isinstance(asked, Finished)
        state, _ = strategy.tell(state, [fakes.outcome_of(work) for work in asked.work])
        for kind, status, has_best in (("stop", "stopped", True), ("cancel", "cancelled", False)):
            ended, events = strategy.steer(state, Command(id=1, kind=kind, by="owner"))  # type: ignore[arg-type]
            payload = of_kind(events, "search_finished")[0]
            assert (payload["status"], payload["best"] is not None) == (status, has_best)
            assert strategy.ask(ended) == Finished(status)  # type: ignore[arg-type]

    def test_goes_on_in_a_branch_whose_beginning_tells_all_that_the_log_told_before(self, name: str) -> None:
        search = Steered(fakes.task(strategy=name, nodes=6, candidates=4))
        search.rest(2)
        told = search.view
        search.back(search.state["step"])
        for part in ("step", "cost", "over", "budget", "weight", "nodes", "edges", "history"):
            assert search.view[part] == told[part]
        assert (search.view["branch"], search.state["round"]) == (1, 0)
        search.rest(200)
        assert search.over

    def test_takes_no_command_after_its_end(self, name: str) -> None:
        strategy = STRATEGIES[name]
        state, _ = strategy.start(fakes.task(strategy=name))
        state, _ = strategy.steer(state, Command(id=1, kind="stop", by="owner"))
        refusal = strategy.validate_command(state, Command(id=2, kind="lock", by="owner", edge="0-1"))
        assert refusal == "the search is over (stopped)"


class TestAutoShrink:
    strategy = STRATEGIES["autoshrink"]

    def begun(self, **config: object) -> State:
        return self.strategy.start(fakes.task(nodes=6, candidates=4, **config))[0]  # type: ignore[arg-type]

    def steered(self, state: State, kind: str, edge: str) -> tuple[State, list[Emitted]]:
        return self.strategy.steer(state, Command.from_dict({"id": 7, "kind": kind, "by": "colleague", "edge": edge}))

    def test_starts_dense_and_says_what_is_over(self) -> None:
        _, events = self.strategy.start(fakes.task(nodes=6, budget=Budget(params=60_000)))
        started = events[0].payload
        assert len(started["graph"]["edges"]) == 15
        assert started["over"] == [{"limit": "params", "value": 82_106, "allowed": 60_000}]

    def test_shrinks_down_to_one_edge_and_never_to_none(self) -> None:
        decided = of_kind(whole(fakes.task(nodes=6, candidates=4, patience=0)), "step_decided")
        assert [step["edges"] for step in decided][-1] == 1

    def test_says_every_edge_that_goes_once(self) -> None:
        events = whole(fakes.task(nodes=6, candidates=4, patience=0))
        removed = [payload["edge"] for payload in of_kind(events, "edge_removed")]
        assert len(removed) == len(set(removed)) == 14

    def test_trains_nothing_at_length_while_over_budget(self) -> None:
        state, _ = self.strategy.start(fakes.task(nodes=6, budget=TIGHT))
        asked = self.strategy.ask(state)
        assert not isinstance(asked, Finished)
        assert {work["recipe"]["epochs"] for work in asked.work} == {1}

    def test_measures_the_first_graph_that_fits_as_it_is(self) -> None:
        proposed = of_kind(whole(fakes.task(nodes=6, candidates=4, budget=TIGHT)), "candidates_proposed")
        first_choice = next(p for p in proposed if p["phase"] == "choice")
        assert first_choice["candidates"][0]["edge"] is None

    def test_an_answer_that_stands_as_it_was_reached_is_of_the_step_that_reached_it(self) -> None:
        def best_uncut(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        finished = of_kind(whole(fakes.task(nodes=6, patience=1, cost_weight=0.0), best_uncut), "search_finished")[0]
        assert (finished["best"]["edge"], finished["best"]["step"]) == (None, 0)

    def test_never_trains_a_candidate_that_would_break_a_limit_in_choice(self) -> None:
        weighed = [
            candidate
            for proposed in of_kind(whole(fakes.task(nodes=6, budget=Budget(macs=600_000))), "candidates_proposed")
            for candidate in (proposed["candidates"] if proposed["phase"] == "choice" else ())
        ]
        assert len(weighed) > 5
        for candidate in weighed:
            assert candidate["feasible"] == (candidate["cost"]["macs"] <= 600_000)

    def test_ends_when_nothing_grows_better(self) -> None:
        def declining(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        finished = of_kind(whole(fakes.task(nodes=6, patience=3), declining), "search_finished")[0]
        assert finished["why"] == "3 steps brought no better answer"

    def test_a_failed_candidate_never_wins(self) -> None:
        def mostly_failing(work: Work) -> Outcome:
            good = len(work["graph"]["edges"]) % 2 == 0
            return {"status": "ok", "val_accuracy": 0.5, "curve": []} if good else {"status": "error", "code": "x"}

        events = whole(fakes.task(nodes=5, patience=0), mostly_failing)
        failed = {(p["step"], p["edge"]) for p in of_kind(events, "candidate_scored") if p["status"] == "error"}
        assert failed and not failed & {(p["step"], p["edge"]) for p in of_kind(events, "step_decided")}

    def test_a_locked_edge_stays_to_the_end(self) -> None:
        state, _ = self.steered(self.begun(patience=0), "lock", "2-4")
        events = rounds(self.strategy, state)
        assert "2-4" not in [p["edge"] for p in of_kind(events, "edge_removed")]
        best = of_kind(events, "search_finished")[0]["best"]
        assert Graph.from_dict(best["graph"]).has(Edge(2, 4))

    def test_an_edge_that_a_person_removes_goes_and_is_in_no_answer(self) -> None:
        state, events = self.steered(self.begun(), "remove", "1-3")
        assert of_kind(events, "edge_removed")[0] == {
            "edge": "1-3", "source": 1, "target": 3, "step": 0, "cause": "person",
        }  # fmt: skip
        best = of_kind(rounds(self.strategy, state), "search_finished")[0]["best"]
        assert not Graph.from_dict(best["graph"]).has(Edge(1, 3))

    def test_outcomes_of_a_round_in_which_a_person_cut_are_kept_but_do_not_answer(self) -> None:
        state = self.begun()
        asked = self.strategy.ask(state)
        assert not isinstance(asked, Finished)
        lost = {edge for candidate in state["candidates"] for edge in candidate["edges"]}
        state, _ = self.steered(state, "remove", next(edge for edge in state["edges"] if edge not in lost))
        state, events = self.strategy.tell(state, [fakes.outcome_of(work) for work in asked.work])
        assert len(of_kind(events, "candidate_scored")) == len(asked.work)
        assert state["best"] is None

    def test_locking_the_winner_while_it_is_measured_makes_another_win(self) -> None:
        state = self.begun()
        asked = self.strategy.ask(state)
        assert not isinstance(asked, Finished)
        outcomes = [fakes.outcome_of(work) for work in asked.work]
        winner = of_kind(self.strategy.tell(state, outcomes)[1], "step_decided")[0]["edge"]
        state, _ = self.steered(state, "lock", winner)
        decided = of_kind(self.strategy.tell(state, outcomes)[1], "step_decided")
        assert decided and decided[0]["edge"] != winner

    def test_where_every_candidate_was_locked_meanwhile_nothing_changes_and_others_are_drawn(self) -> None:
        state = self.begun()
        asked = self.strategy.ask(state)
        assert not isinstance(asked, Finished)
        for candidate in state["candidates"]:
            if candidate["edge"]:
                state, _ = self.steered(state, "lock", candidate["edge"])
        after, events = self.strategy.tell(state, [fakes.outcome_of(work) for work in asked.work])
        assert not of_kind(events, "step_decided") and after["edges"] == state["edges"]
        assert len(of_kind(events, "candidates_proposed")) == 1

    @pytest.mark.parametrize(
        ("before", "kind", "edge", "why"),
        [
            ([], "remove", "4-1", "edge 4-1 is not in the graph (any more)"),
            ([("lock", "0-2")], "remove", "0-2", "edge 0-2 is locked; unlock it first"),
            ([("lock", "0-2")], "lock", "0-2", "edge 0-2 is locked already"),
            ([], "unlock", "0-2", "edge 0-2 is not locked"),
            ([("lock", "1-2")], "remove", "0-1", "edge 0-1 is all that feeds 1-2, which is locked"),
        ],
    )
    def test_refuses_in_words(self, before: list[tuple[str, str]], kind: str, edge: str, why: str) -> None:
        state = self.begun()
        for one, where in before:
            state, events = self.steered(state, one, where)
            assert not of_kind(events, "command_refused")
        after, events = self.steered(state, kind, edge)
        assert after == state
        assert of_kind(events, "command_refused")[0]["why"] == why


def test_the_last_operation_is_not_cut_from_the_input() -> None:
    strategy = STRATEGIES["autoshrink"]
    state, _ = strategy.start(fakes.task(nodes=2))
    refusal = strategy.validate_command(state, Command(id=1, kind="remove", by="owner", edge="0-1"))
    assert refusal == "without edge 0-1 the output is cut from the input"


def test_a_pause_is_not_the_strategys_to_make() -> None:
    strategy = STRATEGIES["autoshrink"]
    state, _ = strategy.start(fakes.task(nodes=3))
    after, events = strategy.steer(state, Command(id=1, kind="pause", by="owner"))
    assert after == state
    assert of_kind(events, "command_refused")[0]["why"].startswith("pause is for whoever runs the search")


def test_nothing_is_locked_that_is_no_edge() -> None:
    with pytest.raises(BadCommand, match="names no edge"):
        Command.from_dict({"id": 1, "kind": "lock", "by": "owner", "edge": "here"})


def test_a_graph_command_needs_an_edge_and_a_control_command_takes_none() -> None:
    with pytest.raises(BadCommand, match="lock needs an edge"):
        Command.from_dict({"id": 1, "kind": "lock", "by": "owner"})
    with pytest.raises(BadCommand, match="stop takes no edge"):
        Command.from_dict({"id": 1, "kind": "stop", "by": "owner", "edge": "0-1"})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"nodes": 1}, "nodes: must be from 2 to 16, not 1"),
        ({"nodes": 8.5}, "nodes: must be a whole number"),
        ({"cost_of": "joules"}, "cost_of: choose one of macs, params, peak_memory"),
        ({"depth": 3}, "depth: there is no such setting"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(data: dict[str, object], why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        parse(STRATEGIES["autoshrink"].CONFIGS["cnn"], data)


def test_the_cut_that_a_person_orders_collapses_what_it_fed() -> None:
    strategy = STRATEGIES["autoshrink"]
    state, _ = strategy.start(fakes.task(nodes=6))
    _, events = strategy.steer(state, Command(id=1, kind="remove", by="owner", edge="0-1"))
    causes = [p["cause"] for p in of_kind(events, "edge_removed")]
    assert causes == ["person", *["collapse"] * 4]
    assert parse_edge(of_kind(events, "edge_removed")[1]["edge"]).source == 1


class TestAutoShrinkThatKeepsTheParent:
    def ended(self, outcome_of: Outcomes, **config: object) -> list[Emitted]:
        return whole(fakes.task(nodes=5, candidates=4, cost_weight=0.0, keep_parent=True, **config), outcome_of)  # type: ignore[arg-type]

    def test_cuts_nothing_that_does_not_pay(self) -> None:
        def best_at_seven(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": 1 - abs(len(work["graph"]["edges"]) - 7) / 10, "curve": []}

        events = self.ended(best_at_seven, patience=0)
        assert [step["edges"] for step in of_kind(events, "step_decided")][-1] == 7
        finished = of_kind(events, "search_finished")[0]
        assert finished["why"] == "no removal pays"
        assert len(finished["best"]["graph"]["edges"]) == 7
        scored = [(p["step"], p["edge"]) for p in of_kind(events, "candidate_scored")]
        assert len(scored) == len(set(scored))  # nothing is tested twice on one graph

    def test_ends_when_no_removal_has_paid_for_so_many_steps(self) -> None:
        def declining(work: Work) -> Outcome:
            return {"status": "ok", "val_accuracy": len(work["graph"]["edges"]) / 20, "curve": []}

        events = self.ended(declining, patience=2)
        assert not of_kind(events, "step_decided")
        finished = of_kind(events, "search_finished")[0]
        assert (finished["why"], finished["best"]["edge"]) == ("2 steps brought no better answer", None)

    def test_evaluates_no_more_than_it_says(self) -> None:
        task = fakes.task(nodes=5, candidates=3, patience=0, keep_parent=True)
        assert len(of_kind(whole(task), "candidate_scored")) <= STRATEGIES["autoshrink"].evaluations(task)


class TestAutoShrinkOfRecurrentCells:
    def test_ends_with_one_answer_that_fits_and_ranks_by_what_counts(self) -> None:
        events = whole(fakes.task(space="rnn", nodes=5, candidates=3, patience=0, budget=Budget(params=33_000)))
        finished = of_kind(events, "search_finished")[0]
        assert finished["best"]["cost"]["params"] <= 33_000
        scored = [p for p in of_kind(events, "candidate_scored") if p["score"] is not None]
        assert len(scored) > 5 and all(p["score"] < 0 < p["quality"] for p in scored)  # -ln of the perplexity

    def test_its_cost_is_the_true_one_relative_to_the_dense_cell(self) -> None:
        state, _ = STRATEGIES["autoshrink"].start(fakes.task(space="rnn", nodes=5, candidates=3))
        asked = STRATEGIES["autoshrink"].ask(state)
        assert not isinstance(asked, Finished)
        outcomes = [{"status": "ok", "val_perplexity": 100.0, "curve": []} for _ in asked.work]
        scored = of_kind(STRATEGIES["autoshrink"].tell(state, outcomes)[1], "candidate_scored")
        dense = 500 * 32 + 4 * 32**2 + 10 * 2 * 32**2  # decoder, first node, two gates an edge
        for candidate, said in zip(state["candidates"], scored, strict=True):
            share = 1 - len(candidate["edges"]) * 2 * 32**2 / dense
            assert said["score"] == pytest.approx(-math.log(100) - 0.1 * math.log10(share))

    def test_it_is_not_for_images_nor_a_convolutional_one_for_text(self) -> None:
        image, text = fakes.task(), fakes.task(space="rnn")
        for task, words in (
            (replace(text, data=None, dataset="digits"), "recurrent cells are for text data"),
            (replace(image, data=text.data), "convolutional cells are for image data"),
        ):
            with pytest.raises(BadTask, match=f"{words}; choose another space"):
                STRATEGIES["autoshrink"].start(task)

    def test_its_activations_come_from_the_seed(self) -> None:
        graphs = [
            STRATEGIES["autoshrink"].start(fakes.task(space="rnn", seed=seed))[1][0].payload["graph"]
            for seed in (1, 1, 2)
        ]
        assert graphs[0] == graphs[1] != graphs[2]
