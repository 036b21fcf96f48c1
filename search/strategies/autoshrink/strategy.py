"""AutoShrink (Zhang et al., AAAI 2020, arXiv 1911.09251): start from the complete cell, remove one edge per step.

Each step draws removals of one edge, trains each shrunk graph from scratch and makes the best removal (spec section 2).
That is the whole `published` protocol (published.py). The default protocol, `studio`, respects limits and fixes the
faults of the published one (studio.py).
"""

from collections.abc import Mapping

from search.base import serialization
from search.base.sentences import counted
from search.log.commands import Command
from search.log.events import Snapshot
from search.log.task import BadTask, Task
from search.spaces.base import Move
from search.strategies.autoshrink import commands
from search.strategies.autoshrink.config import PROTOCOLS as PROTOCOLS
from search.strategies.autoshrink.config import Config as Config
from search.strategies.autoshrink.config import ProtocolName
from search.strategies.autoshrink.loop import Loop
from search.strategies.autoshrink.published import Published
from search.strategies.autoshrink.state import SearchState
from search.strategies.autoshrink.studio import Studio
from search.strategies.base import (
    Effort,
    Factor,
    Finished,
    Origin,
    Outcome,
    Position,
    Preview,
    Round,
    State,
    Transition,
)
from search.strategies.call import first_state

NAME = "autoshrink"
TITLE = "AutoShrink"
ABOUT = "Starts from a dense cell and cuts one edge per step: trains and scores several cuts, then makes the best one."
NEEDS: frozenset[Move] = frozenset({"remove"})
USUAL: Mapping[Factor, str] = {}

LOOPS: dict[ProtocolName, type[Loop]] = {"studio": Studio, "published": Published}


def preview(task: Task) -> Preview:
    return _first_run(task).preview()


def effort(task: Task, position: Position | None = None) -> Effort:
    return _first_run(task).effort(position)


def start(task: Task) -> Transition:
    run = _first_run(task)
    run.start()
    run.propose()
    return run.transition()


def ask(state: State) -> Round | Finished:
    return _load_run(state).ask()


def tell(state: State, outcomes: list[Outcome]) -> Transition:
    run = _load_run(state)
    if run.state.finished is None:
        run.tell(outcomes)
    return run.transition()


def steer(state: State, command: Command) -> Transition:
    run = _load_run(state)
    commands.apply_command(run, command)
    return run.transition()


def validate_command(state: State, command: Command) -> str | None:
    return commands.validate_command(_load_run(state), command)


def branch(state: State, branch_id: int, origin: Origin) -> Transition:
    run = _load_run(state)
    run.enter_branch(branch_id, origin)
    if origin.search is not None:
        run.start()
    run.clear_round()
    run.open_branch(origin)
    run.propose()
    return run.transition()


def snapshot(state: State) -> Snapshot:
    return _load_run(state).snapshot()


def _first_run(task: Task) -> Loop:
    """Raises BadTask."""
    run = _create_run(first_state(SearchState, task))
    if (keep := run.config.keep_edges) > (edges := len(run.dense.edges)):
        raise BadTask(
            f"the search would stop at {counted(keep, 'edge')}, and its largest cell has only {edges}; choose fewer "
            "edges to stop at, or more nodes"
        )
    if run.factors.ranking is not None:
        raise BadTask(
            "AutoShrink compares each cut with graphs of earlier steps, so it takes one proxy; set the others to none, "
            "or choose a strategy that draws whole graphs"
        )
    return run


def _load_run(state: State) -> Loop:
    return _create_run(serialization.decode(SearchState, state))


def _create_run(state: SearchState) -> Loop:
    return LOOPS[state.task.strategy.config["protocol"]](state)
