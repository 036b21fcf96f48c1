"""Reads the members of an archive as streams, in its order, and rejects unsafe ones: links, devices, escaping paths."""

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

from search.runtime.ingest.limits import RejectedUpload, UsageCounter

IMAGES = "a zip, tar, tar.gz or tar.xz of class folders, or an npz of arrays"
ACCEPTED = f"{IMAGES}; for language models a text in UTF-8, or an archive of train.txt, valid.txt and test.txt"
TAR_MAGIC_OFFSET = 257
HEAD_SIZE = 512  # bytes that are enough to detect the kind of a file
MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
}
NPY_MAGIC = b"\x93NUMPY"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # the first also matches UTF-32
SYSTEM_FILES = {"__macosx", "thumbs.db", "desktop.ini"}  # written by operating systems, as are names with a leading dot
DRIVE_LETTER = re.compile(r"^[A-Za-z]:")
ENCRYPTED = 0x0001 | 0x0040 | 0x2000  # flag bits of zip members: encrypted, strongly encrypted, encrypted directory
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
    def is_system_file(self) -> bool:
        return any(part.startswith(".") or part.casefold() in SYSTEM_FILES for part in self.path)


def detect_kind(file: BinaryIO) -> str:
    """The kind of archive by its content, or "text". Rewinds the file. Raises RejectedUpload."""
    file.seek(0)
    head = file.read(HEAD_SIZE)
    file.seek(0)
    kind = archive_kind(head)
    if kind in ("zip", "tar"):
        return kind
    if kind in ("gzip", "xz"):
        return "tar.gz" if kind == "gzip" else "tar.xz"
    if head.startswith(NPY_MAGIC):
        raise RejectedUpload(
            "The file is a single array. Save images and labels in one: np.savez(file, x=images, y=labels)."
        )
    if kind is not None:
        raise RejectedUpload(f"The file is a {kind} archive, which is not supported. Send {ACCEPTED}.")
    if head.startswith(UTF_16_MARKS):
        raise RejectedUpload("The file is a text, but not in UTF-8. Save it in UTF-8, and upload it again.")
    if is_text(head):
        return "text"
    raise RejectedUpload(f"The file is neither a supported archive nor a text in UTF-8. Send {ACCEPTED}.")


def is_text(head: bytes) -> bool:
    """Whether a file that starts with these bytes may be a text in UTF-8. The last character may be incomplete."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(head) and b"\0" not in head


def archive_kind(head: bytes) -> str | None:
    """The kind of archive that starts with these bytes; None for other files."""
    if head[TAR_MAGIC_OFFSET : TAR_MAGIC_OFFSET + 5] == b"ustar":
        return "tar"
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), None)


def is_npz(file: BinaryIO) -> bool:
    """Whether the zip is an npz: its first member is an array."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            return bool(infos) and archive.open(infos[0]).read(len(NPY_MAGIC)) == NPY_MAGIC
    except Exception:  # damaged or encrypted: reading the members will report it
        return False


def members(file: BinaryIO, kind: str, usage: UsageCounter) -> Generator[Member, None, None]:
    """Raises RejectedUpload."""
    return zip_members(file, usage) if kind == "zip" else tar_members(file, kind, usage)


def zip_members(file: BinaryIO, usage: UsageCounter) -> Generator[Member, None, None]:
    """Raises RejectedUpload."""
    with rejecting_damage():
        archive = zipfile.ZipFile(file)
    with archive:
        for info in archive.infolist():
            usage.add_member()
            path = _member_path(info.orig_filename)
            if info.flag_bits & ENCRYPTED:
                raise RejectedUpload(f"“{info.filename}” is encrypted. Make the archive without a password.")
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise RejectedUpload(_not_a_file_message(info.filename, "link" if kind == stat.S_IFLNK else "device"))
            if info.is_dir():
                continue
            if info.compress_type not in (STORED, DEFLATED):
                raise RejectedUpload(
                    f"“{info.filename}” is compressed by a method that is not supported ({info.compress_type}). "
                    "Make a plain zip, or a tar.gz."
                )
            with rejecting_damage():
                stream = archive.open(info)
            with stream:
                yield Member(path, CountedStream(stream, usage))


