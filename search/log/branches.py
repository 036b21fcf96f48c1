"""Branches of a search as a view keeps them: one entry a line of rounds, the last of them live.

Pure, like the view that they are part of, and the twin of frontend/src/live/branches.ts.
"""

from search.base import serialization


def begun(view: serialization.Json, p: serialization.Json) -> list[serialization.Json]:
    """A search's first line, from its search_started."""
    return [_entry(view, view["branch"], None, 0, None, "", len(p["graph"]["edges"]), p["cost"], None)]


def progressed(view: serialization.Json, **change: object) -> list[serialization.Json]:
    """The live line has come on."""
    return [{**branch, **change} if branch["status"] == "live" else branch for branch in view["branches"]]


def better(view: serialization.Json, quality: float | None) -> float | None:
    """Best quality of the live line, with one more that fits."""
    was = next((branch["best_quality"] for branch in view["branches"] if branch["status"] == "live"), None)
    if quality is None or (was is not None and not _is_better(view["metric"], quality, was)):
        return was
    return quality


def _is_better(metric: str, one: float, other: float) -> bool:
    return one < other if metric == "perplexity" else one > other


def opened(view: serialization.Json, p: serialization.Json) -> list[serialization.Json]:
    """The live line is left with the steps that are its own, and another begins. A fork's replaces the first."""
    left = [
        {**branch, "status": "left", "history": own_history(view, branch)} if branch["status"] == "live" else branch
        for branch in view["branches"]
        if branch["branch"] != p["branch"]
    ]
    edges = sum(edge["state"] == "active" for edge in p["edges"])
    best = p["best"]["quality"] if p["best"] is not None else None
    return [
        *left,
        _entry(view, p["branch"], p["parent"], p["step"], p["by"], p["reason"], edges, p["cost"], best),
    ]


def history_to(view: serialization.Json, p: serialization.Json) -> list[serialization.Json]:
    """The steps that led to where a branch opens. Those of another search are in that search's log."""
    if p["parent"]["search"] is not None:
        return []
    by_number = {branch["branch"]: branch for branch in view["branches"]}
    line: list[serialization.Json] = []
    number, until = p["parent"]["branch"], p["step"]
    while (branch := by_number.get(number)) is not None:
        own = own_history(view, branch)
        line = [*(step for step in own if step["step"] <= until), *line]
        parent = branch["parent"]
        if parent is None or parent["search"] is not None:
            break
        number, until = parent["branch"], min(until, branch["step"])
    return line


def own_history(view: serialization.Json, branch: serialization.Json) -> list[serialization.Json]:
    """The steps that were decided in this line."""
    if branch["status"] == "left":
        kept: list[serialization.Json] = branch["history"]
        return kept
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
