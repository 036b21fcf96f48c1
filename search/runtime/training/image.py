"""Training of an image network, with the early stopping rules of AutoShrink's proxy (AAAI 2020; spec section 3)."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.objective import accuracy_error
from search.evaluation.recipes.image import ImageRecipe
from search.network.cost import program_cost
from search.runtime.context import Interrupted
from search.runtime.data.images import LabelledImages, TrainingData, at_size, draw_batches, steps_per_epoch, to_float
from search.runtime.networks.image import Dense, Network
from search.runtime.rng import seeded_generator
from search.runtime.training import Diverged, EpochLosses, Training, Validation
from search.runtime.training.ema import EMA
from search.runtime.training.optim import learning_rate, optimizer_of
from search.runtime.training.precision import Precision

MOMENTUM = 0.99  # of the moving averages of training loss and accuracy
EVALUATION_BYTES = 128 << 20  # of activations between two instructions; within one, twice as many may be held
MIN_ACCURACY_EPOCH = 4  # epoch after which `recipe.min_accuracy` must be reached: published


class ImageTraining(Training):
    network: Network

    def __init__(
        self,
        network: Network,
        data: TrainingData,
        recipe: ImageRecipe,
        split: str,
        replicate: int,
        keep_best: bool = False,
    ) -> None:
        super().__init__(keep_best)
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a third faster on CPU
        self.data, self.recipe, self.split, self.replicate = data, recipe, split, replicate
        self.optimizer = optimizer_of(network, recipe)
        self.precision = Precision(recipe, data.train.images.device)
        self.average = self._new_average() if recipe.average else None

    def state_dict(self) -> dict[str, Any]:
        own = {"optimizer": self.optimizer.state_dict(), "scaler": self.precision.scaler.state_dict()}
        return super().state_dict() | own

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        self.optimizer.load_state_dict(state["optimizer"])
        self.precision.scaler.load_state_dict(state["scaler"])

    def _train(self, should_stop: Callable[[], bool]) -> EpochLosses:
        recipe, epoch = self.recipe, len(self.curve)
        self.network.train()
        losses: list[Tensor] = []
        moving_accuracy: float | None = None
        self._set_dropout(epoch)
        steps = steps_per_epoch(len(self.data.train.labels), recipe)
        batches = draw_batches(self.data.train, recipe, self.split, self.replicate, epoch)
        for step, (images, labels) in enumerate(batches):
            if should_stop():
                raise Interrupted
            for group in self.optimizer.param_groups:
                group["lr"] = learning_rate(recipe, epoch, step, steps)
            with self.precision.forward():
                logits = self.network(at_size(images, self.network.program.input_shape))
            loss = F.cross_entropy(logits.float(), labels, label_smoothing=recipe.label_smoothing)
            self.precision.step(loss, self.optimizer)
            if self.average is not None:
                self.average.update()
            losses.append(loss.detach())
            if recipe.stop_train_accuracy:
                accuracy = float((logits.argmax(1) == labels).float().mean())
                moving_accuracy = _moving_average(moving_accuracy, accuracy)
                if moving_accuracy > recipe.stop_train_accuracy:
                    break
        values: list[float] = torch.stack(losses).tolist()  # once per epoch, since it waits for the GPU
        return EpochLosses(values, math.fsum(values) / len(values))

    def _validate(self) -> Validation:
        loss, accuracy = evaluate(self.network, self.data.validation)
        if not math.isfinite(loss):
            raise Diverged
        return Validation(loss, accuracy, accuracy_error(accuracy, len(self.data.validation.labels)))

    def _is_over(self, losses: list[float]) -> bool:
        return is_over(self.recipe, self.curve, losses)

    def _new_average(self) -> EMA:
        return EMA(self.network, self.recipe.average)

    @staticmethod
    def _best_of(curve: list[Json]) -> Json:
        return best_of(curve)

    def _set_dropout(self, epoch: int) -> None:
        """Gives the dense layers dropout with a generator of this epoch."""
        if not self.recipe.dropout:
            return
        seed = ("dropout", serialization.canonical_hash(self.recipe), self.split, self.replicate, epoch)
        dropout = _Dropout(self.recipe.dropout, seeded_generator(*seed, device=self.data.train.images.device))
        for module in self.network.modules():
            if isinstance(module, Dense):
                module.dropout = dropout


class _Dropout:
    """Dropout with a generator of its own; torch's draws from the global one."""

    def __init__(self, rate: float, rng: torch.Generator) -> None:
        self.rate, self.rng = rate, rng

    def __call__(self, x: Tensor) -> Tensor:
        mask = torch.rand(x.shape, generator=self.rng, device=x.device) >= self.rate
        return x * mask / (1 - self.rate)


def best_of(curve: list[Json]) -> Json:
    """The epoch with the highest validation accuracy, the earliest of equals."""
    return max(curve, key=lambda point: (point["val_accuracy"], -point["epoch"]))


def is_over(recipe: ImageRecipe, curve: list[Json], losses: list[float]) -> bool:
    """Whether training ends after the last epoch; `losses` are those of its steps."""
    last = curve[-1]
    moving_loss: float | None = None
    for loss in losses:
        moving_loss = _moving_average(moving_loss, loss)
    assert moving_loss is not None
    return bool(
        last["epoch"] >= recipe.epochs
        or (recipe.patience and last["epoch"] - best_of(curve)["epoch"] >= recipe.patience)
        or (last["epoch"] == MIN_ACCURACY_EPOCH and last["val_accuracy"] < recipe.min_accuracy)
        or (recipe.loss_ratio and last["val_loss"] > recipe.loss_ratio * moving_loss)
    )


@torch.no_grad()
def evaluate(network: Network, part: LabelledImages) -> tuple[float, float]:
    """Mean loss and accuracy of the network in eval mode."""
    network.eval()
    losses: list[float] = []
    correct, size = 0, evaluation_batch_size(network)
    for images, labels in zip(torch.split(part.images, size), torch.split(part.labels, size), strict=True):
        logits = network(at_size(to_float(images), network.program.input_shape))
        losses.append(float(F.cross_entropy(logits, labels, reduction="sum")))
        correct += int((logits.argmax(1) == labels).sum())
    return math.fsum(losses) / len(part.labels), correct / len(part.labels)


def evaluation_batch_size(network: Network) -> int:
    """How many images fit into EVALUATION_BYTES when no gradient is needed; at least 1."""
    return max(1, EVALUATION_BYTES // program_cost(network.program).peak_memory.live)


def _moving_average(average: float | None, value: float) -> float:
    """The updated average. It starts at the first value, as in the released code."""
    return value if average is None else MOMENTUM * average + (1 - MOMENTUM) * value
