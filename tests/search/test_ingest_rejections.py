"""Uploads that are rejected, each with a message that says what to do."""

import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from search.base.serialization import Json
from search.runtime.ingest.limits import Limits, RejectedUpload
from search.runtime.ingest.reader import ingest
from tests.archives import arrays, folders, npz, picture, sized, tarred, zipped

FILES = folders(each=12)
LIMITS = Limits()


@pytest.fixture
def rejection(tmp_path: Path) -> Callable[..., str]:
    """The message of the rejection. Also checks that no file remains."""

    def read(content: bytes, limits: Limits = LIMITS, **options: Any) -> str:
        path = tmp_path / "upload"
        path.write_bytes(content)
        with pytest.raises(RejectedUpload) as raised:
            ingest(path, tmp_path / "out", options, limits)
        assert not list((tmp_path / "out").iterdir())
        message = str(raised.value)
        assert message[0] in "“ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" and message.endswith(".")
        return message

    return read


Rejection = Callable[..., str]


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    "content",
    [b"", b"\0" * 100_000, b"\x89PNG\r\n\x1a\n" + b"0" * 100, b"caf\xe9 noir", b"words\0" * 1_000],
)
def test_neither_archive_nor_text(content: bytes, rejection: Rejection) -> None:
    assert "Send a zip, tar, tar.gz or tar.xz of class folders, or an npz of arrays" in rejection(content)


@pytest.mark.parametrize(("magic", "kind"), [(b"7z\xbc\xaf\x27\x1c", "7z"), (b"Rar!", "rar"), (b"BZh9", "bzip2")])
def test_an_unsupported_archive(magic: bytes, kind: str, rejection: Rejection) -> None:
    assert f"The file is a {kind} archive" in rejection(magic + b"0" * 1000)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../cat/0.png", "leads out of the archive"),
        ("cat/../../0.png", "leads out of the archive"),
        ("/etc/passwd", "leads out of the archive"),
        ("C:/cat/0.png", "leads out of the archive"),
        ("cat\\..\\0.png", "has backslashes in its path"),
        ("c\u202eat/0.png", "is not a readable name"),
        ("cat\n/0.png", "is not a readable name"),
    ],
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_path_that_escapes(
    name: str, expected: str, pack: Callable[[dict[str, bytes]], bytes], rejection: Rejection
) -> None:
    assert expected in rejection(pack(FILES | {name: picture(0)}))


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (member("cat/x.png", tarfile.SYMTYPE, "/etc/passwd"), "is a link"),
        (member("cat/x.png", tarfile.LNKTYPE, "cat/0.png"), "is a link"),
        (member("cat/x.png", tarfile.CHRTYPE), "is a device"),
        (member("cat/x.png", tarfile.FIFOTYPE), "is a device"),
    ],
)
def test_tar_members_that_are_not_regular_files(extra: tarfile.TarInfo, expected: str, rejection: Rejection) -> None:
    assert expected in rejection(tarred(FILES, "gz", [extra]))


def test_a_link_in_a_zip(rejection: Rejection) -> None:
    out = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("cat/link.png")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "“cat/link.png” is a link" in rejection(out.getvalue())


def test_a_bomb_by_its_ratio(rejection: Rejection) -> None:
    bomb = picture(0) + b"\0" * 80_000_000
    for content in (
        zipped(FILES | {"cat/x.png": bomb}, zipfile.ZIP_DEFLATED),
        tarred(FILES | {"cat/x.png": bomb}, "gz"),
    ):
        assert "more than 200 times its size" in rejection(content)


def test_a_bomb_by_its_bytes(rejection: Rejection) -> None:
    files = {f"cat/{n}.png": picture(n) + b"\0" * 100_000 for n in range(30)}
    for content in (zipped(files, zipfile.ZIP_DEFLATED), tarred(files, "xz")):
        assert "unpacks to more than 1,000,000 bytes" in rejection(content, Limits(unpacked=1_000_000))


def test_a_bomb_of_one_file(rejection: Rejection) -> None:
    expected = rejection(zipped(FILES | {"cat/x.png": picture(0) + b"\0" * 200_000}), Limits(file=100_000))
    assert "“cat/x.png” has more than 100,000 bytes" in expected


