"""Decoded images on their way: in a temporary file, so that memory does not grow with their number."""

import os
from array import array
from pathlib import Path

from search.data.datasets import Part
from search.network.limits import BOUNDS
from search.runtime.ingest.images import Pixels
from search.runtime.ingest.limits import Limits, Refused

LARGEST, SMALLEST = BOUNDS.upload.max_side, BOUNDS.upload.min_side  # side of an image, in pixels
Group = tuple[Part | None, str]  # part (None: not given) and class

CHOOSE = f"Choose a side to scale them to, from {SMALLEST} to {LARGEST} pixels"


class Spool:
    """All of one size, grey or RGB each; whose class and part they are comes later, by the group that they carry."""

    def __init__(self, path: Path, side: int | None, limits: Limits) -> None:
        self.side, self.limits = side, limits
        self.size: tuple[int, int] | None = None  # height, width
        self.groups = array("I")
        self.names: list[Group] = []  # part and class, by group; filled in at the end
        self._path, self._file = path, path.open("w+b")
        self._starts, self._channels, self._end = array("Q"), array("B"), 0
        self._first = ""

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def channels(self) -> int:
        """3 where any image has colour."""
        return max(self._channels, default=1)

    def add(self, pixels: Pixels, group: int, name: str) -> None:
        """Raises Refused where it does not go with the others."""
        channels, height, width = pixels.shape
        if self.size is None:
            self._begin(height, width, name)
        elif self.size != (height, width):
            raise Refused(
                f"The images differ in size: “{self._first}” has {self.size[1]}×{self.size[0]} pixels, "
                f"“{name}” {width}×{height}. {CHOOSE}, or scale them yourself."
            )
        self._starts.append(self._end)
        self._channels.append(channels)
        self.groups.append(group)
        self._file.write(pixels.data)
        self._end += pixels.nbytes
        self.expect(self._end)

    def expect(self, count: int) -> None:
        if count > self.limits.decoded:
            raise Refused(
                f"The images take more than {self.limits.decoded:,} bytes when decoded. "
                f"{CHOOSE}, a smaller one than now, or leave some out."
            )

    def read(self, index: int, channels: int) -> bytes:
        """(C, H, W); a grey image among coloured ones has its values three times."""
        assert self.size is not None
        own = self._channels[index]
        pixels = os.pread(self._file.fileno(), own * self.size[0] * self.size[1], self._starts[index])
        return pixels if own == channels else pixels * channels

    def flush(self) -> None:
        self._file.flush()

    def _begin(self, height: int, width: int, name: str) -> None:
        if max(height, width) > LARGEST:
            raise Refused(
                f"“{name}” has {width}×{height} pixels, and at most {LARGEST}×{LARGEST} are taken as they are. "
                f"{CHOOSE}."
            )
        if min(height, width) < SMALLEST:
            raise Refused(
                f"“{name}” has {width}×{height} pixels, and a network needs {SMALLEST}×{SMALLEST} at least. {CHOOSE}."
            )
        self.size, self._first = (height, width), name
