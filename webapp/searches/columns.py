"""Columns of a search, for lists. They follow from its summary, which is the strategy's snapshot of its state."""

from search.base.serialization import Json
from webapp.models import Search

NAMES = ("task", "step", "edges", "cost", "best_quality", "metric")


def record(search: Search, summary: Json) -> None:
    """Stores the summary after a turn, and the columns. The caller holds the search's lock."""
    search.summary = summary
    for name, value in of(summary).items():
        setattr(search, name, value)
    search.save(update_fields=["summary", *NAMES])


def of(summary: Json) -> Json:
    """The values of NAMES. After the end, cost and edges are those of the answer, which may be an earlier graph."""
    best, answer = summary["best"], summary["answer"]
    if answer is not None:
        cost, edges = answer["cost"], len(answer["graph"]["edges"])
    else:
        cost, edges = summary["cost"], len(summary["graph"]["edges"]) - len(summary["removed"])
    return {
        "task": _task_now(summary),
        "step": summary["step"],
        "edges": edges,
        "cost": cost,
        "best_quality": best and best["quality"],
        "metric": best["metric"] if best else summary["metric"],
    }


def _task_now(summary: Json) -> Json:
    """The task with the current limits and weight. The original one is in the first event."""
    task = summary["task"]
    objective = {**task["objective"], "cost_weight": summary["weight"]}
    return {**task, "budget": summary["budget"], "objective": objective}
