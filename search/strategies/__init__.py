"""Search strategies: one package each, and the table of them.

May import log, evaluation, spaces, network, data and base.
"""

from search.data.datasets import Kind
from search.spaces import SPACES
from search.strategies.autoshrink import strategy as autoshrink_strategy
from search.strategies.base import Strategy

STRATEGIES: dict[str, Strategy] = {"autoshrink": autoshrink_strategy}


class NoSpace(ValueError):
    """The strategy has no such space for this kind of data; the message lists the spaces that it has."""


def space_for(strategy: str, kind: Kind, space: str | None = None) -> str:
    """Checks the requested space, or picks the strategy's first one for this kind of data. Raises NoSpace."""
    spaces = [name for name in STRATEGIES[strategy].CONFIGS if kind == SPACES[name].KIND]
    if space is None and spaces:
        return spaces[0]
    if space in spaces:
        return str(space)
    missing = f"space {space!r}" if space is not None else "space"
    raise NoSpace(f"{strategy} has no {missing} for {kind} data; it has {', '.join(spaces) or 'none'}")
