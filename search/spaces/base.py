"""The interface of a search space: which graphs a search may consider, and the network around them.

A strategy sees a space through this protocol alone. `MOVES` names what the space can do beyond it; a strategy lists the
moves that it needs, and the two can be combined where the space has them all.
"""

import random
from collections.abc import Callable
from typing import Any, Literal, Protocol

from search.data.datasets import Kind
from search.network.edits import Edits
from search.network.graph import Graph
from search.network.locks import Locks
from search.network.macro import Macro

#: `grow`: `start` is not the largest graph, and mutations lead beyond it.
Move = Literal["remove", "smallest", "sample", "mutate", "grow"]
#: What `smallest` minimises.
Size = Callable[[Graph], tuple[float, ...]]


class Unchangeable(ValueError):
    """No part of a graph can be changed: each is locked, or the space has no other."""


class Space(Protocol):
    """A module of `search.spaces`. Equal arguments give equal answers; every random draw comes from the given `rng`."""

    NAME: str
    TITLE: str
    ABOUT: str
    KIND: Kind  # of the data that its networks are trained on
    OPS: tuple[str, ...]  # operations of nodes
    MOVES: frozenset[Move]
    Config: type[Any]  # dataclass of its settings

    def macro(self, config: Any, data: Any) -> Macro:
        """The network around the cell, in which candidates are trained. `data` is of kind KIND."""
        ...

    def start(self, config: Any, seed: int) -> Graph:
        """The largest graph; in a space that can grow, the first one. Every graph of the space has the nodes and edges
        of this one by their ids, as far as it has them."""
        ...

    def check(self, graph: Graph, start: Graph, config: Any) -> str | None:
        """Why this graph is not one of the space that `start` and the settings span, as a sentence; None if it is."""
        ...

    def encode(self, graph: Graph) -> str:
        """The architecture string of a graph of this space."""
        ...

    def decode(self, text: str) -> Graph:
        """The graph of an architecture string, so that `decode(encode(graph)) == graph`. Raises BadGraph."""
        ...

    # -- smallest -------------------------------------------------------------------------------------------------

    def smallest(self, graph: Graph, locks: Locks, keep: int, size: Size) -> Graph:
        """The smallest graph with parts of `graph` alone: it holds every locked part and, where the space can remove
        edges, at least `keep` of them."""
        ...

    # -- sample ---------------------------------------------------------------------------------------------------

    def sample(self, start: Graph, locks: Locks, rng: random.Random) -> Graph:
        """A random graph with parts of `start` alone, which holds every locked part. `check` may still refuse it, where
        the settings limit it further."""
        ...

    # -- mutate ---------------------------------------------------------------------------------------------------

    def mutate(self, graph: Graph, start: Graph, locks: Locks, rng: random.Random) -> Edits:
        """One random change of a graph that keeps every locked part and uses parts of `start` alone; never none.
        `check` may still refuse what it leads to.

        Raises Unchangeable where no change is possible.
        """
        ...
