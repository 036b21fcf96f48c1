"""What surrounds an `execute`: where progress goes, whether to stop, where files lie, and on what it runs."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from search.base.files import sha256_of
from search.base.serialization import Json


class Interrupted(Exception):
    """Told to stop. What is worth keeping is in the checkpoint, and the same work goes on from there."""


class Files(Protocol):
    """Files by the SHA-256 of their content."""

    def put(self, path: Path) -> str:
        """Keeps a copy of the file; its SHA-256 (hex)."""
        ...

    def path_of(self, sha256: str) -> Path:
        """Where the file lies; to be read only."""
        ...


class Damaged(Exception):
    """A file is gone, or is not what its name says."""


@dataclass(frozen=True)
class LocalFiles:
    """Files in a folder. Written to a temporary name and renamed, so that a name never shows half a file."""

    folder: Path

    def put(self, path: Path) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix="incoming-")
        try:
            with path.open("rb") as source, os.fdopen(handle, "wb") as copy:
                shutil.copyfileobj(source, copy)
                copy.flush()
                os.fsync(copy.fileno())
            sha256 = sha256_of(Path(name))
            Path(name).replace(self.folder / sha256)
        finally:
            Path(name).unlink(missing_ok=True)
        return sha256

    def path_of(self, sha256: str) -> Path:
        path = self.folder / sha256
        if not path.exists():
            raise Damaged(f"there is no file {sha256[:12]} in {self.folder}")
        if sha256_of(path) != sha256:
            raise Damaged(f"the file {sha256[:12]} in {self.folder} has changed since it was stored")
        return path


def _silent(telemetry: Json) -> None:
    pass


def never() -> bool:
    return False


def _nothing() -> None:
    pass


def _temporary_files() -> Files:
    return LocalFiles(Path(tempfile.gettempdir()) / "espalier-files")


@dataclass(frozen=True, kw_only=True)
class Context:
    report: Callable[[Json], None] = _silent  # the latest value only: {"curve": [...]} so far
    should_stop: Callable[[], bool] = never  # asked at every batch
    files: Files = field(default_factory=_temporary_files)
    threads: int = 1  # more than one gives up equal bits
    device: str = "cpu"
    checkpoint: Path | None = None  # a folder for this work alone; it need not exist yet
    checkpointed: Callable[[], None] = _nothing  # told after each checkpoint: it may be copied to where others see it
