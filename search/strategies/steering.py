"""What all strategies answer alike to commands of people."""

from typing import Any, Protocol

from search.base.config import BadConfig, parse
from search.evaluation.objective import Objective
from search.log.commands import END_KINDS, PAUSE_KINDS, Command
from search.log.events import (
    BudgetChanged,
    EdgeLocked,
    EdgeUnlocked,
    End,
    NodeLocked,
    NodeUnlocked,
    WeightChanged,
    command_applied,
    command_refused,
)
from search.network.budget import Budget, Over
from search.network.graph import INPUT, Edge, Graph, parse_edge
from search.network.locks import Locks
from search.strategies.run import Run

#: The studio itself pauses, resumes and opens branches.
NOT_FOR_STRATEGY = "{} is applied by the studio, not by the strategy"


class Steered(Protocol):
    """One call of a strategy, as far as every command needs it."""

    def emit(self, payload: object) -> None: ...

    def finish(self, status: End, why: str) -> None: ...


def is_to_apply(run: Steered, command: Command, why: str | None) -> bool:
    """Emits whether the command is applied, and ends the search if it says so. True: the strategy applies the rest.

    `why`: the strategy's reason against it; None if it has none.
    """
    if why is None and command.kind == "rollback":
        why = NOT_FOR_STRATEGY.format(command.kind)
    if why is not None:
        run.emit(command_refused(command, why))
        return False
    run.emit(command_applied(command))
    if command.kind in END_KINDS:
        status: End = "stopped" if command.kind == "stop" else "cancelled"
        run.finish(status, f"{status} by {command.by}")
        return False
    return True


def apply_lock(run: Run[Any], command: Command) -> None:
    """Locks or unlocks a part."""
    part, is_lock = target(command), command.kind == "lock"
    locks = run.locks.plus(part) if is_lock else run.locks.minus(part)
    run.change(locked=locks.edges, locked_nodes=locks.nodes)
    if isinstance(part, int):
        run.emit(NodeLocked(part) if is_lock else NodeUnlocked(part))
    else:
        run.emit(EdgeLocked(part.id) if is_lock else EdgeUnlocked(part.id))


def apply_weight(run: Run[Any], weight: float) -> None:
    """Scores the best graphs by the new weight, so that later candidates are compared with them fairly."""
    run.change(weight=weight)
    run.emit(WeightChanged(weight))

    best, finalists = run.state.best, run.state.finalists
    rescored = run.rescored([*finalists, *([] if best is None else [best])])
    run.change(best=best and rescored[-1], finalists=tuple(sorted(rescored[: len(finalists)], key=run.order)))


def apply_budget(run: Run[Any], budget: Budget) -> None:
    """Drops the latencies if the device changes."""
    records = run.state.latency_records if budget.device == run.budget.device else ()
    run.change(budget=budget, latency_records=records)
    run.remeasure_best()
    cost = run.cost(run.graph)
    over = run.budget.over(cost)
    run.emit(BudgetChanged(budget, cost, over, not over))


def target(command: Command) -> Edge | int:
    """The edge or node that the command is about."""
    return command.node if command.node is not None else parse_edge(str(command.edge))


def why_not_now(command: Command, finished: End | None, steps: int) -> str | None:
    """Why no strategy can apply the command, after so many decisions; None if it is for the strategy to say."""
    if finished is not None:
        return f"the search has ended ({finished})" + ("; fork it instead" if command.kind == "rollback" else "")
    if command.kind in PAUSE_KINDS:
        return NOT_FOR_STRATEGY.format(command.kind)
    if command.step is not None and command.step > steps:
        decided = {0: "no step has", 1: "only 1 step has"}.get(steps, f"only {steps} steps have")
        return f"cannot roll back to step {command.step}: {decided} been decided"
    return None


def why_not_weight(weight: float, current: float) -> str | None:
    try:
        parse(Objective, {"cost_weight": weight})
    except BadConfig as error:
        return f"the cost weight {error.message}"
    return f"the cost weight is already {weight:g}" if weight == current else None


def why_not_budget(budget: Budget, current: Budget) -> str | None:
    if budget == current:
        return "these limits are already set"
    if budget.bytes_per_element != current.bytes_per_element:
        return f"this search counts {current.bytes_per_element} bytes per element, which cannot change"
    return None


def why_not_lockable(graph: Graph, part: Edge | int, locks: Locks, name: str) -> str | None:
    """`name`: of the part, in words."""
    if isinstance(part, int) and part in graph.by_id and graph.by_id[part].op == INPUT:
        return f"{name} is the input: it is never removed and needs no lock"
    return f"{name} is already locked" if locks.has(part) else None


def joined(over: tuple[Over, ...]) -> str:
    return "; ".join(limit.sentence for limit in over)
