"""Training epoch by epoch, with the best epoch as the result: the part that all modalities share.

There is one module per modality. A training does not depend on the clock: what follows an epoch depends only on the
state at its end, so a training that resumes from a checkpoint gives the same result as one without an interruption.
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


class EpochLosses(NamedTuple):
    """Training losses of one epoch."""

    steps: list[float]  # of each step
    mean: float  # per image or per word


class Validation(NamedTuple):
    loss: float
    accuracy: float | None  # of images
    standard_error: float  # of the accuracy, or of a text's mean loss


class Training(ABC):
    """A network in training. `epoch` runs the next epoch, until `over` is set."""

    network: nn.Module
    average: EMA | None = None  # of the weights, once it has started: then the average is validated and kept

    def __init__(self, keep_best: bool) -> None:
        self.curve: list[Json] = []
        self.errors: list[float] = []  # standard error of each epoch's validation result (search.evaluation.objective)
        self.over = False
        self.keep_best = keep_best
        self.best: dict[str, Tensor] | None = None  # weights of the best epoch

    @property
    def best_epoch(self) -> Json:
        return self._best_of(self.curve)

    @property
    def best_error(self) -> float:
        """Standard error of the best epoch's validation result."""
        epoch: int = self.best_epoch["epoch"]
        return self.errors[epoch - 1]

    def epoch(self, should_stop: Callable[[], bool]) -> None:
        """Raises Diverged, or Interrupted in the middle of the epoch, which then does not count."""
        losses = self._train(should_stop)
        if not all(map(math.isfinite, losses.steps)):
            raise Diverged
        number = len(self.curve) + 1
        with self._averaged_weights():
            validation = self._validate()
            self.errors.append(validation.standard_error)
            self.curve.append(
                {
                    "epoch": number,
                    "train_loss": losses.mean,
                    "val_loss": validation.loss,
                    "val_accuracy": validation.accuracy,
                }
            )
            if self.keep_best and self.best_epoch["epoch"] == number:
                self.best = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        self.over = self._is_over(losses.steps)

    def restore_best(self) -> None:
        """Loads the weights of the best epoch into the network. Requires `keep_best`."""
        assert self.best is not None
        self.network.load_state_dict(self.best)

    def state_dict(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "average": self.average and self.average.state_dict(),
            "curve": self.curve,
            "errors": self.errors,
            "over": self.over,
            "best": self.best,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        if state["average"] is not None:
            self.average = self._new_average()
            self.average.load_state_dict(state["average"])
        self.curve, self.errors, self.over, self.best = state["curve"], state["errors"], state["over"], state["best"]

    @abstractmethod
    def _train(self, should_stop: Callable[[], bool]) -> EpochLosses:
        """Trains on the training part once. Raises Interrupted."""

    @abstractmethod
    def _validate(self) -> Validation:
        """The validation result with the current weights. Raises Diverged."""

    @abstractmethod
    def _is_over(self, losses: list[float]) -> bool:
        """Whether training ends after this epoch; `losses` are those of its steps."""

    @abstractmethod
    def _new_average(self) -> EMA:
        """An average that starts at the current weights."""

    @staticmethod
    @abstractmethod
    def _best_of(curve: list[Json]) -> Json:
        """The point of the best epoch, the earliest of equals."""

    def _averaged_weights(self) -> AbstractContextManager[None]:
        """Inside, the network has the average for its weights, if there is one."""
        return nullcontext() if self.average is None else self.average.swapped_in()
