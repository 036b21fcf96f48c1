"""AutoShrink's space of recurrent cells (AAAI 2020; spec section 4).

A cell is a DAG whose nodes have one of four activations, drawn before the search. Only edges are searched: each edge is
a gated update with its own weights.
"""

import random
from dataclasses import dataclass

from search.base.config import option
from search.data.datasets import Kind, TextData
from search.network.edits import Edits
from search.network.graph import Graph, complete
from search.network.locks import Locks
from search.network.macro import TextMacro
from search.spaces.base import Move
from search.spaces.cells import decode as decode
from search.spaces.cells import encode as encode
from search.spaces.cells import mutate_cell, sample_cell, why_not_in_space
from search.spaces.smallest import smallest as smallest

NAME = "rnn"
TITLE = "Recurrent cell"
ABOUT = "A recurrent cell whose edges are gated updates, between an embedding and a decoder that share their weights."
KIND: Kind = "text"
OPS: tuple[str, ...] = ("relu", "sigmoid", "tanh", "identity")
MOVES: frozenset[Move] = frozenset({"remove", "smallest", "sample", "mutate"})
MAX_HIDDEN = 2048  # of a network that is made to be trained; only costs are computed up to BOUNDS.width


@dataclass(frozen=True, kw_only=True)
class Config:
    nodes: int = option(
        6,
        "Nodes",
        "Nodes of the cell, including its input. More nodes give a richer cell and a longer search.",
        min=2,
        max=12,
    )  # published: 6 (spec section 2)
    hidden: int = option(
        32, "Hidden size", "Size of the hidden state and of each word's embedding.", min=1, max=MAX_HIDDEN
    )


def macro(config: Config, data: TextData) -> TextMacro:
    return search_macro(data.vocabulary, config.hidden)


def search_macro(vocabulary: int, hidden: int) -> TextMacro:
    """The proxy network for training candidates."""
    return TextMacro(vocabulary=vocabulary, hidden=hidden)


def start(config: Config, seed: int) -> Graph:
    return dense(config.nodes, seed)


def dense(nodes: int, seed: int) -> Graph:
    """The complete cell of `nodes` nodes including the input. Activations are drawn uniformly from this seed."""
    rng = random.Random(f"{seed}/activations")  # the released code has no seed: every run has another space
    return complete(rng.choice(OPS) for _ in range(nodes - 1))


def check(graph: Graph, start: Graph, config: Config) -> str | None:
    return why_not_in_space(graph, start, OPS)


def sample(start: Graph, locks: Locks, rng: random.Random) -> Graph:
    return sample_cell(start, locks, rng)


def mutate(graph: Graph, start: Graph, locks: Locks, rng: random.Random) -> Edits:
    return mutate_cell(graph, start, OPS, locks, rng)
