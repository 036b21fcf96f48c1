"""The work items of a search: trainings of candidates and latency measurements."""

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
from search.strategies.autoshrink.state import SearchRun

#: Recipe of the published protocol per kind of data; it replaces the dataset's own proxy recipe.
PUBLISHED: dict[Kind, Recipe] = {"image": PUBLISHED_PROXY, "text": PTB_PROXY}


def candidate_work(run: SearchRun, graph: Graph) -> Work:
    """Trains a candidate: from scratch, or from the weights of the graph that it was cut from."""
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


def training_work(run: SearchRun, graph: Graph) -> Work:
    """Trains the graph from scratch on the whole training part."""
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


def measurement_work(run: SearchRun, graph: Graph, device: str | None) -> Work:
    """Measures the graph's latency on a device; None: on any worker."""
    return training.measurement_work(graph, run.macro, device)


def _recipe(run: SearchRun) -> Recipe:
    kind = SPACES[run.task.space].KIND
    return PUBLISHED[kind] if run.config.protocol == "published" else recipes.proxy(run.task.dataset, kind)


def _published_sample(run: SearchRun) -> Work:
    """As published: trains on 500 images per class, drawn with replacement; validates on 100 test images per class."""
    data = run.task.data_spec
    if not isinstance(data, ImageData):
        return {}
    return {"sample": "published"} | ({} if data.test_file is None else {"test_file": data.test_file})
