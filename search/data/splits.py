"""Training, validation and test parts, fixed for good.

Each class is split by the hashes of (content of the whole dataset, index), so every machine gets the same split without
a random generator. `fingerprint` identifies the result.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from search.base import serialization
from search.data.datasets import Part


class Split(NamedTuple):
    """Indices of the images of each part, in ascending order."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


def deal(labels: Sequence[int], content: str, share: float = 0.15) -> Split:
    """Stratified: of each class, `share` is for validation and as much for test; the rest trains."""
    classes: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        classes.setdefault(label, []).append(index)
    train, validation, test = [], [], []
    for members in classes.values():
        members.sort(key=lambda index: hashlib.sha256(f"{content}/{index}".encode()).digest())
        held = round(len(members) * share)
        validation += members[:held]
        test += members[held : 2 * held]
        train += members[2 * held :]
    return Split(tuple(sorted(train)), tuple(sorted(validation)), tuple(sorted(test)))


def complete(labels: Sequence[int], given: Sequence[Part], content: str) -> Split:
    """The parts as given; those that nobody gave are dealt from what trains."""
    parts: dict[Part, list[int]] = {"train": [], "validation": [], "test": []}
    for index, part in enumerate(given):
        parts[part].append(index)
    trains = parts["train"]
    dealt = deal([labels[index] for index in trains], content)
    held: tuple[Part, ...] = ("validation", "test")
    missing = [part for part in held if not parts[part]]
    for part in missing:
        parts[part] = [trains[index] for index in getattr(dealt, part)]
    taken = {index for part in missing for index in parts[part]}
    parts["train"] = [index for index in trains if index not in taken]
    return Split(tuple(parts["train"]), tuple(parts["validation"]), tuple(parts["test"]))


def fingerprint(split: Split, content: str) -> str:
    """SHA-256 (hex) of what the parts hold."""
    return serialization.canonical_hash({"content": content, "parts": split})
