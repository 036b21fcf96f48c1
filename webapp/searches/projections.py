"""Columns and rows that follow from events: columns of the search for lists, and one row per candidate for pages."""

from collections.abc import Iterable, Sequence
from typing import Any

from search.base.serialization import Json
from webapp.models import Candidate, Search

COLUMNS = ("task", "step", "edges", "cost", "best_quality", "metric")  # of Search, that `apply` may change


def apply(search: Search, branch: int, kind: str, payload: Json) -> None:
    """Updates the search in memory (the caller saves it) and the rows of candidates."""
    if kind == "search_started":
        search.cost, search.metric = payload["cost"], payload["metric"]
        search.edges = len(payload["graph"]["edges"])
    elif kind == "candidates_proposed":
        search.cost = payload["cost"]  # a person's edit may have changed it in a round without a decision
        _add_candidates(search, branch, payload)
    elif kind == "candidates_timed":
        _record_latencies(search, branch, payload)
    elif kind in ("edge_removed", "edge_added"):
        search.edges = (search.edges or 0) + (1 if kind == "edge_added" else -1)
    elif kind == "step_decided":
        search.step, search.edges, search.cost = payload["step"], payload["edges"], payload["cost"]
        if payload["fits"] and payload["phase"] == "choice":  # descent trains too briefly for a meaningful quality
            search.best_quality = _better(search, payload["quality"])
    elif kind == "budget_changed":
        _update_task(search, budget=payload["budget"])
    elif kind == "weight_changed":
        _update_task(search, weight=payload["weight"])
    elif kind == "branch_opened":
        _apply_branch(search, payload)
    elif kind == "search_finished":
        search.best_quality = payload["best"] and payload["best"]["quality"]
        if payload["best"]:  # lists show the answer, which may be an earlier graph than the last one
            search.cost, search.edges = payload["best"]["cost"], len(payload["best"]["graph"]["edges"])


def record_scores(search: Search, branch: int, scored: Sequence[Json]) -> None:
    """Stores the payloads of a turn's `candidate_scored` events in one update.

    Call it before `apply` for the turn's events: scores are of candidates proposed earlier, and a step may propose
    more than once.
    """
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


def trained_candidates(search: Search, branch: int) -> list[Candidate]:
    """The feasible ones of the branch's latest proposal, in the order of the round's work."""
    return list(search.candidates.filter(seq=_latest_proposal(search, branch), feasible=True).order_by("index"))


def keep_withdrawn_results(search: Search, branch: int, outcomes: Iterable[tuple[int, Json]]) -> None:
    """Stores results of a withdrawn round, which is its branch's last: pairs of (index of the item, outcome). The
    strategy never saw them, so they have no score."""
    candidates = trained_candidates(search, branch)
    for index, outcome in outcomes:
        Candidate.objects.filter(pk=candidates[index].pk).update(
            status=outcome["status"], quality=outcome.get(f"val_{search.metric}")
        )


def _latest_proposal(search: Search, branch: int) -> Any:
    """A subquery: the number of the branch's latest `candidates_proposed` event."""
    return search.candidates.filter(branch=branch).order_by("-seq").values("seq")[:1]


def _better(search: Search, quality: float) -> float:
    """The better of this quality and the search's best; a perplexity is better when lower."""
    if search.best_quality is None:
        return quality
    return (min if search.metric == "perplexity" else max)(quality, search.best_quality)


def _apply_branch(search: Search, payload: Json) -> None:
    search.step, search.cost = payload["step"], payload["cost"]
    search.edges = sum(edge["state"] == "active" for edge in payload["edges"])
    search.best_quality = payload["best"] and payload["best"]["quality"]
    _update_task(search, budget=payload["budget"], weight=payload["weight"])


def _update_task(search: Search, budget: Json | None = None, weight: float | None = None) -> None:
    """Changes the task's current limits. The original task is in the log."""
    task = search.task
    if budget is not None:
        task = {**task, "budget": budget}
    if weight is not None:
        task = {**task, "objective": {**task["objective"], "cost_weight": weight}}
    search.task = task


def _add_candidates(search: Search, branch: int, payload: Json) -> None:
    Candidate.objects.bulk_create(
        Candidate(
            search=search,
            branch=branch,
            seq=search.seq,
            index=candidate["index"],
            step=payload["step"],
            edge=candidate["edge"],
            label=candidate["label"],
            cost=candidate["cost"],
            feasible=candidate["feasible"],
            status="waiting" if candidate["feasible"] else "skipped",
        )
        for candidate in payload["candidates"]
    )


def _record_latencies(search: Search, branch: int, payload: Json) -> None:
    """Latencies of the candidates proposed last. Those over the limit become infeasible and are not trained."""
    if payload["present"] is not None:
        search.cost = {**(search.cost or {}), "latency": payload["present"]["median"]}
    rows = {row.index: row for row in search.candidates.filter(seq=_latest_proposal(search, branch))}
    changed = []
    for timed in payload["timed"]:
        row = rows[timed["index"]]
        row.feasible, row.status = timed["feasible"], "waiting" if timed["feasible"] else "skipped"
        if timed["latency"] is not None:
            row.cost = {**row.cost, "latency": timed["latency"]["median"]}
        changed.append(row)
    Candidate.objects.bulk_update(changed, ["feasible", "status", "cost"])
