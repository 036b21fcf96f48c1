"""Work items that evaluate a graph: a training, or a measurement of latency.

Graphs are in canonical form, so that equal graphs are equal work.
"""

from search.base import serialization
from search.evaluation.recipes import Recipe
from search.network.graph import Graph
from search.network.macro import Macro

Work = serialization.Json


def training_work(
    graph: Graph, macro: Macro, recipe: Recipe, *, dataset: str, split: str, file: str | None, replicate: int
) -> Work:
    """A training from scratch on all of the training part. `file`: SHA-256 of an uploaded dataset's packed file."""
    work: Work = {
        "kind": "train",
        "graph": graph.canonical.to_dict(),
        "macro": serialization.to_jsonable(macro),
        "recipe": serialization.to_jsonable(recipe),
        "dataset": dataset,
        "split": split,
        "replicate": replicate,
    }
    return work if file is None else work | {"file": file}


def inheritance(graph: Graph, parent: Graph, weights: str) -> Work:
    """What makes a training go on from the parent's weights (SHA-256 of a file): which node is which of the parent's,
    both in their canonical numbering."""
    nodes = {graph.numbering[node]: parent.numbering[node] for node in graph.by_id if node in parent.by_id}
    return {"inherit": {"weights": weights, "nodes": serialization.to_jsonable(nodes)}}


def measurement_work(graph: Graph, macro: Macro, device: str | None) -> Work:
    """A measurement of latency on this device, or on any worker."""
    return {
        "kind": "measure",
        "graph": graph.canonical.to_dict(),
        "macro": serialization.to_jsonable(macro),
        "device": device,
    }
