"""Mixed precision: the data type in which a step is computed. Weights, gradients and reported values are float32."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.optim import Optimizer

from search.evaluation.recipes.image import ImageRecipe


class Precision:
    """Mixed precision on a GPU: products in bfloat16, or where the GPU lacks it in float16 with a scaled loss."""

    def __init__(self, recipe: ImageRecipe, device: torch.device) -> None:
        self.device = device.type
        self.dtype = _dtype(recipe, device)
        self.scaler = torch.amp.GradScaler(self.device, enabled=self.dtype == torch.float16)

    def forward(self) -> AbstractContextManager[object]:
        """The context in which the network computes logits from images."""
        return nullcontext() if self.dtype is None else torch.autocast(self.device, self.dtype)

    def step(self, loss: Tensor, optimizer: Optimizer) -> None:
        """Backward pass and optimizer step. A float16 step with gradients that are not finite is skipped."""
        optimizer.zero_grad()
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.step(optimizer)
        self.scaler.update()


def _dtype(recipe: ImageRecipe, device: torch.device) -> torch.dtype | None:
    """None: float32."""
    if recipe.precision == "float32" or device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
