"""How networks are trained: one file a kind of data, and the table of recipes that a person can pick by name."""

from dataclasses import dataclass
from typing import Any

from search.base import serialization
from search.data.datasets import Kind
from search.evaluation.recipes import image, text
from search.evaluation.recipes.image import ImageRecipe
from search.evaluation.recipes.text import TextRecipe

Recipe = ImageRecipe | TextRecipe


@dataclass(frozen=True, kw_only=True)
class Named:
    """A recipe with a name of its own, and where it comes from."""

    name: str
    title: str
    about: str
    source: str
    kind: Kind
    recipe: Recipe


#: Kind of data -> the settings that a recipe of it has.
SETTINGS: dict[Kind, type[ImageRecipe] | type[TextRecipe]] = {"image": ImageRecipe, "text": TextRecipe}

#: What a person can pick by name.
RECIPES: dict[str, Named] = {
    named.name: named
    for named in (
        Named(
            name="autoshrink-proxy",
            title="AutoShrink: candidates",
            about="Adam at a constant rate, at most 20 epochs, and the four early stops. For ranking, not for keeping.",
            source="AutoShrink (AAAI 2020), released code: the proxy training of its CNN search on CIFAR-10",
            kind="image",
            recipe=image.PUBLISHED_PROXY,
        ),
        Named(
            name="autoshrink-imagenet",
            title="AutoShrink: ImageNet",
            about="300 epochs of RMSProp as in TensorFlow under a warm-up and a cosine, averaged weights, "
            "smoothed labels, every augmentation. The release puts it at 600 GPU hours; fewer epochs go the same way.",
            source="AutoShrink (AAAI 2020), released code: the training of ShrinkCNN-A and -B on ImageNet",
            kind="image",
            recipe=image.IMAGENET,
        ),
        Named(
            name="studio",
            title="Studio: full length",
            about="Adam under a cosine, small shifts, the best epoch kept. For images of a few tens of pixels.",
            source="Espalier's own",
            kind="image",
            recipe=image.BROUGHT_FULL,
        ),
        Named(
            name="studio-proxy",
            title="Studio: candidates",
            about="Adam for 5 epochs, without the stops that rest on ten balanced classes.",
            source="Espalier's own, after AutoShrink's proxy training",
            kind="image",
            recipe=image.BROUGHT_PROXY,
        ),
        Named(
            name="autoshrink-ptb-proxy",
            title="AutoShrink: candidates of recurrent cells",
            about="Plain SGD, 10 epochs, no dropout, the rate tenfold lower at the end; validation's loss is told over "
            "rows. For ranking, not for keeping.",
            source="AutoShrink (AAAI 2020), released code: the proxy training of its RNN search; without GloVe vectors",
            kind="text",
            recipe=text.PTB_PROXY,
        ),
        Named(
            name="autoshrink-ptb",
            title="AutoShrink: Penn Treebank",
            about="3,000 epochs of SGD that turns into its own average, every dropout, and a penalty on changes of "
            "state. Days of work; fewer epochs go the same way.",
            source="AutoShrink (AAAI 2020), released code: the training of ShrinkRNN on the Penn Treebank",
            kind="text",
            recipe=text.PTB,
        ),
        Named(
            name="studio-text",
            title="Studio: full length",
            about="SGD for up to 40 epochs, the rate tenfold lower twice, the best epoch kept.",
            source="Espalier's own, after AutoShrink's training",
            kind="text",
            recipe=text.FULL,
        ),
    )
}


def proxy(dataset: str, kind: Kind) -> Recipe:
    """The recipe that candidates are trained by on this dataset."""
    return text.proxy(dataset) if kind == "text" else image.proxy(dataset)


def full(dataset: str, kind: Kind) -> Recipe:
    """The recipe that a chosen architecture is trained by on this dataset, unless a person changes it."""
    return text.full(dataset) if kind == "text" else image.full(dataset)


def read(data: Any) -> Recipe:
    """The recipe of its JSON. Raises search.base.serialization.DecodeError."""
    if isinstance(data, dict) and "bptt" in data:
        return serialization.decode(TextRecipe, data)
    return image.read(data)
