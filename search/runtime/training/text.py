"""Training of a language model, as in AutoShrink (AAAI 2020; spec sections 4 and 6).

Plain SGD over windows of text; the state is carried from one window to the next. Where the recipe says so, the weights
are averaged over all later steps once the validation loss no longer improves (ASGD).
"""

import math
import statistics
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from search.base.serialization import Json
from search.evaluation.recipes.text import TextRecipe
from search.runtime.context import Interrupted
from search.runtime.data.texts import TrainingText, draw_masks, draw_windows, epoch_rng, split_streams
from search.runtime.networks.text import Recurrent
from search.runtime.training import Diverged, EpochLosses, Training, Validation
from search.runtime.training.cross_entropy import cross_entropy
from search.runtime.training.ema import EMA

MOMENTUM = 0.9  # of the moving average of the training loss


class TextTraining(Training):
    network: Recurrent

    def __init__(
        self,
        network: Recurrent,
        data: TrainingText,
        recipe: TextRecipe,
        split: str,
        replicate: int,
        keep_best: bool = False,
    ) -> None:
        super().__init__(keep_best)
        self.network, self.data, self.recipe, self.split, self.replicate = network, data, recipe, split, replicate
        self.rows = split_streams(data.train, recipe.batch)  # (T, B)
        self.weights: list[Tensor] = list(network.parameters())

    def _train(self, should_stop: Callable[[], bool]) -> EpochLosses:
        if self.average is None and starts_averaging(self.recipe, self.curve):
            self.average = self._new_average()
        recipe, network, rows, epoch = self.recipe, self.network, self.rows, len(self.curve)
        network.train()
        rng = epoch_rng(recipe, self.split, self.replicate, epoch)
        state, losses, lengths = network.start(rows.shape[1]), list[Tensor](), list[int]()
        for window in draw_windows(len(rows), recipe, rng):
            if should_stop():
                raise Interrupted
            masks = draw_masks(recipe, rows.shape[1], network.hidden, len(network.table), rng, str(rows.device))
            outputs = network.read(rows[window.start : window.end], state, masks)
            state = outputs[-1].detach()
            decoded = outputs if masks.output is None else outputs * masks.output
            targets = rows[window.start + 1 : window.end + 1]
            loss = cross_entropy(decoded.flatten(0, 1), network.table, network.bias, targets.flatten())
            network.zero_grad()
            (loss + penalty(recipe, outputs, decoded)).backward()  # type: ignore[no-untyped-call]
            self._step(learning_rate(recipe, epoch) * window.drawn_length / recipe.bptt)
            if self.average is not None:
                self.average.update()
            losses.append(loss.detach())
            lengths.append(window.end - window.start)
        values: list[float] = torch.stack(losses).tolist()  # once per epoch, since it waits for the GPU
        return EpochLosses(values, math.fsum(map(math.prod, zip(values, lengths, strict=True))) / sum(lengths))

    def _validate(self) -> Validation:
        losses = window_losses(self.network, self.data.validation, self.recipe)
        loss = mean_loss(losses, self.data.validation, self.recipe)
        if not _has_perplexity(loss):
            raise Diverged
        return Validation(loss, None, _standard_error(losses))

    def _is_over(self, losses: list[float]) -> bool:
        return is_over(self.recipe, self.curve, losses)

    def _new_average(self) -> EMA:
        return UniformAverage(self.network)

    @staticmethod
    def _best_of(curve: list[Json]) -> Json:
        return best_of(curve)

    @torch.no_grad()
    def _step(self, rate: float) -> None:
        """A step of plain SGD. Importing torch.optim would take seconds, for compilation support that is not used."""
        if self.recipe.clip:
            clip_grad_norm_(self.weights, self.recipe.clip)
        grads = [weight.grad for weight in self.weights if weight.grad is not None]
        if self.recipe.weight_decay:
            torch._foreach_add_(grads, self.weights, alpha=self.recipe.weight_decay)
        torch._foreach_add_(self.weights, grads, alpha=-rate)


