"""How graphs with several values each are ordered: by the sum of their ranks, or by who is beaten in all of them.

The number of a graph depends on the others: it holds within the set that it was computed for.
"""

from bisect import bisect_right
from collections.abc import Sequence

Rows = Sequence[tuple[float, ...]]  # the values of each graph; higher is better in each column


def rank_sum(rows: Rows) -> list[float]:
    """The mean over the columns of the share of the other graphs that a graph beats; half of a tie."""
    if len(rows) < 2:
        return [1.0] * len(rows)
    ranks = [_ranks(column) for column in zip(*rows, strict=True)]
    return [sum(of_graph) / len(ranks) for of_graph in zip(*ranks, strict=True)]


def pareto(rows: Rows) -> list[float]:
    """Of two values each: minus the number of the front that a graph is on, from 0, and a share for how alone it is.

    Fronts and crowding distance are those of NSGA-II (Deb et al., IEEE Transactions on Evolutionary Computation 6(2),
    2002, sections III.A and III.B).
    """
    result = [0.0] * len(rows)
    for number, front in enumerate(_fronts(rows)):
        for i, distance in zip(front, _crowding([rows[i] for i in front]), strict=True):
            result[i] = 1 - 1 / (1 + distance) - number
    return result


def _fronts(rows: Rows) -> list[list[int]]:
    """The indices of each front. A row is beaten by one that is no worse in both columns, and not equal."""
    fronts: list[list[int]] = []
    lowest: list[float] = []  # minus the second value of the last row of each front, which ascends from front to front
    number, before = 0, None
    for i in sorted(range(len(rows)), key=lambda i: (-rows[i][0], -rows[i][1])):
        if rows[i] != before:  # what beats one of two equal rows beats the other
            number = bisect_right(lowest, -rows[i][1])
        if number == len(fronts):
            fronts.append([])
            lowest.append(0.0)
        fronts[number].append(i)
        lowest[number] = -rows[i][1]
        before = rows[i]
    return fronts


def _ranks(column: Sequence[float]) -> list[float]:
    ordered = sorted(column)
    first = {value: i for i, value in reversed(list(enumerate(ordered)))}
    last = {value: i for i, value in enumerate(ordered)}
    return [(first[value] + last[value]) / 2 / (len(column) - 1) for value in column]


def _crowding(rows: Rows) -> list[float]:
    """The distance to the neighbours of each in each column, summed; infinite at the ends."""
    distances = [0.0] * len(rows)
    for column in zip(*rows, strict=True):
        order = sorted(range(len(rows)), key=lambda i: column[i])
        span = column[order[-1]] - column[order[0]]
        distances[order[0]] = distances[order[-1]] = float("inf")
        if span > 0:
            for before, i, after in zip(order, order[1:], order[2:], strict=False):
                distances[i] += (column[after] - column[before]) / span
    return distances
