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

    def __post_init__(self) -> None:
        if min(self.filters, self.cells, self.stride) < 1:
            raise ValueError("filters, cells and stride of a stage must be at least 1")


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

    def __post_init__(self) -> None:
        counts = (*self.input, self.classes, self.stem_filters, self.stem_stride)
        if min(counts) < 1 or (self.head_filters is not None and self.head_filters < 1):
            raise ValueError("input, classes, filters and strides of a network must be at least 1")
