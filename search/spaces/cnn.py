"""AutoShrink's space of convolutional cells (AAAI 2020; spec section 3).

A cell is a DAG whose nodes carry one of two operations, fixed before the search begins: `sep3` (depthwise 3x3, then
pointwise) or `conv1` (1x1 convolution). Only edges are searched: the dense cell is complete, and edges go.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from search.data.datasets import Kind
from search.network.graph import Graph, complete
from search.network.macro import Activation, ImageMacro, Stage

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


@dataclass(frozen=True, kw_only=True)
class Family:
    """Networks of one build and all sizes: scales of filters, cells and strides of their stages."""

    title: str
    scales: tuple[float, ...]
    cells: tuple[int, ...]
    strides: tuple[int, ...]
    stem_stride: int = 1
    head_filters: int | None = None

    def macro(
        self,
        shape: tuple[int, int, int],
        classes: int,
        *,
        width: float = 1.0,
        cells: Sequence[int] | None = None,
        stem_stride: int | None = None,
        activation: Activation = "relu",
    ) -> ImageMacro:
        """The network of this width; `cells` of the first so many stages, if they are not the family's own."""
        cells = self.cells if cells is None else cells
        return ImageMacro(
            input=shape,
            classes=classes,
            stem_filters=filters(2, width),
            stem_stride=self.stem_stride if stem_stride is None else stem_stride,
            stages=tuple(
                Stage(filters=filters(scale, width), cells=repeats, stride=stride)
                for scale, repeats, stride in zip(self.scales, cells, self.strides, strict=False)
            ),
            # published: 1280 at a width of 1.4; a narrower network than the plain one has less to gather
            head_filters=self.head_filters and filters(self.head_filters / 16, min(width, 1.0)),
            activation=activation,
        )


FAMILIES: dict[str, Family] = {
    "published": Family(
        title="As published for ImageNet",
        scales=(0.5, 1, 2, 4, 8),
        cells=(1, 3, 4, 6, 4),
        strides=(1, 2, 2, 2, 2),
        stem_stride=2,
        head_filters=1280,
    ),
    "search": Family(title="As in the search", scales=(1, 2, 4), cells=(1, 1, 1), strides=(1, 2, 2)),
}


def search_macro(shape: tuple[int, int, int], classes: int) -> ImageMacro:
    """The proxy network that candidates are trained in: stem of 32, three stages of one cell, widths 16, 32, 64."""
    return FAMILIES["search"].macro(shape, classes)
