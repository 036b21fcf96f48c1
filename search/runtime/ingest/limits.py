"""What the reading of one file may take, the count of what it has taken, and the refusal that ends it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Report = Callable[[int, float], None]  # images so far, share of the file that is read

FREE = 64 << 20  # bytes that may be unpacked from anything, however small


class Refused(Exception):
    """The data cannot be taken as it is; the message is a sentence that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    unpacked: int = 8_000_000_000  # bytes, all members together; CIFAR-10 as PNG has 140 million
    files: int = 200_000
    file: int = 100_000_000  # bytes of one image file: it is held in memory
    pixels: int = 50_000_000  # of one image before it is scaled: a phone's largest photograph
    ratio: int = 200  # unpacked to packed; photographs reach 1, drawings 20, bombs 1,000
    text: int = 150_000_000  # bytes of a text, all its parts together: some 30 million words, 4 bytes each in memory
    decoded: int = (
        2_000_000_000  # bytes of all images as they are kept, a byte a channel: a training holds them in memory
    )
    classes: int = 1_000
    seconds: float = 1_800.0
    memory: int = 1_500_000_000  # address space of the process that reads


class Meter:
    """Counts while a file is read. Each count raises Refused at its limit."""

    def __init__(self, limits: Limits, packed: int, position: Callable[[], int], report: Report) -> None:
        self.limits, self.packed, self.position, self._report = limits, packed, position, report
        self.unpacked = self.files = self.images = self.texts = self.left_out = 0
        self._until = time.monotonic() + limits.seconds
        self._next = 0.0

    def unpack(self, count: int) -> None:
        self.unpacked += count
        if self.unpacked > self.limits.unpacked:
            raise Refused(
                f"The file unpacks to more than {self.limits.unpacked:,} bytes. "
                "Leave some of it out, or scale the images down."
            )
        if self.unpacked > FREE and self.unpacked > self.packed * self.limits.ratio:
            raise Refused(
                f"The file unpacks to more than {self.limits.ratio} times its size, as no images and no texts do. "
                "Make the archive without compression."
            )

    def text(self, count: int) -> None:
        """So many more bytes of text."""
        self.texts += count
        if self.texts > self.limits.text:
            raise Refused(f"The text has more than {self.limits.text:,} bytes. Leave some of it out.")

    def file(self) -> None:
        """One more member, of whatever kind."""
        self.files += 1
        if self.files > self.limits.files:
            raise Refused(f"The archive holds more than {self.limits.files:,} files. Leave some of them out.")
        self.tick()

    def image(self, count: int = 1) -> None:
        self.images += count
        self.tick()

    def tick(self) -> None:
        """Looks at the clock, and says how far it is twice a second."""
        now = time.monotonic()
        if now > self._until:
            raise Refused(
                f"Reading the file takes longer than the {self.limits.seconds:,.0f} seconds that are allowed. "
                "Leave some of it out, or scale the images down."
            )
        if now >= self._next:
            self._next = now + 0.5
            self._report(self.images, min(1.0, self.position() / max(1, self.packed)))


def some(names: list[str], count: int, most: int = 3) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(f"“{name if len(name) <= 80 else '…' + name[-79:]}”" for name in names[:most])
    more = count - min(len(names), most)
    return f"{shown} and {more:,} more" if more else shown
