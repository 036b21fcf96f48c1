"""NAS-Bench-201's networks (Dong and Yang, ICLR 2020, sections 2.1 and 2.2): a stem, three stages of equal cells, and a
residual block that halves the resolution between two stages.

The operations of the benchmark's edges are nodes here, and the benchmark's nodes are sums. An edge without an operation
("none") has no node: a sum that reads nothing is zero, and what reads it is computed all the same, as published. What
the output does not depend on is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from search.network.graph import BadGraph, Graph, Node
from search.network.lowering.image_builder import ImageBuilder
from search.network.macro import Nasbench201Macro
from search.network.program import Program

SUM, OUTPUT = "sum", "output"  # the output is the sum that the cell ends in


def lower(graph: Graph, macro: Nasbench201Macro, nodes: Sequence[Node]) -> Program:
    """The program of this network. `nodes`: the nodes except the input, in the order in which they run.

    Raises BadGraph if an operation is unknown, does not read one value, or the cell has not one output.
    """
    for node in nodes:
        if node.op not in OPS:
            raise BadGraph(f"node {node.id} has the unknown operation {node.op!r}; the operations are {', '.join(OPS)}")
        if node.op not in (SUM, OUTPUT) and len(graph.predecessors[node.id]) != 1:
            raise BadGraph(f"node {node.id} ({node.op}) reads one value, not {len(graph.predecessors[node.id])}")
    outputs = [node for node in nodes if node.op == OUTPUT]
    if len(outputs) != 1:
        raise BadGraph(f"the cell must have one output, not {len(outputs)}")
    needed = _needed(graph, outputs[0])
    lowering = _Lowering(graph, [node for node in nodes if node.id in needed], outputs[0])
    lowering.network(macro)
    return lowering.program


def _needed(graph: Graph, output: Node) -> set[int]:
    """The nodes that the output depends on, itself included."""
    needed, waiting = set[int](), [output.id]
    while waiting:
        if (node := waiting.pop()) not in needed:
            needed.add(node)
            waiting += graph.predecessors[node]
    return needed


class _Lowering(ImageBuilder):
    def __init__(self, graph: Graph, nodes: Sequence[Node], output: Node) -> None:
        super().__init__()
        self.graph, self.nodes, self.output = graph, nodes, output

    def network(self, macro: Nasbench201Macro) -> None:
        x = self.conv("stem", "stem", self.input(macro.input), macro.channels, None, kernel=3)
        for i, scale in enumerate(macro.scales, 1):
            if i > 1:
                x = self._halve(f"reduction{i - 1}.", x, scale * macro.channels)
            for j in range(macro.cells):
                x = self._cell(f"stage{i}.cell{j}.", x)
        self.classifier(self.norm("head", "head", x, "relu"), macro.classes)

    def _cell(self, cell: str, x: int) -> int:
        value = {self.graph.input.id: x}
        for node in self.nodes:
            reads = tuple(value[source] for source in self.graph.predecessors[node.id])
            value[node.id] = OPS[node.op](self, f"{cell}node{node.id}", f"node {node.id}", x, reads)
        return value[self.output.id]

    def _halve(self, name: str, x: int, channels: int) -> int:
        body = self.relu_conv(f"{name}first", "reduction", x, channels, 3, stride=2)
        body = self.relu_conv(f"{name}second", "reduction", body, channels, 3)
        pooled = self.avg_pool(f"{name}pool", "reduction", x, 2, 2)
        shortcut = self.conv(f"{name}shortcut", "reduction", pooled, channels, None, norm=False)
        return self.add(f"{name}add", "reduction", (body, shortcut))

    def relu_conv(self, name: str, part: str, x: int, channels: int, kernel: int, stride: int = 1) -> int:
        x = self.activation(f"{name}.relu", part, x, "relu")
        return self.conv(f"{name}.conv", part, x, channels, None, kernel, stride)


#: Emits one node of the cell whose input is `x`, from the values that it reads; returns its value.
LowerOp = Callable[[_Lowering, str, str, int, tuple[int, ...]], int]


def _sum(lowering: _Lowering, name: str, part: str, x: int, reads: tuple[int, ...]) -> int:
    if not reads:
        return lowering.emit("zero", name, part, (x,), lowering.shapes[x])
    return reads[0] if len(reads) == 1 else lowering.add(name, part, reads)


def _skip(lowering: _Lowering, name: str, part: str, x: int, reads: tuple[int, ...]) -> int:
    return reads[0]


def _conv(kernel: int) -> LowerOp:
    def emit(lowering: _Lowering, name: str, part: str, x: int, reads: tuple[int, ...]) -> int:
        return lowering.relu_conv(name, part, reads[0], lowering.shapes[x][0], kernel)

    return emit


def _avg_pool(lowering: _Lowering, name: str, part: str, x: int, reads: tuple[int, ...]) -> int:
    return lowering.avg_pool(name, part, reads[0], 3, 1)


#: Operation of a node -> the function that emits its instructions.
OPS: dict[str, LowerOp] = {
    "skip_connect": _skip,
    "nor_conv_1x1": _conv(1),
    "nor_conv_3x3": _conv(3),
    "avg_pool_3x3": _avg_pool,
    SUM: _sum,
    OUTPUT: _sum,
}
ATTRS: dict[str, tuple[str, ...]] = {}
