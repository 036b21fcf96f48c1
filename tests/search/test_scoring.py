"""The scores of candidates, against the published figures (spec sections 2, 3 and 10)."""

import math

import pytest

from search.evaluation import objective
from search.network.cost import cost_of
from search.network.graph import live, parse_edge
from search.spaces import cnn
from search.strategies.autoshrink import scoring

CIFAR = cnn.search_macro((3, 32, 32), 10)
PUBLISHED = live(cnn.dense(8).nodes, [parse_edge(e) for e in ["0-2", "0-5", "0-6", "0-7", "2-6", "5-7"]])


def test_the_published_score_of_the_published_recurrent_cell() -> None:
    assert scoring.published_text_score(339.74, edges=12, hidden=100) == pytest.approx(-34.014, abs=5e-4)


def test_ten_times_the_cost_is_worth_4_of_perplexity_as_published() -> None:
    one, other = (scoring.published_text_score(ppl, 10, hidden) for ppl, hidden in ((300, 100), (296, 1000)))
    assert other - one == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("graph", "penalty"), [(cnn.dense(8), 0.1437), (PUBLISHED, 0.0963)], ids=["dense", "published"]
)
def test_the_published_penalty_of_a_convolutional_cell(graph: object, penalty: float) -> None:
    macs = cost_of(graph, CIFAR).macs  # type: ignore[arg-type]
    assert scoring.published_penalty(macs) == pytest.approx(penalty, abs=5e-5)
    assert scoring.published_image_score(0.8, macs) == pytest.approx(0.8 - penalty, abs=5e-5)


def test_the_objective_counts_a_cost_relative_to_the_dense_graph() -> None:
    assert objective.score("accuracy", 0.8, 0.1, 1.0) == 0.8
    assert objective.score("accuracy", 0.8, 0.1, 0.1) == pytest.approx(0.9)


def test_the_objective_counts_a_perplexity_by_its_logarithm() -> None:
    assert objective.score("perplexity", 100.0, 0.1, 1.0) == pytest.approx(-math.log(100))
    worse = [objective.score("perplexity", ppl, 0.0, 1.0) - objective.score("perplexity", 1.1 * ppl, 0.0, 1.0)
             for ppl in (20, 2000)]  # fmt: skip
    assert worse[0] == pytest.approx(worse[1]) == pytest.approx(math.log(1.1))
