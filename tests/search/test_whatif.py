"""What-if: edits cost the same as in a search, or give a sentence that says why not."""

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


def test_each_edit_alone_costs_the_same_as_in_a_search() -> None:
    priced = whatif.price_each(CELL, MACRO, FREE, [cut(edge.id) for edge in CELL.edges])
    for price, edge in zip(priced, CELL.edges, strict=True):
        assert price.cost == cost_of(CELL.without(edge), MACRO)
        assert edge.id in price.edges and not price.why_not


def test_an_edit_gives_the_graph_and_its_cost_in_the_best_order() -> None:
    graph, cost, over = whatif.price_together(CELL, MACRO, Budget(params=1), [cut("0-1")])
    assert graph == CELL.without(Edge(0, 1))
    assert 1 not in graph.by_id  # it has no input left
    assert cost.peak_memory.optimal is not None and cost.peak_memory.exact
    assert [violation.limit for violation in over] == ["params"]


def test_removing_a_node_also_removes_what_only_it_fed() -> None:
    chain = Graph(
        (Node(0, "input", 0.0), Node(1, "sep3", 1.0), Node(2, "conv1", 2.0), Node(3, "sep3", 3.0)),
        (Edge(0, 1), Edge(0, 3), Edge(1, 2)),
    )
    (price,) = whatif.price_each(chain, MACRO, FREE, [Change(kind="remove_node", node=1)])
    assert (price.nodes, price.edges) == ((1, 2), ("0-1", "1-2"))


def test_an_edge_can_be_added_and_an_operation_changed() -> None:
    smaller = CELL.without(Edge(2, 3))
    graph, cost, _ = whatif.price_together(smaller, MACRO, FREE, [Change(kind="add_edge", edge="2-3")])
    assert graph == CELL and cost.params == cost_of(CELL, MACRO).params
    other = next(op for op in cnn.OPS if op != CELL.by_id[2].op)
    graph, cost, _ = whatif.price_together(CELL, MACRO, FREE, [Change(kind="set_op", node=2, op=other)])
    assert graph.by_id[2].op == other and cost.params != cost_of(CELL, MACRO).params


def test_edits_apply_one_after_the_other() -> None:
    edits = [cut("0-1"), Change(kind="remove_node", node=3)]
    assert whatif.price_together(CELL, MACRO, FREE, edits).graph.nodes == tuple(CELL.by_id[node] for node in (0, 2, 4))
    with pytest.raises(BadEdit, match="Node 1 is not in the graph"):
        whatif.price_together(CELL, MACRO, FREE, [cut("0-1"), Change(kind="remove_node", node=1)])


def test_cells_of_language_models_have_a_cost_too() -> None:
    cell, macro = rnn.dense(4, 0), rnn.search_macro(100, 8)
    graph, cost, _ = whatif.price_together(cell, macro, FREE, [cut("1-2")])
    assert cost.params == cost_of(graph, macro).params
    with pytest.raises(BadEdit, match="There is no operation 'sep3'"):
        whatif.price_together(cell, macro, FREE, [Change(kind="set_op", node=1, op="sep3")])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (cut("0-9"), "Edge 0-9 is not in the graph."),
        (cut("x"), "'x' names no edge; an edge is written like \"2-5\"."),
        (Change(kind="remove_node", node=0), "Node 0 is the input and cannot be removed."),
        (Change(kind="add_edge", edge="0-1"), "Edge 0-1 already exists."),
        (Change(kind="add_edge", edge="2-1"), "Edge 2-1 would go backwards."),
        (Change(kind="add_edge", edge="2-9"), "Node 9 is not in the graph (any more)."),
        (Change(kind="set_op", node=9, op="sep3"), "Node 9 is not in the graph (any more)."),
        (Change(kind="set_op", node=0, op="sep3"), "Node 0 is the input, which does nothing."),
        (
            Change(kind="set_op", node=1, op="relu"),
            "There is no operation 'relu' in this network; the operations are sep3, conv1.",
        ),
        (Change(kind="remove_edge", node=1), "remove_edge needs an edge."),
        (Change(kind="remove_node", edge="0-1"), "remove_node needs a node."),
    ],
)
def test_an_impossible_edit_says_why(change: Change, why: str) -> None:
    (price,) = whatif.price_each(CELL, MACRO, FREE, [change])
    assert (price.cost, price.why_not) == (None, why)
    with pytest.raises(BadEdit) as error:
        whatif.price_together(CELL, MACRO, FREE, [change])
    assert str(error.value) == why


def test_a_limit_on_memory_is_checked_in_the_best_order() -> None:
    cuts = [cut(edge.id) for edge in CELL.edges]
    peaks = [cost_of(CELL.without(edge), MACRO).peak_memory.optimal or 0 for edge in CELL.edges]
    limit = sorted(peaks)[len(peaks) // 2]
    priced = whatif.price_each(CELL, MACRO, Budget(peak_memory=limit), cuts)
    assert [bool(price.over) for price in priced] == [peak > limit for peak in peaks]


def test_the_search_for_orders_is_bounded_and_starts_where_the_order_decides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cuts = [cut(edge.id) for edge in CELL.edges]
    lives = [price.cost.peak_memory.live for price in whatif.price_each(CELL, MACRO, FREE, cuts) if price.cost]
    over_the_limit = {i for i, live in enumerate(lives) if live == max(lives)}
    monkeypatch.setattr(whatif, "MAX_ORDERED_INSTRUCTIONS", 100)
    priced = whatif.price_each(CELL, MACRO, Budget(peak_memory=max(lives) - 1), cuts)
    ordered = {price.edit for price in priced if price.cost and price.cost.peak_memory.optimal is not None}
    assert ordered and ordered <= over_the_limit


def test_a_graph_that_is_no_network_is_an_error() -> None:
    with pytest.raises(BadGraph, match="node 2 reads nothing"):
        whatif.price_each(Graph(CELL.nodes[:3], (Edge(0, 1),)), MACRO, FREE, [])
