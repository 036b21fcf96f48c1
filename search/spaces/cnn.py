"""AutoShrink's space of convolutional cells (AAAI 2020; spec section 3).

A cell is a DAG whose nodes have one of two operations, fixed before the search: `sep3` (depthwise 3x3, then pointwise)
or `conv1` (1x1 convolution). Only edges are searched: the search starts from the complete cell and removes edges.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from search.base.config import option
from search.data.datasets import ImageData, Kind
from search.network.edits import Edits
from search.network.graph import Graph, complete
from search.network.locks import Locks
from search.network.macro import Activation, ImageMacro, Stage
from search.spaces.base import Move
from search.spaces.cells import decode as decode
from search.spaces.cells import encode as encode
from search.spaces.cells import mutate_cell, sample_cell, why_not_in_space
from search.spaces.smallest import smallest as smallest

NAME = "cnn"
TITLE = "Convolutional cell"
ABOUT = "A cell of separable 3x3 and 1x1 convolutions, repeated at three widths."
KIND: Kind = "image"
OPS: tuple[str, ...] = ("sep3", "conv1")
MOVES: frozenset[Move] = frozenset({"remove", "smallest", "sample", "mutate"})


@dataclass(frozen=True, kw_only=True)
class Config:
    nodes: int = option(
        8,
        "Nodes",
        "Nodes of the cell, including its input. More nodes give a richer cell and a longer search.",
        min=2,
        max=16,
    )  # published: 8 (spec section 2)


#: Number of nodes -> operations of nodes 1, 2, ..., as the released code draws them with its seed.
PUBLISHED_OPS: dict[int, str] = {
    6: "sep3 sep3 conv1 sep3 conv1",
    8: "conv1 sep3 conv1 conv1 sep3 sep3 conv1",
}


def macro(config: Config, data: ImageData) -> ImageMacro:
    return search_macro(data.shape, data.classes)


def start(config: Config, seed: int) -> Graph:
    return dense(config.nodes)


def dense(nodes: int) -> Graph:
    """The complete cell of `nodes` nodes including the input, with nodes * (nodes - 1) / 2 edges."""
    ops = PUBLISHED_OPS[nodes].split() if nodes in PUBLISHED_OPS else _draw_ops(nodes)
    return complete(ops)


def check(graph: Graph, start: Graph, config: Config) -> str | None:
    return why_not_in_space(graph, start, OPS)


def sample(start: Graph, locks: Locks, rng: random.Random) -> Graph:
    return sample_cell(start, locks, rng)


def mutate(graph: Graph, start: Graph, locks: Locks, rng: random.Random) -> Edits:
    return mutate_cell(graph, start, OPS, locks, rng)


def _draw_ops(nodes: int) -> list[str]:
    """Alternating operations, shuffled, as in the released code."""
    ops = [OPS[i % 2] for i in range(nodes)]
    random.Random(nodes).shuffle(ops)  # seeded by the size, so that all searches of one size start from the same cell
    return ops[1:]  # the first one would be the input's


def filters(scale: float, width: float = 1.0, base: int = 16) -> int:
    """Channels of a node: `base * scale * width` rounded to a multiple of 4 as published, with halves to even."""
    return max(round(int(base * scale * width) / 4), 1) * 4


@dataclass(frozen=True, kw_only=True)
class Family:
    """Networks of one design at any width and depth. Tuples have one entry per stage."""

    title: str
    scales: tuple[float, ...]  # channels relative to the base width
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
        """The network of this width. `cells`: cells of the first stages; by default those of the family."""
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
            # published: 1280 at width 1.4; below width 1 the head narrows with the network
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
    """The proxy network for training candidates: a stem of 32 channels, and single cells of 16, 32 and 64 channels."""
    return FAMILIES["search"].macro(shape, classes)
