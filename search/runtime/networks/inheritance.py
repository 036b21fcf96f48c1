"""Weight inheritance: a child network starts with the weights that it shares with its parent.

Weights are matched by node and by edge. Channels are followed through both programs as named blocks: the rows of a
kernel belong to its node, its columns to the edges that feed the node. Where an edge was removed, the columns of the
remaining edges are still copied. Weights without a counterpart of the same width stay as they were initialised.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from search.base import serialization
from search.network import macro as macros
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.program import Program
from search.runtime.networks.image import Network

NORM_TENSORS = ("norm.weight", "norm.bias", "norm.running_mean", "norm.running_var")
NODE = re.compile(r"\bnode(\d+)\b")


class Block(NamedTuple):
    """Consecutive channels of a value, named by the instruction that computes them."""

    name: str
    width: int


class Layout(NamedTuple):
    """The blocks of a kernel's rows and columns; columns are None for a depthwise kernel, which has one per row."""

    rows: tuple[Block, ...]
    columns: tuple[Block, ...] | None


def inherit_weights(network: Network, weights: Path, parent_of: Mapping[int, int]) -> None:
    """Copies the weights that the network shares with its parent, the network in the safetensors file.

    `parent_of`: node of the network -> the same node in the parent's graph, for all nodes that both have.
    """
    with safe_open(weights, "pt") as file:
        architecture = serialization.loads(file.metadata()["architecture"])
    macro = macros.read(architecture["macro"])
    parent_layouts = _layouts(lower(Graph.from_dict(architecture["graph"]), macro))
    source = load_file(weights)

    def parent_name(name: str) -> str:
        """The name in the parent. Nodes that the parent lacks get a name that matches nothing."""
        return NODE.sub(lambda node: f"node{parent_of.get(int(node[1]), '-none')}", name)

    target = network.state_dict()  # shares its memory with the network
    for module, layout in _layouts(network.program).items():
        parent_layout = parent_layouts.get(parent_name(module))
        if parent_layout is None:
            continue
        rows = list(_shared_spans(layout.rows, parent_layout.rows, parent_name))
        columns = None
        if layout.columns is not None and parent_layout.columns is not None:
            columns = list(_shared_spans(layout.columns, parent_layout.columns, parent_name))
        for tensor in ("weight", "bias", *NORM_TENSORS):
            if f"{module}.{tensor}" in target:
                _copy(
                    target[f"{module}.{tensor}"],
                    source[f"{parent_name(module)}.{tensor}"],
                    rows,
                    columns if tensor == "weight" else None,
                )


class Span(NamedTuple):
    """A block that two tensors share: where it starts in each, and its width."""

    target: int
    source: int
    width: int


def _shared_spans(
    target: Sequence[Block], source: Sequence[Block], parent_name: Callable[[str], str]
) -> Iterator[Span]:
    starts: dict[Block, int] = {}
    start = 0
    for block in source:
        starts[block] = start
        start += block.width
    start = 0
    for block in target:
        match = starts.get(Block(parent_name(block.name), block.width))
        if match is not None:
            yield Span(start, match, block.width)
        start += block.width


def _copy(target: Tensor, source: Tensor, rows: Sequence[Span], columns: Sequence[Span] | None) -> None:
    with torch.no_grad():
        for row in rows:
            target_rows = target.narrow(0, row.target, row.width)
            source_rows = source.narrow(0, row.source, row.width)
            if columns is None:
                target_rows.copy_(source_rows)
            for column in columns or ():
                target_columns = target_rows.narrow(1, column.target, column.width)
                target_columns.copy_(source_rows.narrow(1, column.source, column.width))


def _layouts(program: Program) -> dict[str, Layout]:
    """Module -> the layout of its kernel."""
    values: list[tuple[Block, ...]] = []
    layouts: dict[str, Layout] = {}
    for step in program.instructions:
        inputs = [values[j] for j in step.inputs]
        blocks: tuple[Block, ...]
        if step.op in ("conv", "dense"):
            blocks = (Block(step.name, step.shape[0]),)
            layouts[step.name] = Layout(blocks, inputs[0])
        elif step.op == "depthwise" or step.op == "norm":
            blocks = inputs[0]
            layouts[step.name] = Layout(blocks, None)
        elif step.op == "input":
            blocks = (Block(step.name, step.shape[0]),)
        elif step.op == "concat":
            blocks = tuple(block for value in inputs for block in value)
        else:  # pools keep the channels; a sum has the channels of its first input
            blocks = inputs[0]
        values.append(blocks)
    for step in program.instructions:
        if step.op == "add" and program.instructions[step.inputs[1]].part == "shortcut":
            body, shortcut = values[step.inputs[0]], program.instructions[step.inputs[1]].name
            layouts[shortcut] = layouts[shortcut]._replace(rows=body)  # a shortcut's rows are added to the body's
    return layouts
