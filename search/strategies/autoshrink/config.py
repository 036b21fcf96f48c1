"""The settings of AutoShrink, and its two protocols."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from search.base.config import option
from search.strategies.base import ProtocolSettings

ProtocolName = Literal["studio", "published"]


@dataclass(frozen=True, kw_only=True)
class Config:
    protocol: Literal["studio", "published"] = option(
        "studio",
        "Protocol",
        "studio (recommended) respects limits and fixes faults of the published method; published is the paper's code.",
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
        "Cut only if the score improves by more than its noise; if off, the best cut of each step is made, even if it "
        "lowers the score. With inherited weights the parent is trained again beside its cuts.",
    )  # published: the best cut is always made, and the answer is the best cell on the way
    descent_epochs: int = option(
        1,
        "Epochs while over budget",
        "Training epochs of each candidate while the cell exceeds a limit, where a rough ranking is enough.",
        min=1,
        max=200,
    )


#: What the published protocol fixes in every space: there is no patience and no descent.
_STRATEGY: dict[str, Any] = {"candidates": 10, "patience": 0, "keep_parent": False, "descent_epochs": 1}

PROTOCOLS: Mapping[str, ProtocolSettings] = {
    "studio": ProtocolSettings(
        name="studio",
        title="Espalier (recommended)",
        about="Respects limits, validates on held-out training data, and stops when cuts no longer help.",
        settings={"rnn": {"strategy": {"candidates": 4}}},  # a text trains for longer than the images of a cell
        # what fits earns nothing by being smaller still, so a cut must earn its place by quality
        within_limits={"strategy": {"keep_parent": True}},
    ),
    "published": ProtocolSettings(
        name="published",
        title="As in the paper's code",
        about="The settings and stop rules of the released code, without limits. For comparison.",
        fixed=True,
        evaluator="train",
        settings={
            "cnn": {
                "space": {"nodes": 8},
                "strategy": _STRATEGY | {"keep_edges": 0},  # round(0.01 * 28), so that it runs down to the empty cell
                "evaluator": {"recipe": "published", "epochs": 20, "images": 0},
                "objective": {"cost_weight": 0.1, "cost_of": "macs"},
                "answer": {"finalists": 0, "answer_epochs": 0},
            },
            "rnn": {
                "space": {"nodes": 6, "hidden": 100},
                "strategy": _STRATEGY | {"keep_edges": 4},  # round(0.25 * 15)
                "evaluator": {"recipe": "published", "epochs": 10},
                "answer": {"finalists": 0, "answer_epochs": 0},
                "objective": {"cost_weight": 1.0, "cost_of": "macs"},  # ten times the cost is worth 4 of perplexity
            },
        },
    ),
}
