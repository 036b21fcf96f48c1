"""What moves an image network's weights: the optimizer that a recipe names, and its rate at each step.

RMSProp is TensorFlow's, as AutoShrink trains on ImageNet (AAAI 2020; spec section 5). Torch's own adds epsilon outside
the root and begins at mean squares of 0, so that its first steps are far longer.
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
    return OPTIMIZERS[recipe.optimizer](_groups(network, recipe), recipe)


def rate(recipe: ImageRecipe, epoch: int, step: int, steps: int) -> float:
    """The rate of a step; epochs and steps from 0, `steps` an epoch.

    Each step: a warm-up's first is one share of the whole, and the cosine's first has the full rate. Each epoch: the
    count begins at 1, so the first epoch has one share of the warm-up, and the cosine's last epoch a rate of 0.
    """
    by_step = recipe.rate_changes == "each step"
    climbed = epoch + (step + 1) / steps if by_step else epoch + 1
    if climbed <= recipe.warm_up:
        return recipe.learning_rate * climbed / recipe.warm_up
    if recipe.schedule == "constant":
        return recipe.learning_rate
    fallen = epoch + step / steps if by_step else epoch + 1
    done = (fallen - recipe.warm_up) / max(1, recipe.epochs - recipe.warm_up)
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


class RMSProp(Optimizer):
    """square = decay square + (1 - decay) g²; move = momentum move + rate g / √(square + epsilon); weight -= move.

    Squares begin at 1, and g holds the coupled weight decay. The rate is inside the move, so a rate that falls leaves
    what has built up as it is.
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
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]  # nobody gives one
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


def _groups(network: Network, recipe: ImageRecipe) -> Groups:
    """Parameters by their weight decay: kernels, shortcut kernels, and all that has none."""
    kernels: list[Tensor] = []
    shortcuts: list[Tensor] = []
    for name, module in network.named_modules():
        if isinstance(module, Dense) or (isinstance(module, ConvNorm) and module.groups == 1):
            (shortcuts if name.endswith(".shortcut") else kernels).append(module.weight)
    decayed = {id(weight) for weight in kernels + shortcuts}
    free = [p for p in network.parameters() if id(p) not in decayed]
    groups = [(kernels, recipe.weight_decay), (shortcuts, recipe.shortcut_decay), (free, 0.0)]
    return [{"params": params, "weight_decay": decay} for params, decay in groups if params]
