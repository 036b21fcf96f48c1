"""The evaluator `inherit`: candidates start from the weights of the candidate that the search moved to last.

Until it has moved, they are trained from new weights. Nodes that both graphs have with one operation take over their
weights (search/runtime/networks/inheritance.py); others start from scratch.

The more often a search has moved, the longer its weights have been trained, so results rank candidates within a step
only (WITHIN_STEP). AutoShrink with `keep_parent` therefore trains the parent once more beside its cuts. What is
compared across steps (the best so far of other strategies, the parents of evolution, the choice of finalists) favours
later steps; finalists are trained from scratch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from search.base.config import option
from search.data.datasets import Kind
from search.evaluation.base import Carry, Outcome, Result, Source, Work
from search.evaluation.objective import QualityMetric
from search.evaluation.train import ImageConfig
from search.evaluation.train import final as train_finally
from search.evaluation.train import work as training_items
from search.evaluation.training import inheritance, read_trainings
from search.network.cost import Cost
from search.network.graph import Graph
from search.network.macro import Macro

NAME = "inherit"
TITLE = "Training from inherited weights"
ABOUT = (
    "Trains each candidate from the weights of the graph that the search moved to last, in the parts that both have. "
    "Faster, but results of later steps have longer trainings behind them: they compare candidates of one step."
)
DEFAULTS: Mapping[str, Mapping[str, Any]] = {}
WITHIN_STEP = True


@dataclass(frozen=True, kw_only=True)
class Config:
    epochs: int = option(
        0, "Epochs per candidate", "Training epochs of each candidate; 0 = the recipe's default.", min=0, max=200
    )
    images: int = option(
        0,
        "Training images per candidate",
        "Each candidate trains on the first images, as many of each class; 0 = all.",
        min=0,
        max=10_000_000,
    )


CONFIGS: dict[Kind, type[Config]] = {"image": Config}


def metric(config: Config, source: Source) -> QualityMetric:
    return source.data.metric


def ranking(config: Config) -> None:
    return None


def start(config: Config, source: Source) -> Carry:
    return {"weights": None, "graph": None}


def work(
    config: Config,
    source: Source,
    macro: Macro,
    graphs: Sequence[Graph],
    carry: Carry,
    most_epochs: int | None = None,
) -> list[Work]:
    items = training_items(_as_training(config), source, macro, graphs, {}, most_epochs)
    parent = Graph.from_dict(carry["graph"]) if carry["weights"] else None
    return [
        item | {"keep": True} | ({} if parent is None else inheritance(graph, parent, carry["weights"]))
        for item, graph in zip(items, graphs, strict=True)
    ]


def batches(config: Config, count: int) -> list[int]:
    return [1] * count


def read(
    config: Config, source: Source, costs: Sequence[Cost], batches: Sequence[int], outcomes: Sequence[Outcome]
) -> list[Result]:
    return read_trainings(source, batches, outcomes)


def adopt(carry: Carry, graph: Graph, result: Result) -> Carry:
    """Without weights, where the worker could not store them, the next candidates train from scratch."""
    return {"weights": result.weights, "graph": graph.to_dict() if result.weights else None}


def files(carry: Carry) -> tuple[str, ...]:
    return (carry["weights"],) if carry["weights"] else ()


def final(config: Config, source: Source, macro: Macro, graph: Graph, epochs: int) -> Work:
    return train_finally(_as_training(config), source, macro, graph, epochs)


def why_too_few(config: Config, samples: int) -> str | None:
    return None


def reads_test_part(config: Config) -> bool:
    return False


def _as_training(config: Config) -> ImageConfig:
    return ImageConfig(epochs=config.epochs, images=config.images)
