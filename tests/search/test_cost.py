"""Costs compared with the published figures (spec sections 3, 5 and 10), and limits."""

from collections import Counter
from dataclasses import replace

import pytest

from search.network.budget import Budget
from search.network.cost import Cost, PeakMemory, cost_by_part, cost_of
from search.network.graph import Graph, complete, live, parse_edge
from search.network.lowering import lower
from search.spaces import cnn, rnn
from search.spaces.presets import PRESETS, SHRINKRNN_CELL

CIFAR = cnn.search_macro((3, 32, 32), 10)
PUBLISHED = live(cnn.dense(8).nodes, [parse_edge(e) for e in ["0-2", "0-5", "0-6", "0-7", "2-6", "5-7"]])


def without(edge: str) -> Graph:
    return cnn.dense(8).without(parse_edge(edge))


@pytest.mark.parametrize(
    ("graph", "macs"),
    [
        (cnn.dense(8), 27_323_008),
        (without("0-1"), 21_043_840),
        (without("1-2"), 26_278_528),
        (without("6-7"), 28_800_256),
        (PUBLISHED, 9_176_320),
        (live(cnn.dense(8).nodes, []), 1_212_736),
    ],
)
def test_search_network_macs_are_the_published_ones(graph: Graph, macs: int) -> None:
    assert cost_of(graph, CIFAR).macs == macs


def test_search_network_parameters_are_the_published_ones_with_and_without_bn() -> None:
    dense, cell = cost_of(cnn.dense(8), CIFAR), cost_of(PUBLISHED, CIFAR)
    assert (dense.params_no_bn, dense.params) == (151_226, 155_802)
    assert (cell.params_no_bn, cell.params) == (50_138, 52_474)


def test_the_digits_network_of_6_nodes_has_82106_parameters() -> None:
    assert cost_of(cnn.dense(6), cnn.search_macro((1, 8, 8), 10)).params == 82_106


IMAGENET = cnn.FAMILIES["published"].macro((3, 224, 224), 1001, width=1.4)


@pytest.mark.parametrize("name", ["shrinkcnn-a", "shrinkcnn-b"])
def test_the_published_networks_cost_what_was_published(name: str) -> None:
    preset = PRESETS[name]
    cost = cost_of(preset.graph, preset.macro)
    assert (cost.macs, cost.params_no_bn, cost.params) == (383_677_672, 3_600_981, 3_636_301)


def test_1000_classes_cost_one_class_less_than_1001() -> None:
    cost = cost_of(PUBLISHED, replace(IMAGENET, classes=1000))
    assert (cost.macs, cost.params_no_bn, cost.params) == (383_676_392, 3_599_700, 3_635_020)


def test_the_parts_of_the_published_network_cost_what_was_published() -> None:
    macs: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    for step in lower(PUBLISHED, IMAGENET).instructions:
        node = step.part.removeprefix("node ")
        kind = "sep3" if node in ("2", "5", "6") else step.part if step.op == "conv" and node != "7" else step.op
        macs[kind] += step.macs
        weights[kind] += step.weights
    assert macs["sep3"] == 235_658_248
    assert (macs["shortcut"], weights["shortcut"]) == (26_311_040, 85_280)
    assert macs["stem"] + macs["conv"] + macs["head"] == 120_427_104
    assert (macs["stem"], macs["head"]) == (14_902_272, 22_579_200)
    assert (macs["dense"], weights["dense"]) == (1_281_280, 1_282_281)
    assert macs.total() - macs["shortcut"] == 357_366_632
    assert macs.total() - macs["dense"] == 382_396_392


@pytest.mark.parametrize(("stage", "macs"), [(1, 59.609), (2, 62.770), (3, 66.351), (4, 94.088), (5, 62.096)])
def test_each_stage_of_the_published_network_costs_what_was_published(stage: int, macs: float) -> None:
    steps = lower(PUBLISHED, IMAGENET).instructions
    assert sum(step.macs for step in steps if step.name.startswith(f"stage{stage}.")) == pytest.approx(macs * 1e6, 1e-5)


def test_the_complete_cell_in_the_published_macro_costs_what_was_published() -> None:
    cost = cost_of(cnn.dense(8), IMAGENET)
    assert (round(cost.macs / 1e5), round(cost.params_no_bn / 1e4)) == (9395, 676)


