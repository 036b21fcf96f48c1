"""Images as a training shows them: moved, cropped, mirrored, recoloured, covered; each by a draw of its own.

`crop` and what follows it are AutoShrink's training on ImageNet (AAAI 2020; spec section 5). There a crop must leave a
tenth of the object besides; without boxes around objects, any crop of so much of an image does.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from search.evaluation.recipes.image import ImageRecipe

ERASED = (0.02, 0.4)  # share of the image that is covered, and how narrow: as published
NARROWEST = 0.3


def augmented(images: Tensor, recipe: ImageRecipe, rng: Generator) -> Tensor:
    """Images (B, C, H, W) in [0, 1] as the recipe varies them, in their own size. `luck` is on the images' device."""
    if recipe.augment == "shift":
        images = shifted(images, rng)
    if recipe.augment == "crop":
        images = cropped(images, recipe.crop_area, recipe.crop_aspect, recipe.resize == "any", rng)
    if recipe.flip:
        images = torch.where(_chance(images, 0.5, rng), images.flip(3), images)
    if recipe.jitter or recipe.hue:
        images = recoloured(images, recipe.jitter, recipe.hue, rng)
    if recipe.erase:
        images = erased(images, recipe.erase, rng)
    return images


def shifted(images: Tensor, rng: Generator) -> Tensor:
    """Each image moved by up to an eighth of its side, either way, black coming in."""
    count, _, height, width = images.shape
    most = max(1, min(height, width) // 8)
    down, right = torch.randint(0, 2 * most + 1, (2, count, 1), generator=rng, device=images.device)
    padded = F.pad(images, (most, most, most, most))
    places = torch.arange(max(height, width), device=images.device)
    rows, columns = down + places[:height], right + places[:width]  # (B, H), (B, W)
    each = torch.arange(count, device=images.device)[:, None, None]
    moved = padded.permute(0, 2, 3, 1)[each, rows[:, :, None], columns[:, None, :]]  # (B, H, W, C)
    return moved.permute(0, 3, 1, 2).contiguous()


def cropped(images: Tensor, smallest: float, narrowest: float, any_method: bool, rng: Generator) -> Tensor:
    """A part of each image, of at least this share of its area, brought back to the image's size."""
    count, _, height, width = images.shape
    box = _boxes(images, (smallest, 1.0), narrowest, rng)
    drawn = torch.randint(0, len(KERNELS), (count,), generator=rng, device=images.device)
    method = drawn if any_method else torch.full_like(drawn, tuple(KERNELS).index("bilinear"))
    rows = _resizing(box.top, box.height, height, method)  # (B, H, H)
    columns = _resizing(box.left, box.width, width, method)  # (B, W, W)
    return (rows[:, None] @ images @ columns[:, None].mT).clamp(0, 1)  # bicubic overshoots


def recoloured(images: Tensor, strength: float, hue: float, rng: Generator) -> Tensor:
    """Brightness, contrast, saturation and hue, in one of four orders. What is not RGB has no colours to change."""
    spans = {"brightness": strength, "saturation": strength, "hue": hue, "contrast": strength}
    amounts = {name: _between(images, -span, span, rng)[:, None, None, None] for name, span in spans.items()}
    order = torch.randint(0, len(ORDERS), (len(images),), generator=rng, device=images.device)
    result = torch.empty_like(images)
    for number, names in enumerate(ORDERS):
        chosen = order == number
        some = images[chosen]
        for name in names:
            if images.shape[1] == 3 or name in ("brightness", "contrast"):
                some = COLOURS[name](some, amounts[name][chosen])
        result[chosen] = some
    return result.clamp(0, 1)


def erased(images: Tensor, chance: float, rng: Generator) -> Tensor:
    """A box of some images covered with noise."""
    _, _, height, width = images.shape
    box = _boxes(images, ERASED, NARROWEST, rng)
    rows, columns = (torch.arange(side, device=images.device) for side in (height, width))
    down = (rows >= box.top[:, None]) & (rows < (box.top + box.height)[:, None])  # (B, H)
    across = (columns >= box.left[:, None]) & (columns < (box.left + box.width)[:, None])  # (B, W)
    covered = (down[:, :, None] & across[:, None, :])[:, None] & _chance(images, chance, rng)  # (B, 1, H, W)
    noise = torch.rand(images.shape, generator=rng, device=images.device)
    return torch.where(covered, noise, images)


def _between(images: Tensor, low: float, high: float, rng: Generator) -> Tensor:
    """A number an image, (B,)."""
    return low + (high - low) * torch.rand(len(images), generator=rng, device=images.device)


def _chance(images: Tensor, chance: float, rng: Generator) -> Tensor:
    """Yes or no an image, (B, 1, 1, 1)."""
    return (_between(images, 0.0, 1.0, rng) < chance)[:, None, None, None]


class _Boxes(NamedTuple):
    """A box an image, in whole pixels: (B,) each."""

    top: Tensor
    left: Tensor
    height: Tensor
    width: Tensor


def _boxes(images: Tensor, share: tuple[float, float], narrowest: float, rng: Generator) -> _Boxes:
    """Boxes inside the images, of a share of their area, at an aspect from `narrowest` to its inverse."""
    _, _, height, width = images.shape
    area = _between(images, *share, rng) * height * width
    fits = area / height**2, width**2 / area  # the narrowest and the widest that an area has room for
    least, most = (torch.full_like(area, aspect).clamp(*fits) for aspect in (narrowest, 1 / narrowest))
    aspect = least + (most - least) * _between(images, 0.0, 1.0, rng)
    high = (area / aspect).sqrt().round().clamp(1, height)
    wide = (area * aspect).sqrt().round().clamp(1, width)
    top, left = (
        (_between(images, 0.0, 1.0, rng) * (room + 1)).floor().minimum(room)  # where a product rounds up to the end
        for room in (height - high, width - wide)
    )
    return _Boxes(top, left, high, wide)


def _resizing(start: Tensor, length: Tensor, size: int, method: Tensor) -> Tensor:
    """What each output pixel of a side takes from each pixel of the whole image: (B, size, size), rows of sum 1."""
    pixels = torch.arange(size, device=start.device)
    step = (length / size)[:, None, None]
    centres = start[:, None, None] + (pixels[:, None] + 0.5) * step  # (B, size, 1)
    apart = centres - (pixels + 0.5)  # (B, size, size)
    taken = torch.empty_like(apart)
    for number, kernel in enumerate(KERNELS.values()):
        chosen = method == number
        taken[chosen] = kernel(apart[chosen], step[chosen])
    inside = (pixels >= start[:, None]) & (pixels < (start + length)[:, None])  # (B, size)
    taken = taken * inside[:, None]
    return taken / taken.sum(2, keepdim=True)


def _bicubic(apart: Tensor, step: Tensor) -> Tensor:
    """Keys' kernel, with the constant that TensorFlow has."""
    a, far = -0.75, apart.abs()
    near = ((a + 2) * far - (a + 3)) * far**2 + 1
    beyond = ((far - 5) * far + 8) * a * far - 4 * a
    return torch.where(far <= 1, near, torch.where(far < 2, beyond, 0.0))


#: Method -> the weight of a pixel so far from the centre of an output pixel, which is `step` pixels wide.
KERNELS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "nearest": lambda apart, step: ((apart >= -0.5) & (apart < 0.5)).float(),
    "bilinear": lambda apart, step: (1 - apart.abs()).clamp(min=0),
    "bicubic": _bicubic,
    "area": lambda apart, step: ((apart + step / 2).clamp(max=0.5) - (apart - step / 2).clamp(min=-0.5)).clamp(min=0),
}


