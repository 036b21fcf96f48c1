"""The recurrent cell over a window of text, forward and backward, as one autograd function.

A step consists of a few small matrix products, and autograd's overhead per operation would take most of the time.
Here all outgoing edges of a node are one product, and the gradient of a weight is one product over all steps.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from search.network.macro import Activation
from search.network.program import Instruction


class Fan(NamedTuple):
    """All outgoing edges of a node."""

    edges: tuple[str, ...]  # names of their instructions, grouped by activation
    activations: tuple[tuple[Activation, int, int], ...]  # (activation, start, end): of edges `start` to before `end`
    targets: tuple[int, ...]  # index of the node that each edge leads to


class CellNode(NamedTuple):
    updates: tuple[tuple[int, int], ...]  # incoming edges: (index of the node, index in its fan); () for node 0
    fan: Fan | None  # None for a leaf


class Plan(NamedTuple):
    """The cell of a program, by node. Nodes are referred to by their index in `nodes`."""

    entry: str  # name of the matrix product that reads the input and the state
    nodes: tuple[CellNode, ...]
    leaves: tuple[int, ...]  # nodes whose mean is the next state

    @property
    def fans(self) -> dict[int, int]:
        """Index of a node -> index of its fan among all fans."""
        indices = [node_index for node_index, node in enumerate(self.nodes) if node.fan]
        return {node_index: number for number, node_index in enumerate(indices)}


def plan(steps: Sequence[Instruction]) -> Plan:
    """The plan of a language model's instructions: a node's value is a mean of blends, or its only blend."""
    mean_of = {read: i for i, step in enumerate(steps) if _is_node_mean(step) for read in step.inputs}
    values = [i for i, step in enumerate(steps) if _is_node_mean(step) or (step.op == "blend" and i not in mean_of)]
    node_index = {value: number for number, value in enumerate(values)}
    entry = next(steps[step.inputs[0]].name for step in steps if step.op == "blend")
    outgoing: dict[int, list[int]] = {value: [] for value in values}  # blends by the value that they read
    for i, step in enumerate(steps):
        if step.op == "blend" and step.inputs[1] in outgoing:
            outgoing[step.inputs[1]].append(i)
    edge_of: dict[int, tuple[int, int]] = {}  # blend -> (index of its node, index in the node's fan)
    fans: list[Fan | None] = []
    for value in values:
        blends = sorted(outgoing[value], key=lambda i: (str(steps[i].activation), i))
        edge_of |= {blend: (node_index[value], number) for number, blend in enumerate(blends)}
        targets = [node_index[mean_of.get(blend, blend)] for blend in blends]
        fans.append(_fan(steps, blends, targets) if blends else None)
    updates = [steps[value].inputs if steps[value].op == "mean" else (value,) for value in values]
    nodes = tuple(
        CellNode(tuple(edge_of[blend] for blend in blends if blend in edge_of), fan)
        for blends, fan in zip(updates, fans, strict=True)
    )
    read = steps[-1].inputs[0]
    leaves = steps[read].inputs if steps[read].op == "mean" and not _is_node_mean(steps[read]) else (read,)
    return Plan(entry, nodes, tuple(node_index[leaf] for leaf in leaves))


def _is_node_mean(step: Instruction) -> bool:
    return step.op == "mean" and step.part != "output"


def _fan(steps: Sequence[Instruction], blends: list[int], targets: list[int]) -> Fan:
    activations = [steps[blend].activation for blend in blends]
    assert all(activation is not None for activation in activations)
    groups: list[Any] = []
    for activation in dict.fromkeys(activations):
        start = activations.index(activation)
        groups.append((activation, start, start + activations.count(activation)))
    return Fan(tuple(steps[steps[blend].inputs[0]].name for blend in blends), tuple(groups), tuple(targets))


def run(plan: Plan, inputs: Tensor, state: Tensor, mask: Tensor | None, weights: Sequence[Tensor]) -> Tensor:
    """The states after each step (T, B, n).

    `inputs` (T, B, 2n): the entry's product with the inputs. `state` (B, n): the state before the window. `mask` (B, n)
    is multiplied with each state before a product. `weights`: those of the entry's product with the state (2n, n), then
    those of each fan (2kn, n), where the gates of all its k edges come before the values.
    """
    needs_grad = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in (inputs, state, *weights))
    states: Tensor = _Window.apply(plan, needs_grad, mask, inputs, state, *weights)  # type: ignore[no-untyped-call]
    return states


class _Window(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, plan: Plan, needs_grad: bool, mask: Tensor | None, inputs: Tensor, state: Tensor, *weights: Tensor
    ) -> Tensor:
        (steps, batch, _), n = inputs.shape, state.shape[1]
        saved_steps = steps if needs_grad else 1
        outs = [inputs.new_empty(saved_steps, batch, weight.shape[0]) for weight in weights]  # gates, then values
        values = inputs.new_empty(len(plan.nodes), saved_steps, batch, n)  # of each node
        states = inputs.new_empty(steps + 1, batch, n)
        states[0] = state
        entry, *fans = (_Parts.of(out, n) for out in outs)
        entry_weight, *fan_weights = (weight.t() for weight in weights)
        nodes = [value.unbind() for value in values]
        updated = [inputs.new_empty(batch, weight.shape[0] // (2 * n), n) for weight in weights[1:]]  # of each edge
        fan_of = plan.fans
        updates = [[updated[fan_of[source]][:, edge] for source, edge in node.updates] for node in plan.nodes]
        for step, (product, before, after) in enumerate(zip(inputs.unbind(), states[:-1], states[1:], strict=True)):
            slot = step if needs_grad else 0
            torch.addmm(product, _apply_mask(before, mask), entry_weight, out=entry.whole[slot])
            torch.lerp(before, entry.value[slot][:, 0].tanh_(), entry.gate[slot][:, 0].sigmoid_(), out=nodes[0][slot])
            for node_index, node in enumerate(plan.nodes):
                value = nodes[node_index][slot]
                if node_index:
                    _mean(updates[node_index], value)
                if node.fan:
                    number = fan_of[node_index]
                    fan = fans[number]
                    torch.mm(_apply_mask(value, mask), fan_weights[number], out=fan.whole[slot])
                    gates, edge_values = fan.gate[slot].sigmoid_(), fan.value[slot]
                    for activation, start, end in node.fan.activations:
                        if (activate := _ACTIVATE[activation]) is not None:
                            activate(edge_values[:, start:end])
                    torch.lerp(value[:, None], edge_values, gates, out=updated[number])
            _mean([nodes[leaf][slot] for leaf in plan.leaves], after)
        if needs_grad:
            ctx.plan, ctx.mask = plan, mask
            ctx.save_for_backward(values, states, *outs, *weights)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad_states: Tensor) -> tuple[Tensor | None, ...]:
        plan, mask = ctx.plan, ctx.mask
        values, states, *saved = ctx.saved_tensors
        outs, weights = saved[: len(saved) // 2], saved[len(saved) // 2 :]
        steps, _, n = grad_states.shape
        entry, *fans = (_Parts.of(out, n) for out in outs)
        nodes = [value.unbind() for value in values]
        fan_of = plan.fans
        grad_carried = torch.zeros_like(states[0])
        for step in reversed(range(steps)):
            grad_leaf = grad_states[step] + grad_carried
            if len(plan.leaves) > 1:
                grad_leaf /= len(plan.leaves)
            grads = dict.fromkeys(plan.leaves, grad_leaf)
            for node_index in reversed(range(len(plan.nodes))):
                if (fan := plan.nodes[node_index].fan) is not None:
                    parts, weight = fans[fan_of[node_index]], weights[fan_of[node_index] + 1]
                    grad_targets = torch.stack([grads[target] for target in fan.targets], 1)
                    grad_value = _blend_backward(parts, step, nodes[node_index][step], grad_targets, fan.activations)
                    grads[node_index] = _input_grad(parts.whole[step], weight, mask, grad_value)
                if (count := len(plan.nodes[node_index].updates)) > 1:
                    grads[node_index] = grads[node_index] / count  # the node is the mean of its updates
            grad_before = _blend_backward(entry, step, states[step], grads[0][:, None], _ENTRY_ACTIVATIONS)
            grad_carried = _input_grad(entry.whole[step], weights[0], mask, grad_before)
        # `outs` now holds the gradients of gates and values for all steps
        sources = [states[:-1], *(values[node_index] for node_index in fan_of)]
        weight_grads = [_weight_grad(out, source, mask) for out, source in zip(outs, sources, strict=True)]
        return None, None, None, outs[0], grad_carried, *weight_grads


class _Parts(NamedTuple):
    """Views of a product's output, by step: the whole (B, 2kn), and the gates and values of its k edges (B, k, n)."""

    whole: tuple[Tensor, ...]
    gate: tuple[Tensor, ...]
    value: tuple[Tensor, ...]

    @staticmethod
    def of(out: Tensor, n: int) -> "_Parts":
        gate, value = out.view(*out.shape[:2], 2, -1, n).unbind(2)
        return _Parts(out.unbind(), gate.unbind(), value.unbind())


