"""Chains of blocks: the inverted bottlenecks of ZiCo's search space (ICLR 2023; spec section 4) and of NAS-Bench-Macro
(Su et al., CVPR 2021). Each node is a block and carries its width and stride; a 1x1 head and a dense layer follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from search.network.graph import BadGraph, Graph, Node
from search.network.limits import BOUNDS, MAX_CELLS, MAX_STRIDE
from search.network.lowering.image_builder import ImageBuilder
from search.network.macro import Activation, ChainMacro
from search.network.program import Program

EXPANSIONS, KERNELS = (1, 2, 4, 6), (3, 5, 7)
MULTIPLE = 8  # that widths are rounded to
#: The largest value of each attribute.
MOST = {"filters": BOUNDS.width, "bottleneck": BOUNDS.width, "layers": MAX_CELLS, "stride": MAX_STRIDE}


def lower(graph: Graph, macro: ChainMacro, nodes: Sequence[Node]) -> Program:
    """The program of this chain. `nodes`: the nodes except the input, in the order in which they run.

    Raises BadGraph if the graph is no chain, an operation is unknown, or its attributes are not those of the block.
    """
    if any(graph.predecessors[b.id] != (a.id,) for a, b in zip(graph.nodes, graph.nodes[1:], strict=False)):
        raise BadGraph("the blocks of a chain read one another in order")
    lowering = _Lowering(macro.shortcuts)
    x = lowering.input(macro.input)
    for node in nodes:
        x = lowering.block(node, x)
    x = lowering.conv("head", "head", x, macro.head_filters, "relu")
    lowering.classifier(x, macro.classes)
    return lowering.program


def round_width(width: float) -> int:
    """To the nearest multiple, halves to even as in the released code; at least one multiple."""
    return max(round(width / MULTIPLE), 1) * MULTIPLE


class _Lowering(ImageBuilder):
    def __init__(self, shortcuts: bool) -> None:
        super().__init__()
        self.shortcuts = shortcuts

    def block(self, node: Node, x: int) -> int:
        if node.op not in OPS:
            raise BadGraph(f"node {node.id} has the unknown operation {node.op!r}; the operations are {', '.join(OPS)}")
        return OPS[node.op](self, f"node{node.id}", f"node {node.id}", x, _attrs_of(node))

    def inverted(self, name: str, part: str, x: int, hidden: int, out: int, kernel: int, stride: int = 1) -> int:
        """1x1 to `hidden`, depthwise, 1x1 to `out`, the last one without an activation."""
        x = self.conv(f"{name}.expand", part, x, hidden, "relu")
        x = self.depthwise(f"{name}.depthwise", part, x, kernel, "relu", stride)
        return self.conv(f"{name}.project", part, x, out, None)


def _attrs_of(node: Node) -> dict[str, int]:
    given, sizes = dict(node.attrs), dict[str, int]()
    for name in ATTRS[node.op]:
        size = given.pop(name, None)
        if not isinstance(size, int) or not 1 <= size <= MOST[name]:
            raise BadGraph(
                f"the {name} of node {node.id} must be a whole number from 1 to {MOST[name]:,}, not {size!r}"
            )
        sizes[name] = size
    if given:
        raise BadGraph(f"node {node.id} ({node.op}) has no {', '.join(given)}")
    return sizes


#: Emits a block that reads `x`, with its attributes; returns its value.
LowerBlock = Callable[[_Lowering, str, str, int, Mapping[str, int]], int]


def _stem(lowering: _Lowering, name: str, part: str, x: int, attrs: Mapping[str, int]) -> int:
    return lowering.conv(name, part, x, attrs["filters"], "relu", kernel=3, stride=attrs["stride"])


def _identity(lowering: _Lowering, name: str, part: str, x: int, attrs: Mapping[str, int]) -> int:
    """NAS-Bench-Macro's: a 1x1 convolution where the width or the resolution changes."""
    if attrs["stride"] == 1 and attrs["filters"] == lowering.shapes[x][0]:
        return x
    return lowering.conv(name, part, x, attrs["filters"], None, stride=attrs["stride"])


def _mobile(kernel: int, expansion: int) -> LowerBlock:
    """MobileNetV2's block (Sandler et al., CVPR 2018, section 3.3), as NAS-Bench-Macro has it."""

    def emit(lowering: _Lowering, name: str, part: str, x: int, attrs: Mapping[str, int]) -> int:
        filters, stride, width = attrs["filters"], attrs["stride"], lowering.shapes[x][0]
        body = lowering.inverted(name, part, x, width * expansion, filters, kernel, stride)
        joins = lowering.shortcuts and stride == 1 and filters == width
        return lowering.add(f"{name}.add", part, (body, x)) if joins else body

    return emit


def _super(kernel: int, expansion: int) -> LowerBlock:
    """ZiCo's super-block: `layers` pairs of inverted bottlenecks, from the width to `bottleneck` and on to `filters`.

    The stride is that of the first depthwise convolution, whose shortcut is always projected.
    """

    def emit(lowering: _Lowering, name: str, part: str, x: int, attrs: Mapping[str, int]) -> int:
        for layer in range(attrs["layers"]):
            for half, width in enumerate((attrs["bottleneck"], attrs["filters"])):
                first = layer == half == 0
                path, stride = f"{name}.layer{layer}.{'ab'[half]}", attrs["stride"] if first else 1
                body = lowering.inverted(path, part, x, round_width(width * expansion), width, kernel, stride)
                x = _joined(lowering, path, part, x, body, first, stride)
        return x

    return emit


def _joined(lowering: _Lowering, path: str, part: str, x: int, body: int, first: bool, stride: int) -> int:
    relu: Activation = "relu"
    if not lowering.shortcuts:
        return lowering.activation(f"{path}.relu", part, body, relu)
    if first or lowering.shapes[x] != lowering.shapes[body]:
        x = lowering.conv(f"{path}.shortcut", part, x, lowering.shapes[body][0], None, stride=stride)
    return lowering.add(f"{path}.add", part, (body, x), relu)


SUPER_BLOCKS = {f"k{kernel}e{expansion}": (kernel, expansion) for kernel in KERNELS for expansion in EXPANSIONS}
#: Operation of a node -> the function that emits its instructions.
OPS: dict[str, LowerBlock] = {
    "stem": _stem,
    "identity": _identity,
    "mb3_k3": _mobile(3, 3),
    "mb6_k5": _mobile(5, 6),
    **{name: _super(*sizes) for name, sizes in SUPER_BLOCKS.items()},
}
#: Operation -> the attributes that its nodes have.
ATTRS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("stem", "identity", "mb3_k3", "mb6_k5"), ("filters", "stride")),
    **dict.fromkeys(SUPER_BLOCKS, ("bottleneck", "filters", "layers", "stride")),
}
