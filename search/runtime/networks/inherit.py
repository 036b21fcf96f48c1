"""A network that goes on from another's weights: what both have, by node and by edge, and nothing else.

Channels are followed through the program in named blocks. A kernel's rows are its node's, its columns those of the
edges that feed it; so where an edge was cut, the columns of the edges that stay keep what they learnt. What has no
counterpart of the same width stays as it was drawn.
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
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import ImageMacro
from search.network.program import Program
from search.runtime.networks.image import Network

NORMS = ("norm.weight", "norm.bias", "norm.running_mean", "norm.running_var")
NODE = re.compile(r"\bnode(\d+)\b")


class Block(NamedTuple):
    """Some channels of a value, by the instruction that made them."""

    name: str
    width: int


class Layout(NamedTuple):
    """What the rows and the columns of a module's kernel are; columns are None where each channel has its own."""

    rows: tuple[Block, ...]
    columns: tuple[Block, ...] | None


def inherit_weights(network: Network, weights: Path, nodes: Mapping[int, int]) -> None:
    """Copies what the network shares with the one in the file; `nodes`: each shared node's id here -> its id there."""
    with safe_open(weights, "pt") as file:
        architecture = serialization.loads(file.metadata()["architecture"])
    there = lower(Graph.from_dict(architecture["graph"]), serialization.decode(ImageMacro, architecture["macro"]))
    layouts, learnt = _layouts(there), load_file(weights)

    def named(name: str) -> str:
        """The same part's name there. A node that is not there has a name of nobody."""
        return NODE.sub(lambda node: f"node{nodes.get(int(node[1]), 'less')}", name)

    mine = network.state_dict()  # shares its memory with the network
    for module, layout in _layouts(network.program).items():
        theirs = layouts.get(named(module))
        if theirs is None:
            continue
        rows = list(_shared(layout.rows, theirs.rows, named))
        columns = None
        if layout.columns is not None and theirs.columns is not None:
            columns = list(_shared(layout.columns, theirs.columns, named))
        for part in ("weight", "bias", *NORMS):
            if f"{module}.{part}" in mine:
                source = learnt[f"{named(module)}.{part}"]
                _copy(mine[f"{module}.{part}"], source, rows, columns if part == "weight" else None)


class Span(NamedTuple):
    """Equal channels of two values: where they begin here and there, and how many."""

    here: int
    there: int
    width: int


def _shared(here: Sequence[Block], there: Sequence[Block], named: Callable[[str], str]) -> Iterator[Span]:
    places: dict[Block, int] = {}
    at = 0
    for block in there:
        places[block] = at
        at += block.width
    at = 0
    for block in here:
        same = places.get(Block(named(block.name), block.width))
        if same is not None:
            yield Span(at, same, block.width)
        at += block.width


def _copy(mine: Tensor, learnt: Tensor, rows: Sequence[Span], columns: Sequence[Span] | None) -> None:
    with torch.no_grad():
        for row in rows:
            into = mine.narrow(0, row.here, row.width)
            out_of = learnt.narrow(0, row.there, row.width)
            if columns is None:
                into.copy_(out_of)
            for column in columns or ():
                into.narrow(1, column.here, column.width).copy_(out_of.narrow(1, column.there, column.width))


def _layouts(program: Program) -> dict[str, Layout]:
    """Module -> what the rows and columns of its kernel are."""
    values: list[tuple[Block, ...]] = []
    layouts: dict[str, Layout] = {}
    for step in program.instructions:
        read = [values[j] for j in step.inputs]
        made: tuple[Block, ...]
        if step.op in ("conv", "dense"):
            made = (Block(step.name, step.shape[0]),)
            layouts[step.name] = Layout(made, read[0])
        elif step.op == "depthwise":
            made = read[0]
            layouts[step.name] = Layout(made, None)
        elif step.op == "input":
            made = (Block(step.name, step.shape[0]),)
        elif step.op == "concat":
            made = tuple(block for blocks in read for block in blocks)
        else:  # pools keep the channels; a sum has those of its body
            made = read[0]
        values.append(made)
    for step in program.instructions:
        if step.op == "add" and program.instructions[step.inputs[1]].part == "shortcut":
            body, shortcut = values[step.inputs[0]], program.instructions[step.inputs[1]].name
            layouts[shortcut] = layouts[shortcut]._replace(rows=body)  # its rows are for the same leaves
    return layouts
