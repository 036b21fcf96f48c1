"""Image networks: stem, stages of AutoShrink's cells, head (AAAI 2020; spec sections 3 and 5).

In a cell, the inputs of a node are concatenated in order and every node has the stage's width. Leaves have no
activation; they are concatenated, and a shortcut from before the pool is added.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from search.network.graph import BadGraph, Graph, Node
from search.network.macro import Activation, ImageMacro
from search.network.program import Instruction, InstructionOp, Program, Shape


def lower(graph: Graph, macro: ImageMacro, nodes: Sequence[Node]) -> Program:
    """The program of this image network. `nodes`: the nodes except the input, in the order in which they run.

    Raises BadGraph if an operation is not one of `CELL_OPS` or a node has no input.
    """
    return Program(tuple(_Lowering(graph, macro, nodes).network()))


class _Lowering:
    """Emits instructions one by one and refers to them by index. `shapes`: output shape of each instruction."""

    def __init__(self, graph: Graph, macro: ImageMacro, nodes: Sequence[Node]) -> None:
        self.graph, self.macro, self.nodes = graph, macro, nodes
        self.activation = macro.activation
        self.out: list[Instruction] = []
        self.shapes: list[Shape] = []

    def network(self) -> list[Instruction]:
        macro = self.macro
        x = self._emit("input", "input", "input", (), macro.input)
        x = self.conv("stem", "stem", x, macro.stem_filters, macro.activation, kernel=3, stride=macro.stem_stride)
        plan = self._plan()
        for i, stage in enumerate(macro.stages, 1):
            for j in range(stage.cells):
                x = self._cell(f"stage{i}.cell{j}.", plan, x, stage.filters, stage.stride if j == 0 else 1)
        if macro.head_filters is not None:
            x = self.conv("head", "head", x, macro.head_filters, macro.activation)
        channels = self.shapes[x][0]
        x = self._emit("global_pool", "pool", "head", (x,), (channels, 1, 1))
        weights = channels * macro.classes
        self._emit("dense", "dense", "head", (x,), (macro.classes, 1, 1), weights + macro.classes, 0, weights)
        return self.out

    def _plan(self) -> list[_Planned]:
        """Everything that is the same in all cells, looked up once."""
        leaves = set(self.graph.leaves)
        for node in self.nodes:
            if node.op not in CELL_OPS:
                known = ", ".join(CELL_OPS)
                raise BadGraph(f"node {node.id} has the unknown operation {node.op!r}; the operations are {known}")
            if not self.graph.predecessors[node.id]:
                raise BadGraph(f"node {node.id} reads nothing: no edge ends at it")
        return [
            _Planned(
                node.id,
                f"node{node.id}",
                f"node {node.id}",
                self.graph.predecessors[node.id],
                None if node.id in leaves else self.activation,
                CELL_OPS[node.op],
            )
            for node in self.nodes
        ]

    def _cell(self, cell: str, plan: list[_Planned], x: int, filters: int, stride: int) -> int:
        entry = self._max_pool(cell + "pool", x, stride) if stride > 1 else x
        value = {self.graph.input.id: entry}
        for node, name, part, predecessors, activation, lower_op in plan:
            path = cell + name
            if len(predecessors) == 1:
                read = value[predecessors[0]]
            else:
                read = self._concat(path + ".concat", part, tuple([value[p] for p in predecessors]))
            value[node] = lower_op(self, path, part, read, filters, activation)
        leaves = tuple([value[leaf] for leaf in self.graph.leaves]) or (entry,)
        body = leaves[0] if len(leaves) == 1 else self._concat(cell + "concat", "output", leaves)
        shortcut, shape = x, self.shapes[body]
        if shape != self.shapes[x]:
            shortcut = self.conv(cell + "shortcut", "shortcut", x, shape[0], None, stride=stride)
        return self._emit("add", cell + "add", "output", (body, shortcut), shape)

    def conv(
        self,
        name: str,
        part: str,
        x: int,
        filters: int,
        activation: Activation | None,
        kernel: int = 1,
        stride: int = 1,
    ) -> int:
        channels, height, width = self.shapes[x]
        if stride > 1:  # SAME padding rounds up
            height, width = -(-height // stride), -(-width // stride)
        weights = kernel * kernel * channels * filters
        macs = weights * height * width
        return self._emit(
            "conv", name, part, (x,), (filters, height, width), weights, 2 * filters, macs, kernel, stride, activation
        )

    def depthwise(self, name: str, part: str, x: int, kernel: int, activation: Activation | None) -> int:
        channels, height, width = shape = self.shapes[x]
        weights = kernel * kernel * channels
        macs = weights * height * width
        return self._emit("depthwise", name, part, (x,), shape, weights, 2 * channels, macs, kernel, 1, activation)

    def _max_pool(self, name: str, x: int, stride: int) -> int:
        channels, height, width = self.shapes[x]
        shape = (channels, -(-height // stride), -(-width // stride))
        return self._emit("max_pool", name, "node 0", (x,), shape, 0, 0, 0, stride, stride)

    def _concat(self, name: str, part: str, inputs: tuple[int, ...]) -> int:
        shapes = self.shapes
        _, height, width = shapes[inputs[0]]
        return self._emit("concat", name, part, inputs, (sum([shapes[i][0] for i in inputs]), height, width))

    def _emit(
        self,
        op: InstructionOp,
        name: str,
        part: str,
        inputs: tuple[int, ...],
        shape: Shape,
        weights: int = 0,
        norm: int = 0,
        macs: int = 0,
        kernel: int = 1,
        stride: int = 1,
        activation: Activation | None = None,
    ) -> int:
        elements = shape[0] * shape[1] * shape[2]
        step = (op, name, part, inputs, shape, elements, weights, norm, macs, kernel, stride, activation)
        self.out.append(tuple.__new__(Instruction, step))  # the constructor would take a third of the lowering's time
        self.shapes.append(shape)
        return len(self.out) - 1


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
    x = lowering.depthwise(f"{path}.depthwise", part, x, 3, lowering.activation)
    return lowering.conv(f"{path}.pointwise", part, x, filters, activation)


def _conv1(lowering: _Lowering, path: str, part: str, x: int, filters: int, activation: Activation | None) -> int:
    return lowering.conv(f"{path}.conv", part, x, filters, activation)


#: Operation of a node -> the function that emits its instructions.
CELL_OPS: dict[str, LowerOp] = {
    "sep3": _sep3,
    "conv1": _conv1,
}
