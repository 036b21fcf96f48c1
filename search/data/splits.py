"""Training, validation and test parts of a dataset: deterministic, without a random generator.

Each class is split by the hash of (content hash of the dataset, index), so every machine gets the same split.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from search.base import serialization
from search.data.datasets import Part


class Split(NamedTuple):
    """Indices of the members of each part, in ascending order."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def stratify(labels: Sequence[int], content: str, share: float = 0.15) -> Split:
    """A stratified split: of each class, `share` goes to validation, as much to test, and the rest to training."""
    classes: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        classes.setdefault(label, []).append(index)
    train, validation, test = [], [], []
    for members in classes.values():
        members.sort(key=lambda index: hashlib.sha256(f"{content}/{index}".encode()).digest())
        count = round(len(members) * share)
        validation += members[:count]
        test += members[count : 2 * count]
        train += members[2 * count :]
    return Split(tuple(sorted(train)), tuple(sorted(validation)), tuple(sorted(test)))


def fill_missing(labels: Sequence[int], given: Sequence[Part], content: str) -> Split:
    """The parts as given (one per index). A validation or test part without members is split off the training part."""
    parts: dict[Part, list[int]] = {"train": [], "validation": [], "test": []}
    for index, part in enumerate(given):
        parts[part].append(index)
    train = parts["train"]
    split = stratify([labels[index] for index in train], content)
    held_out: tuple[Part, ...] = ("validation", "test")
    missing = [part for part in held_out if not parts[part]]
    for part in missing:
        parts[part] = [train[index] for index in getattr(split, part)]
    moved = {index for part in missing for index in parts[part]}
    parts["train"] = [index for index in train if index not in moved]
    return Split(tuple(parts["train"]), tuple(parts["validation"]), tuple(parts["test"]))


def fingerprint(split: Split, content: str) -> str:
    """SHA-256 (hex) that identifies a split of this content."""
    return serialization.canonical_hash({"content": content, "parts": split})
