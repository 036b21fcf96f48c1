"""The recurrent network: outputs, gradients, costs and initial weights."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from search.evaluation.recipes.text import PROXY
from search.network.cost import cost_of
from search.network.graph import Edge, Graph, complete
from search.network.macro import TextMacro
from search.runtime.networks.text import Masks, Recurrent, build
from search.runtime.training.cross_entropy import cross_entropy
from search.spaces import rnn
from search.spaces.presets import PRESETS

SHRINKRNN = PRESETS["shrinkrnn"]
ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "identity": lambda x: x,
}
GRAPHS = {
    "published": SHRINKRNN.graph,
    "dense": complete(["relu", "tanh", "relu", "sigmoid"]),
    "chain": complete(["identity", "relu"]).without(Edge(0, 2)),
    "empty": complete([]),
}


def reference_run(network: Recurrent, words: Tensor, state: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Runs the program instruction by instruction and word by word: the logits, and the last state."""
    logits = []
    for word in words:
        values: list[Tensor] = []
        for step in network.program.instructions:
            read = [values[i] for i in step.inputs]
            match step.op:
                case "token":
                    values.append(word)
                case "state":
                    values.append(state)
                case "embedding":
                    values.append(network.table[read[0]])
                case "concat":
                    values.append(torch.cat([read[0], read[1] * mask], 1))
                case "linear":
                    source = read[0] if step.name == "cell.node0" else read[0] * mask
                    values.append(F.linear(source, network.get_parameter(f"{step.name}.weight")))
                case "blend":
                    gate, value = torch.chunk(read[0], 2, 1)
                    assert step.activation in ACTIVATIONS
                    values.append(read[1] + torch.sigmoid(gate) * (ACTIVATIONS[step.activation](value) - read[1]))
                case "mean":
                    values.append(torch.stack(read).mean(0))
                case _:
                    after = read[0]
                    values.append(F.linear(after, network.table, network.bias))
        state = after
        logits.append(values[-1])
    return torch.stack(logits), state


def double_precision(graph: Graph) -> Recurrent:
    network = build(graph, TextMacro(vocabulary=11, hidden=5), PROXY, 0).double()
    with torch.no_grad():
        for number, weight in enumerate(network.parameters()):
            weight.uniform_(-1, 1, generator=torch.Generator().manual_seed(number))
    return network


@pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS)
def test_a_window_and_its_gradients_equal_those_of_the_program_step_by_step(graph: Graph) -> None:
    network, rng = double_precision(graph), torch.Generator().manual_seed(0)
    words = torch.randint(0, 11, (4, 3), generator=rng)
    targets = torch.randint(0, 11, (12,), generator=rng)
    mask = (torch.rand(3, 5, generator=rng, dtype=torch.double) > 0.3) * 1.5
    state = torch.randn(3, 5, generator=rng, dtype=torch.double, requires_grad=True)
    trainable = [*network.parameters(), state]

    logits, after = reference_run(network, words, state, mask)
    expected = F.cross_entropy(logits.flatten(0, 1), targets) + after.pow(2).sum()
    outputs = network.read(words, state, Masks(state=mask))
    actual = cross_entropy(outputs.flatten(0, 1), network.table, network.bias, targets) + outputs[-1].pow(2).sum()
    torch.testing.assert_close(actual, expected)
    torch.testing.assert_close(torch.autograd.grad(actual, trainable), torch.autograd.grad(expected, trainable))


def test_without_gradients_it_computes_the_same() -> None:
    network, words = double_precision(SHRINKRNN.graph), torch.tensor([[1], [2], [3]])
    with torch.no_grad():
        logits, after = network(words, network.start(1))
    trained, _ = network(words, network.start(1))
    torch.testing.assert_close(logits, trained, rtol=0, atol=0)
    first, between = network(words[:2], network.start(1))
    last, end = network(words[2:], between)
    torch.testing.assert_close(torch.cat([first, last]), logits)
    torch.testing.assert_close(end, after)


def test_the_loss_equals_torchs_with_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.runtime.training.cross_entropy.CHUNK_LOGITS", 1)
    rng = torch.Generator().manual_seed(1)
    outputs, table = (torch.randn(n, 4, generator=rng, requires_grad=True) for n in (37, 9))
    bias, targets = torch.randn(9, generator=rng, requires_grad=True), torch.randint(0, 9, (37,), generator=rng)
    actual = cross_entropy(outputs, table, bias, targets)
    expected = F.cross_entropy(F.linear(outputs, table, bias), targets)
    torch.testing.assert_close(actual, expected)
    trainable = [outputs, table, bias]
    torch.testing.assert_close(torch.autograd.grad(2 * actual, trainable), torch.autograd.grad(2 * expected, trainable))
    with torch.no_grad():
        torch.testing.assert_close(cross_entropy(outputs, table, bias, targets), expected)


def test_a_large_loss_is_finite_and_exact() -> None:
    loss = cross_entropy(torch.tensor([[1000.0]]), torch.tensor([[1.0], [-1.0]]), torch.zeros(2), torch.tensor([1]))
    assert float(loss) == 2000.0


@pytest.mark.parametrize(
    ("graph", "vocabulary", "hidden", "count"),
    [
        (SHRINKRNN.graph, 7_002, 100, 987_202),
        (complete(["tanh"] * 5), 7_002, 100, 1_047_202),
        (SHRINKRNN.graph, 50, 7, 50 * 7 + 50 + 4 * 49 + 12 * 2 * 49),
    ],
)
def test_the_network_has_as_many_parameters_as_its_cost_says(
    graph: Graph, vocabulary: int, hidden: int, count: int
) -> None:
    macro = TextMacro(vocabulary=vocabulary, hidden=hidden)
    network = build(graph, macro, PROXY, 0)
    assert sum(weight.numel() for weight in network.parameters()) == cost_of(graph, macro).params == count


def test_the_published_network_has_its_published_size() -> None:
    cost = cost_of(SHRINKRNN.graph, SHRINKRNN.macro)
    assert cost.params == cost.params_no_bn == 23_000_700
    assert cost.macs == 15_540_700 + 7_450_000
    assert SHRINKRNN.kind == "text" and SHRINKRNN.perplexity == 56.5 and len(SHRINKRNN.graph.edges) == 12


def test_weights_have_their_documented_names_and_shapes() -> None:
    network = build(complete(["relu"]), TextMacro(vocabulary=9, hidden=4), PROXY, 0)
    assert {name: tuple(weight.shape) for name, weight in network.state_dict().items()} == {
        "embedding.weight": (9, 4),
        "cell.node0.weight": (8, 8),
        "cell.edge0_1.weight": (8, 4),
        "decoder.bias": (9,),
    }


def test_initial_weights_depend_on_replicate_and_name_alone() -> None:
    macro = TextMacro(vocabulary=9, hidden=4)
    whole, cut = (build(graph, macro, PROXY, 0) for graph in (rnn.dense(4, 0), rnn.dense(4, 0).without(Edge(0, 2))))
    for name, weight in cut.state_dict().items():
        assert torch.equal(weight, whole.state_dict()[name])
    other = build(rnn.dense(4, 0), macro, PROXY, 1)
    assert not torch.equal(other.table, whole.table)
    assert whole.table.abs().max() > 0.3 and not whole.bias.any()
    assert whole.get_parameter("cell.node0.weight").abs().max() <= 0.04