def test_a_bomb_by_its_number_of_files(rejection: Rejection) -> None:
    assert "more than 20 files" in rejection(zipped(FILES), Limits(files=20))
    assert "more than 20 files" in rejection(tarred({f"cat/{n}/": b"" for n in range(30)}), Limits(files=20))


def test_a_bomb_of_pixels(rejection: Rejection) -> None:
    expected = rejection(zipped(FILES | {"cat/x.png": picture(0, (200, 200))}), Limits(pixels=10_000), side=8)
    assert "1 file cannot be decoded: “cat/x.png: it has more than 10,000 pixels”" in expected


def test_a_header_that_promises_billions_of_pixels(rejection: Rejection) -> None:
    png = sized(picture(0), 60_000, 60_000)
    assert "it has more than 50,000,000 pixels" in rejection(zipped(FILES | {"cat/x.png": png}), side=8)


def test_a_zip_that_lists_the_same_member_many_times(rejection: Rejection) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("cat/0.png", picture(0))
        archive.filelist *= 300  # the directory refers to the same bytes 300 times
    assert rejection(out.getvalue(), Limits(files=100))


def test_images_that_are_too_large_when_decoded(rejection: Rejection) -> None:
    assert "take more than 1,000 bytes when decoded" in rejection(zipped(FILES), Limits(decoded=1_000))


def test_reading_that_takes_too_long(rejection: Rejection) -> None:
    assert "longer than the 0 seconds" in rejection(zipped(FILES), Limits(seconds=0.0))


