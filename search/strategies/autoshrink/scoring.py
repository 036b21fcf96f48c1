"""The score of a candidate: its quality less a penalty for its cost. Higher is better for every metric.

The studio protocol counts a cost relative to a reference, so that one weight means the same on any dataset. The
published scores are those of AutoShrink's released code, which has absolute references (AAAI 2020; spec section 2).
"""

import math

from search.data.datasets import Metric


def studio_score(metric: Metric, quality: float, weight: float, share: float) -> float:
    """`share` is the candidate's cost divided by the reference cost.

    A perplexity counts by its logarithm, which is the loss: ten percent more is equally bad at 20 and at 2,000.
    """
    gain = -math.log(quality) if metric == "perplexity" else quality
    return gain - weight * math.log10(share)


def published_image_score(accuracy: float, macs: int) -> float:
    """Ten times the MACs cost 10 points of accuracy."""
    return accuracy - published_penalty(macs)


def published_penalty(macs: int) -> float:
    return 0.1 * (math.log10(macs) - 6)


def published_text_score(perplexity: float, edges: int, hidden: int) -> float:
    """Ten times the cost is worth 4 of perplexity. As published, the cost is hidden^2 per edge and nothing else.

    A cell without edges costs nothing and has no score: its logarithm does not exist.
    """
    return 0.25 * (200 - perplexity) - (math.log10(edges * hidden**2) - 6)
