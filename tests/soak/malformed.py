"""Malformed uploads of many kinds, each drawn from a seed."""

import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tests.archives import arrays, folders, npz, picture, sized, tarred, zipped

Rng = random.Random


class Malformed(NamedTuple):
    kind: str
    content: bytes
    side: int | None


def malformed(seed: int) -> Malformed:
    rng = Rng(seed)
    kind = list(KINDS)[seed % len(KINDS)]
    content = KINDS[kind](rng)
    return Malformed(kind, content or b"\0", rng.choice([None, None, 8, 32]))


def _whole(rng: Rng) -> bytes:
    """A valid upload."""
    files = folders(
        each=rng.randint(10, 14), size=(8, 8), mode=rng.choice(["L", "RGB"]), form=rng.choice(["PNG", "JPEG"])
    )
    variants: list[Callable[[], bytes]] = [
        lambda: zipped(files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])),
        lambda: tarred(files, rng.choice(["", "gz", "xz"])),
        lambda: npz(**arrays(rng.randint(20, 60), seed=rng.randrange(99))),
    ]
    return rng.choice(variants)()


def _files(rng: Rng) -> dict[str, bytes]:
    return folders(each=rng.randint(10, 14))


def _packed(rng: Rng, files: dict[str, bytes]) -> bytes:
    if rng.random() < 0.5:
        return zipped(files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    return tarred(files, rng.choice(["", "gz", "xz"]))


def _truncated(rng: Rng) -> bytes:
    whole = _whole(rng)
    return whole[: rng.randrange(len(whole))]


def _flipped(rng: Rng) -> bytes:
    content = bytearray(_whole(rng))
    for _ in range(rng.choice([1, 1, 2, 10, 500])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    return bytes(content)


def _spliced(rng: Rng) -> bytes:
    """A piece is removed, doubled or inserted."""
    content, other = _whole(rng), _whole(rng)
    at, size = rng.randrange(len(content)), rng.randint(1, 5_000)
    piece = rng.choice([b"", content[at : at + size] * 2, other[:size], rng.randbytes(size), bytes(size)])
    return content[:at] + piece + content[at + size :]


def _garbage(rng: Rng) -> bytes:
    magic = rng.choice([b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xfd7zXZ\x00", b"\x93NUMPY\x01\x00", b"PK\x05\x06"])
    return magic + rng.randbytes(rng.randint(1, 50_000))


def _bomb(rng: Rng) -> bytes:
    zeros = picture(0) + bytes(rng.choice([1_000_000, 9_000_000]))
    files = {f"cat/{n}.png": zeros for n in range(rng.choice([1, 9]))}
    variants: list[Callable[[], bytes]] = [
        lambda: zipped(files, zipfile.ZIP_DEFLATED),
        lambda: tarred(files, rng.choice(["gz", "xz"])),
        lambda: _twice(rng),
    ]
    return rng.choice(variants)()


def _twice(rng: Rng) -> bytes:
    """One member, listed many times in the directory."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("cat/0.png", picture(0))
        archive.filelist *= rng.choice([50, 3_000])
    return out.getvalue()


def _many(rng: Rng) -> bytes:
    return _packed(rng, {f"{n % 7}/{n}": b"" for n in range(rng.choice([500, 3_000]))})


def _escape(rng: Rng) -> bytes:
    name = rng.choice(
        ["../x.png", "/etc/x.png", "C:\\x.png", "cat/../../x.png", "cat\\x.png", "a\0b/x.png", "\u202ex/x.png"]
    )
    return _packed(rng, _files(rng) | {name: picture(1)})


def _link(rng: Rng) -> bytes:
    info = tarfile.TarInfo("cat/link.png")
    info.type = rng.choice([tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"Z"])
    info.linkname = rng.choice(["/etc/passwd", "../../secret", "cat/0.png", "cat/link.png"])
    return tarred(_files(rng), rng.choice(["", "gz", "xz"]), [info])


def _encrypted(rng: Rng) -> bytes:
    content = bytearray(zipped(_files(rng)))
    entry = content.index(b"PK\x01\x02")
    content[entry + 8] |= rng.choice([0x01, 0x41])
    content[6] |= 1
    return bytes(content)


def _nested(rng: Rng) -> bytes:
    inner = _whole(rng)
    for _ in range(rng.randint(1, 3)):
        inner = _packed(rng, _files(rng) | {rng.choice(["more.zip", "cat/x.png"]): inner})
    return inner


def _wrong_arrays(rng: Rng) -> bytes:
    good = arrays()
    objects = np.array([{"a": 1}] * 40, dtype=object)
    variants: list[Callable[[], bytes]] = [
        lambda: npz(x=objects, y=good["y"]),
        lambda: npz(x=good["x"], y=objects),
        lambda: npz(x=good["x"]),
        lambda: npz(x=good["x"][:, 0], y=good["y"]),
        lambda: npz(x=good["x"].astype(complex), y=good["y"]),
        lambda: npz(x=good["x"] * float("nan"), y=good["y"]),
        lambda: npz(x=good["x"].astype(float) * rng.choice([-1, 1, 1e300]), y=good["y"]),
        lambda: npz(x=good["x"], y=good["y"][: rng.randrange(40)]),
        lambda: npz(x=good["x"], y=np.arange(40) * 2**40),
        lambda: npz(x=np.zeros((40, rng.randrange(300), rng.randrange(300)), np.uint8), y=good["y"]),
        lambda: npz(x=np.zeros((0, 8, 8), np.uint8), y=np.zeros(0, int)),
        lambda: npz(x=np.zeros((), np.uint8), y=np.zeros((), int)),
        lambda: npz(x=good["x"].astype("U3"), y=good["y"].astype("M8[s]")),
    ]
    return rng.choice(variants)()


def _lying_header(rng: Rng) -> bytes:
    shape = rng.choice(
        ["(10**12,)", f"({2**62}, 8, 8)", "(-1, 8, 8)", "(40, 8, 8)", "(" * 900, "None", "(True, 8, 8)", "(8.0,)"]
    )
    descr = rng.choice(["'|u1'", "'|O'", "'<f8'", "'|V99999'", "[('a', '|O')]", "5"])
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode() + b"\n"
    header = b"\x93NUMPY" + bytes([rng.choice([1, 2, 3, 9]), 0]) + struct.pack("<H", len(text)) + text
    return zipped({"x.npy": header + rng.randbytes(100), "y.npy": npz(y=np.arange(40))[:400]})


def _broken_images(rng: Rng) -> bytes:
    files = _files(rng)
    for name in rng.sample(list(files), rng.randint(1, 5)):
        content = bytearray(files[name])
        at = rng.randrange(8, len(content))
        content[at : at + rng.randint(1, 60)] = rng.randbytes(rng.randint(0, 60))
        files[name] = bytes(content)
    return _packed(rng, files)


def _huge_image(rng: Rng) -> bytes:
    png = sized(picture(0), rng.choice([0, 1, 9_000, 2**31 - 1]), rng.choice([0, 1, 9_000, 2**31 - 1]))
    return _packed(rng, _files(rng) | {"cat/x.png": png})


def _no_images(rng: Rng) -> bytes:
    other = {
        "README.md": b"hello",
        "cat/a.svg": b"<svg onload='alert(1)'/>",
        "cat/b.html": b"<script>",
        "dog/c.gif": b"GIF89a",
    }
    return _packed(rng, _files(rng) | dict(rng.sample(list(other.items()), rng.randint(1, 4))))


def _wrong_layout(rng: Rng) -> bytes:
    return _packed(
        rng,
        rng.choice(
            [
                folders(["cat"]),
                folders(each=rng.randint(1, 9)),
                folders(parts=["val", "test"]),
                folders() | {"x.png": picture(1)},
                folders() | {"cat/deeper/x.png": picture(1)},
                folders() | folders(["bird"], size=(9, 9)),
                folders(size=(300, 300), each=1),
                folders(size=(1, 1)),
                folders(["cat", "x" * 200]),
                {},
            ]
        ),
    )


KINDS: dict[str, Callable[[Rng], bytes]] = {
    "truncated": _truncated,
    "flipped bits": _flipped,
    "spliced": _spliced,
    "garbage": _garbage,
    "bomb": _bomb,
    "many files": _many,
    "escape": _escape,
    "link or device": _link,
    "encrypted": _encrypted,
    "nested": _nested,
    "wrong arrays": _wrong_arrays,
    "lying header": _lying_header,
    "broken images": _broken_images,
    "huge image": _huge_image,
    "no images": _no_images,
    "wrong layout": _wrong_layout,
}
