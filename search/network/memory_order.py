"""The order in which a network needs least memory: the same instructions, and no order of them with a lower peak.

A program is cut where everything passes through one instruction, so each cell is solved alone, and equal cells once.
"""

from collections.abc import Sequence
from itertools import accumulate
from math import gcd
from typing import NamedTuple

from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import Macro
from search.network.min_peak import Problem, Solution, Step, can_be_solved, min_peak_order
from search.network.program import Program

#: Sets of steps visited in one segment before its search is cut off. SwiftNet's first cell takes 47; of what the search
#: spaces can make, a complete recurrent cell of 12 nodes took the most, 1,445.
MOST_STATES = 8_000

Reads = Sequence[tuple[int, ...]]


class Order(NamedTuple):
    """`exact`: no other order has a lower peak; False where the search was cut off before it knew."""

    steps: tuple[int, ...]  # indexes of instructions
    peak: int  # elements held at once at the most
    exact: bool
    states: int  # sets of steps visited, over all segments


def network(graph: Graph, macro: Macro) -> Program:
    """The program that runs: what `macro` builds from the cell `graph`, in the order that needs least memory."""
    program, order = lowered(graph, macro)
    return in_order(program, order)


def lowered(graph: Graph, macro: Macro) -> tuple[Program, Order]:
    """The program in the order of the file, and the order to run it in.

    How nodes are numbered does not count: an exact peak has one value, and where a search is cut off, it begins again
    from the nodes in canonical order. The first look is shorter, so that luck in numbering cannot win.
    """
    program = lower(graph, macro)
    order = best(program, MOST_STATES // 4)
    if not order.exact:
        program = lower(graph, macro, canonical=True)
        order = best(program)
    return program, order


def ordered(program: Program) -> Program:
    """The program in the best order that is found."""
    return in_order(program, best(program))


def best(program: Program, most_states: int = MOST_STATES) -> Order:
    """The best order of a program; where the search was cut off, one that is no worse than the program's own."""
    steps = program.instructions
    return best_of([step.elements for step in steps], [step.inputs for step in steps], most_states)


def best_of(sizes: Sequence[int], inputs: Reads, most_states: int = MOST_STATES) -> Order:
    """The same of bare sizes of what each instruction writes, and whose output it reads.

    Only the largest peak counts: a segment that stays below what others need anyway keeps the order that it has.
    """
    live = held_bytes(sizes, inputs)
    # while an instruction runs, its inputs and its output are there in any order
    least = max([size + sum([sizes[i] for i in {*read}]) for size, read in zip(sizes, inputs, strict=True)])
    steps, peak, states = [*range(len(sizes))], least, 0
    if max(live) > least:
        last_read, solved = _last_read(inputs), dict[Problem, Solution]()
        segments = [(max(live[start : end + 1]), start, end) for start, end in _segments(inputs)]
        for own, start, end in sorted(segments, reverse=True):
            if own <= peak:
                break
            segment = _segment(sizes, inputs, last_read, start, end)
            floor = (peak - segment.base) // segment.unit
            found = solved.get(segment.problem)
            if found is None or floor < found.peak > found.least:
                found = solved[segment.problem] = min_peak_order(segment.problem, floor, most_states)
                states += found.states
            peak = max(peak, found.peak * segment.unit + segment.base)
            least = max(least, found.least * segment.unit + segment.base)
            steps[start : end + 1] = [i for group in found.order for i in segment.groups[group]]
    return Order(tuple(steps), peak, peak == least, states)


def in_order(program: Program, order: Order) -> Program:
    place = {old: new for new, old in enumerate(order.steps)}
    steps = [program.instructions[i] for i in order.steps]
    return Program(tuple([step._replace(inputs=tuple([place[i] for i in step.inputs])) for step in steps]))


def held_bytes(sizes: Sequence[int], inputs: Reads) -> list[int]:
    """Elements held while each instruction runs: its output, its inputs, and all that is read again later."""
    change = [*sizes, 0]  # at each instruction: its own output, less what was read for the last time just before
    for read, size in zip(_last_read(inputs), sizes, strict=True):
        change[read + 1] -= size
    return list(accumulate(change[:-1]))


def _last_read(inputs: Reads) -> list[int]:
    last_read = [len(inputs) - 1] * len(inputs)  # what nobody reads is the answer, and is held to the end
    for i, reads in enumerate(inputs):
        for read in reads:
            last_read[read] = i
    return last_read


def _segments(inputs: Reads) -> list[tuple[int, int]]:
    """First and last instruction of each segment. In any order all of one run before all of the next.

    A segment ends at an instruction that everything before leads to, and that everything after comes from.
    """
    count = len(inputs)
    first_read = [count] * count
    for i in reversed(range(count)):
        for read in inputs[i]:
            first_read[read] = i
    oldest = [count] * (count + 1)  # what an instruction reads last: the earliest of that, over all from here on
    for i in reversed(range(count)):
        oldest[i] = min(oldest[i + 1], max(inputs[i], default=-1))
    segments, start, waits = [], 0, 0
    for i in range(count):
        if i == count - 1 or (waits <= i <= oldest[i + 1]):
            segments.append((start, i))
            start = i + 1
        waits = max(waits, first_read[i])
    return segments


class _Segment(NamedTuple):
    problem: Problem
    groups: list[tuple[int, ...]]  # the instructions of each step
    base: int  # elements that are held throughout, whatever the order
    unit: int  # elements that the problem counts as 1, so that cells of one shape at other widths are equal


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
    """Instructions that may as well run in a row: one, and just before it those that only it waits for and that let
    nothing go, since it reads all that they read. `readers`: of each value that is there for this segment alone."""
    ahead: dict[int, list[int]] = {}
    for i in inside:
        if len(readers[i]) == 1 and i not in kept:
            (reader,) = readers[i]
            if all(reader in readers[read] for read in inputs[i] if read in readers):
                ahead.setdefault(reader, []).append(i)
    alone = {i for group in ahead.values() for i in group}
    return [(*ahead.get(i, ()), i) for i in inside if i not in alone]
