"""The one lowering: a graph and its macro become a program. One file a kind of network."""

from search.network.graph import Graph
from search.network.lowering import image, text
from search.network.macro import Macro, TextMacro
from search.network.program import Program


def lower(graph: Graph, macro: Macro, *, canonical: bool = False) -> Program:
    """The instructions of the network that `macro` builds from the cell `graph`, in the order of its nodes, or in that
    of its canonical form. `search.network.memory_order` has the order to run them in.

    Raises BadGraph where an operation is unknown, or a node reads nothing.
    """
    nodes = [graph.by_id[i] for i in graph.numbering] if canonical else graph.nodes
    if isinstance(macro, TextMacro):
        return text.lower(graph, macro, nodes[1:])
    return image.lower(graph, macro, nodes[1:])
