"""What edits would cost: the same figures as a search gives, or a sentence."""

import pytest

from search.network import whatif
from search.network.budget import Budget
from search.network.cost import cost_of
from search.network.graph import BadGraph, Edge, Graph, Node
from search.network.whatif import BadEdit, Change
from search.spaces import cnn, rnn

MACRO = cnn.search_macro((3, 16, 16), 10)
CELL = cnn.dense(5)
FREE = Budget()


def cut(edge: str) -> Change:
    return Change(kind="remove_edge", edge=edge)


def test_each_edit_is_priced_alone_as_a_search_prices_it() -> None:
    priced = whatif.each(CELL, MACRO, FREE, [cut(edge.id) for edge in CELL.edges])
    for one, edge in zip(priced, CELL.edges, strict=True):
        assert one.cost == cost_of(CELL.without(edge), MACRO)
        assert edge.id in one.edges and not one.why_not


def test_an_edit_gives_the_graph_its_cost_and_its_best_order() -> None:
    graph, cost, over = whatif.together(CELL, MACRO, Budget(params=1), [cut("0-1")])
    assert graph == CELL.without(Edge(0, 1))
    assert 1 not in graph.by_id  # nothing feeds it any more
    assert cost.peak_memory.optimal is not None and cost.peak_memory.exact
    assert [one.limit for one in over] == ["params"]


def test_a_node_goes_with_all_that_it_alone_fed() -> None:
    chain = Graph(
        (Node(0, "input", 0.0), Node(1, "sep3", 1.0), Node(2, "conv1", 2.0), Node(3, "sep3", 3.0)),
        (Edge(0, 1), Edge(0, 3), Edge(1, 2)),
    )
    (one,) = whatif.each(chain, MACRO, FREE, [Change(kind="remove_node", node=1)])
    assert (one.nodes, one.edges) == ((1, 2), ("0-1", "1-2"))


def test_an_edge_may_come_back_and_an_operation_change() -> None:
    smaller = CELL.without(Edge(2, 3))
    graph, cost, _ = whatif.together(smaller, MACRO, FREE, [Change(kind="add_edge", edge="2-3")])
    assert graph == CELL and cost.params == cost_of(CELL, MACRO).params
    other = next(op for op in cnn.OPS if op != CELL.by_id[2].op)
    graph, cost, _ = whatif.together(CELL, MACRO, FREE, [Change(kind="set_op", node=2, op=other)])
    assert graph.by_id[2].op == other and cost.params != cost_of(CELL, MACRO).params


def test_edits_are_made_one_after_the_other() -> None:
    edits = [cut("0-1"), Change(kind="remove_node", node=3)]
    assert whatif.together(CELL, MACRO, FREE, edits).graph.nodes == tuple(CELL.by_id[node] for node in (0, 2, 4))
    with pytest.raises(BadEdit, match="Node 1 is not in the graph"):
        whatif.together(CELL, MACRO, FREE, [cut("0-1"), Change(kind="remove_node", node=1)])


def test_cells_of_language_models_are_priced_too() -> None:
    cell, macro = rnn.dense(4, 0), rnn.search_macro(100, 8)
    graph, cost, _ = whatif.together(cell, macro, FREE, [cut("1-2")])
    assert cost.params == cost_of(graph, macro).params
    with pytest.raises(BadEdit, match="There is no operation 'sep3'"):
        whatif.together(cell, macro, FREE, [Change(kind="set_op", node=1, op="sep3")])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (cut("0-9"), "Edge 0-9 is not in the graph."),
        (cut("x"), "'x' names no edge; an edge is written like \"2-5\"."),
        (Change(kind="remove_node", node=0), "Node 0 is the input and cannot be removed."),
        (Change(kind="add_edge", edge="0-1"), "Edge 0-1 is there already."),
        (Change(kind="add_edge", edge="2-1"), "Edge 2-1 would go backwards."),
        (Change(kind="add_edge", edge="2-9"), "Node 9 is not in the graph (any more)."),
        (Change(kind="set_op", node=9, op="sep3"), "Node 9 is not in the graph (any more)."),
        (Change(kind="set_op", node=0, op="sep3"), "Node 0 is the input, which does nothing."),
        (
            Change(kind="set_op", node=1, op="relu"),
            "There is no operation 'relu' in this network; there are sep3, conv1.",
        ),
        (Change(kind="remove_edge", node=1), "remove_edge needs an edge."),
        (Change(kind="remove_node", edge="0-1"), "remove_node needs a node."),
    ],
)
def test_an_edit_that_cannot_be_says_why(change: Change, why: str) -> None:
    (one,) = whatif.each(CELL, MACRO, FREE, [change])
    assert (one.cost, one.why_not) == (None, why)
    with pytest.raises(BadEdit) as refused:
        whatif.together(CELL, MACRO, FREE, [change])
    assert str(refused.value) == why


def test_a_limit_on_memory_holds_of_the_best_order() -> None:
    cuts = [cut(edge.id) for edge in CELL.edges]
    peaks = [cost_of(CELL.without(edge), MACRO).peak_memory.optimal or 0 for edge in CELL.edges]
    limit = sorted(peaks)[len(peaks) // 2]
    priced = whatif.each(CELL, MACRO, Budget(peak_memory=limit), cuts)
    assert [bool(one.over) for one in priced] == [peak > limit for peak in peaks]


def test_there_is_an_end_to_looking_for_orders_and_those_come_first_that_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cuts = [cut(edge.id) for edge in CELL.edges]
    lives = [one.cost.peak_memory.live for one in whatif.each(CELL, MACRO, FREE, cuts) if one.cost]
    breaking = {i for i, live in enumerate(lives) if live == max(lives)}
    monkeypatch.setattr(whatif, "STEPS_OF_EACH", 100)
    priced = whatif.each(CELL, MACRO, Budget(peak_memory=max(lives) - 1), cuts)
    known = {one.edit for one in priced if one.cost and one.cost.peak_memory.optimal is not None}
    assert known and known <= breaking


def test_a_graph_that_is_no_network_is_refused() -> None:
    with pytest.raises(BadGraph, match="node 2 reads nothing"):
        whatif.each(Graph(CELL.nodes[:3], (Edge(0, 1),)), MACRO, FREE, [])
