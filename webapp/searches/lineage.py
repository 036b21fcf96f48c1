"""Where in a search its answer was measured, for the catalog."""

from search.base import serialization
from search.base.serialization import Json
from webapp.models import Event, Search


def find(search: Search, best: Json) -> Json:
    """Branch, round, step and event number of the measurement of the answer.

    An answer that a fork inherited was measured in another search; then it is the event that opened the fork.
    """
    event = _measurement(search, best["measured"])
    return {"branch": event.branch, "round": event.round, "step": best["step"], "seq": event.seq}


def _measurement(search: Search, measured: Json | None) -> Event:
    if measured is None:
        return search.events.filter(kind="branch_opened", branch=0).order_by("seq")[0]
    events = search.events.filter(kind="candidate_scored", branch=measured["branch"], round=measured["round"])
    for event in events:
        if serialization.loads(bytes(event.payload))["index"] == measured["index"]:
            return event
    raise LookupError(f"search {search.pk} answers with a graph that it never measured")
