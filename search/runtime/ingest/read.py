"""The whole way of one file: what it is, its images or lines one by one, the packed dataset."""

from pathlib import Path
from typing import BinaryIO

from search.base.serialization import Json
from search.runtime.ingest import archive, arrays, folders, pack, texts
from search.runtime.ingest.images import quiet
from search.runtime.ingest.limits import Limits, Meter, Refused, Report
from search.runtime.ingest.spool import Spool


def _silent(images: int, share: float) -> None:
    pass


def ingest(path: Path, out: Path, options: Json, limits: Limits, report: Report = _silent) -> Json:
    """Leaves packed files in the folder `out` and says what they hold. Raises Refused."""
    out.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        size = path.stat().st_size
        meter = Meter(limits, size, file.tell, report)
        try:
            kind, dataset = _read(file, out, options, meter, Meter(limits, size, file.tell, report))
        except (MemoryError, OverflowError):
            raise Refused(
                f"Reading the file takes more than the {limits.memory // 10**6:,} MB of memory that are allowed. "
                "Leave some of it out, scale the images down, or make the archive with plain settings."
            ) from None
        return dataset | {"format": kind, "left_out": meter.left_out}


def _read(file: BinaryIO, out: Path, options: Json, meter: Meter, ahead: Meter) -> tuple[str, Json]:
    """`ahead` counts what is read only to see what there is."""
    kind = archive.kind_of(file)
    if kind == "text" or texts.are_in(file, kind, ahead):
        return kind, texts.ingest(file, kind, out, options, meter)
    is_npz = kind == "zip" and archive.holds_arrays(file)
    with quiet(meter.limits), Spool(out / "spool", options.get("side"), meter.limits) as spool:
        (arrays if is_npz else folders).read(file, spool, meter)
        return "npz" if is_npz else kind, pack.pack(spool, out, meter.limits)
