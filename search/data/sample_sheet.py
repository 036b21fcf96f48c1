"""The layout of a sample sheet: one picture that shows some images of each class of a dataset."""

from collections.abc import Sequence
from typing import NamedTuple


class Sheet(NamedTuple):
    """Some images of each class on one picture, class by class, row by row."""

    columns: int
    tile: int  # side of a tile in pixels
    classes: tuple[int, ...]  # of each tile


def sheet(shape: tuple[int, int, int], trains: Sequence[int]) -> Sheet:
    """`trains`: how many images of each class train; only those are shown."""
    each = max(1, min(8, 96 // len(trains)))
    side = max(shape[1:])
    tile = side * (64 // side) if side < 64 else 64
    shown = [label for label, count in enumerate(trains[:96]) for _ in range(min(each, count))]
    return Sheet(columns=8 if each == 8 else 12, tile=tile, classes=tuple(shown))
