"""How an image network is trained, as data: the settings, and the recipes of datasets.

The defaults are the proxy training of AutoShrink's released code (AAAI 2020; spec section 3), in torch's terms. 0 turns
a rule off wherever a setting says so.
"""

from dataclasses import dataclass, replace
from typing import Literal

from search.config import option


@dataclass(frozen=True, kw_only=True)
class ImageRecipe:
    """Settings of one training. Plain scalars, so that a recipe is a form, a JSON object and part of a work's key."""

    epochs: int = option(
        20, "Epochs", "Passes over the training part; early stops may end it sooner.", min=1, max=1000
    )  # published: at most 20
    batch: int = option(
        128, "Batch size", "Images a step; the remainder of an epoch is dropped.", min=2, max=4096, unit="images"
    )  # published
    learning_rate: float = option(
        4e-3, "Learning rate", "Adam's step size, at its highest.", min=1e-6, max=1.0
    )  # published; Adam's other constants are everybody's defaults: 0.9, 0.999, 1e-8
    optimizer: Literal["adam", "adam with cosine"] = option(
        "adam", "Optimizer", "Adam at a constant rate, or with the rate falling to zero along a half cosine."
    )  # published: constant, a ranking of short trainings needs no schedule
    weight_decay: float = option(
        2e-5, "Weight decay", "Coupled L2 on convolution and dense kernels.", min=0.0, max=1.0
    )  # published as 1e-5 times the sum of squares, whose gradient is 2e-5 w; none on depthwise kernels, biases, BN
    shortcut_decay: float = option(
        8e-5, "Weight decay of shortcuts", "The same on shortcut projections.", min=0.0, max=1.0
    )  # published as 4e-5 times the sum of squares
    norm_momentum: float = option(
        0.1, "BN momentum", "Share of a batch in the running statistics.", min=0.001, max=1.0
    )  # published as 0.9, counted the other way round
    norm_epsilon: float = option(1e-5, "BN epsilon", "Added to the variance.", min=1e-8, max=0.1)  # published
    augment: Literal["none", "shift"] = option(
        "none",
        "Augmentation",
        "Shift moves each image by up to an eighth of its side, either way, and fills with black.",
    )  # published: none for the proxy
    patience: int = option(
        5,
        "Patience",
        "Epochs without a new best accuracy after which it ends; 0 never ends it.",
        min=0,
        max=1000,
        unit="epochs",
    )  # published
    min_accuracy: float = option(
        0.2,
        "Accuracy to pass",
        "Validation accuracy that the fourth epoch must reach; 0 asks nothing.",
        min=0.0,
        max=1.0,
    )  # published: twice chance for ten classes; what is below after four epochs will not recover
    loss_ratio: float = option(
        3.0,
        "Loss ratio",
        "Ends when validation loss passes so many times the training loss; 0 never.",
        min=0.0,
        max=1e6,
    )  # published: it overfits or has diverged
    stop_train_accuracy: float = option(
        0.98,
        "Training accuracy to stop at",
        "An epoch ends once its moving accuracy passes this; 0 never.",
        min=0.0,
        max=1.0,
    )  # published: nothing left to learn; the average (0.99) starts at the first batch of each epoch


#: Training of a candidate, to rank it.
PROXY = ImageRecipe()

#: Training of an architecture to be kept and downloaded.
FULL = ImageRecipe(
    epochs=60,  # long enough for the rate to come down gently
    optimizer="adam with cosine",  # the last epochs at a small rate are what a short ranking does without
    augment="shift",  # small image sets overfit in tens of epochs
    patience=20,  # the cosine's end often brings the best epoch, so wait for it
    min_accuracy=0.0,  # a person asked for this one: it is not given up for being slow
    loss_ratio=0.0,  # nor for overfitting: the best epoch is kept
    stop_train_accuracy=0.0,  # the step count must be known for the cosine
)

_PROXIES: dict[str, ImageRecipe] = {
    # 1,259 images of 8x8: three epochs reach about .96 in seconds. Nothing ends them sooner: a batch of 32 is soon
    # right by luck alone, which would end an epoch at its first step, and BN's running statistics are young for so long
    # that validation loss ended one training of eight after its second epoch (dense cell of 6 nodes, seeds 0 to 7).
    "digits": replace(PROXY, epochs=3, batch=32, stop_train_accuracy=0.0, loss_ratio=0.0),
}
#: For data that people bring, of which only the shape is known: few epochs, for on a CPU each takes minutes where there
#: are tens of thousands of images, and no early stop that rests on the published data's ten balanced classes.
_BROUGHT_PROXY = replace(PROXY, epochs=5, batch=64, min_accuracy=0.0, stop_train_accuracy=0.0, loss_ratio=0.0)
_BROUGHT_FULL = replace(FULL, epochs=30, batch=64)

_FULLS: dict[str, ImageRecipe] = {
    "digits": replace(FULL, epochs=20, batch=32),  # converged well before that; under a minute on one core
}


def proxy(dataset: str) -> ImageRecipe:
    """The recipe that candidates are trained by on this dataset."""
    return _PROXIES.get(dataset, _BROUGHT_PROXY)


def full(dataset: str) -> ImageRecipe:
    """The recipe that a chosen architecture is trained by on this dataset, unless a person changes it."""
    return _FULLS.get(dataset, _BROUGHT_FULL)
