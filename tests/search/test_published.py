"""The published protocol: its fixed settings, its loop, the work of its candidates and the commands that it allows."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from search.base import serialization
from search.base.config import BadConfig
from search.data.datasets import ImageData
from search.log.task import BadTask, Task
from search.network.budget import Budget
from search.network.graph import Edge, Graph, live
from search.spaces import cnn
from search.strategies import STRATEGIES
from search.strategies.autoshrink import scoring
from search.strategies.autoshrink.config import PROTOCOLS
from search.strategies.autoshrink.published import Published
from search.strategies.autoshrink.state import SearchState
from search.strategies.base import Finished, Outcome, Work
from search.strategies.call import first_state
from search.strategies.record import Record
from search.strategies.tasks import BadChoice, final_work, require_known
from tests.search import fakes
from tests.search.steering import Steered, cut_of, edges_gone, kinds, of_kind, results

PUBLISHED = PROTOCOLS["published"]
CIFAR = ImageData(shape=(3, 32, 32), classes=10, file="c" * 64, test_file="d" * 64)


def published(space: str = "cnn", **more: Any) -> Task:
    data = CIFAR if space == "cnn" else None
    return fakes.task(space=space, **{"data": data, "protocol": "published", **more})


def outcome_of(work: Work) -> Outcome:
    """Never fails, so that the loop alone decides how many candidates are trained."""
    drawn = int.from_bytes(hashlib.sha256(serialization.dumps(work["graph"])).digest()[:2])
    quality = (
        {"val_perplexity": 200 + drawn / 256} if work["macro"]["kind"] == "text" else {"val_accuracy": drawn / 2**16}
    )
    return {"status": "ok", **quality, "curve": []}


def searched(space: str, outcomes: Any = outcome_of, **more: Any) -> Steered:
    search = Steered(published(space, **more), outcomes)
    search.advance(200)
    return search


class TestSettings:
    @pytest.mark.parametrize(
        ("space", "fixed"),
        [
            ("cnn", {"nodes": 8, "candidates": 10, "keep_edges": 0, "patience": 0, "cost_weight": 0.1, "epochs": 20}),
            ("rnn", {"nodes": 6, "candidates": 10, "keep_edges": 4, "patience": 0, "hidden": 100, "epochs": 10}),
        ],
    )
    def test_the_settings_are_the_published_ones(self, space: str, fixed: dict[str, object]) -> None:
        task = published(space)
        objective = serialization.to_jsonable(task.objective)
        config = {**task.space.config, **task.strategy.config, **task.evaluator.config, **objective}
        assert config == config | fixed
        require_known(task)  # as a stored task is checked when it is read again

    def test_the_number_of_edges_to_stop_at_is_the_published_share(self) -> None:
        stop_at = {space: settings["strategy"]["keep_edges"] for space, settings in PUBLISHED.settings.items()}
        assert stop_at == {"cnn": round(0.01 * 28), "rnn": round(0.25 * 15)}

    @pytest.mark.parametrize(
        ("space", "data", "why"),
        [
            ("cnn", {"nodes": 6}, "space.nodes: the published protocol fixes it to 8, so leave it out"),
            ("rnn", {"keep_parent": True}, "strategy.keep_parent: the published protocol fixes it to no, so leave it "),
            ("rnn", {"hidden": 32}, "space.hidden: the published protocol fixes it to 100, so leave it out"),
        ],
    )
    def test_another_value_of_a_fixed_setting_is_refused(self, space: str, data: dict[str, object], why: str) -> None:
        with pytest.raises(BadConfig) as caught:
            published(space, **data)
        assert str(caught.value).startswith(why)

    def test_it_trains_every_candidate_from_scratch(self) -> None:
        with pytest.raises(BadChoice, match="the published protocol has no evaluator 'inherit'; it has train"):
            published(evaluator="inherit")

    def test_studio_does_not_end_at_an_empty_cell(self) -> None:
        with pytest.raises(BadConfig, match=r"strategy\.keep_edges: must be from 1 to 119, not 0"):
            fakes.task(keep_edges=0)

    def test_limits_are_refused(self) -> None:
        with pytest.raises(BadTask, match="the published protocol has no limits"):
            Steered(published(budget=Budget(macs=10_000_000)))

    def test_image_datasets_need_a_test_part(self) -> None:
        data = ImageData(shape=(3, 32, 32), classes=10, file="c" * 64)
        with pytest.raises(BadTask, match="validates on test images, and this dataset has none"):
            Steered(published(data=data))


class TestLoop:
    @pytest.mark.parametrize(("space", "most"), [("cnn", 235), ("rnn", 95)])
    def test_it_evaluates_no_more_than_was_published(self, space: str, most: int) -> None:
        search = searched(space)
        assert STRATEGIES["autoshrink"].preview(published(space)).evaluations == most
        assert 0 < len(search.trained) <= most

    @pytest.mark.parametrize(
        ("space", "edges", "exactly"), [("cnn", range(27, -1, -1), 235), ("rnn", range(14, 3, -1), 95)]
    )
    def test_without_collapses_it_evaluates_exactly_the_published_number(
        self, space: str, edges: range, exactly: int
    ) -> None:
        def more_nodes_are_better(work: Work) -> Outcome:
            # a second edge from the input is also better: a cell that loses its only one is empty and not trained
            inputs = sum(edge["source"] == 0 for edge in work["graph"]["edges"])
            size = len(work["graph"]["nodes"]) + min(inputs, 2)
            return outcome_of(work) | {"val_accuracy": size / 4, "val_perplexity": 500 - 50 * size}

        search = searched(space, more_nodes_are_better)
        assert [step["edges"] for step in of_kind(search.log, "step_decided")] == [*edges]
        assert len(search.trained) == exactly
        assert of_kind(search.log, "search_finished")[0]["candidates"] == exactly

    def test_a_convolutional_cell_is_cut_down_to_no_edges_but_an_empty_cell_is_no_answer(self) -> None:
        search = searched("cnn", lambda work: outcome_of(work) | {"val_accuracy": 1 - len(work["graph"]["edges"]) / 28})
        decided = of_kind(search.log, "step_decided")
        assert decided[-1]["edges"] == 0
        assert search.snapshot.why == "reached 0 edges, where the paper's code stops"
        assert len(search.best.graph["edges"]) == 1  # though the empty cell scored higher
        assert decided[-1]["score"] > search.best.score

    def test_a_recurrent_cell_is_cut_down_to_four_edges_or_fewer(self) -> None:
        decided = of_kind(searched("rnn").log, "step_decided")
        assert decided[-1]["edges"] <= 4 < decided[-2]["edges"]

    def test_the_best_cut_is_made_even_where_it_is_worse_than_before(self) -> None:
        search = searched(
            "rnn", lambda work: outcome_of(work) | {"val_perplexity": 900 - 30 * len(work["graph"]["edges"])}
        )
        scores = [step["score"] for step in of_kind(search.log, "step_decided")]
        assert scores == sorted(scores, reverse=True)
        assert search.best.step == 1

    def test_a_failed_or_diverged_candidate_never_wins(self) -> None:
        def failing(work: Work) -> Outcome:
            drawn = outcome_of(work)
            kind = int(drawn["val_perplexity"]) % 4
            return [{"status": "error", "code": "diverged"}, drawn | {"val_perplexity": float("nan")}, drawn, drawn][
                kind
            ]

        search = Steered(published("rnn", seed=3), failing)
        search.advance(3)
        lost = [row for row in search.trained if row.score is None]
        winners = {decided["candidate"] for decided in of_kind(search.log, "step_decided")}
        assert lost and winners and winners.isdisjoint({row.id for row in lost})
        assert {(row.status, row.code) for row in lost} == {("error", "diverged")}

    def test_of_equal_scores_the_cell_with_fewer_leaves_is_the_answer(self) -> None:
        best = searched("cnn").best
        run = Published(first_state(SearchState, published()))
        answer = replace(best, graph=cnn.dense(8).without(Edge(6, 7)).to_rows())  # two leaves
        assert run.is_better(best.score, cnn.dense(8), answer)
        assert not run.is_better(best.score, cnn.dense(8).without(Edge(6, 7)), answer)
        assert not run.is_better(best.score - 1e-9, cnn.dense(8), answer)

    def test_it_starts_dense_and_repeats_under_the_same_seed(self) -> None:
        one, two = (searched("rnn", seed=5) for _ in range(2))
        assert serialization.dumps(one.log) == serialization.dumps(two.log)
        started = one.log[0]["payload"]
        assert started["metric"] == "perplexity"
        assert len(started["graph"]["edges"]) == 15

    def test_scores_are_the_published_ones(self) -> None:
        for space in ("cnn", "rnn"):
            search = Steered(published(space), outcome_of)
            proposed = {candidate["id"]: candidate for candidate in search.proposed}
            measured = results(of_kind(search.advance(), "candidates_measured"))
            assert len(measured) == len(proposed) == 10
            for scored in measured:
                candidate = proposed[scored["id"]]
                edges = 28 if space == "cnn" else 15
                expected = (
                    scoring.published_image_score(scored["quality"], candidate["cost"]["macs"])
                    if space == "cnn"
                    else scoring.published_text_score(scored["quality"], edges - len(edges_gone(candidate)), 100)
                )
                assert scored["score"] == expected

    def test_a_recurrent_cell_without_an_edge_has_no_score_and_is_not_trained(self) -> None:
        search = Steered(published("rnn"), outcome_of)
        kept = [Edge(0, 1), *(Edge(1, target) for target in range(2, 6))]
        state = search.state | {"record": serialization.to_jsonable(Record.of(live(search.graph.nodes, kept)))}
        opened = search.strategy.branch(state, 1, fakes.ORIGIN)
        proposed = opened.events[-1].payload["shown"]
        infeasible = [(cut_of(c), c["why_not"]) for c in proposed if not c["feasible"]]
        assert [row.status for row in opened.rows].count("skipped") == 1
        assert [edge for edge, _ in infeasible] == ["0-1"] and "gives no score" in str(infeasible[0][1])


class TestWork:
    def test_a_candidate_is_trained_on_the_published_sample_by_the_published_recipe(self) -> None:
        next_round = STRATEGIES["autoshrink"].ask(STRATEGIES["autoshrink"].start(published()).state)
        assert not isinstance(next_round, Finished)
        work = next_round.work[0]
        assert (work["sample"], work["file"], work["test_file"]) == ("published", "c" * 64, "d" * 64)
        assert work["recipe"] == work["recipe"] | {"epochs": 20, "batch": 128, "learning_rate": 4e-3, "patience": 5}
        assert [stage["filters"] for stage in work["macro"]["stages"]] == [16, 32, 64]

    def test_the_work_for_a_built_in_dataset_names_no_files(self) -> None:
        next_round = STRATEGIES["autoshrink"].ask(STRATEGIES["autoshrink"].start(published(data=None)).state)
        assert not isinstance(next_round, Finished)
        assert next_round.work[0]["sample"] == "published" and not {"file", "test_file"} & set(next_round.work[0])

    def test_a_language_model_is_trained_by_the_published_recipe_with_its_loss_over_rows(self) -> None:
        next_round = STRATEGIES["autoshrink"].ask(STRATEGIES["autoshrink"].start(published("rnn")).state)
        assert not isinstance(next_round, Finished)
        work = next_round.work[0]
        assert work["macro"] == {"kind": "text", "vocabulary": 500, "hidden": 100}
        assert work["recipe"] == work["recipe"] | {"epochs": 10, "batch": 128, "bptt": 35, "loss_over": "rows"}
        assert "sample" not in work

    def test_the_answer_is_trained_on_all_images_and_validated_on_held_out_ones(self) -> None:
        work = final_work(published(), cnn.dense(8))
        assert work["kind"] == "final" and not {"sample", "test_file"} & set(work)


class TestCommands:
    @pytest.mark.parametrize(
        ("kind", "arguments", "why"),
        [
            ("set_budget", {"budget": {"params": 10**6}}, "the published protocol has no limits"),
            ("set_weight", {"weight": 0.5}, "the published protocol fixes the cost weight"),
            ("lock", {"edge": "0-2"}, "the published protocol allows no edits"),
            ("remove", {"node": 2}, "the published protocol allows no edits"),
        ],
    )
    def test_edits_are_refused(self, kind: str, arguments: dict[str, object], why: str) -> None:
        assert Steered(published()).send(kind, **arguments) == why

    def test_it_can_be_stopped_rolled_back_and_forked(self) -> None:
        search = Steered(published("rnn"), outcome_of)
        search.advance(3)
        assert kinds(search.roll_back(1))[:2] == ["command_applied", "branch_opened"]
        fork = search.fork(at=1)
        fork.advance(200)
        assert fork.has_ended and Graph.from_rows(fork.best.graph).edges
        search.send("stop")
        assert search.snapshot.status == "stopped" and search.snapshot.best is not None
