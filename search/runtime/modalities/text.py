"""Work on texts."""

import math

from torch import Tensor

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.text import TextRecipe
from search.network.macro import TextMacro
from search.runtime.context import Context
from search.runtime.data.resident import resident
from search.runtime.data.texts import TrainingText, load_test_text, load_training_text, split_streams
from search.runtime.load import Trained, describe_language
from search.runtime.networks.text import build
from search.runtime.training import Diverged
from search.runtime.training.text import TextTraining, evaluate
from search.runtime.work import BadWork, graph_of, packed_of

STREAMS, STEPS = 8, 16  # size of a validation sample


def create_training(work: Json, context: Context, keep_best: bool) -> TextTraining:
    data = _training_text(work, context)
    macro, recipe = serialization.decode(TextMacro, work["macro"]), serialization.decode(TextRecipe, work["recipe"])
    if macro.vocabulary != len(data.words):
        raise BadWork(f"the network has a vocabulary of {macro.vocabulary} words, and the text has {len(data.words)}")
    network = build(graph_of(work), macro, recipe, work["replicate"]).to(context.device)
    return TextTraining(network, data, recipe, work["split"], work["replicate"], keep_best)


def validation_result(training: TextTraining) -> Json:
    return {"val_perplexity": math.exp(training.best_epoch["val_loss"]), "standard_error": training.best_error}


def test_result(training: TextTraining, work: Json, context: Context) -> Json:
    part = load_test_text(work["dataset"], work["split"], context.device, packed_of(work, "test_file", context))
    loss = evaluate(training.network, part, training.recipe)
    if not math.isfinite(loss):
        raise Diverged
    return {"test_perplexity": math.exp(loss)}


def trained_network(training: TextTraining, work: Json) -> Trained:
    macro = serialization.decode(TextMacro, work["macro"])
    architecture = describe_language(graph_of(work), macro, work["dataset"], training.data.words)
    return Trained(training.network.cpu(), architecture)


def validation_sample(work: Json, trained: Trained, context: Context) -> Tensor:
    data = load_training_text(work["dataset"], work["split"], packed=packed_of(work, "file", context))
    return split_streams(data.validation, STREAMS)[:STEPS]


def _training_text(work: Json, context: Context) -> TrainingText:
    """The text that the work names, on the device, where it stays for the next candidate."""

    def load() -> TrainingText:
        return load_training_text(work["dataset"], work["split"], context.device, packed_of(work, "file", context))

    return resident(context.device, (work["dataset"], work["split"], work.get("file")), load)
