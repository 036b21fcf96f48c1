"""The canonical order: the smallest edge list of all refined orders, found by a small search."""

import random
from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.network.canonical import Search, search
from search.network.graph import Graph, complete, live
from tests.examples import examples
from tests.search.families import FAMILIES, branches, cycles, ladder, relabelled

Key = tuple[object, ...]


def found(graph: Graph) -> Search:
    return search({node.id: node.op for node in graph.nodes}, graph.predecessors, graph.successors)


def ranks(keys: dict[int, Key]) -> dict[int, int]:
    rank = {key: i for i, key in enumerate(sorted(set(keys.values())))}
    return {node: rank[key] for node, key in keys.items()}


def exhaustive_order(graph: Graph) -> list[int]:
    """The definition, without cuts: every choice is tried, and all classes are refined again after each."""
    depth: dict[int, int] = {}
    for node in graph.nodes:
        depth[node.id] = 1 + max((depth[p] for p in graph.predecessors[node.id]), default=-1)

    def refined(colours: dict[int, int]) -> dict[int, int]:
        while True:
            finer = ranks(
                {
                    node: (
                        colour,
                        tuple(sorted(colours[p] for p in graph.predecessors[node])),
                        tuple(sorted(colours[s] for s in graph.successors[node])),
                    )
                    for node, colour in colours.items()
                }
            )
            if len(set(finer.values())) == len(set(colours.values())):
                return finer
            colours = finer

    def orders(colours: dict[int, int]) -> Iterator[list[int]]:
        colours = refined(colours)
        classes: dict[int, list[int]] = {}
        for node, colour in colours.items():
            classes.setdefault(colour, []).append(node)
        tied = next((nodes for _, nodes in sorted(classes.items()) if len(nodes) > 1), None)
        if tied is None:
            yield sorted(colours, key=colours.__getitem__)
            return
        for chosen in tied:
            yield from orders(ranks({node: (colour, node != chosen) for node, colour in colours.items()}))

    def edge_list(order: list[int]) -> list[tuple[int, int]]:
        place = {node: i for i, node in enumerate(order)}
        return sorted((place[source], place[target]) for source, target in graph.edges)

    return min(orders(ranks({node.id: (depth[node.id], node.op) for node in graph.nodes})), key=edge_list)


def isomorphic(a: Graph, b: Graph) -> bool:
    """By trying all maps from the nodes of one to those of the other."""
    if len(a.nodes) != len(b.nodes) or len(a.edges) != len(b.edges):
        return False
    edges = {(edge.source, edge.target) for edge in b.edges}
    for image in permutations(b.nodes):
        if all(x.op == y.op for x, y in zip(a.nodes, image, strict=True)):
            target = {x.id: y.id for x, y in zip(a.nodes, image, strict=True)}
            if {(target[edge.source], target[edge.target]) for edge in a.edges} == edges:
                return True
    return False


@st.composite
def graphs(draw: st.DrawFn, max_nodes: int) -> Graph:
    """Live graphs in which many nodes look alike."""
    dense = complete(draw(st.lists(st.sampled_from(["conv1", "conv1", "sep3"]), min_size=1, max_size=max_nodes - 1)))
    bits = draw(st.integers(0, 2 ** len(dense.edges) - 1))
    return live(dense.nodes, [edge for i, edge in enumerate(dense.edges) if bits >> i & 1 or edge.source == 0])


@given(graphs(max_nodes=7))
@settings(max_examples=examples(300))
def test_the_order_is_the_one_that_trying_every_choice_gives(graph: Graph) -> None:
    assert found(graph).order == exhaustive_order(graph)


@pytest.mark.parametrize("graph", [branches(4), branches(3, 3), *(make(0) for make in FAMILIES.values())])
def test_the_order_of_small_symmetric_graphs_is_the_one_that_trying_every_choice_gives(graph: Graph) -> None:
    if len(graph.nodes) <= 14:
        assert found(graph).order == exhaustive_order(graph)


@given(graphs(max_nodes=5), graphs(max_nodes=5))
@settings(max_examples=examples(300))
def test_hashes_are_equal_exactly_if_the_graphs_are_isomorphic(a: Graph, b: Graph) -> None:
    assert (a.hash == b.hash) == isomorphic(a, b)


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_isomorphic_graphs_that_are_hard_to_tell_apart_have_one_hash(family: str, size: int) -> None:
    graph = FAMILIES[family](size)
    assert len({relabelled(graph, seed).hash for seed in range(5)} | {graph.hash}) == 1


def test_graphs_that_refinement_cannot_tell_apart_have_different_hashes() -> None:
    assert cycles(3, 3).hash != cycles(6).hash
    assert ladder(4, twisted=True).hash != ladder(4, twisted=False).hash


@pytest.mark.parametrize("count", range(1, 33))
def test_the_search_grows_in_proportion_to_the_number_of_equal_branches(count: int) -> None:
    result = found(branches(count))
    assert (result.refinements, result.leaves) == (2 * count - 1, 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_search_stays_small_on_symmetric_graphs_of_a_hundred_nodes(family: str) -> None:
    graph = FAMILIES[family](6)
    for seed in range(3):
        result = found(relabelled(graph, seed))
        assert result.leaves <= len(graph.nodes)
        assert result.refinements <= 12 * len(graph.nodes)


def test_a_class_of_more_nodes_than_python_recurses_has_a_hash() -> None:
    assert found(branches(1200, 1)).leaves == 1


def test_a_random_graph_needs_few_choices() -> None:
    dense, rng = complete(["conv1"] * 99), random.Random(0)
    graph = live(dense.nodes, sorted(rng.sample(dense.edges, 500)))
    assert found(graph).refinements <= 10
