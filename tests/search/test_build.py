"""Image networks: costs agree with torch, first weights, and values are freed when unused."""

import weakref
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from search.evaluation.recipes.image import ImageRecipe
from search.network.cost import cost_of, program_cost
from search.network.graph import INPUT, Edge, Graph, Node, live
from search.network.lowering import lower
from search.network.macro import ImageMacro, Stage
from search.network.program import IMAGE_OPS
from search.runtime.networks.image import MODULE_FACTORIES, ConvNorm, Network, NormSettings, build
from search.spaces import cnn
from tests.examples import examples

MACRO = cnn.search_macro((1, 8, 8), 10)
torch.set_num_threads(1)  # layers of a few pixels do not use a second thread


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(2, 8))
    ops = draw(st.lists(st.sampled_from(cnn.OPS), min_size=count - 1, max_size=count - 1))
    pairs = [Edge(i, j) for i in range(count) for j in range(i + 1, count)]
    kept = draw(st.integers(0, 2 ** len(pairs) - 1))
    nodes = (Node(0, INPUT, 0.0), *(Node(i, op, float(i)) for i, op in enumerate(ops, 1)))
    return live(nodes, [pair for bit, pair in enumerate(pairs) if kept >> bit & 1])


def macros() -> st.SearchStrategy[ImageMacro]:
    side, filters, stride = st.integers(3, 12), st.integers(1, 12), st.integers(1, 2)
    stage = st.builds(Stage, filters=filters, cells=st.integers(1, 2), stride=stride)
    return st.builds(
        ImageMacro,
        input=st.tuples(st.integers(1, 4), side, side),
        classes=st.integers(2, 12),
        stem_filters=filters,
        stem_stride=stride,
        stages=st.lists(stage, min_size=1, max_size=3).map(tuple),
        head_filters=st.none() | filters,
        activation=st.sampled_from(("relu", "swish")),
    )


def counted_macs(network: Network) -> int:
    """Multiply-adds of torch's modules on one image, from the shapes of their outputs."""
    macs: list[int] = []

    def count(module: Any, inputs: Any, output: Tensor) -> None:
        macs.append(output.numel() * module.weight[0].numel())

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    with torch.no_grad():
        network(torch.zeros(1, *network.program.input_shape))
    for hook in hooks:
        hook.remove()
    return sum(macs)


@settings(max_examples=examples(200), suppress_health_check=list(HealthCheck))
@given(graphs(), macros())
def test_costs_agree_with_torch_on_hundreds_of_random_graphs(graph: Graph, macro: ImageMacro) -> None:
    program = lower(graph, macro)
    network = Network(program).eval()
    cost = program_cost(program)
    assert cost.params == sum(p.numel() for p in network.parameters())
    assert cost.macs == counted_macs(network)


def test_every_instruction_has_a_factory() -> None:
    assert tuple(MODULE_FACTORIES) == IMAGE_OPS


def test_costs_agree_with_torch_for_the_published_network() -> None:
    from search.spaces.presets import PRESETS

    preset = PRESETS["shrinkcnn-a"]
    network = Network(lower(preset.graph, preset.macro)).eval()
    cost = cost_of(preset.graph, preset.macro)
    assert cost.params == sum(p.numel() for p in network.parameters()) == 3_636_301
    assert cost.macs == counted_macs(network) == 383_677_672


def test_parameters_are_named_as_their_instructions() -> None:
    names = dict(build(cnn.dense(3), MACRO, ImageRecipe(), 0).named_parameters())
    assert {
        "stem.weight",
        "stage1.cell0.node1.depthwise.weight",
        "stage2.cell0.shortcut.norm.bias",
        "dense.bias",
    } <= set(names)


def test_another_replicate_has_other_initial_weights() -> None:
    first, second = (
        build(cnn.dense(3), MACRO, ImageRecipe(), replicate).get_parameter("stem.weight") for replicate in (0, 1)
    )
    assert not torch.equal(first, second)


def test_initial_weights_are_glorot_normal() -> None:
    kernel = build(cnn.dense(6), MACRO, ImageRecipe(), 0).get_parameter("stage3.cell0.node5.conv.weight")
    rows, columns = kernel.shape[:2]
    assert kernel.std().item() == pytest.approx((2 / (rows + columns)) ** 0.5, rel=0.03)


def test_initial_weights_by_fan_out_are_truncated_at_two_deviations() -> None:
    network = build(cnn.dense(6), MACRO, ImageRecipe(first_weights="fan-out"), 0)
    kernel = network.get_parameter("stage3.cell0.node5.conv.weight")
    deviation = (2 / kernel.shape[0]) ** 0.5
    assert kernel.std().item() == pytest.approx(deviation, rel=0.03)
    assert 1.9 < kernel.abs().max().item() / deviation < 2 / 0.8796
    assert network.get_parameter("dense.weight").std().item() == pytest.approx(0.01, rel=0.05)
    depthwise = network.get_parameter("stage3.cell0.node1.depthwise.weight")
    assert depthwise.std().item() == pytest.approx((2 / 9) ** 0.5, rel=0.05)  # each filter feeds one channel


def test_building_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    build(cnn.dense(4), MACRO, ImageRecipe(), 0)
    assert torch.equal(before, torch.get_rng_state())


def test_values_that_are_no_longer_read_are_freed() -> None:
    network = build(cnn.dense(5), MACRO, ImageRecipe(), 0).eval()
    instructions = network.program.instructions
    last_read = {read: i for i, step in enumerate(instructions) for read in step.inputs}
    outputs: list[weakref.ref[Tensor]] = []

    def check(module: nn.Module, inputs: Any, output: Tensor) -> None:
        count = len(outputs)
        alive = {i for i, ref in enumerate(outputs) if ref() is not None}
        assert alive == {i for i in range(count) if last_read[i] >= count}
        outputs.append(weakref.ref(output))

    for step in instructions:
        network.get_submodule(step.name).register_forward_hook(check)
    with torch.no_grad():
        network(torch.rand(2, 1, 8, 8))
    assert len(outputs) == len(instructions)


@pytest.mark.parametrize(("kernel", "side"), [(1, 8), (3, 8), (3, 2), (3, 1)])
def test_the_fast_convolutions_in_training_compute_the_same(kernel: int, side: int) -> None:
    step = lower(cnn.dense(2), MACRO).instructions[1]._replace(kernel=kernel, shape=(6, side, side))
    layer = ConvNorm(step, 4, 1 if kernel == 1 else 2, NormSettings(0.1, 1e-5))
    torch.nn.init.normal_(layer.weight, generator=torch.Generator().manual_seed(0))
    images = torch.rand(3, 4, side, side, generator=torch.Generator().manual_seed(1), requires_grad=True)
    fast, reference = layer.train()._convolve(images), layer.eval()._convolve(images)
    torch.testing.assert_close(fast, reference)
    gradients = [torch.autograd.grad(out.square().sum(), (images, layer.weight)) for out in (fast, reference)]
    torch.testing.assert_close(*gradients)
