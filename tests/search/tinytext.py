"""A text of a few thousand words, packed as an upload is: enough to learn something in tenths of a second."""

import random
from pathlib import Path

import torch
from safetensors.torch import save_file

from search.base import serialization
from search.base.serialization import Json
from search.data.datasets import PACKED, Part
from search.data.tokenization import Text, read
from search.evaluation.recipes.text import PROXY
from search.network.graph import complete
from search.network.macro import TextMacro
from search.runtime.context import LocalFiles

HIDDEN = 6


def text(lines: int = 120) -> Text:
    """Lines that run from a number upwards, so that the next word can mostly be told from the last one."""
    drawn = random.Random(0)
    starts = [drawn.randrange(12) for _ in range(lines)]
    return read({"train": [" ".join(f"w{n}" for n in range(start, start + 8)) for start in starts]}, "blanks")


def packed(folder: Path, found: Text, *parts: Part) -> str:
    """SHA-256 of the packed file of these parts, put among the files of this folder."""
    path = folder / "packed"
    tensors: dict[str, torch.Tensor] = {part: torch.tensor(found.parts[part], dtype=torch.int32) for part in parts}
    about = {"v": PACKED, "kind": "text", "content": found.content, "split": found.split}
    save_file(tensors, path, metadata=about | {"words": serialization.dumps(found.words).decode()})
    return LocalFiles(folder / "files").put(path)


def work(folder: Path, kind: str = "train", **recipe: object) -> Json:
    found = text()
    settings = {"epochs": 2, "batch": 8, "bptt": 10, "validation_batch": 4, "embedding_range": 0.1}
    return {
        "kind": kind,
        "graph": complete(["relu", "tanh"]).canonical.to_dict(),
        "macro": serialization.to_jsonable(TextMacro(vocabulary=len(found.words), hidden=HIDDEN)),
        "recipe": serialization.to_jsonable(PROXY) | settings | recipe,
        "dataset": "a-text",
        "split": found.split,
        "file": packed(folder, found, "train", "validation"),
        "test_file": packed(folder, found, "test"),
        "replicate": 0,
    }
