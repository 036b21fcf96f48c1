"""Optimizers of image networks, and their learning rate at each step.

RMSProp follows TensorFlow, with which AutoShrink trains on ImageNet (AAAI 2020; spec section 5). Torch's own RMSProp
adds epsilon outside the square root and starts with mean squares of 0, so its first steps are far longer.
"""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, Optimizer

from search.evaluation.recipes.image import ImageRecipe
from search.runtime.networks.image import ConvNorm, Dense, Network


def optimizer_of(network: Network, recipe: ImageRecipe) -> Optimizer:
    return OPTIMIZERS[recipe.optimizer](_parameter_groups(network, recipe), recipe)


def learning_rate(recipe: ImageRecipe, epoch: int, step: int, steps: int) -> float:
    """The learning rate of a step. `epoch` and `step` count from 0; `steps` is the number of steps per epoch.

    With `rate_changes` "each step", the rate rises linearly over all steps of the warm-up, and the cosine starts at the
    full rate. Otherwise it changes once per epoch and epochs count from 1, so the cosine's last epoch has a rate of 0.
    """
    by_step = recipe.rate_changes == "each step"
    warmed_up = epoch + (step + 1) / steps if by_step else epoch + 1
    if warmed_up <= recipe.warm_up:
        return recipe.learning_rate * warmed_up / recipe.warm_up
    if recipe.schedule == "constant":
        return recipe.learning_rate
    elapsed = epoch + step / steps if by_step else epoch + 1
    progress = (elapsed - recipe.warm_up) / max(1, recipe.epochs - recipe.warm_up)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


class RMSProp(Optimizer):
    """square = decay square + (1 - decay) g²; move = momentum move + rate g / √(square + epsilon); weight -= move.

    Squares start at 1, and g includes the weight decay (coupled). The rate is a factor of what is added to the move, so
    a lower rate does not shrink the momentum that has built up.
    """

    def __init__(
        self,
        params: Any,
        lr: float,
        decay: float = 0.9,
        momentum: float = 0.9,
        epsilon: float = 1.0,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "decay": decay, "momentum": momentum, "epsilon": epsilon, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # not used
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            if not params:
                continue
            for p in params:
                if not self.state[p]:
                    self.state[p] = {"square": torch.ones_like(p), "move": torch.zeros_like(p)}
            squares = [self.state[p]["square"] for p in params]
            moves = [self.state[p]["move"] for p in params]
            gradients: Any = [p.grad for p in params]
            if group["weight_decay"]:
                gradients = torch._foreach_add(gradients, params, alpha=group["weight_decay"])
            torch._foreach_mul_(squares, group["decay"])
            torch._foreach_addcmul_(squares, gradients, gradients, 1 - group["decay"])
            roots = torch._foreach_add(squares, group["epsilon"])
            torch._foreach_sqrt_(roots)
            torch._foreach_mul_(moves, group["momentum"])
            torch._foreach_addcdiv_(moves, gradients, roots, group["lr"])
            torch._foreach_sub_(params, moves)


Groups = list[dict[str, Any]]
OPTIMIZERS: dict[str, Callable[[Groups, ImageRecipe], Optimizer]] = {
    "adam": lambda groups, recipe: Adam(groups, lr=recipe.learning_rate, fused=True),
    "sgd": lambda groups, recipe: SGD(groups, lr=recipe.learning_rate, momentum=recipe.momentum, fused=True),
    "rmsprop as in TensorFlow": lambda groups, recipe: RMSProp(
        groups, recipe.learning_rate, recipe.rmsprop_decay, recipe.momentum, recipe.rmsprop_epsilon
    ),
}


def _parameter_groups(network: Network, recipe: ImageRecipe) -> Groups:
    """Parameters by weight decay: kernels, shortcut kernels, and the others, which have none."""
    kernels: list[Tensor] = []
    shortcuts: list[Tensor] = []
    for name, module in network.named_modules():
        if isinstance(module, Dense) or (isinstance(module, ConvNorm) and module.groups == 1):
            (shortcuts if name.endswith(".shortcut") else kernels).append(module.weight)
    decayed = {id(weight) for weight in kernels + shortcuts}
    others = [p for p in network.parameters() if id(p) not in decayed]
    groups = [(kernels, recipe.weight_decay), (shortcuts, recipe.shortcut_decay), (others, 0.0)]
    return [{"params": params, "weight_decay": decay} for params, decay in groups if params]
