"""The settings of a search that shrinks a graph, a dataclass for each space, and what the published protocol fixes."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from search.base.config import option
from search.spaces import cnn, rnn

Protocol = Literal["studio", "published"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of the search; N = 8 and K = 10 are the published ones (spec section 2)."""

    protocol: Literal["studio", "published"] = option(
        "studio",
        "Protocol",
        "Studio mends the published method and keeps to limits; published follows it to the letter, and knows none.",
    )
    nodes: int = option(8, "Nodes", "Nodes of the cell, its input counted.", min=cnn.MIN_NODES, max=cnn.MAX_NODES)
    candidates: int = option(10, "Cuts tested a step", "How many removals are drawn and trained.", min=1, max=20)
    keep_edges: int = option(1, "Edges to keep", "The search ends when no more than these are left.", min=1, max=119)
    patience: int = option(
        4, "Patience", "Steps without a better answer after which it ends; 0 goes on to the last edge.", min=0, max=119
    )
    keep_parent: bool = option(
        False, "Cut only what pays", "A cut is made only where it scores better than the cell as it is."
    )  # published: the best of a step is made, however bad it is; the answer is the best on the way all the same
    cost_weight: float = option(
        0.1, "Weight of cost", "Points of score for a cost ten times lower.", min=0.0, max=1.0
    )  # published: ten times the MACs are worth 10 points of accuracy
    cost_of: Literal["macs", "params", "peak_memory"] = option(
        "macs", "Cost that counts", "Which cost lowers the score."
    )
    epochs: int = option(
        0, "Epochs a candidate", "Epochs of training for each candidate; 0 takes the dataset's own.", min=0, max=200
    )
    descent_epochs: int = option(
        1,
        "Epochs over budget",
        "The same while over a limit, where a rough rank is enough.",
        min=1,
        max=200,
    )


#: What the published protocol fixes in every space: no stop before the end, no descent.
_PUBLISHED: dict[str, Any] = {
    "candidates": 10,
    "patience": 0,
    "keep_parent": False,
    "cost_of": "macs",
    "descent_epochs": 1,
}


@dataclass(frozen=True, kw_only=True)
class CnnConfig(Config):
    """Settings of a search for a convolutional cell."""

    PUBLISHED: ClassVar[dict[str, Any]] = _PUBLISHED | {
        "nodes": 8,
        "keep_edges": 0,  # round(0.01 * 28): it runs to the empty cell
        "cost_weight": 0.1,
        "epochs": 20,
        "inherit": False,
        "images": 0,
    }

    inherit: bool = option(
        False, "Inherit weights", "A candidate goes on from the weights of the graph that it was cut from."
    )  # published: from scratch
    images: int = option(
        0,
        "Images a candidate trains on",
        "The first so many, as many of each class; 0 takes all.",
        min=0,
        max=10_000_000,
    )


@dataclass(frozen=True, kw_only=True)
class RnnConfig(Config):
    """Settings of a search for a recurrent cell; N = 6 is the published one (spec section 2)."""

    PUBLISHED: ClassVar[dict[str, Any]] = _PUBLISHED | {
        "nodes": 6,
        "keep_edges": 4,  # round(0.25 * 15)
        "cost_weight": 1.0,  # of a cost ten times lower, which is worth as much as 4 of perplexity
        "epochs": 10,
        "hidden": 100,
    }

    nodes: int = option(6, "Nodes", "Nodes of the cell, its input counted.", min=rnn.MIN_NODES, max=rnn.MAX_NODES)
    candidates: int = option(4, "Cuts tested a step", "How many removals are drawn and trained.", min=1, max=20)
    hidden: int = option(
        32, "Hidden size", "Numbers in the state, and in each word's embedding.", min=1, max=rnn.MAX_HIDDEN
    )


CONFIGS: dict[str, type[Config]] = {"cnn": CnnConfig, "rnn": RnnConfig}
