"""Decodes an image file to pixels: uint8, grey or RGB, (C, H, W).

Other pixel formats of PNG and JPEG are converted: 16 bits to 8, palettes and CMYK to RGB, and transparent pixels are
blended with white. The EXIF orientation is applied, as viewers do.
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


class BrokenImage(Exception):
    """The file starts like an image but cannot be decoded; the message is the reason in a few words."""


@contextmanager
def decoder_limits(limits: Limits) -> Iterator[None]:
    """Inside, Pillow's decoders do not warn, and raise an exception for images with more pixels than allowed."""
    previous_limit = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = limits.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    finally:
        Image.MAX_IMAGE_PIXELS = previous_limit


def is_image(head: bytes) -> bool:
    return head.startswith(MAGIC)


def decode(data: bytes, side: int | None) -> Pixels:
    """Decodes an image and scales it where a side is given. Must be called inside `decoder_limits`.

    Raises BrokenImage.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if side:
                image.draft(None, (2 * side, 2 * side))  # decodes a large JPEG at a reduced size
            image.load()
            return _to_array(scale(_to_grey_or_rgb(_apply_orientation(image)), side))
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise BrokenImage(f"it has more than {Image.MAX_IMAGE_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise BrokenImage("it starts like an image, but is not one") from None
    except Exception as error:  # decoders raise all kinds of exceptions on damaged data
        raise BrokenImage(str(error) or type(error).__name__) from None


def scale(image: Image.Image, side: int | None) -> Image.Image:
    """Scales the shorter side to `side`, and crops the longer one to its middle. None: unchanged."""
    if side is None or image.size == (side, side):
        return image
    return ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS)


def _apply_orientation(image: Image.Image) -> Image.Image:
    if "exif" in image.info:
        with suppress(Exception):  # unreadable metadata are ignored
            if image.getexif().get(ORIENTATION, 1) != 1:
                return ImageOps.exif_transpose(image)
    return image


def _to_grey_or_rgb(image: Image.Image) -> Image.Image:
    """Converts an image of any mode to mode L or RGB."""
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


def _to_array(image: Image.Image) -> Pixels:
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))
