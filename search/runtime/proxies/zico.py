"""ZiCo (Li et al., ICLR 2023): how steady the gradients of the weights are from batch to batch.

Weights whose gradient does not vary at all are left out, and so are layers without any other: nothing is divided by
zero (spec section 1.2).
"""

import torch
from torch import Tensor

from search.runtime.proxies.probe import Probe


def score(probe: Probe) -> float:
    """With the deviation of the signed gradient, as the released code has it."""
    return _score(probe, absolute=False)


def score_abs(probe: Probe) -> float:
    """With the deviation of the gradient's absolute value, as Eq. 15 has it."""
    return _score(probe, absolute=True)


def _score(probe: Probe, absolute: bool) -> float:
    layers = zip(*(each.gradients for each in probe.passes), strict=True)
    sums = torch.stack([layer_sum(gradients, absolute) for gradients in layers])
    return float(sums[sums > 0].log().sum())


def layer_sum(gradients: tuple[Tensor, ...], absolute: bool = False) -> Tensor:
    """Sum over the weights of mean |g| / deviation of g over the batches; float64, on the device of the gradients."""
    if len(gradients) == 2:
        # mean |g| = (|a| + |b|) / 2 and the deviation is |a - b| / 2, so no stack is written
        first, second = gradients
        total = first.abs() + second.abs()
        spread = (first.abs() - second.abs() if absolute else first - second).abs_()
    else:
        stacked = torch.stack(gradients)
        total = stacked.abs().mean(0)
        spread = (stacked.abs() if absolute else stacked).std(0, correction=0)
    ratio = total.div_(spread).masked_fill_(spread == 0, 0.0)
    return ratio.sum(dtype=torch.float64)
