"""Search strategies: one file each, and the table of them."""

from search.strategies import autoshrink
from search.strategies.base import Strategy

STRATEGIES: dict[str, Strategy] = {"autoshrink": autoshrink}
