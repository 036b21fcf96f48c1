"""The recurrent cell over a window of text, forward and backward, as one function of torch's autograd.

A step is a handful of small products, so left to autograd most of a window's time would go to its book-keeping. Here
all edges that leave a node are one product, and what the weights learn from a window is one product for all its steps.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from search.macro import Activation
from search.program import Instruction


class Fan(NamedTuple):
    """All edges that leave a node."""

    edges: tuple[str, ...]  # names of their instructions, equal activations side by side
    activations: tuple[tuple[Activation, int, int], ...]  # of the edges from one place to before another
    targets: tuple[int, ...]  # place of the node where each ends


class CellNode(NamedTuple):
    updates: tuple[tuple[int, int], ...]  # place of a node, and of the edge in its fan; none for the first node
    fan: Fan | None  # None: a leaf


class Plan(NamedTuple):
    """The cell of a program, by node."""

    entry: str  # name of the instruction that reads the input and the state
    nodes: tuple[CellNode, ...]
    leaves: tuple[int, ...]  # whose mean is the next state


def plan(steps: Sequence[Instruction]) -> Plan:
    owner = {read: i for i, step in enumerate(steps) if _is_node_mean(step) for read in step.inputs}
    values = [i for i, step in enumerate(steps) if _is_node_mean(step) or (step.op == "blend" and i not in owner)]
    place = {value: number for number, value in enumerate(values)}
    entry = next(steps[step.inputs[0]].name for step in steps if step.op == "blend")
    leaving: dict[int, list[int]] = {value: [] for value in values}  # blends, by the value that they move
    for i, step in enumerate(steps):
        if step.op == "blend" and step.inputs[1] in leaving:
            leaving[step.inputs[1]].append(i)
    at: dict[int, tuple[int, int]] = {}
    fans: list[Fan | None] = []
    for value in values:
        blends = sorted(leaving[value], key=lambda i: (str(steps[i].activation), i))
        at |= {blend: (place[value], number) for number, blend in enumerate(blends)}
        fans.append(_fan(steps, blends, [place[owner.get(blend, blend)] for blend in blends]) if blends else None)
    updates = [steps[value].inputs if steps[value].op == "mean" else (value,) for value in values]
    nodes = tuple(
        CellNode(tuple(at[blend] for blend in blends if blend in at), fan)
        for blends, fan in zip(updates, fans, strict=True)
    )
    read = steps[-1].inputs[0]
    leaves = steps[read].inputs if steps[read].op == "mean" and not _is_node_mean(steps[read]) else (read,)
    return Plan(entry, nodes, tuple(place[leaf] for leaf in leaves))


def _is_node_mean(step: Instruction) -> bool:
    return step.op == "mean" and step.part != "output"


def _fan(steps: Sequence[Instruction], blends: list[int], targets: list[int]) -> Fan:
    kinds = [steps[blend].activation for blend in blends]
    groups = tuple((kind, kinds.index(kind), kinds.index(kind) + kinds.count(kind)) for kind in dict.fromkeys(kinds))
    assert all(kind is not None for kind in kinds)
    return Fan(tuple(steps[steps[blend].inputs[0]].name for blend in blends), groups, tuple(targets))  # type: ignore[arg-type]


def run(plan: Plan, read: Tensor, state: Tensor, mask: Tensor | None, weights: Sequence[Tensor]) -> Tensor:
    """The states after each step (T, B, n).

    `read` (T, B, 2n): what the entry's product makes of the inputs; `state` (B, n): the one before the window; `mask`
    (B, n) multiplies each state before a product. `weights`: of the entry's product with the state (2n, n), then of
    each fan (2kn, n), the gates of all its k edges first.
    """
    keep = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (read, state, *weights))
    states: Tensor = _Window.apply(plan, keep, mask, read, state, *weights)  # type: ignore[no-untyped-call]
    return states


class _Window(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, plan: Plan, keep: bool, mask: Tensor | None, read: Tensor, state: Tensor, *weights: Tensor
    ) -> Tensor:
        (steps, batch, _), n = read.shape, state.shape[1]
        kept = steps if keep else 1
        entry = read.new_empty(kept, batch, 2 * n)  # the gate and the value of node 0
        fans = [read.new_empty(kept, batch, weight.shape[0]) for weight in weights[1:]]  # gates, then values
        values = read.new_empty(len(plan.nodes), kept, batch, n)  # of each node
        states = read.new_empty(steps + 1, batch, n)
        states[0] = state
        turned = [weight.t() for weight in weights]
        for step in range(steps):
            at = step if keep else 0
            before = states[step]
            both = torch.addmm(read[step], _masked(before, mask), turned[0], out=entry[at])
            torch.lerp(before, both[:, n:].tanh_(), both[:, :n].sigmoid_(), out=values[0, at])
            moved: dict[int, Tensor] = {}  # the updates of a node's fan (B, k, n)
            number = 0
            for place, node in enumerate(plan.nodes):
                value = values[place, at]
                if place:
                    _mean([moved[source][:, edge] for source, edge in node.updates], value)
                if node.fan:
                    out = torch.mm(_masked(value, mask), turned[number + 1], out=fans[number][at])
                    out = out.view(batch, 2, -1, n)
                    for kind, begin, end in node.fan.activations:
                        _ACTIVATE[kind](out[:, 1, begin:end])
                    moved[place] = torch.lerp(value[:, None], out[:, 1], out[:, 0].sigmoid_())
                    number += 1
            _mean([values[leaf, at] for leaf in plan.leaves], states[step + 1])
        if keep:
            ctx.plan, ctx.mask = plan, mask
            ctx.save_for_backward(entry, values, states, *fans, *weights)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_states: Tensor) -> tuple[Tensor | None, ...]:
        plan, mask = ctx.plan, ctx.mask
        count = sum(node.fan is not None for node in plan.nodes)
        entry, values, states = ctx.saved_tensors[:3]
        fans, weights = ctx.saved_tensors[3 : 3 + count], ctx.saved_tensors[3 + count :]
        steps, batch, n = of_states.shape
        carried = torch.zeros_like(states[0])
        for step in reversed(range(steps)):
            of_leaf = (of_states[step] + carried) / len(plan.leaves)
            grads = dict.fromkeys(plan.leaves, of_leaf)
            number = count
            for place in reversed(range(len(plan.nodes))):
                if (fan := plan.nodes[place].fan) is not None:
                    number -= 1
                    out = fans[number][step].view(batch, 2, -1, n)
                    # a node's gradient is shared out evenly among its updates
                    of_moved = torch.stack([grads[target] for target in fan.targets], 1)
                    grads[place] = _unblend(out, values[place, step][:, None], of_moved, fan.activations).sum(1)
                    grads[place] += _masked(out.view(batch, -1) @ weights[number + 1], mask)
                if (shared := len(plan.nodes[place].updates)) > 1:
                    grads[place] = grads[place] / shared
            out = entry[step].view(batch, 2, 1, n)
            carried = _unblend(out, states[step][:, None], grads[0][:, None], (("tanh", 0, 1),))[:, 0]
            carried += _masked(out.view(batch, -1) @ weights[0], mask)
        # the saved gates and values have become their own gradients: each matrix learns from all steps at once
        learnt = [_outer(entry, states[:-1], mask)]
        sources = [values[place] for place, node in enumerate(plan.nodes) if node.fan]
        learnt += [_outer(fan, source, mask) for fan, source in zip(fans, sources, strict=True)]
        return None, None, None, entry, carried, *learnt


def _masked(value: Tensor, mask: Tensor | None) -> Tensor:
    return value if mask is None else value * mask


def _mean(values: list[Tensor], into: Tensor) -> None:
    if len(values) == 1:
        into.copy_(values[0])
        return
    torch.add(values[0], values[1], out=into)
    for value in values[2:]:
        into += value
    into /= len(values)


def _unblend(out: Tensor, state: Tensor, grad: Tensor, activations: Sequence[tuple[Activation, int, int]]) -> Tensor:
    """The gradient of s in s + gate * (value - s). `out` (B, 2, k, n), gates and values, becomes the gradient of what
    these were made of."""
    gate, value = out[:, 0], out[:, 1]
    of_value = grad * gate
    of_state = grad - of_value
    of_gate = torch.sub(value, state).mul_(grad)
    torch.ops.aten.sigmoid_backward.grad_input(of_gate, gate, grad_input=gate)
    for kind, begin, end in activations:
        _RETURN[kind](of_value[:, begin:end], value[:, begin:end])
    return of_state


def _outer(grads: Tensor, read: Tensor, mask: Tensor | None) -> Tensor:
    """The gradient of a weight (out, in) from those of its outputs (T, B, out) and from what it read (T, B, in)."""
    return grads.flatten(0, 1).t() @ _masked(read, mask).flatten(0, 1)


#: The activation, in place.
_ACTIVATE: dict[Activation, Callable[[Tensor], object]] = {
    "relu": torch.relu_,
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
    "identity": lambda value: None,
}
#: A gradient and an activation's output: the gradient of its input takes the output's place.
_RETURN: dict[Activation, Callable[[Tensor, Tensor], object]] = {
    "relu": lambda grad, value: value.copy_(torch.where(value > 0, grad, 0.0)),
    "sigmoid": lambda grad, value: torch.ops.aten.sigmoid_backward.grad_input(grad, value, grad_input=value),
    "tanh": lambda grad, value: torch.ops.aten.tanh_backward.grad_input(grad, value, grad_input=value),
    "identity": lambda grad, value: value.copy_(grad),
}
