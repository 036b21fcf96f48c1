"""An untrained network and the batches that proxies give it; what several proxies need is computed once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import AnyImageMacro
from search.runtime.data.images import LabelledImages
from search.runtime.networks.first_weights import SeedNames
from search.runtime.networks.image import (
    INITIALISERS,
    Activate,
    Add,
    ConvNorm,
    Network,
    Norm,
    NormActivation,
    initialise,
)
from search.runtime.proxies.modules import FACTORIES, Depthwise
from search.runtime.rng import seeded_generator

Normalisation = tuple[Tensor, Tensor]  # mean and deviation of the images, per channel (1, C, 1, 1)


class Passed(NamedTuple):
    """What one pass over a batch gives."""

    gradients: list[Tensor]  # of the weights of convolutions and the dense layer, in the order of the network
    active: list[Tensor] | None  # of each ReLU (B, elements): where it lets its input through; None: not recorded


class Probe:
    """Weights are drawn as torch draws them (Kaiming-uniform), by the replicate and the place in the graph.

    The network is in training mode, so that BN uses the statistics of the batch.
    """

    def __init__(
        self,
        graph: Graph,
        macro: AnyImageMacro,
        batches: Sequence[LabelledImages],
        replicate: int,
        normalisation: Normalisation | None = None,
        *,
        record_active: bool = False,
    ) -> None:
        """`batches`: images (B, C, H, W) in [0, 1] at the size of the macro's input, and labels (B,).
        `record_active`: whether to note which ReLUs are active, for NASWOT."""
        self.graph, self.batches, self.replicate, self.record_active = graph, batches, replicate, record_active
        self.device = batches[0].images.device
        factories = FACTORIES if self.device.type == "cpu" else None
        self.network = Network(lower(graph, macro), ordered=False, factories=factories)
        self.draw("torch")
        if normalisation is not None:
            self.network.set_normalisation(*normalisation)
        self.network.to(self.device).train()

    def draw(self, initialiser: str) -> None:
        """Draws the weights anew, and resets what BN has seen."""
        for module in self.network.modules():
            if isinstance(module, Norm):
                module.running_mean.zero_()
                module.running_var.fill_(1.0)
        initialise(self.network, SeedNames(self.graph), self.replicate, INITIALISERS[initialiser])

    @contextmanager
    def drawn(self, initialiser: str) -> Iterator[Network]:
        """The network with other weights, which go back to what they were."""
        state = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        self.draw(initialiser)
        try:
            yield self.network
        finally:
            self.network.load_state_dict(state)
            self.network.train()

    @cached_property
    def layers(self) -> list[nn.Conv2d | nn.Linear]:
        return [module for module in self.network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]

    @cached_property
    def passes(self) -> list[Passed]:
        """One pass for each batch, with the mean cross-entropy of its labels."""
        pair = len(self.batches) == 2
        wide = {i: layer for i, layer in enumerate(self.layers) if pair and isinstance(layer, Depthwise)}
        for layer in wide.values():
            layer.reads = []
        passes = [self._pass(batch, self.record_active and i == 0) for i, batch in enumerate(self.batches)]
        for i, layer in wide.items():
            layer.settle(*[each.gradients[i] for each in passes])
        return passes

    def _pass(self, batch: LabelledImages, record: bool) -> Passed:
        active: list[Tensor] = []
        handles = [
            module.register_forward_hook(lambda _, __, out: active.append((out > 0).flatten(1)))
            for module in (self.network.modules() if record else ())
            if isinstance(module, ConvNorm | NormActivation | Activate | Add) and module.activation == "relu"
        ]
        try:
            loss = F.cross_entropy(self.network(batch.images), batch.labels)
        finally:
            for handle in handles:
                handle.remove()
        weights = [layer.weight for layer in self.layers]
        gradients = torch.autograd.grad(loss, weights, allow_unused=True)
        return Passed(
            [torch.zeros_like(w) if g is None else g for w, g in zip(weights, gradients, strict=True)],
            active if record else None,
        )

    def noise(self, *name: str) -> Tensor:
        """Gaussian noise of the shape of the first batch."""
        rng = seeded_generator("proxy", *name, self.replicate)
        return torch.randn(self.batches[0].images.shape, generator=rng).to(self.device)
