"""The macro: the network around the graph, one class per design.

A network of cells has stages, repeats, widths, resolution and classes; a chain of blocks has a head, and its nodes say
the rest; a language model has a vocabulary and a width.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from search.base import serialization
from search.data.datasets import METRIC_OF, Data, ImageData, Kind, Metric, TextData

Activation = Literal["relu", "swish", "sigmoid", "tanh", "identity"]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Consecutive cells of one width. The first one divides the resolution by `stride`."""

    filters: int  # channels of every node of the cell
    cells: int = 1
    stride: int = 1

    def __post_init__(self) -> None:
        if min(self.filters, self.cells, self.stride) < 1:
            raise ValueError("filters, cells and stride of a stage must be at least 1")


@dataclass(frozen=True, kw_only=True)
class ImageMacro:
    """AutoShrink's image network: stem convolution, stages of cells, an optional 1x1 head, global pooling, one dense
    layer."""

    kind: Literal["image"] = "image"
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

    @property
    def widths(self) -> tuple[int, ...]:
        return (self.stem_filters, self.head_filters or 1, *(stage.filters for stage in self.stages))

    @property
    def strides(self) -> tuple[int, ...]:
        return (self.stem_stride, *(stage.stride for stage in self.stages))

    @property
    def copies(self) -> int:
        """How often the graph is in the network."""
        return sum(stage.cells for stage in self.stages)


@dataclass(frozen=True, kw_only=True)
class Nasbench201Macro:
    """The skeleton of NAS-Bench-201 (Dong and Yang, ICLR 2020, section 2.1).

    A stem, three stages of equal cells at one, two and four times the channels, a residual block that halves the
    resolution between two stages, and a dense layer.
    """

    kind: Literal["nasbench201"] = "nasbench201"
    input: tuple[int, int, int]
    classes: int
    channels: int = 16  # of the stem and the first stage
    cells: int = 5  # of each stage
    scales: tuple[int, ...] = (1, 2, 4)  # channels of each stage, relative to the first

    def __post_init__(self) -> None:
        if min(*self.input, self.classes, self.channels, self.cells, *self.scales) < 1:
            raise ValueError("input, classes, channels, cells and scales of a network must be at least 1")

    @property
    def widths(self) -> tuple[int, ...]:
        return tuple(scale * self.channels for scale in self.scales)

    @property
    def strides(self) -> tuple[int, ...]:
        return (1, *[2] * (len(self.scales) - 1))

    @property
    def copies(self) -> int:
        return len(self.scales) * self.cells


@dataclass(frozen=True, kw_only=True)
class ChainMacro:
    """A chain of blocks, whose nodes carry their own widths and strides, a 1x1 head, and a dense layer.

    With a `resolution`, the network takes images of that side whatever the data's is, and images are scaled to it.
    """

    kind: Literal["chain"] = "chain"
    input: tuple[int, int, int]
    classes: int
    head_filters: int
    resolution: int | None = None  # pixels; None: that of the data
    shortcuts: bool = True  # ZiCo scores chains without their residual links (spec section 1.3)

    def __post_init__(self) -> None:
        if min(*self.input, self.classes, self.head_filters, self.resolution or 1) < 1:
            raise ValueError("input, classes, head and resolution of a network must be at least 1")

    @property
    def widths(self) -> tuple[int, ...]:
        """Without those of the blocks, which are in the graph."""
        return (self.head_filters,)

    @property
    def strides(self) -> tuple[int, ...]:
        return ()

    @property
    def copies(self) -> int:
        return 1


@dataclass(frozen=True, kw_only=True)
class TextMacro:
    """A word-level language model: an embedding, one recurrent cell, and a decoder that shares the embedding."""

    kind: Literal["text"] = "text"
    vocabulary: int
    hidden: int  # width of the embedding, the state and every node of the cell

    def __post_init__(self) -> None:
        if min(self.vocabulary, self.hidden) < 1:
            raise ValueError("vocabulary and hidden size of a language model must be at least 1")

    @property
    def copies(self) -> int:
        return 1


AnyImageMacro = ImageMacro | Nasbench201Macro | ChainMacro
Macro = AnyImageMacro | TextMacro
MACROS: tuple[type[Macro], ...] = (ImageMacro, Nasbench201Macro, ChainMacro, TextMacro)
MacroKind = Literal["image", "nasbench201", "chain", "text"]


#: Of the data that the networks take.
DATA_KINDS: dict[MacroKind, Kind] = {"image": "image", "nasbench201": "image", "chain": "image", "text": "text"}


def data_kind(macro: Macro) -> Kind:
    """Of the data that the network takes."""
    return DATA_KINDS[macro.kind]


def metric_of(kind: MacroKind) -> Metric:
    """By which networks of this kind of macro are measured."""
    return METRIC_OF[DATA_KINDS[kind]]


def read(data: Any) -> Macro:
    """A macro from its JSON. Raises search.base.serialization.DecodeError."""
    macro: Macro = serialization.decode_tagged(MACROS, data, "macro")
    return macro


def input_of(data: ImageData, resolution: int | None) -> tuple[int, int, int]:
    """Of a network that takes these images, at their size or scaled to this side."""
    return data.shape if resolution is None else (data.shape[0], resolution, resolution)


class DataMismatch(ValueError):
    """The network and the data are of different kinds. The message is a sentence."""


def adapt(macro: Macro, data: Data) -> Macro:
    """The macro with the input and output sizes of this data. Raises DataMismatch."""
    if isinstance(macro, TextMacro) and isinstance(data, TextData):
        return replace(macro, vocabulary=data.vocabulary)
    if not isinstance(macro, TextMacro) and isinstance(data, ImageData):
        return replace(
            macro, input=input_of(data, macro.resolution if macro.kind == "chain" else None), classes=data.classes
        )
    raise DataMismatch(
        "This is a language model, and the dataset holds images. Pick a text dataset."
        if isinstance(macro, TextMacro)
        else "This network takes images, and the dataset is a text. Pick an image dataset."
    )
