"""The branches in a view of a search: one entry per branch, of which the last is live.

Pure functions, with a twin in frontend/src/live/branches.ts.
"""

from search.base import serialization


def first_branch(view: serialization.Json, p: serialization.Json) -> list[serialization.Json]:
    """The branches at the start of a search; `p` is the payload of search_started."""
    return [_entry(view, view["branch"], None, 0, None, "", len(p["graph"]["edges"]), p["cost"], None)]


def update_live(view: serialization.Json, **change: object) -> list[serialization.Json]:
    """The branches, with these fields of the live one changed."""
    return [{**branch, **change} if branch["status"] == "live" else branch for branch in view["branches"]]


def best_quality(view: serialization.Json, quality: float | None) -> float | None:
    """Best quality of the live branch once it includes this one; None: no graph that fits was measured."""
    current = next((branch["best_quality"] for branch in view["branches"] if branch["status"] == "live"), None)
    if quality is None or (current is not None and not _is_better(view["metric"], quality, current)):
        return current
    return quality


def _is_better(metric: str, quality: float, other: float) -> bool:
    return quality < other if metric == "perplexity" else quality > other


def open_branch(view: serialization.Json, p: serialization.Json) -> list[serialization.Json]:
    """The branches after branch_opened: the live one is left and keeps its own steps, and a new one is live.

    The branch of a fork has the number of the search's first one and replaces it.
    """
    left = [
        {**branch, "status": "left", "history": own_history(view, branch)} if branch["status"] == "live" else branch
        for branch in view["branches"]
        if branch["branch"] != p["branch"]
    ]
    edges = sum(edge["state"] == "active" for edge in p["edges"])
    quality = p["best"]["quality"] if p["best"] is not None else None
    return [
        *left,
        _entry(view, p["branch"], p["parent"], p["step"], p["by"], p["reason"], edges, p["cost"], quality),
    ]


def history_to(view: serialization.Json, p: serialization.Json) -> list[serialization.Json]:
    """The steps that led to the start of a new branch; none for a fork, whose first steps are in another log."""
    if p["parent"]["search"] is not None:
        return []
    by_number = {branch["branch"]: branch for branch in view["branches"]}
    history: list[serialization.Json] = []
    number, until = p["parent"]["branch"], p["step"]
    while (branch := by_number.get(number)) is not None:
        own = own_history(view, branch)
        history = [*(step for step in own if step["step"] <= until), *history]
        parent = branch["parent"]
        if parent is None or parent["search"] is not None:
            break
        number, until = parent["branch"], min(until, branch["step"])
    return history


def own_history(view: serialization.Json, branch: serialization.Json) -> list[serialization.Json]:
    """The steps that were decided in this branch."""
    if branch["status"] == "left":
        history: list[serialization.Json] = branch["history"]
        return history
    return [step for step in view["history"] if step["step"] > branch["step"]]


def _entry(
    view: serialization.Json,
    branch: int,
    parent: serialization.Json | None,
    step: int,
    by: str | None,
    reason: str,
    edges: int,
    cost: serialization.Json,
    best_quality: float | None,
) -> serialization.Json:
    return {
        "branch": branch, "parent": parent, "step": step, "seq": view["seq"], "status": "live", "by": by,
        "reason": reason, "steps": step, "edges": edges, "cost": cost, "best_quality": best_quality, "history": [],
    }  # fmt: skip
