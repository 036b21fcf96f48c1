"""The execution order of a network's instructions with the lowest peak activation memory.

A program is divided where all values pass through one instruction, so each cell is solved alone, and equal cells once.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import gcd
from typing import NamedTuple

from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import Macro
from search.network.min_peak import Problem, Solution, Step, can_be_solved, min_peak_order
from search.network.program import Program

#: Sets of steps visited in one segment before its search is cut off. SwiftNet's first cell takes 47. In the search
#: spaces, a complete recurrent cell of 12 nodes took the most, 1,445.
MAX_STATES = 8_000

Reads = Sequence[tuple[int, ...]]  # of each instruction, the indexes of the instructions whose outputs it reads


class Order(NamedTuple):
    """An execution order. `exact`: whether it is proven that no other order has a lower peak."""

    steps: tuple[int, ...]  # indexes of instructions
    peak: int  # most elements held at once
    exact: bool
    states: int  # sets of steps visited, over all segments


def network(graph: Graph, macro: Macro) -> Program:
    """The program to run: the network that `macro` builds from the cell `graph`, in the order with the lowest peak."""
    program, order = lower_with_order(graph, macro)
    return in_order(program, order)


@lru_cache(maxsize=256)  # a graph that is drawn is priced again when it is admitted
def lower_with_order(graph: Graph, macro: Macro) -> tuple[Program, Order]:
    """The program in the order of the graph's nodes or of its canonical form, and the order to run it in.

    The peak does not depend on how nodes are numbered: an exact peak has one value, and a search that is cut off starts
    again from the canonical order. The first search is shorter, so that a lucky numbering has no advantage.
    """
    program = lower(graph, macro)
    order = best_order(program, MAX_STATES // 4)
    if not order.exact:
        program = lower(graph, macro, canonical=True)
        order = best_order(program)
    return program, order


def reorder(program: Program) -> Program:
    """The program in the best order found."""
    return in_order(program, best_order(program))


def best_order(program: Program, max_states: int = MAX_STATES) -> Order:
    """The best order of a program. If the search is cut off, the result is no worse than the program's own order."""
    steps = program.instructions
    return best_order_of([step.elements for step in steps], [step.inputs for step in steps], max_states)


def best_order_of(sizes: Sequence[int], inputs: Reads, max_states: int = MAX_STATES) -> Order:
    """The best order of instructions given as their output sizes and what they read.

    Only the highest peak of the program counts: a segment whose own peak is below it keeps its order.
    """
    live = held_elements(sizes, inputs)
    # in any order, an instruction's inputs and output are held while it runs
    lower_bound = max([size + sum([sizes[i] for i in {*read}]) for size, read in zip(sizes, inputs, strict=True)])
    steps, peak, states = [*range(len(sizes))], lower_bound, 0
    if max(live) > lower_bound:
        last_read, solved = _last_read(inputs), dict[Problem, Solution]()
        segments = [(max(live[start : end + 1]), start, end) for start, end in _segments(inputs)]
        for own_peak, start, end in sorted(segments, reverse=True):
            if own_peak <= peak:
                break
            segment = _segment(sizes, inputs, last_read, start, end)
            floor = (peak - segment.base) // segment.unit
            solution = solved.get(segment.problem)
            if solution is None or floor < solution.peak > solution.lower_bound:
                solution = solved[segment.problem] = min_peak_order(segment.problem, floor, max_states)
                states += solution.states
            peak = max(peak, solution.peak * segment.unit + segment.base)
            lower_bound = max(lower_bound, solution.lower_bound * segment.unit + segment.base)
            steps[start : end + 1] = [i for group in solution.order for i in segment.groups[group]]
    return Order(tuple(steps), peak, peak == lower_bound, states)


def in_order(program: Program, order: Order) -> Program:
    """The same instructions in another order, with their inputs renumbered."""
    index = {old: new for new, old in enumerate(order.steps)}
    steps = [program.instructions[i] for i in order.steps]
    return Program(tuple([step._replace(inputs=tuple([index[i] for i in step.inputs])) for step in steps]))


