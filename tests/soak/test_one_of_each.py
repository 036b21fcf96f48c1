"""Each kind of process is killed once during a search, and a worker is stopped beyond its lease: nothing is lost.

`make soak` does the same twenty times at other moments.
"""

from collections.abc import Iterator

import pytest

from tests.soak import disturbance
from tests.soak.kills import kill
from tests.soak.moments import VICTIMS
from tests.soak.stack import Stack
from tests.soak.trace import Trace

pytestmark = pytest.mark.spine

SEED = 0


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack.running(tmp_path_factory.mktemp("kills") / "var") as stack:
        yield stack


@pytest.fixture(scope="module")
def undisturbed(stack: Stack) -> Trace:
    return disturbance.run(stack)[0].trace


@pytest.mark.parametrize("victim", VICTIMS)
def test_nothing_is_lost_when_a_process_is_killed(stack: Stack, undisturbed: Trace, victim: str) -> None:
    done = kill(stack, victim, 0, SEED, undisturbed)
    assert done.difference is None
    if victim in ("coordinator", "worker", "stopped", "postgres", "valkey"):
        assert done.visits == 1, "the watcher's socket was closed"
