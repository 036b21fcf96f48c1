"""What rows show of an event: columns of the search for lists, and one row a candidate to page through."""

from collections.abc import Iterable
from typing import Any

from webapp.models import Candidate, Search

Json = dict[str, Any]

COLUMNS = ("step", "edges", "cost", "best_quality")


def apply(search: Search, branch: int, kind: str, payload: Json) -> None:
    """Changes the search in memory (its writer saves it) and the candidates' rows."""
    if kind == "search_started":
        search.cost = payload["cost"]
        search.edges = len(payload["graph"]["edges"])
    elif kind == "candidates_proposed":
        _propose(search, branch, payload)
    elif kind == "candidate_scored":
        _score(search, branch, payload)
    elif kind == "step_decided":
        search.step, search.edges, search.cost = payload["step"], payload["edges"], payload["cost"]
        if payload["fits"] and payload["quality"] is not None:
            search.best_quality = max(payload["quality"], search.best_quality or 0.0)
    elif kind == "search_finished" and payload["best"]:
        search.best_quality = payload["best"]["quality"]


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


def _score(search: Search, branch: int, payload: Json) -> None:
    same = Candidate.objects.filter(search=search, branch=branch, step=payload["step"], index=payload["index"])
    newest = same.order_by("-seq").values("pk")[:1]  # a step may propose more than once
    Candidate.objects.filter(pk__in=newest).update(
        status=payload["status"], quality=payload["quality"], score=payload["score"]
    )


def measured(search: Search) -> list[int]:
    """Indexes of the candidates that the open round trains, in the order of its work."""
    proposed = search.candidates.order_by("-seq").values("seq")[:1]
    return list(search.candidates.filter(seq=proposed, feasible=True).order_by("index").values_list("index", flat=True))


def keep_untold(search: Search, outcomes: Iterable[tuple[int, Json]]) -> None:
    """What was measured in a round that ends untold: (place in the round, outcome). It has no score."""
    indexes = measured(search)
    proposed = search.candidates.order_by("-seq").values("seq")[:1]
    for place, outcome in outcomes:
        search.candidates.filter(seq=proposed, index=indexes[place]).update(
            status=outcome["status"], quality=outcome.get("val_accuracy")
        )