@pytest.mark.parametrize(("edges", "nodes"), [(28, 8), (15, 6)])
def test_removing_the_first_edge_of_a_complete_graph_removes_all_edges_of_its_node(edges: int, nodes: int) -> None:
    graph = cnn.dense(nodes)
    assert (len(graph.edges), len(graph.without(parse_edge("0-1")).edges)) == (edges, edges - nodes + 1)


def test_equal_widths_in_all_stages_cost_what_was_published() -> None:
    same = replace(CIFAR, stages=tuple(replace(stage, filters=16) for stage in CIFAR.stages))
    macs = [round(cost_of(graph, same).macs / 1e3) for graph in (cnn.dense(8), PUBLISHED)]
    assert macs == [15_918, 6_008]


@pytest.mark.parametrize(("vocabulary", "hidden", "params"), [(10_000, 745, 23_000_700), (7_002, 100, 987_202)])
def test_the_published_recurrent_network_costs_what_was_published(vocabulary: int, hidden: int, params: int) -> None:
    cost = cost_of(SHRINKRNN_CELL, rnn.search_macro(vocabulary, hidden))
    assert cost.params == cost.params_no_bn == params
    if hidden == 745:
        assert cost.macs == 15_540_700 + 7_450_000  # of one token: the cell and the decoder


def test_without_the_best_order_only_the_optimal_peak_is_missing() -> None:
    full, quick = cost_of(PUBLISHED, CIFAR), cost_of(PUBLISHED, CIFAR, order=False)
    assert quick.peak_memory.optimal is None
    assert quick == full._replace(peak_memory=full.peak_memory._replace(optimal=None))


def test_the_published_cell_is_reachable_from_the_dense_one() -> None:
    assert PUBLISHED.hash == PRESETS["shrinkcnn-a"].graph.hash


def test_removing_an_edge_can_raise_a_cost() -> None:
    assert cost_of(without("6-7"), CIFAR).macs > cost_of(cnn.dense(8), CIFAR).macs


def test_the_costs_of_parts_add_up() -> None:
    program = lower(cnn.dense(8), CIFAR)
    parts, whole = cost_by_part(program), cost_of(cnn.dense(8), CIFAR)
    assert sum(part.params for part in parts) == whole.params
    assert sum(part.macs for part in parts) == whole.macs
    assert max(part.peak for part in parts) == whole.peak_memory.optimal


def test_the_peak_memory_of_a_chain_is_what_a_count_by_hand_gives() -> None:
    peak = cost_of(complete(["conv1"]), cnn.search_macro((1, 8, 8), 10), bytes_per_element=1).peak_memory
    assert peak.io == (32 + 16) * 64  # the stem's 32 channels read, the node's 16 written, at 8x8
    assert peak.live == (32 + 16 + 16) * 64  # while the shortcut runs, the node's output waits to be added


def test_bytes_per_element_scale_only_peak_memory() -> None:
    one, four = cost_of(PUBLISHED, CIFAR, 1), cost_of(PUBLISHED, CIFAR, 4)
    assert four.peak_memory.live == 4 * one.peak_memory.live
    assert four._replace(peak_memory=one.peak_memory) == one


COST = Cost(params=100, params_no_bn=90, macs=1000, peak_memory=PeakMemory(io=10, live=20))


@pytest.mark.parametrize(
    ("budget", "violated"),
    [
        (Budget(), []),
        (Budget(params=100, macs=1000, peak_memory=20), []),
        (Budget(params=99), ["params"]),
        (Budget(macs=999), ["macs"]),
        (Budget(peak_memory=19), ["peak_memory"]),
    ],
)
def test_a_limit_is_violated_one_above_it_and_not_at_it(budget: Budget, violated: list[str]) -> None:
    assert [over.limit for over in budget.over(COST)] == violated


def test_a_limit_on_peak_memory_is_checked_in_the_best_order() -> None:
    memory = cost_of(PUBLISHED, CIFAR).peak_memory
    assert memory.optimal is not None and memory.optimal < memory.live
    at, under = Budget(peak_memory=memory.optimal), Budget(peak_memory=memory.optimal - 1)
    assert at.over(cost_of(PUBLISHED, CIFAR)) == () and under.over(cost_of(PUBLISHED, CIFAR))[0].value == memory.optimal


def test_a_violated_limit_says_by_how_much() -> None:
    assert Budget(params=60).over(COST)[0].sentence == "100 parameters is 40 over the limit of 60"


def test_a_limit_below_one_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Budget(params=0)
