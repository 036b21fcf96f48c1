"""Memory orders: compared with all orders of small networks, and with SwiftNet's published cell."""

from functools import cache
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.network import memory_order
from search.network.cost import cost_by_part, cost_of
from search.network.graph import Edge, Graph, Node, complete, live
from search.network.lowering import lower
from search.network.macro import ImageMacro, Macro, Stage
from search.network.memory_order import MAX_STATES, Order, best_order, best_order_of, held_elements, network, reorder
from search.network.program import Program
from search.spaces import cnn, rnn
from search.spaces.presets import PRESETS, SHRINKCNN_CELL
from tests.examples import examples
from tests.search.swiftnet import FIRST_CELL

CIFAR = cnn.search_macro((3, 32, 32), 10)
Values = list[tuple[int, tuple[int, ...]]]  # size of its output, and the steps that it reads


def peak(values: Values, order: tuple[int, ...] | None = None) -> int:
    steps = range(len(values)) if order is None else order
    index = {old: new for new, old in enumerate(steps)}
    return max(held_elements([values[i][0] for i in steps], [tuple(index[j] for j in values[i][1]) for i in steps]))


def solve(values: Values, max_states: int = MAX_STATES) -> Order:
    return best_order_of([size for size, _ in values], [reads for _, reads in values], max_states)


def least(values: Values) -> int:
    """The lowest peak of all orders, from every set of finished steps."""
    readers = [{j for j, (_, reads) in enumerate(values) if i in reads} for i in range(len(values))]

    @cache
    def least_from(done: frozenset[int]) -> int:
        kept = sum(values[i][0] for i in done if not readers[i] or readers[i] - done)
        ready = [i for i, (_, reads) in enumerate(values) if i not in done and done.issuperset(reads)]
        return min((max(kept + values[i][0], least_from(done | {i})) for i in ready), default=0)

    return least_from(frozenset())


@st.composite
def networks(draw: st.DrawFn, most: int = 9) -> Values:
    return [
        (draw(st.integers(0, 9)), tuple(draw(st.sets(st.integers(0, i - 1)))) if i else ())
        for i in range(draw(st.integers(1, most)))
    ]


@settings(max_examples=examples(40))
@given(networks())
def test_no_order_of_a_small_network_has_a_lower_peak(values: Values) -> None:
    order = solve(values)
    assert (order.peak, order.exact) == (least(values), True)
    assert peak(values, order.steps) == order.peak


@settings(max_examples=examples(40))
@given(networks(), st.integers(0, 2))
def test_a_search_cut_off_is_no_worse_than_the_given_order_and_is_exact_only_if_proven(
    values: Values, max_states: int
) -> None:
    order = solve(values, max_states)
    assert order.peak == peak(values, order.steps) <= peak(values)
    assert not order.exact or order.peak == least(values)


def test_the_first_cell_of_swiftnet_has_its_known_peak() -> None:
    order = solve(FIRST_CELL)
    assert (len(FIRST_CELL), peak(FIRST_CELL)) == (29, 351_232)
    assert (order.peak, order.exact) == (275_968, True)
    assert peak(FIRST_CELL, order.steps) == order.peak


def test_the_first_convolution_of_swiftnet_has_the_published_input_and_output_size() -> None:
    macro = ImageMacro(input=(3, 224, 224), classes=2, stem_filters=16, stem_stride=4, stages=(Stage(filters=4),))
    assert cost_of(complete(["conv1"]), macro, 1).peak_memory.io == 200_704


def test_the_first_cell_of_swiftnet_takes_no_more_states_than_published() -> None:
    assert solve(FIRST_CELL).states <= 1_634  # it takes 47: safe moves do not branch


def test_equal_cells_are_solved_once() -> None:
    one, many = (
        ImageMacro(input=(3, 32, 32), classes=10, stem_filters=32, stages=(Stage(filters=16, cells=cells),))
        for cells in (2, 9)  # the first cell has a wider input
    )
    few = best_order(lower(cnn.dense(8), one)).states
    assert 0 < few == best_order(lower(cnn.dense(8), many)).states


@pytest.mark.parametrize(
    ("graph", "macro"),
    [
        (cnn.dense(8), CIFAR),
        (cnn.dense(16), CIFAR),
        (PRESETS["shrinkcnn-a"].graph, PRESETS["shrinkcnn-a"].macro),
        (rnn.dense(6, 0), rnn.search_macro(2_000, 745)),
        (rnn.dense(12, 0), rnn.search_macro(2_000, 32)),
    ],
)
def test_the_orders_for_the_search_spaces_are_exact(graph: Graph, macro: Macro) -> None:
    cost, program = cost_of(graph, macro, 1), network(graph, macro)
    memory = cost.peak_memory
    assert memory.exact and memory.optimal is not None and memory.io <= memory.live >= memory.optimal
    steps = program.instructions
    assert max(held_elements([step.elements for step in steps], [step.inputs for step in steps])) == memory.optimal


def test_reordering_changes_only_the_order() -> None:
    before, after = lower(SHRINKCNN_CELL, CIFAR), network(SHRINKCNN_CELL, CIFAR)
    assert before != after

    def connections(program: Program) -> set[tuple[object, ...]]:
        names = [step.name for step in program.instructions]
        return {(*step._replace(inputs=()), *[names[i] for i in step.inputs]) for step in program.instructions}

    assert connections(before) == connections(after)
    assert after.instructions[-1].op == "dense" and reorder(after) == after


def test_the_peaks_of_parts_are_those_of_the_best_order() -> None:
    memory = cost_of(SHRINKCNN_CELL, CIFAR).peak_memory
    assert max(part.peak for part in cost_by_part(lower(SHRINKCNN_CELL, CIFAR))) == memory.optimal
    assert memory.optimal is not None and memory.optimal < memory.live


DIAMOND = live(
    complete(["conv1", "sep3", "conv1", "sep3"]).nodes,
    [Edge(0, 1), Edge(0, 2), Edge(1, 3), Edge(1, 4), Edge(2, 4)],
)


@pytest.mark.parametrize("max_states", [0, MAX_STATES])
def test_the_best_peak_does_not_depend_on_how_nodes_are_numbered(
    max_states: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_order, "MAX_STATES", max_states)
    peaks = set()
    for order in permutations(DIAMOND.nodes[1:]):
        number = {0: 0, **{node.id: i for i, node in enumerate(order, 1)}}
        edges = sorted(Edge(number[source], number[target]) for source, target in DIAMOND.edges)
        if any(source > target for source, target in edges):
            continue
        nodes = (DIAMOND.input, *[Node(i, node.op, float(i)) for i, node in enumerate(order, 1)])
        peaks.add(cost_of(Graph(nodes, tuple(edges)), CIFAR).peak_memory.optimal)
    assert len(peaks) == 1
