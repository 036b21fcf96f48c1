"""What rows show of an event: columns of the search for lists, and one row a candidate to page through."""

from collections.abc import Iterable, Sequence
from typing import Any

from webapp.models import Candidate, Search

Json = dict[str, Any]

COLUMNS = ("task", "step", "edges", "cost", "best_quality", "metric")


def apply(search: Search, branch: int, kind: str, payload: Json) -> None:
    """Changes the search in memory (its writer saves it) and the candidates' rows."""
    if kind == "search_started":
        search.cost, search.metric = payload["cost"], payload.get("metric", "accuracy")
        search.edges = len(payload["graph"]["edges"])
    elif kind == "candidates_proposed":
        search.cost = payload["cost"]  # a person's edit may have changed it and the round decided nothing
        _propose(search, branch, payload)
    elif kind == "candidates_timed":
        _time(search, branch, payload)
    elif kind in ("edge_removed", "edge_added"):
        search.edges = (search.edges or 0) + (1 if kind == "edge_added" else -1)
    elif kind == "step_decided":
        search.step, search.edges, search.cost = payload["step"], payload["edges"], payload["cost"]
        if payload["fits"] and payload["phase"] == "choice":  # a descent trains too little to tell
            search.best_quality = _better(search, payload["quality"])
    elif kind == "budget_changed":
        _now_asked(search, budget=payload["budget"])
    elif kind == "weight_changed":
        _now_asked(search, weight=payload["weight"])
    elif kind == "branch_opened":
        _branch(search, payload)
    elif kind == "search_finished":
        search.best_quality = payload["best"] and payload["best"]["quality"]


def _better(search: Search, quality: float) -> float:
    """Of this quality and the best so far, as the search's metric has it."""
    if search.best_quality is None:
        return quality
    return (min if search.metric == "perplexity" else max)(quality, search.best_quality)


def _branch(search: Search, payload: Json) -> None:
    search.step, search.cost = payload["step"], payload["cost"]
    search.edges = sum(edge["state"] == "active" for edge in payload["edges"])
    search.best_quality = payload["best"] and payload["best"]["quality"]
    _now_asked(search, budget=payload["budget"], weight=payload["weight"])


def _now_asked(search: Search, budget: Json | None = None, weight: float | None = None) -> None:
    """The task as it stands; as it was given, it is in the log."""
    task = search.task
    if budget is not None:
        task = {**task, "budget": budget}
    if weight is not None:
        task = {**task, "config": {**task["config"], "cost_weight": weight}}
    search.task = task


def _propose(search: Search, branch: int, payload: Json) -> None:
    Candidate.objects.bulk_create(
        Candidate(
            search=search,
            branch=branch,
            seq=search.seq,
            index=candidate["index"],
            step=payload["step"],
            edge=candidate["edge"],
            cost=candidate["cost"],
            feasible=candidate["feasible"],
            status="waiting" if candidate["feasible"] else "skipped",
        )
        for candidate in payload["candidates"]
    )


def _time(search: Search, branch: int, payload: Json) -> None:
    """What was measured of the candidates proposed last; those over the limit are not trained."""
    if payload["present"] is not None:
        search.cost = {**(search.cost or {}), "latency": payload["present"]["median"]}
    proposed = search.candidates.filter(branch=branch).order_by("-seq").values("seq")[:1]
    rows = {row.index: row for row in search.candidates.filter(seq=proposed)}
    changed = []
    for one in payload["timed"]:
        row = rows[one["index"]]
        row.feasible, row.status = one["feasible"], "waiting" if one["feasible"] else "skipped"
        if one["latency"] is not None:
            row.cost = {**row.cost, "latency": one["latency"]["median"]}
        changed.append(row)
    Candidate.objects.bulk_update(changed, ["feasible", "status", "cost"])


def score(search: Search, branch: int, scored: Sequence[Json]) -> None:
    """What a turn's `candidate_scored` say, in one go. Before the turn's other events: it is what was proposed earlier
    that was scored, and a step may propose more than once."""
    if not scored:
        return
    steps = {payload["step"] for payload in scored}
    rows = search.candidates.filter(branch=branch, step__in=steps).only("step", "index").order_by("seq")
    newest = {(row.step, row.index): row for row in rows}
    changed = []
    for payload in scored:
        if row := newest.get((payload["step"], payload["index"])):
            row.status, row.quality, row.score = payload["status"], payload["quality"], payload["score"]
            changed.append(row)
    Candidate.objects.bulk_update(changed, ["status", "quality", "score"])


def measured(search: Search, branch: int) -> list[Candidate]:
    """Candidates that the last round of a branch trains, in the order of its work."""
    proposed = search.candidates.filter(branch=branch).order_by("-seq").values("seq")[:1]
    return list(search.candidates.filter(seq=proposed, feasible=True).order_by("index"))


def keep_untold(search: Search, branch: int, outcomes: Iterable[tuple[int, Json]]) -> None:
    """What was measured in a round that ends untold, a branch's last: (place in the round, outcome). No score."""
    candidates = measured(search, branch)
    for place, outcome in outcomes:
        Candidate.objects.filter(pk=candidates[place].pk).update(
            status=outcome["status"], quality=outcome.get(f"val_{search.metric}")
        )
