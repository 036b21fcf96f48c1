"""The event that opens a branch. It holds the whole state, so that a reader needs no earlier event."""

from search.log.events import BranchBest, BranchEdge, BranchNode, BranchOpened, Cause, Parent
from search.strategies.autoshrink.state import RemovedEdge, RemovedNode, SearchRun
from search.strategies.base import Origin


def branch_opened(run: SearchRun, origin: Origin) -> BranchOpened:
    state, graph = run.state, run.graph
    cost = run.cost(graph)
    over = run.budget.over(cost)
    removed, removed_nodes = {e.id: e for e in state.removed}, {n.id: n for n in state.removed_nodes}
    best = state.best
    return BranchOpened(
        branch=state.branch,
        parent=Parent(origin.search, origin.branch, origin.round),
        step=state.step,
        by=origin.by,
        reason=origin.reason,
        phase="descent" if over else "choice",
        edges=tuple(
            BranchEdge(
                edge.id,
                "active" if graph.has(edge) else "removed",
                *_step_and_cause(removed.get(edge.id)),
                edge.id in state.locked,
            )
            for edge in run.dense.edges
        ),
        nodes=tuple(
            BranchNode(
                *node,
                "active" if node.id in graph.by_id else "removed",
                *_step_and_cause(removed_nodes.get(node.id)),
                node.id in state.locked_nodes,
            )
            for node in run.dense.nodes
        ),
        cost=cost,
        over=over,
        budget=run.budget,
        weight=run.weight,
        best=None if best is None else BranchBest(best.hash, best.cost, best.quality, best.score, best.step, best.edge),
    )


def _step_and_cause(removed: RemovedEdge | RemovedNode | None) -> tuple[int | None, Cause | None]:
    return (None, None) if removed is None else (removed.step, removed.cause)
