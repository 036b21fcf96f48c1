"""Work on labelled images."""

from torch import Tensor

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import ImageRecipe
from search.network import macro as macros
from search.network.macro import AnyImageMacro
from search.runtime.context import Context
from search.runtime.data.images import (
    LabelledImages,
    TrainingData,
    at_size,
    load_test_data,
    load_training_data,
    to_float,
)
from search.runtime.data.resident import resident
from search.runtime.data.subset import published_sample, subset
from search.runtime.load import Trained, describe
from search.runtime.networks.image import Network, build
from search.runtime.networks.inheritance import inherit_weights
from search.runtime.training.image import ImageTraining, evaluate, evaluation_batch_size
from search.runtime.work import BadWork, graph_of, packed_of


def create_training(work: Json, context: Context, keep_best: bool) -> ImageTraining:
    data = _training_data(work, context)
    recipe = serialization.decode(ImageRecipe, work["recipe"])
    network = build(graph_of(work), _macro(work), recipe, work["replicate"])
    if "inherit" in work:
        parent_of = {int(child): parent for child, parent in work["inherit"]["nodes"].items()}
        inherit_weights(network, context.files.path_of(work["inherit"]["weights"]), parent_of)
    network.set_normalisation(*data.normalisation(recipe))
    return ImageTraining(network.to(context.device), data, recipe, work["split"], work["replicate"], keep_best)


def validation_result(training: ImageTraining) -> Json:
    return {"val_accuracy": training.best_epoch["val_accuracy"], "standard_error": training.best_error}


def test_result(training: ImageTraining, work: Json, context: Context) -> Json:
    _, accuracy = evaluate(training.network, _test_part(work, context, context.device))
    return {"test_accuracy": accuracy}


def trained_network(training: ImageTraining, work: Json) -> Trained:
    graph, macro = graph_of(work), _macro(work)
    return Trained(training.network.cpu(), describe(graph, macro, work["dataset"], training.recipe.norm_epsilon))


def validation_sample(work: Json, trained: Trained, context: Context) -> Tensor:
    data = load_training_data(work["dataset"], work["split"], packed=packed_of(work, "file", context))
    assert isinstance(trained.network, Network)
    images = to_float(data.validation.images[: evaluation_batch_size(trained.network)])
    return at_size(images, trained.network.program.input_shape)


def _macro(work: Json) -> AnyImageMacro:
    """Raises BadWork."""
    macro = macros.read(work["macro"])
    if macro.kind == "text":
        raise BadWork("a language model is not trained on images")
    return macro


def _training_data(work: Json, context: Context) -> TrainingData:
    """The training data that the work names, on the device, where they stay for the next candidate."""

    def load() -> TrainingData:
        # reduced before they are copied, so that the device holds no more than a training reads
        data = load_training_data(work["dataset"], work["split"], packed=packed_of(work, "file", context))
        if "images" in work:
            data = subset(data, work["split"], work["images"])
        if "sample" in work:
            data = _sample(data, work, context)
        return data.to(context.device)

    sample = (work["sample"], work["replicate"], work.get("test_file")) if "sample" in work else None
    key = work["dataset"], work["split"], work.get("file"), work.get("images"), sample
    return resident(context.device, key, load)


def _sample(data: TrainingData, work: Json, context: Context) -> TrainingData:
    """Draws the proxy data that work["sample"] names. "published" also reads the test part, as the released code does.

    Raises BadWork where the name is unknown.
    """
    if work["sample"] != "published":
        raise BadWork(f"there is no sample called {work['sample']!r}; there is published")
    return published_sample(data.train, _test_part(work, context, "cpu"), work["split"], work["replicate"])


def _test_part(work: Json, context: Context, device: str) -> LabelledImages:
    return load_test_data(work["dataset"], work["split"], device, packed_of(work, "test_file", context))
