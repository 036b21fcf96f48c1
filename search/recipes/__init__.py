"""How networks are trained: one file a kind of data, and the table of recipes that a person can pick by name."""

from dataclasses import dataclass
from typing import Any

from search import wire
from search.datasets import Kind
from search.recipes import image, text
from search.recipes.image import ImageRecipe
from search.recipes.text import TextRecipe

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

RECIPES: dict[str, Named] = {}


def proxy(dataset: str, kind: Kind) -> Recipe:
    """The recipe that candidates are trained by on this dataset."""
    return text.proxy(dataset) if kind == "text" else image.proxy(dataset)


def full(dataset: str, kind: Kind) -> Recipe:
    """The recipe that a chosen architecture is trained by on this dataset, unless a person changes it."""
    return text.full(dataset) if kind == "text" else image.full(dataset)


def read(data: Any) -> Recipe:
    """The recipe of its JSON. Raises search.wire.BadShape."""
    if isinstance(data, dict) and "bptt" in data:
        return wire.decode(TextRecipe, data)
    return wire.decode(ImageRecipe, data)
