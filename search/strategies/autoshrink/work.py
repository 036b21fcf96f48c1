"""The work that a search asks for: candidates trained, or timed."""

from dataclasses import replace

from search.data.datasets import ImageData, Kind
from search.evaluation import recipes, training
from search.evaluation.recipes import Recipe
from search.evaluation.recipes.image import PUBLISHED_PROXY
from search.evaluation.recipes.text import PTB_PROXY
from search.evaluation.training import Work
from search.network.graph import Graph
from search.spaces import SPACES
from search.strategies.autoshrink.config import CnnConfig
from search.strategies.autoshrink.state import Shrinking

#: How candidates are trained by the published protocol, whatever the dataset's own proxy is.
PUBLISHED: dict[Kind, Recipe] = {"image": PUBLISHED_PROXY, "text": PTB_PROXY}


def candidate_work(run: Shrinking, graph: Graph) -> Work:
    """A candidate's training: from scratch, or from the weights of the graph that it was cut from."""
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
    return work if weights is None else work | training.inheritance(graph, run.graph_of(weights.edges), weights.sha256)


def training_work(run: Shrinking, graph: Graph) -> Work:
    """On all of the training part."""
    recipe, config, task = _recipe(run), run.config, run.task
    if config.epochs:
        recipe = replace(recipe, epochs=config.epochs)
    if run.state.phase == "descent":
        recipe = replace(recipe, epochs=min(config.descent_epochs, recipe.epochs))
    return training.training_work(
        graph,
        run.macro,
        recipe,
        dataset=task.dataset,
        split=task.split,
        file=task.data_spec.file,
        replicate=task.seed,
    )


def measurement_work(run: Shrinking, graph: Graph, device: str | None) -> Work:
    """A measurement of latency on this device, or on any worker."""
    return training.measurement_work(graph, run.macro, device)


def _recipe(run: Shrinking) -> Recipe:
    kind = SPACES[run.task.space].KIND
    return PUBLISHED[kind] if run.config.protocol == "published" else recipes.proxy(run.task.dataset, kind)


def _published_sample(run: Shrinking) -> Work:
    """500 images of each class to train on, drawn with replacement, and 100 of each from the test part to validate."""
    data = run.task.data_spec
    if not isinstance(data, ImageData):
        return {}
    return {"sample": "published"} | ({} if data.test_file is None else {"test_file": data.test_file})
