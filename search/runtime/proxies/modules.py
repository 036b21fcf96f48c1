"""Modules of an image network whose results are those of training, and faster to compute on a CPU.

Outputs are equal bit for bit: a sum in another order changes the sign of what is nearly zero, and behind a ReLU its
whole gradient.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from search.network.program import Instruction, InstructionOp
from search.runtime.networks import image
from search.runtime.networks.image import MODULE_FACTORIES, ModuleFactory, NormSettings


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


def _avg_pool(step: Instruction, reads: Sequence[tuple[int, int, int]], norm: NormSettings) -> image.AvgPool:
    means = step.kernel == 3 and step.stride == 1
    return AvgPool(step.kernel, step.stride) if means else image.AvgPool(step.kernel, step.stride)


#: In place of those of `image` on a CPU.
FACTORIES: dict[InstructionOp, ModuleFactory] = MODULE_FACTORIES | {"avg_pool": _avg_pool}
