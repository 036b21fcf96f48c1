"""A program becomes a torch module that runs it instruction by instruction.

The module takes images scaled to [0, 1]: the `input` instruction normalises them, with statistics that travel in the
weights, so what is trained, exported and loaded elsewhere is fed alike. Modules are named as their instructions.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from search.evaluation.recipes.image import ImageRecipe
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import Activation, ImageMacro
from search.network.memory_order import reorder
from search.network.program import Instruction, InstructionOp, Program

CUT = 0.87962566103423978  # deviation of a standard normal that is cut at two deviations


def build(graph: Graph, macro: ImageMacro, recipe: ImageRecipe, replicate: int) -> "Network":
    """The network with its first weights: a tensor's depend on replicate and its name alone, not on the graph."""
    network = Network(lower(graph, macro), recipe.norm_momentum, recipe.norm_epsilon)
    initialise(network, replicate, FIRST_WEIGHTS[recipe.first_weights])
    return network


class Network(nn.Module):
    """Runs a program, in the order that needs least memory. Weights are not set yet: `initialise` draws them,
    `load_state_dict` brings them."""

    def __init__(self, program: Program, norm_momentum: float = 0.1, norm_epsilon: float = 1e-5) -> None:
        super().__init__()
        self.program = program = reorder(program)
        norm = NormSettings(norm_momentum, norm_epsilon)
        steps = program.instructions
        last_read = {read: i for i, step in enumerate(steps) for read in step.inputs}
        self._steps: list[_Step] = []
        for i, step in enumerate(steps):
            module = MAKERS[step.op](step, [steps[read].shape for read in step.inputs], norm)
            set_submodule(self, step.name, module)
            done = tuple(read for read in dict.fromkeys(step.inputs) if last_read[read] == i)
            self._steps.append(_Step(module, step.inputs, done))

    def forward(self, images: Tensor) -> Tensor:
        """Images (B, C, H, W) in [0, 1] -> logits (B, classes)."""
        values: list[Tensor | None] = []
        (first, *rest) = self._steps
        values.append(first.module(images))
        for module, inputs, done in rest:
            values.append(module(*[values[i] for i in inputs]))
            for i in done:
                values[i] = None  # read for the last time, so its memory can go
        output = values[-1]
        assert output is not None
        return output

    def normalise_by(self, mean: Tensor, deviation: Tensor) -> None:
        """Statistics (1, C, 1, 1) of the training images, taken out of every image from now on."""
        first = self._steps[0].module
        assert isinstance(first, Normalise)
        first.mean.copy_(mean)
        first.deviation.copy_(deviation)


def set_submodule(root: nn.Module, name: str, module: nn.Module) -> None:
    """Puts a module where its dotted name says."""
    *path, last = name.split(".")
    for part in path:
        if part not in root._modules:
            root.add_module(part, nn.Module())
        root = root.get_submodule(part)
    root.add_module(last, module)


class _Step(NamedTuple):
    module: nn.Module
    inputs: tuple[int, ...]
    done: tuple[int, ...]  # values that nobody reads after this step


class NormSettings(NamedTuple):
    momentum: float
    epsilon: float


class Normalise(nn.Module):
    """Takes the training images' mean and deviation out, per channel."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("deviation", torch.ones(1, channels, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.deviation


class Norm(nn.Module):
    """BN over (B, H, W). Without torch's count of batches, which nothing reads and every step would pay for."""

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
    """Convolution without bias, BN, activation. SAME padding, symmetric as torch has it."""

    def __init__(self, step: Instruction, channels: int, groups: int, settings: NormSettings) -> None:
        super().__init__(
            channels, step.shape[0], step.kernel, step.stride, padding=step.kernel // 2, groups=groups, bias=False
        )
        self.norm = Norm(step.shape[0], settings)
        self.activation = step.activation

    def reset_parameters(self) -> None:
        """`initialise` draws the weights, by name; torch's own draw would cost time and move its global generator."""

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self._convolve(x))
        return x if self.activation is None else ACTIVATIONS[self.activation](x)

    def _convolve(self, x: Tensor) -> Tensor:
        """The convolution; in training by whichever of equal ways has the quicker gradient on a CPU."""
        around, padding = self.kernel_size[0] // 2, self.padding
        if self.training and not around and self.stride == (1, 1):
            # channels last, it is one matrix product: (B, C, H, W) -> (B, H, W, C) -> back, without a copy
            return F.linear(x.permute(0, 2, 3, 1), self.weight.flatten(1)).permute(0, 3, 1, 2)
        if self.training and around and x.shape[-1] <= around + 1:
            # oneDNN pads by itself, but then takes up to ten times as long over the gradient of so small an image
            x, padding = F.pad(x, (around, around, around, around)), (0, 0)
        return F.conv2d(x, self.weight, None, self.stride, padding, self.dilation, self.groups)


