"""Augmentations by their properties: sizes and ranges kept, equal luck equal images, each setting within its bounds."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from search.evaluation.recipes.image import IMAGENET, PROXY, ImageRecipe
from search.runtime.data import augment
from search.runtime.data.augment import KERNELS, augmented, cropped, erased, recoloured
from search.runtime.data.images import Images, batches
from search.runtime.networks.image import generator

EACH: dict[str, ImageRecipe] = {
    "shift": replace(PROXY, augment="shift"),
    "crop": replace(PROXY, augment="crop", resize="any", crop_area=0.2, crop_aspect=0.5),
    "flip": replace(PROXY, flip=True),
    "jitter": replace(PROXY, jitter=0.4),
    "hue": replace(PROXY, hue=0.1),
    "erase": replace(PROXY, erase=0.5),
    "published": IMAGENET,
}
SHAPES = [(1, 8, 8), (3, 12, 9), (4, 5, 7)]


def drawn(*shape: int) -> Tensor:
    return torch.rand(16, *shape, generator=generator("images", *shape))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", EACH)
def test_size_and_range_are_kept_and_luck_repeats(name: str, shape: tuple[int, int, int]) -> None:
    images = drawn(*shape)
    before = images.clone()
    one, same, other = (augmented(images, EACH[name], generator("luck", seed)) for seed in (0, 0, 1))
    assert one.shape == images.shape and one.dtype == torch.float32
    assert one.min() >= 0 and one.max() <= 1
    assert torch.equal(one, same)
    assert torch.equal(images, before)
    if name != "hue" or shape[0] == 3:  # what has no colours has no hue
        assert not torch.equal(one, other)


def test_nothing_is_varied_unless_asked_for() -> None:
    images = drawn(3, 8, 8)
    assert augmented(images, PROXY, generator("luck")) is images


def test_each_epoch_draws_anew_and_labels_stay_with_their_images() -> None:
    labels = torch.arange(64)
    images = (labels[:, None, None, None] / 128 + torch.zeros(64, 3, 4, 4)).contiguous()  # the label is the colour
    recipe = replace(PROXY, batch=16, augment="crop", resize="any", flip=True)
    passes = [list(batches(Images(images, labels), recipe, "split", 0, epoch)) for epoch in (0, 0, 1)]
    for batch in passes[0]:
        assert torch.allclose(batch.images * 128, batch.labels[:, None, None, None].float(), atol=1e-4)
    assert all(torch.equal(*pair) for pair in zip(*([b.labels for b in p] for p in passes[:2]), strict=True))
    assert not torch.equal(passes[0][0].labels, passes[2][0].labels)


def test_half_of_the_images_are_mirrored() -> None:
    images = drawn(1, 4, 4).repeat(8, 1, 1, 1)
    seen = augmented(images, EACH["flip"], generator("luck"))
    mirrored = (seen == images.flip(3)).flatten(1).all(1)
    assert torch.equal(seen[~mirrored], images[~mirrored])
    assert 40 < mirrored.sum() < 88


@pytest.mark.parametrize("method", KERNELS)
def test_a_crop_of_all_is_the_image_whatever_the_method(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    images = drawn(3, 6, 6)
    monkeypatch.setattr(augment, "KERNELS", {"bilinear": KERNELS[method]})
    assert torch.allclose(cropped(images, 1.0, 1.0, True, generator("luck")), images, atol=1e-6)


@pytest.mark.parametrize(("method", "mode"), [("bilinear", "bilinear"), ("area", "area")])
def test_a_crop_is_resized_as_torch_would(method: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    box = augment._Boxes(*(torch.tensor([float(value)]) for value in (2, 3, 4, 5)))  # rows 2 to 5, columns 3 to 7
    image = drawn(3, 10, 10)[:1]
    monkeypatch.setattr(augment, "KERNELS", {"bilinear": KERNELS[method]})
    monkeypatch.setattr(augment, "_boxes", lambda *_: box)
    expected = torch.nn.functional.interpolate(image[:, :, 2:6, 3:8], (10, 10), mode=mode)
    assert torch.allclose(cropped(image, 0.5, 0.5, False, generator("luck")), expected, atol=1e-5)


@pytest.mark.parametrize("shape", [(32, 32), (8, 8), (20, 60), (5, 1)])
def test_boxes_have_the_area_and_the_aspect_asked_for_and_lie_inside(shape: tuple[int, int]) -> None:
    height, width = shape
    top, left, high, wide = augment._boxes(torch.zeros(4000, 1, *shape), (0.75, 1.0), 0.75, generator("luck"))
    assert (top >= 0).all() and (left >= 0).all() and (high >= 1).all() and (wide >= 1).all()
    assert (top + high <= height).all() and (left + wide <= width).all()
    if min(shape) >= 20:
        share = high * wide / (height * width)
        assert 0.70 < share.min() < 0.80 and 0.95 < share.max() <= 1
    if height == width == 32:
        assert 0.70 < (wide / high).min() < 0.80 and 1.25 < (wide / high).max() < 1.43


def test_erasing_covers_a_box_of_some_images_and_leaves_the_rest() -> None:
    images = torch.full((400, 3, 32, 32), 2.0)  # no noise is 2
    seen = erased(images, 0.5, generator("luck"))
    covered = (seen != 2).all(1)  # (B, H, W)
    share = covered.float().mean((1, 2))
    assert 150 < (share > 0).sum() < 250
    assert share[share > 0].min() > 0.01 and share.max() < 0.45
    one = covered[share > 0][0]
    assert one.sum() == one.any(1).sum() * one.any(0).sum()  # a whole box


def test_colours_that_are_not_changed_come_back() -> None:
    images = drawn(3, 8, 8)
    for colour in augment.COLOURS.values():
        assert torch.allclose(colour(images, torch.zeros(16, 1, 1, 1)), images, atol=1e-5)


def test_a_whole_turn_of_the_hue_is_none_and_a_third_moves_red_to_green() -> None:
    images = drawn(3, 8, 8)
    assert torch.allclose(augment._hue(images, torch.ones(16, 1, 1, 1)), images, atol=1e-4)
    red = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None]
    green = augment._hue(red, torch.full((1, 1, 1, 1), 1 / 3))
    assert torch.allclose(green.flatten(), torch.tensor([0.0, 1.0, 0.0]), atol=1e-5)


def test_grey_stays_grey_under_saturation_and_hue() -> None:
    grey = drawn(1, 8, 8).repeat(1, 3, 1, 1)
    seen = recoloured(grey, 0.0, 0.1, generator("luck"))
    assert torch.allclose(seen, grey, atol=1e-6)
