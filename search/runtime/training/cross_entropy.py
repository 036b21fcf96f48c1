"""The decoder and its loss as one, some rows at a time.

A window of 35 words times 128 streams over a vocabulary of 7,000 has 31 million logits. Written out in full they pass
through memory a dozen times between the product and its gradient; some hundred rows at a time they stay in the cache.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

LOGITS = 1 << 19  # about as many at once: 2 MB, which a core's share of the cache holds


def cross_entropy(outputs: Tensor, table: Tensor, bias: Tensor, words: Tensor) -> Tensor:
    """Mean over rows: `outputs` (R, n) times `table` (V, n) plus `bias` (V,) are logits, `words` (R,) the answers."""
    keep = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (outputs, table, bias))
    loss: Tensor = _Decoded.apply(outputs, table, bias, words, keep)  # type: ignore[no-untyped-call]
    return loss


class _Decoded(torch.autograd.Function):
    """The gradients are made together with the loss, while the logits are there, and wait for the loss's own."""

    @staticmethod
    def forward(ctx: Any, outputs: Tensor, table: Tensor, bias: Tensor, words: Tensor, keep: bool) -> Tensor:
        rows = len(words)
        size = max(16, LOGITS // len(table))
        turned = table.t()
        losses = outputs.new_empty(rows)
        of_outputs, of_table, of_bias = torch.empty_like(outputs), torch.zeros_like(table), torch.zeros_like(bias)
        for begin in range(0, rows, size):
            some, target = outputs[begin : begin + size], words[begin : begin + size, None]
            logits = torch.addmm(bias, some, turned)
            largest = logits.amax(1, keepdim=True)
            meant = logits.gather(1, target) - largest
            share = logits.sub_(largest).exp_()
            total = share.sum(1, keepdim=True)
            losses[begin : begin + size] = (total.log() - meant)[:, 0]
            if not keep:
                continue
            share /= total * rows
            share.scatter_add_(1, target, share.new_full(target.shape, -1 / rows))
            torch.mm(share, table, out=of_outputs[begin : begin + size])
            of_table.addmm_(share.t(), some)
            of_bias += share.sum(0)
        if keep:
            ctx.save_for_backward(of_outputs, of_table, of_bias)
        return losses.mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        of_outputs, of_table, of_bias = ctx.saved_tensors
        return of_outputs * grad, of_table * grad, of_bias * grad, None, None