class MaxPool(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, self.size, ceil_mode=True)  # an odd side rounds up, as SAME padding does


class Concat(nn.Module):
    def forward(self, *parts: Tensor) -> Tensor:
        return torch.cat(parts, 1)


class Add(nn.Module):
    def forward(self, body: Tensor, shortcut: Tensor) -> Tensor:
        return body + shortcut


class GlobalPool(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))  # (B, C, H, W) -> (B, C)


class Dense(nn.Linear):
    drop: Callable[[Tensor], Tensor] | None = None  # a training's dropout, of what comes in

    def reset_parameters(self) -> None:
        """As in ConvNorm."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(self.drop(x) if self.drop is not None and self.training else x)


ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,  # in place: BN does not need its output again
    "swish": F.silu,
}

Maker = Callable[[Instruction, Sequence[tuple[int, int, int]], NormSettings], nn.Module]
MAKERS: dict[InstructionOp, Maker] = {
    "input": lambda step, reads, norm: Normalise(step.shape[0]),
    "conv": lambda step, reads, norm: ConvNorm(step, reads[0][0], 1, norm),
    "depthwise": lambda step, reads, norm: ConvNorm(step, reads[0][0], step.shape[0], norm),
    "max_pool": lambda step, reads, norm: MaxPool(step.kernel),
    "concat": lambda step, reads, norm: Concat(),
    "add": lambda step, reads, norm: Add(),
    "global_pool": lambda step, reads, norm: GlobalPool(),
    "dense": lambda step, reads, norm: Dense(reads[0][0], step.shape[0]),
}


def initialise(network: Network, replicate: int, draw: "Draw") -> None:
    """Kernels as drawn, each by a generator of its own; BN at one and zero, biases at zero."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            with torch.no_grad():
                draw(module, generator("weights", replicate, f"{name}.weight"))
                if module.bias is not None:
                    module.bias.zero_()


Draw = Callable[[nn.Conv2d | nn.Linear, torch.Generator], object]


def _glorot(module: nn.Conv2d | nn.Linear, rng: torch.Generator) -> None:
    """Glorot-normal (spec section 3)."""
    weight = module.weight
    fan_in_and_out = (weight.shape[0] + weight.shape[1]) * weight[0, 0].numel()
    weight.normal_(0.0, math.sqrt(2.0 / fan_in_and_out), generator=rng)


def _by_fan_out(module: nn.Conv2d | nn.Linear, rng: torch.Generator) -> None:
    """Variance 2 / fan-out, cut at two deviations (spec section 5); a depthwise kernel feeds one channel by each."""
    if isinstance(module, nn.Linear):
        module.weight.normal_(0.0, 0.01, generator=rng)
        return
    fan_out = module.out_channels // module.groups * module.weight[0, 0].numel()
    deviation = math.sqrt(2.0 / fan_out) / CUT
    nn.init.trunc_normal_(module.weight, 0.0, deviation, -2 * deviation, 2 * deviation, generator=rng)


FIRST_WEIGHTS: dict[str, Draw] = {"glorot": _glorot, "fan-out": _by_fan_out}


def generator(*seed: str | int, device: torch.device | str = "cpu") -> torch.Generator:
    """A generator of its own for whatever these words name."""
    digest = hashlib.sha256("/".join(map(str, seed)).encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8]) >> 1)
