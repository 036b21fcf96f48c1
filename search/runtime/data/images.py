"""Labelled images as tensors, and the batches of an epoch.

Random draws are seeded by (recipe, split, replicate) and the epoch, never by the graph: all candidates see the same
batches, and a training that resumes from a checkpoint needs no generator state. The test part has a function of its
own, which only a final evaluation calls.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from search.base import serialization
from search.data import builtin, splits
from search.data.datasets import Part
from search.data.statistics import Statistics
from search.evaluation.recipes.image import ImageRecipe
from search.runtime.data.augmentation import augment
from search.runtime.data.packed import Packed, cached, read_images
from search.runtime.data.statistics import WHITE, statistics_of
from search.runtime.rng import seeded_generator

GATHER_SIZE = 8_192  # images that are indexed at once


class WrongData(RuntimeError):
    """The data on this machine differs from the data that the work item was made for."""


class LabelledImages(NamedTuple):
    images: Tensor  # (N, C, H, W), float32 in [0, 1], or uint8, where 255 is white
    labels: Tensor  # (N,), int64

    def to(self, device: str) -> "LabelledImages":
        return LabelledImages(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True, eq=False)
class TrainingData:
    """The parts of a dataset that a training may read."""

    train: LabelledImages
    validation: LabelledImages
    known_statistics: Statistics | None = None  # of the training part, where they need not be computed

    @cached_property
    def statistics(self) -> Statistics:
        """Of the training part alone, computed once for all candidates that share these data."""
        return self.known_statistics or statistics_of(self.train.images)

    def normalisation(self, recipe: ImageRecipe) -> tuple[Tensor, Tensor]:
        """What the network subtracts from its images and divides them by, per channel (1, C, 1, 1)."""
        if recipe.input_range == "statistics":
            mean, deviation = (torch.tensor(values).reshape(1, -1, 1, 1) for values in self.statistics)
            return mean, deviation
        half = torch.full((1, self.train.images.shape[1], 1, 1), 0.5)
        return half, half

    def to(self, device: str) -> "TrainingData":
        """The data on this device: these themselves where they are on it."""
        if self.train.images.device == torch.device(device):
            return self
        return TrainingData(self.train.to(device), self.validation.to(device), self.statistics)


def load_training_data(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> TrainingData:
    """Raises WrongData where this machine's data or split is not the one that the work item names."""
    if packed is not None:
        return _packed_images(packed, split, "train", "validation").training.to(device)
    _check_split(dataset, split)
    return _builtin_training(dataset).to(device)


def load_test_data(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> LabelledImages:
    """The test part, for the one evaluation after a search. Raises WrongData."""
    if packed is not None:
        return _packed_images(packed, split, "test").parts["test"].to(device)
    _check_split(dataset, split)
    return _builtin_part(dataset, "test").to(device)


def draw_batches(
    train: LabelledImages, recipe: ImageRecipe, split: str, replicate: int, epoch: int
) -> Iterator[LabelledImages]:
    """The batches of one epoch: the training part in random order, augmented as the recipe says."""
    images, labels = train
    size = min(recipe.batch, len(labels))
    seed = (serialization.canonical_hash(recipe), split, replicate, epoch)
    order_rng = seeded_generator("luck", *seed)
    # two passes: the second fills up the last batch
    passes = torch.cat([torch.randperm(len(labels), generator=order_rng) for _ in range(2)])
    order = passes[: steps_per_epoch(len(labels), recipe) * size].to(labels.device)
    augment_rng = seeded_generator("augment", *seed, device=images.device)
    # one index_select for dozens of batches is faster; one for all of them could take gigabytes
    group_size = max(1, GATHER_SIZE // size) * size
    for start in range(0, len(order), group_size):
        group = order[start : start + group_size]
        for batch in zip(torch.split(images[group], size), torch.split(labels[group], size), strict=True):
            yield LabelledImages(augment(to_float(batch[0]), recipe, augment_rng), batch[1])


def steps_per_epoch(count: int, recipe: ImageRecipe) -> int:
    """Number of batches in an epoch of `count` images; fewer images than a batch make one batch."""
    size = min(recipe.batch, count)
    return -(-count // size) if recipe.remainder == "filled" else count // size


def at_size(images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Images (N, C, H, W) as a network of this input (C, H, W) takes them: scaled where their size is another."""
    size = tuple(shape[1:])
    if images.shape[2:] == size:
        return images
    return F.interpolate(images, size=size, mode="bilinear", antialias=True)


def to_float(images: Tensor) -> Tensor:
    """Images as networks take them: float32 in [0, 1]."""
    return images.float() / WHITE if images.dtype == torch.uint8 else images


@dataclass(frozen=True, eq=False)
class _PackedImages:
    split: str
    parts: dict[Part, LabelledImages]
    statistics: Statistics | None

    @cached_property
    def training(self) -> TrainingData:
        return TrainingData(self.parts["train"], self.parts["validation"], self.statistics)


def _read_packed(path: Path) -> _PackedImages:
    split, parts, statistics = read_images(path)
    return _PackedImages(split, {part: LabelledImages(*tensors) for part, tensors in parts.items()}, statistics)


def _packed_images(packed: Packed, split: str, *parts: Part) -> _PackedImages:
    """The packed file, which has these parts. Raises WrongData."""
    loaded = cached(packed, _read_packed)
    if loaded.split != split:
        raise WrongData(f"the work is for split {split[:12]}; the file has {loaded.split[:12]}")
    if missing := [part for part in parts if part not in loaded.parts]:
        raise WrongData(f"the file {packed.sha256[:12]} has no {missing[0]} part")
    return loaded


def _check_split(dataset: str, split: str) -> None:
    known = builtin.get(dataset).split
    if split != known:
        raise WrongData(f"the work is for split {split[:12]} of {dataset}; this program has {known[:12]}")


@cache
def _builtin_training(dataset: str) -> TrainingData:
    return TrainingData(_builtin_part(dataset, "train"), _builtin_part(dataset, "validation"))


@cache
def _builtin_part(dataset: str, part: Part) -> LabelledImages:
    images, labels = _read_builtin(dataset)
    indices = torch.tensor(getattr(_builtin_split(dataset), part))
    return LabelledImages(images[indices], labels[indices])


@cache
def _builtin_split(dataset: str) -> splits.Split:
    described = builtin.get(dataset)
    split = splits.stratify(_read_builtin(dataset).labels.tolist(), described.content)
    if splits.fingerprint(split, described.content) != described.split:
        raise WrongData(f"the split of {dataset} differs from the one that this program records")
    return split


@cache
def _read_builtin(dataset: str) -> LabelledImages:
    """All images of a built-in dataset, read once per process."""
    pixels, labels, white = READERS[dataset]()
    content = hashlib.sha256(pixels.tobytes() + labels.tobytes()).hexdigest()
    if content != builtin.get(dataset).content:
        raise WrongData(f"{dataset} on this machine has other content ({content[:12]}) than expected")
    return LabelledImages(torch.from_numpy(pixels).float() / white, torch.from_numpy(labels).long())


Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
RawImages = tuple[Bytes, Bytes, int]  # pixels (N, C, H, W), labels (N,), and the value of white


def _digits() -> RawImages:
    """Reads scikit-learn's file directly: importing scikit-learn takes longer than training on its digits."""
    file = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    rows = np.loadtxt(str(file), delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(-1, 1, 8, 8), np.ascontiguousarray(rows[:, -1]), 16


#: Built-in dataset -> its reader.
READERS: dict[str, Callable[[], RawImages]] = {
    "digits": _digits,
}
