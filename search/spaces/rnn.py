"""AutoShrink's space of recurrent cells (AAAI 2020; spec section 4).

A cell is a DAG whose nodes carry one of four activations, drawn before the search begins. Only edges are searched: each
is a gated update with weights of its own.
"""

import random

from search.data.datasets import Kind
from search.network.graph import Graph, complete
from search.network.macro import TextMacro

TITLE = "Recurrent cell"
KIND: Kind = "text"
OPS = ("relu", "sigmoid", "tanh", "identity")
MIN_NODES, MAX_NODES = 2, 12
MAX_HIDDEN = 2048


def dense(nodes: int, seed: int) -> Graph:
    """The complete cell of so many nodes, the input counted. The seed draws each activation, one like the other."""
    drawn = random.Random(f"{seed}/activations")  # published: unseeded, so that no two runs searched the same space
    return complete(drawn.choice(OPS) for _ in range(nodes - 1))


def search_macro(vocabulary: int, hidden: int) -> TextMacro:
    """The proxy network that candidates are trained in."""
    return TextMacro(vocabulary=vocabulary, hidden=hidden)
