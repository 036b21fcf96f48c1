"""Commands to an AutoShrink search: each is applied, or refused with a reason.

A command is validated when it is sent and again when it is applied. After every applied command, a graph that fits can
still be reached. The answer therefore always fits the current budget, holds every locked part and lacks every part that
a person removed.
"""

from search.log.commands import END_KINDS, GRAPH_KINDS, Command, CommandKind
from search.log.events import (
    Answer,
)
from search.network.budget import Budget, Over
from search.network.edits import edges_with, has_part, name_of, removal, why_not_removable
from search.network.graph import Edge, Graph
from search.network.locks import Locks
from search.strategies.answer import NO_CHANGES
from search.strategies.autoshrink.state import SearchRun
from search.strategies.steering import (
    apply_budget,
    apply_lock,
    apply_weight,
    is_to_apply,
    joined,
    target,
    why_not_budget,
    why_not_lockable,
    why_not_now,
    why_not_weight,
)

#: Reasons of the published protocol, which allows no changes of the search.
_PUBLISHED_REASONS: dict[CommandKind, str] = {
    "set_budget": "the published protocol has no limits",
    "set_weight": "the published protocol fixes the cost weight",
}


def apply_command(run: SearchRun, command: Command) -> None:
    if not is_to_apply(run, command, validate_command(run, command)):
        return
    _apply(run, command)
    if run.state.latency_round is not None and command.weight is None:
        run.change(redraw=True)
    witness = run.removals().find_feasible(run.graph)
    run.change(feasible_witness=() if witness is None else tuple(edge.id for edge in witness.edges))


def validate_command(run: SearchRun, command: Command) -> str | None:
    """Why the command cannot be applied to the current state; None if it can."""
    kind = command.kind
    if why := why_not_now(command, run.state.finished, run.state.step):
        return why
    if run.config.protocol == "published" and kind in GRAPH_KINDS:
        return _PUBLISHED_REASONS.get(kind, "the published protocol allows no edits")
    if run.state.answering is not None and kind in GRAPH_KINDS:
        return NO_CHANGES
    if command.budget is not None:
        return _budget_problem(run, command.budget)
    if command.weight is not None:
        return why_not_weight(command.weight, run.weight)
    if kind in END_KINDS or kind == "rollback":
        return None
    part = target(command)
    if kind == "restore":
        return _restore_problem(run, part)
    if kind == "remove":
        return _removal_problem(run, part)
    if not has_part(run.graph, part):
        return f"{name_of(part)} is not in the graph"
    if kind == "unlock":
        return None if run.locks.has(part) else f"{name_of(part)} is not locked"
    return _lock_problem(run, part)


def _budget_problem(run: SearchRun, budget: Budget) -> str | None:
    if why := why_not_budget(budget, run.budget):
        return why
    if over := _unreachable_limits(run, budget, run.locks, run.graph):
        with_locks = " with the current locks" if run.locks else ""
        return f"{joined(over)}, even for {run.smallest_cell_text}{with_locks}"
    return None


def _lock_problem(run: SearchRun, part: Edge | int) -> str | None:
    if why := why_not_lockable(run.graph, part, run.locks, name_of(part)):
        return why
    if over := _unreachable_limits(run, run.budget, run.locks.plus(part), run.graph):
        return f"with {name_of(part)} locked, no cell within the limits can be reached: {joined(over)}"
    return None


def _removal_problem(run: SearchRun, part: Edge | int) -> str | None:
    if why := why_not_removable(run.graph, part, run.locks):
        return why
    after = run.graph.without(*edges_with(run.graph, part))
    if over := _unreachable_limits(run, run.budget, run.locks, after):
        return f"without {name_of(part)}, no cell within the limits can be reached: {joined(over)}"
    return None


def _restore_problem(run: SearchRun, part: Edge | int) -> str | None:
    if has_part(run.graph, part):
        return f"{name_of(part)} is already in the graph"
    if not has_part(run.dense, part):
        return f"{name_of(part)} was never in the graph; only parts of the initial graph can be restored"
    if isinstance(part, Edge) and part.source not in run.graph.by_id:
        return f"{name_of(part)} starts at node {part.source}, which was removed; restore that node first"
    return None


def _edges_to_restore(run: SearchRun, part: Edge | int) -> tuple[Edge, ...]:
    """For a node, its edges to and from nodes in the graph; there is always one, as the input feeds every node."""
    if isinstance(part, Edge):
        return (part,)
    nodes = {*run.graph.by_id, part}
    return tuple(edge for edge in edges_with(run.dense, part) if nodes.issuperset(edge))


def _unreachable_limits(run: SearchRun, budget: Budget, locks: Locks, after: Graph) -> tuple[Over, ...]:
    """The limits that even the smallest graph reachable from `after` breaks; none where a graph that fits is known."""
    removals = run.removals(budget=budget, locks=locks)
    return () if removals.find_feasible(after) else budget.over(removals.cost(removals.smallest(after)))


def _apply(run: SearchRun, command: Command) -> None:
    """Applies a valid command, and drops the answer so far if it is not valid any more."""
    if command.budget is not None:
        apply_budget(run, command.budget)
        run.change(stale=0, tested=())
    elif command.weight is not None:
        apply_weight(run, command.weight)
        run.change(stale=0, tested=())
    else:
        _edit_part(run, command, target(command))
    finalists = map(run.remeasured, run.state.finalists)  # those without a latency are measured before they are trained
    run.change(finalists=tuple(each for each in finalists if _may_be_answer(run, command, each)))
    best = run.state.best
    if best is not None and not (_may_be_answer(run, command, best) and run.fits_budget(best.cost)):
        # the current graph is measured again: it may now be the best valid answer
        run.change(best=None, measured=False, stale=0)


def _edit_part(run: SearchRun, command: Command, part: Edge | int) -> None:
    if command.kind == "remove":
        node = part if isinstance(part, int) else None
        run.emit(run.edit(removal(run.graph, edges_with(run.graph, part), node), "person", run.state.step))
        run.change(measured=False)
    elif command.kind == "restore":
        run.emit(run.edit(run.restoration_of(_edges_to_restore(run, part)), "person", run.state.step))
        run.change(measured=False, stale=0)
    else:
        apply_lock(run, command)


def _may_be_answer(run: SearchRun, command: Command, answer: Answer) -> bool:
    """Whether it breaks no limit, lacks no locked part and has no removed one, as far as is known."""
    graph = Graph.from_rows(answer.graph)
    if command.kind == "remove" and has_part(graph, target(command)):
        return False
    return run.locks.lost(graph) is None and not run.budget.over(answer.cost)
