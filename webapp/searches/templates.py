"""Templates of searches: drafts to start from. Each can be launched as it is, and says what it does not show."""

from dataclasses import dataclass

from search.base import serialization
from search.base.serialization import Json
from search.network.device_profiles import DEVICES


@dataclass(frozen=True)
class Template:
    name: str
    title: str
    about: str
    draft: Json


def _limits(device: str) -> Json:
    budget: Json = serialization.to_jsonable(DEVICES[device].budget)
    return budget


TEMPLATES = (
    Template(
        name="quick-look",
        title="A quick look on digits",
        about="A small cell and short trainings: over within a minute or two on a laptop. It shows how a search runs. "
        "Digits are too easy to say which network is better.",
        draft={
            "name": "A quick look: digits",
            "strategy": "autoshrink",
            "dataset": "digits",
            "budget": {"params": 30_000},
            "seed": 0,
            "settings": {
                "space": {"nodes": 5},
                "strategy": {"candidates": 4},
                "evaluator": {"epochs": 2},
            },
        },
    ),
    Template(
        name="microcontroller",
        title="Fits a small microcontroller",
        about="The limits of the Visual Wake Words challenge: 250 KB of peak memory and 250 KB of weights in int8. "
        "Choose your own images: on digits nothing has to go.",
        draft={
            "name": "For a small microcontroller",
            "strategy": "autoshrink",
            "dataset": "digits",
            "budget": _limits("microcontroller-small"),
            "seed": 0,
            "settings": {},
        },
    ),
    Template(
        name="text-on-a-phone",
        title="Text on a phone",
        about="A recurrent cell that predicts the next word of Python's language reference, within the limits of a "
        "phone. Upload your own text to use it.",
        draft={
            "name": "Text on a phone",
            "strategy": "autoshrink",
            "dataset": "python-docs",
            "budget": _limits("phone"),
            "seed": 0,
            "settings": {},
        },
    ),
    Template(
        name="random-control",
        title="A control by random search",
        about="Draws cells at random and keeps the best. A method that does not beat it, with as many trainings and "
        "over several seeds, has found nothing: give it the dataset and limits of the search that you compare.",
        draft={
            "name": "Control: random search",
            "strategy": "random",
            "dataset": "digits",
            "budget": {"params": 30_000},
            "seed": 0,
            "settings": {"strategy": {"rounds": 10}},
        },
    ),
)
