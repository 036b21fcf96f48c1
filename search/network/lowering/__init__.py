"""Lowering: from a graph and its macro to a program. One file per design of network."""

from functools import lru_cache
from types import ModuleType

from search.network.graph import BadGraph, Graph
from search.network.lowering import chain, image, nasbench201, text
from search.network.macro import Macro, MacroKind
from search.network.program import Program

#: Kind of macro -> module with `lower(graph, macro, nodes)`, `OPS`, and `ATTRS`: operation -> attributes of its nodes.
LOWERINGS: dict[MacroKind, ModuleType] = {"image": image, "nasbench201": nasbench201, "chain": chain, "text": text}


def lower(graph: Graph, macro: Macro, *, canonical: bool = False) -> Program:
    """The program of the network that `macro` builds from the cell `graph`.

    Instructions come in the order of the graph's nodes, or of its canonical form; `search.network.memory_order` finds
    the order to run them in. Raises BadGraph if an operation is unknown, a node has no input, or the
    network has no use for the attributes of a node.
    """
    return _lowered(graph, macro, canonical)


@lru_cache(maxsize=256)  # a draw asks for its costs, then for its best order, and once more when it is admitted
def _lowered(graph: Graph, macro: Macro, canonical: bool) -> Program:
    nodes = [graph.by_id[i] for i in graph.numbering] if canonical else graph.nodes
    lowering = LOWERINGS[macro.kind]
    for node in nodes:
        if (node.attrs and node.op not in lowering.ATTRS) or node.cell:
            raise BadGraph(f"node {node.id} has attributes, or a cell of its own, which this kind of network lacks")
    program: Program = lowering.lower(graph, macro, nodes[1:])
    return program
