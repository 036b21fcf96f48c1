"""A buffer for decoded images in a temporary file, so that memory does not grow with their number."""

import os
from array import array
from pathlib import Path

from search.data.datasets import Part
from search.network.limits import BOUNDS
from search.runtime.ingest.images import Pixels
from search.runtime.ingest.limits import Limits, RejectedUpload

MIN_SIDE, MAX_SIDE = BOUNDS.upload.min_side, BOUNDS.upload.max_side  # of an image, in pixels
Group = tuple[Part | None, str]  # part (None: not given) and class

CHOOSE_SIDE = f"Choose a side to scale them to, from {MIN_SIDE} to {MAX_SIDE} pixels"


class ImageBuffer:
    """Images of one size, each grey or RGB. Each belongs to a group, whose part and class are set at the end."""

    def __init__(self, path: Path, side: int | None, limits: Limits) -> None:
        self.side, self.limits = side, limits
        self.size: tuple[int, int] | None = None  # height, width
        self.groups = array("I")  # group number of each image
        self.names: list[Group] = []  # part and class by group number; filled in at the end
        self._path, self._file = path, path.open("w+b")
        self._starts, self._channels, self._end = array("Q"), array("B"), 0
        self._first_name = ""

    def __enter__(self) -> "ImageBuffer":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def channels(self) -> int:
        """3 where any image has colour, else 1."""
        return max(self._channels, default=1)

    def add(self, pixels: Pixels, group: int, name: str) -> None:
        """Raises RejectedUpload where the size differs from that of other images, or is not supported."""
        channels, height, width = pixels.shape
        if self.size is None:
            self._set_size(height, width, name)
        elif self.size != (height, width):
            raise RejectedUpload(
                f"The images differ in size: “{self._first_name}” has {self.size[1]}×{self.size[0]} pixels, "
                f"“{name}” {width}×{height}. {CHOOSE_SIDE}, or scale them yourself."
            )
        self._starts.append(self._end)
        self._channels.append(channels)
        self.groups.append(group)
        self._file.write(pixels.data)
        self._end += pixels.nbytes
        self.check_size(self._end)

    def check_size(self, size: int) -> None:
        """Raises RejectedUpload where so many bytes exceed the limit of decoded images."""
        if size > self.limits.decoded:
            raise RejectedUpload(
                f"The images take more than {self.limits.decoded:,} bytes when decoded. "
                f"{CHOOSE_SIDE}, a smaller one than now, or leave some out."
            )

    def read(self, index: int, channels: int) -> bytes:
        """One image (C, H, W) in `channels` channels: a grey image is repeated in all three."""
        assert self.size is not None
        stored = self._channels[index]
        pixels = os.pread(self._file.fileno(), stored * self.size[0] * self.size[1], self._starts[index])
        return pixels if stored == channels else pixels * channels

    def flush(self) -> None:
        self._file.flush()

    def _set_size(self, height: int, width: int, name: str) -> None:
        if max(height, width) > MAX_SIDE:
            raise RejectedUpload(
                f"“{name}” has {width}×{height} pixels, and images may have at most {MAX_SIDE}×{MAX_SIDE}. "
                f"{CHOOSE_SIDE}."
            )
        if min(height, width) < MIN_SIDE:
            raise RejectedUpload(
                f"“{name}” has {width}×{height} pixels, and a network needs at least {MIN_SIDE}×{MIN_SIDE}. "
                f"{CHOOSE_SIDE}."
            )
        self.size, self._first_name = (height, width), name