def test_encrypted_members(rejection: Rejection) -> None:
    content = bytearray(zipped({"cat/0.png": picture(0)}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    assert "“cat/0.png” is encrypted. Make the archive without a password." in rejection(bytes(content))


@pytest.mark.parametrize("inner", [zipped(FILES), tarred(FILES), tarred(FILES, "gz"), tarred(FILES, "xz")])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_archives_in_archives(inner: bytes, pack: Callable[[dict[str, bytes]], bytes], rejection: Rejection) -> None:
    assert "“more.png” is itself an archive" in rejection(pack(FILES | {"more.png": inner}))


def test_an_unsupported_compression_method(rejection: Rejection) -> None:
    assert "Make a plain zip, or a tar.gz" in rejection(zipped(FILES, zipfile.ZIP_LZMA))


@pytest.mark.parametrize("kind", ["zip", "", "gz", "xz"])
def test_an_archive_that_was_cut_off(kind: str, rejection: Rejection) -> None:
    whole = zipped(FILES) if kind == "zip" else tarred(FILES, kind)
    for share in (0.3, 0.6):
        assert "is damaged or was cut off" in rejection(whole[: int(len(whole) * share)])


def test_a_tar_without_its_end(rejection: Rejection) -> None:
    whole = tarred(FILES).rstrip(b"\0")
    assert "is damaged or was cut off" in rejection(whole + b"\0" * (-len(whole) % 512))


def test_a_damaged_header_in_the_middle(rejection: Rejection) -> None:
    content = bytearray(tarred(FILES))
    content[content.index(b"dog/3.png")] ^= 1
    assert "is damaged or was cut off" in rejection(bytes(content))


def test_a_damaged_byte_in_a_zip(rejection: Rejection) -> None:
    content = bytearray(zipped(FILES))
    content[content.index(b"IDAT") + 20] ^= 1
    assert "is damaged or was cut off" in rejection(bytes(content))


def test_broken_images_are_counted_and_named(rejection: Rejection) -> None:
    for count, expected in ((1, "1 file cannot be decoded"), (5, "5 files cannot be decoded")):
        cut = {f"cat/broken{n}.png": picture(n)[:-60] for n in range(count)}
        message = rejection(zipped(FILES | cut))
        assert expected in message and "cat/broken0.png" in message
        assert ("and 2 more" in message) == (count == 5)


def test_a_file_that_only_starts_like_an_image(rejection: Rejection) -> None:
    png = picture(0)
    expected = rejection(zipped(FILES | {"cat/x.png": png[:16] + b"\xff" + png[17:]}))
    assert "“cat/x.png: it starts like an image, but is not one”" in expected


@pytest.mark.parametrize("name", ["cat/0.png", "zebra/9.png"])
def test_a_broken_image_in_an_archive_of_images_is_named_wherever_it_stands(name: str, rejection: Rejection) -> None:
    message = rejection(zipped({name: b"not a picture"} | FILES | {name: b"not a picture"}), holds="images")
    assert message.startswith(f"The archive contains 1 file other than PNG and JPEG: “{name}”.")


def test_a_text_that_is_sent_as_images(rejection: Rejection) -> None:
    message = rejection(b"name,weight\ncat,4\n" * 200, holds="images")
    assert message.startswith("The file is a text, not images. Send images as a zip, tar, tar.gz or tar.xz of class")


def test_images_that_are_sent_as_texts(rejection: Rejection) -> None:
    assert "is an image, not a text. Leave only texts in the archive" in rejection(zipped(FILES), holds="text")


def test_a_truncated_jpeg(rejection: Rejection) -> None:
    content = picture(0, (32, 32), form="JPEG")
    assert "1 file cannot be decoded" in rejection(zipped(FILES | {"cat/x.jpg": content[: len(content) // 2]}), side=8)


def test_files_that_are_not_images_are_counted_and_named(rejection: Rejection) -> None:
    gif = io.BytesIO()
    Image.new("L", (8, 8)).save(gif, "GIF")
    others = {"README.txt": b"hello", "cat/a.gif": gif.getvalue(), "cat/b.svg": b"<svg/>", "cat/c.png": b"", "d": b"x"}
    assert rejection(zipped(FILES | others)) == (
        "The archive contains 5 files other than PNG and JPEG: “README.txt”, “cat/a.gif”, “cat/b.svg” and 2 more. "
        "Leave only images in the archive."
    )


@pytest.mark.parametrize(
    "content",
    [zipped({}), tarred({}, "gz"), zipped({"cat/": b""}), tarred({".x": b"y"})],
    ids=["empty zip", "empty tar.gz", "folder", "hidden file"],  # the content differs with the time of day
)
def test_no_image_at_all(content: bytes, rejection: Rejection) -> None:
    assert "There is no image in the archive" in rejection(content)


def test_one_class(rejection: Rejection) -> None:
    assert rejection(zipped(folders(["cat"]))) == "All images are of one class, “cat”. Add images of another class."
    assert "All images are of one class, “7”" in rejection(npz(x=arrays()["x"], y=np.full(40, 7)))


def test_too_few_images(rejection: Rejection) -> None:
    expected = rejection(zipped(folders(["cat"]) | folders(["dog"], each=9)))
    assert "“dog” has 9 images. Each class needs at least 10" in expected
    assert "has 1 image in train" in rejection(zipped(folders(each=1, parts=["train", "test"])))


def test_too_many_classes(rejection: Rejection) -> None:
    assert "3 classes, and at most 2 are supported" in rejection(zipped(folders("abc")), Limits(classes=2))
    assert "at most 2 classes are supported" in rejection(npz(**arrays(classes=3)), Limits(classes=2))


def test_a_class_that_is_missing_in_a_part(rejection: Rejection) -> None:
    files = folders("ab", parts=["train", "test"])
    assert "“c” is in test but not in train" in rejection(zipped(files | folders("c", parts=["test"])))
    assert "“c” has no image in test" in rejection(zipped(files | folders("c", parts=["train"])))


def test_a_split_without_train(rejection: Rejection) -> None:
    assert "There is test and val, but no train" in rejection(zipped(folders(parts=["val", "test"])))
    values = arrays()
    assert "but no train" in rejection(npz(x_test=values["x"], y_test=values["y"]))


def test_images_outside_of_class_folders(rejection: Rejection) -> None:
    assert "“x.png” is not in a class folder" in rejection(zipped(FILES | {"x.png": picture(0)}))
    parts = {f"{part}/{n}.png": picture(n) for part in ("train", "test") for n in range(3)}
    assert "Some images are directly in test and train" in rejection(zipped(parts))


def test_images_deeper_than_class_folders(rejection: Rejection) -> None:
    assert "“cat/more/x.png” is in a folder below a class folder" in rejection(
        zipped(FILES | {"cat/more/x.png": picture(0)})
    )


def test_a_class_with_a_long_name(rejection: Rejection) -> None:
    assert "more than 80 letters" in rejection(zipped(folders(["c" * 81, "dog"])))


def test_images_of_different_sizes_without_a_side(rejection: Rejection) -> None:
    expected = rejection(zipped(FILES | {"dog/x.png": picture(0, (9, 8))}))
    assert "“cat/0.png” has 8×8 pixels, “dog/x.png” 9×8. Choose a side" in expected


def test_images_that_are_too_large_or_too_small(rejection: Rejection) -> None:
    assert "may have at most 224×224. Choose a side" in rejection(zipped(folders(each=1, size=(225, 10))))
    assert "needs at least 8×8. Choose a side" in rejection(zipped(folders(size=(7, 8))))


OBJECTS = np.array([{"a": 1}] * 40, dtype=object)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"x": OBJECTS}, "“x” contains pickled objects, which are never loaded"),
        ({"y": OBJECTS}, "“y” contains pickled objects, which are never loaded"),
        ({"x": np.zeros((40, 64), np.uint8)}, "has the shape (40, 64). Images are (N, H, W)"),
        ({"x": np.zeros((40, 8, 8, 4), np.uint8)}, "has the shape (40, 8, 8, 4). Images are (N, H, W)"),
        ({"x": np.zeros((40, 3, 3, 3), np.uint8)}, "has the ambiguous shape (40, 3, 3, 3)"),
        ({"x": np.zeros((40, 8, 8), np.int64)}, "has the type int64. Save x.astype(np.uint8)"),
        ({"x": np.zeros((40, 8, 8), np.complex64)}, "has the type complex64"),
        ({"x": np.full((40, 8, 8), np.nan)}, "contains NaN or infinity"),
        ({"x": np.full((40, 8, 8), 255.0)}, "contains floats from 255 to 255. Scale them to 0 to 1"),
        ({"x": np.asfortranarray(np.zeros((40, 8, 8), np.uint8))}, "is stored in Fortran order"),
        ({"x": np.zeros((40, 300, 300), np.uint8)}, "at most 224×224"),
        ({"x": np.zeros((40, 0, 8), np.uint8)}, "needs at least 8×8"),
        ({"y": np.zeros(40)}, "Labels are integers: save y.astype(int)"),
        ({"y": np.zeros((40, 2), int)}, "Labels are one integer per image"),
        ({"y": np.arange(39) % 2}, "“x” has 40 images, and there are 39 labels"),
        ({"z": np.zeros(3)}, "“z.npy”: an unknown name"),
        ({"x_train": np.zeros((40, 8, 8), np.uint8)}, "“x_train.npy” is only one of a pair"),
    ],
)
def test_invalid_arrays(change: Json, expected: str, rejection: Rejection) -> None:
    assert expected in rejection(npz(**{**arrays(), **change}))


def test_arrays_without_labels(rejection: Rejection) -> None:
    assert "“x.npy” is only one of a pair of images and labels" in rejection(npz(x=arrays()["x"]))


def test_a_single_array(rejection: Rejection) -> None:
    out = io.BytesIO()
    np.save(out, arrays()["x"])
    assert "Save images and labels in one" in rejection(out.getvalue())


def npy(shape: str, content: bytes = b"", descr: str = "'|u1'") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (npy("(10**12, 8, 8)"), "is not a readable array"),
        (npy(f"({10**12}, 8, 8)"), "ends before its 64,000,000,000,000 bytes"),
        (npy("(-1, 8, 8)"), "ends before its"),
        (npy("(40, 8, 8)", b"0" * 100), "ends before its 2,560 bytes"),
        (npy("__import__('os').system('true')"), "is not a readable array"),
        (npy("(40,)", descr="'|O'"), "pickled objects"),
        (b"\x93NUMPY\x09\x00" + b"x" * 100, "is not a readable array"),
    ],
)
def test_false_headers_of_arrays(header: bytes, expected: str, rejection: Rejection) -> None:
    labels = io.BytesIO()
    np.save(labels, np.arange(40) % 2)
    assert expected in rejection(zipped({"x.npy": header, "y.npy": labels.getvalue()}))
