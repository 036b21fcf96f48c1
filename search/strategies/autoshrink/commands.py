"""What people say to a search that shrinks a graph: refused in words, or done.

A command is checked when it is given and again when it is applied. Nothing that is applied leaves the search without a
graph that fits within its reach, so its answer always fits the present budget, holds what is locked and lacks what a
person removed.
"""

from dataclasses import replace

from search.base.config import BadConfig, parse
from search.log.commands import END_KINDS, GRAPH_KINDS, PAUSE_KINDS, Command, CommandKind
from search.log.events import (
    BudgetChanged,
    EdgeLocked,
    EdgeUnlocked,
    End,
    NodeLocked,
    NodeUnlocked,
    WeightChanged,
    applied,
    refused,
)
from search.network.budget import Budget, Over
from search.network.cost import Cost
from search.network.edits import edges_with, has_part, name_of, why_not_removable
from search.network.graph import Edge, Graph, parse_edge
from search.network.locks import Locks
from search.strategies.autoshrink.config import Config
from search.strategies.autoshrink.state import Shrinking

#: Why the published protocol, which is followed to the letter, takes none of these.
_AS_PUBLISHED: dict[CommandKind, str] = {
    "set_budget": "the published protocol knows no limits",
    "set_weight": "the published protocol fixes the weight of cost",
}


def apply_command(run: Shrinking, command: Command) -> None:
    why = validate_command(run, command)
    if why is None and command.kind == "rollback":
        why = "a rollback opens a branch: it is for whoever runs the search"
    if why is not None:
        run.emit(refused(command, why))
        return
    run.emit(applied(command))
    if command.kind in END_KINDS:
        status: End = "stopped" if command.kind == "stop" else "cancelled"
        run.finish(status, f"{status} by {command.by}")
        return
    _apply(run, command)
    if run.state.latency_round is not None and command.weight is None:
        run.change(redraw=True)
    witness = run.removals().find_feasible(run.graph)
    run.change(feasible_witness=() if witness is None else tuple(edge.id for edge in witness.edges))


def validate_command(run: Shrinking, command: Command) -> str | None:
    """Why the command makes no sense on the present state; None if it does."""
    finished, kind = run.state.finished, command.kind
    if finished is not None:
        return f"the search is over ({finished})" + ("; fork it instead" if kind == "rollback" else "")
    if kind in PAUSE_KINDS:
        return f"{kind} is for whoever runs the search; it changes nothing in it"
    if run.config.protocol == "published" and kind in GRAPH_KINDS:
        return _AS_PUBLISHED.get(kind, "the published protocol is followed to the letter: it takes no edits")
    if command.step is not None:
        return _no_rollback(run, command.step)
    if command.budget is not None:
        return _no_budget(run, command.budget)
    if command.weight is not None:
        return _no_weight(run, command.weight)
    if kind in END_KINDS:
        return None
    part = _part(command)
    if kind == "restore":
        return _no_restore(run, part)
    if kind == "remove":
        return _no_removal(run, part)
    if not has_part(run.graph, part):
        return f"{name_of(part)} is not in the graph (any more)"
    if kind == "unlock":
        return None if run.locks.has(part) else f"{name_of(part)} is not locked"
    return _no_lock(run, part)


def _part(command: Command) -> Edge | int:
    return command.node if command.node is not None else parse_edge(str(command.edge))


def _no_rollback(run: Shrinking, step: int) -> str | None:
    made = run.state.step
    if step <= made:
        return None
    decisions = {0: "no decision has", 1: "1 decision has"}.get(made, f"{made} decisions have")
    return f"there is no step {step} to go back to: {decisions} been made"


def _no_budget(run: Shrinking, budget: Budget) -> str | None:
    if budget == run.budget:
        return "the budget is that already"
    if budget.bytes_per_element != run.budget.bytes_per_element:
        return f"a value counts {run.budget.bytes_per_element} bytes in this search; that cannot change"
    if over := _out_of_reach(run, budget, run.locks, run.graph):
        held = " with what is locked" if run.locks else ""
        return f"{_sentences(over)}, even for {run.smallest_cell}{held}"
    return None


def _no_weight(run: Shrinking, weight: float) -> str | None:
    try:
        parse(Config, {"cost_weight": weight})
    except BadConfig as error:
        return f"the weight of cost {error.message}"
    return f"the weight of cost is {weight:g} already" if weight == run.weight else None


