"""The one lowering: a graph and its macro become a program. One file a kind of network."""

from search.graph import Graph
from search.lowering import image, text
from search.macro import Macro, TextMacro
from search.program import Program


def lower(graph: Graph, macro: Macro) -> Program:
    """The instructions of the network that `macro` builds from the cell `graph`, in execution order.

    Raises BadGraph where an operation is unknown, or a node reads nothing.
    """
    return text.lower(graph, macro) if isinstance(macro, TextMacro) else image.lower(graph, macro)
