"""A training's state on disk: there whole or not at all, and only for the work whose key it carries."""

import os
from pathlib import Path
from typing import Any

import torch

from search import wire
from search.wire import Json


def key_of(work: Json, numerics: str) -> str:
    """Whether the work is to be finished early does not make it another work."""
    return wire.work_key({name: value for name, value in work.items() if name != "finish"}, numerics)


def save(folder: Path, key: str, state: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / "checkpoint.part"
    with temporary.open("wb") as file:
        torch.save({"key": key, "state": state}, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(_path(folder))


def load(folder: Path, key: str, device: str) -> dict[str, Any] | None:
    """The state that was saved last; None where there is none, or it is of other work."""
    if not _path(folder).exists():
        return None
    saved = torch.load(_path(folder), map_location=device, weights_only=True)
    state: dict[str, Any] | None = saved["state"] if saved["key"] == key else None
    return state


def _path(folder: Path) -> Path:
    return folder / "checkpoint.pt"
