"""Each kind of process is killed once during a search, and a worker is stopped beyond its lease: nothing is lost.

Workers and the coordinator are killed during a search of each strategy. `make soak` does the same twenty times at other
moments.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.soak import disturbance
from tests.soak.kills import kill
from tests.soak.moments import VICTIMS
from tests.soak.stack import Stack
from tests.soak.trace import Trace, timeless
from tests.soak.trials import TRIALS

pytestmark = pytest.mark.spine

SEED = 0
SAMPLERS = ("random", "evolution")
KILLS = [
    *(("autoshrink", victim) for victim in VICTIMS),
    *((strategy, victim) for strategy in SAMPLERS for victim in ("worker", "coordinator")),
]

Undisturbed = Callable[[str], Trace]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.running(tmp_path_factory.mktemp("kills") / "var") as stack:
        yield stack


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> Undisturbed:
    """The trace of a strategy's search that nothing disturbed, which runs once."""
    return cache(lambda strategy: disturbance.run(stack, TRIALS[strategy].task)[0].trace)


@pytest.mark.parametrize("strategy", SAMPLERS)  # tests/webapp/test_spine.py compares a search of autoshrink
def test_an_undisturbed_search_has_the_events_of_the_local_driver(
    undisturbed: Undisturbed, strategy: str, tmp_path: Path
) -> None:
    assert timeless(TRIALS[strategy].run_locally(tmp_path / "run")) == undisturbed(strategy).log


@pytest.mark.parametrize(("strategy", "victim"), KILLS)
def test_nothing_is_lost_when_a_process_is_killed(
    stack: Stack, undisturbed: Undisturbed, strategy: str, victim: str
) -> None:
    done = kill(stack, TRIALS[strategy].task, victim, 0, SEED, undisturbed(strategy))
    assert done.difference is None
    if victim in ("coordinator", "worker", "stopped", "postgres", "valkey"):
        assert done.visits == 1, "the watcher's socket was closed"
