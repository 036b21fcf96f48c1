"""Image networks: stem, stages of AutoShrink's cells, head (AAAI 2020; spec sections 3 and 5).

In a cell, the inputs of a node are concatenated in order and every node has the stage's width. Leaves have no
activation; they are concatenated, and a shortcut from before the pool is added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from search.network.graph import BadGraph, Graph, Node
from search.network.lowering.image_builder import ImageBuilder
from search.network.macro import Activation, ImageMacro
from search.network.program import Program


def lower(graph: Graph, macro: ImageMacro, nodes: Sequence[Node]) -> Program:
    """The program of this image network. `nodes`: the nodes except the input, in the order in which they run.

    Raises BadGraph if an operation is not one of `OPS` or a node has no input.
    """
    lowering = _Lowering(graph, macro, nodes)
    lowering.network()
    return lowering.program


class _Lowering(ImageBuilder):
    def __init__(self, graph: Graph, macro: ImageMacro, nodes: Sequence[Node]) -> None:
        super().__init__()
        self.graph, self.macro, self.nodes = graph, macro, nodes

    def network(self) -> None:
        macro = self.macro
        x = self.input(macro.input)
        x = self.conv("stem", "stem", x, macro.stem_filters, macro.activation, kernel=3, stride=macro.stem_stride)
        plan = self._plan()
        for i, stage in enumerate(macro.stages, 1):
            for j in range(stage.cells):
                x = self._cell(f"stage{i}.cell{j}.", plan, x, stage.filters, stage.stride if j == 0 else 1)
        if macro.head_filters is not None:
            x = self.conv("head", "head", x, macro.head_filters, macro.activation)
        self.classifier(x, macro.classes)

    def _plan(self) -> list[_Planned]:
        """Everything that is the same in all cells, looked up once."""
        leaves = set(self.graph.leaves)
        for node in self.nodes:
            if node.op not in OPS:
                known = ", ".join(OPS)
                raise BadGraph(f"node {node.id} has the unknown operation {node.op!r}; the operations are {known}")
            if not self.graph.predecessors[node.id]:
                raise BadGraph(f"node {node.id} reads nothing: no edge ends at it")
        return [
            _Planned(
                node.id,
                f"node{node.id}",
                f"node {node.id}",
                self.graph.predecessors[node.id],
                None if node.id in leaves else self.macro.activation,
                OPS[node.op],
            )
            for node in self.nodes
        ]

    def _cell(self, cell: str, plan: list[_Planned], x: int, filters: int, stride: int) -> int:
        entry = self.max_pool(cell + "pool", "node 0", x, stride) if stride > 1 else x
        value = {self.graph.input.id: entry}
        for node, name, part, predecessors, activation, lower_op in plan:
            path = cell + name
            if len(predecessors) == 1:
                read = value[predecessors[0]]
            else:
                read = self.concat(path + ".concat", part, tuple([value[p] for p in predecessors]))
            value[node] = lower_op(self, path, part, read, filters, activation)
        leaves = tuple([value[leaf] for leaf in self.graph.leaves]) or (entry,)
        body = leaves[0] if len(leaves) == 1 else self.concat(cell + "concat", "output", leaves)
        shortcut, shape = x, self.shapes[body]
        if shape != self.shapes[x]:
            shortcut = self.conv(cell + "shortcut", "shortcut", x, shape[0], None, stride=stride)
        return self.add(cell + "add", "output", (body, shortcut))


LowerOp = Callable[[_Lowering, str, str, int, int, Activation | None], int]


class _Planned(NamedTuple):
    """A node of the cell, with everything that does not depend on the stage."""

    node: int
    name: str
    part: str
    predecessors: tuple[int, ...]
    activation: Activation | None
    lower_op: LowerOp


def _sep3(lowering: _Lowering, path: str, part: str, x: int, filters: int, activation: Activation | None) -> int:
    # the depthwise part has its activation even in a linear leaf (spec section 3)
    x = lowering.depthwise(f"{path}.depthwise", part, x, 3, lowering.macro.activation)
    return lowering.conv(f"{path}.pointwise", part, x, filters, activation)


def _conv1(lowering: _Lowering, path: str, part: str, x: int, filters: int, activation: Activation | None) -> int:
    return lowering.conv(f"{path}.conv", part, x, filters, activation)


#: Operation of a node -> the function that emits its instructions.
OPS: dict[str, LowerOp] = {
    "sep3": _sep3,
    "conv1": _conv1,
}
ATTRS: dict[str, tuple[str, ...]] = {}
