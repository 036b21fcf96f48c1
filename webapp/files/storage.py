"""The file store: a folder, or an object store (webapp/files/object_store.py). STORAGES["artifacts"] says which.

Both are Django storages with additional methods. Names are relative, with slashes. A file appears under its name only
when it is complete.
"""

import contextlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages

from webapp.core.errors import Unavailable

CHUNK = 1 << 20
INCOMING = "incoming-"  # prefix of the names of incomplete files

#: Names of files that the studio stores: content hashes and parts of uploads. A sweep deletes no others.
STORED_NAME = re.compile(r"[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})|uploads/(?P<upload>[0-9a-z]{1,16})/[0-9]{6}")


class StoreError(Unavailable):
    """The store failed. The text names its address, so it goes to the log; clients read `message`."""

    def __init__(self, text: str) -> None:
        super().__init__("The file store cannot be reached. Try again in a moment.")
        self.text = text

    def __str__(self) -> str:
        return self.text


class Unreachable(StoreError):
    """The store does not answer. A later try may succeed."""


class AccessDenied(StoreError):
    """The store answers with a refusal: a wrong key, a bucket that does not exist."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    bytes: int
    modified: float  # seconds since 1970, by the store's clock


class Store(Protocol):
    @property
    def spool(self) -> Path:
        """The folder in which temporary files for `put` are created."""
        ...

    def put(self, temporary: Path, name: str) -> None:
        """Stores the file under this name and replaces what was there. A folder moves `temporary`, others copy it."""
        ...

    def local_path(self, name: str) -> Path | None:
        """The file's path, whether or not the file exists; None for a store on other machines."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """The file in pieces. Raises FileNotFoundError."""
        ...

    def exists(self, name: str) -> bool: ...

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """All files below the folder in any order, incomplete ones included."""
        ...

    def delete(self, name: str) -> None:
        """Does nothing where the file does not exist."""
        ...

    def delete_unfinished(self, before: float) -> int:
        """Deletes incomplete files of the studio that were started before this time. Returns how many."""
        ...


class Folder(FileSystemStorage):
    """Files in a folder, FILES_DIR."""

    @property
    def location(self) -> str:
        return str(settings.FILES_DIR)  # read each time, so that tests can change it

    @property
    def spool(self) -> Path:
        return Path(self.location)  # on the same file system, so that `put` can rename

    def put(self, temporary: Path, name: str) -> None:
        final = Path(self.path(name))
        while True:
            final.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.replace(final)
            except FileNotFoundError:
                if not temporary.exists():
                    raise
                continue  # `delete` of another process just removed the empty folder
            return _flush(final.parent)

    def local_path(self, name: str) -> Path | None:
        return Path(self.path(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        with Path(self.path(name)).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def entries(self, folder: str = "") -> Iterator[Entry]:
        top = Path(self.path(folder)) if folder else Path(self.location)
        for parent, _, names in os.walk(top):  # which ignores folders that are removed meanwhile
            for path in (Path(parent, name) for name in names):
                try:
                    info = path.stat()
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(info.st_mode):
                    yield Entry(path.relative_to(self.location).as_posix(), info.st_size, info.st_mtime)

    def delete(self, name: str) -> None:
        path = Path(self.path(name))
        path.unlink(missing_ok=True)
        if path.parent != Path(self.location):
            _remove_if_empty(path.parent)

    def delete_unfinished(self, before: float) -> int:
        return delete_incoming(self.spool, before)


def store() -> Store:
    return cast(Store, storages["artifacts"])


@contextlib.contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """A new file in the folder, deleted at the end of the block unless it was moved."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=INCOMING)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def delete_incoming(folder: Path, before: float) -> int:
    """Deletes temporary files that killed processes left. Returns how many."""
    strays = [path for path in folder.glob(f"{INCOMING}*") if _modified(path) < before]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # it was finished meanwhile


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)  # so that the name is on disk before anything refers to it
    finally:
        os.close(handle)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # it is not empty
        folder.rmdir()