def held_elements(sizes: Sequence[int], inputs: Reads) -> list[int]:
    """Elements held while each instruction runs: its output, its inputs, and every value that is read later."""
    change = [*sizes, 0]  # at each instruction: plus its output, minus the values that the previous one read last
    for read, size in zip(_last_read(inputs), sizes, strict=True):
        change[read + 1] -= size
    return list(accumulate(change[:-1]))


def _last_read(inputs: Reads) -> list[int]:
    """Of each value, the index of the instruction that reads it last."""
    last_read = [len(inputs) - 1] * len(inputs)  # a value without readers is an output, and is held to the end
    for i, reads in enumerate(inputs):
        for read in reads:
            last_read[read] = i
    return last_read


def _segments(inputs: Reads) -> list[tuple[int, int]]:
    """First and last instruction of each segment. In any order, all of a segment runs before all of the next.

    A segment ends at an instruction that depends on everything before it, and that everything after depends on.
    """
    count = len(inputs)
    first_read = [count] * count
    for i in reversed(range(count)):
        for read in inputs[i]:
            first_read[read] = i
    # oldest[i]: of all instructions from i on, the smallest index of the newest value that one of them reads
    oldest = [count] * (count + 1)
    for i in reversed(range(count)):
        oldest[i] = min(oldest[i + 1], max(inputs[i], default=-1))
    segments, start, pending = [], 0, 0  # pending: largest first_read of the values before i
    for i in range(count):
        if i == count - 1 or (pending <= i <= oldest[i + 1]):
            segments.append((start, i))
            start = i + 1
        pending = max(pending, first_read[i])
    return segments


class _Segment(NamedTuple):
    """A segment as a problem for `min_peak_order`."""

    problem: Problem
    groups: list[tuple[int, ...]]  # instructions of each step of the problem
    base: int  # elements held throughout the segment in any order
    unit: int  # elements per unit of the problem, so that cells of the same shape at other widths are equal


def _segment(sizes: Sequence[int], inputs: Reads, last_read: Sequence[int], start: int, end: int) -> _Segment:
    outside = [i for i in range(start) if start <= last_read[i] <= end]
    unit = gcd(*[sizes[i] for i in outside], *sizes[start : end + 1])
    inside = range(start, end + 1)
    readers: dict[int, set[int]] = {i: set() for i in [*outside, *inside]}
    for i in inside:
        for read in inputs[i]:
            if read in readers:
                readers[read].add(i)
    kept = {i for i in inside if last_read[i] > end or not readers[i]}
    base = sum([sizes[i] for i in range(start) if last_read[i] > end])
    groups = _groups(inputs, readers, kept, inside)
    problem = _problem(sizes, inputs, outside, groups, kept, unit)
    if not can_be_solved(problem):
        groups = [(i,) for i in inside]
        problem = _problem(sizes, inputs, outside, groups, kept, unit)
    return _Segment(problem, groups, base, unit)


def _problem(
    sizes: Sequence[int], inputs: Reads, outside: list[int], groups: list[tuple[int, ...]], kept: set[int], unit: int
) -> Problem:
    number = {value: i for i, value in enumerate([*outside, *[group[-1] for group in groups]])}
    steps = [
        Step(
            size=sizes[group[-1]] // unit,
            transient=sum([sizes[i] for i in group]) // unit,
            reads=tuple(sorted({number[read] for i in group for read in inputs[i] if read in number})),
            kept=group[-1] in kept,
        )
        for group in groups
    ]
    return Problem(tuple([sizes[i] // unit for i in outside]), tuple(steps))


def _groups(inputs: Reads, readers: dict[int, set[int]], kept: set[int], inside: range) -> list[tuple[int, ...]]:
    """Groups of instructions that can run in a row without raising the peak.

    A group is an instruction and, just before it, its inputs that only it reads, if it also reads whatever they read:
    they free nothing. `readers`: the readers of each value that is held only for this segment.
    """
    before: dict[int, list[int]] = {}
    for i in inside:
        if len(readers[i]) == 1 and i not in kept:
            (reader,) = readers[i]
            if all(reader in readers[read] for read in inputs[i] if read in readers):
                before.setdefault(reader, []).append(i)
    grouped = {i for group in before.values() for i in group}
    return [(*before.get(i, ()), i) for i in inside if i not in grouped]
