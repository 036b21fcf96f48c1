"""In which numbers a step is computed. Weights, their gradients and all that is reported stay in float32."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.optim import Optimizer

from search.evaluation.recipes.image import ImageRecipe


class Precision:
    """Mixed: on a GPU, products in bfloat16, or where that is missing in float16 with the loss scaled."""

    def __init__(self, recipe: ImageRecipe, device: torch.device) -> None:
        self.device = device.type
        self.dtype = _dtype(recipe, device)
        self.scaler = torch.amp.GradScaler(self.device, enabled=self.dtype == torch.float16)

    def forward(self) -> AbstractContextManager[object]:
        """Around what is computed from images to logits."""
        return nullcontext() if self.dtype is None else torch.autocast(self.device, self.dtype)

    def step(self, loss: Tensor, optimizer: Optimizer) -> None:
        """Backward, and the optimizer's step; one of float16 whose gradients are not finite is left out."""
        optimizer.zero_grad()
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.step(optimizer)
        self.scaler.update()


def _dtype(recipe: ImageRecipe, device: torch.device) -> torch.dtype | None:
    if recipe.precision == "float32" or device.type != "cuda":
        return None
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
