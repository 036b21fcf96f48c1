"""What the first weights of a tensor depend on, so that candidates differ by their graphs and not by chance.

A tensor is drawn by its name with a node's number replaced by the node's operation and its place among the nodes of
this operation, in canonical order. Isomorphic graphs therefore start with equal weights, and a cut moves few places:
docs/guides/autoshrink.md says how many nodes keep theirs.
"""

import re
from collections.abc import Mapping

from search.network.graph import Graph

NODES = re.compile(r"\b(node|edge)(\d+)(?:_(\d+))?\b")  # as in "stage1.cell0.node3.conv" and "cell.edge3_5"


def places(graph: Graph) -> Mapping[int, str]:
    """Node id -> its operation and its place among the nodes of this operation, such as "conv1/2"."""
    counts: dict[str, int] = {}
    result: dict[int, str] = {}
    for node in graph.numbering:  # in canonical order
        op = graph.by_id[node].op
        counts[op] = counts.get(op, 0) + 1
        result[node] = f"{op}/{counts[op]}"
    return result


class SeedNames:
    """The names by which the tensors of a graph's network are drawn."""

    def __init__(self, graph: Graph) -> None:
        self._places = places(graph)

    def of(self, tensor: str) -> str:
        """The name for this tensor of the network, such as "stage1.cell0.node:conv1/2.conv.weight"."""
        return NODES.sub(self._replace, tensor)

    def _replace(self, match: re.Match[str]) -> str:
        kind, *nodes = match.groups()
        return ":".join([kind, *[self._places[int(node)] for node in nodes if node is not None]])
