"""Where in a search its answer was measured, for the catalog."""

from search.base import serialization
from search.base.serialization import Json
from webapp.models import Event, Search
from webapp.searches import branches


def find(search: Search, best: Json) -> Json:
    """Branch, round, step and event number of the measurement of the answer."""
    event = _measurement(search, best)
    return {"branch": event.branch, "round": event.round, "step": best["step"], "seq": event.seq}


def _measurement(search: Search, best: Json) -> Event:
    """The event with the answer's measurement, in the history of the newest branch: other branches may hold an equal
    one.

    An answer that a fork inherited has no measurement of its own; then it is the event that opened the fork.
    """
    for branch, last_round in branches.history(search, search.branch):
        rows = _rows(search, branch.number, best)
        events = search.events.filter(kind="candidate_scored", branch=branch.number).order_by("-seq")
        for event in events if last_round is None else events.filter(round__lt=last_round):
            payload = serialization.loads(bytes(event.payload))
            if payload["quality"] == best["quality"] and (payload["step"], payload["index"], payload["edge"]) in rows:
                return event
    opened = search.events.filter(kind="branch_opened", branch=0).first()
    if opened is None:
        raise LookupError(f"search {search.pk} answers with a graph that it never measured")
    return opened


def _rows(search: Search, branch: int, best: Json) -> set[tuple[int, int, str | None]]:
    """Step, index and edge of the candidates that may be the answer. The unchanged graph of a step, which has neither
    edge nor label, is measured with the candidates of the next step. Without an edge, only the cost tells candidates of
    one step and quality apart; a latency may be known later than the candidate."""
    return {
        (row.step, row.index, row.edge)
        for row in search.candidates.filter(branch=branch, edge=best["edge"])
        if row.step == best["step"] + (row.edge is None and row.label is None)
        and all(row.cost[part] == best["cost"][part] for part in ("params", "macs"))
    }
