"""Training recipes: one file per kind of data, and the table of named recipes."""

from dataclasses import dataclass

from search.data.datasets import Kind
from search.evaluation.recipes import image, text
from search.evaluation.recipes.image import ImageRecipe
from search.evaluation.recipes.text import TextRecipe

Recipe = ImageRecipe | TextRecipe


@dataclass(frozen=True, kw_only=True)
class NamedRecipe:
    """A recipe that a person can pick by name, and its source."""

    name: str
    title: str
    about: str
    source: str
    kind: Kind
    recipe: Recipe


#: Kind of data -> class of its recipes.
SETTINGS: dict[Kind, type[ImageRecipe] | type[TextRecipe]] = {"image": ImageRecipe, "text": TextRecipe}

#: Recipes that a person can pick, by name.
RECIPES: dict[str, NamedRecipe] = {
    named.name: named
    for named in (
        NamedRecipe(
            name="autoshrink-proxy",
            title="AutoShrink: candidates",
            about="Adam at a constant rate, at most 20 epochs, four early stops. For ranking, not for final use.",
            source="AutoShrink (AAAI 2020), released code: the proxy training of its CNN search on CIFAR-10",
            kind="image",
            recipe=image.PUBLISHED_PROXY,
        ),
        NamedRecipe(
            name="autoshrink-imagenet",
            title="AutoShrink: ImageNet",
            about="300 epochs of RMSProp as in TensorFlow with warm-up and cosine schedule, weight averaging, label "
            "smoothing and every augmentation. The release reports 600 GPU hours; fewer epochs work too.",
            source="AutoShrink (AAAI 2020), released code: the training of ShrinkCNN-A and -B on ImageNet",
            kind="image",
            recipe=image.IMAGENET,
        ),
        NamedRecipe(
            name="studio",
            title="Studio: full length",
            about="Adam with a cosine schedule, small shifts, the best epoch kept. For images of a few tens of pixels.",
            source="Espalier's own",
            kind="image",
            recipe=image.UPLOAD_FULL,
        ),
        NamedRecipe(
            name="studio-proxy",
            title="Studio: candidates",
            about="Adam for 5 epochs, without the early stops that assume ten balanced classes.",
            source="Espalier's own, after AutoShrink's proxy training",
            kind="image",
            recipe=image.UPLOAD_PROXY,
        ),
        NamedRecipe(
            name="autoshrink-ptb-proxy",
            title="AutoShrink: candidates of recurrent cells",
            about="Plain SGD for 10 epochs without dropout, with a tenfold lower rate at the end and the validation "
            "loss averaged over rows. For ranking candidates, not for final use.",
            source="AutoShrink (AAAI 2020), released code: the proxy training of its RNN search; without GloVe vectors",
            kind="text",
            recipe=text.PTB_PROXY,
        ),
        NamedRecipe(
            name="autoshrink-ptb",
            title="AutoShrink: Penn Treebank",
            about="3,000 epochs of SGD that switches to averaged weights, every dropout, and a penalty on changes of "
            "the output. It takes days; fewer epochs work too.",
            source="AutoShrink (AAAI 2020), released code: the training of ShrinkRNN on the Penn Treebank",
            kind="text",
            recipe=text.PTB,
        ),
        NamedRecipe(
            name="studio-text",
            title="Studio: full length",
            about="SGD for up to 40 epochs, with two tenfold drops of the rate and the best epoch kept.",
            source="Espalier's own, after AutoShrink's training",
            kind="text",
            recipe=text.FULL,
        ),
    )
}


def proxy(dataset: str, kind: Kind) -> Recipe:
    """The recipe for training candidates on this dataset."""
    return text.proxy(dataset) if kind == "text" else image.proxy(dataset)


def full(dataset: str, kind: Kind) -> Recipe:
    """The default recipe for training a chosen architecture on this dataset."""
    return text.full(dataset) if kind == "text" else image.full(dataset)
