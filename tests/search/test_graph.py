"""Graphs: validity, edits, live parts, canonical form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.network.edits import apply, diff
from search.network.graph import BadGraph, Edge, Graph, Node, complete, live, parse_edge
from tests.examples import examples
from tests.search.families import relabelled


@st.composite
def graphs(draw: st.DrawFn, max_nodes: int = 8) -> Graph:
    """Live graphs over up to `max_nodes` nodes."""
    ops = draw(st.lists(st.sampled_from(["sep3", "conv1"]), min_size=1, max_size=max_nodes - 1))
    dense = complete(ops)
    kept = draw(st.sets(st.sampled_from(dense.edges)))
    return live(dense.nodes, [edge for edge in dense.edges if edge in kept])


def test_a_complete_cell_of_8_nodes_has_28_edges() -> None:
    assert len(complete(["conv1"] * 7).edges) == 28


def test_removing_the_only_edge_to_a_node_removes_the_node() -> None:
    shrunk = complete(["conv1"] * 7).without(Edge(0, 1))
    assert (len(shrunk.edges), len(shrunk.nodes)) == (21, 7)


def test_leaves_are_the_nodes_without_successors() -> None:
    assert complete(["conv1"] * 7).without(Edge(6, 7)).leaves == (6, 7)


def test_the_input_is_no_leaf() -> None:
    assert complete(["conv1"]).without(Edge(0, 1)).leaves == ()


@given(graphs())
def test_a_graph_round_trips_through_json(graph: Graph) -> None:
    assert Graph.from_dict(graph.to_dict()) == graph


@given(graphs(), graphs())
def test_applying_a_diff_gives_the_other_graph(a: Graph, b: Graph) -> None:
    b = Graph(tuple(n._replace(op=a.by_id[n.id].op) if n.id in a.by_id else n for n in b.nodes), b.edges)
    assert apply(a, diff(a, b)) == b


@given(graphs(), st.integers())
@settings(max_examples=examples(100))
def test_isomorphic_graphs_have_one_hash(graph: Graph, seed: int) -> None:
    assert relabelled(graph, seed).hash == graph.hash


@given(graphs())
def test_the_canonical_form_of_a_canonical_form_is_itself(graph: Graph) -> None:
    assert graph.canonical.canonical == graph.canonical


def test_another_order_of_operations_gives_another_hash() -> None:
    assert complete(["conv1", "sep3"]).hash != complete(["sep3", "conv1"]).hash


@pytest.mark.parametrize(
    ("nodes", "edges", "message"),
    [
        ([(0, "input", 0), (0, "conv1", 1)], [], "same id"),
        ([(0, "conv1", 0)], [], "begins with its one input"),
        ([(0, "input", 0), (1, "conv1", 0)], [], "order of their ranks"),
        ([(0, "input", 0), (1, "conv1", 1)], [(0, 2)], "not there"),
        ([(0, "input", 0), (1, "conv1", 1)], [(1, 0)], "backwards"),
        ([(0, "input", 0), (1, "conv1", 1)], [(0, 1), (0, 1)], "twice"),
    ],
)
def test_an_invalid_graph_says_why(
    nodes: list[tuple[int, str, float]], edges: list[tuple[int, int]], message: str
) -> None:
    with pytest.raises(BadGraph, match=message):
        Graph(tuple(Node(*n) for n in nodes), tuple(Edge(*e) for e in edges))


@pytest.mark.parametrize("written", ["", "1", "1-", "a-b", "-1-2", "1-2-3", "01-2", "٢-5"])
def test_an_invalid_edge_id_is_an_error(written: str) -> None:
    with pytest.raises(BadGraph, match="names no edge"):
        parse_edge(written)
