"""Loads trained networks from their files, and describes them in architecture.json."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from safetensors import safe_open
from safetensors.torch import load_file

from search.base import serialization
from search.network import macro as macros
from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import AnyImageMacro, TextMacro
from search.runtime.networks.image import Network
from search.runtime.networks.text import Recurrent

VERSION = 2


class BadArchitecture(ValueError):
    """The file does not describe a network that this program can build."""


class Trained(NamedTuple):
    """A network in eval mode, and its architecture.json."""

    network: Network | Recurrent
    architecture: serialization.Json


def load(architecture: str | os.PathLike[str], weights: str | os.PathLike[str]) -> Network | Recurrent:
    """The network of an architecture.json with the weights of a .safetensors file, in eval mode.

    An image network takes float32 images (B, C, H, W) in [0, 1] and returns logits (B, classes). A language model takes
    token numbers (T, B) and the state before them (B, n), and returns logits (T, B, V) and the state after them.
    Raises BadArchitecture.
    """
    try:
        content = serialization.loads(Path(architecture).read_bytes())
    except ValueError as error:
        raise BadArchitecture(f"not an architecture: {error}") from None
    return _with_weights(content, weights)


def load_weights(weights: Path) -> Trained:
    """The network from a weights file alone, whose metadata contain the architecture. Raises BadArchitecture."""
    with safe_open(weights, "pt") as file:
        metadata = file.metadata() or {}
    if "architecture" not in metadata:
        raise BadArchitecture(f"{weights.name} carries no architecture")
    architecture = serialization.loads(metadata["architecture"])
    return Trained(_with_weights(architecture, weights), architecture)


def describe(graph: Graph, macro: AnyImageMacro, dataset: str, norm_epsilon: float) -> serialization.Json:
    """The content of architecture.json of an image network: what is needed to build the network and to run it."""
    return {
        "v": VERSION,
        "graph": graph.to_dict(),
        "macro": serialization.to_jsonable(macro),
        "norm_epsilon": norm_epsilon,
        "cost": serialization.to_jsonable(cost_of(graph, macro)),
        "dataset": dataset,
        "input": {
            "name": "images",
            "shape": ["batch", *macro.input],
            "range": [0.0, 1.0],
            "about": "float32; black is 0 and white is 1; normalisation is the network's own first step",
        },
        "output": {"name": "logits", "shape": ["batch", macro.classes]},
    }


def describe_language(graph: Graph, macro: TextMacro, dataset: str, words: Sequence[str]) -> serialization.Json:
    """The content of architecture.json of a language model, which includes its vocabulary."""
    return {
        "v": VERSION,
        "graph": graph.to_dict(),
        "macro": serialization.to_jsonable(macro),
        "cost": serialization.to_jsonable(cost_of(graph, macro)),
        "dataset": dataset,
        "input": {
            "name": "tokens",
            "shape": ["batch"],
            "about": "int64; the number of each word, its place in `words`; a line ends with <eos>, and a word that is "
            "not there is <unk>",
        },
        "output": {"name": "logits", "shape": ["batch", macro.vocabulary], "about": "of the word that comes next"},
        "state": {
            "input": "state",
            "output": "next_state",
            "shape": ["batch", macro.hidden],
            "about": "float32; zeros before the first word, then what the last word left",
        },
        "words": list(words),
    }


def _with_weights(architecture: serialization.Json, weights: str | os.PathLike[str]) -> Network | Recurrent:
    version = architecture.get("v") if isinstance(architecture, dict) else None
    if version != VERSION:
        raise BadArchitecture(f"an architecture of version {version}; this program reads {VERSION}")
    try:
        graph, macro = Graph.from_dict(architecture["graph"]), macros.read(architecture["macro"])
        network: Network | Recurrent
        if macro.kind == "text":
            network = Recurrent(lower(graph, macro))
        else:
            network = Network(lower(graph, macro), norm_epsilon=architecture["norm_epsilon"])
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise BadArchitecture(f"not an architecture: {error!r}") from None
    try:
        network.load_state_dict(load_file(weights))
    except RuntimeError as error:
        raise BadArchitecture(f"the weights are of another network: {error}") from None
    return network.eval()
