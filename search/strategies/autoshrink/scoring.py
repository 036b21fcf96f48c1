"""What ranks a candidate: its quality against its cost, higher is better whatever the metric.

Studio counts a cost relative to another one, so that the same weight means the same on any data; published scores are
those of AutoShrink's released code, with its absolute references (AAAI 2020; spec section 2).
"""

import math

from search.data.datasets import Metric


def studio_score(metric: Metric, quality: float, weight: float, share: float) -> float:
    """`share`: the cost, of the cost that it is compared with. A perplexity counts by its logarithm, which is the loss:
    one that is ten percent higher is as much worse at 20 as at 2,000."""
    worth = -math.log(quality) if metric == "perplexity" else quality
    return worth - weight * math.log10(share)


def published_image_score(accuracy: float, macs: int) -> float:
    """Ten times the MACs are worth 10 points of accuracy."""
    return accuracy - published_penalty(macs)


def published_penalty(macs: int) -> float:
    return 0.1 * (math.log10(macs) - 6)


def published_text_score(perplexity: float, edges: int, hidden: int) -> float:
    """Ten times the cost is worth 4 of perplexity. The cost is n^2 for each edge, and nothing else, as published; a
    cell without an edge has none, and no score."""
    return 0.25 * (200 - perplexity) - (math.log10(edges * hidden**2) - 6)
