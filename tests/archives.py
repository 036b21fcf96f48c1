"""Uploads for tests, generated from seeds: archives of class folders, and npz files of arrays."""

import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Files = dict[str, bytes]


def picture(seed: int, size: tuple[int, int] = (8, 8), mode: str = "RGB", form: str = "PNG", **options: Any) -> bytes:
    """An image file of random pixels; `size` is (width, height)."""
    rng = np.random.default_rng(seed)
    channels = {"L": 1, "RGB": 3, "RGBA": 4, "LA": 2, "CMYK": 4}[mode]
    pixels = rng.integers(0, 256, (size[1], size[0], channels), np.uint8)
    image = Image.fromarray(pixels.squeeze(-1) if channels == 1 else pixels, mode if mode in ("LA", "CMYK") else None)
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def sized(png: bytes, width: int, height: int) -> bytes:
    """The PNG with another width and height in its header."""
    header = png[12:16] + struct.pack(">II", width, height) + png[24:29]
    return png[:12] + header + struct.pack(">I", zlib.crc32(header)) + png[33:]


def folders(
    classes: Iterable[str] = ("cat", "dog"), each: int = 12, parts: Iterable[str] = ("",), **options: Any
) -> Files:
    """Images in class folders, by path. `parts`: the folders above them, "" for none."""
    return {
        f"{part}{'/' if part else ''}{name}/{number}.png": picture(seed_of(part, name, number), **options)
        for part in parts
        for name in classes
        for number in range(each)
    }


def seed_of(*words: object) -> int:
    """A seed that is equal in every process."""
    return int.from_bytes("/".join(map(str, words)).encode()[:16].rjust(16, b"\0"), "big") % 2**32


def zipped(files: Files, method: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def tarred(files: Files, kind: str = "", extra: Iterable[tarfile.TarInfo] = ()) -> bytes:
    """`kind`: "", "gz" or "xz"; `extra`: members without content, such as links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{kind}") as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in extra:
            archive.addfile(info)
    return out.getvalue()


def arrays(
    count: int = 40, classes: int = 2, shape: tuple[int, ...] = (8, 8), seed: int = 0
) -> dict[str, NDArray[Any]]:
    """Images and labels."""
    rng = np.random.default_rng(seed)
    return {"x": rng.integers(0, 256, (count, *shape), np.uint8), "y": np.arange(count) % classes}


def npz(**named: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **named)
    return out.getvalue()
