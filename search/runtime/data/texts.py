"""Texts as tensors, and the random draws of an epoch: lengths of windows and dropout masks.

Draws are seeded by (recipe, split, replicate) and the epoch, as for images. The test part has a function of its own,
which only a final evaluation calls.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import safe_open
from torch import Tensor

from search.base import serialization
from search.data import builtin, python_docs
from search.data.datasets import PACKED, Part
from search.data.tokenization import Text
from search.evaluation.recipes.text import TextRecipe
from search.runtime.data.images import WrongData
from search.runtime.data.packed import Packed, Unreadable, cached
from search.runtime.networks.text import Masks
from search.runtime.rng import seeded_generator

#: Of windows whose length is drawn: the least length, the standard deviation, and the most above recipe.bptt.
MIN_LENGTH, LENGTH_DEVIATION, MAX_EXCESS = 5, 5, 20


class TrainingText(NamedTuple):
    """The parts that a training may read: token numbers (N,), int64, in the order of the text."""

    train: Tensor
    validation: Tensor
    words: tuple[str, ...]  # by token number


class Window(NamedTuple):
    """Rows `start` to before `end` of the streams."""

    start: int
    end: int
    drawn_length: int  # longer than the window where the text ends within it


def load_training_text(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> TrainingText:
    """Raises WrongData where this machine's words or parts are not those that the work item names."""
    if packed is not None:
        loaded = _packed_text(packed, split, "train", "validation")
        train, validation = (loaded.parts[part].to(device, torch.int64) for part in ("train", "validation"))
        return TrainingText(train, validation, loaded.words)
    text = _builtin_text(dataset, split)
    return TrainingText(_tensor(text, "train", device), _tensor(text, "validation", device), text.words)


def load_test_text(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> Tensor:
    """The test part, for the one evaluation after a search. Raises WrongData."""
    if packed is not None:
        return _packed_text(packed, split, "test").parts["test"].to(device, torch.int64)
    return _tensor(_builtin_text(dataset, split), "test", device)


def split_streams(tokens: Tensor, count: int) -> Tensor:
    """Splits a text into `count` streams that are read in parallel (T, B); the remainder is dropped.

    A short text is split into fewer streams, so that each has two tokens at least: one to read, one to predict.
    """
    count = max(1, min(count, len(tokens) // 2))
    rows = len(tokens) // count
    return tokens[: rows * count].view(count, rows).t().contiguous()


def draw_windows(rows: int, recipe: TextRecipe, rng: torch.Generator) -> Iterator[Window]:
    """The windows of one epoch over `rows` rows.

    The last row is only predicted. A last window of a single row is dropped, as in AutoShrink's released code.
    """
    start = 0
    while start < rows - 2 or start == 0:
        length = _length(recipe, rng)
        end = min(start + length, rows - 1)
        yield Window(start, end, length)
        start = end


def draw_masks(
    recipe: TextRecipe, batch: int, hidden: int, vocabulary: int, rng: torch.Generator, device: str
) -> Masks:
    """Dropout masks for one window. Values that are kept are scaled by 1 / (1 - rate)."""

    def mask(rate: float, *shape: int) -> Tensor | None:
        if not rate:
            return None
        return ((torch.rand(shape, generator=rng) >= rate).float() / (1 - rate)).to(device)

    return Masks(
        words=mask(recipe.dropout_words, vocabulary, 1),
        embedded=mask(recipe.dropout_embedding, batch, hidden),
        input=mask(recipe.dropout_input, batch, hidden),
        state=mask(recipe.dropout_hidden, batch, hidden),
        output=mask(recipe.dropout_output, batch, hidden),
    )


def epoch_rng(recipe: TextRecipe, split: str, replicate: int, epoch: int) -> torch.Generator:
    return seeded_generator("luck", serialization.canonical_hash(recipe), split, replicate, epoch)


def _length(recipe: TextRecipe, rng: torch.Generator) -> int:
    if recipe.vary == "no":
        return recipe.bptt
    base = recipe.bptt if float(torch.rand((), generator=rng)) < 0.95 else recipe.bptt / 2
    if recipe.vary == "halved":
        return int(base)
    length = int(base + LENGTH_DEVIATION * float(torch.randn((), generator=rng)))
    return min(max(length, MIN_LENGTH), recipe.bptt + MAX_EXCESS)


class _PackedText(NamedTuple):
    split: str
    words: tuple[str, ...]
    parts: dict[str, Tensor]


def _read_text(path: Path) -> _PackedText:
    with safe_open(path, "pt") as file:
        metadata = file.metadata() or {}
        if metadata.get("v") != PACKED or metadata.get("kind") != "text":
            raise Unreadable(f"{path.name} is not a text of version {PACKED}, which this program reads")
        parts = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
        return _PackedText(metadata["split"], tuple(serialization.loads(metadata["words"])), parts)


def _packed_text(packed: Packed, split: str, *parts: Part) -> _PackedText:
    text = cached(packed, _read_text)
    if text.split != split:
        raise WrongData(f"the work is for split {split[:12]}; the file has {text.split[:12]}")
    if missing := [part for part in parts if part not in text.parts]:
        raise WrongData(f"the file {packed.sha256[:12]} has no {missing[0]} part")
    return text


def _builtin_text(dataset: str, split: str) -> Text:
    known = builtin.get(dataset).split
    if split != known:
        raise WrongData(
            f"the work is for split {split[:12]} of {dataset}; this program has {known[:12]}: "
            "its text depends on the version of Python"
        )
    return READERS[dataset]()


def _tensor(text: Text, part: Part, device: str) -> Tensor:
    return torch.tensor(text.parts[part], dtype=torch.int64, device=device)


#: Built-in dataset -> its reader.
READERS = {python_docs.NAME: python_docs.text}
