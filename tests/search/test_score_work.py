"""Work items that score untrained networks, and networks that take images of another size than the data's."""

from dataclasses import replace
from typing import Any

import pytest

from search.base.serialization import Json
from search.data.datasets import ImageData
from search.evaluation.proxies.scoring import Batches, samples_of_score, score_work
from search.evaluation.recipes import proxy
from search.evaluation.training import training_work
from search.network import macro as macros
from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.macro import ChainMacro
from search.runtime.context import Context
from search.runtime.execute import execute
from search.runtime.score import known
from search.spaces import chain
from search.strategies.factors import Factors
from tests.search import fakes
from tests.search.families import relabelled
from tests.search.test_contract import SMALL_SPACE


def factors(space: str = "chain", **settings: Any) -> Factors:
    return Factors.of(fakes.task(strategy="random", space=space, evaluator="score", **SMALL_SPACE[space], **settings))


def item(graphs: list[Graph], of: Factors, side: int = 0, seed: int = 0) -> Json:
    source = replace(of.task.source, seed=seed)
    return score_work(graphs, of.macro, ["zico"], source, Batches(size=8, side=side))


def scores(work: Json) -> list[float]:
    return [result["scores"]["zico"] for result in execute(work, Context())["results"]]


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    known.clear()


def test_an_equal_network_is_scored_once_however_its_nodes_are_numbered() -> None:
    of = factors("cnn")
    first, *others = execute(item([of.start, of.start], of), Context())["results"]
    again = execute(item([relabelled(of.start, 3)], of), Context())["results"]
    assert [first] == others == again  # their seconds, too


def test_another_seed_draws_other_images_and_weights() -> None:
    of = factors()
    assert scores(item([of.start], of, seed=1)) != scores(item([of.start], of, seed=2))


def test_a_chain_is_scored_at_another_resolution_than_it_runs_at() -> None:
    of = factors(resolution=32)
    large, small = item([of.start], of), item([of.start], of, side=16)
    assert large["macro"]["input"] == [1, 32, 32] and small["macro"]["input"] == [1, 16, 16]
    assert scores(large) != scores(small)
    assert samples_of_score(large) == 16 and samples_of_score(small) == 4  # of the pixels that MACs count


@pytest.mark.parametrize("space", ["cnn", "nasbench201", "nasbench_macro", "chain"])
def test_images_of_twice_the_side_count_four_times(space: str) -> None:
    of = factors(space)  # the digits have 8 pixels a side
    assert samples_of_score(item([of.start], of, side=16)) == 4 * samples_of_score(item([of.start], of)) == 64


def test_the_cost_of_a_chain_counts_at_the_resolution_on_the_device() -> None:
    native, device = factors(), factors(resolution=32)  # the digits have 8 pixels a side
    assert cost_of(device.start, device.macro).macs > 10 * cost_of(native.start, native.macro).macs
    assert cost_of(device.start, device.macro).params == cost_of(native.start, native.macro).params


def test_a_chain_with_a_resolution_keeps_it_on_other_data() -> None:
    of = factors(resolution=32)
    assert isinstance(of.macro, ChainMacro)
    other = ImageData(shape=(3, 20, 20), classes=7)
    assert macros.adapt(of.macro, other) == replace(of.macro, input=(3, 32, 32), classes=7)


def test_a_network_is_trained_on_images_scaled_to_the_resolution_on_the_device() -> None:
    of = factors(resolution=16)
    assert isinstance(of.macro, ChainMacro) and of.macro.input == (1, 16, 16)
    recipe = replace(proxy("digits", "image"), epochs=1)
    outcome = execute(training_work(chain.start(of.space_config, 0), of.macro, recipe, of.task.source), Context())
    assert outcome["status"] == "ok" and outcome["val_accuracy"] > 0.1
