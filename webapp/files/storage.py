"""Where files lie: in a folder, or in an object store (webapp/files/object_store.py). STORAGES["artifacts"] says which.

Both are Django storages with a few verbs more. Names are relative and have slashes; a name never shows half a file.
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
INCOMING = "incoming-"  # begins the name of a file that is not whole yet

#: What the program calls its files: by their content, and parts of uploads. A sweep touches nothing else.
OURS = re.compile(r"[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})|uploads/(?P<upload>[0-9a-z]{1,16})/[0-9]{6}")


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
        """The folder for temporary files that `take_in` will be given."""
        ...

    def take_in(self, temporary: Path, name: str) -> None:
        """Stores the file under this name, over what was there. A store in a folder moves it, others leave it."""
        ...

    def local(self, name: str) -> Path | None:
        """Where the file lies on this machine, if it does in this store; it need not exist."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """The file, piece by piece. Raises FileNotFoundError."""
        ...

    def exists(self, name: str) -> bool: ...

    def entries(self, folder: str = "") -> Iterator[Entry]:
        """All files below the folder, in no order; the unfinished ones of a folder too."""
        ...

    def delete(self, name: str) -> None:
        """Whether it is there or not."""
        ...

    def drop_unfinished(self, before: float) -> int:
        """Takes away what of ours was begun before this moment and never became a file. How many there were."""
        ...


class Folder(FileSystemStorage):
    """Files in a folder, FILES_DIR."""

    @property
    def location(self) -> str:
        return str(settings.FILES_DIR)  # read each time: it is a setting like others

    @property
    def spool(self) -> Path:
        return Path(self.location)  # the same file system, so that a rename is enough

    def take_in(self, temporary: Path, name: str) -> None:
        final = Path(self.path(name))
        while True:
            final.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.replace(final)
            except FileNotFoundError:
                if not temporary.exists():
                    raise
                continue  # the folder was just taken away, with the last that lay in it
            return _flush(final.parent)

    def local(self, name: str) -> Path | None:
        return Path(self.path(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        with Path(self.path(name)).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def entries(self, folder: str = "") -> Iterator[Entry]:
        top = Path(self.path(folder)) if folder else Path(self.location)
        for place, _, names in os.walk(top):  # which passes over a folder that went while we looked
            for path in (Path(place, name) for name in names):
                try:
                    about = path.stat()
                except FileNotFoundError:
                    continue
                if stat.S_ISREG(about.st_mode):
                    yield Entry(path.relative_to(self.location).as_posix(), about.st_size, about.st_mtime)

    def delete(self, name: str) -> None:
        path = Path(self.path(name))
        path.unlink(missing_ok=True)
        if path.parent != Path(self.location):
            _remove_if_empty(path.parent)

    def drop_unfinished(self, before: float) -> int:
        return drop_incoming(self.spool, before)


def store() -> Store:
    return cast(Store, storages["artifacts"])


@contextlib.contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """A file of its own in the folder, gone at the end unless it was moved."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=INCOMING)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def drop_incoming(folder: Path, before: float) -> int:
    """Temporary files that a kill left behind. How many there were."""
    strays = [path for path in folder.glob(f"{INCOMING}*") if _modified(path) < before]
    for path in strays:
        path.unlink(missing_ok=True)
    return len(strays)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # somebody finished it


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)  # the name is on disk too before anybody is told of it
    finally:
        os.close(handle)


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):  # others lie there
        folder.rmdir()
