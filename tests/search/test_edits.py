"""Graphs with attributes and several cells, and the edits that lead from one graph to another."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.base import serialization
from search.network.edits import Edits, apply, diff, edges_with, removal, why_not_removable
from search.network.graph import INPUT, BadGraph, Edge, Graph, Node, Value, attrs_of, complete, live
from search.network.locks import Locks
from search.network.lowering import lower
from search.spaces import cnn
from search.strategies.record import Record
from tests.examples import examples

VALUES: st.SearchStrategy[Value] = st.one_of(st.integers(1, 64), st.just(0.5), st.just("same"))
ATTRS = st.dictionaries(st.sampled_from(["width", "kernel", "pad"]), VALUES, max_size=2).map(attrs_of)


@st.composite
def graphs(draw: st.DrawFn, most: int = 6) -> Graph:
    """Live graphs of one or two cells, whose nodes may have attributes; equal ids have equal cells and ranks."""
    kept = draw(st.integers(0, 1))
    nodes: list[Node] = []
    edges: list[Edge] = []
    for cell in range(1 + kept):
        first = 100 * cell
        nodes.append(Node(first, INPUT, float(first), (), cell))
        for id in range(first + 1, first + 1 + draw(st.integers(0, most))):
            op = draw(st.sampled_from(["sep3", "conv1"]))
            nodes.append(Node(id, op, float(id), draw(ATTRS), cell))
        inside = [node.id for node in nodes if node.cell == cell]
        every = [Edge(i, j) for i in inside for j in inside if i < j]
        edges += sorted(draw(st.sets(st.sampled_from(every)))) if every else []
    return live(nodes, edges)


def two_cells(*more: Edge) -> Graph:
    nodes = (
        Node(0, INPUT, 0.0), Node(1, "sep3", 1.0, (("width", 8),)), Node(2, "conv1", 2.0),
        Node(10, INPUT, 10.0, (), 1), Node(11, "sep3", 11.0, (("width", 16),), 1), Node(12, "conv1", 12.0, (), 1),
    )  # fmt: skip
    edges = (Edge(0, 1), Edge(0, 2), Edge(1, 2), Edge(10, 11), Edge(10, 12))
    return Graph(nodes, tuple(sorted({*edges, *more})))


def changed(graph: Graph, node: int, **parts: object) -> Graph:
    """The graph with another operation, other attributes or another cell of a node."""
    nodes = tuple(each._replace(**parts) if each.id == node else each for each in graph.nodes)  # type: ignore[arg-type]
    return Graph(nodes, graph.edges)


def through_json(edits: Edits) -> Edits:
    return serialization.decode(Edits, serialization.loads(serialization.dumps(edits)))


class TestEdits:
    @given(graphs(), graphs())
    @settings(max_examples=examples(200))
    def test_the_difference_of_two_graphs_leads_from_one_to_the_other_and_back(self, a: Graph, b: Graph) -> None:
        assert apply(a, diff(a, b)) == b
        assert apply(b, diff(b, a)) == a

    @given(graphs(), graphs())
    def test_they_lead_there_after_they_have_passed_through_json(self, a: Graph, b: Graph) -> None:
        assert apply(a, through_json(diff(a, b))) == b

    @given(graphs())
    def test_equal_graphs_differ_by_nothing(self, graph: Graph) -> None:
        assert diff(graph, graph) == Edits() and apply(graph, Edits()) == graph

    @given(graphs(), st.integers())
    @settings(max_examples=examples(200))
    def test_a_removal_leads_to_what_the_inputs_still_reach(self, graph: Graph, seed: int) -> None:
        count = random.Random(seed).randint(0, len(graph.edges))
        chosen = random.Random(seed).sample(graph.edges, count)
        edits = removal(graph, chosen)
        after = apply(graph, edits)
        assert after == graph.without(*chosen)
        assert edits.edges_removed == tuple(edge.id for edge in chosen) and not edits.nodes_removed
        gone = {edge.id for edge in graph.edges} - {edge.id for edge in after.edges}
        assert {*edits.edges_removed, *edits.edges_lost} == gone
        assert len(edits.edges_removed) + len(edits.edges_lost) == len(gone)
        assert set(edits.nodes_lost) == graph.by_id.keys() - after.by_id.keys()

    @given(graphs(), st.integers())
    def test_the_removal_of_a_node_takes_its_edges_on_purpose_and_loses_what_only_it_fed(
        self, graph: Graph, seed: int
    ) -> None:
        nodes = [node.id for node in graph.nodes if node.op != INPUT]
        if not nodes:
            return
        node = random.Random(seed).choice(nodes)
        edits = removal(graph, edges_with(graph, node), node)
        after = apply(graph, edits)
        assert node not in after.by_id and edits.nodes_removed == (node,) and node not in edits.nodes_lost
        assert after == graph.without(*edges_with(graph, node))
        assert live(after.nodes, after.edges) == after

    @given(graphs(), st.integers())
    def test_what_a_removal_takes_can_be_added_again(self, graph: Graph, seed: int) -> None:
        if not graph.edges:
            return
        after = graph.without(random.Random(seed).choice(graph.edges))
        assert apply(after, diff(after, graph)) == graph
        assert not diff(after, graph).edges_removed and not diff(after, graph).nodes_removed

    def test_lost_parts_are_told_apart_from_those_that_were_decided(self) -> None:
        edits = removal(complete(["sep3"] * 4), [Edge(0, 1)])
        assert edits == Edits(edges_removed=("0-1",), edges_lost=("1-2", "1-3", "1-4"), nodes_lost=(1,))
        assert edits.removed_edge == "0-1"

    @pytest.mark.parametrize(
        "edits",
        [
            Edits(),
            Edits(edges_removed=("0-1", "0-2")),
            Edits(edges_removed=("0-1",), nodes_removed=(1,)),
            Edits(edges_removed=("0-1",), edges_added=("0-2",)),
            Edits(edges_removed=("0-1",), nodes_changed=((2, "sep3", 2.0),)),
            Edits(edges_removed=("0-1",), nodes_added=((2, "sep3", 2.0),)),
            Edits(edges_added=("0-1",)),
        ],
    )
    def test_only_the_removal_of_one_edge_is_a_cut(self, edits: Edits) -> None:
        assert edits.removed_edge is None

    @pytest.mark.parametrize(
        "parts", [{"op": "conv1"}, {"attrs": (("width", 9),)}, {"attrs": ()}, {"op": "conv1", "attrs": ()}]
    )
    def test_a_changed_node_is_told_as_it_is_now(self, parts: dict[str, object]) -> None:
        before = two_cells()
        after = changed(before, 1, **parts)
        edits = diff(before, after)
        assert edits == Edits(nodes_changed=(tuple(after.by_id[1].to_row()),))
        assert apply(before, through_json(edits)) == after

    def test_edges_without_an_end_are_refused(self) -> None:
        with pytest.raises(BadGraph, match="edges without an end: 1-2"):
            apply(complete(["sep3", "sep3"]), Edits(nodes_removed=(1,), edges_removed=("0-1",)))

    def test_no_input_of_a_cell_can_be_removed(self) -> None:
        assert why_not_removable(two_cells(), 10, Locks()) == "node 10 is the input and cannot be removed"
        assert why_not_removable(two_cells(), 11, Locks()) is None


class TestARecord:
    @given(graphs(), st.integers())
    @settings(max_examples=examples(100))
    def test_holds_the_current_graph_and_all_parts_that_ever_were(self, graph: Graph, seed: int) -> None:
        rng, record, ever = random.Random(seed), Record.of(graph), {edge.id for edge in graph.edges}
        for step in range(1, 5):
            if not record.graph.edges:
                break
            before = record.graph
            edits = removal(before, rng.sample(before.edges, 1))
            record = record.after(edits, "search", step)
            assert record.graph == apply(before, edits)
            assert {one.id for one in record.removed} == ever - {edge.id for edge in record.graph.edges}
            causes = {one.id: (one.step, one.cause) for one in record.removed}
            assert causes[edits.edges_removed[0]] == (step, "search")
            assert all(causes[edge] == (step, "collapse") for edge in edits.edges_lost)
            assert Graph.from_rows(record.parts) == graph
        again = record.after(diff(record.graph, graph), "person", 9)
        assert again.graph == graph and not again.removed and not again.removed_nodes

    def test_keeps_a_changed_node_as_it_is_now(self) -> None:
        before = two_cells()
        after = changed(before, 11, attrs=(("width", 32),))
        record = Record.of(before).after(diff(before, after), "person", 3)
        assert record.graph == after and [11, "sep3", 11.0, {"width": 32}, 1] in record.parts["nodes"]


class TestARow:
    @pytest.mark.parametrize(
        ("node", "row"),
        [
            (Node(1, "sep3", 1.0), [1, "sep3", 1.0]),
            (Node(1, "sep3", 1.0, (("kernel", 5), ("width", 8))), [1, "sep3", 1.0, {"kernel": 5, "width": 8}]),
            (Node(1, "sep3", 1.5, (), 2), [1, "sep3", 1.5, {}, 2]),
            (Node(1, "sep3", 1.5, (("width", 8),), 2), [1, "sep3", 1.5, {"width": 8}, 2]),
        ],
    )
    def test_is_as_short_as_its_node_allows_and_is_read_back(self, node: Node, row: list[object]) -> None:
        assert node.to_row() == row
        assert Node.from_row(row) == node
        assert Node.from_row(serialization.loads(serialization.dumps(row))) == node

    @pytest.mark.parametrize(
        "row", [[], [1, "sep3"], [1, "sep3", 1.0, {}, 0, 7], ["one", "sep3", 1.0], [1, "sep3", 1.0, ["width"]], 5]
    )
    def test_that_is_none_says_what_is_expected(self, row: list[object]) -> None:
        with pytest.raises(BadGraph, match=r"not a node: .*; expected \[id, op, rank, attrs, cell\]"):
            Node.from_row(row)

    @given(graphs())
    def test_round_trips_with_its_graph(self, graph: Graph) -> None:
        rows = serialization.loads(serialization.dumps(graph.to_rows()))
        assert Graph.from_rows(rows) == graph and rows == graph.to_rows()

    @given(graphs())
    def test_and_the_object_form_round_trip_alike(self, graph: Graph) -> None:
        assert Graph.from_dict(serialization.loads(serialization.dumps(graph.to_dict()))) == graph

    def test_the_object_form_names_attributes_and_cells_only_where_a_node_has_them(self) -> None:
        nodes = {node["id"]: node for node in two_cells().to_dict()["nodes"]}
        assert nodes[2] == {"id": 2, "op": "conv1", "rank": 2.0}
        assert nodes[1] == {"id": 1, "op": "sep3", "rank": 1.0, "attrs": {"width": 8}}
        assert nodes[11] == {"id": 11, "op": "sep3", "rank": 11.0, "attrs": {"width": 16}, "cell": 1}


class TestAGraphOfTwoCells:
    def test_has_one_input_in_each(self) -> None:
        graph = two_cells()
        assert graph.input.id == 0 and [node.id for node in graph.nodes if node.op == INPUT] == [0, 10]
        with pytest.raises(BadGraph, match="begins with its one input, and so does each of its cells"):
            Graph((*graph.nodes, Node(20, "sep3", 20.0, (), 2)), graph.edges)
        with pytest.raises(BadGraph, match="begins with its one input"):
            Graph((*graph.nodes, Node(20, INPUT, 20.0, (), 1)), graph.edges)

    def test_has_no_edge_between_them(self) -> None:
        with pytest.raises(BadGraph, match="edge 1-11 leads from one cell into another"):
            two_cells(Edge(1, 11))

    def test_has_the_leaves_of_both_and_no_input_among_them(self) -> None:
        assert two_cells().leaves == (2, 11, 12)
        assert two_cells().without(Edge(10, 11), Edge(10, 12)).leaves == (2,)

    def test_keeps_the_input_of_a_cell_that_is_cut_empty(self) -> None:
        after = two_cells().without(Edge(10, 11), Edge(10, 12))
        assert [node.id for node in after.nodes] == [0, 1, 2, 10]

    def test_has_another_hash_by_an_attribute_and_by_a_cell_but_not_by_ids(self) -> None:
        graph = two_cells()
        assert graph.hash != changed(graph, 1, attrs=(("width", 9),)).hash
        assert graph.hash != changed(graph, 1, attrs=()).hash
        one_cell = Graph(graph.nodes[:3], graph.edges[:3])
        moved = Graph(tuple(node._replace(cell=1) for node in one_cell.nodes), one_cell.edges)
        assert one_cell.hash != moved.hash != graph.hash
        ids = {0: 7, 1: 3, 2: 9, 10: 4, 11: 6, 12: 5}
        renamed = Graph(
            tuple(node._replace(id=ids[node.id]) for node in graph.nodes),
            tuple(Edge(ids[edge.source], ids[edge.target]) for edge in graph.edges),
        )
        assert renamed.hash == graph.hash and renamed.canonical == graph.canonical

    def test_has_a_hash_that_the_order_of_its_attributes_does_not_change(self) -> None:
        rows = two_cells().to_rows()
        one, other = ([1, "sep3", 1.0, attrs] for attrs in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))
        nodes = [[rows["nodes"][0], each, *rows["nodes"][2:]] for each in (one, other)]
        graphs = [Graph.from_rows({"nodes": each, "edges": rows["edges"]}) for each in nodes]
        assert graphs[0] == graphs[1] and graphs[0].hash == graphs[1].hash

    @given(graphs())
    def test_is_its_own_canonical_form_once_it_is_canonical(self, graph: Graph) -> None:
        assert graph.canonical.canonical == graph.canonical
        assert graph.canonical.hash == graph.hash


class TestLowering:
    def test_refuses_attributes_and_cells_that_it_does_not_know(self) -> None:
        macro = cnn.search_macro((1, 8, 8), 10)
        wide = changed(complete(["sep3", "conv1"]), 1, attrs=(("width", 8),))
        with pytest.raises(
            BadGraph, match="node 1 has attributes, or a cell of its own, which this kind of network lacks"
        ):
            lower(wide, macro)
        with pytest.raises(BadGraph, match="node 10 has attributes, or a cell of its own"):
            lower(changed(changed(two_cells(), 1, attrs=()), 11, attrs=()), macro)
