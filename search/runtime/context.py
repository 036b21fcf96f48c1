"""The environment in which `execute` runs a work item: progress, stopping, files, threads and device."""

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
    """The work was asked to stop. A checkpoint, if one was written, allows the same work to resume."""


class Files(Protocol):
    """Content-addressed storage: files are named by the SHA-256 of their content."""

    def put(self, path: Path) -> str:
        """Stores a copy of the file and returns its SHA-256 (hex)."""
        ...

    def path_of(self, sha256: str) -> Path:
        """Path of the stored file, which must not be modified."""
        ...


class Damaged(Exception):
    """A stored file is missing, or its content does not match its SHA-256."""


@dataclass(frozen=True)
class LocalFiles:
    """Files in a folder. Each is written under a temporary name and renamed, so a partial file is never visible."""

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
        """Raises Damaged."""
        path = self.folder / sha256
        if not path.exists():
            raise Damaged(f"there is no file {sha256[:12]} in {self.folder}")
        if sha256_of(path) != sha256:
            raise Damaged(f"the file {sha256[:12]} in {self.folder} has changed since it was stored")
        return path


def never_stop() -> bool:
    return False


def _ignore_telemetry(telemetry: Json) -> None:
    pass


def _ignore_checkpoint() -> None:
    pass


def _temporary_files() -> Files:
    return LocalFiles(Path(tempfile.gettempdir()) / "espalier-files")


@dataclass(frozen=True, kw_only=True)
class Context:
    report: Callable[[Json], None] = _ignore_telemetry  # each call replaces the last value: {"curve": [...]} so far
    should_stop: Callable[[], bool] = never_stop  # called once per batch
    files: Files = field(default_factory=_temporary_files)
    threads: int = 1  # with more threads, results are not equal bit for bit
    device: str = "cpu"
    checkpoint: Path | None = None  # folder for this work item alone; it is created when needed
    checkpointed: Callable[[], None] = _ignore_checkpoint  # called after each checkpoint, for example to upload it
