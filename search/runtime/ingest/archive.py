"""Members of an archive as streams, in its own order, each checked for what a member may not be."""

import codecs
import gzip
import lzma
import re
import stat
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from search.runtime.ingest.limits import Meter, Refused

NAMED = (
    "a zip, tar, tar.gz or tar.xz of class folders, or an npz of arrays; "
    "of words a text in UTF-8, or an archive of train.txt, valid.txt and test.txt"
)
TAR_AT, BLOCK = 257, 512
PACKED = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
}
ARRAY = b"\x93NUMPY"
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # of UTF-32 too
LEFT_OUT = {"__macosx", "thumbs.db", "desktop.ini"}  # and whatever begins with a dot: put there by systems
DRIVE = re.compile(r"^[A-Za-z]:")
LOCKED = 0x0001 | 0x0040 | 0x2000  # bits of a zip's member: encrypted, strongly, its directory too
STORED, DEFLATED = zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED


class Stream(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Member:
    path: tuple[str, ...]
    stream: Stream

    @property
    def name(self) -> str:
        return "/".join(self.path)

    @property
    def is_left_out(self) -> bool:
        return any(part.startswith(".") or part.casefold() in LEFT_OUT for part in self.path)


def kind_of(file: BinaryIO) -> str:
    """By its content: a kind of archive, or "text". Leaves the file at its beginning. Raises Refused."""
    file.seek(0)
    head = file.read(BLOCK)
    file.seek(0)
    found = packed(head)
    if found in ("zip", "tar"):
        return found
    if found in ("gzip", "xz"):
        return "tar.gz" if found == "gzip" else "tar.xz"
    if head.startswith(ARRAY):
        raise Refused("The file is a single array. Save images and labels in one: np.savez(file, x=images, y=labels).")
    if found is not None:
        raise Refused(f"The file is a {found} archive, which is not read. Send {NAMED}.")
    if head.startswith(WIDE):
        raise Refused("The file is a text, but not in UTF-8. Save it in UTF-8, and upload it again.")
    if is_text(head):
        return "text"
    raise Refused(f"The file is no archive that is read here, and no text in UTF-8. Send {NAMED}.")


def is_text(head: bytes) -> bool:
    """Whether a file that begins like this may be a text in UTF-8; the last letter may be cut off."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(head) and b"\0" not in head


def packed(head: bytes) -> str | None:
    """What kind of archive begins like this."""
    if head[TAR_AT : TAR_AT + 5] == b"ustar":
        return "tar"
    return next((kind for magic, kind in PACKED.items() if head.startswith(magic)), None)


def holds_arrays(file: BinaryIO) -> bool:
    """Whether the zip is an npz: its first member is an array."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            return bool(infos) and archive.open(infos[0]).read(len(ARRAY)) == ARRAY
    except Exception:  # damaged or locked: whoever reads it will say so
        return False


def members(file: BinaryIO, kind: str, meter: Meter) -> Generator[Member, None, None]:
    """Raises Refused."""
    return zip_members(file, meter) if kind == "zip" else tar_members(file, kind, meter)


def zip_members(file: BinaryIO, meter: Meter) -> Generator[Member, None, None]:
    """Raises Refused."""
    with damaged():
        archive = zipfile.ZipFile(file)
    with archive:
        for info in archive.infolist():
            meter.file()
            path = _path(info.orig_filename)
            if info.flag_bits & LOCKED:
                raise Refused(f"“{info.filename}” is encrypted. Make the archive without a password.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise Refused(_no_file(info.filename, "link" if kind == stat.S_IFLNK else "device"))
            if info.is_dir():
                continue
            if info.compress_type not in (STORED, DEFLATED):
                raise Refused(
                    f"“{info.filename}” is compressed in a way that is not read (method {info.compress_type}). "
                    "Make a plain zip, or a tar.gz."
                )
            with damaged():
                stream = archive.open(info)
            with stream:
                yield Member(path, Counted(stream, meter))


def tar_members(file: BinaryIO, kind: str, meter: Meter) -> Generator[Member, None, None]:
    """Raises Refused. One pass, so that nothing is unpacked twice."""
    openers: dict[str, Callable[[], Stream]] = {
        "tar": lambda: file,
        "tar.gz": lambda: gzip.GzipFile(fileobj=file, mode="rb"),
        "tar.xz": lambda: lzma.LZMAFile(file),  # noqa: SIM115  # the file is its caller's
    }
    with damaged():
        stream = Counted(openers[kind](), meter)
        source: Any = stream  # all that is asked of it is to read
        archive = tarfile.open(fileobj=source, mode="r|", bufsize=1 << 16, tarinfo=_Strict)  # noqa: SIM115  # below
    with archive:
        while True:
            with damaged():
                info = archive.next()
                archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
            if info is None:
                break
            meter.file()
            path = _path(info.name)
            if info.isdir():
                continue
            if not info.isreg() or info.issparse():
                link = info.issym() or info.islnk()
                raise Refused(_no_file(info.name, "link" if link else "device or a file with holes"))
            with damaged():
                content = archive.extractfile(info)
            assert content is not None
            yield Member(path, Guarded(content))
        while stream.read(1 << 16):  # a checksum stands at the very end
            pass


class Guarded:
    """A stream whose own errors mean that the archive is damaged."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        try:  # as `damaged` does, which would cost more than many a read
            return self._stream.read(size)
        except (Refused, MemoryError):
            raise
        except Exception as error:
            raise Refused(_damaged(error)) from None


class Counted(Guarded):
    """Also counts what is unpacked."""

    def __init__(self, stream: Stream, meter: Meter) -> None:
        super().__init__(stream)
        self._meter = meter

    def read(self, size: int, /) -> bytes:
        chunk = super().read(min(size, 1 << 16))
        self._meter.unpack(len(chunk))
        return chunk


class _Strict(tarfile.TarInfo):
    """An archive ends with its end mark. Else it was cut off, or a header is damaged and what follows would be lost."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> "_Strict":
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise Refused(_damaged(error)) from None


@contextmanager
def damaged() -> Iterator[None]:
    """Readers of archives meet garbage with exceptions of every kind. To be put around them alone."""
    try:
        yield
    except (Refused, MemoryError):
        raise
    except Exception as error:
        raise Refused(_damaged(error)) from None


def _damaged(error: Exception) -> str:
    said = str(error).strip().rstrip(".") or type(error).__name__
    return f"The archive is damaged or was cut off ({said}). Make it anew, and upload it again."


def _no_file(name: str, what: str) -> str:
    return f"“{name}” is a {what}. Put the files themselves into the archive, and nothing but files."


def _path(name: str) -> tuple[str, ...]:
    """The parts of a member's name. Raises Refused where it leads out of the archive, or is none."""
    if "\\" in name:
        raise Refused(f"“{_readable(name)}” has backslashes in its path. Make the archive with / between folders.")
    parts = name.split("/")
    if name.startswith("/") or DRIVE.match(name) or ".." in parts:
        raise Refused(
            f"“{_readable(name)}” leads out of the archive. Make the archive from the folder that holds the data."
        )
    if not name.isprintable():
        raise Refused(f"“{_readable(name)}” is no readable name. Rename it, with letters in UTF-8.")
    return tuple(unicodedata.normalize("NFC", part) for part in parts if part not in ("", "."))


def _readable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:120]
