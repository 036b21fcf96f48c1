"""The recurrent cell over a window of text, forward and backward, as one function of torch's autograd.

A step is a handful of small products, so left to autograd most of a window's time would go to its book-keeping. Here
all edges that leave a node are one product, and what the weights learn from a window is one product for all its steps.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from search.network.macro import Activation
from search.network.program import Instruction


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

    @property
    def fans(self) -> dict[int, int]:
        """Place of a node -> place of its fan among the fans."""
        places = [place for place, node in enumerate(self.nodes) if node.fan]
        return {place: number for number, place in enumerate(places)}


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
        outs = [read.new_empty(kept, batch, weight.shape[0]) for weight in weights]  # gates, then values
        values = read.new_empty(len(plan.nodes), kept, batch, n)  # of each node
        states = read.new_empty(steps + 1, batch, n)
        states[0] = state
        entry, *fans = (_Parts.of(out, n) for out in outs)
        into_state, *into_fans = (weight.t() for weight in weights)
        nodes = [value.unbind() for value in values]
        moved = [read.new_empty(batch, weight.shape[0] // (2 * n), n) for weight in weights[1:]]
        fan_of = plan.fans
        updates = [[moved[fan_of[source]][:, edge] for source, edge in node.updates] for node in plan.nodes]
        for step, (row, before, after) in enumerate(zip(read.unbind(), states[:-1], states[1:], strict=True)):
            at = step if keep else 0
            torch.addmm(row, _masked(before, mask), into_state, out=entry.whole[at])
            torch.lerp(before, entry.value[at][:, 0].tanh_(), entry.gate[at][:, 0].sigmoid_(), out=nodes[0][at])
            for place, node in enumerate(plan.nodes):
                value = nodes[place][at]
                if place:
                    _mean(updates[place], value)
                if node.fan:
                    number = fan_of[place]
                    fan = fans[number]
                    torch.mm(_masked(value, mask), into_fans[number], out=fan.whole[at])
                    gates, answers = fan.gate[at].sigmoid_(), fan.value[at]
                    for kind, begin, end in node.fan.activations:
                        if (activate := _ACTIVATE[kind]) is not None:
                            activate(answers[:, begin:end])
                    torch.lerp(value[:, None], answers, gates, out=moved[number])
            _mean([nodes[leaf][at] for leaf in plan.leaves], after)
        if keep:
            ctx.plan, ctx.mask = plan, mask
            ctx.save_for_backward(values, states, *outs, *weights)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, of_states: Tensor) -> tuple[Tensor | None, ...]:
        plan, mask = ctx.plan, ctx.mask
        values, states, *saved = ctx.saved_tensors
        outs, weights = saved[: len(saved) // 2], saved[len(saved) // 2 :]
        steps, _, n = of_states.shape
        entry, *fans = (_Parts.of(out, n) for out in outs)
        nodes = [value.unbind() for value in values]
        fan_of = plan.fans
        carried = torch.zeros_like(states[0])
        for step in reversed(range(steps)):
            of_leaf = of_states[step] + carried
            if len(plan.leaves) > 1:
                of_leaf /= len(plan.leaves)
            grads = dict.fromkeys(plan.leaves, of_leaf)
            for place in reversed(range(len(plan.nodes))):
                if (fan := plan.nodes[place].fan) is not None:
                    parts, weight = fans[fan_of[place]], weights[fan_of[place] + 1]
                    of_moved = torch.stack([grads[target] for target in fan.targets], 1)
                    of_value = _unblend(parts, step, nodes[place][step], of_moved, fan.activations)
                    grads[place] = _through(parts.whole[step], weight, mask, of_value)
                if (shared := len(plan.nodes[place].updates)) > 1:
                    grads[place] = grads[place] / shared  # evenly among its updates
            of_before = _unblend(entry, step, states[step], grads[0][:, None], _ENTRY)
            carried = _through(entry.whole[step], weights[0], mask, of_before)
        # the saved gates and values have become their own gradients: each matrix learns from all steps at once
        sources = [states[:-1], *(values[place] for place in fan_of)]
        learnt = [_outer(out, source, mask) for out, source in zip(outs, sources, strict=True)]
        return None, None, None, outs[0], carried, *learnt


class _Parts(NamedTuple):
    """A product's output by step: whole (B, 2kn), and the gates and the values of its k edges (B, k, n)."""

    whole: tuple[Tensor, ...]
    gate: tuple[Tensor, ...]
    value: tuple[Tensor, ...]

    @staticmethod
    def of(out: Tensor, n: int) -> "_Parts":
        gate, value = out.view(*out.shape[:2], 2, -1, n).unbind(2)
        return _Parts(out.unbind(), gate.unbind(), value.unbind())


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


def _unblend(
    parts: _Parts, step: int, state: Tensor, grad: Tensor, activations: Sequence[tuple[Activation, int, int]]
) -> Tensor:
    """The gradient (B, n) of s in s + gate * (value - s), of which there are k (B, k, n). Gates and values become the
    gradients of what they were made of."""
    gate, value = parts.gate[step], parts.value[step]
    of_value = grad * gate
    of_gate = torch.sub(value, state[:, None]).mul_(grad)
    of_state = grad.sub(of_value)
    of_state = of_state[:, 0] if of_state.shape[1] == 1 else of_state.sum(1)
    _sigmoid_back(of_gate, gate, grad_input=gate)
    for kind, begin, end in activations:
        _RETURN[kind](of_value[:, begin:end], value[:, begin:end])
    return of_state


def _through(grad: Tensor, weight: Tensor, mask: Tensor | None, other: Tensor) -> Tensor:
    """The gradient of what a product read, beside another that it has."""
    if mask is None:
        return torch.addmm(other, grad, weight)
    return torch.mm(grad, weight).mul_(mask).add_(other)


def _outer(grads: Tensor, read: Tensor, mask: Tensor | None) -> Tensor:
    """The gradient of a weight (out, in) from those of its outputs (T, B, out) and from what it read (T, B, in)."""
    return grads.flatten(0, 1).t() @ _masked(read, mask).flatten(0, 1)


_sigmoid_back = torch.ops.aten.sigmoid_backward.grad_input
_tanh_back = torch.ops.aten.tanh_backward.grad_input
_relu_back = torch.ops.aten.threshold_backward.grad_input

_ENTRY: tuple[tuple[Activation, int, int], ...] = (("tanh", 0, 1),)
#: The activation, in place; None: there is nothing to do.
_ACTIVATE: dict[Activation, Callable[[Tensor], object] | None] = {
    "relu": torch.relu_,
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
    "identity": None,
}
#: A gradient and an activation's output: the gradient of its input takes the output's place.
_RETURN: dict[Activation, Callable[[Tensor, Tensor], object]] = {
    "relu": lambda grad, value: _relu_back(grad, value, 0, grad_input=value),
    "sigmoid": lambda grad, value: _sigmoid_back(grad, value, grad_input=value),
    "tanh": lambda grad, value: _tanh_back(grad, value, grad_input=value),
    "identity": lambda grad, value: value.copy_(grad),
}
