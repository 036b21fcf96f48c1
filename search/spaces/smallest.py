"""The smallest graph that removals can reach: it holds every locked part and has at least `keep` edges.

Without locks it is a single operation on the input, which is exact. With locks, or with more edges to keep, a few cheap
rules build it. The graph that they find can always be reached, so conclusions from it hold. If a smaller one exists,
a command or a budget may be refused that could have been accepted.
"""

from collections.abc import Iterator

from search.network.graph import Edge, Graph, live, parse_edge
from search.network.locks import Locks
from search.spaces.base import Size


def smallest(graph: Graph, locks: Locks, keep: int, size: Size) -> Graph:
    """`keep`: removals stop at this many edges."""
    if len(graph.edges) <= keep:
        return graph
    core = _locked_core(graph, locks, size) if locks else min(_single_operations(graph), key=size)
    return _grow(graph, core, keep, size)


def _single_operations(graph: Graph) -> Iterator[Graph]:
    for target in graph.successors[graph.input.id]:
        yield Graph((graph.input, graph.by_id[target]), (Edge(graph.input.id, target),))


def _locked_core(graph: Graph, locks: Locks, size: Size) -> Graph:
    """The locked parts with the cheapest paths from the input to them, then improved by local search."""
    chosen = {parse_edge(edge) for edge in locks.edges}
    required = set(locks.nodes).union(*chosen) - {graph.input.id}
    reached = {graph.input.id}
    for node in graph.nodes[1:]:  # topological order: every possible source of the node has been handled
        if node.id not in required:
            continue
        if not any(edge.target == node.id for edge in chosen):
            path = min(_paths(graph, reached, node.id), key=lambda path: size(_subgraph(graph, {*chosen, *path})))
            chosen.update(path)
            reached.update(edge.target for edge in path)
        reached.add(node.id)
    core = _subgraph(graph, chosen)
    while True:
        better = min(_variations(graph, core, locks), key=size, default=core)
        if size(better) >= size(core):
            return core
        core = better


def _variations(graph: Graph, core: Graph, locks: Locks) -> Iterator[Graph]:
    """The core with an edge from a leaf to another of its nodes, or with an unlocked edge replaced by this one."""
    for edge in graph.edges:
        if edge.source not in core.by_id or edge.target not in core.by_id or core.has(edge):
            continue
        if edge.source in core.leaves:
            yield _subgraph(graph, {*core.edges, edge})
        for other in core.edges:
            if other.target == edge.target and not locks.has(other):
                variation = _subgraph(graph, {*core.edges, edge} - {other})
                if locks.lost(variation) is None:
                    yield variation


def _paths(graph: Graph, reached: set[int], node: int) -> list[list[Edge]]:
    """Every edge from a reached node to this one; if there is none, one shortest path through other nodes."""
    if direct := [[Edge(source, node)] for source in graph.predecessors[node] if source in reached]:
        return direct
    paths: dict[int, list[Edge]] = {source: [] for source in reached}
    for other in graph.nodes:  # topological order: the shortest paths to all sources are known
        sources = [source for source in graph.predecessors[other.id] if source in paths]
        if other.id not in paths and sources:
            nearest = min(sources, key=lambda source: (len(paths[source]), source))
            paths[other.id] = [*paths[nearest], Edge(nearest, other.id)]
    return [paths[node]]


def _grow(graph: Graph, core: Graph, keep: int, size: Size) -> Graph:
    """Adds the cheapest edges until there are `keep` of them."""
    while (missing := keep - len(core.edges)) > 0:
        # one edge of each kind is tried: all of a kind add equal parameters and MACs
        kinds: dict[tuple[object, ...], list[Edge]] = {}
        for edge in graph.edges:
            if edge.source in core.by_id and not core.has(edge):
                from_leaf, op = edge.source in core.leaves, graph.by_id[edge.target].op
                kind = from_leaf, edge.source == graph.input.id, op, edge.target in core.by_id
                kinds.setdefault(kind, []).append(edge)
        best = min(kinds.values(), key=lambda edges: size(_subgraph(graph, {*core.edges, edges[0]})))
        # several at once while many are missing, except where the edge changes the leaves or nodes, and so the kinds
        count = 1 if best[0].source in core.leaves or best[0].target not in core.by_id else max(1, missing // 4)
        core = _subgraph(graph, {*core.edges, *best[:count]})
    return core


def _subgraph(graph: Graph, edges: set[Edge]) -> Graph:
    return live(graph.nodes, (edge for edge in graph.edges if edge in edges))
