"""The evaluator `score`: candidates are not trained, but scored by zero-shot proxies.

Proxies in closed form are computed from a candidate's costs, in the turn. The others take work of kind "score", an item
of which holds many graphs. The finalists are trained, so that what a search says of its answer is a measurement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from search.base.config import option
from search.data.datasets import Kind
from search.evaluation.base import BadEvaluation, Carry, Outcome, Ranking, Result, Source, Work, results_of
from search.evaluation.objective import QualityMetric
from search.evaluation.proxies import PROXIES, ProxyName
from search.evaluation.proxies.scoring import Batches, score_work
from search.evaluation.ranking import pareto, rank_sum
from search.evaluation.train import ImageConfig
from search.evaluation.train import final as train_finally
from search.network.cost import Cost
from search.network.graph import Graph
from search.network.macro import Macro

NAME = "score"
TITLE = "Score without training"
ABOUT = (
    "Scores each candidate by a proxy of its untrained network: seconds for what takes trainings hours, but rougher."
)
WITHIN_STEP = False
DEFAULTS: Mapping[str, Mapping[str, Any]] = {"objective": {"cost_weight": 0.0}}

GRAPHS = 8  # of one work item, at most: a claim costs little against them, and workers end a round nearly together
RANKINGS: dict[str, Ranking] = {"rank sum": rank_sum, "pareto": pareto}


@dataclass(frozen=True, kw_only=True)
class Config:
    proxy: Literal[ProxyName] = option("zico", "Proxy", "The score of an untrained network, higher for better ones.")
    second: Literal[ProxyName, "none"] = option("none", "Second proxy", "Candidates are then compared by both.")
    third: Literal[ProxyName, "none"] = option("none", "Third proxy", "Only with a rank sum.")
    combination: Literal["rank sum", "pareto"] = option(
        "rank sum",
        "Of several proxies",
        "rank sum: the mean share of other candidates that one beats. pareto: of two, whether another is better by "
        "both.",
    )
    batch: int = option(16, "Images per batch", "Of the batches that every network sees.", min=2, max=1024)
    # published: 128; section 7 of the specification measured the same ranks with 16
    batches: int = option(2, "Batches", "How many.", min=2, max=16)  # published
    side: int = option(
        0,
        "Resolution of scored images",
        "Pixels of a side; 0 = the network's input. A proxy needs no full resolution: published are 64 where the "
        "network takes 224.",
        min=0,
        max=512,
    )

    @property
    def proxies(self) -> tuple[str, ...]:
        """The chosen ones, in their order."""
        return tuple(name for name in (self.proxy, self.second, self.third) if name != "none")

    @property
    def computed(self) -> tuple[str, ...]:
        """Those that are not in closed form."""
        return tuple(name for name in self.proxies if PROXIES[name].closed is None)

    @property
    def inputs(self) -> Batches:
        return Batches(size=self.batch, count=self.batches, side=self.side)


CONFIGS: dict[Kind, type[Config]] = {"image": Config}


def metric(config: Config, source: Source) -> QualityMetric:
    return "proxy"


def ranking(config: Config) -> Ranking | None:
    return RANKINGS[config.combination] if len(config.proxies) > 1 else None


def start(config: Config, source: Source) -> Carry:
    names = sorted(config.proxies)
    if twice := [a for a, b in pairwise(names) if a == b]:
        raise BadEvaluation(f"{PROXIES[twice[0]].title} is chosen twice; choose another proxy, or none")
    if config.combination == "pareto" and len(names) > 2:
        raise BadEvaluation("a Pareto front is of two proxies; leave out the third, or choose the rank sum")
    return {}


def work(
    config: Config,
    source: Source,
    macro: Macro,
    graphs: Sequence[Graph],
    carry: Carry,
    most_epochs: int | None = None,
) -> list[Work]:
    first, items = 0, []
    for count in batches(config, len(graphs)):
        items.append(score_work(graphs[first : first + count], macro, config.computed, source, config.inputs))
        first += count
    return items


def batches(config: Config, count: int) -> list[int]:
    if not config.computed:
        return []
    return [min(GRAPHS, count - first) for first in range(0, count, GRAPHS)]


def read(
    config: Config, source: Source, costs: Sequence[Cost], batches: Sequence[int], outcomes: Sequence[Outcome]
) -> list[Result]:
    """A proxy that is no finite number for a network gives it no result."""
    if not config.computed:
        return [_read(config, cost, {"status": "ok", "scores": {}}) for cost in costs]
    outcome_of = [each for count, outcome in zip(batches, outcomes, strict=True) for each in results_of(outcome, count)]
    return [_read(config, cost, outcome) for cost, outcome in zip(costs, outcome_of, strict=True)]


def _read(config: Config, cost: Cost, outcome: Outcome) -> Result:
    if outcome["status"] != "ok":
        return Result(None, outcome.get("code"), ())
    values: list[float] = []
    for name in config.proxies:
        closed = PROXIES[name].closed
        value = outcome["scores"][name] if closed is None else closed(cost)
        if value is None:
            return Result(None, "not_finite", ())
        values.append(float(value))
    return Result(values[0], outcome.get("code"), (), values=tuple(values))


def adopt(carry: Carry, graph: Graph, result: Result) -> Carry:
    return carry


def files(carry: Carry) -> tuple[str, ...]:
    return ()


def final(config: Config, source: Source, macro: Macro, graph: Graph, epochs: int) -> Work:
    return train_finally(ImageConfig(), source, macro, graph, epochs)


def why_too_few(config: Config, samples: int) -> str | None:
    return config.inputs.why_not(samples) if config.computed else None


def reads_test_part(config: Config) -> bool:
    return False
