"""The objective of a search: quality less a penalty for cost. Higher is better for every metric."""

import math
from dataclasses import dataclass
from typing import Literal

from search.base.config import option
from search.data.datasets import Metric


@dataclass(frozen=True, kw_only=True)
class Objective:
    cost_weight: float = option(
        0.1,
        "Cost weight",
        "Score per tenfold reduction in cost: 0.1 equals 10 points of accuracy, or a tenth of the perplexity.",
        min=0.0,
        max=1.0,
    )  # published: ten times the MACs are worth 10 points of accuracy
    cost_of: Literal["macs", "params", "peak_memory"] = option(
        "macs", "Cost used in the score", "The cost that the score penalises."
    )


def score(metric: Metric, quality: float, weight: float, share: float) -> float:
    """`share` is the candidate's cost divided by a reference cost, so that one weight means the same on any dataset.

    A perplexity counts by its logarithm, which is the loss: ten percent more is equally bad at 20 and at 2,000.
    """
    gain = -math.log(quality) if metric == "perplexity" else quality
    return gain - weight * math.log10(share)
