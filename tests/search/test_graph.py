"""Graphs: order, edits, collapse, canonical form."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.network.edits import apply, diff
from search.network.graph import BadGraph, Edge, Graph, Node, complete, live, parse_edge
from tests.examples import examples


@st.composite
def graphs(draw: st.DrawFn, most: int = 8) -> Graph:
    """Live graphs over up to `most` nodes."""
    ops = draw(st.lists(st.sampled_from(["sep3", "conv1"]), min_size=1, max_size=most - 1))
    dense = complete(ops)
    kept = draw(st.sets(st.sampled_from(dense.edges)))
    return live(dense.nodes, [edge for edge in dense.edges if edge in kept])


def relabelled(graph: Graph, seed: int) -> Graph:
    """The same network with other ids, in another topological order."""
    rng = random.Random(seed)
    waiting, order = set(graph.by_id) - {graph.input.id}, [graph.input.id]
    while waiting:
        ready = sorted(n for n in waiting if not set(graph.predecessors[n]) & waiting)
        order.append(rng.choice(ready))
        waiting.remove(order[-1])
    name = dict(zip(order, [0, *rng.sample(range(1, 100), len(order) - 1)], strict=True))
    place = {node: i for i, node in enumerate(order)}
    nodes = tuple(Node(name[n], graph.by_id[n].op, float(i)) for n, i in place.items())
    edges = sorted(graph.edges, key=lambda e: (place[e.source], place[e.target]))
    return Graph(nodes, tuple(Edge(name[e.source], name[e.target]) for e in edges))


def test_a_complete_cell_of_8_nodes_has_28_edges() -> None:
    assert len(complete(["conv1"] * 7).edges) == 28


def test_removing_the_first_edge_collapses_its_node() -> None:
    shrunk = complete(["conv1"] * 7).without(Edge(0, 1))
    assert (len(shrunk.edges), len(shrunk.nodes)) == (21, 7)


def test_leaves_are_the_nodes_that_feed_nothing() -> None:
    assert complete(["conv1"] * 7).without(Edge(6, 7)).leaves == (6, 7)


def test_the_input_alone_is_no_leaf() -> None:
    assert complete(["conv1"]).without(Edge(0, 1)).leaves == ()


@given(graphs())
def test_a_graph_survives_its_json(graph: Graph) -> None:
    assert Graph.from_dict(graph.to_dict()) == graph


@given(graphs(), graphs())
def test_applying_a_difference_gives_the_other_graph(a: Graph, b: Graph) -> None:
    b = Graph(tuple(n._replace(op=a.by_id[n.id].op) if n.id in a.by_id else n for n in b.nodes), b.edges)
    assert apply(a, diff(a, b)) == b


@given(graphs(), st.integers())
@settings(max_examples=examples(100))
def test_isomorphic_graphs_have_one_hash(graph: Graph, seed: int) -> None:
    assert relabelled(graph, seed).hash == graph.hash


@given(graphs())
def test_the_canonical_form_is_its_own_canonical_form(graph: Graph) -> None:
    assert graph.canonical.canonical == graph.canonical


def test_other_operations_give_another_hash() -> None:
    assert complete(["conv1", "sep3"]).hash != complete(["sep3", "conv1"]).hash


@pytest.mark.parametrize(
    ("nodes", "edges", "why"),
    [
        ([(0, "input", 0), (0, "conv1", 1)], [], "same id"),
        ([(0, "conv1", 0)], [], "begins with its one input"),
        ([(0, "input", 0), (1, "conv1", 0)], [], "order of their ranks"),
        ([(0, "input", 0), (1, "conv1", 1)], [(0, 2)], "not there"),
        ([(0, "input", 0), (1, "conv1", 1)], [(1, 0)], "backwards"),
        ([(0, "input", 0), (1, "conv1", 1)], [(0, 1), (0, 1)], "twice"),
    ],
)
def test_what_is_no_graph_is_refused_in_words(
    nodes: list[tuple[int, str, float]], edges: list[tuple[int, int]], why: str
) -> None:
    with pytest.raises(BadGraph, match=why):
        Graph(tuple(Node(*n) for n in nodes), tuple(Edge(*e) for e in edges))


@pytest.mark.parametrize("written", ["", "1", "1-", "a-b", "-1-2", "1-2-3", "01-2", "٢-5"])
def test_an_edge_that_is_no_edge_is_refused(written: str) -> None:
    with pytest.raises(BadGraph, match="names no edge"):
        parse_edge(written)