class UniformAverage(EMA):
    """The mean of the weights after every step since the average started: ASGD with t0 = 0 and lambda = 0."""

    def __init__(self, network: Recurrent) -> None:
        super().__init__(network, decay=1.0)

    @torch.no_grad()
    def update(self) -> None:
        self.count += 1
        torch._foreach_lerp_(self._average, [weight.detach() for weight in self._weights], 1 / self.count)


def learning_rate(recipe: TextRecipe, epoch: int) -> float:
    """The learning rate of an epoch, counted from 0."""
    drops = [drop for drop in (recipe.first_drop, recipe.second_drop) if drop and epoch >= drop]
    return float(recipe.learning_rate * 0.1 ** len(drops))


def penalty(recipe: TextRecipe, outputs: Tensor, decoded: Tensor) -> Tensor | float:
    """Activation regularisation of `decoded`, the outputs (T, B, n) after dropout, and temporal one of the outputs."""
    total: Tensor | float = 0.0
    if recipe.activation_penalty:
        total = total + recipe.activation_penalty * decoded.pow(2).mean()
    if recipe.change_penalty and len(outputs) > 1:
        total = total + recipe.change_penalty * (outputs[1:] - outputs[:-1]).pow(2).mean()
    return total


def best_of(curve: list[Json]) -> Json:
    """The epoch with the lowest validation loss, the earliest of equals."""
    return min(curve, key=lambda point: (point["val_loss"], point["epoch"]))


def starts_averaging(recipe: TextRecipe, curve: list[Json]) -> bool:
    """Whether the last loss is worse than the best one before the last `average_after` epochs that preceded it."""
    if recipe.optimizer != "sgd, then averaged" or not curve:
        return False
    *before, last = [point["val_loss"] for point in curve]
    early = before[: -recipe.average_after]
    return bool(early) and last > min(early)


def is_over(recipe: TextRecipe, curve: list[Json], losses: list[float]) -> bool:
    """Whether training ends after the last epoch; `losses` are those of its windows."""
    last, moving_loss = curve[-1], losses[0]
    for loss in losses[1:]:
        moving_loss = MOMENTUM * moving_loss + (1 - MOMENTUM) * loss
    return bool(
        last["epoch"] >= recipe.epochs
        or (recipe.patience and last["epoch"] - best_of(curve)["epoch"] >= recipe.patience)
        or (recipe.loss_ratio and last["val_loss"] > recipe.loss_ratio * moving_loss)
    )


class WindowLoss(NamedTuple):
    """Mean loss per word of a window, and how many rows it predicts."""

    loss: float
    rows: int


def evaluate(network: Recurrent, part: Tensor, recipe: TextRecipe) -> float:
    """Mean loss per word, with the text read from its start in `validation_batch` streams."""
    return mean_loss(window_losses(network, part, recipe), part, recipe)


def mean_loss(losses: list[WindowLoss], part: Tensor, recipe: TextRecipe) -> float:
    """The published loss ("rows") divides by all rows, although the first is not predicted: it is less by 1 / rows."""
    rows = len(split_streams(part, recipe.validation_batch))
    return math.fsum(loss * count for loss, count in losses) / (rows - (recipe.loss_over == "tokens"))


def _standard_error(losses: list[WindowLoss]) -> float:
    """Of the mean loss: windows are samples, because the losses of neighbouring words depend on each other."""
    if len(losses) < 2:
        return 0.0
    return statistics.stdev(loss for loss, _ in losses) / math.sqrt(len(losses))


@torch.no_grad()
def window_losses(network: Recurrent, part: Tensor, recipe: TextRecipe) -> list[WindowLoss]:
    network.eval()
    rows = split_streams(part, recipe.validation_batch)
    state, losses = network.start(rows.shape[1]), list[WindowLoss]()
    for start in range(0, len(rows) - 1, recipe.bptt):
        end = min(start + recipe.bptt, len(rows) - 1)
        outputs = network.read(rows[start:end], state)
        state = outputs[-1]
        targets = rows[start + 1 : end + 1].flatten()
        loss = float(cross_entropy(outputs.flatten(0, 1), network.table, network.bias, targets))
        losses.append(WindowLoss(loss, end - start))
    return losses


def _has_perplexity(loss: float) -> bool:
    """Whether exp(loss) is a finite float."""
    return math.isfinite(loss) and loss < math.log(1e300)
