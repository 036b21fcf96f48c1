"""Search strategies: one module or package each, and the table of them.

May import log, evaluation, spaces, network, data and base.
"""

from search.strategies.autoshrink import strategy as autoshrink
from search.strategies.base import Strategy
from search.strategies.evolution import Evolution
from search.strategies.random import Random
from search.strategies.zico import ZiCo

STRATEGIES: dict[str, Strategy] = {
    "autoshrink": autoshrink,
    "random": Random(),
    "evolution": Evolution(),
    "zico": ZiCo(),
}
