"""The whole network as a diagram: every operation with its size, in the order of running."""

import json

import pytest

from search.base import serialization
from search.network.cost import cost_of
from search.network.diagram import Diagram, diagram
from search.network.graph import Graph
from search.network.limits import MAX_CELLS
from search.network.macro import ImageMacro, Macro, Stage
from search.network.memory_order import network
from search.spaces import cnn, rnn
from search.spaces.presets import PRESETS

IMAGE: tuple[Graph, Macro] = (cnn.dense(8), cnn.search_macro((3, 32, 32), 10))
TEXT: tuple[Graph, Macro] = (rnn.dense(5, 0), rnn.search_macro(2_000, 32))
SCALED: tuple[Graph, Macro] = (cnn.dense(6), cnn.FAMILIES["published"].macro((3, 64, 64), 100, width=1.3))
NETWORKS: dict[str, tuple[Graph, Macro]] = {"image": IMAGE, "text": TEXT, "scaled": SCALED} | {
    f"published {name}": (preset.graph, preset.macro) for name, preset in PRESETS.items()
}


def diagram_of(graph: Graph, macro: Macro) -> Diagram:
    return diagram(network(graph, macro))


@pytest.mark.parametrize("name", NETWORKS)
def test_operations_come_in_the_order_of_running(name: str) -> None:
    shown = diagram_of(*NETWORKS[name])
    assert [node.id for node in shown.nodes] == list(range(len(shown.nodes)))
    assert all(edge.source < edge.target for edge in shown.edges)
    assert len({(edge.source, edge.target) for edge in shown.edges}) == len(shown.edges)


@pytest.mark.parametrize("name", NETWORKS)
def test_costs_add_up_to_those_of_the_network(name: str) -> None:
    graph, macro = NETWORKS[name]
    shown, cost = diagram_of(graph, macro), cost_of(graph, macro)
    assert sum(node.params for node in shown.nodes) == cost.params
    assert sum(node.macs for node in shown.nodes) == cost.macs


@pytest.mark.parametrize("name", NETWORKS)
def test_everything_but_the_inputs_reads_something_and_all_but_the_output_is_read(name: str) -> None:
    shown = diagram_of(*NETWORKS[name])
    read, reading = {edge.source for edge in shown.edges}, {edge.target for edge in shown.edges}
    assert {node.op for node in shown.nodes if node.id not in reading} <= {"input", "token", "state"}
    assert [node.op for node in shown.nodes if node.id not in read] in (["dense"], ["decoder"])


@pytest.mark.parametrize("name", NETWORKS)
def test_names_are_unique_and_the_same_each_time(name: str) -> None:
    shown = diagram_of(*NETWORKS[name])
    assert len({node.name for node in shown.nodes}) == len(shown.nodes)
    assert shown == diagram_of(*NETWORKS[name])


def test_an_operation_of_an_image_network_has_its_kernel_and_the_size_of_its_output() -> None:
    macro = ImageMacro(input=(3, 9, 9), classes=4, stem_filters=8, stem_stride=2, stages=(Stage(filters=6, stride=2),))
    nodes = {node.name: node for node in diagram_of(cnn.dense(2), macro).nodes}
    assert (nodes["input"].op, nodes["input"].shape, nodes["input"].cell) == ("input", (3, 9, 9), None)
    assert (nodes["stem"].detail, nodes["stem"].shape) == ("3x3, stride 2, relu", (8, 5, 5))
    assert (nodes["stage1.cell0.pool"].detail, nodes["stage1.cell0.pool"].shape) == ("2x2, stride 2", (8, 3, 3))
    inner = [node for node in nodes.values() if node.part == "node 1"]
    assert inner and {node.cell for node in inner} == {"stage1.cell0"}
    assert (nodes["dense"].detail, nodes["dense"].shape, nodes["dense"].macs) == ("", (4, 1, 1), 24)


def test_a_language_model_is_shown_for_one_step() -> None:
    nodes = {node.name: node for node in diagram_of(*TEXT).nodes}
    assert nodes["token"].shape == (1, 1) and nodes["embedding"].shape == (1, 32)
    assert nodes["decoder"].shape == (1, 2_000) and nodes["decoder"].params == 2_000
    assert nodes["cell.node0.concat"].cell == "cell" and nodes["embedding"].cell is None


def test_an_output_that_is_read_twice_has_one_edge() -> None:
    alone = Graph(cnn.dense(2).nodes[:1], ())
    shown = diagram_of(alone, cnn.search_macro((3, 8, 8), 10))
    adds = [node for node in shown.nodes if node.op == "add"]
    assert any(sum(edge.target == add.id for edge in shown.edges) == 1 for add in adds)


def test_the_largest_network_stays_small_enough_for_one_answer() -> None:
    largest = ImageMacro(
        input=(3, 224, 224), classes=1_000, stem_filters=64, stages=(Stage(filters=64, cells=MAX_CELLS),)
    )
    shown = diagram_of(cnn.dense(16), largest)
    assert len(shown.nodes) < 4_000 and len(shown.edges) < 20_000
    assert len(json.dumps(serialization.to_jsonable(shown))) < 1_500_000
