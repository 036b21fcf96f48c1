"""Limits for reading one upload, the counter that enforces them, and the exception that rejects a file."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[int, float], None]  # images so far, share of the file that has been read

UNPACKED_MINIMUM = 64 << 20  # bytes: the compression ratio is not checked below this size
REPORT_SECONDS = 0.5


class RejectedUpload(Exception):
    """The file cannot be used as it is; the message is a sentence that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    unpacked: int = 8_000_000_000  # bytes of all members together; CIFAR-10 as PNG has 140 million
    files: int = 200_000
    file: int = 100_000_000  # bytes of one image file, which is held in memory
    pixels: int = 50_000_000  # of one image before it is scaled: a large photograph of a phone
    ratio: int = 200  # unpacked to packed size; photographs reach 1, drawings 20, zip bombs 1,000
    text: int = 150_000_000  # bytes of all parts of a text: some 30 million words, with 4 bytes each in memory
    decoded: int = 2_000_000_000  # bytes of all decoded images, one per channel: a training holds them in memory
    classes: int = 1_000
    seconds: float = 1_800.0
    memory: int = 1_500_000_000  # bytes of address space of the process that reads


class UsageCounter:
    """Counts what has been read. Every method raises RejectedUpload where a limit is exceeded."""

    def __init__(self, limits: Limits, packed_size: int, position: Callable[[], int], report: Report) -> None:
        """`position`: how many bytes of the file, of `packed_size` in all, have been read."""
        self.limits, self.packed_size, self.position, self._report = limits, packed_size, position, report
        self.unpacked = self.members = self.images = self.text_bytes = self.skipped = 0
        self._deadline = time.monotonic() + limits.seconds
        self._next_report = 0.0

    def add_unpacked(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > self.limits.unpacked:
            raise RejectedUpload(
                f"The file unpacks to more than {self.limits.unpacked:,} bytes. "
                "Leave some of it out, or scale the images down."
            )
        if self.unpacked > UNPACKED_MINIMUM and self.unpacked > self.packed_size * self.limits.ratio:
            raise RejectedUpload(
                f"The file unpacks to more than {self.limits.ratio} times its size, which images and texts never do. "
                "Make the archive without compression."
            )

    def add_text(self, size: int) -> None:
        self.text_bytes += size
        if self.text_bytes > self.limits.text:
            raise RejectedUpload(f"The text has more than {self.limits.text:,} bytes. Leave some of it out.")

    def add_member(self) -> None:
        """A member of an archive, of any kind."""
        self.members += 1
        if self.members > self.limits.files:
            raise RejectedUpload(f"The archive holds more than {self.limits.files:,} files. Leave some of them out.")
        self.check_time()

    def add_images(self, count: int = 1) -> None:
        self.images += count
        self.check_time()

    def check_time(self) -> None:
        """Also reports progress, every REPORT_SECONDS."""
        now = time.monotonic()
        if now > self._deadline:
            raise RejectedUpload(
                f"Reading the file takes longer than the {self.limits.seconds:,.0f} seconds that are allowed. "
                "Leave some of it out, or scale the images down."
            )
        if now >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self._report(self.images, min(1.0, self.position() / max(1, self.packed_size)))


def quote_names(names: list[str], count: int, limit: int = 3) -> str:
    """The first names in quotes, and how many of `count` are not shown."""
    shown = ", ".join(f"“{name if len(name) <= 80 else '…' + name[-79:]}”" for name in names[:limit])
    more = count - min(len(names), limit)
    return f"{shown} and {more:,} more" if more else shown
