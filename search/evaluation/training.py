"""Work items that evaluate a graph: a training, or a measurement of latency.

Graphs are in canonical form, so that isomorphic graphs are equal work.
"""

from search.base.serialization import Json, to_jsonable
from search.evaluation.recipes import Recipe
from search.network.graph import Graph
from search.network.macro import Macro

Work = Json


def training_work(
    graph: Graph, macro: Macro, recipe: Recipe, *, dataset: str, split: str, file: str | None, replicate: int
) -> Work:
    """A training from scratch on the whole training part. `file`: SHA-256 of the packed file of an uploaded dataset."""
    work: Work = {
        "kind": "train",
        "graph": graph.canonical.to_dict(),
        "macro": to_jsonable(macro),
        "recipe": to_jsonable(recipe),
        "dataset": dataset,
        "split": split,
        "replicate": replicate,
    }
    return work if file is None else work | {"file": file}


def inheritance(graph: Graph, parent: Graph, weights: str) -> Work:
    """The part of a work item that makes a training start from its parent's weights.

    `weights`: SHA-256 of the file. `nodes` maps nodes to the same nodes of the parent, both in canonical numbering.
    """
    nodes = {graph.numbering[node]: parent.numbering[node] for node in graph.by_id if node in parent.by_id}
    return {"inherit": {"weights": weights, "nodes": to_jsonable(nodes)}}


def measurement_work(graph: Graph, macro: Macro, device: str | None) -> Work:
    """A measurement of latency on this device, or on any worker if it is None."""
    return {
        "kind": "measure",
        "graph": graph.canonical.to_dict(),
        "macro": to_jsonable(macro),
        "device": device,
    }
