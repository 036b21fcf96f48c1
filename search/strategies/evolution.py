"""Regularized evolution (Real et al., AAAI 2019): tournaments choose parents, and the oldest member dies.

A step evaluates several children at once, as workers do that run side by side, and then as many of the oldest members
die as children were born.
"""

import random
from dataclasses import dataclass
from typing import Any

from search.base.config import option
from search.base.sentences import counted
from search.network.edits import apply
from search.network.graph import Graph
from search.spaces.base import Move, Unchangeable
from search.strategies.admission import Draw
from search.strategies.sampler import strategy
from search.strategies.sampler.state import Member, SamplerRun
from search.strategies.sampler.strategy import Sampler


@dataclass(frozen=True, kw_only=True)
class Config(strategy.Config):
    population: int = option(
        20, "Population", "Members that children descend from. The first ones are drawn at random.", min=2, max=200
    )  # published: 100
    tournament: int = option(
        5, "Tournament", "Members that are drawn to choose a parent; the best of them wins.", min=1, max=200
    )  # published: 25 of 100


class Evolution(Sampler):
    NAME = "evolution"
    TITLE = "Regularized evolution"
    ABOUT = "Changes one edge or operation of a good graph at a time, and lets the oldest graphs die."
    NEEDS: frozenset[Move] = frozenset({"sample", "mutate"})
    Config: type[Any] = Config

    def why_senseless(self, config: Any) -> str | None:
        drawn = (config.rounds - 1) * config.candidates  # before the last step
        if config.population > drawn:
            smaller = f"a population of at most {drawn}, or " if drawn > 1 else ""
            return (
                f"a population of {config.population} is not full before the last of "
                f"{counted(config.rounds, 'step')} with {counted(config.candidates, 'candidate')} each, so no graph "
                f"would ever be changed; choose {smaller}more steps or candidates"
            )
        if config.tournament > config.population:
            return (
                f"a tournament of {config.tournament} needs a population of at least {config.tournament}, and it is "
                f"{config.population}; choose a tournament of at most {config.population}"
            )
        return None

    def draw(self, run: SamplerRun, allowed: Graph, rng: random.Random) -> Draw:
        space, config, members = run.factors.space, self.config(run), run.state.members
        if len(members) < config.population and run.state.trained < config.population:
            return Draw(space.sample(allowed, run.locks, rng))
        if not members:  # a command has ruled out all of them
            return Draw(space.sample(allowed, run.locks, rng))
        entrants = rng.sample(members, min(config.tournament, len(members)))
        scores = run.scores(entrants)
        winner = entrants[scores.index(max(scores))]
        parent = Graph.from_rows(winner.graph)
        try:
            edits = space.mutate(parent, allowed, run.locks, rng)
        except Unchangeable:
            return Draw(space.sample(allowed, run.locks, rng))
        return Draw(apply(parent, edits), (winner.candidate,))

    def remember(self, run: SamplerRun, scored: list[Member]) -> tuple[Member, ...]:
        return (*run.state.members, *scored)[-self.config(run).population :]
