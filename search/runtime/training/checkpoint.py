"""A training's state on disk: there whole or not at all, and only for the work whose key it carries."""

import contextlib
import io
import logging
import os
import pickle
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from search.base import serialization
from search.base.serialization import Json

logger = logging.getLogger(__name__)

LAYOUT = 2  # of a state: one that was written in another is of no use
STALE = 3600.0  # seconds: no checkpoint takes so long to write


def key_of(work: Json, numerics: str) -> str:
    """Whether the work is to be finished early does not make it another work."""
    meant = {name: value for name, value in work.items() if name != "finish"}
    return serialization.cache_key(meant | {"layout": LAYOUT}, numerics)


def save(folder: Path, key: str, state: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()  # so that a full disk is an OSError like any other
    torch.save({"key": key, "state": state}, packed)
    _drop_strays(folder)
    # A name of its own: who lost its lease may not have noticed yet, on this machine or on another.
    handle, name = tempfile.mkstemp(dir=folder, prefix="checkpoint-", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(packed.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path_in(folder))
    finally:
        temporary.unlink(missing_ok=True)


def load(folder: Path, key: str, device: str) -> dict[str, Any] | None:
    """The state that was saved last; None where there is none, or it is of other work, or cannot be read."""
    try:
        saved = torch.load(path_in(folder), map_location=device, weights_only=True)
        state: dict[str, Any] | None = saved["state"] if saved["key"] == key else None
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        logger.warning("the checkpoint in %s cannot be read, so the training begins anew: %s", folder, error)
        return None
    return state


def _drop_strays(folder: Path) -> None:
    """What kills left half written, and nobody writes any more."""
    before = time.time() - STALE
    for path in folder.glob("checkpoint-*.part"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def path_in(folder: Path) -> Path:
    return folder / "checkpoint.pt"
