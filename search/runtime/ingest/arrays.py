"""npz files: images and labels as arrays, read a few images at a time, pickled ones never.

Names, of which upper and lower case are one: `x` and `y`, or `images` and `labels`; with given parts the same with
`train`, `val` (`valid`, `validation`) or `test` before or after, as in x_train and y_train, train_images and
train_labels. Images are (N, H, W), (N, H, W, C) or (N, C, H, W) with one or three channels, uint8, or floats from 0 to
1. Labels are whole numbers, (N,) or (N, 1), and name the classes.
"""

import math
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from search.data.datasets import Part
from search.runtime.ingest import archive
from search.runtime.ingest.archive import Counted, damaged
from search.runtime.ingest.folders import PARTS
from search.runtime.ingest.images import Pixels, scaled
from search.runtime.ingest.limits import Meter, Refused, some
from search.runtime.ingest.spool import Group, Spool

IMAGES, LABELS = ("x", "images"), ("y", "labels")
WANTED = "Name the arrays x and y, or x_train, y_train, x_test, y_test and so on."
AT_ONCE = 4 << 20  # bytes
SLACK = 1e-6  # of floats, beyond 0 and 1
LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class Header:
    name: str  # as the file has it, without .npy
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def read(file: BinaryIO, spool: Spool, meter: Meter) -> None:
    """Raises Refused."""
    with damaged():
        source = zipfile.ZipFile(file)
    with source:
        pairs = _pairs(source, meter)
        labels = {part: _labels(source, y, meter) for part, (_, y) in pairs.items()}
        values = sorted({value for each in labels.values() for value in each})
        if len(values) > meter.limits.classes:
            raise Refused(
                f"The labels have {len(values):,} different values, and at most {meter.limits.classes:,} classes are "
                "taken. Give the number of a class for each image."
            )
        groups: list[Group] = [(part, str(value)) for part in pairs for value in values]
        place = {group: number for number, group in enumerate(groups)}
        for part, (x, _) in pairs.items():
            _images(source, x, [place[part, str(value)] for value in labels[part]], spool, meter)
        spool.names = list(groups)


def _pairs(source: zipfile.ZipFile, meter: Meter) -> dict[Part | None, tuple[zipfile.ZipInfo, zipfile.ZipInfo]]:
    """Members that hold images and labels, by the part that their names say."""
    found: dict[tuple[Part | None, bool], zipfile.ZipInfo] = {}
    unknown: list[str] = []
    for info in source.infolist():
        meter.file()
        if info.flag_bits & archive.LOCKED:
            raise Refused(f"“{info.filename}” is encrypted. Save the arrays without a password.")
        meaning = _meaning(info.filename.removesuffix(".npy").lower())
        if meaning is None or meaning in found:
            unknown.append(info.filename)
        else:
            found[meaning] = info
    if unknown:
        raise Refused(f"{some(unknown, len(unknown))}: no such name is read, or it is there twice. {WANTED}")
    pairs: dict[Part | None, tuple[zipfile.ZipInfo, zipfile.ZipInfo]] = {}
    for (part, _), info in found.items():
        if (part, True) not in found or (part, False) not in found:
            raise Refused(f"“{info.filename}” stands alone: images and labels come in pairs. {WANTED}")
        pairs[part] = (found[part, True], found[part, False])
    if None in pairs and len(pairs) > 1:
        raise Refused(f"There are arrays with and without train or test in their names. {WANTED}")
    if None not in pairs and "train" not in pairs:
        raise Refused(f"There is {' and '.join(map(str, pairs))}, and no train. Add the images to learn from.")
    return pairs


def _meaning(name: str) -> tuple[Part | None, bool] | None:
    """Part, and whether it is images; None: no name that is read."""
    if name in IMAGES + LABELS:
        return None, name in IMAGES
    first, _, last = name.partition("_")
    for kind, part in ((first, last), (last, first)):
        if kind in IMAGES + LABELS and part in PARTS:
            return PARTS[part], kind in IMAGES
    return None


