"""Where in a search its answer was measured, for the catalog."""

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
        found = search.events.filter(kind="branch_opened", branch=0)
    else:
        found = search.events.filter(kind="candidates_measured", branch=measured["branch"], round=measured["round"])
    event = found.defer("payload").order_by("seq").first()
    if event is None:
        raise LookupError(f"search {search.pk} answers with a graph that it never measured")
    return event
