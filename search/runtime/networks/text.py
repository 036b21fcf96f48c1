"""The program of a language model as a torch module that reads whole windows of text.

A program is one step. Run over a window, what no step waits for is done once: the embedding, the input's half of the
first matrix, and the decoder. Within a step, all edges that leave a node are one matrix product. Weights are named as
their instructions, in the layout of torch.nn.Linear (out, in): of a matrix's 2n rows the first n make the gate c, the
others the value g; the columns of `cell.node0` take the input first, then the state.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from search.evaluation.recipes.text import TextRecipe
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import TextMacro
from search.network.memory_order import reorder
from search.network.program import Program
from search.runtime.networks import recurrent_cell
from search.runtime.networks.image import generator, set_submodule


def build(graph: Graph, macro: TextMacro, recipe: TextRecipe, replicate: int) -> "Recurrent":
    """The network with its first weights: a tensor's depend on replicate and its name alone, not on the graph."""
    network = Recurrent(lower(graph, macro))
    initialise(network, recipe, replicate)
    return network


def initialise(network: "Recurrent", recipe: TextRecipe, replicate: int) -> None:
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name == "decoder.bias":
                weight.zero_()
                continue
            most = recipe.embedding_range if name == "embedding.weight" else recipe.weight_range
            weight.uniform_(-most, most, generator=generator("weights", replicate, name))


class Masks(NamedTuple):
    """What is left out during one window; None: nothing is."""

    words: Tensor | None = None  # (V, 1): of each word 0, or what makes up for those that are 0
    embedded: Tensor | None = None  # (B, n), of the embeddings at every step alike
    input: Tensor | None = None  # (B, n), of what the cell reads
    state: Tensor | None = None  # (B, n), of every state that is multiplied by a matrix
    output: Tensor | None = None  # (B, n), of what the decoder reads


NOTHING = Masks()


class Recurrent(nn.Module):
    """Weights are not set yet: `initialise` draws them, `load_state_dict` brings them.

    `program` is in the order that needs least memory, for exports; a window is read node by node.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program = reorder(program)
        steps = program.instructions
        embedding = next(step for step in steps if step.op == "embedding")
        self.hidden = embedding.shape[0]
        set_submodule(self, "embedding", _Matrix(embedding.weights // self.hidden, self.hidden))
        for step in steps:
            if step.op == "linear":
                set_submodule(self, step.name, _Matrix(2 * self.hidden, step.weights // (2 * self.hidden)))
        set_submodule(self, "decoder", _Bias(program.classes))
        self._plan = recurrent_cell.plan(steps)

    @property
    def table(self) -> Tensor:
        """The embedding (V, n), which is the decoder too."""
        return self.get_parameter("embedding.weight")

    @property
    def bias(self) -> Tensor:
        return self.get_parameter("decoder.bias")

    def forward(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens (T, B) and the state before them (B, n) -> logits (T, B, V) and the state after them."""
        outputs = self.read(tokens, state)
        return F.linear(outputs, self.table, self.bias), outputs[-1]

    def read(self, tokens: Tensor, state: Tensor, masks: Masks = NOTHING) -> Tensor:
        """The state after each token (T, B, n), of which the last is where the next window begins."""
        x = F.embedding(tokens, self.table)  # (T, B, n)
        if masks.words is not None:
            x = x * masks.words[tokens]
        for mask in (masks.embedded, masks.input):
            if mask is not None:
                x = x * mask
        of_input, of_state = self.get_parameter(f"{self._plan.entry}.weight").chunk(2, 1)  # (2n, n) each
        fans = [self._fan(node.fan) for node in self._plan.nodes if node.fan]
        return recurrent_cell.run(self._plan, F.linear(x, of_input), state, masks.state, [of_state, *fans])

    def start(self, streams: int) -> Tensor:
        """The state before the first word (B, n)."""
        return self.table.new_zeros(streams, self.hidden)

    def _fan(self, fan: recurrent_cell.Fan) -> Tensor:
        halves = [self.get_parameter(f"{edge}.weight").chunk(2) for edge in fan.edges]  # gate and value
        return torch.cat([half[which] for which in (0, 1) for half in halves])


class _Matrix(nn.Module):
    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(rows, columns))


class _Bias(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.empty(count))
