"""The canonical order of a graph's nodes, which is equal for isomorphic graphs.

Colour refinement with individualization: colours are refined until no class splits, then one node of a tied class gets
a colour of its own. Where the choice of that node matters, the order with the smallest edge list wins.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Neighbours = Mapping[int, tuple[int, ...]]  # node id -> ids of nodes


def canonical_order(ops: Mapping[int, str], predecessors: Neighbours, successors: Neighbours) -> list[int]:
    """Node ids in a topological order that depends only on structure.

    `ops`: node id -> operation, in any topological order, the input first. The worst case is exponential.
    """
    depth: dict[int, int] = {}
    for node in ops:
        depth[node] = 1 + max((depth[p] for p in predecessors[node]), default=-1)
    # depth comes first, so that the order is topological whatever the colours are
    colours = _rank({node: (depth[node], op) for node, op in ops.items()})

    def edge_list(order: list[int]) -> list[tuple[int, int]]:
        number = {node: i for i, node in enumerate(order)}
        return sorted((number[source], number[target]) for source in order for target in successors[source])

    return min(_orders(predecessors, successors, colours), key=edge_list)


def _orders(predecessors: Neighbours, successors: Neighbours, colours: dict[int, int]) -> Iterator[list[int]]:
    """The candidate orders: one for each choice among tied nodes that are not interchangeable."""
    colours = _refine(predecessors, successors, colours)
    classes: dict[int, list[int]] = {}
    for node, colour in colours.items():
        classes.setdefault(colour, []).append(node)
    tied = next((nodes for _, nodes in sorted(classes.items()) if len(nodes) > 1), None)
    if tied is None:
        yield sorted(colours, key=colours.__getitem__)
        return
    twins = all(
        predecessors[node] == predecessors[tied[0]] and successors[node] == successors[tied[0]] for node in tied
    )
    for node in tied[:1] if twins else tied:
        # this node comes first in its class
        individualized = _rank({n: (colour, n != node) for n, colour in colours.items()})
        yield from _orders(predecessors, successors, individualized)


def _refine(predecessors: Neighbours, successors: Neighbours, colours: dict[int, int]) -> dict[int, int]:
    """Splits classes by the colours of the neighbours until nothing changes."""
    while True:
        signatures = {
            node: (
                colour,
                tuple(sorted(colours[p] for p in predecessors[node])),
                tuple(sorted(colours[s] for s in successors[node])),
            )
            for node, colour in colours.items()
        }
        finer = _rank(signatures)
        if len(set(finer.values())) == len(set(colours.values())):
            return finer
        colours = finer


def _rank(keys: Mapping[int, Any]) -> dict[int, int]:
    """Replaces each node's key by its rank among the distinct keys."""
    rank = {key: i for i, key in enumerate(sorted(set(keys.values())))}
    return {node: rank[key] for node, key in keys.items()}
