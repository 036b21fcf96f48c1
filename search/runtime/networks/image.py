"""Image networks: a torch module that runs a program instruction by instruction.

The module takes images in [0, 1]. Its `input` instruction normalises them with statistics that are stored with the
weights, so a network takes the same input wherever it is loaded. Submodules are named as their instructions.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from search.evaluation.recipes.image import ImageRecipe
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import Activation, AnyImageMacro
from search.network.memory_order import reorder
from search.network.program import Instruction, InstructionOp, Program
from search.runtime.networks.first_weights import SeedNames
from search.runtime.rng import seeded_generator

TRUNCATED_STD = 0.87962566103423978  # of a standard normal distribution truncated at two standard deviations


def build(graph: Graph, macro: AnyImageMacro, recipe: ImageRecipe, replicate: int) -> "Network":
    """The network with first weights, drawn by the replicate and the names of `first_weights`."""
    network = Network(lower(graph, macro), recipe.norm_momentum, recipe.norm_epsilon)
    initialise(network, SeedNames(graph), replicate, INITIALISERS[recipe.first_weights])
    return network


class Network(nn.Module):
    """Runs a program in the order that needs the least memory, or, not `ordered`, in its own.

    The constructor leaves the weights uninitialised: call `initialise` or `load_state_dict`. `factories`: what
    makes the module of an instruction, in place of MODULE_FACTORIES.
    """

    def __init__(
        self,
        program: Program,
        norm_momentum: float = 0.1,
        norm_epsilon: float = 1e-5,
        *,
        ordered: bool = True,
        factories: "Mapping[InstructionOp, ModuleFactory] | None" = None,
    ) -> None:
        super().__init__()
        self.program = program = reorder(program) if ordered else program
        norm, factories = NormSettings(norm_momentum, norm_epsilon), factories or MODULE_FACTORIES
        steps = program.instructions
        last_read = {read: i for i, step in enumerate(steps) for read in step.inputs}
        self._steps: list[_Step] = []
        for i, step in enumerate(steps):
            module = factories[step.op](step, [steps[read].shape for read in step.inputs], norm)
            set_submodule(self, step.name, module)
            freed = tuple(read for read in dict.fromkeys(step.inputs) if last_read[read] == i)
            self._steps.append(_Step(module, step.inputs, freed))

    def forward(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [0, 1] -> logits (B, classes)."""
        values: list[Tensor | None] = []
        (first, *rest) = self._steps
        values.append(first.module(images))
        for module, inputs, freed in rest:
            values.append(module(*[values[i] for i in inputs]))
            for i in freed:
                values[i] = None
        output = values[-1]
        assert output is not None
        return output

    def set_normalisation(self, mean: Tensor, deviation: Tensor) -> None:
        """Sets the statistics (1, C, 1, 1) by which the network normalises its images."""
        first = self._steps[0].module
        assert isinstance(first, Normalise)
        first.mean.copy_(mean)
        first.deviation.copy_(deviation)


def set_submodule(root: nn.Module, name: str, module: nn.Module) -> None:
    """Adds a module under its dotted name and creates missing parents, which torch's own method does not."""
    *path, last = name.split(".")
    for part in path:
        if part not in root._modules:
            root.add_module(part, nn.Module())
        root = root.get_submodule(part)
    root.add_module(last, module)


class _Step(NamedTuple):
    module: nn.Module
    inputs: tuple[int, ...]
    freed: tuple[int, ...]  # values that no later step reads


class NormSettings(NamedTuple):
    momentum: float
    epsilon: float


class Normalise(nn.Module):
    """(images - mean) / deviation, per channel."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("deviation", torch.ones(1, channels, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.deviation


class Norm(nn.Module):
    """Batch normalisation over (B, H, W), without torch's counter of batches, which costs time and has no use here."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, settings: NormSettings) -> None:
        super().__init__()
        self.momentum, self.epsilon = settings
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, self.training, self.momentum, self.epsilon
        )


class ConvNorm(nn.Conv2d):
    """Convolution without bias, BN where the program has one, activation. SAME padding, symmetric as in torch."""

    def __init__(self, step: Instruction, channels: int, groups: int, settings: NormSettings) -> None:
        super().__init__(
            channels, step.shape[0], step.kernel, step.stride, padding=step.kernel // 2, groups=groups, bias=False
        )
        self.norm = Norm(step.shape[0], settings) if step.norm else None
        self.activation = step.activation

    def reset_parameters(self) -> None:
        """Does nothing: `initialise` draws the weights. Torch's own draw would advance its global generator."""

    def forward(self, x: Tensor) -> Tensor:
        x = self._convolve(x)
        x = x if self.norm is None else self.norm(x)
        return x if self.activation is None else ACTIVATIONS[self.activation](x)

    def _convolve(self, x: Tensor) -> Tensor:
        """The convolution; in training, by the equivalent operations with the fastest gradient on a CPU."""
        margin, padding = self.kernel_size[0] // 2, self.padding
        if self.training and not margin and self.stride == (1, 1):
            # one matrix product in channels-last memory: (B, C, H, W) -> (B, H, W, C) and back, without a copy
            return F.linear(x.permute(0, 2, 3, 1), self.weight.flatten(1)).permute(0, 3, 1, 2)
        if self.training and margin and x.shape[-1] <= margin + 1:
            # with oneDNN's own padding the gradient of such a small image takes up to ten times as long
            x, padding = F.pad(x, (margin, margin, margin, margin)), (0, 0)
        return F.conv2d(x, self.weight, None, self.stride, padding, self.dilation, self.groups)