def tar_members(file: BinaryIO, kind: str, usage: UsageCounter) -> Generator[Member, None, None]:
    """Raises RejectedUpload. Reads in a single pass, so nothing is unpacked twice."""
    openers: dict[str, Callable[[], Stream]] = {
        "tar": lambda: file,
        "tar.gz": lambda: gzip.GzipFile(fileobj=file, mode="rb"),
        "tar.xz": lambda: lzma.LZMAFile(file),  # noqa: SIM115  # the caller closes the file
    }
    with rejecting_damage():
        stream = CountedStream(openers[kind](), usage)
        source: Any = stream  # tarfile only calls `read`
        archive = tarfile.open(fileobj=source, mode="r|", bufsize=1 << 16, tarinfo=_StrictTarInfo)  # noqa: SIM115  # closed below
    with archive:
        while True:
            with rejecting_damage():
                info = archive.next()
                archive.members.clear()  # type: ignore[attr-defined]  # which would grow with every member
            if info is None:
                break
            usage.add_member()
            path = _member_path(info.name)
            if info.isdir():
                continue
            if not info.isreg() or info.issparse():
                link = info.issym() or info.islnk()
                raise RejectedUpload(_not_a_file_message(info.name, "link" if link else "device or a sparse file"))
            with rejecting_damage():
                content = archive.extractfile(info)
            assert content is not None
            yield Member(path, CheckedStream(content))
        while stream.read(1 << 16):  # to the end, where gzip and xz have their checksum
            pass


class CheckedStream:
    """A stream that reports errors of the decompressor as a damaged archive."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        try:  # the same as `rejecting_damage`, without the cost of a context manager for each small read
            return self._stream.read(size)
        except (RejectedUpload, MemoryError):
            raise
        except Exception as error:
            raise RejectedUpload(_damage_message(error)) from None


class CountedStream(CheckedStream):
    """Also counts the unpacked bytes."""

    def __init__(self, stream: Stream, usage: UsageCounter) -> None:
        super().__init__(stream)
        self._usage = usage

    def read(self, size: int, /) -> bytes:
        chunk = super().read(min(size, 1 << 16))
        self._usage.add_unpacked(len(chunk))
        return chunk


class _StrictTarInfo(tarfile.TarInfo):
    """Requires the end mark: without it the archive was cut off, or a header is damaged and later members are lost."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> "_StrictTarInfo":
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise RejectedUpload(_damage_message(error)) from None


@contextmanager
def rejecting_damage() -> Iterator[None]:
    """Turns any exception into RejectedUpload. Use it around archive readers only, which raise all kinds of them."""
    try:
        yield
    except (RejectedUpload, MemoryError):
        raise
    except Exception as error:
        raise RejectedUpload(_damage_message(error)) from None


def _damage_message(error: Exception) -> str:
    reason = str(error).strip().rstrip(".") or type(error).__name__
    return f"The archive is damaged or was cut off ({reason}). Create it again, and upload it again."


def _not_a_file_message(name: str, kind: str) -> str:
    return f"“{name}” is a {kind}. An archive may only contain regular files."


def _member_path(name: str) -> tuple[str, ...]:
    """The components of a member's path. Raises RejectedUpload where it leaves the archive or is not readable."""
    if "\\" in name:
        raise RejectedUpload(
            f"“{_printable(name)}” has backslashes in its path. Make the archive with / between folders."
        )
    parts = name.split("/")
    if name.startswith("/") or DRIVE_LETTER.match(name) or ".." in parts:
        raise RejectedUpload(
            f"“{_printable(name)}” leads out of the archive. Make the archive from the folder that holds the data."
        )
    if not name.isprintable():
        raise RejectedUpload(f"“{_printable(name)}” is not a readable name. Rename it, with letters in UTF-8.")
    return tuple(unicodedata.normalize("NFC", part) for part in parts if part not in ("", "."))


def _printable(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name)[:120]
