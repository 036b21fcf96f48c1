"""One training, epoch by epoch, the best epoch as result: what all kinds of data share. One module a kind.

Reads no clock. All that a training will do from an epoch's end depends on its state there, so what goes on from a
checkpoint ends as if it had never been disturbed.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from torch import Tensor, nn

from search.base.serialization import Json
from search.runtime.training.ema import EMA


class Diverged(ArithmeticError):
    """A loss is no longer finite."""


class Pass(NamedTuple):
    """What one pass over the training part came to."""

    losses: list[float]  # by step
    loss: float  # of an image, or of a word


class Training(ABC):
    """A network in training. `epoch` runs the next epoch; `over` says that there is none."""

    network: nn.Module
    average: EMA | None = None  # of the weights, once there is one: then it is what is validated and kept

    def __init__(self, keep_best: bool) -> None:
        self.curve: list[Json] = []
        self.over = False
        self.keep_best = keep_best
        self.best: dict[str, Tensor] | None = None  # weights of the best epoch

    @property
    def best_epoch(self) -> Json:
        return self._best_of(self.curve)

    def epoch(self, should_stop: Callable[[], bool]) -> None:
        """Raises Diverged, or Interrupted in the middle, and then the epoch does not count."""
        losses, train_loss = self._train(should_stop)
        if not all(map(math.isfinite, losses)):
            raise Diverged
        number = len(self.curve) + 1
        with self._as_used():
            self.curve.append({"epoch": number, "train_loss": train_loss, **self._validate()})
            if self.keep_best and self.best_epoch["epoch"] == number:
                self.best = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        self.over = self._is_over(losses)

    def take_best(self) -> None:
        """The weights of the best epoch in place of the last one's, where they were kept."""
        assert self.best is not None
        self.network.load_state_dict(self.best)

    def state_dict(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "average": self.average and self.average.state_dict(),
            "curve": self.curve,
            "over": self.over,
            "best": self.best,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        if state["average"] is not None:
            self.average = self._new_average()
            self.average.load_state_dict(state["average"])
        self.curve, self.over, self.best = state["curve"], state["over"], state["best"]

    @abstractmethod
    def _train(self, should_stop: Callable[[], bool]) -> Pass:
        """One pass over the training part. Raises Interrupted."""

    @abstractmethod
    def _validate(self) -> Json:
        """`val_loss` and `val_accuracy` of the network as it is. Raises Diverged."""

    @abstractmethod
    def _is_over(self, losses: list[float]) -> bool:
        """Whether no further epoch is worth it; `losses` are those of the last epoch's steps."""

    @abstractmethod
    def _new_average(self) -> EMA:
        """That begins at the weights of now."""

    @staticmethod
    @abstractmethod
    def _best_of(curve: list[Json]) -> Json:
        """The point of the curve to keep, the earliest of equals."""

    def _as_used(self) -> AbstractContextManager[None]:
        """The network with the weights that are validated and kept."""
        return nullcontext() if self.average is None else self.average.swapped_in()
