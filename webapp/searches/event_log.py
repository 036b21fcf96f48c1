"""The event log of a search: numbered without gaps, appended under the lock on the search's row.

A view is the fold over the log. It is cached every VIEW_EVERY events, in the transaction of the events.
"""

import zlib
from collections.abc import Sequence

from search.base import serialization
from search.base.serialization import Json
from search.log import events, view
from webapp.core import clock
from webapp.models import Event, Search, View
from webapp.searches import projections
from webapp.searches.turn import SerializedEvent

VIEW_EVERY = 200  # events


def append(search: Search, branch: int, round_number: int, emitted: Sequence[SerializedEvent]) -> None:
    """Numbers and stores the events of a turn. The caller holds the lock on the search's row."""
    at, first_seq = clock.now(), search.seq
    rows = []
    projections.record_scores(search, branch, [item.payload for item in emitted if item.kind == "candidate_scored"])
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
                payload=item.serialized,
            )
        )
        projections.apply(search, branch, item.kind, item.payload)
    Event.objects.bulk_create(rows)
    search.save(update_fields=["seq", *projections.COLUMNS])
    if first_seq // VIEW_EVERY != search.seq // VIEW_EVERY:
        seq, body = current_view(search.pk)
        View.objects.create(search=search, seq=seq, body=zlib.compress(serialization.dumps(body)))


def read(search_id: str, since: int, limit: int) -> list[Json]:
    """At most `limit` events after number `since`, oldest first."""
    rows = Event.objects.filter(search_id=search_id, seq__gt=since).order_by("seq")[:limit]
    return [as_dict(row) for row in rows]


def current_view(search_id: str, until: int | None = None) -> tuple[int, Json]:
    """The view after event `until` (None: after the last), and that event's number. Starts from the latest cached
    view and folds the events since."""
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
