"""Copies of files from an object store, on this machine: whole, checked, and not more of them than CACHE_BYTES.

What was used longest ago goes first. The time of a copy's last use is its file's, so all processes here agree on it.
"""

import os
import time
from pathlib import Path

from django.conf import settings

from webapp.files import storage

RECENT = 60.0  # seconds in which a copy may be about to be opened by whoever asked for it


def path_of(sha256: str) -> Path:
    """Where a copy lies, or would."""
    return _folder() / sha256[:2] / sha256


def adopt(temporary: Path, sha256: str) -> Path:
    """Makes a copy of a temporary file in the cache's own folder."""
    path = path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(path)
    make_room(spare=path)
    return path


def used(path: Path) -> None:
    os.utime(path)


def make_room(spare: Path | None = None, recent: float = RECENT) -> None:
    """Drops what was used longest ago until the rest fits; never `spare`, nor what is in use just now."""
    copies = [(path, stat) for path in _folder().glob("??/*") if (stat := _stat(path)) is not None]
    total = sum(stat.st_size for _, stat in copies)
    for path, stat in sorted(copies, key=lambda copy: copy[1].st_mtime):
        if total <= settings.CACHE_BYTES:
            return
        if path != spare and stat.st_mtime < time.time() - recent:
            path.unlink(missing_ok=True)
            total -= stat.st_size


def copies() -> list[str]:
    """Of which files there are copies."""
    return [path.name for path in _folder().glob("??/*")]


def drop_unfinished(seconds: float) -> None:
    """Drops what was begun this long ago and never became a copy."""
    storage.drop_incoming(_folder(), time.time() - seconds)


def _folder() -> Path:
    return Path(settings.CACHE_DIR)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None  # another process made room
