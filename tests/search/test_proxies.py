"""Proxies: the traps of their definitions, and what they must not depend on."""

import math
from typing import NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from search.evaluation.proxies import PROXIES
from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.lowering.image_builder import ImageBuilder
from search.network.macro import AnyImageMacro, ChainMacro
from search.runtime.data.images import LabelledImages
from search.runtime.networks.first_weights import SeedNames
from search.runtime.networks.image import (
    INITIALISERS,
    MODULE_FACTORIES,
    ConvNorm,
    Dense,
    Network,
    NormSettings,
    initialise,
)
from search.runtime.proxies import COMPUTED, modules, scores
from search.runtime.proxies.modules import FACTORIES
from search.runtime.proxies.probe import Passed, Probe
from search.runtime.proxies.zico import layer_sum
from search.runtime.rng import seeded_generator
from search.spaces import chain, nasbench201
from search.strategies.factors import Factors
from tests.search import fakes
from tests.search.test_contract import SMALL_SPACE

FULL = "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|"

POOLS = "|avg_pool_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|avg_pool_3x3~0|skip_connect~1|nor_conv_3x3~2|"


class Net(NamedTuple):
    graph: Graph
    macro: AnyImageMacro


@pytest.fixture
def net() -> Net:
    factors = Factors.of(fakes.task(strategy="random", space="nasbench201", **SMALL_SPACE["nasbench201"]))
    assert factors.macro.kind == "nasbench201"
    return Net(nasbench201.decode(FULL), factors.macro)


def batches(count: int = 2, size: int = 8, seed: int = 0, shape: tuple[int, ...] = (1, 8, 8)) -> list[LabelledImages]:
    rng = seeded_generator("test", seed)
    return [
        LabelledImages(torch.rand(size, *shape, generator=rng), torch.randint(10, (size,), generator=rng))
        for _ in range(count)
    ]


def probe(net: Net, given: list[LabelledImages] | None = None, replicate: int = 0) -> Probe:
    return Probe(net.graph, net.macro, batches() if given is None else given, replicate, record_active=True)


def test_every_proxy_is_defined_once_and_either_in_closed_form_or_computed_by_a_worker() -> None:
    assert {name for name, proxy in PROXIES.items() if proxy.closed is None} == COMPUTED.keys()
    assert all(proxy.title and proxy.about and proxy.source for proxy in PROXIES.values())


@pytest.mark.parametrize("name", COMPUTED)
def test_a_score_is_a_number_that_repeats_and_depends_on_the_weights(net: Net, name: str) -> None:
    score = scores(probe(net), [name])[name]
    assert score is not None and score == scores(probe(net), [name])[name]
    if name != "synflow":
        assert score != scores(probe(net, replicate=1), [name])[name]


def test_scores_do_not_depend_on_which_others_are_asked_for(net: Net) -> None:
    together = scores(probe(net), list(COMPUTED))
    for name in COMPUTED:
        alone = scores(probe(net), [name])[name]
        assert alone is not None and together[name] == pytest.approx(alone, rel=1e-5), name


def test_isomorphic_graphs_score_alike(net: Net) -> None:
    same = net._replace(graph=net.graph.canonical)
    assert zico(probe(same)) == pytest.approx(zico(probe(net)), rel=1e-5)  # sums in another order


