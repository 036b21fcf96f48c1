"""Evaluates an exported ONNX file on the data: the same figures as the trained network's, computed by onnxruntime.

The file runs exactly as written, as in the check after an export, so that only rounding can make a difference.
"""

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from search.base import serialization
from search.base.serialization import Json
from search.evaluation.recipes.text import TextRecipe
from search.runtime.context import Context
from search.runtime.data.images import LabelledImages, at_size, load_test_data, load_training_data, to_float
from search.runtime.data.texts import load_test_text, load_training_text, split_streams
from search.runtime.load import Trained
from search.runtime.networks.image import Network
from search.runtime.networks.text import Recurrent
from search.runtime.onnx.session import open_session, session_options
from search.runtime.training.image import evaluation_batch_size
from search.runtime.work import packed_of


def evaluate(model: Path, trained: Trained, work: Json, context: Context) -> Json:
    """`val_accuracy` and `test_accuracy` of the file, or the perplexities of a language model.

    `work`: the training's dataset, split, recipe and packed files.
    """
    session = open_session(model, session_options(context.threads, as_written=True))
    dataset, split = work["dataset"], work["split"]
    packed, packed_test = packed_of(work, "file", context), packed_of(work, "test_file", context)
    if isinstance(trained.network, Recurrent):
        recipe, hidden = serialization.decode(TextRecipe, work["recipe"]), trained.network.hidden
        validation, test = (
            load_training_text(dataset, split, packed=packed).validation,
            load_test_text(dataset, split, packed=packed_test),
        )
        return {
            "val_perplexity": _perplexity(session, validation, recipe, hidden),
            "test_perplexity": _perplexity(session, test, recipe, hidden),
        }
    images = load_training_data(dataset, split, packed=packed).validation
    test_images = load_test_data(dataset, split, packed=packed_test)
    return {
        "val_accuracy": _accuracy(session, images, trained.network),
        "test_accuracy": _accuracy(session, test_images, trained.network),
    }


def _accuracy(session: Any, part: LabelledImages, network: Network) -> float:
    correct, rows = 0, evaluation_batch_size(network)
    for images, labels in zip(torch.split(part.images, rows), torch.split(part.labels, rows), strict=True):
        scaled = at_size(to_float(images), network.program.input_shape)
        (logits,) = session.run(["logits"], {"images": scaled.numpy()})
        correct += int((logits.argmax(1) == labels.numpy()).sum())
    return correct / len(part.labels)


def _perplexity(session: Any, part: torch.Tensor, recipe: TextRecipe, hidden: int) -> float:
    """The text is read word by word in as many streams as in training (search.runtime.training.text.evaluate)."""
    rows = split_streams(part, recipe.validation_batch).numpy()
    state: npt.NDArray[np.float32] = np.zeros((rows.shape[1], hidden), np.float32)
    losses: list[float] = []
    for tokens, targets in pairwise(rows):
        logits, state = session.run(["logits", "next_state"], {"tokens": tokens, "state": state})
        wide = logits.astype(np.float64)
        highest = wide.max(1)
        log_sums = highest + np.log(np.exp(wide - highest[:, None]).sum(1))
        losses.append(float((log_sums - wide[np.arange(len(targets)), targets]).mean()))
    return math.exp(math.fsum(losses) / (len(rows) - (recipe.loss_over == "tokens")))
