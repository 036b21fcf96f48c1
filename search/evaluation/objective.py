"""The objective of a search: quality less a penalty for cost, and how its answer is chosen.

Scores are higher for better graphs, whatever the metric is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from search.base.config import option
from search.data.datasets import Metric

#: Of a candidate's quality: a metric of trained networks, or the value of a proxy.
QualityMetric = Literal[Metric, "proxy"]


@dataclass(frozen=True, kw_only=True)
class Objective:
    cost_weight: float = option(
        0.1,
        "Cost weight",
        "Score per tenfold reduction in cost: 0.1 equals 10 points of accuracy, or a tenth of the perplexity. "
        "With a limit set the default is 0: what fits earns nothing by being smaller still.",
        min=0.0,
        max=1.0,
    )  # published: ten times the MACs are worth 10 points of accuracy
    cost_of: Literal["macs", "params", "peak_memory"] = option(
        "macs", "Cost used in the score", "The cost that the score penalises."
    )


@dataclass(frozen=True, kw_only=True)
class AnswerSettings:
    """How a search measures its answer, after its last step."""

    finalists: int = option(
        3,
        "Finalists",
        "The best graphs that fit are trained from scratch by the dataset's full recipe, and the best of them is the "
        "answer. 0: the answer is the best candidate, as it was evaluated.",
        min=0,
        max=10,
    )
    answer_epochs: int = option(
        0,
        "Epochs of finalists",
        "Training epochs of each finalist; 0 = four times those of a candidate that is trained.",
        min=0,
        max=1000,
    )


def score(metric: QualityMetric, quality: float, weight: float, share: float) -> float:
    """`share` is the candidate's cost divided by a reference cost, so that one weight means the same on any dataset.

    A perplexity counts by its logarithm, which is the loss: ten percent more is equally bad at 20 and at 2,000.
    """
    gain = -math.log(quality) if metric == "perplexity" else quality
    return gain - weight * math.log10(share)


def accuracy_error(accuracy: float, count: int) -> float:
    """The standard error of an accuracy on `count` images, by the interval of Agresti and Coull at one standard error
    (The American Statistician 52(2), 1998), which adds half an image to either side.

    Unlike sqrt(p (1 - p) / n) it is not 0 where every image was classified correctly: at accuracy 1 it is some 0.7
    images.
    """
    proportion = (accuracy * count + 0.5) / (count + 1)
    return math.sqrt(proportion * (1 - proportion) / (count + 1))


class Contender(NamedTuple):
    """A measured graph among those that are compared with each other."""

    score: float
    noise: float  # standard error of the score
    size: tuple[float, ...]  # smaller is cheaper


def choose(contenders: Sequence[Contender]) -> int:
    """The index of the best one. Of those within its noise the cheapest wins, and the earliest of equals."""
    best = max(contenders, key=lambda each: each.score)
    close = [i for i, each in enumerate(contenders) if each.score >= best.score - best.noise]
    return min(close, key=lambda i: (contenders[i].size, -contenders[i].score, i))
