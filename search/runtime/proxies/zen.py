"""Zen-Score (Lin et al., ICCV 2021, Algorithm 1): how much the features before the pooling change with the input.

Weights and images are Gaussian noise. BN rescales what flows through, and the sum of its log deviations undoes that.
"""

import torch
from torch import Tensor, nn

from search.runtime.networks.image import GlobalPool, Norm
from search.runtime.proxies.probe import Probe

GAMMA = 1e-2  # share of the second noise that is added to the first


@torch.no_grad()
def score(probe: Probe) -> float:
    features: list[Tensor] = []
    variances: list[Tensor] = []

    def keep_features(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        features.append(inputs[0])

    def keep_variance(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if not features:  # of the first pass alone
            variances.append(inputs[0].var((0, 2, 3), correction=0).mean())

    with probe.drawn("normal") as network:
        hooks = [
            module.register_forward_pre_hook(keep_features if isinstance(module, GlobalPool) else keep_variance)
            for module in network.modules()
            if isinstance(module, GlobalPool | Norm)
        ]
        network.set_normalisation(torch.tensor(0.0), torch.tensor(1.0))
        try:
            first, second = probe.noise("zen", "first"), probe.noise("zen", "second")
            network(first)
            network(first + GAMMA * second)
        finally:
            for hook in hooks:
                hook.remove()
    change = (features[0] - features[1]).abs().sum((1, 2, 3)).mean()
    return float(change.log() + sum(variance.sqrt().log() for variance in variances))
