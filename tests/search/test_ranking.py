"""How graphs with several values are ordered."""

import random

import pytest

from search.evaluation.ranking import pareto, rank_sum

Row = tuple[float, float]


def fronts_by_definition(rows: list[Row]) -> list[int]:
    """The number of the front of each row: those that no row of the same or a later front beats."""

    def beats(a: Row, b: Row) -> bool:
        return a != b and a[0] >= b[0] and a[1] >= b[1]

    number, left = [0] * len(rows), set(range(len(rows)))
    for front in range(len(rows)):
        unbeaten = [i for i in left if not any(beats(rows[j], rows[i]) for j in left)]
        for i in unbeaten:
            number[i] = front
        left.difference_update(unbeaten)
    return number


@pytest.mark.parametrize("seed", range(40))
def test_graphs_of_an_earlier_front_are_fitter_than_all_of_a_later_one(seed: int) -> None:
    rng = random.Random(seed)
    rows = [(float(rng.randint(0, 6)), float(rng.randint(0, 6))) for _ in range(rng.randint(1, 30))]
    ranked, fronts = pareto(rows), fronts_by_definition(rows)
    for i, front in enumerate(fronts):
        assert -front <= ranked[i] <= 1 - front
        assert all(ranked[i] >= ranked[j] for j, other in enumerate(fronts) if other > front)


def test_the_ends_of_a_front_are_its_fittest_and_a_crowded_graph_its_least_fit() -> None:
    lonely, crowded, ends = (2.0, 8.0), (6.0, 4.1), [(0.0, 10.0), (10.0, 0.0)]
    ranked = pareto([lonely, crowded, (6.1, 4.0), (5.9, 4.2), *ends])
    assert ranked[4] == ranked[5] == 1.0
    assert ranked[1] < ranked[0] < 1.0


def test_a_rank_sum_depends_on_the_order_of_values_alone() -> None:
    rows = [(1.0, 300.0), (2.0, 100.0), (3.0, 200.0)]
    assert rank_sum(rows) == rank_sum([(10.0**a, b - 1000) for a, b in rows]) == [0.5, 0.25, 0.75]


def test_equal_values_share_their_ranks() -> None:
    assert rank_sum([(1.0, 1.0), (1.0, 1.0), (2.0, 2.0)]) == [0.25, 0.25, 1.0]


def test_a_graph_alone_is_the_fittest() -> None:
    assert rank_sum([(5.0, 6.0)]) == [1.0]
    assert pareto([(5.0, 6.0)]) == [1.0]
