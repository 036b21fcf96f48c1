"""The smallest reachable graph under locks and a number of edges to keep, against all cells of five nodes."""

from itertools import combinations

import pytest

from search.network.budget import Budget
from search.network.cost import cost_of
from search.network.graph import Graph, live, parse_edge
from search.network.locks import Locks
from search.network.macro import ImageMacro
from search.spaces import SPACES, cnn
from search.strategies.autoshrink.removals import Removals

DENSE = cnn.dense(5)
MACRO: ImageMacro = cnn.search_macro((1, 8, 8), 10)


NONE = Locks()


def removals(locks: Locks = NONE, keep: int = 1, graph: Graph = DENSE) -> Removals:
    return Removals(graph=graph, space=SPACES["cnn"], macro=MACRO, budget=Budget(params=20_000), locks=locks, keep=keep)


@pytest.fixture(scope="module")
def cells() -> list[tuple[int, Graph]]:
    """Parameters and graph of every cell of five nodes that removals can reach."""
    graphs = {
        live(DENSE.nodes, chosen)
        for count in range(1, len(DENSE.edges) + 1)
        for chosen in combinations(DENSE.edges, count)
    }
    return [(cost_of(graph, MACRO).params, graph) for graph in graphs if graph.edges]


def test_without_locks_it_is_the_smallest_cell(cells: list[tuple[int, Graph]]) -> None:
    smallest = removals().smallest(DENSE)
    assert cost_of(smallest, MACRO).params == min(params for params, _ in cells)
    assert len(smallest.edges) == 1


@pytest.mark.parametrize("locks", [
    *(Locks((edge.id,)) for edge in DENSE.edges),
    *(Locks((one.id, other.id)) for one, other in combinations(DENSE.edges, 2)),
    *(Locks((), (node,)) for node in (1, 2, 3, 4)),
    Locks((), (1, 4)), Locks(("1-2",), (4,)), Locks((), (1, 2, 3, 4)),
], ids=str)  # fmt: skip
def test_with_locks_it_is_the_smallest_cell_that_holds_them(cells: list[tuple[int, Graph]], locks: Locks) -> None:
    smallest = removals(locks).smallest(DENSE)
    assert locks.lost(smallest) is None
    minimum = min(params for params, graph in cells if locks.lost(graph) is None)
    assert cost_of(smallest, MACRO).params == minimum


@pytest.mark.parametrize("keep", [2, 4, 7, 9])
def test_with_edges_to_keep_it_has_exactly_as_many_and_is_nearly_minimal(
    cells: list[tuple[int, Graph]], keep: int
) -> None:
    smallest = removals(keep=keep).smallest(DENSE)
    assert len(smallest.edges) == keep
    minimum = min(params for params, graph in cells if len(graph.edges) == keep)
    assert cost_of(smallest, MACRO).params <= minimum * 1.1


def test_a_locked_node_without_an_edge_from_the_input_is_reached_through_other_nodes() -> None:
    chain = live(DENSE.nodes, map(parse_edge, ("0-1", "1-2", "1-3", "2-4", "3-4")))
    smallest = removals(Locks((), (4,)), graph=chain).smallest(chain)
    assert [edge.id for edge in smallest.edges] in (["0-1", "1-2", "2-4"], ["0-1", "1-3", "3-4"])


def test_a_graph_with_no_more_edges_than_to_keep_is_unchanged() -> None:
    assert removals(keep=10).smallest(DENSE) == DENSE
