"""Optimizers, learning rates and averages, compared with computations by hand."""

import math
from dataclasses import replace

import pytest
import torch

from search.evaluation.recipes.image import IMAGENET, PROXY, ImageRecipe
from search.runtime.networks.image import build
from search.runtime.training.ema import EMA
from search.runtime.training.optim import OPTIMIZERS, RMSProp, learning_rate, optimizer_of
from search.spaces import cnn

MACRO = cnn.search_macro((1, 8, 8), 10)


def test_rmsprop_takes_the_same_steps_as_tensorflow() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0]))
    optimizer = RMSProp([weight], lr=0.1, weight_decay=0.5)
    square, move, expected = 1.0, 0.0, 1.0
    for gradient in (2.0, -1.0, 4.0, 0.25):
        weight.grad = torch.tensor([gradient])
        optimizer.step()
        g = gradient + 0.5 * expected
        square = 0.9 * square + 0.1 * g * g
        move = 0.9 * move + 0.1 * g / math.sqrt(square + 1.0)
        expected -= move
        assert weight.item() == pytest.approx(expected, rel=1e-6)


def test_the_first_step_of_rmsprop_in_numbers() -> None:
    """Square .9 + .1 x 4 = 1.3, move .1 x 2 / sqrt(2.3); with torch's own optimizer it is .1 x 2 / (sqrt(.4) + 1)."""
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.tensor([2.0])
    RMSProp([weight], lr=0.1).step()
    assert weight.item() == pytest.approx(-0.13187609467915743)


def test_rmsprop_resumes_from_its_state_bit_for_bit() -> None:
    def steps(weight: torch.nn.Parameter, optimizer: RMSProp, count: int) -> None:
        for _ in range(count):
            weight.grad = weight.detach().cos()
            optimizer.step()

    whole, part = (torch.nn.Parameter(torch.arange(5.0)) for _ in range(2))
    steps(whole, RMSProp([whole], lr=0.3), 6)
    first, second = (RMSProp([part], lr=0.3) for _ in range(2))
    steps(part, first, 2)
    second.load_state_dict(first.state_dict())
    steps(part, second, 4)
    assert torch.equal(whole, part)


def test_a_weight_without_a_gradient_does_not_change() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    RMSProp([weight], lr=0.1).step()
    assert weight.item() == 1


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_starts_at_the_recipes_rate_and_decays_kernels_alone(name: str) -> None:
    recipe = replace(PROXY, optimizer=name, learning_rate=0.01)  # type: ignore[arg-type]
    network = build(cnn.dense(3), MACRO, recipe, 0)
    optimizer = optimizer_of(network, recipe)
    names = {id(p): name for name, p in network.named_parameters()}
    decay = {names[id(p)]: group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert {group["lr"] for group in optimizer.param_groups} == {0.01}
    assert decay.keys() == set(names.values())
    assert decay["stem.weight"] == decay["stage1.cell0.node1.pointwise.weight"] == decay["dense.weight"] == 2e-5
    assert decay["stage2.cell0.shortcut.weight"] == 8e-5
    assert decay["stage1.cell0.node1.depthwise.weight"] == decay["stem.norm.weight"] == decay["dense.bias"] == 0
    assert decay["stage2.cell0.shortcut.norm.weight"] == 0


def test_a_constant_rate_never_changes() -> None:
    assert {learning_rate(PROXY, epoch, step, 3) for epoch in range(4) for step in range(3)} == {PROXY.learning_rate}


def test_the_cosine_starts_at_the_full_rate_and_ends_near_zero() -> None:
    recipe = ImageRecipe(schedule="cosine", epochs=10, learning_rate=1.0)
    assert learning_rate(recipe, 0, 0, 39) == 1
    assert learning_rate(recipe, 5, 0, 39) == pytest.approx(0.5)
    assert 0 < learning_rate(recipe, 9, 38, 39) < 1e-3


def test_a_warm_up_rises_linearly_to_the_full_rate_and_then_the_cosine_falls() -> None:
    recipe = ImageRecipe(schedule="cosine", warm_up=2, epochs=6, learning_rate=1.0)
    rates = [learning_rate(recipe, epoch, step, 2) for epoch in range(6) for step in range(2)]
    assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert rates[4:] == sorted(rates[4:], reverse=True) and rates[8] == pytest.approx(0.5)
    assert learning_rate(replace(recipe, schedule="constant"), 5, 0, 2) == 1


def test_the_published_rate_changes_once_an_epoch_and_counts_from_one() -> None:
    rates = [learning_rate(IMAGENET, epoch, 0, 5005) for epoch in range(300)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[9] == pytest.approx(0.1)
    assert rates[154] == pytest.approx(0.05)
    assert rates[299] == pytest.approx(0, abs=1e-12)
    assert all(learning_rate(IMAGENET, epoch, 5004, 5005) == rates[epoch] for epoch in (0, 9, 154))


def test_a_warm_up_longer_than_the_training_never_reaches_the_full_rate() -> None:
    assert learning_rate(replace(IMAGENET, epochs=3), 2, 0, 1) == pytest.approx(0.03)


def test_the_decay_of_an_average_rises_to_its_limit() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    expected, average = layer.weight.item(), EMA(layer, 0.3)
    for n, decay in ((1, 2 / 11), (2, 3 / 12), (3, 0.3), (4, 0.3)):
        with torch.no_grad():
            layer.weight += n
        average.update()
        expected = decay * expected + (1 - decay) * layer.weight.item()
    before = layer.weight.item()
    with average.swapped_in():
        assert layer.weight.item() == pytest.approx(expected, rel=1e-5)
    assert layer.weight.item() == before
