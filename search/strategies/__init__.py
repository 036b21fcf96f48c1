"""Search strategies: one file each, and the table of them."""

from search.data.datasets import Kind
from search.spaces import SPACES
from search.strategies.autoshrink import strategy as autoshrink_strategy
from search.strategies.base import Strategy

STRATEGIES: dict[str, Strategy] = {"autoshrink": autoshrink_strategy}


class NoSpace(ValueError):
    """The strategy does not search such a space, or none for such data; the message says which it does."""


def space_for(strategy: str, kind: Kind, space: str | None = None) -> str:
    """The search space to use on data of this kind: the one asked for, or the strategy's first. Raises NoSpace."""
    there_are = [name for name in STRATEGIES[strategy].CONFIGS if kind == SPACES[name].KIND]
    if space is None and there_are:
        return there_are[0]
    if space in there_are:
        return str(space)
    asked = f"space {space!r}" if space is not None else "space"
    known = ", ".join(there_are) or "none"
    raise NoSpace(f"{strategy} has no {asked} for {kind} data; it has {known}")
