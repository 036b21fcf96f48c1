"""The evaluator `train`: each candidate is trained from scratch, and validated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from search.base.config import option
from search.data.datasets import ImageData, Kind
from search.evaluation.base import FINAL_FACTOR, BadEvaluation, Carry, Outcome, Result, Source, Work
from search.evaluation.objective import QualityMetric
from search.evaluation.recipes import Recipe, full, proxy
from search.evaluation.recipes.image import PUBLISHED_PROXY
from search.evaluation.recipes.text import PTB_PROXY
from search.evaluation.training import read_trainings, training_work
from search.network.cost import Cost
from search.network.graph import Graph
from search.network.macro import Macro

NAME = "train"
TITLE = "Training from scratch"
ABOUT = "Trains each candidate from new weights for a few epochs, and validates it."
DEFAULTS: Mapping[str, Mapping[str, Any]] = {}
WITHIN_STEP = False

#: AutoShrink's recipe for candidates per kind of data; it replaces the dataset's own.
PUBLISHED: dict[Kind, Recipe] = {"image": PUBLISHED_PROXY, "text": PTB_PROXY}


@dataclass(frozen=True, kw_only=True)
class TextConfig:
    recipe: Literal["dataset", "published"] = option(
        "dataset",
        "Recipe",
        "dataset: the dataset's own recipe for candidates. published: that of AutoShrink's released code, which "
        "validates images on the test part.",
    )
    epochs: int = option(
        0, "Epochs per candidate", "Training epochs of each candidate; 0 = the recipe's default.", min=0, max=200
    )


@dataclass(frozen=True, kw_only=True)
class ImageConfig(TextConfig):
    images: int = option(
        0,
        "Training images per candidate",
        "Each candidate trains on the first images, as many of each class; 0 = all.",
        min=0,
        max=10_000_000,
    )


Config = TextConfig | ImageConfig
CONFIGS: dict[Kind, type[Config]] = {"image": ImageConfig, "text": TextConfig}


def metric(config: Config, source: Source) -> QualityMetric:
    return source.data.metric


def ranking(config: Config) -> None:
    return None


def start(config: Config, source: Source) -> Carry:
    data = source.data
    if isinstance(data, ImageData) and config.recipe == "published" and data.file and not data.test_file:
        raise BadEvaluation("the published recipe validates on test images, and this dataset has none")
    return {}


def work(
    config: Config,
    source: Source,
    macro: Macro,
    graphs: Sequence[Graph],
    carry: Carry,
    most_epochs: int | None = None,
) -> list[Work]:
    recipe, sample = recipe_of(config, source, most_epochs), _sample(config, source)
    return [training_work(graph, macro, recipe, source) | sample for graph in graphs]


def batches(config: Config, count: int) -> list[int]:
    return [1] * count


def read(
    config: Config, source: Source, costs: Sequence[Cost], batches: Sequence[int], outcomes: Sequence[Outcome]
) -> list[Result]:
    return read_trainings(source, batches, outcomes)


def adopt(carry: Carry, graph: Graph, result: Result) -> Carry:
    return carry


def files(carry: Carry) -> tuple[str, ...]:
    return ()


def final(config: Config, source: Source, macro: Macro, graph: Graph, epochs: int) -> Work:
    candidates = recipe_of(config, source)
    if config.recipe == "published":
        recipe = replace(candidates, epochs=epochs or candidates.epochs)
    else:
        recipe = replace(full(source.dataset, source.data.kind), epochs=epochs or FINAL_FACTOR * candidates.epochs)
    return training_work(graph, macro, recipe, source)


def why_too_few(config: Config, samples: int) -> str | None:
    return None


def reads_test_part(config: Config) -> bool:
    return config.recipe == "published"


def recipe_of(config: Config, source: Source, most_epochs: int | None = None) -> Recipe:
    kind = source.data.kind
    recipe = PUBLISHED[kind] if config.recipe == "published" else proxy(source.dataset, kind)
    epochs = config.epochs or recipe.epochs
    return replace(recipe, epochs=epochs if most_epochs is None else min(most_epochs, epochs))


def _sample(config: Config, source: Source) -> Work:
    """The part of the data that candidates train on.

    As published: 500 images per class, drawn with replacement, and validation on 100 test images per class.
    """
    data = source.data
    if isinstance(data, ImageData) and config.recipe == "published":
        return {"sample": "published"} | ({} if data.test_file is None else {"test_file": data.test_file})
    return {"images": config.images} if isinstance(config, ImageConfig) and config.images else {}