def _open(source: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> tuple[Header, Counted]:
    """The header, checked against what is there before a byte of the array is read."""
    with damaged():
        stream = Counted(source.open(info), meter)
    name = info.filename.removesuffix(".npy")
    try:
        version = np.lib.format.read_magic(stream)  # type: ignore[arg-type]
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        parse = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, by_columns, dtype = parse(stream, max_header_size=LONGEST_HEADER)  # type: ignore[arg-type]
    except (Refused, MemoryError):
        raise
    except Exception:  # it evaluates a literal, of whatever text
        raise Refused(f"“{name}” is no array that can be read. Save the file anew with np.savez.") from None
    if dtype.hasobject:
        raise Refused(f"“{name}” holds pickled objects, which are never read. Save plain arrays of numbers.")
    if dtype.kind not in "iuf":
        raise Refused(f"“{name}” has the type {dtype}. Images are uint8 or floats from 0 to 1, labels whole numbers.")
    if by_columns and len(shape) > 1:
        raise Refused(f"“{name}” is stored by columns. Save np.ascontiguousarray({name}).")
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or size > info.file_size:
        raise Refused(f"“{name}” ends before its {size:,} bytes. Save the file anew, and upload it again.")
    return Header(name, shape, dtype), stream


def _labels(source: zipfile.ZipFile, info: zipfile.ZipInfo, meter: Meter) -> list[int]:
    header, stream = _open(source, info, meter)
    if header.dtype.kind == "f":
        raise Refused(
            f"“{header.name}” has the type {header.dtype}. Labels are whole numbers: save {header.name}.astype(int)."
        )
    if len(header.shape) not in (1, 2) or (len(header.shape) == 2 and header.shape[1] != 1):
        raise Refused(
            f"“{header.name}” has the shape {header.shape}. Labels are one whole number an image: (N,) or (N, 1)."
        )
    count = header.shape[0]
    if count * 64 > meter.limits.memory:  # of Python's numbers, and what is made of them
        raise Refused(f"“{header.name}” has {count:,} labels, more than can be read. Leave some images out.")
    values: list[int] = _array(stream, header, count).reshape(-1).tolist()
    return values


def _images(source: zipfile.ZipFile, info: zipfile.ZipInfo, groups: list[int], spool: Spool, meter: Meter) -> None:
    header, stream = _open(source, info, meter)
    axes = _axes(header)
    if header.dtype.kind != "f" and header.dtype != np.uint8:
        raise Refused(
            f"“{header.name}” has the type {header.dtype}. Save {header.name}.astype(np.uint8), or floats from 0 to 1."
        )
    count = header.shape[0]
    if count != len(groups):
        raise Refused(
            f"“{header.name}” has {count:,} images, and there are {len(groups):,} labels. Save as many of both."
        )
    each = max(1, math.prod(header.shape[1:]) * header.dtype.itemsize)
    if each > meter.limits.file:
        raise Refused(f"An image of “{header.name}” has {each:,} bytes. Scale the images down.")
    for start in range(0, count, max(1, AT_ONCE // each)):
        some_of_them = _array(stream, header, min(max(1, AT_ONCE // each), count - start))
        pixels = _bytes(some_of_them, header.name).transpose(axes)
        for offset, image in enumerate(pixels[:, None] if pixels.ndim == 3 else pixels):
            index = start + offset
            spool.add(_sized(np.ascontiguousarray(image), spool.side), groups[index], f"{header.name}[{index}]")
        meter.image(len(pixels))


def _axes(header: Header) -> tuple[int, ...]:
    """How to bring the images to (N, C, H, W); grey ones may lack C."""
    shape = header.shape
    if len(shape) == 3:
        return 0, 1, 2
    if len(shape) == 4:
        first, last = shape[1] in (1, 3), shape[3] in (1, 3)
        if first != last:
            return (0, 1, 2, 3) if first else (0, 3, 1, 2)
        if first:
            raise Refused(
                f"“{header.name}” has the shape {shape}, which may be read two ways. Save it as (N, H, W, C)."
            )
    raise Refused(
        f"“{header.name}” has the shape {shape}. Images are (N, H, W), (N, H, W, C) or (N, C, H, W), C being 1 or 3."
    )


def _array(stream: Counted, header: Header, rows: int) -> NDArray[Any]:
    shape = (rows, *header.shape[1:])
    size = math.prod(shape) * header.dtype.itemsize
    content = bytearray()
    while len(content) < size:
        chunk = stream.read(min(size - len(content), 1 << 20))
        if not chunk:
            raise Refused(f"“{header.name}” ends before its time. Save the file anew, and upload it again.")
        content += chunk
    return np.frombuffer(content, header.dtype).reshape(shape)


def _bytes(values: NDArray[Any], name: str) -> Pixels:
    if values.dtype == np.uint8:
        return values
    if not np.isfinite(values).all():
        raise Refused(f"“{name}” holds numbers that are none (NaN or infinity). Replace them, for example with 0.")
    if values.size and (values.min() < -SLACK or values.max() > 1 + SLACK):
        raise Refused(
            f"“{name}” holds floats from {values.min():g} to {values.max():g}. Scale them to 0 to 1, or save uint8."
        )
    return (values.astype(np.float64).clip(0, 1) * 255).round().astype(np.uint8)


def _sized(pixels: Pixels, side: int | None) -> Pixels:
    """(C, H, W), scaled where a side was chosen."""
    if side is None or pixels.shape[1:] == (side, side):
        return pixels
    grey = pixels.shape[0] == 1
    if 0 in pixels.shape:
        raise Refused("The images have no pixels. Save arrays of images.")
    scaled_image = scaled(Image.fromarray(pixels[0] if grey else np.ascontiguousarray(pixels.transpose(1, 2, 0))), side)
    found = np.asarray(scaled_image)
    return found[None] if grey else np.ascontiguousarray(found.transpose(2, 0, 1))
