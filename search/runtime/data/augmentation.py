"""Random augmentation of training images: shifts, crops, flips, colours and erased boxes, drawn per image.

Crops, colours and erasing are those of AutoShrink's training on ImageNet (AAAI 2020; spec section 5), except that the
released code also requires a crop to contain a tenth of an object's bounding box. Without boxes any crop is accepted.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from search.evaluation.recipes.image import ImageRecipe

ERASED_AREA = (0.02, 0.4)  # range of an erased box, as a share of the image's area: as published
ERASED_ASPECT = 0.3  # least aspect ratio of an erased box: as published


def augment(images: Tensor, recipe: ImageRecipe, rng: Generator) -> Tensor:
    """Augments images (B, C, H, W) in [0, 1] as the recipe says; their size stays. `rng` is on the images' device."""
    if recipe.augment == "shift":
        images = shift(images, rng)
    if recipe.augment == "crop":
        images = crop(images, recipe.crop_area, recipe.crop_aspect, recipe.resize == "any", rng)
    if recipe.flip:
        images = torch.where(_coin(images, 0.5, rng), images.flip(3), images)
    if recipe.jitter or recipe.hue:
        images = recolour(images, recipe.jitter, recipe.hue, rng)
    if recipe.erase:
        images = erase(images, recipe.erase, rng)
    return images


def shift(images: Tensor, rng: Generator) -> Tensor:
    """Shifts each image by up to an eighth of its shorter side (one pixel at least), and fills with black."""
    count, _, height, width = images.shape
    limit = max(1, min(height, width) // 8)
    top, left = torch.randint(0, 2 * limit + 1, (2, count, 1), generator=rng, device=images.device)
    padded = F.pad(images, (limit, limit, limit, limit))
    pixels = torch.arange(max(height, width), device=images.device)
    rows, columns = top + pixels[:height], left + pixels[:width]  # (B, H), (B, W)
    index = torch.arange(count, device=images.device)[:, None, None]
    shifted = padded.permute(0, 2, 3, 1)[index, rows[:, :, None], columns[:, None, :]]  # (B, H, W, C)
    return shifted.permute(0, 3, 1, 2).contiguous()


def crop(images: Tensor, min_area: float, min_aspect: float, any_method: bool, rng: Generator) -> Tensor:
    """Crops each image to at least `min_area` of its area, and resizes the crop to the image's size.

    `any_method`: one of KERNELS is drawn for each image; else all are resized bilinearly.
    """
    count, _, height, width = images.shape
    box = _boxes(images, (min_area, 1.0), min_aspect, rng)
    drawn = torch.randint(0, len(KERNELS), (count,), generator=rng, device=images.device)
    method = drawn if any_method else torch.full_like(drawn, tuple(KERNELS).index("bilinear"))
    rows = _resize_matrix(box.top, box.height, height, method)  # (B, H, H)
    columns = _resize_matrix(box.left, box.width, width, method)  # (B, W, W)
    return (rows[:, None] @ images @ columns[:, None].mT).clamp(0, 1)  # bicubic overshoots


def recolour(images: Tensor, strength: float, hue: float, rng: Generator) -> Tensor:
    """Changes brightness, contrast, saturation and hue, in one of four orders.

    Images that are not RGB change in brightness and contrast alone.
    """
    spans = {"brightness": strength, "saturation": strength, "hue": hue, "contrast": strength}
    amounts = {name: _uniform(images, -span, span, rng)[:, None, None, None] for name, span in spans.items()}
    order = torch.randint(0, len(ORDERS), (len(images),), generator=rng, device=images.device)
    result = torch.empty_like(images)
    for number, names in enumerate(ORDERS):
        chosen = order == number
        group = images[chosen]
        for name in names:
            if images.shape[1] == 3 or name in ("brightness", "contrast"):
                group = COLOURS[name](group, amounts[name][chosen])
        result[chosen] = group
    return result.clamp(0, 1)


def erase(images: Tensor, probability: float, rng: Generator) -> Tensor:
    """Covers a box of each image with noise, with this probability."""
    _, _, height, width = images.shape
    box = _boxes(images, ERASED_AREA, ERASED_ASPECT, rng)
    rows, columns = (torch.arange(side, device=images.device) for side in (height, width))
    in_rows = (rows >= box.top[:, None]) & (rows < (box.top + box.height)[:, None])  # (B, H)
    in_columns = (columns >= box.left[:, None]) & (columns < (box.left + box.width)[:, None])  # (B, W)
    covered = (in_rows[:, :, None] & in_columns[:, None, :])[:, None] & _coin(images, probability, rng)  # (B, 1, H, W)
    noise = torch.rand(images.shape, generator=rng, device=images.device)
    return torch.where(covered, noise, images)


def _uniform(images: Tensor, low: float, high: float, rng: Generator) -> Tensor:
    """One draw from [low, high) per image: (B,)."""
    return low + (high - low) * torch.rand(len(images), generator=rng, device=images.device)


def _coin(images: Tensor, probability: float, rng: Generator) -> Tensor:
    """One draw of True or False per image: (B, 1, 1, 1)."""
    return (_uniform(images, 0.0, 1.0, rng) < probability)[:, None, None, None]


class _Boxes(NamedTuple):
    """One box per image, in whole pixels: (B,) each."""

    top: Tensor
    left: Tensor
    height: Tensor
    width: Tensor


def _boxes(images: Tensor, area_range: tuple[float, float], min_aspect: float, rng: Generator) -> _Boxes:
    """Boxes inside the images, with a share of their area in this range and an aspect from `min_aspect` to 1 / it."""
    _, _, height, width = images.shape
    area = _uniform(images, *area_range, rng) * height * width
    limits = area / height**2, width**2 / area  # the narrowest and the widest box of that area inside the image
    narrowest, widest = (torch.full_like(area, aspect).clamp(*limits) for aspect in (min_aspect, 1 / min_aspect))
    aspect = narrowest + (widest - narrowest) * _uniform(images, 0.0, 1.0, rng)
    box_height = (area / aspect).sqrt().round().clamp(1, height)
    box_width = (area * aspect).sqrt().round().clamp(1, width)
    top, left = (
        (_uniform(images, 0.0, 1.0, rng) * (room + 1)).floor().minimum(room)  # the product may round up to room + 1
        for room in (height - box_height, width - box_width)
    )
    return _Boxes(top, left, box_height, box_width)


def _resize_matrix(start: Tensor, length: Tensor, size: int, method: Tensor) -> Tensor:
    """Weights of all pixels of a side for each output pixel: (B, size, size), with rows that sum to 1."""
    pixels = torch.arange(size, device=start.device)
    step = (length / size)[:, None, None]
    centres = start[:, None, None] + (pixels[:, None] + 0.5) * step  # (B, size, 1)
    distances = centres - (pixels + 0.5)  # (B, size, size)
    weights = torch.empty_like(distances)
    for number, kernel in enumerate(KERNELS.values()):
        chosen = method == number
        weights[chosen] = kernel(distances[chosen], step[chosen])
    inside = (pixels >= start[:, None]) & (pixels < (start + length)[:, None])  # (B, size)
    weights = weights * inside[:, None]
    return weights / weights.sum(2, keepdim=True)


def _bicubic(distances: Tensor, step: Tensor) -> Tensor:
    """Keys' cubic convolution kernel, with TensorFlow's constant a = -0.75."""
    a, x = -0.75, distances.abs()
    near = ((a + 2) * x - (a + 3)) * x**2 + 1
    far = ((x - 5) * x + 8) * a * x - 4 * a
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))


