"""Image datasets: descriptions, splits, batches and scaling."""

from dataclasses import replace

import pytest
import torch

from search.data import builtin, datasets, splits
from search.evaluation.recipes.image import IMAGENET, PROXY, PUBLISHED_PROXY, ImageRecipe, proxy
from search.runtime.data import images
from search.runtime.data.images import WrongData, draw_batches, load_test_data, load_training_data, steps_per_epoch
from search.runtime.data.subset import published_sample

DIGITS = builtin.get("digits")
IMAGES = [dataset for dataset in builtin.DATASETS.values() if dataset.kind == "image"]


@pytest.mark.parametrize("dataset", IMAGES, ids=lambda d: d.name)
def test_the_description_of_a_dataset_matches_its_data(dataset: datasets.Dataset) -> None:
    assert isinstance(dataset.data, datasets.ImageData)
    data = load_training_data(dataset.name, dataset.split)  # raises where content or split differ
    train, validation = data.train, data.validation
    test = load_test_data(dataset.name, dataset.split)
    assert dataset.counts == tuple(len(part.labels) for part in (train, validation, test))
    for part in (train, validation, test):
        assert part.images.shape[1:] == dataset.data.shape
        assert part.images.min() == 0 and part.images.max() == 1
        assert set(part.labels.tolist()) == set(range(dataset.data.classes))


def test_exactly_the_image_datasets_have_an_image_reader() -> None:
    assert images.READERS.keys() == {dataset.name for dataset in IMAGES}


def test_every_index_is_in_exactly_one_part() -> None:
    split = splits.stratify([i % 10 for i in range(1000)], "content")
    assert sorted(split.train + split.validation + split.test) == list(range(1000))


def test_every_class_is_split_in_the_same_proportions() -> None:
    labels = [i % 10 for i in range(1000)]
    split = splits.stratify(labels, "content")
    for part, count in ((split.train, 70), (split.validation, 15), (split.test, 15)):
        assert [sum(labels[i] == c for i in part) for c in range(10)] == [count] * 10


def test_another_content_hash_gives_another_split() -> None:
    labels = [0] * 100
    assert splits.stratify(labels, "content") == splits.stratify(labels, "content") != splits.stratify(labels, "other")


def test_a_dataset_has_the_json_of_the_api() -> None:
    data = DIGITS.to_dict()
    assert set(data) == {"name", "kind", "shape", "classes", "vocabulary", "counts", "split", "title", "about"}
    assert data["counts"] == {"train": 1259, "validation": 269, "test": 269}


def test_the_error_for_an_unknown_dataset_lists_the_known_ones() -> None:
    with pytest.raises(builtin.UnknownDataset, match="no dataset 'mnist'; the datasets are digits, python-docs"):
        builtin.get("mnist")


def test_work_for_another_split_is_an_error() -> None:
    with pytest.raises(WrongData, match="split"):
        load_training_data("digits", "0" * 64)


def test_other_content_under_the_same_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels, labels, white = images.READERS["digits"]()
    monkeypatch.setitem(images.READERS, "digits", lambda: (pixels[::-1].copy(), labels, white))
    with pytest.raises(WrongData, match="other content"):
        images._read_builtin.__wrapped__("digits")


def test_statistics_come_from_the_training_part_alone() -> None:
    whole = load_training_data("digits", DIGITS.split)
    blind = replace(whole, validation=whole.validation._replace(images=torch.full((1, 1, 8, 8), 9.0)))
    mean, deviation = blind.normalisation(PROXY)
    assert mean.item() == pytest.approx(whole.train.images.mean().item(), rel=1e-5)
    assert deviation.item() == pytest.approx(whole.train.images.std().item(), rel=1e-3)


def order(epoch: int = 0, replicate: int = 0, recipe: ImageRecipe = proxy("digits")) -> list[int]:  # noqa: B008
    train = load_training_data("digits", DIGITS.split).train
    numbered = train._replace(labels=torch.arange(len(train.labels)))
    return [
        i for batch in draw_batches(numbered, recipe, DIGITS.split, replicate, epoch) for i in batch.labels.tolist()
    ]


def test_the_order_repeats_and_differs_by_epoch_replicate_and_recipe() -> None:
    first = order()
    assert first == order()
    others = [order(epoch=1), order(replicate=1), order(recipe=replace(proxy("digits"), epochs=9))]
    assert all(first != other for other in others)


def test_an_epoch_sees_an_image_at_most_once_and_drops_the_remainder() -> None:
    images_seen = order()
    assert len(images_seen) == len(set(images_seen)) == 1259 // 32 * 32


def test_a_last_batch_is_filled_with_images_of_another_pass() -> None:
    seen = order(recipe=replace(proxy("digits"), remainder="filled"))
    assert len(seen) == 1280 and set(seen) == set(range(1259))
    train = load_training_data("digits", DIGITS.split).train
    few = train._replace(images=train.images[:5], labels=train.labels[:5])
    sizes = [len(batch.labels) for batch in draw_batches(few, replace(proxy("digits"), remainder="filled"), "s", 0, 0)]
    assert sizes == [5]


def test_five_thousand_images_are_forty_published_batches() -> None:
    assert steps_per_epoch(5000, PUBLISHED_PROXY) == 40
    assert steps_per_epoch(5000, PROXY) == 39


def test_a_range_from_minus_one_to_one_looks_at_no_image() -> None:
    whole = load_training_data("digits", DIGITS.split)
    mean, deviation = whole.normalisation(IMAGENET)
    assert ((torch.tensor([0.0, 1.0]) - mean) / deviation).flatten().tolist() == [-1.0, 1.0]
    assert [values.flatten().tolist() for values in whole.normalisation(PROXY)] == [
        pytest.approx(values) for values in whole.statistics
    ]


def test_shift_moves_an_image_by_a_pixel_at_most_and_lets_black_in() -> None:
    train = load_training_data("digits", DIGITS.split).train
    numbered = train._replace(labels=torch.arange(len(train.labels)))
    padded = torch.nn.functional.pad(train.images, (1, 1, 1, 1))
    moves = [(down, right) for down in range(3) for right in range(3)]
    seen = set()
    for batch in draw_batches(numbered, replace(proxy("digits"), augment="shift"), DIGITS.split, 0, 0):
        for image, which in zip(batch.images, batch.labels.tolist(), strict=True):
            found = [m for m in moves if torch.equal(image, padded[which][:, m[0] : m[0] + 8, m[1] : m[1] + 8])]
            assert found
            seen.add(found[0])
    assert seen == set(moves)


def test_the_published_sample_draws_each_class_alike_and_validates_on_the_test_part() -> None:
    train, test = load_training_data("digits", DIGITS.split).train, load_test_data("digits", DIGITS.split)
    drawn = published_sample(train, test, DIGITS.split, 0)
    assert torch.bincount(drawn.train.labels).tolist() == [500] * 10
    assert torch.bincount(drawn.validation.labels).tolist() == [100] * 10
    for some, part in ((drawn.train, train), (drawn.validation, test)):
        known = {image.numpy().tobytes() for image in part.images}
        assert {image.numpy().tobytes() for image in some.images} <= known
    again, other = (published_sample(train, test, DIGITS.split, replicate) for replicate in (0, 1))
    assert torch.equal(drawn.train.images, again.train.images)
    assert not torch.equal(drawn.train.images, other.train.images)
