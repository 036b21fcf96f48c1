"""Costs against the published figures (spec sections 3, 5 and 10)."""

import pytest

from search.budget import Budget
from search.cost import Cost, PeakMemory, cost_by_part, cost_of
from search.graph import Graph, complete, live, parse_edge
from search.lowering import lower
from search.presets import PRESETS
from search.spaces import cnn

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


def test_search_network_parameters_count_bn_apart() -> None:
    dense, cell = cost_of(cnn.dense(8), CIFAR), cost_of(PUBLISHED, CIFAR)
    assert (dense.params_no_bn, dense.params) == (151_226, 155_802)
    assert (cell.params_no_bn, cell.params) == (50_138, 52_474)


def test_the_digits_network_of_6_nodes_has_82106_parameters() -> None:
    assert cost_of(cnn.dense(6), cnn.search_macro((1, 8, 8), 10)).params == 82_106


@pytest.mark.parametrize("name", ["shrinkcnn-a", "shrinkcnn-b"])
def test_the_published_networks_cost_what_was_published(name: str) -> None:
    preset = PRESETS[name]
    cost = cost_of(preset.graph, preset.macro)
    assert (cost.macs, cost.params_no_bn, cost.params) == (383_677_672, 3_600_981, 3_636_301)


def test_the_published_cell_is_reachable_from_the_dense_one() -> None:
    assert PUBLISHED.hash == PRESETS["shrinkcnn-a"].graph.hash


def test_removing_an_edge_can_raise_a_cost() -> None:
    assert cost_of(without("6-7"), CIFAR).macs > cost_of(cnn.dense(8), CIFAR).macs


def test_parts_add_up_to_the_whole() -> None:
    program = lower(cnn.dense(8), CIFAR)
    parts, whole = cost_by_part(program), cost_of(cnn.dense(8), CIFAR)
    assert sum(part.params for part in parts) == whole.params
    assert sum(part.macs for part in parts) == whole.macs
    assert max(part.peak for part in parts) == whole.peak_memory.live


def test_peak_memory_of_a_chain_is_counted_by_hand() -> None:
    peak = cost_of(complete(["conv1"]), cnn.search_macro((1, 8, 8), 10), bytes_per_element=1).peak_memory
    assert peak.io == (32 + 16) * 64  # the stem's 32 channels read, the node's 16 written, at 8x8
    assert peak.live == (32 + 16 + 16) * 64  # while the shortcut runs, the node's output waits to be added


def test_bytes_per_element_scale_peak_memory_alone() -> None:
    one, four = cost_of(PUBLISHED, CIFAR, 1), cost_of(PUBLISHED, CIFAR, 4)
    assert four.peak_memory.live == 4 * one.peak_memory.live
    assert four._replace(peak_memory=one.peak_memory) == one


COST = Cost(params=100, params_no_bn=90, macs=1000, peak_memory=PeakMemory(io=10, live=20))


@pytest.mark.parametrize(
    ("budget", "broken"),
    [
        (Budget(), []),
        (Budget(params=100, macs=1000, peak_memory=20), []),
        (Budget(params=99), ["params"]),
        (Budget(macs=999), ["macs"]),
        (Budget(peak_memory=19), ["peak_memory"]),
    ],
)
def test_a_limit_is_broken_one_above_it_and_not_at_it(budget: Budget, broken: list[str]) -> None:
    assert [over.limit for over in budget.over(COST)] == broken


def test_a_broken_limit_says_by_how_much() -> None:
    assert Budget(params=60).over(COST)[0].sentence == "100 parameters is 40 over the limit of 60"


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Budget(params=0)
