"""First weights: equal for isomorphic graphs, and mostly for a candidate and the graph that it is cut from."""

import random

import pytest
import torch

from search.evaluation.recipes.image import ImageRecipe
from search.evaluation.recipes.text import TextRecipe
from search.network.graph import Edge, Graph, complete
from search.network.macro import TextMacro
from search.runtime.networks import image, text
from search.runtime.networks.first_weights import SeedNames, places
from search.spaces import cnn
from tests.search.families import relabelled

MACRO = cnn.search_macro((1, 8, 8), 10)
CELLS = 300


def random_cell(edges: int, rng: random.Random) -> Graph:
    """What random cuts leave of a complete cell of eight nodes with random operations."""
    while True:
        graph = complete([rng.choice(cnn.OPS) for _ in range(7)])
        while len(graph.edges) > edges:
            graph = graph.without(rng.choice(graph.edges))
        if len(graph.edges) == edges:
            return graph


def shares(edges: int) -> tuple[float, float]:
    """The share of common nodes that start from equal draws: with the graph of the cut, and with another candidate."""
    rng = random.Random(edges)
    same, common = [0, 0], [0, 0]
    for _ in range(CELLS):
        graph = random_cell(edges, rng)
        first, second = (graph.without(edge) for edge in rng.sample(graph.edges, 2))
        for i, other in enumerate((graph, second)):
            ours, theirs = places(first), places(other)
            nodes = (ours.keys() & theirs.keys()) - {0}
            same[i] += sum(ours[node] == theirs[node] for node in nodes)
            common[i] += len(nodes)
    return same[0] / common[0], same[1] / common[1]


@pytest.mark.parametrize(
    ("edges", "least_with_parent", "least_with_sibling"), [(28, 0.95, 0.95), (20, 0.85, 0.83), (6, 0.70, 0.60)]
)
def test_candidates_share_most_first_weights(edges: int, least_with_parent: float, least_with_sibling: float) -> None:
    with_parent, with_sibling = shares(edges)
    assert with_parent >= least_with_parent
    assert with_sibling >= least_with_sibling


def test_tensors_of_one_name_and_shape_are_equal_in_both_networks() -> None:
    whole = cnn.dense(6)
    cut = whole.without(Edge(2, 3))
    networks = [image.build(graph, MACRO, ImageRecipe(), 7) for graph in (whole, cut)]
    drawn = [
        {SeedNames(graph).of(name): tensor for name, tensor in network.named_parameters()}
        for graph, network in zip((whole, cut), networks, strict=True)
    ]
    shared = [name for name in drawn[0] if name in drawn[1] and drawn[0][name].shape == drawn[1][name].shape]
    assert len(shared) > 50
    assert all(torch.equal(drawn[0][name], drawn[1][name]) for name in shared)


def test_a_node_is_named_by_its_operation_and_its_place_among_the_nodes_of_this_operation() -> None:
    names = SeedNames(complete(["conv1", "sep3", "conv1"]))
    assert names.of("stage2.cell0.node3.conv.weight") == "stage2.cell0.node:conv1/2.conv.weight"
    assert names.of("cell.edge0_2.weight") == "cell.edge:input/1:sep3/1.weight"
    assert names.of("stage1.cell0.shortcut.weight") == "stage1.cell0.shortcut.weight"


def test_nodes_of_one_operation_and_the_cells_of_a_network_start_differently() -> None:
    weights = image.build(cnn.dense(6), MACRO, ImageRecipe(), 0).state_dict()
    kernels = [tensor for name, tensor in weights.items() if name.endswith("conv.weight")]
    assert len(kernels) > 3
    assert not any(torch.equal(a.flatten()[:64], b.flatten()[:64]) for i, a in enumerate(kernels) for b in kernels[:i])


@pytest.mark.parametrize("seed", range(3))
def test_isomorphic_graphs_have_equal_first_weights(seed: int) -> None:
    cells = complete(["relu", "tanh", "relu", "tanh"]).without(Edge(1, 2), Edge(2, 4))
    macro = TextMacro(vocabulary=9, hidden=4)
    ours, theirs = (
        text.build(graph.canonical, macro, TextRecipe(), 0).state_dict() for graph in (cells, relabelled(cells, seed))
    )
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    graph = cnn.dense(7).without(Edge(0, 3), Edge(2, 5))
    ours, theirs = (
        image.build(each.canonical, MACRO, ImageRecipe(), 0).state_dict() for each in (graph, relabelled(graph, seed))
    )
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
