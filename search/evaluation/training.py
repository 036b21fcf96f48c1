"""Work items that evaluate a graph: a training, or a measurement of latency.

Graphs are in canonical form, so that isomorphic graphs are equal work.
"""

import math
from collections.abc import Sequence

from search.base.serialization import to_jsonable
from search.data.datasets import Metric
from search.evaluation.base import Outcome, Result, Source, Work, results_of
from search.evaluation.recipes import Recipe
from search.network.graph import Graph
from search.network.macro import Macro

PUBLISHED_IMAGES = 500  # of each class, that the published recipe draws for an epoch


def training_work(graph: Graph, macro: Macro, recipe: Recipe, source: Source) -> Work:
    """A training from scratch on the whole training part."""
    work: Work = {
        "kind": "train",
        "graph": graph.canonical.to_dict(),
        "macro": to_jsonable(macro),
        "recipe": to_jsonable(recipe),
        "dataset": source.dataset,
        "split": source.split,
        "replicate": source.seed,
    }
    return work if source.data.file is None else work | {"file": source.data.file}


def read_trainings(source: Source, batches: Sequence[int], outcomes: Sequence[Outcome]) -> list[Result]:
    """The results of trainings. A quality that is no number means that the training diverged."""
    return [
        _read(source.data.metric, result)
        for count, outcome in zip(batches, outcomes, strict=True)
        for result in results_of(outcome, count)
    ]


def _read(metric: Metric, outcome: Outcome) -> Result:
    curve = outcome.get("curve", [])
    if outcome["status"] != "ok":
        return Result(None, outcome.get("code"), curve)
    quality = float(outcome[f"val_{metric}"])
    if not math.isfinite(quality) or (metric == "perplexity" and quality <= 0):
        return Result(None, "diverged", curve)
    weights = outcome.get("files", {}).get("weights")
    return Result(quality, outcome.get("code"), curve, outcome.get("standard_error", 0.0), weights)


def samples_per_epoch(work: Work, train: int) -> int:
    """Images or tokens that a training reads in an epoch. `train`: those of the dataset's training part."""
    if work.get("sample") == "published":
        return PUBLISHED_IMAGES * int(work["macro"]["classes"])
    return min(int(work.get("images", train)), train)


def inheritance(graph: Graph, parent: Graph, weights: str) -> Work:
    """The part of a work item that makes a training start from its parent's weights.

    `weights`: SHA-256 of the file. `nodes` maps nodes to the same nodes of the parent, both in canonical numbering. A
    node whose operation differs has nothing to inherit.
    """
    nodes = {
        graph.numbering[node.id]: parent.numbering[node.id] for node in graph.nodes if parent.by_id.get(node.id) == node
    }
    return {"inherit": {"weights": weights, "nodes": to_jsonable(nodes)}}


def measurement_work(graph: Graph, macro: Macro, device: str | None) -> Work:
    """A measurement of latency on this device, or on any worker if it is None."""
    return {
        "kind": "measure",
        "graph": graph.canonical.to_dict(),
        "macro": to_jsonable(macro),
        "device": device,
    }
