"""Properties of augmentations: size and range stay, equal seeds give equal images, settings stay within bounds."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from search.evaluation.recipes.image import IMAGENET, PROXY, ImageRecipe
from search.runtime.data import augmentation
from search.runtime.data.augmentation import KERNELS, augment, crop, erase, recolour
from search.runtime.data.images import LabelledImages, draw_batches
from search.runtime.rng import seeded_generator

RECIPES: dict[str, ImageRecipe] = {
    "shift": replace(PROXY, augment="shift"),
    "crop": replace(PROXY, augment="crop", resize="any", crop_area=0.2, crop_aspect=0.5),
    "flip": replace(PROXY, flip=True),
    "jitter": replace(PROXY, jitter=0.4),
    "hue": replace(PROXY, hue=0.1),
    "erase": replace(PROXY, erase=0.5),
    "published": IMAGENET,
}
SHAPES = [(1, 8, 8), (3, 12, 9), (4, 5, 7)]


def random_images(*shape: int) -> Tensor:
    return torch.rand(16, *shape, generator=seeded_generator("images", *shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", RECIPES)
def test_size_and_range_stay_and_equal_seeds_repeat(name: str, shape: tuple[int, int, int]) -> None:
    images = random_images(*shape)
    before = images.clone()
    first, repeated, second = (augment(images, RECIPES[name], seeded_generator("luck", seed)) for seed in (0, 0, 1))
    assert first.shape == images.shape and first.dtype == torch.float32
    assert first.min() >= 0 and first.max() <= 1
    assert torch.equal(first, repeated)
    assert torch.equal(images, before)
    if name != "hue" or shape[0] == 3:  # only RGB images have a hue
        assert not torch.equal(first, second)


def test_nothing_is_augmented_by_default() -> None:
    images = random_images(3, 8, 8)
    assert augment(images, PROXY, seeded_generator("luck")) is images


def test_epochs_differ_and_labels_stay_with_their_images() -> None:
    labels = torch.arange(64)
    images = (labels[:, None, None, None] / 128 + torch.zeros(64, 3, 4, 4)).contiguous()  # the colour encodes the label
    recipe = replace(PROXY, batch=16, augment="crop", resize="any", flip=True)
    passes = [list(draw_batches(LabelledImages(images, labels), recipe, "split", 0, epoch)) for epoch in (0, 0, 1)]
    for batch in passes[0]:
        assert torch.allclose(batch.images * 128, batch.labels[:, None, None, None].float(), atol=1e-4)
    assert all(torch.equal(*pair) for pair in zip(*([b.labels for b in p] for p in passes[:2]), strict=True))
    assert not torch.equal(passes[0][0].labels, passes[2][0].labels)


def test_half_of_the_images_are_mirrored() -> None:
    images = random_images(1, 4, 4).repeat(8, 1, 1, 1)
    augmented = augment(images, RECIPES["flip"], seeded_generator("luck"))
    mirrored = (augmented == images.flip(3)).flatten(1).all(1)
    assert torch.equal(augmented[~mirrored], images[~mirrored])
    assert 40 < mirrored.sum() < 88


@pytest.mark.parametrize("method", KERNELS)
def test_a_crop_of_the_whole_image_is_the_image_with_every_method(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    images = random_images(3, 6, 6)
    monkeypatch.setattr(augmentation, "KERNELS", {"bilinear": KERNELS[method]})
    assert torch.allclose(crop(images, 1.0, 1.0, True, seeded_generator("luck")), images, atol=1e-6)


@pytest.mark.parametrize(("method", "mode"), [("bilinear", "bilinear"), ("area", "area")])
def test_a_crop_is_resized_as_by_torch(method: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    box = augmentation._Boxes(*(torch.tensor([float(value)]) for value in (2, 3, 4, 5)))  # rows 2 to 5, columns 3 to 7
    image = random_images(3, 10, 10)[:1]
    monkeypatch.setattr(augmentation, "KERNELS", {"bilinear": KERNELS[method]})
    monkeypatch.setattr(augmentation, "_boxes", lambda *_: box)
    expected = torch.nn.functional.interpolate(image[:, :, 2:6, 3:8], (10, 10), mode=mode)
    assert torch.allclose(crop(image, 0.5, 0.5, False, seeded_generator("luck")), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(32, 32), (8, 8), (20, 60), (5, 1)])
def test_boxes_have_the_given_area_and_aspect_and_lie_inside(shape: tuple[int, int]) -> None:
    height, width = shape
    top, left, box_height, box_width = augmentation._boxes(
        torch.zeros(4000, 1, *shape), (0.75, 1.0), 0.75, seeded_generator("luck")
    )
    assert (top >= 0).all() and (left >= 0).all() and (box_height >= 1).all() and (box_width >= 1).all()
    assert (top + box_height <= height).all() and (left + box_width <= width).all()
    if min(shape) >= 20:
        share = box_height * box_width / (height * width)
        assert 0.70 < share.min() < 0.80 and 0.95 < share.max() <= 1
    if height == width == 32:
        aspect = box_width / box_height
        assert 0.70 < aspect.min() < 0.80 and 1.25 < aspect.max() < 1.43


def test_erasing_covers_a_box_of_some_images_and_nothing_else() -> None:
    images = torch.full((400, 3, 32, 32), 2.0)  # outside the range of the noise
    erased = erase(images, 0.5, seeded_generator("luck"))
    covered = (erased != 2).all(1)  # (B, H, W)
    share = covered.float().mean((1, 2))
    assert 150 < (share > 0).sum() < 250
    assert share[share > 0].min() > 0.01 and share.max() < 0.45
    box = covered[share > 0][0]
    assert box.sum() == box.any(1).sum() * box.any(0).sum()  # a full rectangle


def test_an_amount_of_zero_changes_no_colours() -> None:
    images = random_images(3, 8, 8)
    for colour in augmentation.COLOURS.values():
        assert torch.allclose(colour(images, torch.zeros(16, 1, 1, 1)), images, atol=1e-5)


def test_a_full_turn_of_the_hue_changes_nothing_and_a_third_turns_red_to_green() -> None:
    images = random_images(3, 8, 8)
    assert torch.allclose(augmentation._hue(images, torch.ones(16, 1, 1, 1)), images, atol=1e-4)
    red = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None]
    green = augmentation._hue(red, torch.full((1, 1, 1, 1), 1 / 3))
    assert torch.allclose(green.flatten(), torch.tensor([0.0, 1.0, 0.0]), atol=1e-5)


def test_grey_stays_grey_under_saturation_and_hue() -> None:
    grey = random_images(1, 8, 8).repeat(1, 3, 1, 1)
    recoloured = recolour(grey, 0.0, 0.1, seeded_generator("luck"))
    assert torch.allclose(recoloured, grey, atol=1e-6)
