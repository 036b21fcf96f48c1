"""Families of graphs in which many nodes look alike, for tests and benchmarks of the canonical form."""

import random
from collections.abc import Callable, Iterable

from search.network.graph import INPUT, Edge, Graph, Node, complete


def of_edges(edges: Iterable[tuple[int, int]]) -> Graph:
    """Nodes 0 (the input) to the largest number in the edges, all of one operation."""
    pairs = sorted(set(edges))
    count = 1 + max(target for _, target in pairs)
    nodes = (Node(0, INPUT, 0.0), *(Node(i, "conv1", float(i)) for i in range(1, count)))
    return Graph(nodes, tuple(Edge(*pair) for pair in pairs))


def relabelled(graph: Graph, seed: int) -> Graph:
    """The same network with other ids, in another topological order."""
    rng = random.Random(seed)
    waiting, order = set(graph.by_id) - {graph.input.id}, [graph.input.id]
    while waiting:
        ready = sorted(n for n in waiting if not set(graph.predecessors[n]) & waiting)
        order.append(rng.choice(ready))
        waiting.remove(order[-1])
    ids = rng.sample(range(1, 10 * len(order)), len(order) - 1)
    new_id = dict(zip(order, [0, *ids], strict=True))
    index = {node: i for i, node in enumerate(order)}
    nodes = tuple(Node(new_id[n], graph.by_id[n].op, float(i)) for n, i in index.items())
    edges = sorted(graph.edges, key=lambda e: (index[e.source], index[e.target]))
    return Graph(nodes, tuple(Edge(new_id[e.source], new_id[e.target]) for e in edges))


def branches(count: int, length: int = 2) -> Graph:
    """Equal chains of `length` nodes, side by side."""
    first = [(0, 1 + i) for i in range(count)]
    return of_edges(first + [(1 + i, 1 + i + count) for i in range(count * (length - 1))])


def copies(count: int, cell: list[tuple[int, int]]) -> Graph:
    """A cell several times, with one common input."""
    size = max(target for _, target in cell)
    return of_edges((a and a + c * size, b + c * size) for c in range(count) for a, b in cell)


def incidence(edges: Iterable[tuple[int, int]]) -> Graph:
    """The vertices of an undirected graph as the first layer, its edges as the second: each reads its two ends."""
    pairs = sorted({(min(pair), max(pair)) for pair in edges})
    vertices = 1 + max(end for pair in pairs for end in pair)
    rest = [(1 + end, 1 + vertices + i) for i, pair in enumerate(pairs) for end in pair]
    return of_edges([(0, 1 + vertex) for vertex in range(vertices)] + rest)


def cycles(*lengths: int) -> Graph:
    """Disjoint cycles: refinement alone cannot tell their nodes apart."""
    starts = [sum(lengths[:i]) for i in range(len(lengths))]
    return incidence(
        (start + i, start + (i + 1) % n) for start, n in zip(starts, lengths, strict=True) for i in range(n)
    )


def ladder(rungs: int, twisted: bool) -> Graph:
    """A closed ladder; twisted once, it is Moebius's."""
    rails = [(2 * i + side, (2 * i + 2 + side) % (2 * rungs)) for i in range(rungs - 1) for side in (0, 1)]
    ends = [(2 * rungs - 2 + side, side ^ twisted) for side in (0, 1)]
    return incidence([(2 * i, 2 * i + 1) for i in range(rungs)] + rails + ends)


def regular(nodes: int, degree: int, seed: int) -> Graph:
    """A random regular bipartite graph between two layers of this many nodes each."""
    rng = random.Random(seed)
    edges: set[tuple[int, int]] = set()
    for _ in range(degree):
        order = list(range(nodes))
        while any((1 + i, 1 + nodes + j) in edges for i, j in enumerate(order)) or order == sorted(order):
            rng.shuffle(order)
        edges |= {(1 + i, 1 + nodes + j) for i, j in enumerate(order)}
    return of_edges([(0, 1 + i) for i in range(nodes)] + sorted(edges))


def layered(depth: int, width: int) -> Graph:
    """Layers in which every node feeds all of the next layer."""
    first = [(0, 1 + i) for i in range(width)]
    return of_edges(
        first
        + [
            (1 + layer * width + i, 1 + (layer + 1) * width + j)
            for layer in range(depth - 1)
            for i in range(width)
            for j in range(width)
        ]
    )


SUB_CELL = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (2, 5), (3, 5), (1, 6), (3, 6)]

#: Family -> its graph of a size: about ten nodes at size 0, a hundred at size 6.
FAMILIES: dict[str, Callable[[int], Graph]] = {
    "branches": lambda size: branches(4 + 7 * size),
    "complete": lambda size: complete(["conv1"] * (9 + 15 * size)),
    "complete layers": lambda size: layered(3 + size, 3 + size),
    "equal cycles": lambda size: cycles(*[3] * (2 + 2 * size)),
    "two lengths of cycles": lambda size: cycles(*[4] * (1 + size), *[3] * (1 + size)),
    "cycles of many lengths": lambda size: cycles(*range(3 + size, 2, -1)),
    "Moebius ladder": lambda size: ladder(3 + 3 * size, twisted=True),
    "regular layers": lambda size: regular(6 + 7 * size, 3, seed=size),
    "equal cells": lambda size: copies(1 + 2 * size, SUB_CELL),
    "hypercube": lambda size: incidence(
        (a, a ^ 1 << b) for d in [min(2 + size // 2, 5)] for a in range(2**d) for b in range(d)
    ),
}
