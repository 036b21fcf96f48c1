"""The published spaces: their strings, their sizes as published, and what mutations may do."""

import csv
import gzip
import random
from itertools import pairwise, product
from pathlib import Path

import pytest
import torch

from search.data.datasets import ImageData
from search.evaluation.recipes.image import ImageRecipe
from search.network.cost import cost_of
from search.network.edits import apply
from search.network.graph import BadGraph, Edge, Graph
from search.network.locks import Locks
from search.network.lowering import lower
from search.network.macro import ChainMacro
from search.network.program import Instruction, Program
from search.runtime.export import onnx
from search.runtime.load import Trained, describe
from search.runtime.networks.image import Norm, build
from search.spaces import SPACES, chain, nasbench201, nasbench_macro
from search.spaces.presets import PRESETS
from tests.shared import SHARED

#: Names of the published architectures among them.
PRESET_OF = {"450M": "zico-450m", "600M": "zico-600m", "1G": "zico-1g"}
CIFAR = ImageData(shape=(3, 32, 32), classes=10)

#: Of ZiCo's repository at 224 px, by its own accounting: FLOPs without, and parameters with squeeze-and-excitation.
FOUND = {
    "450M": (
        "SuperConvK3BNRELU(3,16,2,1)SuperResIDWE1K7(16,40,2,40,1)SuperResIDWE2K7(40,80,2,64,1)"
        "SuperResIDWE4K7(80,96,2,96,5)SuperResIDWE2K7(96,224,2,224,5)SuperConvK1BNRELU(224,2048,1,1)",
        434.5,
        7.52,
        14,
    ),
    "600M": (
        "SuperConvK3BNRELU(3,24,2,1)SuperResIDWE1K7(24,48,2,48,1)SuperResIDWE2K7(48,72,2,72,1)"
        "SuperResIDWE6K5(72,160,2,96,1)SuperResIDWE6K7(160,200,2,112,5)SuperResIDWE6K7(200,168,1,168,4)"
        "SuperConvK1BNRELU(168,2048,1,1)",
        577.5,
        18.97,
        14,
    ),
    "1G": (
        "SuperConvK3BNRELU(3,48,2,1)SuperResIDWE1K7(48,48,2,72,1)SuperResIDWE1K7(48,80,2,128,1)"
        "SuperResIDWE2K7(80,160,2,144,3)SuperResIDWE4K7(160,288,2,232,4)SuperResIDWE6K5(288,232,1,208,5)"
        "SuperConvK1BNRELU(232,2048,1,1)",
        893.3,
        27.74,
        16,
    ),
    "450M by parameters": (
        "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,8,2,8,1)SuperResIDWE1K3(8,8,2,8,1)SuperResIDWE1K5(8,64,2,8,1)"
        "SuperResIDWE6K5(64,1024,2,48,1)SuperConvK1BNRELU(1024,2048,1,1)",
        447.5,
        29.90,
        6,
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_the_structures_that_zico_found_have_their_published_sizes(name: str) -> None:
    text, megaflops, megaparams, layers = FOUND[name]
    graph = chain.decode(text)
    program = lower(graph, ChainMacro(input=(3, 224, 224), classes=1000, head_filters=2048))
    assert round(flops_of_the_repository(program) / 1e6, 1) == megaflops
    assert round(params_of_the_repository(program) / 1e6, 2) == megaparams
    assert chain.layers_of(graph) == layers
    assert chain.encode(graph) == text[: text.index("SuperConvK1")]


@pytest.mark.parametrize(("name", "macs"), [("450M", 438_372_224), ("600M", 590_942_544), ("1G", 986_552_080)])
def test_they_are_published_architectures_with_the_costs_of_this_program(name: str, macs: int) -> None:
    preset = PRESETS[PRESET_OF[name]]
    assert preset.graph == chain.decode(FOUND[name][0]) and preset.macro.kind == "chain"
    assert cost_of(preset.graph, preset.macro).macs == macs


def flops_of_the_repository(program: Program) -> int:
    """BN counts one per element, and the projection of a shortcut is divided by the stride once too often. Shortcuts
    that are projected in later layers, where the width changes, are not counted."""
    total = 0
    for step in counted(program):
        macs = step.macs // step.stride**2 if step.name.endswith("shortcut") else step.macs
        total += macs + (step.elements if step.norm else 0)
    return total


def params_of_the_repository(program: Program) -> int:
    """With squeeze-and-excitation to a quarter of its width after each depthwise convolution."""
    total = 0
    for step in counted(program):
        total += step.weights + step.norm
        if step.op == "depthwise":
            channels, squeezed = step.shape[0], max(1, round(step.shape[0] * 0.25))
            total += 2 * channels * squeezed + 2 * squeezed + 2 * channels
    return total


def counted(program: Program) -> list[Instruction]:
    return [
        step
        for step in program.instructions
        if not step.name.endswith("shortcut") or step.name.endswith("layer0.a.shortcut")
    ]


def test_every_chain_of_nasbench_macro_has_its_published_parameters() -> None:
    path = SHARED / "nasbench_macro.csv.gz"
    if not path.exists():
        pytest.skip("needs ../shared/data/nasbench_macro.csv.gz")
    macro = nasbench_macro.macro(nasbench_macro.Config(), CIFAR)
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3_276
    for row in rows:
        graph = nasbench_macro.decode(row["arch"])
        assert cost_of(graph, macro, order=False).params == int(row["params"]), row["arch"]


def test_every_cell_of_nasbench201_has_one_string_and_one_graph() -> None:
    start, graphs = nasbench201.start(nasbench201.Config(), 0), set[Graph]()
    for ops in product(nasbench201.CHOICES, repeat=6):
        graph = nasbench201.cell_of(dict(zip(nasbench201.SLOTS, ops, strict=True)))
        assert nasbench201.decode(nasbench201.encode(graph)) == graph
        assert nasbench201.check(graph, start, nasbench201.Config()) is None
        graphs.add(graph)
    assert len(graphs) == 15_625


#: As the benchmark's API states them for CIFAR-10.
CELLS = {
    "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|": (129_306, 15.65),
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|": (
        1_531_546,
        220.12,
    ),
}


@pytest.mark.parametrize("arch", CELLS)
def test_a_cell_of_nasbench201_has_its_published_cost(arch: str) -> None:
    params, megaflops = CELLS[arch]
    cost = cost_of(nasbench201.decode(arch), nasbench201.macro(nasbench201.Config(), CIFAR), order=False)
    assert cost.params == params
    assert cost.macs == pytest.approx(megaflops * 1e6, rel=1e-3)


@pytest.mark.parametrize("name", ["nasbench201", "nasbench_macro", "chain"])
def test_a_network_of_the_space_exports_to_onnx_with_equal_outputs(name: str, tmp_path: Path) -> None:
    space = SPACES[name]
    config = space.Config(start="small") if name == "chain" else space.Config()
    macro, start = space.macro(config, ImageData(shape=(3, 16, 16), classes=10)), space.start(config, 0)
    assert macro.kind != "text"
    for seed in range(3):
        graph = space.sample(start, Locks(), random.Random(seed))
        network = build(graph, macro, ImageRecipe(), 0)
        for module in network.modules():
            if isinstance(module, Norm):
                module.running_mean.normal_(generator=torch.Generator().manual_seed(1))
        assert sum(each.numel() for each in network.parameters()) == cost_of(graph, macro).params
        trained = Trained(network.eval(), describe(graph, macro, "cifar", 1e-5))
        assert onnx.write(trained, tmp_path / "model.onnx", torch.rand(4, 3, 16, 16))["rows"] == 68


class TestNasbench201:
    def test_computes_zero_where_no_operation_leads_to_the_output(self) -> None:
        nothing = nasbench201.decode("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")
        program = lower(nothing, nasbench201.macro(nasbench201.Config(), CIFAR))
        assert sum(step.op == "zero" for step in program.instructions) == 15

    def test_leaves_out_what_the_output_does_not_depend_on(self) -> None:
        dead_end = "|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
        without = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
        macro = nasbench201.macro(nasbench201.Config(), CIFAR)
        assert lower(nasbench201.decode(dead_end), macro) == lower(nasbench201.decode(without), macro)


class TestAChain:
    config = chain.Config()
    start = chain.start(config, 0)

    def test_changes_widths_depths_and_kernels_but_never_its_stride(self) -> None:
        rng, graph, seen = random.Random(0), self.start, set[str]()
        for _ in range(300):
            after = apply(graph, chain.mutate(graph, self.start, Locks(), rng))
            assert chain.check(after, self.start, chain.Config(max_layers=64)) in (None, *LAYERS)
            seen |= {node.op for node in after.nodes}
            graph = after if chain.layers_of(after) < 40 else self.start
        assert seen >= set(chain.OPS)

    def test_divides_a_block_of_six_layers_and_keeps_the_ids_of_the_others(self) -> None:
        long = chain.decode("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,7)SuperResIDWE6K3(32,48,2,32,1)")
        nodes = chain.split(list(long.nodes))
        after = Graph(tuple(nodes), tuple(Edge(a.id, b.id) for a, b in pairwise(nodes)))
        assert chain.encode(after) == (
            "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,3)SuperResIDWE6K3(32,32,1,8,4)"
            "SuperResIDWE6K3(32,48,2,32,1)"
        )
        assert [node.id for node in after.nodes] == [0, 1, 2, 4, 3]

    def test_has_at_most_so_many_layers(self) -> None:
        graph = chain.decode(FOUND["1G"][0])
        assert chain.check(graph, self.start, chain.Config(max_layers=16)) is None
        assert chain.check(graph, self.start, chain.Config()) == "the chain has 16 layers, and at most 14 are allowed"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("SuperConvK3BNRELU(3,8,2,1)", "at least one block"),
            ("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(16,32,2,8,1)", "must read 8 channels"),
            ("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE3K3(8,32,2,8,1)", "with an expansion of"),
            ("SuperConvK3BNRELU(3,8,2,1)SuperResK3(8,32,2,8,1)", "expected SuperResIDWE"),
            ("SuperResIDWE6K3(8,32,2,8,1)", "begins with SuperConvK3BNRELU"),
        ],
    )
    def test_says_what_is_wrong_with_a_string(self, text: str, why: str) -> None:
        with pytest.raises(BadGraph, match=why):
            chain.decode(text)

    def test_limits_the_sizes_of_its_blocks(self) -> None:
        macro = chain.macro(self.config, CIFAR)
        text = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,{})"
        with pytest.raises(BadGraph, match="the layers of node 2 must be a whole number from 1 to 64, not 1000000"):
            lower(chain.decode(text.format(1_000_000)), macro)


LAYERS = [f"the chain has {count} layers, and at most 64 are allowed" for count in range(65, 90)]