class NormActivation(nn.Module):
    """BN on its own, and its activation."""

    def __init__(self, step: Instruction, settings: NormSettings) -> None:
        super().__init__()
        self.norm = Norm(step.shape[0], settings)
        self.activation = step.activation

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(x)
        return x if self.activation is None else ACTIVATIONS[self.activation](x)


class Activate(nn.Module):
    """An activation whose input is read elsewhere, too, and therefore stays."""

    def __init__(self, activation: Activation) -> None:
        super().__init__()
        self.activation = activation

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x) if self.activation == "relu" else ACTIVATIONS[self.activation](x)


class MaxPool(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, self.size, ceil_mode=True)  # odd sides round up, as with SAME padding


class AvgPool(nn.Module):
    def __init__(self, size: int, stride: int) -> None:
        super().__init__()
        self.size, self.stride = size, stride

    def forward(self, x: Tensor) -> Tensor:
        padding = self.size // 2 if self.stride == 1 else 0
        return F.avg_pool2d(x, self.size, self.stride, padding, ceil_mode=True, count_include_pad=False)


class Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


class Concat(nn.Module):
    def forward(self, *inputs: Tensor) -> Tensor:
        return torch.cat(inputs, 1)


class Add(nn.Module):
    def __init__(self, activation: Activation | None) -> None:
        super().__init__()
        self.activation = activation

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        for other in others:
            first = first + other
        return first if self.activation is None else ACTIVATIONS[self.activation](first)


class GlobalPool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))  # (B, C, H, W) -> (B, C)


class Dense(nn.Linear):
    dropout: Callable[[Tensor], Tensor] | None = None  # set by a training; applied to the input

    def reset_parameters(self) -> None:
        """Does nothing, as in ConvNorm."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(self.dropout(x) if self.dropout is not None and self.training else x)


ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,  # in place, since the gradient of BN does not need its output
    "swish": F.silu,
}

ModuleFactory = Callable[[Instruction, Sequence[tuple[int, int, int]], NormSettings], nn.Module]
MODULE_FACTORIES: dict[InstructionOp, ModuleFactory] = {
    "input": lambda step, reads, norm: Normalise(step.shape[0]),
    "conv": lambda step, reads, norm: ConvNorm(step, reads[0][0], 1, norm),
    "depthwise": lambda step, reads, norm: ConvNorm(step, reads[0][0], step.shape[0], norm),
    "norm": lambda step, reads, norm: NormActivation(step, norm),
    "activation": lambda step, reads, norm: Activate(step.activation or "identity"),
    "max_pool": lambda step, reads, norm: MaxPool(step.kernel),
    "avg_pool": lambda step, reads, norm: AvgPool(step.kernel, step.stride),
    "zero": lambda step, reads, norm: Zero(),
    "concat": lambda step, reads, norm: Concat(),
    "add": lambda step, reads, norm: Add(step.activation),
    "global_pool": lambda step, reads, norm: GlobalPool(),
    "dense": lambda step, reads, norm: Dense(reads[0][0], step.shape[0]),
}


def initialise(network: Network, names: SeedNames, replicate: int, initialiser: "Initialiser") -> None:
    """Draws each kernel from a generator of its own, and sets biases to zero. BN already starts at one and zero."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            with torch.no_grad():
                initialiser(module, seeded_generator("weights", replicate, names.of(f"{name}.weight")))
                if module.bias is not None:
                    module.bias.zero_()


Initialiser = Callable[[nn.Conv2d | nn.Linear, torch.Generator], object]


def _glorot(module: nn.Conv2d | nn.Linear, rng: torch.Generator) -> None:
    """Glorot-normal (spec section 3)."""
    weight = module.weight
    fans = (weight.shape[0] + weight.shape[1]) * weight[0, 0].numel()
    weight.normal_(0.0, math.sqrt(2.0 / fans), generator=rng)


def _fan_out(module: nn.Conv2d | nn.Linear, rng: torch.Generator) -> None:
    """Normal with variance 2 / fan-out, truncated at two deviations (spec section 5).

    Each filter of a depthwise convolution counts as feeding one channel. Linear layers: deviation 0.01.
    """
    if isinstance(module, nn.Linear):
        module.weight.normal_(0.0, 0.01, generator=rng)
        return
    fan_out = module.out_channels // module.groups * module.weight[0, 0].numel()
    deviation = math.sqrt(2.0 / fan_out) / TRUNCATED_STD
    nn.init.trunc_normal_(module.weight, 0.0, deviation, -2 * deviation, 2 * deviation, generator=rng)


def _torch(module: nn.Conv2d | nn.Linear, rng: torch.Generator) -> None:
    """As torch draws a layer by default: uniform up to 1 / sqrt(fan-in)."""
    bound = 1 / math.sqrt(module.weight[0].numel())
    module.weight.uniform_(-bound, bound, generator=rng)


def _normal(module: nn.Conv2d | nn.Linear, rng: torch.Generator) -> None:
    """Standard normal, as Zen-Score draws them."""
    module.weight.normal_(generator=rng)


INITIALISERS: dict[str, Initialiser] = {"glorot": _glorot, "fan-out": _fan_out, "torch": _torch, "normal": _normal}
