"""What a branch says of its beginning: all that holds there, so that whoever reads it needs nothing from before."""

from search.log.events import BranchBest, BranchEdge, BranchNode, BranchOpened, Cause, Parent
from search.strategies.autoshrink.state import Removed, RemovedNode, Shrinking
from search.strategies.base import Origin


def opened(run: Shrinking, origin: Origin) -> BranchOpened:
    state, present = run.state, run.graph
    cost = run.cost(present)
    over = run.budget.over(cost)
    gone, gone_nodes = {e.id: e for e in state.removed}, {n.id: n for n in state.removed_nodes}
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
                "active" if present.has(edge) else "removed",
                *_when(gone.get(edge.id)),
                edge.id in state.locked,
            )
            for edge in run.dense.edges
        ),
        nodes=tuple(
            BranchNode(
                *node,
                "active" if node.id in present.by_id else "removed",
                *_when(gone_nodes.get(node.id)),
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


def _when(removed: Removed | RemovedNode | None) -> tuple[int | None, Cause | None]:
    return (None, None) if removed is None else (removed.step, removed.cause)
