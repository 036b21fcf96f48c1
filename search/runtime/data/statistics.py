"""Computes the statistics of images (search.data.statistics) from their tensor."""

import torch
from torch import Tensor

from search.data.statistics import Statistics, of_sums

GROUP_SIZE = 8_192  # images that are summed at once
WHITE = 255


def statistics_of(images: Tensor) -> Statistics:
    """Of images (N, C, H, W): uint8, where 255 is white, or float32 in [0, 1]."""
    if images.dtype == torch.uint8:
        return _byte_statistics(images)
    pixels = images.double()
    mean, deviation = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3), correction=0)
    return Statistics(tuple(mean.tolist()), tuple(deviation.tolist()))


def _byte_statistics(images: Tensor) -> Statistics:
    """From exact integer sums, so that the result does not depend on the order of the images."""
    total = torch.zeros(images.shape[1], dtype=torch.int64, device=images.device)
    squares = total.clone()
    for group in torch.split(images, GROUP_SIZE):
        values = group.transpose(0, 1).flatten(1).long()
        total += values.sum(1)
        squares += (values * values).sum(1)
    return of_sums(images.numel() // images.shape[1], total.tolist(), squares.tolist(), WHITE)
