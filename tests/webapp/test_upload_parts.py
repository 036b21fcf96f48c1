"""Parts of an upload: stored completely or not at all, read as one file, deleted completely."""

import io

import pytest

from tests.webapp.objects import Disk, Objects
from webapp.files import storage, upload_parts

pytestmark = pytest.mark.usefixtures("file_store")


def test_parts_are_read_as_one_file() -> None:
    assert [
        upload_parts.put_part("u1", number, io.BytesIO(text)) for number, text in enumerate((b"one ", b"", b"two"))
    ] == [
        4,
        0,
        3,
    ]
    assert b"".join(upload_parts.read_parts("u1", 3)) == b"one two"


def test_a_part_that_is_sent_again_replaces_the_first() -> None:
    upload_parts.put_part("u1", 0, io.BytesIO(b"first"))
    upload_parts.put_part("u1", 0, io.BytesIO(b"again"))
    assert b"".join(upload_parts.read_parts("u1", 1)) == b"again"


def test_a_part_that_was_interrupted_is_not_stored(file_store: Disk | Objects) -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        upload_parts.put_part("u1", 0, Broken())
    with pytest.raises(upload_parts.PartMissing, match="Part 1 of the upload is missing"):
        b"".join(upload_parts.read_parts("u1", 1))
    assert file_store.names() == set()
    assert not [path for path in storage.store().spool.rglob("*") if path.is_file()]


def test_deleted_parts_leave_no_files(file_store: Disk | Objects) -> None:
    upload_parts.put_part("u1", 0, io.BytesIO(b"one"))
    upload_parts.put_part("u2", 0, io.BytesIO(b"two"))
    upload_parts.delete_parts("u1")
    upload_parts.delete_parts("never")
    assert upload_parts.upload_ids() == {"u2"}
    assert file_store.names() == {"uploads/u2/000000"}


def test_files_of_others_with_similar_names_are_kept(file_store: Disk | Objects) -> None:
    """A bucket may hold other people's files under uploads/."""
    theirs = {"uploads/readme.txt", "uploads/u1/photo.png", "uploads/2024-05/000000", "uploads/u1/more/000000"}
    for name in theirs:
        file_store.write(name, b"")
    upload_parts.put_part("u1", 0, io.BytesIO(b"one"))
    assert upload_parts.upload_ids() == {"u1"}
    for upload in ("u1", "2024-05", "readme.txt"):
        upload_parts.delete_parts(upload)
    assert file_store.names() == theirs
