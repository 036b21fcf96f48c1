"""A folder on this machine as a tar, which is then read as if it had been uploaded: same rules, same sentences.

Equal names and contents give equal bytes, whoever owns the files and whenever they changed.
"""

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from search.runtime.ingest.limits import Limits, RejectedUpload, Report, UsageCounter


def write_tar(folder: Path, file: IO[bytes], limits: Limits, report: Report) -> None:
    """Links and devices become members too, so that reading refuses them by name. Raises RejectedUpload as soon as a
    limit is exceeded, and OSError where a file cannot be read."""
    position = 0
    usage = UsageCounter(limits, limits.unpacked, lambda: position, report)
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for path in _files(folder):
            usage.add_member()
            info = archive.gettarinfo(path, path.relative_to(folder).as_posix())
            if info is None:  # a socket, which a tar cannot hold
                continue
            info.uid = info.gid = info.mtime = 0
            info.uname = info.gname = ""
            info.mode = 0o644
            if info.islnk():  # two names of one file: tarfile would store the second as a link
                info.type, info.size = tarfile.REGTYPE, path.stat().st_size
            if not info.isreg():
                archive.addfile(info)
                continue
            position += info.size
            usage.add_unpacked(info.size)
            with path.open("rb") as content:
                archive.addfile(info, content)
    if not usage.members:
        raise RejectedUpload(
            f"The folder “{folder.name}” is empty. Put class folders with PNG or JPEG files into it, "
            "or train.txt, valid.txt and test.txt."
        )


def _files(folder: Path) -> Iterator[Path]:
    """Everything below the folder that is not a folder, in the order of names. Links to folders are not followed."""
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        else:
            yield Path(entry.path)