def _apply_mask(value: Tensor, mask: Tensor | None) -> Tensor:
    return value if mask is None else value * mask


def _mean(values: list[Tensor], out: Tensor) -> None:
    if len(values) == 1:
        out.copy_(values[0])
        return
    torch.add(values[0], values[1], out=out)
    for value in values[2:]:
        out += value
    out /= len(values)


def _blend_backward(
    parts: _Parts, step: int, state: Tensor, grad: Tensor, activations: Sequence[tuple[Activation, int, int]]
) -> Tensor:
    """The gradient (B, n) of s in s + gate * (value - s), summed over k edges. `grad` is that of the results (B, k, n).

    Overwrites gates and values with the gradients of the inputs of their activations.
    """
    gate, value = parts.gate[step], parts.value[step]
    grad_value = grad * gate
    grad_gate = torch.sub(value, state[:, None]).mul_(grad)
    grad_state = grad.sub(grad_value)
    grad_state = grad_state[:, 0] if grad_state.shape[1] == 1 else grad_state.sum(1)
    _sigmoid_backward(grad_gate, gate, grad_input=gate)
    for activation, start, end in activations:
        _BACKWARD[activation](grad_value[:, start:end], value[:, start:end])
    return grad_state


def _input_grad(grad: Tensor, weight: Tensor, mask: Tensor | None, other: Tensor) -> Tensor:
    """The gradient of a product's input, plus `other`, its gradient by another path."""
    if mask is None:
        return torch.addmm(other, grad, weight)
    return torch.mm(grad, weight).mul_(mask).add_(other)


def _weight_grad(grads: Tensor, inputs: Tensor, mask: Tensor | None) -> Tensor:
    """The gradient of a weight (out, in) from the gradients of its outputs (T, B, out) and its inputs (T, B, in)."""
    return grads.flatten(0, 1).t() @ _apply_mask(inputs, mask).flatten(0, 1)


_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input
_relu_backward = torch.ops.aten.threshold_backward.grad_input

_ENTRY_ACTIVATIONS: tuple[tuple[Activation, int, int], ...] = (("tanh", 0, 1),)
#: Activations in place; None: nothing to do.
_ACTIVATE: dict[Activation, Callable[[Tensor], object] | None] = {
    "relu": torch.relu_,
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
    "identity": None,
}
#: Functions of an output's gradient and the output, which they overwrite with the gradient of the activation's input.
_BACKWARD: dict[Activation, Callable[[Tensor, Tensor], object]] = {
    "relu": lambda grad, value: _relu_backward(grad, value, 0, grad_input=value),
    "sigmoid": lambda grad, value: _sigmoid_backward(grad, value, grad_input=value),
    "tanh": lambda grad, value: _tanh_backward(grad, value, grad_input=value),
    "identity": lambda grad, value: value.copy_(grad),
}
