"""Trained networks from their files, for whoever takes them elsewhere."""

from pathlib import Path
from typing import NamedTuple

from safetensors import safe_open
from safetensors.torch import load_file

from search import wire
from search.cost import cost_of
from search.graph import Graph
from search.lowering import lower
from search.macro import ImageMacro
from search.runtime.build import Network

VERSION = 1


class BadArchitecture(ValueError):
    """A file that does not describe a network which this program can build."""


class Trained(NamedTuple):
    """A network in eval mode, and its architecture.json."""

    network: Network
    architecture: wire.Json


def load(architecture: Path, weights: Path) -> Network:
    """The network of an architecture.json with the weights of a .safetensors file, in eval mode.

    It takes float32 images (B, C, H, W) scaled to [0, 1] and gives logits (B, classes).
    """
    return _with_weights(wire.loads(architecture.read_bytes()), weights)


def load_weights(weights: Path) -> Trained:
    """The same from the weights alone: the file carries its architecture."""
    with safe_open(weights, "pt") as file:
        metadata = file.metadata() or {}
    if "architecture" not in metadata:
        raise BadArchitecture(f"{weights.name} carries no architecture")
    architecture = wire.loads(metadata["architecture"])
    return Trained(_with_weights(architecture, weights), architecture)


def describe(graph: Graph, macro: ImageMacro, dataset: str, norm_epsilon: float) -> wire.Json:
    """What architecture.json says: all that is needed to build the network and to feed it."""
    return {
        "v": VERSION,
        "graph": graph.to_dict(),
        "macro": wire.plain(macro),
        "norm_epsilon": norm_epsilon,
        "cost": wire.plain(cost_of(graph, macro)),
        "dataset": dataset,
        "input": {
            "name": "images",
            "shape": ["batch", *macro.input],
            "range": [0.0, 1.0],
            "about": "float32; black is 0 and white is 1; normalisation is the network's own first step",
        },
        "output": {"name": "logits", "shape": ["batch", macro.classes]},
    }


def _with_weights(architecture: wire.Json, weights: Path) -> Network:
    version = architecture.get("v") if isinstance(architecture, dict) else None
    if version != VERSION:
        raise BadArchitecture(f"an architecture of version {version}; this program reads {VERSION}")
    try:
        graph = Graph.from_dict(architecture["graph"])
        macro = wire.decode(ImageMacro, architecture["macro"])
        network = Network(lower(graph, macro), norm_epsilon=architecture["norm_epsilon"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadArchitecture(f"not an architecture: {error!r}") from None
    network.load_state_dict(load_file(weights))
    return network.eval()
