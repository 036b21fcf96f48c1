"""npz files: images and labels as arrays, read a few images at a time. Pickled objects are never loaded.

Names, in upper or lower case: `x` and `y`, or `images` and `labels`. With a given split, these are combined with
`train`, `val` (`valid`, `validation`) and `test`, in either order: x_train and y_train, train_images and train_labels.
Images are (N, H, W), (N, H, W, C) or (N, C, H, W) with one or three channels, as uint8 or as floats from 0 to 1. Labels
are integers, (N,) or (N, 1), and are also the names of the classes.
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
from search.runtime.ingest.archive import CountedStream, rejecting_damage
from search.runtime.ingest.folders import PARTS
from search.runtime.ingest.image_buffer import Group, ImageBuffer
from search.runtime.ingest.images import Pixels, scale
from search.runtime.ingest.limits import RejectedUpload, UsageCounter, quote_names

IMAGE_NAMES, LABEL_NAMES = ("x", "images"), ("y", "labels")
NAMING_HINT = "Name the arrays x and y, or x_train, y_train, x_test, y_test and so on."
CHUNK_BYTES = 4 << 20  # of images that are read at once
TOLERANCE = 1e-6  # by which floats may exceed 0 and 1
MAX_HEADER_BYTES = 10_000


@dataclass(frozen=True)
class Header:
    name: str  # as in the file, without .npy
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def read(file: BinaryIO, buffer: ImageBuffer, usage: UsageCounter) -> None:
    """Reads all images into the buffer. Raises RejectedUpload."""
    with rejecting_damage():
        source = zipfile.ZipFile(file)
    with source:
        pairs = _pairs(source, usage)
        labels = {part: _labels(source, y, usage) for part, (_, y) in pairs.items()}
        values = sorted({value for part_labels in labels.values() for value in part_labels})
        if len(values) > usage.limits.classes:
            raise RejectedUpload(
                f"The labels have {len(values):,} different values, and at most {usage.limits.classes:,} classes are "
                "supported. A label is the number of the image's class."
            )
        groups: list[Group] = [(part, str(value)) for part in pairs for value in values]
        group_number = {group: number for number, group in enumerate(groups)}
        for part, (x, _) in pairs.items():
            _images(source, x, [group_number[part, str(value)] for value in labels[part]], buffer, usage)
        buffer.names = list(groups)


def _pairs(source: zipfile.ZipFile, usage: UsageCounter) -> dict[Part | None, tuple[zipfile.ZipInfo, zipfile.ZipInfo]]:
    """The members with images and with labels, by the part in their names."""
    found: dict[tuple[Part | None, bool], zipfile.ZipInfo] = {}
    unknown: list[str] = []
    for info in source.infolist():
        usage.add_member()
        if info.flag_bits & archive.ENCRYPTED:
            raise RejectedUpload(f"“{info.filename}” is encrypted. Save the arrays without a password.")
        key = _parse_name(info.filename.removesuffix(".npy").lower())
        if key is None or key in found:
            unknown.append(info.filename)
        else:
            found[key] = info
    if unknown:
        raise RejectedUpload(f"{quote_names(unknown, len(unknown))}: an unknown name, or the same twice. {NAMING_HINT}")
    pairs: dict[Part | None, tuple[zipfile.ZipInfo, zipfile.ZipInfo]] = {}
    for (part, _), info in found.items():
        if (part, True) not in found or (part, False) not in found:
            raise RejectedUpload(f"“{info.filename}” is only one of a pair of images and labels. {NAMING_HINT}")
        pairs[part] = (found[part, True], found[part, False])
    if None in pairs and len(pairs) > 1:
        raise RejectedUpload(f"Some arrays have train or test in their names, and others have not. {NAMING_HINT}")
    if None not in pairs and "train" not in pairs:
        raise RejectedUpload(f"There is {' and '.join(map(str, pairs))}, but no train. Add images to train on.")
    return pairs


def _parse_name(name: str) -> tuple[Part | None, bool] | None:
    """The part in an array's name, and whether it holds images; None for an unknown name."""
    if name in IMAGE_NAMES + LABEL_NAMES:
        return None, name in IMAGE_NAMES
    first, _, last = name.partition("_")
    for kind, part in ((first, last), (last, first)):
        if kind in IMAGE_NAMES + LABEL_NAMES and part in PARTS:
            return PARTS[part], kind in IMAGE_NAMES
    return None


def _open(source: zipfile.ZipFile, info: zipfile.ZipInfo, usage: UsageCounter) -> tuple[Header, CountedStream]:
    """The header and the stream behind it. Checks the header before any of the array is read."""
    with rejecting_damage():
        stream = CountedStream(source.open(info), usage)
    name = info.filename.removesuffix(".npy")
    try:
        version = np.lib.format.read_magic(stream)  # type: ignore[arg-type]
        if version not in ((1, 0), (2, 0)):
            raise ValueError(f"version {version}")
        parse = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran_order, dtype = parse(stream, max_header_size=MAX_HEADER_BYTES)  # type: ignore[arg-type]
    except (RejectedUpload, MemoryError):
        raise
    except Exception:  # numpy evaluates the header as a Python literal, so any error is possible
        raise RejectedUpload(f"“{name}” is not a readable array. Save the file again with np.savez.") from None
    if dtype.hasobject:
        raise RejectedUpload(f"“{name}” contains pickled objects, which are never loaded. Save arrays of numbers.")
    if dtype.kind not in "iuf":
        raise RejectedUpload(f"“{name}” has the type {dtype}. Images are uint8 or floats from 0 to 1, labels integers.")
    if fortran_order and len(shape) > 1:
        raise RejectedUpload(f"“{name}” is stored in Fortran order. Save np.ascontiguousarray({name}).")
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or size > info.file_size:
        raise RejectedUpload(f"“{name}” ends before its {size:,} bytes. Save the file again, and upload it again.")
    return Header(name, shape, dtype), stream


