"""Texts as tensors, and the luck of a training on them: how long each window is, and what is left out in it.

Luck comes from (recipe, split, replicate) and the epoch, as of images. The test part has a function of its own, which
only a final evaluation calls.
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
from search.runtime.networks.image import generator
from search.runtime.networks.text import Masks

SHORTEST, SPREAD, BEYOND = 5, 5, 20  # of windows that are spread: their least, their deviation, most over the setting


class TrainingText(NamedTuple):
    """What a training may see: numbers of words (N,), int64, in the order of the text."""

    train: Tensor
    validation: Tensor
    words: tuple[str, ...]  # by their numbers


class Window(NamedTuple):
    begin: int
    end: int
    drawn: int  # its length, had the text not ended


def training_text(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> TrainingText:
    """Raises WrongData where this machine's words or parts are not those that the work names."""
    if packed is not None:
        read = _unpacked(packed, split, "train", "validation")
        train, validation = (read.parts[part].to(device, torch.int64) for part in ("train", "validation"))
        return TrainingText(train, validation, read.words)
    text = _builtin(dataset, split)
    return TrainingText(_tensor(text, "train", device), _tensor(text, "validation", device), text.words)


def test_text(dataset: str, split: str, device: str = "cpu", packed: Packed | None = None) -> Tensor:
    """For the one evaluation at the very end."""
    if packed is not None:
        return _unpacked(packed, split, "test").parts["test"].to(device, torch.int64)
    return _tensor(_builtin(dataset, split), "test", device)


def streams(tokens: Tensor, count: int) -> Tensor:
    """The text cut into so many pieces that are read side by side (T, B), its remainder dropped.

    Of a text too short for that, as many as have two words: one to read, one to predict.
    """
    count = max(1, min(count, len(tokens) // 2))
    rows = len(tokens) // count
    return tokens[: rows * count].view(count, rows).t().contiguous()


def windows(rows: int, recipe: TextRecipe, rng: torch.Generator) -> Iterator[Window]:
    """One epoch's. The last row is only predicted; a window of one row alone is left out, as in the released code."""
    begin = 0
    while begin < rows - 2 or begin == 0:
        drawn = _length(recipe, rng)
        end = min(begin + drawn, rows - 1)
        yield Window(begin, end, drawn)
        begin = end


def masks(recipe: TextRecipe, batch: int, hidden: int, vocabulary: int, rng: torch.Generator, device: str) -> Masks:
    """Of one window; what is left makes up for what is not."""

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
    return generator("luck", serialization.canonical_hash(recipe), split, replicate, epoch)


def _length(recipe: TextRecipe, rng: torch.Generator) -> int:
    if recipe.vary == "no":
        return recipe.bptt
    base = recipe.bptt if float(torch.rand((), generator=rng)) < 0.95 else recipe.bptt / 2
    if recipe.vary == "halved":
        return int(base)
    spread = int(base + SPREAD * float(torch.randn((), generator=rng)))
    return min(max(spread, SHORTEST), recipe.bptt + BEYOND)


class _Read(NamedTuple):
    split: str
    words: tuple[str, ...]
    parts: dict[str, Tensor]


def _read(path: Path) -> _Read:
    with safe_open(path, "pt") as file:
        about = file.metadata() or {}
        if about.get("v") != PACKED or about.get("kind") != "text":
            raise Unreadable(f"{path.name} is no text of version {PACKED}, which this program reads")
        parts = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dict
        return _Read(about["split"], tuple(serialization.loads(about["words"])), parts)


def _unpacked(packed: Packed, split: str, *parts: Part) -> _Read:
    read = cached(packed, _read)
    if read.split != split:
        raise WrongData(f"the work is for split {split[:12]}; the file has {read.split[:12]}")
    if missing := [part for part in parts if part not in read.parts]:
        raise WrongData(f"the file {packed.sha256[:12]} has no {missing[0]} part")
    return read


def _builtin(dataset: str, split: str) -> Text:
    known = builtin.get(dataset).split
    if split != known:
        raise WrongData(
            f"the work is for split {split[:12]} of {dataset}; this program has {known[:12]}: "
            "its wording goes by the version of Python"
        )
    return READERS[dataset]()


def _tensor(text: Text, part: Part, device: str) -> Tensor:
    return torch.tensor(text.parts[part], dtype=torch.int64, device=device)


#: Built-in dataset -> its text.
READERS = {python_docs.NAME: python_docs.text}
