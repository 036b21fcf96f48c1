"""Commands to a search that draws whole graphs.

A locked part is in every graph that is drawn from then on, and a removed part in none. A restored part may be drawn
again.
"""

from dataclasses import replace

from search.log.commands import END_KINDS, GRAPH_KINDS, Command
from search.log.events import Answer
from search.network.budget import Budget
from search.network.edits import edges_with, has_part, name_of, removal, why_not_removable
from search.network.graph import Edge, Graph
from search.network.locks import Locks
from search.strategies.answer import NO_CHANGES
from search.strategies.sampler.state import Member, SamplerRun
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


def apply_command(run: SamplerRun, command: Command) -> None:
    if not is_to_apply(run, command, validate_command(run, command)):
        return
    if command.weight is not None:
        apply_weight(run, command.weight)
        return
    if command.budget is not None:
        apply_budget(run, command.budget)
    else:
        _edit_part(run, command, target(command))
    _drop_what_is_not_allowed(run)


def validate_command(run: SamplerRun, command: Command) -> str | None:
    """Why the command cannot be applied to the current state; None if it can."""
    if why := why_not_now(command, run.state.finished, run.state.step):
        return why
    if run.state.answering is not None and command.kind in GRAPH_KINDS:
        return NO_CHANGES
    if command.weight is not None:
        return why_not_weight(command.weight, run.weight)
    if command.budget is not None:
        return why_not_budget(command.budget, run.budget) or _why_out_of_reach(run, budget=command.budget)
    if command.kind in END_KINDS or command.kind == "rollback":
        return None
    part = target(command)
    if command.kind == "restore":
        return None if _is_banned(run, part) else f"no person removed {name_of(part)}: the search may draw it anyway"
    if command.kind == "unlock":
        return None if run.locks.has(part) else f"{name_of(part)} is not locked"
    if command.kind == "remove":
        return _removal_problem(run, part)
    return _lock_problem(run, part)


def _removal_problem(run: SamplerRun, part: Edge | int) -> str | None:
    """A part that is not in the current graph can be removed too: then it is never drawn."""
    if _is_banned(run, part) or not has_part(run.start_graph, part):
        return f"{name_of(part)} is not in the graph"
    allowed = run.allowed()
    if why := why_not_removable(allowed, part, run.locks):
        return why
    if has_part(run.graph, part) and (why := why_not_removable(run.graph, part, run.locks)):
        return why
    for graph in (allowed, run.graph):
        after = graph.without(*edges_with(graph, part)) if has_part(graph, part) else graph
        if why := run.factors.space.check(after, run.start_graph, run.factors.space_config):
            return f"without {name_of(part)}, {why}"
    return _why_out_of_reach(run, removed=part)


def _lock_problem(run: SamplerRun, part: Edge | int) -> str | None:
    if not has_part(run.graph, part):
        return f"{name_of(part)} is not in the graph"
    if why := why_not_lockable(run.graph, part, run.locks, name_of(part)):
        return why
    return _why_out_of_reach(run, locks=run.locks.plus(part))


def _why_out_of_reach(
    run: SamplerRun, *, budget: Budget | None = None, locks: Locks | None = None, removed: Edge | int | None = None
) -> str | None:
    """Why no graph could be drawn with this budget, these locks, or without this part.

    None where the space cannot tell: then the draws of the next step will."""
    budget, locks = budget or run.budget, run.locks if locks is None else locks
    allowed = run.allowed() if removed is None else run.allowed(removed)
    rules = replace(run.rules, budget=replace(budget, latency=None))
    smallest = run.smallest(allowed, locks, rules.budget)
    over = () if smallest is None else rules.budget.over(rules.cost(smallest))
    return f"no graph within the limits could be drawn: {joined(over)}" if over else None


def _is_banned(run: SamplerRun, part: Edge | int) -> bool:
    return part in run.state.banned_nodes if isinstance(part, int) else part.id in run.state.banned


def _edit_part(run: SamplerRun, command: Command, part: Edge | int) -> None:
    state = run.state
    if command.kind == "remove":
        if isinstance(part, int):
            run.change(banned_nodes=tuple(sorted({*state.banned_nodes, part})))
        else:
            run.change(banned=tuple(sorted({*state.banned, part.id})))
        if has_part(run.graph, part):
            edits = removal(run.graph, edges_with(run.graph, part), part if isinstance(part, int) else None)
            run.emit(run.change_graph(edits, "person", state.step))
    elif command.kind == "restore":
        run.change(
            banned=tuple(edge for edge in state.banned if isinstance(part, int) or edge != part.id),
            banned_nodes=tuple(node for node in state.banned_nodes if node != part),
        )
    else:
        apply_lock(run, command)


def _drop_what_is_not_allowed(run: SamplerRun) -> None:
    """Forgets measured graphs that are no answer any more, and draws again after a round of measurements."""
    rules, best = run.rules, run.state.best

    def stays(each: Member | Answer) -> bool:
        return rules.why_not_any_more(Graph.from_rows(each.graph), each.cost) is None

    members, finalists = filter(stays, run.state.members), filter(stays, run.state.finalists)
    run.change(members=tuple(members), finalists=tuple(finalists))
    if best is not None and not stays(best):
        run.change(best=None)
    if run.state.latency_round is not None:
        run.change(redraw=True)
