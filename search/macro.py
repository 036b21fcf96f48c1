"""The macro: what stands around the cell. Stages, repeats, widths, resolution, classes."""

from dataclasses import dataclass
from typing import Literal

Activation = Literal["relu", "swish"]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Cells of one width in a row; the first of them divides the resolution by `stride`."""

    filters: int  # of every node of the cell
    cells: int = 1
    stride: int = 1


@dataclass(frozen=True, kw_only=True)
class Macro:
    """An image network: stem convolution, stages of cells, an optional 1x1 head, global pooling, one dense layer."""

    input: tuple[int, int, int]  # channels, height, width
    classes: int
    stem_filters: int
    stages: tuple[Stage, ...]
    stem_stride: int = 1
    head_filters: int | None = None
    activation: Activation = "relu"
