"""Archives of class folders: which images there are, and whose class and part each is."""

from typing import BinaryIO

from search.data.datasets import Part
from search.runtime.ingest import archive
from search.runtime.ingest.archive import Member
from search.runtime.ingest.images import Broken, decode, is_image
from search.runtime.ingest.limits import Meter, Refused, some
from search.runtime.ingest.spool import Group, Spool

PARTS: dict[str, Part] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
LONGEST = 80  # name of a class
SHOWN = 3  # names in a refusal


def read(file: BinaryIO, spool: Spool, meter: Meter) -> None:
    """Raises Refused; of files that are no images or cannot be decoded after all were seen, with their number."""
    groups: dict[tuple[str, ...], int] = {}
    examples: list[str] = []  # a member of each group
    others, broken = _Found(), _Found()
    for member in archive.members(file, archive.kind_of(file), meter):
        if member.is_left_out:
            meter.left_out += 1
            continue
        head = member.stream.read(archive.BLOCK)
        if not is_image(head):
            if (kind := archive.packed(head)) is not None:
                raise Refused(f"“{member.name}” is itself an archive ({kind}). Put the images in directly.")
            others.add(member.name)
            continue
        data = _whole(head, member, meter.limits.file)
        try:
            pixels = decode(data, spool.side)
        except Broken as error:
            broken.add(f"{member.name}: {error}")
            meter.tick()
            continue
        folder = member.path[:-1]
        if folder not in groups:
            groups[folder] = len(groups)
            examples.append(member.name)
        spool.add(pixels, groups[folder], member.name)
        meter.image()
    if others.count:
        raise Refused(
            f"{_files(others.count)} no PNG or JPEG: {some(others.names, others.count, SHOWN)}. "
            "Leave in the archive nothing but images."
        )
    if broken.count:
        raise Refused(
            f"{_files(broken.count)} no image that can be decoded: {some(broken.names, broken.count, SHOWN)}. "
            "Mend or remove them, and upload the rest again."
        )
    spool.names = layout(list(groups), examples)


class _Found:
    """Names of files that are refused: the first few, and how many there are."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.count = 0

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < SHOWN:
            self.names.append(name)


def _files(count: int) -> str:
    return "1 file is" if count == 1 else f"{count:,} files are"


def _whole(head: bytes, member: Member, most: int) -> bytes:
    chunks, size = [head], len(head)
    while chunk := member.stream.read(1 << 16):
        size += len(chunk)
        if size > most:
            raise Refused(f"“{member.name}” has more than {most:,} bytes. Scale it down.")
        chunks.append(chunk)
    return b"".join(chunks)


def layout(paths: list[tuple[str, ...]], examples: list[str]) -> list[Group]:
    """Part and class of each folder; `examples`: a file in each. Raises Refused.

    Folders that hold everything else are passed over, so a wrapping one changes nothing.
    """
    if not paths:
        raise Refused("There is no image in the archive. Make one of class folders that hold PNG or JPEG files.")
    while len(paths[0]) > 1 and all(len(path) > 1 and path[0] == paths[0][0] for path in paths):
        paths = [path[1:] for path in paths]
    for path, example in zip(paths, examples, strict=True):
        if not path:
            raise Refused(
                f"“{example}” lies outside of any class folder. "
                "Put each image into a folder that is named for its class."
            )
    tops = {path[0].casefold() for path in paths}
    given = tops <= set(PARTS) and len(tops) > 1
    if given and any(len(path) == 1 for path in paths):
        raise Refused(
            f"Images lie in {' and '.join(sorted(tops))} themselves. "
            "Put class folders into each of them, and the images there."
        )
    depth = 2 if given else 1
    for path, example in zip(paths, examples, strict=True):
        if len(path) > depth:
            raise Refused(
                f"“{example}” lies deeper than a class folder. Let the archive hold class folders with images in them, "
                "or train, val and test with class folders in them, and nothing below."
            )
    if given and "train" not in {PARTS[top] for top in tops}:
        raise Refused(f"There is {' and '.join(sorted(tops))}, and no train. Add the images to learn from.")
    return [(PARTS[path[0].casefold()] if given else None, _class(path[-1])) for path in paths]


def _class(name: str) -> str:
    if len(name) > LONGEST:
        raise Refused(f"The class “{name[:LONGEST]}…” has a name of more than {LONGEST} letters. Shorten it.")
    return name
