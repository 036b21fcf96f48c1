"""Reads one uploaded file: detects its kind, decodes its images or lines, and writes the packed dataset."""

from pathlib import Path
from typing import BinaryIO

from search.base.serialization import Json
from search.runtime.ingest import archive, arrays, folders, packing, texts
from search.runtime.ingest.image_buffer import ImageBuffer
from search.runtime.ingest.images import decoder_limits
from search.runtime.ingest.limits import Limits, RejectedUpload, Report, UsageCounter


def _ignore_progress(images: int, share: float) -> None:
    pass


def ingest(path: Path, out: Path, options: Json, limits: Limits, report: Report = _ignore_progress) -> Json:
    """Writes the packed files to the folder `out` and returns their description. Raises RejectedUpload."""
    out.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        size = path.stat().st_size
        usage = UsageCounter(limits, size, file.tell, report)
        # texts.contains_texts reads members ahead of the actual reading, and must not count them twice
        usage_ahead = UsageCounter(limits, size, file.tell, report)
        try:
            kind, dataset = _read(file, out, options, usage, usage_ahead)
        except (MemoryError, OverflowError):
            raise RejectedUpload(
                f"Reading the file takes more than the {limits.memory // 10**6:,} MB of memory that are allowed. "
                "Leave some of it out, scale the images down, or make the archive with plain settings."
            ) from None
        return dataset | {"format": kind, "left_out": usage.skipped}


def _read(file: BinaryIO, out: Path, options: Json, usage: UsageCounter, usage_ahead: UsageCounter) -> tuple[str, Json]:
    kind = archive.detect_kind(file)
    holds = options.get("holds")  # what its sender says: a damaged file must not change what the others are read as
    if holds == "images" and kind == "text":
        raise RejectedUpload(
            f"The file is a text, not images. Send images as {archive.IMAGES}; or send the file as a text."
        )
    if holds == "text" or (holds is None and (kind == "text" or texts.contains_texts(file, kind, usage_ahead))):
        return kind, texts.ingest(file, kind, out, options, usage)
    is_npz = kind == "zip" and archive.is_npz(file)
    with (
        decoder_limits(usage.limits),
        ImageBuffer(out / "images.tmp", options.get("side"), usage.limits) as buffer,
    ):
        (arrays if is_npz else folders).read(file, buffer, usage)
        return "npz" if is_npz else kind, packing.pack(buffer, out, usage.limits)
