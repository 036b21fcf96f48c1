"""Random search: every step evaluates graphs that are drawn independently, and the best so far is kept.

The control of every other strategy (Li and Talwalkar, UAI 2019): what does not beat it at equal cost has found nothing.
"""

import random

from search.network.graph import Graph
from search.spaces.base import Move
from search.strategies.admission import Draw
from search.strategies.sampler.state import SamplerRun
from search.strategies.sampler.strategy import Sampler


class Random(Sampler):
    NAME = "random"
    TITLE = "Random search"
    ABOUT = "Draws graphs independently and keeps the best one: the control that other methods must beat."
    NEEDS: frozenset[Move] = frozenset({"sample"})

    def draw(self, run: SamplerRun, allowed: Graph, rng: random.Random) -> Draw:
        return Draw(run.factors.space.sample(allowed, run.locks, rng))