def _labels(source: zipfile.ZipFile, info: zipfile.ZipInfo, usage: UsageCounter) -> list[int]:
    header, stream = _open(source, info, usage)
    if header.dtype.kind == "f":
        raise RejectedUpload(
            f"“{header.name}” has the type {header.dtype}. Labels are integers: save {header.name}.astype(int)."
        )
    if len(header.shape) not in (1, 2) or (len(header.shape) == 2 and header.shape[1] != 1):
        raise RejectedUpload(
            f"“{header.name}” has the shape {header.shape}. Labels are one integer per image: (N,) or (N, 1)."
        )
    count = header.shape[0]
    if count * 64 > usage.limits.memory:  # roughly the bytes of a Python integer and what is derived from it
        raise RejectedUpload(f"“{header.name}” has {count:,} labels, more than can be read. Leave some images out.")
    values: list[int] = _read_rows(stream, header, count).reshape(-1).tolist()
    return values


def _images(
    source: zipfile.ZipFile, info: zipfile.ZipInfo, groups: list[int], buffer: ImageBuffer, usage: UsageCounter
) -> None:
    header, stream = _open(source, info, usage)
    axes = _axes(header)
    if header.dtype.kind != "f" and header.dtype != np.uint8:
        raise RejectedUpload(
            f"“{header.name}” has the type {header.dtype}. Save {header.name}.astype(np.uint8), or floats from 0 to 1."
        )
    count = header.shape[0]
    if count != len(groups):
        raise RejectedUpload(
            f"“{header.name}” has {count:,} images, and there are {len(groups):,} labels. Save one label per image."
        )
    image_bytes = max(1, math.prod(header.shape[1:]) * header.dtype.itemsize)
    if image_bytes > usage.limits.file:
        raise RejectedUpload(f"An image of “{header.name}” has {image_bytes:,} bytes. Scale the images down.")
    for start in range(0, count, max(1, CHUNK_BYTES // image_bytes)):
        chunk = _read_rows(stream, header, min(max(1, CHUNK_BYTES // image_bytes), count - start))
        pixels = _to_uint8(chunk, header.name).transpose(axes)
        for offset, image in enumerate(pixels[:, None] if pixels.ndim == 3 else pixels):
            index = start + offset
            buffer.add(_resize(np.ascontiguousarray(image), buffer.side), groups[index], f"{header.name}[{index}]")
        usage.add_images(len(pixels))


def _axes(header: Header) -> tuple[int, ...]:
    """The order of axes that transposes the images to (N, C, H, W), or to (N, H, W) for grey images without C."""
    shape = header.shape
    if len(shape) == 3:
        return 0, 1, 2
    if len(shape) == 4:
        first, last = shape[1] in (1, 3), shape[3] in (1, 3)
        if first != last:
            return (0, 1, 2, 3) if first else (0, 3, 1, 2)
        if first:
            raise RejectedUpload(
                f"“{header.name}” has the ambiguous shape {shape}. Scale the images so that no side is 1 or 3 pixels."
            )
    raise RejectedUpload(
        f"“{header.name}” has the shape {shape}. Images are (N, H, W), (N, H, W, C) or (N, C, H, W), C being 1 or 3."
    )


def _read_rows(stream: CountedStream, header: Header, rows: int) -> NDArray[Any]:
    shape = (rows, *header.shape[1:])
    size = math.prod(shape) * header.dtype.itemsize
    content = bytearray()
    while len(content) < size:
        chunk = stream.read(min(size - len(content), 1 << 20))
        if not chunk:
            raise RejectedUpload(f"“{header.name}” is incomplete. Save the file again, and upload it again.")
        content += chunk
    return np.frombuffer(content, header.dtype).reshape(shape)


def _to_uint8(values: NDArray[Any], name: str) -> Pixels:
    if values.dtype == np.uint8:
        return values
    if not np.isfinite(values).all():
        raise RejectedUpload(f"“{name}” contains NaN or infinity. Replace them, for example with 0.")
    if values.size and (values.min() < -TOLERANCE or values.max() > 1 + TOLERANCE):
        raise RejectedUpload(
            f"“{name}” contains floats from {values.min():g} to {values.max():g}. Scale them to 0 to 1, or save uint8."
        )
    return (values.astype(np.float64).clip(0, 1) * 255).round().astype(np.uint8)


def _resize(pixels: Pixels, side: int | None) -> Pixels:
    """The image (C, H, W), scaled where a side was chosen."""
    if side is None or pixels.shape[1:] == (side, side):
        return pixels
    grey = pixels.shape[0] == 1
    if 0 in pixels.shape:
        raise RejectedUpload("The images have no pixels. Save arrays of images.")
    resized = scale(Image.fromarray(pixels[0] if grey else np.ascontiguousarray(pixels.transpose(1, 2, 0))), side)
    array = np.asarray(resized)
    return array[None] if grey else np.ascontiguousarray(array.transpose(2, 0, 1))
