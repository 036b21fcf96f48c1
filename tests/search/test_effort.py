"""What a search trains, counted before it does, against what it then trains."""

import pytest

from search.base.serialization import Json
from search.log.task import Task
from search.network.budget import Budget
from search.strategies import STRATEGIES
from search.strategies.base import Effort, Finished, Position, Stage
from tests.search import fakes

BUDGETS = {"no limits": Budget(), "some": Budget(params=60_000), "tight": Budget(macs=250_000)}


def count(stages: tuple[Stage, ...], phase: str | None = None) -> int:
    return sum(sum(stage.rounds) for stage in stages if phase in (None, stage.phase))


def sizes(effort: Effort) -> tuple[int, int, int]:
    return count(effort.low), count(effort.middle), count(effort.high)


def rounds_of(task: Task) -> list[tuple[Position, list[Json]]]:
    """Each round of a search: where the search stands before it, and the work."""
    strategy = STRATEGIES[task.strategy.name]
    state, _, _ = strategy.start(task)
    rounds = []
    while not isinstance(asked := strategy.ask(state), Finished):
        now = strategy.snapshot(state)
        edges = len(now.graph["edges"]) - len(now.removed)
        rounds.append((Position(now.step, edges, now.cost), list(asked.work)))
        state, _, _ = strategy.tell(state, [fakes.outcome_of(work) for work in asked.work])
    return rounds


@pytest.mark.parametrize("strategy", ["random", "evolution"])
def test_strategies_that_draw_train_exactly_what_was_counted(strategy: str) -> None:
    task = fakes.task(strategy=strategy, rounds=6, candidates=4)
    effort = STRATEGIES[strategy].effort(task)
    assert sizes(effort) == (27, 27, 27) == (sum(len(work) for _, work in rounds_of(task)),) * 3
    assert [stage.macs for stage in (effort.low[0], effort.middle[0], effort.high[0])] == sorted(
        stage.macs for stage in (effort.low[0], effort.middle[0], effort.high[0])
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("budget", BUDGETS)
def test_autoshrink_trains_a_number_in_the_range_that_was_counted(budget: str, seed: int) -> None:
    task = fakes.task(seed=seed, budget=BUDGETS[budget])
    low, middle, high = sizes(STRATEGIES["autoshrink"].effort(task))
    trained = sum(len(work) for _, work in rounds_of(task))
    assert low <= middle <= high
    assert 0.7 * low <= trained <= 1.2 * high


def test_without_patience_every_cut_is_counted_exactly() -> None:
    task = fakes.task(nodes=4, patience=0, keep_parent=False, budget=Budget())
    assert sizes(STRATEGIES["autoshrink"].effort(task))[:1] == sizes(STRATEGIES["autoshrink"].effort(task))[2:]


@pytest.mark.parametrize("strategy", ["autoshrink", "random", "evolution"])
def test_what_is_left_shrinks_to_the_finalists(strategy: str) -> None:
    task = fakes.task(strategy=strategy, budget=Budget(params=60_000))
    rounds = rounds_of(task)
    left = [sizes(STRATEGIES[strategy].effort(task, position)) for position, _ in rounds]
    assert left[0][2] > left[len(left) // 2][2] > left[-1][2]
    whole = STRATEGIES[strategy].effort(task)
    assert count(whole.low, "answer") == 3 == len(rounds[-1][1])


def test_a_stage_says_how_long_its_items_train() -> None:
    task = fakes.task(budget=Budget(params=60_000), epochs=5, descent_epochs=2)
    stages = {stage.phase: stage.work["recipe"]["epochs"] for stage in STRATEGIES["autoshrink"].effort(task).middle}
    assert stages == {"descent": 2, "choice": 5, "answer": 20}


@pytest.mark.parametrize("strategy", ["autoshrink", "random"])
def test_a_preview_gives_items_of_the_smallest_and_the_largest_graph(strategy: str) -> None:
    preview = STRATEGIES[strategy].preview(fakes.task(strategy=strategy))
    smallest, largest = (len(item["graph"]["edges"]) for item in preview.examples)
    assert smallest < largest == len(preview.graph.edges)
