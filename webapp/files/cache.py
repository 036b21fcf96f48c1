"""Local copies of files from an object store: complete, checked, at most CACHE_BYTES in all.

The least recently used copy is deleted first. The time of the last use is the file's modification time, so that all
processes on this machine share it.
"""

import os
import time
from pathlib import Path

from django.conf import settings

from webapp.files import storage

RECENT = 60.0  # seconds after its use in which a copy is kept: its reader may not have opened it yet


def path_of(sha256: str) -> Path:
    """Where the copy is, if there is one."""
    return _folder() / sha256[:2] / sha256


def insert(temporary: Path, sha256: str) -> Path:
    """Moves a temporary file of the cache's folder into the cache."""
    path = path_of(sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary.replace(path)
    make_room(keep=path)
    return path


def touch(path: Path) -> None:
    """Records a use of the copy."""
    os.utime(path)


def make_room(keep: Path | None = None, recent: float = RECENT) -> None:
    """Deletes the least recently used copies until the rest fits; never `keep`, nor copies used in the last `recent`
    seconds."""
    copies = [(path, stat) for path in _folder().glob("??/*") if (stat := _stat(path)) is not None]
    total = sum(stat.st_size for _, stat in copies)
    for path, stat in sorted(copies, key=lambda copy: copy[1].st_mtime):
        if total <= settings.CACHE_BYTES:
            return
        if path != keep and stat.st_mtime < time.time() - recent:
            path.unlink(missing_ok=True)
            total -= stat.st_size


def cached_hashes() -> list[str]:
    return [path.name for path in _folder().glob("??/*")]


def delete_unfinished(seconds: float) -> None:
    """Deletes temporary files older than this."""
    storage.delete_incoming(_folder(), time.time() - seconds)


def _folder() -> Path:
    return Path(settings.CACHE_DIR)


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None  # another process made room
