"""Moves in spaces of cells: DAGs with one input, whose graphs are parts of a complete DAG.

A graph is drawn by removing edges from the complete one, and changed by one edge or one operation, as in regularized
evolution (Real et al., AAAI 2019, section 3).
"""

import random
import re
from collections.abc import Iterable, Iterator

from search.network.edits import Edits, diff, why_not_removable
from search.network.graph import INPUT, BadGraph, Edge, Graph, Node, live
from search.network.locks import Locks
from search.spaces.base import Unchangeable


def sample_cell(start: Graph, locks: Locks, rng: random.Random) -> Graph:
    """Removes edges in random order until a number of edges is left that is drawn uniformly, or no edge can go."""
    graph, count = start, rng.randint(1, len(start.edges))
    edges = list(start.edges)
    rng.shuffle(edges)
    for edge in edges:
        if len(graph.edges) <= count:
            break
        if why_not_removable(graph, edge, locks) is None:
            graph = graph.without(edge)
    return graph


def mutate_cell(graph: Graph, start: Graph, ops: Iterable[str], locks: Locks, rng: random.Random) -> Edits:
    """Adds an edge, removes one, or changes one operation, each kind with equal probability while it is possible.

    An edge to a node that is not in the graph brings the node. Raises Unchangeable.
    """
    kinds = [list(_added(graph, start)), list(_removed(graph, locks)), list(_changed(graph, ops, locks))]
    possible = [changes for changes in kinds if changes]
    if not possible:
        raise Unchangeable("no part of this graph can be changed")
    return diff(graph, rng.choice(rng.choice(possible)))


def why_not_in_space(graph: Graph, start: Graph, ops: Iterable[str]) -> str | None:
    for node in graph.nodes:
        if node.id not in start.by_id or node.rank != start.by_id[node.id].rank:
            return f"node {node.id} is not a node of this space"
        if node.op != INPUT and node.op not in ops:
            return f"node {node.id} has the operation {node.op}, which this space does not have"
    for edge in graph.edges:
        if not start.has(edge):
            return f"edge {edge.id} is not an edge of this space"
    if not graph.edges:
        return "a cell needs at least one edge"
    if live(graph.nodes, graph.edges) != graph:
        return "the input does not reach every node"
    return None


NODE = re.compile(r"(\d+):(\w+)\(([\d,]+)\)")


def encode(graph: Graph) -> str:
    """Each node with its operation and the nodes that it reads: "1:conv1(0) 2:sep3(0,1)"."""
    reads = graph.predecessors
    return " ".join(f"{node.id}:{node.op}({','.join(map(str, reads[node.id]))})" for node in graph.nodes[1:])


def decode(text: str) -> Graph:
    """The inverse of `encode`. Raises BadGraph."""
    nodes, edges = [Node(0, INPUT, 0.0)], list[Edge]()
    for word in text.split():
        if (match := NODE.fullmatch(word)) is None:
            raise BadGraph(f"expected a node such as 2:sep3(0,1), with what it reads in brackets, not {word!r}")
        id, reads = int(match[1]), match[3].strip(",").split(",")
        nodes.append(Node(id, match[2], float(id)))
        edges += [Edge(int(source), id) for source in reads]
    if not edges:
        raise BadGraph("a cell needs at least one node besides its input, such as 1:sep3(0)")
    return Graph(tuple(nodes), tuple(sorted(edges)))


def _added(graph: Graph, start: Graph) -> Iterator[Graph]:
    for edge in start.edges:
        if edge.source in graph.by_id and not graph.has(edge):
            yield with_parts(graph, start, (edge,))


def _removed(graph: Graph, locks: Locks) -> Iterator[Graph]:
    for edge in graph.edges:
        if why_not_removable(graph, edge, locks) is None:
            yield graph.without(edge)


def _changed(graph: Graph, ops: Iterable[str], locks: Locks) -> Iterator[Graph]:
    for node in graph.nodes[1:]:
        for op in ops if node.id not in locks.nodes else ():
            if op != node.op:
                yield with_op(graph, node.id, op)


def with_op(graph: Graph, node: int, op: str) -> Graph:
    return Graph(tuple(each._replace(op=op) if each.id == node else each for each in graph.nodes), graph.edges)


def with_parts(graph: Graph, start: Graph, edges: Iterable[Edge]) -> Graph:
    """The graph with these edges of `start` and the nodes that they reach, which have the operations of `start`."""
    by_id = {**start.by_id, **graph.by_id}
    wanted = {*graph.edges, *edges}
    return live([by_id[node.id] for node in start.nodes], (edge for edge in start.edges if edge in wanted))
