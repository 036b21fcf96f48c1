"""Packed datasets, as search.runtime.ingest leaves them: read once a process, kept as bytes."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from safetensors import safe_open
from torch import Tensor

from search.data.datasets import PACKED, PARTS, Part
from search.runtime.context import Files

T = TypeVar("T")
MOST = 2  # datasets kept: a worker goes back and forth between two searches at most for long


class Packed(NamedTuple):
    """A packed file, and where files are."""

    sha256: str
    files: Files


class Unreadable(RuntimeError):
    """The file is not a packed dataset that this program reads."""


Loaded = dict[Part, tuple[Tensor, Tensor]]  # images (N, C, H, W) uint8, labels (N,) int64

_kept: OrderedDict[tuple[str, Callable[[Path], Any]], Any] = OrderedDict()


def load(packed: Packed) -> tuple[str, Loaded]:
    """The fingerprint of its split, and the parts in it. Raises Unreadable, or what the files raise."""
    return cached(packed, _read)


def cached(packed: Packed, read: Callable[[Path], T]) -> T:
    """What `read` makes of the file, done once for as long as it is among the last few."""
    key = packed.sha256, read
    if key not in _kept:
        _kept[key] = read(packed.files.path_of(packed.sha256))
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    found: T = _kept[key]
    return found


def _read(path: Path) -> tuple[str, Loaded]:
    with safe_open(path, "pt") as file:
        about = file.metadata() or {}
        if about.get("v") != PACKED:
            raise Unreadable(f"{path.name} is a dataset of version {about.get('v')}; this program reads {PACKED}")
        images, labels, parts = (file.get_tensor(name) for name in ("images", "labels", "parts"))
    loaded: Loaded = {}
    for number, part in enumerate(PARTS):
        chosen = parts == number
        if chosen.any():
            loaded[part] = images[chosen], labels[chosen]
    return about["split"], loaded
