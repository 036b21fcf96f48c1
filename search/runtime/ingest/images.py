"""One image file as bytes to one image as pixels: uint8, grey or RGB, (C, H, W).

What else a PNG or JPEG may hold is brought to that: 16 bits to 8, palettes and CMYK to RGB, what is transparent onto
white. A camera's orientation mark is followed, so that an image is as people see it.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from search.runtime.ingest.limits import Limits

Pixels = NDArray[np.uint8]

FORMATS = ("PNG", "JPEG")
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
ORIENTATION = 0x0112
WHITE = (255, 255, 255, 255)


class Broken(Exception):
    """The file says that it is an image and cannot be decoded as one; the message says why in a few words."""


@contextmanager
def quiet(limits: Limits) -> Iterator[None]:
    """Within it, decoders warn of nothing and refuse what is larger than allowed."""
    before = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = limits.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def is_image(head: bytes) -> bool:
    return head.startswith(MAGIC)


def decode(data: bytes, side: int | None) -> Pixels:
    """Raises Broken. To be called within `quiet`."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if side:
                image.draft(None, (2 * side, 2 * side))  # a large JPEG need not be decoded in full
            image.load()
            return _pixels(scaled(_plain(_upright(image)), side))
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Broken(f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise Broken("it begins as an image and goes on as none") from None
    except Exception as error:  # decoders meet garbage with exceptions of every kind
        raise Broken(str(error) or type(error).__name__) from None


def scaled(image: Image.Image, side: int | None) -> Image.Image:
    """To a square: its shorter side to `side`, the middle of the longer one."""
    if side is None or image.size == (side, side):
        return image
    return ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)


def _upright(image: Image.Image) -> Image.Image:
    if "exif" in image.info:
        with suppress(Exception):  # marks that cannot be read are none
            if image.getexif().get(ORIENTATION, 1) != 1:
                return ImageOps.exif_transpose(image)
    return image


def _plain(image: Image.Image) -> Image.Image:
    """In mode L or RGB."""
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16 bits
        return Image.fromarray((np.asarray(image).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        grey = image.mode in ("L", "LA", "La")
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, WHITE), image)
        return image.convert("L" if grey else "RGB")
    palette = image.mode == "P"
    image = image.convert("RGB")
    return image.getchannel(0) if palette and _is_grey(image) else image


def _is_grey(image: Image.Image) -> bool:
    pixels = np.asarray(image)
    return bool((pixels == pixels[:, :, :1]).all())


def _pixels(image: Image.Image) -> Pixels:
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
