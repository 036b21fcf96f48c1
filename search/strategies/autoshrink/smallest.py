"""The smallest graph that removals can still leave: all that is locked in it, and no fewer edges than asked.

Without locks it is one operation on the input, which is exact. With locks, or more edges to keep, a few cheap rules
build one: what they find can be reached, so a promise made on it holds; a smaller one that they miss can only make a
refusal too strict.
"""

from collections.abc import Callable, Iterator

from search.network.graph import Edge, Graph, live, parse_edge
from search.network.locks import Locks

Key = Callable[[Graph], tuple[float, ...]]  # what is to be small


def smallest(graph: Graph, locks: Locks, keep: int, key: Key) -> Graph:
    """`keep`: removals end at so many edges."""
    if len(graph.edges) <= keep:
        return graph
    core = _locked_core(graph, locks, key) if locks else min(_single_operations(graph), key=key)
    return _grown(graph, core, keep, key)


def _single_operations(graph: Graph) -> Iterator[Graph]:
    for target in graph.successors[graph.input.id]:
        yield Graph((graph.input, graph.by_id[target]), (Edge(graph.input.id, target),))


def _locked_core(graph: Graph, locks: Locks, key: Key) -> Graph:
    """What is locked, fed from the input by whichever node makes it smallest, and varied while that helps."""
    chosen = {parse_edge(edge) for edge in locks.edges}
    wanted = set(locks.nodes).union(*chosen) - {graph.input.id}
    reached = {graph.input.id}
    for node in graph.nodes[1:]:  # topological order: who can feed it is fed already
        if node.id not in wanted:
            continue
        if not any(edge.target == node.id for edge in chosen):
            path = min(_paths(graph, reached, node.id), key=lambda path: key(_part(graph, {*chosen, *path})))
            chosen.update(path)
            reached.update(edge.target for edge in path)
        reached.add(node.id)
    core = _part(graph, chosen)
    while True:
        better = min(_varied(graph, core, locks), key=key, default=core)
        if key(better) >= key(core):
            return core
        core = better


def _varied(graph: Graph, core: Graph, locks: Locks) -> Iterator[Graph]:
    """The core with a leaf leading on to another node, or with another way to feed a node."""
    for edge in graph.edges:
        if edge.source not in core.by_id or edge.target not in core.by_id or core.has(edge):
            continue
        if edge.source in core.leaves:
            yield _part(graph, {*core.edges, edge})
        for other in core.edges:
            if other.target == edge.target and not locks.has(other):
                varied = _part(graph, {*core.edges, edge} - {other})
                if locks.lost(varied) is None:
                    yield varied


def _paths(graph: Graph, reached: set[int], node: int) -> list[list[Edge]]:
    """Each edge from what is reached to the node; where there is none, one of the shortest ways through others."""
    if direct := [[Edge(source, node)] for source in graph.predecessors[node] if source in reached]:
        return direct
    ways: dict[int, list[Edge]] = {source: [] for source in reached}
    for one in graph.nodes:  # topological order again, so a node's shortest way is known when it is its turn
        sources = [source for source in graph.predecessors[one.id] if source in ways]
        if one.id not in ways and sources:
            nearest = min(sources, key=lambda source: (len(ways[source]), source))
            ways[one.id] = [*ways[nearest], Edge(nearest, one.id)]
    return [ways[node]]


def _grown(graph: Graph, core: Graph, keep: int, key: Key) -> Graph:
    """Edges are put back until there are as many as the removals leave."""
    while (missing := keep - len(core.edges)) > 0:
        # one of each kind stands for all: they raise parameters and MACs alike
        kinds: dict[tuple[object, ...], list[Edge]] = {}
        for edge in graph.edges:
            if edge.source in core.by_id and not core.has(edge):
                leads, op = edge.source in core.leaves, graph.by_id[edge.target].op
                kind = leads, edge.source == graph.input.id, op, edge.target in core.by_id
                kinds.setdefault(kind, []).append(edge)
        best = min(kinds.values(), key=lambda edges: key(_part(graph, {*core.edges, edges[0]})))
        # far from the end several at once; but what leads on from a leaf, or to a new node, changes all that follows
        several = 1 if best[0].source in core.leaves or best[0].target not in core.by_id else max(1, missing // 4)
        core = _part(graph, {*core.edges, *best[:several]})
    return core


def _part(graph: Graph, edges: set[Edge]) -> Graph:
    return live(graph.nodes, (edge for edge in graph.edges if edge in edges))
