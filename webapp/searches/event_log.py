"""The event log of a search: numbered without gaps, appended under the search's lock, read by everybody.

The view is a cache of the fold over the log, stored every so many events in the events' own transaction.
"""

import zlib
from collections.abc import Sequence
from typing import Any

from search.base import serialization
from search.log import events, view
from webapp.core import clock
from webapp.models import Event, Search, View
from webapp.searches import projections
from webapp.searches.turn import Emitted

Json = dict[str, Any]

VIEW_EVERY = 200


def append(search: Search, branch: int, round_number: int, emitted: Sequence[Emitted]) -> None:
    """Numbers and stores what a turn emitted. The caller holds the lock on the search's row."""
    at, before = clock.now(), search.seq
    rows = []
    projections.score(search, branch, [item.payload for item in emitted if item.kind == "candidate_scored"])
    for item in emitted:
        search.seq += 1
        rows.append(
            Event(
                search=search,
                seq=search.seq,
                branch=branch,
                round=round_number,
                kind=item.kind,
                at=at,
                payload=item.packed,
            )
        )
        projections.apply(search, branch, item.kind, item.payload)
    Event.objects.bulk_create(rows)
    search.save(update_fields=["seq", *projections.COLUMNS])
    if before // VIEW_EVERY != search.seq // VIEW_EVERY:
        seq, body = current_view(search.pk)
        View.objects.create(search=search, seq=seq, body=zlib.compress(serialization.dumps(body)))


def read(search_id: str, since: int, limit: int) -> list[Json]:
    """Events after `since`, oldest first."""
    rows = Event.objects.filter(search_id=search_id, seq__gt=since).order_by("seq")[:limit]
    return [as_dict(row) for row in rows]


def current_view(search_id: str, until: int | None = None) -> tuple[int, Json]:
    """The view after the last event, or after an earlier one: the newest stored before it, and what came since."""
    views, log = View.objects.filter(search_id=search_id), Event.objects.filter(search_id=search_id)
    if until is not None:
        views, log = views.filter(seq__lte=until), log.filter(seq__lte=until)
    stored = views.order_by("-seq").first()
    body = view.empty() if stored is None else serialization.loads(zlib.decompress(stored.body))
    seq = 0 if stored is None else stored.seq
    for row in log.filter(seq__gt=seq).order_by("seq").iterator():
        body, seq = view.apply(body, as_dict(row)), row.seq
    return seq, body


def as_dict(row: Event) -> Json:
    emitted = events.Emitted(row.kind, serialization.loads(bytes(row.payload)))
    return events.stamp(emitted, seq=row.seq, branch=row.branch, round=row.round, at=clock.text(row.at))