def trained(net: Net, given: list[LabelledImages]) -> tuple[Network, list[list[Tensor]]]:
    """The network as a training runs it, with the weights of `probe`, and its gradients: those of each batch."""
    network = Network(lower(net.graph, net.macro), ordered=False).train()
    initialise(network, SeedNames(net.graph), 0, INITIALISERS["torch"])
    weights = [layer.weight for layer in network.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    losses = (F.cross_entropy(network(batch.images), batch.labels) for batch in given)
    return network, [list(torch.autograd.grad(loss, weights, materialize_grads=True)) for loss in losses]


def test_a_probe_passes_what_the_network_passes_in_a_training(net: Net) -> None:
    """Bit for bit: behind ReLUs, rounding alone changes the gradients by percents."""
    given = batches(size=5, shape=(1, 9, 8))
    for text in (
        FULL,
        "|avg_pool_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|avg_pool_3x3~0|skip_connect~1|nor_conv_3x3~2|",
    ):
        cell = net._replace(graph=nasbench201.decode(text))
        probed, (network, gradients) = probe(cell, given), trained(cell, given)
        assert torch.equal(probed.network(given[0].images), network(given[0].images))
        for ours, theirs in zip(probed.passes, gradients, strict=True):
            assert all(torch.equal(a, b) for a, b in zip(ours.gradients, theirs, strict=True))


class TestDepthwise:
    """The gradient of the weights of wide depthwise kernels, which a probe computes its own way."""

    @pytest.mark.parametrize("kernel", [5, 7])
    @pytest.mark.parametrize("stride", [1, 2])
    @pytest.mark.parametrize("side", [1, 2, 7, 12])
    def test_is_that_of_torch(self, kernel: int, stride: int, side: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(modules, "CHUNK", 6_000)  # the third part of the images is smaller than the others
        program = ImageBuilder()
        x = program.input((24, side, side + 1))
        program.depthwise("depthwise", "node", x, kernel, None, stride)
        step, rng = program.out[-1], seeded_generator("depthwise")
        images = torch.randn(5, *program.shapes[x], generator=rng)
        found = []
        for factories in (MODULE_FACTORIES, FACTORIES):
            module = factories["depthwise"](step, [program.shapes[x]], NormSettings(0.1, 1e-5)).train()
            assert isinstance(module, ConvNorm)
            torch.nn.init.uniform_(module.weight, -1.0, 1.0, generator=seeded_generator("weight"))
            given = images.contiguous(memory_format=torch.channels_last).requires_grad_()
            output = module(given)
            loss = (output * output.detach().flip(0).square()).sum()
            found.append((output, *torch.autograd.grad(loss, [given, module.weight])))
        (output, of_x, of_weight), (own_output, own_of_x, own_of_weight) = found
        assert torch.equal(output, own_output) and torch.equal(of_x, own_of_x)
        torch.testing.assert_close(own_of_weight, of_weight, rtol=1e-4, atol=1e-5 * float(of_weight.abs().max()))

    @pytest.mark.parametrize("change", [1.0, 1e-3])
    def test_scores_a_chain_as_torch_does(self, change: float) -> None:
        """Even where two batches are nearly equal, and the score hangs on the last bits of their gradients."""
        graph = chain.start(chain.Config(start="small"), 0)
        kernels = {"k3": "k5", "k5": "k7"}
        nodes = [node._replace(op=kernels.get(node.op[:2], node.op[:2]) + node.op[2:]) for node in graph.nodes]
        net = Net(Graph(tuple(nodes), graph.edges), ChainMacro(input=(3, 16, 16), classes=10, head_filters=16))
        first, other = batches(shape=(3, 16, 16))
        second = LabelledImages(torch.lerp(first.images, other.images, change), first.labels)
        probed, (_, gradients) = probe(net, [first, second]), trained(net, [first, second])
        assert sum(isinstance(layer, modules.Depthwise) for layer in probed.layers) > 2
        for absolute, name in ((False, "zico"), (True, "zico_abs")):
            sums = [float(layer_sum(pair, absolute)) for pair in zip(*gradients, strict=True)]
            expected = sum(math.log(each) for each in sums if each)
            assert scores(probed, [name])[name] == pytest.approx(expected, rel=1e-5)


class TestZico:
    def test_is_the_sum_over_layers_of_the_log_of_mean_over_deviation(self, net: Net) -> None:
        """As the released code computes it, with NumPy's population deviation."""
        for name, absolute in (("zico", False), ("zico_abs", True)):
            probed, expected = probe(net, batches(3)), 0.0
            for gradients in zip(*(each.gradients for each in probed.passes), strict=True):
                stacked = torch.stack(gradients).flatten(1).double().numpy()
                deviation = (abs(stacked) if absolute else stacked).std(0)
                varies = deviation > 1e-12
                total = (abs(stacked).mean(0)[varies] / deviation[varies]).sum()
                expected += math.log(total) if total else 0.0
            assert scores(probed, [name])[name] == pytest.approx(expected, rel=1e-4)

    def test_has_the_same_value_in_closed_form_for_two_batches(self) -> None:
        rng = seeded_generator("two")
        pair = torch.randn(50, generator=rng), torch.randn(50, generator=rng)
        thrice = (*pair, pair[0])
        for absolute in (False, True):
            stacked = torch.stack(pair)
            deviation = (stacked.abs() if absolute else stacked).std(0, correction=0)
            expected = (stacked.abs().mean(0) / deviation).sum()
            assert float(layer_sum(pair, absolute)) == pytest.approx(float(expected), rel=1e-5)
        assert float(layer_sum(thrice)) != float(layer_sum(pair))

    def test_counts_each_weight_as_1_where_two_gradients_disagree_in_sign(self) -> None:
        first, second = torch.tensor([1.0, -2.0, 0.5]), torch.tensor([-3.0, 1.0, -0.1])
        assert float(layer_sum((first, second))) == 3.0

    def test_does_not_depend_on_the_order_of_the_batches(self, net: Net) -> None:
        given = batches()
        assert zico(probe(net, given[::-1])) == pytest.approx(zico(probe(net, given)), rel=1e-6)

    def test_does_not_depend_on_the_scale_of_the_loss(self, net: Net) -> None:
        probed, scaled = probe(net), probe(net)
        scaled.__dict__["passes"] = [Passed([1024.0 * g for g in each.gradients], None) for each in probed.passes]
        assert zico(scaled) == zico(probed)

    def test_is_0_for_two_equal_batches(self, net: Net) -> None:
        """The first public release left the first gradient in the second (spec section 1.2)."""
        (batch,) = batches(1)
        assert zico(probe(net, [batch, batch])) == 0.0

    def test_leaves_out_layers_without_gradient_and_weights_whose_gradient_does_not_vary(self, net: Net) -> None:
        dead: tuple[Tensor, ...] = (torch.zeros(4), torch.zeros(4))
        assert float(layer_sum(dead)) == 0.0
        first, second = torch.tensor([2.0, 1.0]), torch.tensor([2.0, 3.0])
        assert float(layer_sum((first, second))) == 2.0
        probed = probe(net)
        before, each = zico(probed), probed.passes
        with_dead = [Passed([*one.gradients, torch.zeros(7)], None) for one in each]
        probed.__dict__["passes"] = with_dead
        assert zico(probed) == before


def test_naswot_tells_no_equal_images_apart(net: Net) -> None:
    (batch,) = batches(1)
    twice = LabelledImages(torch.cat([batch.images[:4]] * 2), torch.cat([batch.labels[:4]] * 2))
    assert scores(probe(net, [twice]), ["naswot"])["naswot"] is None
    assert scores(probe(net), ["naswot"])["naswot"] is not None


def test_synflow_depends_on_no_data_and_grows_with_the_weights(net: Net) -> None:
    one, other = (scores(probe(net, batches(seed=seed)), ["synflow"])["synflow"] for seed in (0, 1))
    assert one == other
    wider = net._replace(macro=type(net.macro)(**{**vars(net.macro), "channels": 8}))
    larger = scores(probe(wider), ["synflow"])["synflow"]
    assert one is not None and larger is not None and larger > one


def test_a_probe_leaves_the_weights_as_they_were(net: Net) -> None:
    probed = probe(net)
    before = {name: tensor.clone() for name, tensor in probed.network.state_dict().items() if "running" not in name}
    scores(probed, ["zen", "synflow", "ntk"])
    after = probed.network.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert all(module.weight.dtype == torch.float32 for module in probed.network.modules() if isinstance(module, Dense))


def test_a_chain_is_scored_without_its_shortcuts() -> None:
    graph = chain.start(chain.Config(start="small"), 0)
    macro = ChainMacro(input=(1, 8, 8), classes=10, head_filters=16)
    bare = ChainMacro(input=(1, 8, 8), classes=10, head_filters=16, shortcuts=False)
    assert cost_of(graph, bare).params < cost_of(graph, macro).params
    assert zico(probe(Net(graph, bare))) != zico(probe(Net(graph, macro)))


def zico(probed: Probe) -> float:
    score = scores(probed, ["zico"])["zico"]
    assert score is not None
    return score
