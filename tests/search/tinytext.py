"""A text of a thousand words, packed like an upload: enough to learn from in tenths of a second."""

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
    """Lines that count upwards from a random number, so that a word mostly determines the next one."""
    rng = random.Random(0)
    starts = [rng.randrange(12) for _ in range(lines)]
    return read({"train": [" ".join(f"w{n}" for n in range(start, start + 8)) for start in starts]}, "blanks")


def packed(folder: Path, content: Text, *parts: Part) -> str:
    """Packs these parts and stores the file under `folder`. Its SHA-256 (hex)."""
    path = folder / "packed"
    tensors: dict[str, torch.Tensor] = {part: torch.tensor(content.parts[part], dtype=torch.int32) for part in parts}
    about = {"v": PACKED, "kind": "text", "content": content.content, "split": content.split}
    save_file(tensors, path, metadata=about | {"words": serialization.dumps(content.words).decode()})
    return LocalFiles(folder / "files").put(path)


def work(folder: Path, kind: str = "train", **recipe: object) -> Json:
    """A work item that trains a cell of two nodes on this text."""
    content = text()
    settings = {"epochs": 2, "batch": 8, "bptt": 10, "validation_batch": 4, "embedding_range": 0.1}
    return {
        "kind": kind,
        "graph": complete(["relu", "tanh"]).canonical.to_dict(),
        "macro": serialization.to_jsonable(TextMacro(vocabulary=len(content.words), hidden=HIDDEN)),
        "recipe": serialization.to_jsonable(PROXY) | settings | recipe,
        "dataset": "a-text",
        "split": content.split,
        "file": packed(folder, content, "train", "validation"),
        "test_file": packed(folder, content, "test"),
        "replicate": 0,
    }
