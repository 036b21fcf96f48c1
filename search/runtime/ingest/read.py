"""The whole way of one file: what it is, its images one by one, the packed dataset."""

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from search.runtime.ingest import archive, arrays, folders, pack
from search.runtime.ingest.images import quiet
from search.runtime.ingest.limits import Limits, Meter, Refused, Report
from search.runtime.ingest.spool import Spool
from search.wire import Json


def _silent(images: int, share: float) -> None:
    pass


def ingest(path: Path, out: Path, options: Json, limits: Limits, report: Report = _silent) -> Json:
    """Leaves packed files in the folder `out` and says what they hold. Raises Refused."""
    side = options.get("side")
    out.mkdir(parents=True, exist_ok=True)
    with quiet(limits), path.open("rb") as file, Spool(out / "spool", side, limits) as spool:
        meter = Meter(limits, path.stat().st_size, file.tell, report)
        kind, read = _reader(file)
        try:
            read(file, spool, meter)
            dataset: Json = pack.pack(spool, out, limits)
        except (MemoryError, OverflowError):
            raise Refused(
                f"Reading the file takes more than the {limits.memory // 10**6:,} MB of memory that are allowed. "
                "Scale the images down, or make the archive with plain settings."
            ) from None
        return dataset | {"format": kind, "left_out": meter.left_out}


Read = Callable[[BinaryIO, Spool, Meter], None]


def _reader(file: BinaryIO) -> tuple[str, Read]:
    kind = archive.kind_of(file)
    if kind == "zip" and archive.holds_arrays(file):
        return "npz", arrays.read
    return kind, {"zip": folders.read_zip}.get(kind, folders.read_tar)