def _no_lock(run: Shrinking, part: Edge | int) -> str | None:
    if part == run.graph.input.id:
        return f"{name_of(part)} is the input, which is never removed"
    if run.locks.has(part):
        return f"{name_of(part)} is locked already"
    if over := _out_of_reach(run, run.budget, run.locks.plus(part), run.graph):
        return f"with {name_of(part)} locked nothing that fits can be reached: {_sentences(over)}"
    return None


def _no_removal(run: Shrinking, part: Edge | int) -> str | None:
    if why := why_not_removable(run.graph, part, run.locks):
        return why
    after = run.graph.without(*edges_with(run.graph, part))
    if over := _out_of_reach(run, run.budget, run.locks, after):
        return f"without {name_of(part)} nothing that fits can be reached: {_sentences(over)}"
    return None


def _no_restore(run: Shrinking, part: Edge | int) -> str | None:
    if has_part(run.graph, part):
        return f"{name_of(part)} is in the graph already"
    if not has_part(run.dense, part):
        return f"{name_of(part)} was never in the graph: only what the search began with can be restored"
    if isinstance(part, Edge) and part.source not in run.graph.by_id:
        return f"{name_of(part)} begins at node {part.source}, which is not in the graph; restore that node first"
    return None


def _restored(run: Shrinking, part: Edge | int) -> tuple[Edge, ...]:
    """The edges that come back: for a node, those that join it to what lives; the dense cell's input feeds them all."""
    if isinstance(part, Edge):
        return (part,)
    ends = {*run.graph.by_id, part}
    return tuple(edge for edge in edges_with(run.dense, part) if ends.issuperset(edge))


def _out_of_reach(run: Shrinking, budget: Budget, locks: Locks, after: Graph) -> tuple[Over, ...]:
    """The limits that even the smallest graph breaks which these terms leave; none where one that fits is known."""
    removals = run.removals(budget=budget, locks=locks)
    return () if removals.find_feasible(after) else budget.over(removals.cost(removals.smallest(after)))


def _sentences(over: tuple[Over, ...]) -> str:
    return "; ".join(one.sentence for one in over)


def _apply(run: Shrinking, command: Command) -> None:
    """The command is one that makes sense. What an answer must obey may have changed: the one so far may go."""
    if command.budget is not None:
        _new_budget(run, command.budget)
        over = run.budget.over(run.cost(run.graph))
        run.emit(BudgetChanged(command.budget, over, not over))
    elif command.weight is not None:
        run.change(weight=command.weight, stale=0, tested=())
        run.emit(WeightChanged(command.weight))
        _score_best_again(run)
    else:
        _change_part(run, command, _part(command))
    best = run.state.best
    if best is not None and not _obeys(run, command, Graph.from_dict(best.graph), best.cost):
        # what was measured before is measured again: another graph may be the best that obeys
        run.change(best=None, measured=False, stale=0)


def _new_budget(run: Shrinking, budget: Budget) -> None:
    """Latencies of another device are of no use. What the answer costs is what it costs under the new terms."""
    records = run.state.latency_records if budget.device == run.budget.device else ()
    run.change(budget=budget, stale=0, tested=(), latency_records=records)
    if (best := run.state.best) is not None:
        run.change(best=replace(best, cost=run.with_latency(best.cost, Graph.from_dict(best.graph))))


def _change_part(run: Shrinking, command: Command, part: Edge | int) -> None:
    if command.kind == "remove":
        run.remove(edges_with(run.graph, part), "person", run.state.step, part if isinstance(part, int) else None)
        run.change(measured=False)
    elif command.kind == "restore":
        run.restore(_restored(run, part))
        run.change(measured=False, stale=0)
    else:
        held = command.kind == "lock"
        locks = run.locks.plus(part) if held else run.locks.minus(part)
        run.change(locked=locks.edges, locked_nodes=locks.nodes)
        if isinstance(part, int):
            run.emit(NodeLocked(part) if held else NodeUnlocked(part))
        else:
            run.emit(EdgeLocked(part.id) if held else EdgeUnlocked(part.id))


def _obeys(run: Shrinking, command: Command, graph: Graph, cost: Cost) -> bool:
    if command.kind == "remove" and has_part(graph, _part(command)):
        return False
    return run.locks.lost(graph) is None and run.obeys_budget(cost)


def _score_best_again(run: Shrinking) -> None:
    """So that what is found under the new weight is compared with like."""
    if (best := run.state.best) is not None:
        score = run.score(best.quality, best.cost, run.config.cost_of)
        run.change(best=replace(best, score=score))
