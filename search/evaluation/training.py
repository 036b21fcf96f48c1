"""The work that a search asks for: candidates trained, or timed. In canonical form: equal graphs are equal work."""

from dataclasses import replace

from search.base import serialization
from search.data.datasets import ImageData, Kind
from search.evaluation import recipes
from search.evaluation.recipes import Recipe
from search.evaluation.recipes.image import PUBLISHED_PROXY
from search.evaluation.recipes.text import PTB_PROXY
from search.network.graph import Graph
from search.spaces import SPACES
from search.strategies.autoshrink.config import CnnConfig
from search.strategies.autoshrink.state import Shrinking
from search.strategies.base import Work

#: Training of a candidate as published, whatever the dataset's own proxy is.
PUBLISHED: dict[Kind, Recipe] = {"image": PUBLISHED_PROXY, "text": PTB_PROXY}


def candidate_work(run: Shrinking, graph: Graph) -> Work:
    """A candidate's training: from scratch, or on from the weights of the graph that it was cut from."""
    work, config = training_work(run, graph), run.config
    if config.protocol == "published":
        return work | _published_sample(run)
    if not isinstance(config, CnnConfig):
        return work
    if config.images:
        work |= {"images": config.images}
    if not config.inherit:
        return work
    work |= {"keep": True}
    weights = run.state.weights
    if weights is None:
        return work
    parent = run.graph_of(weights.edges)
    nodes = {graph.numbering[node]: parent.numbering[node] for node in graph.by_id if node in parent.by_id}
    return work | {"inherit": {"weights": weights.sha256, "nodes": serialization.plain(nodes)}}


def training_work(run: Shrinking, graph: Graph) -> Work:
    """On all of the training part."""
    recipe, config = _recipe(run), run.config
    if config.epochs:
        recipe = replace(recipe, epochs=config.epochs)
    if run.state.phase == "descent":
        recipe = replace(recipe, epochs=min(config.descent_epochs, recipe.epochs))
    data = run.task.material
    work: Work = {
        "kind": "train",
        "graph": graph.canonical.to_dict(),
        "macro": serialization.plain(run.macro),
        "recipe": serialization.plain(recipe),
        "dataset": run.task.dataset,
        "split": run.task.split,
        "replicate": run.task.seed,
    }
    return work if data.file is None else work | {"file": data.file}


def measurement(run: Shrinking, graph: Graph, device: str | None) -> Work:
    """A measurement of latency on this device, or on any worker."""
    return {
        "kind": "measure",
        "graph": graph.canonical.to_dict(),
        "macro": serialization.plain(run.macro),
        "device": device,
    }


def _recipe(run: Shrinking) -> Recipe:
    kind = SPACES[run.task.space].KIND
    return PUBLISHED[kind] if run.config.protocol == "published" else recipes.proxy(run.task.dataset, kind)


def _published_sample(run: Shrinking) -> Work:
    """500 images a class to train on, drawn with replacement, and 100 a class of the test part to validate on."""
    data = run.task.material
    if not isinstance(data, ImageData):
        return {}
    return {"sample": "published"} | ({} if data.test_file is None else {"test_file": data.test_file})
