"""The decoder and its cross-entropy loss in one autograd function, a few rows at a time.

A window of 35 words in 128 streams over a vocabulary of 7,000 has 31 million logits. Computed all at once, they pass
through memory a dozen times between the product and its gradient; a few hundred rows at a time, they stay in the cache.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

CHUNK_LOGITS = 1 << 19  # at once: 2 MB, about a core's share of the cache


def cross_entropy(outputs: Tensor, table: Tensor, bias: Tensor, words: Tensor) -> Tensor:
    """Mean loss of predicting `words` (R,) from logits: `outputs` (R, n) times `table` (V, n) plus `bias` (V,)."""
    needs_grad = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (outputs, table, bias))
    loss: Tensor = _DecoderLoss.apply(outputs, table, bias, words, needs_grad)  # type: ignore[no-untyped-call]
    return loss


class _DecoderLoss(torch.autograd.Function):
    """Computes the gradients together with the loss, from the same logits; `backward` only scales them."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, table: Tensor, bias: Tensor, words: Tensor, needs_grad: bool) -> Tensor:
        rows = len(words)
        size = max(16, CHUNK_LOGITS // len(table))
        transposed = table.t()
        losses = outputs.new_empty(rows)
        grad_outputs, grad_table, grad_bias = torch.empty_like(outputs), torch.zeros_like(table), torch.zeros_like(bias)
        for start in range(0, rows, size):
            chunk, target = outputs[start : start + size], words[start : start + size, None]
            logits = torch.addmm(bias, chunk, transposed)
            largest = logits.amax(1, keepdim=True)
            target_logits = logits.gather(1, target) - largest
            exps = logits.sub_(largest).exp_()
            total = exps.sum(1, keepdim=True)
            losses[start : start + size] = (total.log() - target_logits)[:, 0]
            if not needs_grad:
                continue
            grad_logits = exps.div_(total * rows)  # softmax / rows, less 1 / rows at the target
            grad_logits.scatter_add_(1, target, grad_logits.new_full(target.shape, -1 / rows))
            torch.mm(grad_logits, table, out=grad_outputs[start : start + size])
            grad_table.addmm_(grad_logits.t(), chunk)
            grad_bias += grad_logits.sum(0)
        if needs_grad:
            ctx.save_for_backward(grad_outputs, grad_table, grad_bias)
        return losses.mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        grad_outputs, grad_table, grad_bias = ctx.saved_tensors
        return grad_outputs * grad, grad_table * grad, grad_bias * grad, None, None
