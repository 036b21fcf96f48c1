"""An exponential moving average of a network's weights, which is validated, kept and exported instead of the weights.

The decay rises with the number of steps n as in TensorFlow, min(decay, (1 + n) / (10 + n)), so the initial weights are
soon forgotten. BN's running statistics are averages already, and are not averaged again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


class EMA:
    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.count = 0  # updates so far
        self._weights = list(network.parameters())
        self._average = [weight.detach().clone() for weight in self._weights]

    @torch.no_grad()
    def update(self) -> None:
        """To be called after each step of the optimizer."""
        self.count += 1
        decay = min(self.decay, (1 + self.count) / (10 + self.count))
        torch._foreach_lerp_(self._average, [weight.detach() for weight in self._weights], 1 - decay)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Inside, the network has the average for its weights."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    def state_dict(self) -> dict[str, Any]:
        return {"count": self.count, "average": self._average}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.count = state["count"]
        for average, saved in zip(self._average, state["average"], strict=True):
            average.copy_(saved)

    def _swap(self) -> None:
        for i, weight in enumerate(self._weights):
            weight.data, self._average[i] = self._average[i], weight.data
