"""The evaluation of candidates: evaluators and the table of them, recipes, work items, and measured latencies.

May import spaces, network, data and base.
"""

from search.evaluation import inherit, score, train
from search.evaluation.base import Evaluator

EVALUATORS: dict[str, Evaluator] = {"train": train, "inherit": inherit, "score": score}
