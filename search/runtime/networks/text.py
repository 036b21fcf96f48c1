"""Language models: a torch module that runs the program of one step over whole windows of text.

The embedding, the input's half of the first matrix and the decoder do not depend on the state, and are computed once
per window. Within a step, all outgoing edges of a node are one matrix product. Weights are named as their instructions,
in the layout of torch.nn.Linear (out, in). Of a matrix's 2n rows the first n compute the gate c, the others the value
g; the first n columns of `cell.node0` multiply the input, the others the state.
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
from search.runtime.networks.first_weights import SeedNames
from search.runtime.networks.image import set_submodule
from search.runtime.rng import seeded_generator


def build(graph: Graph, macro: TextMacro, recipe: TextRecipe, replicate: int) -> "Recurrent":
    """The network with first weights, drawn by the replicate and the names of `first_weights`."""
    network = Recurrent(lower(graph, macro))
    initialise(network, SeedNames(graph), recipe, replicate)
    return network


def initialise(network: "Recurrent", names: SeedNames, recipe: TextRecipe, replicate: int) -> None:
    """Draws all weights uniformly, each tensor from a generator of its own. The decoder's bias is zero."""
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name == "decoder.bias":
                weight.zero_()
                continue
            limit = recipe.embedding_range if name == "embedding.weight" else recipe.weight_range
            weight.uniform_(-limit, limit, generator=seeded_generator("weights", replicate, names.of(name)))


class Masks(NamedTuple):
    """Dropout masks of one window, equal at all its steps: 0, or 1 / (1 - rate). None: no dropout."""

    words: Tensor | None = None  # (V, 1), of whole words
    embedded: Tensor | None = None  # (B, n), of the embeddings
    input: Tensor | None = None  # (B, n), of the cell's input
    state: Tensor | None = None  # (B, n), of every state that is multiplied by a matrix
    output: Tensor | None = None  # (B, n), of the decoder's input


NO_MASKS = Masks()


class Recurrent(nn.Module):
    """Runs the program of a language model.

    The constructor leaves the weights uninitialised: call `initialise` or `load_state_dict`. `program` is in the order
    that needs the least memory, which exports use; `read` goes through a window node by node.
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
        """The embedding (V, n), whose weights the decoder shares."""
        return self.get_parameter("embedding.weight")

    @property
    def bias(self) -> Tensor:
        return self.get_parameter("decoder.bias")

    def forward(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens (T, B) and the state before them (B, n) -> logits (T, B, V) and the state after them."""
        outputs = self.read(tokens, state)
        return F.linear(outputs, self.table, self.bias), outputs[-1]

    def read(self, tokens: Tensor, state: Tensor, masks: Masks = NO_MASKS) -> Tensor:
        """The state after each token (T, B, n); the last one is the initial state of the next window."""
        x = F.embedding(tokens, self.table)  # (T, B, n)
        if masks.words is not None:
            x = x * masks.words[tokens]
        for mask in (masks.embedded, masks.input):
            if mask is not None:
                x = x * mask
        input_weight, state_weight = self.get_parameter(f"{self._plan.entry}.weight").chunk(2, 1)  # (2n, n) each
        fans = [self._fan(node.fan) for node in self._plan.nodes if node.fan]
        return recurrent_cell.run(self._plan, F.linear(x, input_weight), state, masks.state, [state_weight, *fans])

    def start(self, streams: int) -> Tensor:
        """The state before the first token (B, n)."""
        return self.table.new_zeros(streams, self.hidden)

    def _fan(self, fan: recurrent_cell.Fan) -> Tensor:
        """The weights of a fan's k edges as one matrix (2kn, n): all gates, then all values."""
        halves = [self.get_parameter(f"{edge}.weight").chunk(2) for edge in fan.edges]  # gate and value
        return torch.cat([half[part] for part in (0, 1) for half in halves])


class _Matrix(nn.Module):
    def __init__(self, rows: int, columns: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(rows, columns))


class _Bias(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.empty(count))
