"""Work on labelled images."""

from torch import Tensor

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.image import ImageRecipe
from search.network.macro import ImageMacro
from search.runtime.context import Context
from search.runtime.data.images import Images, TrainingData, floats, test_data, training_data
from search.runtime.data.subset import published_sample, subset
from search.runtime.load import Trained, describe
from search.runtime.networks.image import Network, build
from search.runtime.networks.inherit import inherit_weights
from search.runtime.training.image import ImageTraining, at_once, evaluate
from search.runtime.work import BadWork, graph_of, packed_of


def training(work: Json, context: Context, keep_best: bool) -> ImageTraining:
    data = training_data(work["dataset"], work["split"], context.device, packed_of(work, "file", context))
    if "images" in work:
        data = subset(data, work["split"], work["images"])
    if "sample" in work:
        data = _sampled(data, work, context)
    recipe = serialization.decode(ImageRecipe, work["recipe"])
    network = build(graph_of(work), serialization.decode(ImageMacro, work["macro"]), recipe, work["replicate"])
    if "inherit" in work:
        nodes = {int(here): there for here, there in work["inherit"]["nodes"].items()}
        inherit_weights(network, context.files.path_of(work["inherit"]["weights"]), nodes)
    network.normalise_by(*data.scaling(recipe))
    return ImageTraining(network.to(context.device), data, recipe, work["split"], work["replicate"], keep_best)


def validated(training: ImageTraining) -> Json:
    return {"val_accuracy": training.best_epoch["val_accuracy"]}


def tested(training: ImageTraining, work: Json, context: Context) -> Json:
    _, accuracy = evaluate(training.network, _test_part(work, context))
    return {"test_accuracy": accuracy}


def trained(training: ImageTraining, work: Json) -> Trained:
    graph, macro = graph_of(work), serialization.decode(ImageMacro, work["macro"])
    return Trained(training.network.cpu(), describe(graph, macro, work["dataset"], training.recipe.norm_epsilon))


def sample(work: Json, trained: Trained, context: Context) -> Tensor:
    data = training_data(work["dataset"], work["split"], packed=packed_of(work, "file", context))
    assert isinstance(trained.network, Network)
    return floats(data.validation.images[: at_once(trained.network)])


def _sampled(data: TrainingData, work: Json, context: Context) -> TrainingData:
    """What is drawn from the parts; published, from the test part too, and only where the work asks for it by name."""
    if work["sample"] != "published":
        raise BadWork(f"there is no way to sample called {work['sample']!r}; there is published")
    return published_sample(data.train, _test_part(work, context), work["split"], work["replicate"])


def _test_part(work: Json, context: Context) -> Images:
    return test_data(work["dataset"], work["split"], context.device, packed_of(work, "test_file", context))
