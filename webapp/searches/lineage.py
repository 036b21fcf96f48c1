"""Where in a search its answer was measured, for the catalog."""

from typing import Any

from search.base import serialization
from webapp.models import Event, Search
from webapp.searches import branches

Json = dict[str, Any]


def of(search: Search, best: Json) -> Json:
    """Branch, round, step and event of the answer."""
    event = _measured_in(search, best)
    return {"branch": event.branch, "round": event.round, "step": best["step"], "seq": event.seq}


def _measured_in(search: Search, best: Json) -> Event:
    """The event in which the answer was measured; one that stands uncut, beside the cuts of the next step.

    It lies on the line of the newest branch: what was left may have measured the like. An answer that a fork brought
    along came with the event that opened it.
    """
    measured = (best["step"] + (best["edge"] is None), best["edge"], best["quality"])
    for branch, last in branches.line(search, search.branch):
        events = search.events.filter(kind="candidate_scored", branch=branch.number).order_by("-seq")
        for event in events if last is None else events.filter(round__lt=last):
            payload = serialization.loads(bytes(event.payload))
            if (payload["step"], payload["edge"], payload["quality"]) == measured:
                return event
    opened = search.events.filter(kind="branch_opened", branch=0).first()
    if opened is None:
        raise LookupError(f"search {search.pk} answers with a graph that it never measured")
    return opened
