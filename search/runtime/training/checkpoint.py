"""Checkpoints: the state of a training on disk, written atomically, with the key of the work item it belongs to."""

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

LAYOUT = 2  # version of the state's layout; part of the key, so other versions are not loaded
STALE_SECONDS = 3600.0  # longer than writing any checkpoint takes


def key_of(work: Json, numerics: str) -> str:
    """The key of a work item's checkpoints. "finish", which ends a training early, is not part of it."""
    relevant = {name: value for name, value in work.items() if name != "finish"}
    return serialization.cache_key(relevant | {"layout": LAYOUT}, numerics)


def save(folder: Path, key: str, state: dict[str, Any]) -> None:
    """Raises OSError, for example where the disk is full."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()  # torch.save to a file on a full disk does not raise OSError
    torch.save({"key": key, "state": state}, buffer)
    _delete_stale_parts(folder)
    # a unique name: a worker that lost its lease without noticing may still write a checkpoint of the same work
    handle, name = tempfile.mkstemp(dir=folder, prefix="checkpoint-", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(buffer.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path_in(folder))
    finally:
        temporary.unlink(missing_ok=True)


def load(folder: Path, key: str, device: str) -> dict[str, Any] | None:
    """The last saved state; None where there is none, or it belongs to other work, or it cannot be read."""
    try:
        saved = torch.load(path_in(folder), map_location=device, weights_only=True)
        state: dict[str, Any] | None = saved["state"] if saved["key"] == key else None
    except FileNotFoundError:
        return None
    except (OSError, RuntimeError, EOFError, KeyError, pickle.UnpicklingError) as error:
        logger.warning("the checkpoint in %s cannot be read, so the training starts over: %s", folder, error)
        return None
    return state


def _delete_stale_parts(folder: Path) -> None:
    """Deletes partial files that killed processes have left."""
    before = time.time() - STALE_SECONDS
    for path in folder.glob("checkpoint-*.part"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def path_in(folder: Path) -> Path:
    return folder / "checkpoint.pt"
