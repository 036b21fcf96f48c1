"""The layout of a sample sheet: one picture with some images of each class of a dataset."""

from collections.abc import Sequence
from typing import NamedTuple


class Sheet(NamedTuple):
    """A grid of tiles, filled row by row, one class after the other."""

    columns: int
    tile: int  # side of a tile in pixels
    classes: tuple[int, ...]  # label of each tile


def sheet(shape: tuple[int, int, int], train_counts: Sequence[int]) -> Sheet:
    """The sheet for images of this shape (C, H, W). `train_counts`: training images per class; only those are shown."""
    per_class = max(1, min(8, 96 // len(train_counts)))
    side = max(shape[1:])
    tile = side * (64 // side) if side < 64 else 64
    labels = [label for label, count in enumerate(train_counts[:96]) for _ in range(min(per_class, count))]
    return Sheet(columns=8 if per_class == 8 else 12, tile=tile, classes=tuple(labels))
