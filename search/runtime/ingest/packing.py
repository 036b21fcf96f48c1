"""Packs the buffered images: train and validation in one file, test in another, and a sample image.

Images are sorted by class and content, so equal data give an equal dataset, whatever the order and names of the files.
Packed files are safetensors: images uint8 (N, C, H, W), labels int64 (N,), parts uint8 (N,), and metadata with the
fingerprints of the dataset and its split and with the statistics of the training part, by which networks normalise.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from search.base import serialization
from search.base.serialization import Json
from search.data import datasets, sample_sheet, splits, statistics
from search.data.datasets import PARTS, Counts, Part
from search.data.splits import Split
from search.runtime.ingest.image_buffer import ImageBuffer
from search.runtime.ingest.limits import Limits, RejectedUpload, quote_names

Tensor = tuple[str, list[int], int]  # type, shape, bytes
MIN_CLASS_IMAGES = 10  # where validation or test is split off: each of them gets two of ten


def pack(buffer: ImageBuffer, out: Path, limits: Limits) -> Json:
    """Writes train.safetensors, test.safetensors and sample.png, and returns the dataset. Raises RejectedUpload."""
    classes = _classes(buffer, limits)
    has_split = _check(buffer, classes)
    assert buffer.size is not None
    shape = (buffer.channels, *buffer.size)
    buffer.check_size(len(buffer) * shape[0] * shape[1] * shape[2])
    buffer.flush()

    label_of_name = {name: label for label, name in enumerate(classes)}
    label_of = [label_of_name[name] for _, name in buffer.names]
    part_of: list[Part] = ["train" if part is None else part for part, _ in buffer.names]
    hashes: list[bytes] = []
    sums = np.zeros((len(buffer), 2, shape[0]), np.int64)  # of each image's pixels and of their squares, by channel
    for index in range(len(buffer)):
        pixels = buffer.read(index, shape[0])
        hashes.append(hashlib.sha256(pixels).digest())
        values = np.frombuffer(pixels, np.uint8).reshape(shape[0], -1).astype(np.int64)
        sums[index] = values.sum(1), (values * values).sum(1)

    def sort_key(index: int) -> tuple[int, bytes, int]:
        group = buffer.groups[index]
        return label_of[group], hashes[index], PARTS.index(part_of[group])

    order = sorted(range(len(buffer)), key=sort_key)
    labels = [label_of[buffer.groups[index]] for index in order]
    content = _content_hash(shape, classes, labels, [hashes[index] for index in order])
    split = (
        splits.fill_missing(labels, [part_of[buffer.groups[index]] for index in order], content)
        if has_split
        else splits.stratify(labels, content)
    )
    totals, squares = sums[[order[position] for position in split.train]].sum(0).tolist()
    found = statistics.of_sums(len(split.train) * shape[1] * shape[2], totals, squares, white=255)
    metadata = {"v": datasets.PACKED, "content": content, "split": splits.fingerprint(split, content)}
    parts = np.zeros(len(order), np.uint8)
    parts[list(split.validation)], parts[list(split.test)] = 1, 2
    writer = _Writer(
        buffer,
        order,
        np.array(labels, np.int64),
        parts,
        shape,
        metadata | {"classes": _json_text(classes), "statistics": statistics.to_text(found)},
    )
    writer.write(out / "train.safetensors", parts < 2)
    writer.write(out / "test.safetensors", parts == 2)
    counts = [Counts(*row) for row in zip(*(_class_counts(part, labels, len(classes)) for part in split), strict=True)]
    _sample(buffer, order, labels, split, shape, counts).save(out / "sample.png", optimize=True)
    return {
        "shape": list(shape),
        "classes": classes,
        "counts": {part: len(getattr(split, part)) for part in PARTS},
        "class_counts": [count._asdict() for count in counts],
        "split_given": has_split,
        "content": content,
        "split": metadata["split"],
    }


def _classes(buffer: ImageBuffer, limits: Limits) -> list[str]:
    """The names of the classes in the order of their labels: numeric if all are numbers, else alphabetical.

    Raises RejectedUpload.
    """
    names = {buffer.names[group][1] for group in set(buffer.groups)}
    if not names:
        raise RejectedUpload("There is no image in the file. Send some of each class.")
    if len(names) == 1:
        raise RejectedUpload(
            f"All images are of one class, {quote_names(list(names), 1)}. Add images of another class."
        )
    if len(names) > limits.classes:
        raise RejectedUpload(
            f"There are {len(names):,} classes, and at most {limits.classes:,} are supported. Leave some out."
        )
    if all(name.isdecimal() and name.isascii() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def _check(buffer: ImageBuffer, classes: list[str]) -> bool:
    """Whether the upload has a split. Raises RejectedUpload where a class has too few images in a part."""
    found = Counter((buffer.names[group][0] or "train", buffer.names[group][1]) for group in buffer.groups)
    parts_found = {part for part, _ in found}
    has_split = len(parts_found) > 1
    for name in classes:
        if found["train", name] == 0:
            other = next(part for part in PARTS if found[part, name])
            raise RejectedUpload(f"The class “{name}” is in {other} but not in train. Add images of it to train on.")
        if parts_found != set(PARTS) and found["train", name] < MIN_CLASS_IMAGES:
            raise RejectedUpload(
                f"The class “{name}” has {_count_images(found['train', name])}{' in train' if has_split else ''}. "
                f"Each class needs at least {MIN_CLASS_IMAGES}: some of them are used for validation and test."
            )
        for part in parts_found:
            if found[part, name] == 0:
                raise RejectedUpload(
                    f"The class “{name}” has no image in {part}. Add one of each class, "
                    f"or leave {part} out: then it is split off from train."
                )
    return has_split


def _count_images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _content_hash(shape: Sequence[int], classes: list[str], labels: list[int], hashes: list[bytes]) -> str:
    """SHA-256 of the shape, the classes, and all labels and images in their order."""
    content = hashlib.sha256(serialization.dumps({"shape": shape, "classes": classes}))
    content.update(np.array(labels, "<i8").tobytes())
    for image_hash in hashes:
        content.update(image_hash)
    return content.hexdigest()


def _class_counts(part: Sequence[int], labels: list[int], classes: int) -> list[int]:
    counts = Counter(labels[index] for index in part)
    return [counts[label] for label in range(classes)]


def _json_text(value: Any) -> str:
    return serialization.dumps(value).decode()


def header(metadata: dict[str, str], tensors: Mapping[str, Tensor]) -> bytes:
    """The header of a safetensors file; the tensors follow in this order. Equal data give equal bytes."""
    described, begin = {}, 0
    for name, (dtype, shape, size) in tensors.items():
        described[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + size]}
        begin += size
    content_bytes = serialization.dumps({"__metadata__": metadata, **described})
    content_bytes += b" " * (-len(content_bytes) % 8)  # aligns the tensors
    return len(content_bytes).to_bytes(8, "little") + content_bytes


class _Writer:
    """Writes packed files image by image, so that memory does not grow with their number."""

    def __init__(
        self,
        buffer: ImageBuffer,
        order: list[int],
        labels: Any,
        parts: Any,
        shape: tuple[int, ...],
        metadata: dict[str, str],
    ) -> None:
        self.buffer, self.order, self.labels, self.parts, self.shape = buffer, order, labels, parts, shape
        self.metadata = metadata

    def write(self, path: Path, mask: Any) -> None:
        positions = np.flatnonzero(mask)
        labels, parts = self.labels[positions], self.parts[positions]
        size = len(positions) * int(np.prod(self.shape))
        tensors: dict[str, Tensor] = {
            "labels": ("I64", [len(positions)], labels.nbytes),
            "images": ("U8", [len(positions), *self.shape], size),
            "parts": ("U8", [len(positions)], parts.nbytes),
        }
        with path.open("wb") as file:
            file.write(header(self.metadata, tensors))
            file.write(labels.astype("<i8").tobytes())
            for position in positions.tolist():
                file.write(self.buffer.read(self.order[position], self.shape[0]))
            file.write(parts.tobytes())


def _sample(
    buffer: ImageBuffer, order: list[int], labels: list[int], split: Split, shape: tuple[int, ...], counts: list[Counts]
) -> Image.Image:
    """The sample image: the first training images of each class, in the layout of search.data.sample_sheet."""
    sheet = sample_sheet.sheet((shape[0], shape[1], shape[2]), [count.train for count in counts])
    of_class: dict[int, list[int]] = {}
    for index in split.train:
        of_class.setdefault(labels[index], []).append(index)
    rows = -(-len(sheet.classes) // sheet.columns)
    picture = Image.new("RGB", (sheet.columns * sheet.tile, rows * sheet.tile))
    for position, label in enumerate(sheet.classes):
        index = of_class[label].pop(0)
        pixels = np.frombuffer(buffer.read(order[index], shape[0]), np.uint8).reshape(shape)
        tile = Image.fromarray(pixels[0] if shape[0] == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
        picture.paste(_tile(tile, sheet.tile), _corner(position, sheet))
    return picture


def _tile(image: Image.Image, side: int) -> Image.Image:
    """The image as large as fits into the tile; small ones without interpolation."""
    longest = max(image.size)
    scaled = (max(1, image.width * side // longest), max(1, image.height * side // longest))
    resampling = Image.Resampling.NEAREST if longest <= side else Image.Resampling.BILINEAR
    return image.convert("RGB").resize(scaled, resampling)


def _corner(position: int, sheet: sample_sheet.Sheet) -> tuple[int, int]:
    return position % sheet.columns * sheet.tile, position // sheet.columns * sheet.tile
