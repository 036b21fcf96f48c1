"""The macro: the network around the cell.

An image network has stages, repeats, widths, resolution and classes; a language model has a vocabulary and a width.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

from search.base import serialization
from search.data.datasets import Data, ImageData, TextData

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
    """An image network: stem convolution, stages of cells, an optional 1x1 head, global pooling, one dense layer."""

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


@dataclass(frozen=True, kw_only=True)
class TextMacro:
    """A word-level language model: an embedding, one recurrent cell, and a decoder that shares the embedding."""

    kind: Literal["text"] = "text"
    vocabulary: int
    hidden: int  # width of the embedding, the state and every node of the cell

    def __post_init__(self) -> None:
        if min(self.vocabulary, self.hidden) < 1:
            raise ValueError("vocabulary and hidden size of a language model must be at least 1")


Macro = ImageMacro | TextMacro


def read(data: Any) -> Macro:
    """A macro from its JSON. Raises search.base.serialization.DecodeError."""
    macro: Macro = serialization.decode_tagged((ImageMacro, TextMacro), data, "macro")
    return macro


class DataMismatch(ValueError):
    """The network and the data are of different kinds. The message is a sentence."""


def adapt(macro: Macro, data: Data) -> Macro:
    """The macro with the input and output sizes of this data. Raises DataMismatch."""
    if isinstance(macro, TextMacro) and isinstance(data, TextData):
        return replace(macro, vocabulary=data.vocabulary)
    if isinstance(macro, ImageMacro) and isinstance(data, ImageData):
        return replace(macro, input=data.shape, classes=data.classes)
    raise DataMismatch(
        "This is a language model, and the dataset holds images. Pick a text dataset."
        if isinstance(macro, TextMacro)
        else "This network takes images, and the dataset is a text. Pick an image dataset."
    )
