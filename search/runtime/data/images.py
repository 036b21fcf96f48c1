"""Images as tensors, and the luck of a training: which images make a batch, and how each is varied.

Luck comes from (recipe, split, replicate) and the epoch, never from the graph, so candidates share theirs; and as each
epoch draws anew, a training that goes on from a checkpoint needs no generator's state. The test part has a function of
its own, which only a final evaluation calls.
"""

import hashlib
import math
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import distribution
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from search.base import serialization
from search.data import builtin, splits
from search.data.datasets import Part
from search.evaluation.recipes.image import ImageRecipe
from search.runtime.data.augment import augmented
from search.runtime.data.packed import Packed, load
from search.runtime.networks.image import generator

GATHERED = 8_192  # images that are gathered at once
WHITE = 255


class WrongData(RuntimeError):
    """The data on this machine is not what the work was made for."""


class Images(NamedTuple):
    images: Tensor  # (N, C, H, W), float32 in [0, 1], or uint8, where 255 is white
    labels: Tensor  # (N,), int64

    def to(self, device: str) -> "Images":
        return Images(self.images.to(device), self.labels.to(device))


class TrainingData(NamedTuple):
    """What a training may see."""

    train: Images
    validation: Images

    def scaling(self, recipe: ImageRecipe) -> tuple[Tensor, Tensor]:
        """What a network takes out of its images and divides by, per channel (1, C, 1, 1)."""
        if recipe.input_range == "statistics":
            return self.statistics()
        half = torch.full((1, self.train.images.shape[1], 1, 1), 0.5)
        return half, half

    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and deviation per channel (1, C, 1, 1) of the training part alone."""
        if self.train.images.dtype == torch.uint8:
            return _statistics_of_bytes(self.train.images)
        pixels = self.train.images.double()
        mean = pixels.mean((0, 2, 3), keepdim=True)
        deviation = pixels.std((0, 2, 3), keepdim=True, correction=0)
        return mean.float(), deviation.float()


def training_data(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> TrainingData:
    """Raises WrongData where this machine's data or split is not the one that the work names."""
    if packed is not None:
        return TrainingData(*(part.to(device) for part in _unpacked(packed, split, "train", "validation")))
    _check_split(dataset, split)
    return TrainingData(_part(dataset, "train").to(device), _part(dataset, "validation").to(device))


def test_data(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> Images:
    """For the one evaluation at the very end."""
    if packed is not None:
        return _unpacked(packed, split, "test")[0].to(device)
    _check_split(dataset, split)
    return _part(dataset, "test").to(device)


def batches(train: Images, recipe: ImageRecipe, split: str, replicate: int, epoch: int) -> Iterator[Images]:
    """One epoch: the training part in a drawn order, each image varied as the recipe says."""
    images, labels = train
    size = min(recipe.batch, len(labels))
    seed = (serialization.canonical_hash(recipe), split, replicate, epoch)
    shuffled = generator("luck", *seed)
    passes = torch.cat([torch.randperm(len(labels), generator=shuffled) for _ in range(2)])  # the second fills up
    order = passes[: steps_of(len(labels), recipe) * size].to(labels.device)
    rng = generator("augment", *seed, device=images.device)
    # gathered many at once: one index_select for dozens of steps; and not all, of which there may be gigabytes
    some = max(1, GATHERED // size) * size
    for start in range(0, len(order), some):
        chosen = order[start : start + some]
        for batch in zip(torch.split(images[chosen], size), torch.split(labels[chosen], size), strict=True):
            yield Images(augmented(floats(batch[0]), recipe, rng), batch[1])


def steps_of(count: int, recipe: ImageRecipe) -> int:
    """Batches in an epoch of so many images; what has fewer images than a batch is one."""
    size = min(recipe.batch, count)
    return -(-count // size) if recipe.remainder == "filled" else count // size


def floats(images: Tensor) -> Tensor:
    """As networks take them: float32 in [0, 1]."""
    return images.float() / WHITE if images.dtype == torch.uint8 else images


def _statistics_of_bytes(images: Tensor) -> tuple[Tensor, Tensor]:
    """Exact, in whole numbers, some images at a time."""
    total = torch.zeros(images.shape[1], dtype=torch.int64, device=images.device)
    squares = total.clone()
    for some in torch.split(images, GATHERED):
        values = some.transpose(0, 1).flatten(1).long()
        total += values.sum(1)
        squares += (values * values).sum(1)
    count = images.numel() // images.shape[1]
    mean = total.double() / (count * WHITE)
    # count * squares - total^2 is exact in Python's numbers, and passes 64 bits
    spread = [count * s - t * t for s, t in zip(squares.tolist(), total.tolist(), strict=True)]
    deviation = torch.tensor([math.sqrt(s) for s in spread], dtype=torch.float64) / (count * WHITE)
    return mean.float().reshape(1, -1, 1, 1), deviation.float().reshape(1, -1, 1, 1)


def _unpacked(packed: Packed, split: str, *parts: Part) -> list[Images]:
    found, loaded = load(packed)
    if found != split:
        raise WrongData(f"the work is for split {split[:12]}; the file has {found[:12]}")
    if missing := [part for part in parts if part not in loaded]:
        raise WrongData(f"the file {packed.sha256[:12]} has no {missing[0]} part")
    return [Images(*loaded[part]) for part in parts]


def _check_split(dataset: str, split: str) -> None:
    known = builtin.get(dataset).split
    if split != known:
        raise WrongData(f"the work is for split {split[:12]} of {dataset}; this program has {known[:12]}")


@cache
def _part(dataset: str, part: Part) -> Images:
    images, labels = _loaded(dataset)
    indices = torch.tensor(getattr(_dealt(dataset), part))
    return Images(images[indices], labels[indices])


@cache
def _dealt(dataset: str) -> splits.Split:
    described = builtin.get(dataset)
    split = splits.stratify(_loaded(dataset).labels.tolist(), described.content)
    if splits.fingerprint(split, described.content) != described.split:
        raise WrongData(f"the split of {dataset} does not come out as it was")
    return split


@cache
def _loaded(dataset: str) -> Images:
    """All images of a dataset, read once a process."""
    pixels, labels, white = READERS[dataset]()
    content = hashlib.sha256(pixels.tobytes() + labels.tobytes()).hexdigest()
    if content != builtin.get(dataset).content:
        raise WrongData(f"{dataset} on this machine has other content ({content[:12]}) than expected")
    return Images(torch.from_numpy(pixels).float() / white, torch.from_numpy(labels).long())


Read = tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], np.ndarray[tuple[int, ...], np.dtype[np.uint8]], int]


def _digits() -> Read:
    """From scikit-learn's own file: to import scikit-learn takes longer than to train on it."""
    file = distribution("scikit-learn").locate_file("sklearn/datasets/data/digits.csv.gz")
    rows = np.loadtxt(str(file), delimiter=",", dtype=np.uint8)
    return rows[:, :-1].reshape(-1, 1, 8, 8), np.ascontiguousarray(rows[:, -1]), 16


#: Dataset -> pixels (N, C, H, W), labels (N,), and the value of white.
READERS: dict[str, Callable[[], Read]] = {
    "digits": _digits,
}
