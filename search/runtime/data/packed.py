"""Packed datasets, the files that search.runtime.ingest writes; the last few are cached in this process."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from safetensors import safe_open
from torch import Tensor

from search.data import statistics
from search.data.datasets import PACKED, PARTS, Part
from search.data.statistics import Statistics
from search.runtime.context import Files

T = TypeVar("T")
CACHE_SIZE = 2  # datasets: a worker rarely alternates between more than two searches


class Packed(NamedTuple):
    """A packed file in a file store."""

    sha256: str
    files: Files


class Unreadable(RuntimeError):
    """The file is not a packed dataset of the version that this program reads."""


Parts = dict[Part, tuple[Tensor, Tensor]]  # images (N, C, H, W) uint8, labels (N,) int64


class PackedImages(NamedTuple):
    split: str  # fingerprint
    parts: Parts  # those in the file
    statistics: Statistics | None  # of the training part; None in files of earlier versions, which did not store them


_cache: OrderedDict[tuple[str, Callable[[Path], Any]], Any] = OrderedDict()


def cached(packed: Packed, read: Callable[[Path], T]) -> T:
    """`read` of the file's path, from the cache where it is there."""
    key = packed.sha256, read
    if key not in _cache:
        _cache[key] = read(packed.files.path_of(packed.sha256))
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    _cache.move_to_end(key)
    value: T = _cache[key]
    return value


def read_images(path: Path) -> PackedImages:
    """Raises Unreadable."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        if metadata.get("v") != PACKED:
            raise Unreadable(f"{path.name} is a dataset of version {metadata.get('v')}; this program reads {PACKED}")
        images, labels, part_numbers = (file.get_tensor(name) for name in ("images", "labels", "parts"))
    parts: Parts = {}
    for number, part in enumerate(PARTS):
        chosen = part_numbers == number
        if chosen.any():
            parts[part] = images[chosen], labels[chosen]
    text = metadata.get("statistics")
    return PackedImages(metadata["split"], parts, None if text is None else statistics.from_text(text))
