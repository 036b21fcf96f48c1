"""The scores of AutoShrink's released code, whose costs have absolute references (AAAI 2020; spec section 2)."""

import math

from search.network.cost import Cost
from search.network.graph import Graph
from search.network.macro import Macro

NO_SCORE = "without edges the cost is zero in the paper's code, which gives no score"


def published_score(macro: Macro, quality: float, graph: Graph, cost: Cost) -> float:
    """Higher is better. Raises ValueError where `why_no_score` gives a reason."""
    if macro.kind == "text":
        return published_text_score(quality, len(graph.edges), macro.hidden)
    return published_image_score(quality, cost.macs)


def why_no_score(macro: Macro, graph: Graph) -> str | None:
    return NO_SCORE if macro.kind == "text" and not graph.edges else None


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
