"""AutoShrink's space of recurrent cells (AAAI 2020; spec section 4).

A cell is a DAG whose nodes have one of four activations, drawn before the search. Only edges are searched: each edge is
a gated update with its own weights.
"""

import random

from search.data.datasets import Kind
from search.network.graph import Graph, complete
from search.network.macro import TextMacro

TITLE = "Recurrent cell"
KIND: Kind = "text"
OPS = ("relu", "sigmoid", "tanh", "identity")
MIN_NODES, MAX_NODES = 2, 12
MAX_HIDDEN = 2048  # of a network that is made to be trained; only costs are computed up to BOUNDS.width


def dense(nodes: int, seed: int) -> Graph:
    """The complete cell of `nodes` nodes including the input. Activations are drawn uniformly from this seed."""
    rng = random.Random(f"{seed}/activations")  # the released code has no seed: every run has another space
    return complete(rng.choice(OPS) for _ in range(nodes - 1))


def search_macro(vocabulary: int, hidden: int) -> TextMacro:
    """The proxy network for training candidates."""
    return TextMacro(vocabulary=vocabulary, hidden=hidden)
