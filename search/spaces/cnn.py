"""AutoShrink's space of convolutional cells (AAAI 2020; spec section 3).

A cell is a DAG whose nodes carry one of two operations, fixed before the search begins: `sep3` (depthwise 3x3, then
pointwise) or `conv1` (1x1 convolution). Only edges are searched: the dense cell is complete, and edges go.
"""

import random

from search.datasets import Kind
from search.graph import Graph, complete
from search.macro import ImageMacro, Stage

TITLE = "Convolutional cell"
KIND: Kind = "image"
OPS = ("sep3", "conv1")
MIN_NODES, MAX_NODES = 2, 16

#: Operations of nodes 1.. as the published recipe draws them with its shipped seed: alternating labels, shuffled.
PUBLISHED_OPS: dict[int, str] = {
    6: "sep3 sep3 conv1 sep3 conv1",
    8: "conv1 sep3 conv1 conv1 sep3 sep3 conv1",
}


def dense(nodes: int) -> Graph:
    """The complete cell of so many nodes, the input counted: nodes * (nodes - 1) / 2 edges."""
    ops = PUBLISHED_OPS[nodes].split() if nodes in PUBLISHED_OPS else _drawn_ops(nodes)
    return complete(ops)


def _drawn_ops(nodes: int) -> list[str]:
    labels = [OPS[i % 2] for i in range(nodes)]
    random.Random(nodes).shuffle(labels)  # by size alone: every search of this size starts from the same cell
    return labels[1:]  # the input's label is never used


def filters(scale: float, width: float = 1.0, base: int = 16) -> int:
    """Channels of a node: a multiple of 4, as published (half rounds to even)."""
    return max(round(int(base * scale * width) / 4), 1) * 4


def search_macro(shape: tuple[int, int, int], classes: int) -> ImageMacro:
    """The proxy network that candidates are trained in: stem of 32, three stages of one cell, widths 16, 32, 64."""
    return ImageMacro(
        input=shape,
        classes=classes,
        stem_filters=32,
        stages=(
            Stage(filters=filters(1)),
            Stage(filters=filters(2), stride=2),
            Stage(filters=filters(4), stride=2),
        ),
    )