#: Method -> weights of pixels by their distance from the centre of an output pixel, which is `step` pixels wide.
KERNELS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "nearest": lambda distances, step: ((distances >= -0.5) & (distances < 0.5)).float(),
    "bilinear": lambda distances, step: (1 - distances.abs()).clamp(min=0),
    "bicubic": _bicubic,
    "area": lambda distances, step: (
        (distances + step / 2).clamp(max=0.5) - (distances - step / 2).clamp(min=-0.5)
    ).clamp(min=0),
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


#: Name -> a function of images and of an amount per image (B, 1, 1, 1). An amount of 0 changes nothing.
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
    """Hue (a full turn is 6), saturation and value of RGB images, each (B, 1, H, W)."""
    images = images.clamp(0, 1)
    value, low = images.amax(1, keepdim=True), images.amin(1, keepdim=True)
    chroma = value - low
    red, green, blue = (images[:, channel : channel + 1] for channel in range(3))
    safe_chroma = chroma.clamp(min=1e-8)  # where it is 0 the image is grey, and all differences are 0
    hue = torch.where(
        value == red,
        (green - blue) / safe_chroma,
        torch.where(value == green, (blue - red) / safe_chroma + 2, (red - green) / safe_chroma + 4),
    )
    return hue, chroma / value.clamp(min=1e-8), value


def _rgb(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """RGB images (B, 3, H, W) of hue, saturation and value (B, 1, H, W)."""
    offsets = torch.tensor([5.0, 3.0, 1.0], device=hue.device)[:, None, None]
    k = (offsets + hue) % 6  # (B, 3, H, W)
    return value - value * saturation * torch.minimum(k, 4 - k).clamp(0, 1)
