"""Training of an image network: the early stops of AutoShrink's proxy (spec section 3)."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import ImageRecipe
from search.network.cost import program_cost
from search.runtime.context import Interrupted
from search.runtime.data.images import Images, TrainingData, batches, floats, steps_of
from search.runtime.networks.image import Dense, Network, generator
from search.runtime.training import Diverged, Pass, Training
from search.runtime.training.ema import EMA
from search.runtime.training.optim import optimizer_of, rate
from search.runtime.training.precision import Precision

MOMENTUM = 0.99  # of the moving training loss and accuracy
AT_ONCE = 128 << 20  # bytes of activations where no gradient is needed; twice as many are held in the midst of a step
FOURTH = 4  # the epoch at which `min_accuracy` is asked for


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

    def _train(self, should_stop: Callable[[], bool]) -> Pass:
        recipe, number = self.recipe, len(self.curve)
        self.network.train()
        losses: list[Tensor] = []
        moving_accuracy: float | None = None
        self._begin_dropout(number)
        steps = steps_of(len(self.data.train.labels), recipe)
        drawn = batches(self.data.train, recipe, self.split, self.replicate, number)
        for step, (images, labels) in enumerate(drawn):
            if should_stop():
                raise Interrupted
            for group in self.optimizer.param_groups:
                group["lr"] = rate(recipe, number, step, steps)
            with self.precision.forward():
                logits = self.network(images)
            loss = F.cross_entropy(logits.float(), labels, label_smoothing=recipe.label_smoothing)
            self.precision.step(loss, self.optimizer)
            if self.average is not None:
                self.average.update()
            losses.append(loss.detach())
            if recipe.stop_train_accuracy:
                accuracy = float((logits.argmax(1) == labels).float().mean())
                moving_accuracy = _moved(moving_accuracy, accuracy)
                if moving_accuracy > recipe.stop_train_accuracy:
                    break
        values: list[float] = torch.stack(losses).tolist()  # read once: a GPU need not wait at each step
        return Pass(values, math.fsum(values) / len(values))

    def _validate(self) -> Json:
        val_loss, val_accuracy = evaluate(self.network, self.data.validation)
        if not math.isfinite(val_loss):
            raise Diverged
        return {"val_loss": val_loss, "val_accuracy": val_accuracy}

    def _is_over(self, losses: list[float]) -> bool:
        return is_over(self.recipe, self.curve, losses)

    def _new_average(self) -> EMA:
        return EMA(self.network, self.recipe.average)

    @staticmethod
    def _best_of(curve: list[Json]) -> Json:
        return best_of(curve)

    def _begin_dropout(self, epoch: int) -> None:
        if not self.recipe.dropout:
            return
        seed = ("dropout", serialization.canonical_hash(self.recipe), self.split, self.replicate, epoch)
        drop = _Dropout(self.recipe.dropout, generator(*seed, device=self.data.train.images.device))
        for module in self.network.modules():
            if isinstance(module, Dense):
                module.drop = drop


class _Dropout:
    def __init__(self, rate: float, rng: torch.Generator) -> None:
        self.rate, self.rng = rate, rng  # an epoch's own, as all luck is

    def __call__(self, x: Tensor) -> Tensor:
        kept = torch.rand(x.shape, generator=self.rng, device=x.device) >= self.rate
        return x * kept / (1 - self.rate)


def best_of(curve: list[Json]) -> Json:
    """The point of the curve with the highest validation accuracy, the earliest of equals."""
    return max(curve, key=lambda point: (point["val_accuracy"], -point["epoch"]))


def is_over(recipe: ImageRecipe, curve: list[Json], losses: list[float]) -> bool:
    """Whether no further epoch is worth it; `losses` are those of the last epoch's steps."""
    last = curve[-1]
    moving: float | None = None
    for loss in losses:
        moving = _moved(moving, loss)
    assert moving is not None
    return bool(
        last["epoch"] >= recipe.epochs
        or (recipe.patience and last["epoch"] - best_of(curve)["epoch"] >= recipe.patience)
        or (last["epoch"] == FOURTH and last["val_accuracy"] < recipe.min_accuracy)
        or (recipe.loss_ratio and last["val_loss"] > recipe.loss_ratio * moving)
    )


@torch.no_grad()
def evaluate(network: Network, part: Images) -> tuple[float, float]:
    """Mean loss and accuracy of the network as it is used, BN at its running statistics."""
    network.eval()
    losses: list[float] = []
    right, some = 0, at_once(network)
    for images, labels in zip(torch.split(part.images, some), torch.split(part.labels, some), strict=True):
        logits = network(floats(images))
        losses.append(float(F.cross_entropy(logits, labels, reduction="sum")))
        right += int((logits.argmax(1) == labels).sum())
    return math.fsum(losses) / len(part.labels), right / len(part.labels)


def at_once(network: Network) -> int:
    """Images that go through the network together where no gradient is needed: as many as `AT_ONCE` has room for."""
    return max(1, AT_ONCE // program_cost(network.program).peak_memory.live)


def _moved(moving: float | None, value: float) -> float:
    """The moving average, which begins at the first value, as in the released code."""
    return value if moving is None else MOMENTUM * moving + (1 - MOMENTUM) * value
