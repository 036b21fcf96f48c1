"""Modules of an image network whose outputs are those of a training, and whose gradients are faster on a CPU.

Outputs are equal bit for bit: a sum in another order changes the sign of what is nearly zero, and behind a ReLU its
whole gradient.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from search.network.program import Instruction, InstructionOp
from search.runtime.networks import image
from search.runtime.networks.image import MODULE_FACTORIES, ConvNorm, ModuleFactory, NormSettings

STRIP = 3  # columns of a kernel, the most of oneDNN's depthwise code
CHUNK = 2**20  # numbers of the images that are read at once, so that they stay in the cache
NEAR = 1e-7  # below which the rounding of two gradients may change a layer's sum by more than a ten-thousandth


class AvgPool(image.AvgPool):
    """Means of 3x3 pixels. Torch's own take several times as long in contiguous memory."""

    def forward(self, x: Tensor) -> Tensor:
        if not x.is_contiguous():
            return super().forward(x)
        means: Tensor = _Means.apply(x)  # type: ignore[no-untyped-call]
        return means


class _Means(torch.autograd.Function):
    """Means (B, C, H, W) of the 3x3 pixels around each pixel, without those outside the image."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.counts = _sums(x.new_ones(1, 1, *x.shape[2:]))
        return _sums(x).div_(ctx.counts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return _sums(gradients[0].contiguous() / ctx.counts)


def _sums(x: Tensor) -> Tensor:
    """Sums of 3x3 pixels, row by row as torch adds them.

    A zero stands behind each row, and a row of zeros before and behind each channel, so that a neighbour of all pixels
    is one piece of memory.
    """
    images, channels, height, width = x.shape
    rows, columns = height + 2, width + 1
    plane = rows * columns
    memory = x.new_zeros(images * channels * plane + 2)
    memory[1:-1].view(images, channels, rows, columns)[:, :, 1:-1, :-1].copy_(x)
    count = images * channels * plane - 2 * columns
    first, second, *others = [memory[row * columns + column :][:count] for row in range(3) for column in range(3)]
    total = first + second
    for other in others:
        total += other
    return total.as_strided(x.shape, (channels * plane, plane, columns, 1)).contiguous()


class Depthwise(ConvNorm):
    """A depthwise convolution with a kernel wider than three.

    oneDNN (3.12) has no depthwise code for the weights' gradient of these in channels-last memory, and computes sixteen
    channels by sixteen. Here the kernel is cut into strips, which adds in another order than torch.
    """

    reads: "list[Read] | None" = None  # of each backward pass, where they are kept for `settle`

    def _convolve(self, x: Tensor) -> Tensor:
        result: Tensor = _Convolution.apply(x, self.weight, self)  # type: ignore[no-untyped-call]
        return result

    @torch.no_grad()
    def settle(self, first: Tensor, second: Tensor) -> None:
        """Replaces the weights' gradients in two batches, of which there are `reads`, by torch's own where they nearly
        agree: their mean over their deviation hangs on the last bits there."""
        difference, size = (first.abs() - second.abs()).square_(), first.abs() + second.abs()
        near = (difference < NEAR * size * size.max()).flatten(1).any(1).nonzero().flatten()
        if len(near):
            for gradient, read in zip((first, second), self.reads or (), strict=True):
                gradient[near] = read.exact(near, self.weight)
        self.reads = None


class Read(NamedTuple):
    """What the gradient of a convolution's weights is computed from."""

    x: Tensor  # (B, C, H, W)
    gradient: Tensor  # of the output
    stride: int

    def exact(self, channels: Tensor, weight: Tensor) -> Tensor:
        """The gradient of these channels' weights (n, 1, k, k), bit for bit as torch computes it for all."""
        x, gradient = (each[:, channels].contiguous(memory_format=torch.channels_last) for each in self[:2])
        return _gradient(gradient, x, weight[channels], self.stride, weight.shape[-1] // 2, of_weight=True)


class _Convolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, module: Depthwise) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.module = module
        return F.conv2d(x, weight, None, module.stride, module.padding, groups=module.groups)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        x, weight = ctx.saved_tensors
        kernel, stride = weight.shape[-1], ctx.module.stride[0]
        if ctx.module.reads is not None:
            ctx.module.reads.append(Read(x, gradients[0], stride))
        of_x = _gradient(gradients[0], x, weight, stride, kernel // 2, of_weight=False)
        return of_x, _by_strips(gradients[0], x, kernel, stride), None


def _gradient(gradient: Tensor, x: Tensor, weight: Tensor, stride: int, margin: int, *, of_weight: bool) -> Tensor:
    """Of the weight, or else of x."""
    wanted = [not of_weight, of_weight, False]
    both = torch.ops.aten.convolution_backward(
        gradient, x, weight, None, [stride] * 2, [margin] * 2, [1, 1], False, [0, 0], len(weight), wanted
    )
    result: Tensor = both[int(of_weight)]
    return result


def _by_strips(gradient: Tensor, x: Tensor, kernel: int, stride: int) -> Tensor:
    """The gradient of the weights (C, 1, k, k).

    The next strip of the kernel reads the same images from some pixels on, so images are padded and copied once.
    """
    images, channels, height, width = x.shape
    margin, strips = kernel // 2, -(-kernel // STRIP)
    rows, columns = height + 2 * margin, width + 2 * margin
    chunk = min(images, max(1, CHUNK // (rows * columns * channels)))
    shape, strides = (chunk, channels, rows, columns), (rows * columns * channels, 1, columns * channels, channels)
    memory = x.new_zeros((chunk * rows * columns + STRIP * (strips - 1)) * channels)
    reads = [memory.as_strided(shape, strides, STRIP * strip * channels) for strip in range(strips)]
    # beside the gradient stand zeros, where a strip would read beyond the row
    padded = x.new_zeros(chunk, gradient.shape[2], (columns - STRIP) // stride + 1, channels).permute(0, 3, 1, 2)
    like = x.new_empty(channels, 1, kernel, STRIP)
    total = x.new_zeros(channels, 1, kernel, STRIP * strips)
    for i in range(0, images, chunk):
        n = min(chunk, images - i)
        reads[0][:n, :, margin : margin + height, margin : margin + width].copy_(x[i : i + n])
        padded[:n, :, :, : gradient.shape[3]].copy_(gradient[i : i + n])
        total += torch.cat([_gradient(padded[:n], read[:n], like, stride, 0, of_weight=True) for read in reads], 3)
    return total[..., :kernel].contiguous()


def _depthwise(step: Instruction, reads: Sequence[tuple[int, int, int]], norm: NormSettings) -> ConvNorm:
    return (Depthwise if step.kernel > STRIP else ConvNorm)(step, reads[0][0], step.shape[0], norm)


def _avg_pool(step: Instruction, reads: Sequence[tuple[int, int, int]], norm: NormSettings) -> image.AvgPool:
    means = step.kernel == 3 and step.stride == 1
    return AvgPool(step.kernel, step.stride) if means else image.AvgPool(step.kernel, step.stride)


#: In place of those of `image` on a CPU.
FACTORIES: dict[InstructionOp, ModuleFactory] = MODULE_FACTORIES | {"depthwise": _depthwise, "avg_pool": _avg_pool}
