"""How an image network is trained, as data: the settings, and the recipes of datasets.

The defaults are the proxy training of AutoShrink's released code (AAAI 2020; spec section 3), in torch's terms;
IMAGENET is its training of the published networks (section 5). 0 turns a rule off wherever a setting says so. A setting
that is new must mean by its default what was done before there was one: recipes are stored, and read for years.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from search.base import serialization
from search.base.config import option

_step = partial(option, group="Steps")
_rate = partial(option, group="Learning rate")
_weight = partial(option, group="Weights")
_image = partial(option, group="Images")
_end = partial(option, group="Early stops")


@dataclass(frozen=True, kw_only=True)
class ImageRecipe:
    """Settings of one training. Plain scalars, so that a recipe is a form, a JSON object and part of a work's key."""

    epochs: int = _step(
        20, "Epochs", "Passes over the training part; early stops may end it sooner.", min=1, max=1000
    )  # published: at most 20
    batch: int = _step(128, "Batch size", "Images a step.", min=2, max=4096, unit="images")  # published
    remainder: Literal["dropped", "filled"] = _step(
        "dropped",
        "Last batch",
        "What is left of an epoch's images is dropped, or filled up with images of a second pass.",
    )  # published: filled, so that 5,000 images are 40 batches
    optimizer: Literal["adam", "sgd", "rmsprop as in TensorFlow"] = _step(
        "adam", "Optimizer", "TensorFlow's RMSProp has its epsilon inside the root, and begins at mean squares of 1."
    )  # published
    momentum: float = _step(0.9, "Momentum", "Of SGD and RMSProp.", min=0.0, max=0.999)
    rmsprop_decay: float = _step(0.9, "RMSProp decay", "Of the mean square.", min=0.0, max=0.9999)
    rmsprop_epsilon: float = _step(1.0, "RMSProp epsilon", "Added to the mean square.", min=1e-10, max=10.0)
    precision: Literal["float32", "mixed"] = _step(
        "float32",
        "Precision",
        "Mixed: on a GPU, products in 16 bits (bfloat16 where it has them). A CPU trains in float32 all the same.",
    )
    learning_rate: float = _rate(
        4e-3, "Learning rate", "The optimizer's step size, at its highest.", min=1e-6, max=1.0
    )  # published; Adam's other constants are everybody's defaults: 0.9, 0.999, 1e-8
    schedule: Literal["constant", "cosine"] = _rate(
        "constant", "Schedule", "The rate stays, or falls to zero along a half cosine."
    )  # published: constant, a ranking of short trainings needs no schedule
    warm_up: int = _rate(
        0, "Warm-up", "Epochs in which the rate climbs in a line from zero.", min=0, max=1000, unit="epochs"
    )
    rate_changes: Literal["each step", "each epoch"] = _rate(
        "each step", "Rate changes", "Where the schedule or the warm-up moves the rate."
    )
    weight_decay: float = _weight(
        2e-5, "Weight decay", "Coupled L2 on convolution and dense kernels.", min=0.0, max=1.0
    )  # published as 1e-5 times the sum of squares, whose gradient is 2e-5 w; none on depthwise kernels, biases, BN
    shortcut_decay: float = _weight(
        8e-5, "Weight decay of shortcuts", "The same on shortcut projections.", min=0.0, max=1.0
    )  # published as 4e-5 times the sum of squares
    first_weights: Literal["glorot", "fan-out"] = _weight(
        "glorot",
        "First weights",
        "Glorot-normal; or normal by fan-out, cut at two deviations, and 0.01 for the dense layer.",
    )  # published
    norm_momentum: float = _weight(
        0.1, "BN momentum", "Share of a batch in the running statistics.", min=0.001, max=1.0
    )  # published as 0.9, counted the other way round
    norm_epsilon: float = _weight(1e-5, "BN epsilon", "Added to the variance.", min=1e-8, max=0.1)  # published
    average: float = _weight(
        0.0,
        "Average of weights",
        "Decay of a moving average, which is then what is validated and kept; 0 keeps the weights themselves.",
        min=0.0,
        max=0.99999,
    )  # published: kept at 0.999, and read by nobody
    dropout: float = _weight(0.0, "Dropout", "Before the dense layer.", min=0.0, max=0.95)
    label_smoothing: float = _weight(
        0.0, "Label smoothing", "Share of the target that all classes have alike.", min=0.0, max=0.9
    )
    input_range: Literal["statistics", "-1 to 1"] = _image(
        "statistics",
        "Input range",
        "Mean and deviation of the training images taken out by channel, or black at -1 and white at 1.",
    )
    augment: Literal["none", "shift", "crop"] = _image(
        "none",
        "Augmentation",
        "Shift: by up to an eighth of the side, black coming in. Crop: a part, brought back to size.",
    )  # published: none for the proxy
    crop_area: float = _image(0.75, "Area of a crop", "The smallest share of the image.", min=0.05, max=1.0)
    crop_aspect: float = _image(
        0.75, "Aspect of a crop", "The narrowest, width to height; the widest is its inverse.", min=0.2, max=1.0
    )
    resize: Literal["bilinear", "any"] = _image(
        "bilinear", "Resizing of a crop", "Any: nearest, bilinear, bicubic or area, drawn for each image."
    )
    flip: bool = _image(False, "Mirror", "Half of the images, left to right.")
    jitter: float = _image(
        0.0, "Colour jitter", "Change of brightness, contrast and saturation either way.", min=0.0, max=0.9
    )
    hue: float = _image(0.0, "Hue jitter", "Turn of the colours either way, of a whole turn.", min=0.0, max=0.5)
    erase: float = _image(0.0, "Erasing", "Chance that 2 to 40 % of an image is covered with noise.", min=0.0, max=1.0)
    patience: int = _end(
        5,
        "Patience",
        "Epochs without a new best accuracy after which it ends; 0 never ends it.",
        min=0,
        max=1000,
        unit="epochs",
    )  # published
    min_accuracy: float = _end(
        0.2,
        "Accuracy to pass",
        "Validation accuracy that the fourth epoch must reach; 0 asks nothing.",
        min=0.0,
        max=1.0,
    )  # published: twice chance for ten classes; what is below after four epochs will not recover
    loss_ratio: float = _end(
        3.0,
        "Loss ratio",
        "Ends when validation loss passes so many times the training loss; 0 never.",
        min=0.0,
        max=1e6,
    )  # published: it overfits or has diverged
    stop_train_accuracy: float = _end(
        0.98,
        "Training accuracy to stop at",
        "An epoch ends once its moving accuracy passes this; 0 never.",
        min=0.0,
        max=1.0,
    )  # published: nothing left to learn; the average (0.99) starts at the first batch of each epoch


