"""From the spool to what is kept: train and validation in one file, test in another, and a picture of some images.

The order of images comes from their class and content, so the same data packed anew gives the same dataset, whatever
the order of its files or their names. The files are safetensors: images uint8 (N, C, H, W), labels int64 (N,), parts
uint8 (N,), and metadata that says of which dataset they are a part.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from search.base import serialization
from search.data import datasets, sample_sheet, splits
from search.data.datasets import PARTS, Counts, Part
from search.data.splits import Split
from search.runtime.ingest.limits import Limits, Refused, some
from search.runtime.ingest.spool import Spool

Tensor = tuple[str, list[int], int]  # type, shape, bytes
LEAST = 10  # images of a class to deal from: two each for validation and test


def pack(spool: Spool, out: Path, limits: Limits) -> serialization.Json:
    """Writes train.safetensors, test.safetensors and sample.png. Raises Refused."""
    classes = _classes(spool, limits)
    given = _check(spool, classes)
    assert spool.size is not None
    shape = (spool.channels, *spool.size)
    spool.expect(len(spool) * shape[0] * shape[1] * shape[2])
    spool.flush()

    number = {name: label for label, name in enumerate(classes)}
    label_of = [number[name] for _, name in spool.names]
    part_of: list[Part] = ["train" if part is None else part for part, _ in spool.names]
    hashes = [hashlib.sha256(spool.read(index, shape[0])).digest() for index in range(len(spool))]

    def rank(index: int) -> tuple[int, bytes, int]:
        group = spool.groups[index]
        return label_of[group], hashes[index], PARTS.index(part_of[group])

    order = sorted(range(len(spool)), key=rank)
    labels = [label_of[spool.groups[index]] for index in order]
    content = _content(shape, classes, labels, [hashes[index] for index in order])
    split = (
        splits.fill_missing(labels, [part_of[spool.groups[index]] for index in order], content)
        if given
        else splits.stratify(labels, content)
    )
    about = {"v": datasets.PACKED, "content": content, "split": splits.fingerprint(split, content)}
    parts = np.zeros(len(order), np.uint8)
    parts[list(split.validation)], parts[list(split.test)] = 1, 2
    writer = _Writer(spool, order, np.array(labels, np.int64), parts, shape, about | {"classes": _text(classes)})
    writer.write(out / "train.safetensors", parts < 2)
    writer.write(out / "test.safetensors", parts == 2)
    counts = [Counts(*row) for row in zip(*(_per_class(part, labels, len(classes)) for part in split), strict=True)]
    _sample(spool, order, labels, split, shape, counts).save(out / "sample.png", optimize=True)
    return {
        "shape": list(shape),
        "classes": classes,
        "counts": {part: len(getattr(split, part)) for part in PARTS},
        "class_counts": [count._asdict() for count in counts],
        "split_given": given,
        "content": content,
        "split": about["split"],
    }


def _classes(spool: Spool, limits: Limits) -> list[str]:
    """Names in the order of their labels: numbers as numbers, else by the alphabet. Raises Refused."""
    names = {spool.names[group][1] for group in set(spool.groups)}
    if not names:
        raise Refused("There is no image in the file. Send some of each class.")
    if len(names) == 1:
        raise Refused(f"All images are of one class, {some(list(names), 1)}. Add a class to tell it from.")
    if len(names) > limits.classes:
        raise Refused(f"There are {len(names):,} classes, and at most {limits.classes:,} are taken. Leave some out.")
    if all(name.isdecimal() and name.isascii() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def _check(spool: Spool, classes: list[str]) -> bool:
    """Whether a split was given. Raises Refused where a class has too few images for the parts."""
    found = Counter((spool.names[group][0] or "train", spool.names[group][1]) for group in spool.groups)
    there = {part for part, _ in found}
    given = len(there) > 1
    for name in classes:
        if found["train", name] == 0:
            other = next(part for part in PARTS if found[part, name])
            raise Refused(f"The class “{name}” is in {other} and not in train. Add images to learn it from.")
        if there != set(PARTS) and found["train", name] < LEAST:
            raise Refused(
                f"The class “{name}” has {_images(found['train', name])}{' in train' if given else ''}. "
                f"Each class needs {LEAST} at least: some of them are kept for validation and test."
            )
        for part in there:
            if found[part, name] == 0:
                raise Refused(
                    f"The class “{name}” has no image in {part}. Add one of each class, "
                    f"or leave {part} out: then it is dealt from train."
                )
    return given


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count} images"


def _content(shape: Sequence[int], classes: list[str], labels: list[int], hashes: list[bytes]) -> str:
    """Of what the images are and mean, in their order."""
    content = hashlib.sha256(serialization.dumps({"shape": shape, "classes": classes}))
    content.update(np.array(labels, "<i8").tobytes())
    for each in hashes:
        content.update(each)
    return content.hexdigest()


def _per_class(part: Sequence[int], labels: list[int], classes: int) -> list[int]:
    counts = Counter(labels[index] for index in part)
    return [counts[label] for label in range(classes)]


def _text(value: Any) -> str:
    return serialization.dumps(value).decode()


def header(about: dict[str, str], tensors: Mapping[str, Tensor]) -> bytes:
    """What a safetensors file begins with; the tensors follow in this order. The same bytes for the same data."""
    described, begin = {}, 0
    for name, (dtype, shape, size) in tensors.items():
        described[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + size]}
        begin += size
    said = serialization.dumps({"__metadata__": about, **described})
    said += b" " * (-len(said) % 8)  # what follows is aligned
    return len(said).to_bytes(8, "little") + said


class _Writer:
    """Writes some of the images as safetensors, one after another: memory does not grow with their number."""

    def __init__(
        self, spool: Spool, order: list[int], labels: Any, parts: Any, shape: tuple[int, ...], about: dict[str, str]
    ) -> None:
        self.spool, self.order, self.labels, self.parts, self.shape = spool, order, labels, parts, shape
        self.about = about

    def write(self, path: Path, chosen: Any) -> None:
        places = np.flatnonzero(chosen)
        labels, parts = self.labels[places], self.parts[places]
        size = len(places) * int(np.prod(self.shape))
        tensors: dict[str, Tensor] = {
            "labels": ("I64", [len(places)], labels.nbytes),
            "images": ("U8", [len(places), *self.shape], size),
            "parts": ("U8", [len(places)], parts.nbytes),
        }
        with path.open("wb") as file:
            file.write(header(self.about, tensors))
            file.write(labels.astype("<i8").tobytes())
            for place in places.tolist():
                file.write(self.spool.read(self.order[place], self.shape[0]))
            file.write(parts.tobytes())


def _sample(
    spool: Spool, order: list[int], labels: list[int], split: Split, shape: tuple[int, ...], counts: list[Counts]
) -> Image.Image:
    """Of each class the first that train, laid out as `search.data.sample_sheet.sheet` has it."""
    sheet = sample_sheet.sheet((shape[0], shape[1], shape[2]), [count.train for count in counts])
    of_class: dict[int, list[int]] = {}
    for index in split.train:
        of_class.setdefault(labels[index], []).append(index)
    rows = -(-len(sheet.classes) // sheet.columns)
    picture = Image.new("RGB", (sheet.columns * sheet.tile, rows * sheet.tile))
    for place, label in enumerate(sheet.classes):
        index = of_class[label].pop(0)
        pixels = np.frombuffer(spool.read(order[index], shape[0]), np.uint8).reshape(shape)
        tile = Image.fromarray(pixels[0] if shape[0] == 1 else np.ascontiguousarray(pixels.transpose(1, 2, 0)))
        picture.paste(_tile(tile, sheet.tile), _corner(place, sheet))
    return picture


def _tile(image: Image.Image, side: int) -> Image.Image:
    """The image as large as fits; small ones by whole factors, so that each pixel stays a square."""
    longest = max(image.size)
    scaled = (max(1, image.width * side // longest), max(1, image.height * side // longest))
    way = Image.Resampling.NEAREST if longest <= side else Image.Resampling.BILINEAR
    return image.convert("RGB").resize(scaled, way)


def _corner(place: int, sheet: sample_sheet.Sheet) -> tuple[int, int]:
    return place % sheet.columns * sheet.tile, place // sheet.columns * sheet.tile
