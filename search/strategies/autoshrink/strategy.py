"""AutoShrink (Zhang et al., AAAI 2020, arXiv 1911.09251): start from the complete cell, remove one edge a step.

Each step draws removals of one live edge, trains each shrunk graph from scratch and makes the best one (spec section
2). By the `published` protocol that is all (published.py); `studio`, the default, keeps to limits and mends what the
published one gets wrong (studio.py).
"""

from search.base import serialization
from search.base.config import parse
from search.log.commands import Command
from search.log.events import applied
from search.log.task import Task
from search.network.graph import Graph
from search.strategies.autoshrink import commands
from search.strategies.autoshrink.branching import opened
from search.strategies.autoshrink.config import CONFIGS as CONFIGS
from search.strategies.autoshrink.config import Protocol
from search.strategies.autoshrink.loop import Loop
from search.strategies.autoshrink.published import Published
from search.strategies.autoshrink.state import SearchState as Known
from search.strategies.autoshrink.studio import Studio
from search.strategies.autoshrink.work import training_work
from search.strategies.base import Finished, Origin, Outcome, Round, State, Transition, Work

TITLE = "AutoShrink"
ABOUT = "Starts from a dense cell and cuts one edge a step: each cut is tried, trained and scored before it is made."

LOOPS: dict[Protocol, type[Loop]] = {"studio": Studio, "published": Published}


def start(task: Task) -> Transition:
    run = _run(Known(task=task, edges=()))
    run.change(edges=tuple(edge.id for edge in run.dense.edges))
    run.begin()
    run.propose()
    return run.transition()


def ask(state: State) -> Round | Finished:
    run = _decoded(state)
    if run.state.finished is not None:
        return Finished(run.state.finished)
    weights = run.state.weights
    return Round(tuple(run.work()), () if weights is None else (weights.sha256,))


def tell(state: State, outcomes: list[Outcome]) -> Transition:
    run = _decoded(state)
    if run.state.finished is None:
        run.tell(outcomes)
    return run.transition()


def steer(state: State, command: Command) -> Transition:
    run = _decoded(state)
    commands.apply_command(run, command)
    return run.transition()


def validate_command(state: State, command: Command) -> str | None:
    return commands.validate_command(_decoded(state), command)


def branch(state: State, branch_id: int, origin: Origin) -> Transition:
    run = _decoded(state)
    run.change(branch=branch_id, round=0, finished=None)
    if origin.search is not None:
        run.begin()
    if origin.command is not None:
        run.emit(applied(origin.command))
    run.emit(opened(run, origin))
    run.propose()
    return run.transition()


def final(task: Task, graph: Graph) -> Work:
    run = _run(Known(task=task, edges=(), phase="choice"))
    return training_work(run, graph) | {"kind": "final"}


def evaluations(task: Task) -> int:
    """One edge a step, K candidates each (spec section 10: 235 and 95 as published), and in studio one reference."""
    config = parse(CONFIGS[task.space], task.config)
    edges = config.nodes * (config.nodes - 1) // 2
    most = edges if config.keep_parent else config.candidates  # a graph may be kept until all its cuts were tested
    cuts = sum(min(most, e) for e in range(config.keep_edges + 1, edges + 1))
    return cuts + (config.protocol == "studio")


def _decoded(state: State) -> Loop:
    return _run(serialization.decode(Known, state))


def _run(state: Known) -> Loop:
    return LOOPS[state.task.config["protocol"]](state)
