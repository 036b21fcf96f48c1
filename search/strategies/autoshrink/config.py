"""The settings of AutoShrink, a dataclass per search space, and the values that the published protocol fixes."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from search.base.config import option
from search.spaces import cnn, rnn

Protocol = Literal["studio", "published"]


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings in every space. N = 8 nodes and K = 10 candidates are the published values (spec section 2)."""

    protocol: Literal["studio", "published"] = option(
        "studio",
        "Protocol",
        "studio (recommended) respects limits and fixes faults of the published method; published is the paper's code.",
    )
    nodes: int = option(
        8,
        "Nodes",
        "Nodes of the cell, including its input. More nodes give a richer cell and a longer search.",
        min=cnn.MIN_NODES,
        max=cnn.MAX_NODES,
    )
    candidates: int = option(10, "Candidates per step", "How many cuts are trained and compared.", min=1, max=20)
    keep_edges: int = option(
        1, "Stop at this many edges", "The search ends when the cell has this many edges, or fewer.", min=1, max=119
    )
    patience: int = option(
        4, "Patience", "Stop after this many steps without a better result; 0 = never.", min=0, max=119
    )
    keep_parent: bool = option(
        False,
        "Keep the parent unless a candidate scores higher",
        "Cut only if the score improves; if off, the best cut of each step is made, even if it lowers the score.",
    )  # published: the best cut is always made, and the answer is the best cell on the way
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
    epochs: int = option(
        0, "Epochs per candidate", "Training epochs of each candidate; 0 = the dataset's default.", min=0, max=200
    )
    descent_epochs: int = option(
        1,
        "Epochs while over budget",
        "Training epochs of each candidate while the cell exceeds a limit, where a rough ranking is enough.",
        min=1,
        max=200,
    )


#: What the published protocol fixes in every space: there is no patience and no descent.
_PUBLISHED: dict[str, Any] = {
    "candidates": 10,
    "patience": 0,
    "keep_parent": False,
    "cost_of": "macs",
    "descent_epochs": 1,
}


@dataclass(frozen=True, kw_only=True)
class CnnConfig(Config):
    """Settings in the space of convolutional cells."""

    PUBLISHED: ClassVar[dict[str, Any]] = _PUBLISHED | {
        "nodes": 8,
        "keep_edges": 0,  # round(0.01 * 28), so that it runs down to the empty cell
        "cost_weight": 0.1,
        "epochs": 20,
        "inherit": False,
        "images": 0,
    }

    inherit: bool = option(
        False,
        "Start candidates from the parent's weights",
        "Each candidate starts from the weights of the cell that it was cut from; if off, from scratch.",
    )  # published: from scratch
    images: int = option(
        0,
        "Training images per candidate",
        "Each candidate trains on the first images, as many of each class; 0 = all.",
        min=0,
        max=10_000_000,
    )


@dataclass(frozen=True, kw_only=True)
class RnnConfig(Config):
    """Settings in the space of recurrent cells. N = 6 nodes is the published value (spec section 2)."""

    PUBLISHED: ClassVar[dict[str, Any]] = _PUBLISHED | {
        "nodes": 6,
        "keep_edges": 4,  # round(0.25 * 15)
        "cost_weight": 1.0,  # ten times the cost is worth 4 of perplexity
        "epochs": 10,
        "hidden": 100,
    }

    nodes: int = option(
        6,
        "Nodes",
        "Nodes of the cell, including its input. More nodes give a richer cell and a longer search.",
        min=rnn.MIN_NODES,
        max=rnn.MAX_NODES,
    )
    candidates: int = option(4, "Candidates per step", "How many cuts are trained and compared.", min=1, max=20)
    hidden: int = option(
        32, "Hidden size", "Size of the hidden state and of each word's embedding.", min=1, max=rnn.MAX_HIDDEN
    )


CONFIGS: dict[str, type[Config]] = {"cnn": CnnConfig, "rnn": RnnConfig}