def _contrast(images: Tensor, amount: Tensor) -> Tensor:
    mean = images.mean((2, 3), keepdim=True)
    return mean + (images - mean) * (1 + amount)


def _saturation(images: Tensor, amount: Tensor) -> Tensor:
    hue, saturation, value = _hsv(images)
    return _rgb(hue, (saturation * (1 + amount)).clamp(0, 1), value)


def _hue(images: Tensor, amount: Tensor) -> Tensor:
    hue, saturation, value = _hsv(images)
    return _rgb(hue + 6 * amount, saturation, value)


#: Colour -> images and an amount each (B, 1, 1, 1) -> images. An amount of 0 changes nothing.
COLOURS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "brightness": lambda images, amount: images + amount,
    "saturation": _saturation,
    "hue": _hue,
    "contrast": _contrast,
}
ORDERS = (
    ("brightness", "saturation", "hue", "contrast"),
    ("saturation", "brightness", "contrast", "hue"),
    ("contrast", "hue", "brightness", "saturation"),
    ("hue", "saturation", "contrast", "brightness"),
)


def _hsv(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue (a turn is 6), saturation and value of RGB images, each (B, 1, H, W)."""
    images = images.clamp(0, 1)
    value, low = images.amax(1, keepdim=True), images.amin(1, keepdim=True)
    chroma = value - low
    red, green, blue = (images[:, channel : channel + 1] for channel in range(3))
    some = chroma.clamp(min=1e-8)  # a grey has no hue: all differences are 0
    hue = torch.where(
        value == red,
        (green - blue) / some,
        torch.where(value == green, (blue - red) / some + 2, (red - green) / some + 4),
    )
    return hue, chroma / value.clamp(min=1e-8), value


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    turn = torch.tensor([5.0, 3.0, 1.0], device=hue.device)[:, None, None]
    k = (turn + hue) % 6  # (B, 3, H, W)
    return value - value * saturation * torch.minimum(k, 4 - k).clamp(0, 1)
