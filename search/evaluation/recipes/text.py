"""Recipes for training language models: the settings, and the recipes of datasets.

The defaults are the proxy training of AutoShrink's released RNN search (AAAI 2020; spec section 4).
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from search.base.config import option

_step = partial(option, group="Training steps")
_rate = partial(option, group="Learning rate")
_weight = partial(option, group="Weights")
_dropout = partial(option, group="Dropout")
_end = partial(option, group="Validation and early stops")


@dataclass(frozen=True, kw_only=True)
class TextRecipe:
    """Settings of one training: plain scalars, so that a recipe can be a form, JSON, and part of a cache key."""

    epochs: int = option(
        10, "Epochs", "Passes over the training part. Early stops can end the training sooner.", min=1, max=10_000
    )  # published: at most 10
    batch: int = option(
        128, "Batch size", "Streams of text read in parallel.", min=1, max=4096, unit="streams"
    )  # published
    bptt: int = _step(
        35, "Window", "Tokens of backpropagation through time.", min=2, max=1000, unit="tokens"
    )  # published
    vary: Literal["no", "halved", "halved and spread"] = _step(
        "halved",
        "Windows of other lengths",
        "Halved: 5 % of the windows are half as long. Spread: lengths also vary. The rate scales with the length.",
    )  # published: halved for candidates, spread (deviation 5) for the final training
    optimizer: Literal["sgd", "sgd, then averaged"] = _step(
        "sgd",
        "Optimizer",
        "Plain SGD, or SGD that switches to averaged weights once validation no longer improves.",
    )  # published: plain for candidates, averaged for the final training
    learning_rate: float = _rate(20.0, "Learning rate", "The highest step size of SGD.", min=1e-6, max=1000.0)
    first_drop: int = _rate(
        7, "First drop", "Epochs after which the rate falls tenfold. 0: never.", min=0, max=10_000, unit="epochs"
    )  # published: after the epoch of index 6
    second_drop: int = _rate(
        9, "Second drop", "Epochs after which the rate falls tenfold again. 0: never.", min=0, max=10_000, unit="epochs"
    )  # published: after the epoch of index 8
    average_after: int = _step(
        5,
        "Wait before averaging",
        "Averaging starts when the validation loss is above the best one of more than this many epochs ago.",
        min=1,
        max=1000,
        unit="epochs",
    )  # published
    clip: float = _rate(0.25, "Gradient clip", "Largest norm of the gradient. 0: off.", min=0.0, max=1000.0)
    weight_decay: float = _weight(0.0, "Weight decay", "L2 added to the gradient, on all weights.", min=0.0, max=1.0)
    dropout_output: float = _dropout(0.0, "Dropout of outputs", "Rate before the decoder.", min=0.0, max=0.95)
    dropout_hidden: float = _dropout(
        0.0, "Dropout of states", "Rate inside the cell, with one mask per window.", min=0.0, max=0.95
    )
    dropout_input: float = _dropout(
        0.0, "Dropout of inputs", "Rate at the cell's input, with one mask per window.", min=0.0, max=0.95
    )
    dropout_embedding: float = _dropout(
        0.0,
        "Dropout of embeddings",
        "Rate for the embeddings that the cell reads, with one mask per window.",
        min=0.0,
        max=0.95,
    )
    dropout_words: float = _dropout(
        0.0, "Dropout of words", "Rate for whole words of the vocabulary.", min=0.0, max=0.95
    )
    activation_penalty: float = _weight(
        0.0, "Activation penalty", "AR: L2 of the outputs after dropout.", min=0.0, max=100.0
    )
    change_penalty: float = _weight(
        0.0, "Change penalty", "TAR: L2 of the change from one output to the next.", min=0.0, max=100.0
    )
    embedding_range: float = _weight(
        0.5, "Range of embeddings", "Initial embeddings are uniform between minus this and this.", min=1e-4, max=10.0
    )  # published for words without a GloVe vector; here no word has one
    weight_range: float = _weight(
        0.04, "Range of weights", "The same for the cell's weights.", min=1e-4, max=10.0
    )  # published
    validation_batch: int = _end(
        256, "Validation batch", "Streams for validation and test.", min=1, max=4096, unit="streams"
    )  # published for candidates
    loss_over: Literal["tokens", "rows"] = _end(
        "tokens",
        "Validation loss over",
        "Averaged over predicted tokens, or as published over all rows, including the unpredicted first one.",
    )
    patience: int = _end(
        4,
        "Patience",
        "Ends after so many epochs without a new best perplexity. 0: off.",
        min=0,
        max=10_000,
        unit="epochs",
    )  # published
    loss_ratio: float = _end(
        3.0,
        "Loss ratio",
        "Ends when the validation loss exceeds this multiple of the training loss. 0: off.",
        min=0.0,
        max=1e6,
    )  # published


#: Training of candidates, to rank them: as published, except that the loss is averaged over predicted tokens.
PROXY = TextRecipe()

#: The same with the published loss.
PTB_PROXY = replace(PROXY, loss_over="rows")

#: AutoShrink's training of the published network on the Penn Treebank (spec section 6).
PTB = TextRecipe(
    epochs=3000,
    batch=64,
    vary="halved and spread",
    optimizer="sgd, then averaged",
    first_drop=0,
    second_drop=0,
    weight_decay=8e-7,
    dropout_output=0.75,
    dropout_hidden=0.25,
    dropout_input=0.75,
    dropout_embedding=0.2,
    dropout_words=0.1,
    change_penalty=1e-3,
    embedding_range=0.04,
    validation_batch=10,  # published: 1 for the test part, which takes ten times as long and changes almost nothing
    loss_over="rows",
    patience=0,
    loss_ratio=0.0,
)

_PROXIES: dict[str, TextRecipe] = {
    # Windows of 10 words instead of 35 take the same time per epoch, but give three times the steps. After two epochs,
    # the dense cell of 6 nodes (n = 32, seed 0) has a perplexity of 87, compared with 171 for 35 words and 186 for word
    # frequencies alone. Two epochs are too short for drops of the rate.
    "python-docs": replace(PROXY, epochs=2, batch=64, bptt=10, vary="no", first_drop=0, second_drop=0),
}

#: Training of a language model for use.
FULL = replace(PROXY, epochs=40, batch=32, first_drop=25, second_drop=35, patience=8, loss_ratio=0.0)


def proxy(dataset: str) -> TextRecipe:
    """The recipe for training candidates on this dataset."""
    return _PROXIES.get(dataset, PROXY)


def full(dataset: str) -> TextRecipe:
    """The default recipe for training a chosen architecture on this dataset."""
    return FULL
