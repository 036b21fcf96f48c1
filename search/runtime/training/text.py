"""Training of a language model (AutoShrink's: spec sections 4 and 6).

Plain SGD over windows of text, the state carried from one to the next; where the recipe says so, SGD turns into the
average of its own steps once validation no longer improves.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_

from search.base.serialization import Json
from search.evaluation.recipes.text import TextRecipe
from search.runtime.context import Interrupted
from search.runtime.data.texts import TrainingText, epoch_rng, masks, streams, windows
from search.runtime.networks.text import Recurrent
from search.runtime.training import Diverged, Pass, Training
from search.runtime.training.cross_entropy import cross_entropy
from search.runtime.training.ema import EMA

MOMENTUM = 0.9  # of the moving training loss


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
        self.rows = streams(data.train, recipe.batch)
        self.weights: list[Tensor] = list(network.parameters())

    def _train(self, should_stop: Callable[[], bool]) -> Pass:
        if self.average is None and averages(self.recipe, self.curve):
            self.average = self._new_average()
        recipe, network, rows, number = self.recipe, self.network, self.rows, len(self.curve)
        network.train()
        rng = epoch_rng(recipe, self.split, self.replicate, number)
        state, losses, lengths = network.start(rows.shape[1]), list[Tensor](), list[int]()
        for window in windows(len(rows), recipe, rng):
            if should_stop():
                raise Interrupted
            left_out = masks(recipe, rows.shape[1], network.hidden, len(network.table), rng, str(rows.device))
            outputs = network.read(rows[window.begin : window.end], state, left_out)
            state = outputs[-1].detach()
            read = outputs if left_out.output is None else outputs * left_out.output
            meant = rows[window.begin + 1 : window.end + 1]
            loss = cross_entropy(read.flatten(0, 1), network.table, network.bias, meant.flatten())
            network.zero_grad()
            (loss + penalty(recipe, outputs, read)).backward()  # type: ignore[no-untyped-call]
            self._step(rate(recipe, number) * window.drawn / recipe.bptt)
            if self.average is not None:
                self.average.update()
            losses.append(loss.detach())
            lengths.append(window.end - window.begin)
        values: list[float] = torch.stack(losses).tolist()  # read once: a GPU need not wait at each step
        return Pass(values, math.fsum(map(math.prod, zip(values, lengths, strict=True))) / sum(lengths))

    def _validate(self) -> Json:
        val_loss = evaluate(self.network, self.data.validation, self.recipe)
        if not _measurable(val_loss):
            raise Diverged
        return {"val_loss": val_loss, "val_accuracy": None}

    def _is_over(self, losses: list[float]) -> bool:
        return is_over(self.recipe, self.curve, losses)

    def _new_average(self) -> EMA:
        return Mean(self.network)

    @staticmethod
    def _best_of(curve: list[Json]) -> Json:
        return best_of(curve)

    @torch.no_grad()
    def _step(self, rate: float) -> None:
        """Plain SGD. As torch.optim has it, it would take seconds to import what compiles it, and compile nothing."""
        if self.recipe.clip:
            clip_grad_norm_(self.weights, self.recipe.clip)
        grads = [weight.grad for weight in self.weights if weight.grad is not None]
        if self.recipe.weight_decay:
            torch._foreach_add_(grads, self.weights, alpha=self.recipe.weight_decay)
        torch._foreach_add_(self.weights, grads, alpha=-rate)


class Mean(EMA):
    """Of the weights after every step since it began, all alike: ASGD as published, with t0 = 0 and lambda = 0."""

    def __init__(self, network: Recurrent) -> None:
        super().__init__(network, decay=1.0)

    @torch.no_grad()
    def update(self) -> None:
        self.count += 1
        torch._foreach_lerp_(self._average, [weight.detach() for weight in self._weights], 1 / self.count)


def rate(recipe: TextRecipe, epoch: int) -> float:
    """Of the epoch after so many."""
    drops = [drop for drop in (recipe.first_drop, recipe.second_drop) if drop and epoch >= drop]
    return float(recipe.learning_rate * 0.1 ** len(drops))


def penalty(recipe: TextRecipe, outputs: Tensor, read: Tensor) -> Tensor | float:
    """AR and TAR, of the outputs (T, B, n) and of what dropout left of them for the decoder."""
    total: Tensor | float = 0.0
    if recipe.activation_penalty:
        total = total + recipe.activation_penalty * read.pow(2).mean()
    if recipe.change_penalty and len(outputs) > 1:
        total = total + recipe.change_penalty * (outputs[1:] - outputs[:-1]).pow(2).mean()
    return total


def best_of(curve: list[Json]) -> Json:
    """The point of the curve with the lowest validation loss, the earliest of equals."""
    return min(curve, key=lambda point: (point["val_loss"], point["epoch"]))


def averages(recipe: TextRecipe, curve: list[Json]) -> bool:
    """Whether SGD has come to where its average is better: worse than the best of all but the last epochs."""
    if recipe.optimizer != "sgd, then averaged" or not curve:
        return False
    *before, last = [point["val_loss"] for point in curve]
    early = before[: -recipe.average_after]
    return bool(early) and last > min(early)


def is_over(recipe: TextRecipe, curve: list[Json], losses: list[float]) -> bool:
    """Whether no further epoch is worth it; `losses` are those of the last epoch's windows."""
    last, moving = curve[-1], losses[0]
    for loss in losses[1:]:
        moving = MOMENTUM * moving + (1 - MOMENTUM) * loss
    return bool(
        last["epoch"] >= recipe.epochs
        or (recipe.patience and last["epoch"] - best_of(curve)["epoch"] >= recipe.patience)
        or (recipe.loss_ratio and last["val_loss"] > recipe.loss_ratio * moving)
    )


@torch.no_grad()
def evaluate(network: Recurrent, part: Tensor, recipe: TextRecipe) -> float:
    """Mean loss of a word, the text read from its beginning in `validation_batch` streams.

    Over rows, as published, the first row counts though nobody predicts it, which makes the loss smaller by 1 / rows.
    """
    network.eval()
    rows = streams(part, recipe.validation_batch)
    state, losses = network.start(rows.shape[1]), []
    for begin in range(0, len(rows) - 1, recipe.bptt):
        end = min(begin + recipe.bptt, len(rows) - 1)
        outputs = network.read(rows[begin:end], state)
        state = outputs[-1]
        meant = rows[begin + 1 : end + 1].flatten()
        losses.append(float(cross_entropy(outputs.flatten(0, 1), network.table, network.bias, meant)) * (end - begin))
    return math.fsum(losses) / (len(rows) - (recipe.loss_over == "tokens"))


def _measurable(loss: float) -> bool:
    """Whether its perplexity is a number."""
    return math.isfinite(loss) and loss < math.log(1e300)
