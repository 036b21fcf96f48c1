"""Search strategies: one module or package each, and the table of them.

May import log, evaluation, spaces, network, data and base.
"""

from search.strategies.autoshrink import strategy as autoshrink
from search.strategies.base import Strategy

STRATEGIES: dict[str, Strategy] = {"autoshrink": autoshrink}
