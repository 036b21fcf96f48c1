"""Recipes for training image networks: the settings, and the recipes of datasets.

The defaults are the proxy training of AutoShrink's released code (AAAI 2020; spec section 3) in torch's terms. IMAGENET
is its training of the published networks (section 5).
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from search.base.config import option

_step = partial(option, group="Training steps")
_rate = partial(option, group="Learning rate")
_weight = partial(option, group="Weights")
_image = partial(option, group="Images")
_end = partial(option, group="Early stopping")


@dataclass(frozen=True, kw_only=True)
class ImageRecipe:
    """Settings of one training: plain scalars, so that a recipe can be a form, JSON, and part of a cache key."""

    epochs: int = option(
        20, "Epochs", "Passes over the training part. Early stops can end the training sooner.", min=1, max=1000
    )  # published: at most 20
    batch: int = option(128, "Batch size", "Images per step.", min=2, max=4096, unit="images")  # published
    remainder: Literal["dropped", "filled"] = _step(
        "dropped",
        "Last batch",
        "The last, incomplete batch of an epoch is dropped, or filled up with images of a second pass.",
    )  # published: filled, so that 5,000 images are 40 batches
    optimizer: Literal["adam", "sgd", "rmsprop as in TensorFlow"] = _step(
        "adam",
        "Optimizer",
        "TensorFlow's RMSProp adds epsilon inside the root, and its mean squares start at 1.",
    )  # published
    momentum: float = _step(0.9, "Momentum", "Momentum of SGD and RMSProp.", min=0.0, max=0.999)
    rmsprop_decay: float = _step(0.9, "RMSProp decay", "Decay of the mean square.", min=0.0, max=0.9999)
    rmsprop_epsilon: float = _step(1.0, "RMSProp epsilon", "Added to the mean square.", min=1e-10, max=10.0)
    precision: Literal["float32", "mixed"] = _step(
        "float32",
        "Precision",
        "Mixed: on a GPU, products in 16 bits (bfloat16 if supported). A CPU always trains in float32.",
    )
    learning_rate: float = _rate(
        4e-3, "Learning rate", "The highest step size of the optimizer.", min=1e-6, max=1.0
    )  # published; Adam's other constants are the usual defaults: 0.9, 0.999, 1e-8
    schedule: Literal["constant", "cosine"] = _rate(
        "constant", "Schedule", "The rate stays constant, or falls to zero along a half cosine."
    )  # published: short trainings for ranking need no schedule
    warm_up: int = _rate(
        0, "Warm-up", "Epochs in which the rate rises linearly from zero.", min=0, max=1000, unit="epochs"
    )
    rate_changes: Literal["each step", "each epoch"] = _rate(
        "each step", "Rate changes", "How often the schedule and the warm-up change the rate."
    )
    weight_decay: float = _weight(
        2e-5, "Weight decay", "L2 added to the gradient, on convolution and dense kernels.", min=0.0, max=1.0
    )  # published as 1e-5 times the sum of squares, whose gradient is 2e-5 w; none on depthwise kernels, biases, BN
    shortcut_decay: float = _weight(
        8e-5, "Weight decay of shortcuts", "The same for shortcut projections.", min=0.0, max=1.0
    )  # published as 4e-5 times the sum of squares
    first_weights: Literal["glorot", "fan-out"] = _weight(
        "glorot",
        "Initial weights",
        "Glorot normal, or normal by fan-out, truncated at two deviations, with 0.01 for the dense layer.",
    )  # published
    norm_momentum: float = _weight(
        0.1, "BN momentum", "Weight of the current batch in the running statistics.", min=0.001, max=1.0
    )  # published as 0.9 in the opposite convention
    norm_epsilon: float = _weight(1e-5, "BN epsilon", "Added to the variance.", min=1e-8, max=0.1)  # published
    average: float = _weight(
        0.0,
        "Average of weights",
        "Decay of a moving average of the weights, which is then validated and kept. 0: no average.",
        min=0.0,
        max=0.99999,
    )  # published: an average with 0.999, which is never used
    dropout: float = _weight(0.0, "Dropout", "Rate of dropout before the dense layer.", min=0.0, max=0.95)
    label_smoothing: float = _weight(
        0.0, "Label smoothing", "Share of the target that is spread evenly over all classes.", min=0.0, max=0.9
    )
    input_range: Literal["statistics", "-1 to 1"] = _image(
        "statistics",
        "Input range",
        "Normalised per channel by mean and deviation of the training images, or black at -1 and white at 1.",
    )
    augment: Literal["none", "shift", "crop"] = _image(
        "none",
        "Augmentation",
        "Shift: by up to an eighth of the side, filled with black. Crop: a random part, resized to full size.",
    )  # published: none for the proxy
    crop_area: float = _image(
        0.75, "Area of a crop", "Smallest share of the image that a crop covers.", min=0.05, max=1.0
    )
    crop_aspect: float = _image(
        0.75, "Aspect of a crop", "Narrowest ratio of width to height. The widest is its inverse.", min=0.2, max=1.0
    )
    resize: Literal["bilinear", "any"] = _image(
        "bilinear", "Resizing of a crop", "Any: nearest, bilinear, bicubic or area, chosen at random for each image."
    )
    flip: bool = _image(False, "Mirror", "Half of the images are mirrored left to right.")
    jitter: float = _image(
        0.0, "Colour jitter", "Largest change of brightness, contrast and saturation, up or down.", min=0.0, max=0.9
    )
    hue: float = _image(
        0.0, "Hue jitter", "Largest rotation of the hue either way, as a share of a full turn.", min=0.0, max=0.5
    )
    erase: float = _image(
        0.0, "Erasing", "Probability that 2 to 40 % of an image is covered with noise.", min=0.0, max=1.0
    )
    patience: int = _end(
        5,
        "Patience",
        "Ends after so many epochs without a new best accuracy. 0: off.",
        min=0,
        max=1000,
        unit="epochs",
    )  # published
    min_accuracy: float = _end(
        0.2,
        "Minimum accuracy after four epochs",
        "Ends if the fourth epoch's validation accuracy is below this. 0: off.",
        min=0.0,
        max=1.0,
    )  # published: twice chance for ten classes; a training below it after four epochs does not recover
    loss_ratio: float = _end(
        3.0,
        "Loss ratio",
        "Ends when the validation loss exceeds this multiple of the training loss. 0: off.",
        min=0.0,
        max=1e6,
    )  # published: the network overfits or has diverged
    stop_train_accuracy: float = _end(
        0.98,
        "Training accuracy to stop at",
        "An epoch ends once its moving average of training accuracy exceeds this. 0: off.",
        min=0.0,
        max=1.0,
    )  # published: little is left to learn; the average (0.99) starts at the first batch of each epoch


#: Training of candidates, to rank them.
PROXY = ImageRecipe()

#: The same with the published number of steps.
PUBLISHED_PROXY = replace(PROXY, remainder="filled")

#: Base of full trainings, which run to the end because a person asked for them.
_TO_THE_END = ImageRecipe(
    patience=0,
    min_accuracy=0.0,  # a slow start does not end it
    loss_ratio=0.0,  # nor does overfitting: the best epoch is kept
    stop_train_accuracy=0.0,  # the cosine needs a known number of steps
)

#: Training of an architecture for use.
FULL = replace(
    _TO_THE_END,
    epochs=60,  # enough for a slow decay of the rate
    schedule="cosine",  # ends with epochs at a small rate, which short trainings for ranking do not have
    augment="shift",  # small datasets overfit within tens of epochs
    patience=20,  # the best epoch is often at the end of the cosine
)

#: AutoShrink's training of the published networks on ImageNet.
IMAGENET = replace(
    _TO_THE_END,
    epochs=300,
    batch=256,  # published as 128 on each of two GPUs
    optimizer="rmsprop as in TensorFlow",  # decay, momentum and epsilon are the defaults
    precision="mixed",
    learning_rate=0.1,  # published as 0.05 per GPU
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
    # 1,259 images of 8x8: three epochs reach an accuracy of about .96 in seconds, without early stops. A batch of 32
    # can be all correct by chance, which would end an epoch at its first step. BN's running statistics are still
    # inaccurate: the loss ratio ended one training in eight after its second epoch (dense cell of 6 nodes, seeds 0-7).
    "digits": replace(PROXY, epochs=3, batch=32, stop_train_accuracy=0.0, loss_ratio=0.0),
}
#: For uploaded images, of which only the shape is known. Few epochs, because on a CPU each takes minutes with tens of
#: thousands of images, and no early stops that assume ten balanced classes.
UPLOAD_PROXY = replace(PROXY, epochs=5, batch=64, min_accuracy=0.0, stop_train_accuracy=0.0, loss_ratio=0.0)
UPLOAD_FULL = replace(FULL, epochs=30, batch=64)

_FULLS: dict[str, ImageRecipe] = {
    "digits": replace(FULL, epochs=20, batch=32),  # it converges well before the end; under a minute on one core
}


def proxy(dataset: str) -> ImageRecipe:
    """The recipe for training candidates on this dataset."""
    return _PROXIES.get(dataset, UPLOAD_PROXY)


def full(dataset: str) -> ImageRecipe:
    """The default recipe for training a chosen architecture on this dataset."""
    return _FULLS.get(dataset, UPLOAD_FULL)
