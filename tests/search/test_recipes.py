"""Recipes: their ranges, their JSON, and the published ones."""

from typing import Any

import pytest

from search.base import serialization
from search.base.config import parse, schema
from search.data import builtin
from search.evaluation import recipes
from search.evaluation.recipes import RECIPES, SETTINGS, NamedRecipe
from search.evaluation.recipes.image import PROXY, ImageRecipe


def with_defaults(**extra: object) -> dict[str, Any]:
    return {row["name"]: row["default"] for row in schema(ImageRecipe)} | extra


@pytest.mark.parametrize("named", RECIPES.values(), ids=RECIPES.keys())
def test_named_recipes_are_of_their_kind_and_within_its_ranges(named: NamedRecipe) -> None:
    assert parse(SETTINGS[named.kind], serialization.to_jsonable(named.recipe)) == named.recipe
    assert RECIPES[named.name] is named
    assert named.title and named.about and named.source


@pytest.mark.parametrize("dataset", [*builtin.DATASETS, "an-upload"])
def test_recipes_of_datasets_are_within_their_ranges(dataset: str) -> None:
    kind = builtin.DATASETS[dataset].kind if dataset in builtin.DATASETS else "image"
    for recipe in (recipes.proxy(dataset, kind), recipes.full(dataset, kind)):
        assert parse(SETTINGS[kind], serialization.to_jsonable(recipe)) == recipe


def test_the_published_proxy_is_as_specified() -> None:
    assert serialization.to_jsonable(RECIPES["autoshrink-proxy"].recipe) == with_defaults(
        epochs=20, batch=128, remainder="filled", optimizer="adam", learning_rate=4e-3, schedule="constant",
        weight_decay=2e-5, shortcut_decay=8e-5, norm_momentum=0.1, norm_epsilon=1e-5, first_weights="glorot",
        augment="none", label_smoothing=0.0, average=0.0,
        patience=5, min_accuracy=0.2, loss_ratio=3.0, stop_train_accuracy=0.98,
    )  # fmt: skip


def test_the_published_training_on_imagenet_is_as_specified() -> None:
    assert serialization.to_jsonable(RECIPES["autoshrink-imagenet"].recipe) == with_defaults(
        epochs=300, batch=256, optimizer="rmsprop as in TensorFlow", momentum=0.9, rmsprop_decay=0.9,
        rmsprop_epsilon=1.0, precision="mixed", learning_rate=0.1, schedule="cosine", warm_up=10,
        rate_changes="each epoch", weight_decay=8e-5, shortcut_decay=8e-5, first_weights="fan-out",
        norm_momentum=0.001, norm_epsilon=1e-3, average=0.999, dropout=0.0, label_smoothing=0.1,
        input_range="-1 to 1", augment="crop", crop_area=0.75, crop_aspect=0.75, resize="any", flip=True,
        jitter=0.4, hue=0.1, erase=0.5,
        patience=0, min_accuracy=0.0, loss_ratio=0.0, stop_train_accuracy=0.0,
    )  # fmt: skip


def test_unknown_settings_and_values_are_errors() -> None:
    with pytest.raises(serialization.DecodeError, match="optimizer"):
        serialization.decode(ImageRecipe, {"optimizer": "adam with sugar"})
    with pytest.raises(serialization.DecodeError, match="there is no 'sugar'"):
        serialization.decode(ImageRecipe, {"sugar": 1})


def test_every_setting_has_a_label_and_a_help_text_and_all_but_the_first_a_group() -> None:
    rows = schema(ImageRecipe)
    assert all(row["label"] and row["help"] for row in rows)
    assert [row["name"] for row in rows if row["group"] is None] == ["epochs", "batch"]
    groups = [row["group"] for row in rows]
    changes = sum(group != previous for group, previous in zip(groups, ["", *groups[:-1]], strict=True))
    assert len(set(groups)) == changes
    assert ImageRecipe() == PROXY
