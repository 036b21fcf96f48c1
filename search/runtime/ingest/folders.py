"""Archives of class folders: reads the images, and derives class and part of each from its folder."""

from typing import BinaryIO

from search.data.datasets import Part
from search.runtime.ingest import archive
from search.runtime.ingest.archive import Member
from search.runtime.ingest.image_buffer import Group, ImageBuffer
from search.runtime.ingest.images import BrokenImage, decode, is_image
from search.runtime.ingest.limits import RejectedUpload, UsageCounter, quote_names

PARTS: dict[str, Part] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
MAX_CLASS_NAME = 80  # characters
MAX_SHOWN = 3  # file names in an error message


def read(file: BinaryIO, buffer: ImageBuffer, usage: UsageCounter) -> None:
    """Raises RejectedUpload: at the end for files that are not images or cannot be decoded, with their number."""
    groups: dict[tuple[str, ...], int] = {}
    examples: list[str] = []  # name of one member of each group
    other_files, broken_files = _FileList(), _FileList()
    for member in archive.members(file, archive.detect_kind(file), usage):
        if member.is_system_file:
            usage.skipped += 1
            continue
        head = member.stream.read(archive.HEAD_SIZE)
        if not is_image(head):
            if (kind := archive.archive_kind(head)) is not None:
                raise RejectedUpload(f"“{member.name}” is itself an archive ({kind}). Put the images in directly.")
            other_files.add(member.name)
            continue
        data = _read_whole(head, member, usage.limits.file)
        try:
            pixels = decode(data, buffer.side)
        except BrokenImage as error:
            broken_files.add(f"{member.name}: {error}")
            usage.check_time()
            continue
        folder = member.path[:-1]
        if folder not in groups:
            groups[folder] = len(groups)
            examples.append(member.name)
        buffer.add(pixels, groups[folder], member.name)
        usage.add_images()
    if other_files.count:
        raise RejectedUpload(
            f"The archive contains {_count_files(other_files.count)} other than PNG and JPEG: "
            f"{quote_names(other_files.names, other_files.count, MAX_SHOWN)}. "
            "Leave only images in the archive."
        )
    if broken_files.count:
        raise RejectedUpload(
            f"{_count_files(broken_files.count)} cannot be decoded: "
            f"{quote_names(broken_files.names, broken_files.count, MAX_SHOWN)}. "
            "Repair or remove them, and upload the archive again."
        )
    buffer.names = class_layout(list(groups), examples)


class _FileList:
    """The first MAX_SHOWN names of some files, and the number of all of them."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.count = 0

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < MAX_SHOWN:
            self.names.append(name)


def _count_files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _read_whole(head: bytes, member: Member, limit: int) -> bytes:
    chunks, size = [head], len(head)
    while chunk := member.stream.read(1 << 16):
        size += len(chunk)
        if size > limit:
            raise RejectedUpload(f"“{member.name}” has more than {limit:,} bytes. Scale it down.")
        chunks.append(chunk)
    return b"".join(chunks)


def class_layout(paths: list[tuple[str, ...]], examples: list[str]) -> list[Group]:
    """Part and class of each folder; `examples`: a file in each. Raises RejectedUpload.

    Outer folders that contain everything are ignored.
    """
    if not paths:
        raise RejectedUpload(
            "There is no image in the archive. Make an archive of class folders with PNG or JPEG files."
        )
    while len(paths[0]) > 1 and all(len(path) > 1 and path[0] == paths[0][0] for path in paths):
        paths = [path[1:] for path in paths]
    for path, example in zip(paths, examples, strict=True):
        if not path:
            raise RejectedUpload(
                f"“{example}” is not in a class folder. Put each image into a folder that is named after its class."
            )
    top_folders = {path[0].casefold() for path in paths}
    has_parts = top_folders <= set(PARTS) and len(top_folders) > 1
    if has_parts and any(len(path) == 1 for path in paths):
        raise RejectedUpload(
            f"Some images are directly in {' and '.join(sorted(top_folders))}. "
            "Put class folders into each of them, and the images into these."
        )
    depth = 2 if has_parts else 1
    for path, example in zip(paths, examples, strict=True):
        if len(path) > depth:
            raise RejectedUpload(
                f"“{example}” is in a folder below a class folder. Make the archive of class folders with images in "
                "them, or of train, val and test with such class folders in them."
            )
    if has_parts and "train" not in {PARTS[top] for top in top_folders}:
        raise RejectedUpload(f"There is {' and '.join(sorted(top_folders))}, but no train. Add images to train on.")
    return [(PARTS[path[0].casefold()] if has_parts else None, _checked_class(path[-1])) for path in paths]


def _checked_class(name: str) -> str:
    if len(name) > MAX_CLASS_NAME:
        raise RejectedUpload(
            f"The class “{name[:MAX_CLASS_NAME]}…” has a name of more than {MAX_CLASS_NAME} letters. Shorten it."
        )
    return name
