"""The interface of an evaluator: how the quality of a candidate is estimated.

A strategy sees an evaluator through this protocol alone: it asks for the work that evaluates graphs, has the outcomes
read, and stores what the evaluator wants to remember (`Carry`) without looking into it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from search.base.serialization import Json
from search.data.datasets import Data, Kind
from search.evaluation.objective import QualityMetric
from search.network.cost import Cost
from search.network.graph import Graph
from search.network.macro import Macro

Work = Json
Outcome = Json
Carry = Json
WITHDRAWN = "withdrawn"  # code of work, and of a candidate, that nobody wants any more
FINAL_FACTOR = 4  # epochs of a final training, relative to those of a candidate


@dataclass(frozen=True, kw_only=True)
class Source:
    """The data of a search, and the seed of its trainings."""

    dataset: str
    split: str
    data: Data
    seed: int


class Result(NamedTuple):
    """What an outcome says of a candidate: its quality, or the code of why there is none."""

    quality: float | None  # of the evaluator's metric
    code: str | None
    curve: Sequence[Json]
    noise: float = 0.0  # standard error of the score: of the accuracy, or of a text's mean loss
    weights: str | None = None  # SHA-256 of the trained weights, where later candidates may start from them
    values: tuple[float, ...] = ()  # higher is better: what `ranking` combines


def results_of(outcome: Outcome, count: int) -> list[Outcome]:
    """The result of each of `count` graphs that a work item was about, in their order.

    The outcome of an item about one graph is its result. That of several graphs holds `results`; where the item failed
    as a whole, it is the result of each.
    """
    results: list[Outcome] = outcome.get("results", [outcome] * count)
    if len(results) != count:
        raise ValueError(f"an outcome about {count} graphs has {len(results)} results")
    return results


#: A number for each graph among others, from the values of all of them; higher is better.
Ranking = Callable[[Sequence[tuple[float, ...]]], list[float]]


class Evaluator(Protocol):
    """A module of `search.evaluation`."""

    NAME: str
    TITLE: str
    ABOUT: str
    #: Results are comparable within one step of a search only: later candidates have longer trainings behind them.
    WITHIN_STEP: bool

    #: factor -> settings: defaults of other factors with this evaluator.
    DEFAULTS: Mapping[str, Mapping[str, Any]]

    @property
    def CONFIGS(self) -> Mapping[Kind, type[Any]]:
        """Kind of data -> dataclass of the settings. It evaluates networks for these kinds alone."""
        ...

    def metric(self, config: Any, source: Source) -> QualityMetric:
        """Of the quality of candidates. The finalists' is the data's."""
        ...

    def ranking(self, config: Any) -> Ranking | None:
        """How candidates are compared where a quality tells nothing by itself; None: by their qualities."""
        ...

    def start(self, config: Any, source: Source) -> Carry:
        """What it remembers at first. Raises BadEvaluation where it cannot work on this data."""
        ...

    def work(
        self,
        config: Any,
        source: Source,
        macro: Macro,
        graphs: Sequence[Graph],
        carry: Carry,
        most_epochs: int | None = None,
    ) -> list[Work]:
        """The work items, which hold the graphs in this order, as `batches` says. `most_epochs`: at most so many, where
        a rough ranking is enough."""
        ...

    def batches(self, config: Any, count: int) -> list[int]:
        """How many of `count` graphs each work item holds. No item: they are evaluated from their costs alone."""
        ...

    def read(
        self, config: Any, source: Source, costs: Sequence[Cost], batches: Sequence[int], outcomes: Sequence[Outcome]
    ) -> list[Result]:
        """The results of graphs with these costs, in their order. `batches`: how many of them each outcome is about."""
        ...

    def adopt(self, carry: Carry, graph: Graph, result: Result) -> Carry:
        """What it remembers after the search has moved to this graph, which had this result."""
        ...

    def files(self, carry: Carry) -> tuple[str, ...]:
        """Hashes of the files that later work may need."""
        ...

    def final(self, config: Any, source: Source, macro: Macro, graph: Graph, epochs: int) -> Work:
        """Trains the graph from scratch, on all training data, by the dataset's full recipe for so many epochs.

        0 epochs: FINAL_FACTOR times those of a short training. One of these, at a constant rate, ranks candidates; it
        does not show what a graph is worth.
        """
        ...

    def why_too_few(self, config: Any, samples: int) -> str | None:
        """Why a training part of so many images or tokens is too small, as a sentence; None if it is not."""
        ...

    def reads_test_part(self, config: Any) -> bool:
        """Whether candidates are validated on the test part, as some published protocols do."""
        ...


class BadEvaluation(ValueError):
    """The evaluator cannot work on this data; the message is a sentence that says what to change."""