#: Training of a candidate, to rank it.
PROXY = ImageRecipe()

#: The same with the published count of steps.
PUBLISHED_PROXY = replace(PROXY, remainder="filled")

#: What a training to be kept does without: a person asked for this one.
_TO_THE_END = ImageRecipe(
    patience=0,
    min_accuracy=0.0,  # it is not given up for being slow
    loss_ratio=0.0,  # nor for overfitting: the best epoch is kept
    stop_train_accuracy=0.0,  # the step count must be known for the cosine
)

#: Training of an architecture to be kept and downloaded.
FULL = replace(
    _TO_THE_END,
    epochs=60,  # long enough for the rate to come down gently
    schedule="cosine",  # the last epochs at a small rate are what a short ranking does without
    augment="shift",  # small image sets overfit in tens of epochs
    patience=20,  # the cosine's end often brings the best epoch, so wait for it
)

#: Training of the published networks on ImageNet.
IMAGENET = replace(
    _TO_THE_END,
    epochs=300,
    batch=256,  # published as two cards of 128
    optimizer="rmsprop as in TensorFlow",  # decay, momentum and epsilon are the defaults
    precision="mixed",
    learning_rate=0.1,  # published as 0.05 a card
    schedule="cosine",
    warm_up=10,
    rate_changes="each epoch",
    weight_decay=8e-5,  # published as 4e-5 times the sum of squares
    first_weights="fan-out",
    norm_momentum=0.001,  # published as 0.999
    norm_epsilon=1e-3,
    average=0.999,
    label_smoothing=0.1,
    input_range="-1 to 1",
    augment="crop",  # area from 0.75 and aspect from 0.75 to 1.33 are the defaults
    resize="any",
    flip=True,
    jitter=0.4,
    hue=0.1,
    erase=0.5,
)

_PROXIES: dict[str, ImageRecipe] = {
    # 1,259 images of 8x8: three epochs reach about .96 in seconds. Nothing ends them sooner: a batch of 32 is soon
    # right by luck alone, which would end an epoch at its first step, and BN's running statistics are young for so long
    # that validation loss ended one training of eight after its second epoch (dense cell of 6 nodes, seeds 0 to 7).
    "digits": replace(PROXY, epochs=3, batch=32, stop_train_accuracy=0.0, loss_ratio=0.0),
}
#: For data that people bring, of which only the shape is known: few epochs, for on a CPU each takes minutes where there
#: are tens of thousands of images, and no early stop that rests on the published data's ten balanced classes.
BROUGHT_PROXY = replace(PROXY, epochs=5, batch=64, min_accuracy=0.0, stop_train_accuracy=0.0, loss_ratio=0.0)
BROUGHT_FULL = replace(FULL, epochs=30, batch=64)

_FULLS: dict[str, ImageRecipe] = {
    "digits": replace(FULL, epochs=20, batch=32),  # converged well before that; under a minute on one core
}


def proxy(dataset: str) -> ImageRecipe:
    """The recipe that candidates are trained by on this dataset."""
    return _PROXIES.get(dataset, BROUGHT_PROXY)


def full(dataset: str) -> ImageRecipe:
    """The recipe that a chosen architecture is trained by on this dataset, unless a person changes it."""
    return _FULLS.get(dataset, BROUGHT_FULL)


def read(data: Any) -> ImageRecipe:
    """The recipe of its JSON, of that which was stored when optimizer and schedule were one setting too.

    Raises search.base.serialization.BadShape.
    """
    if isinstance(data, dict) and data.get("optimizer") == "adam with cosine":
        data = data | {"optimizer": "adam", "schedule": "cosine"}
    return serialization.decode(ImageRecipe, data)
