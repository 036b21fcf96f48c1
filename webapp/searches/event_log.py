"""The event log of a search: numbered without gaps, appended under the lock on the search's row, never changed."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db.models import QuerySet, RowRange, Sum, Window
from django.db.models.functions import Coalesce, Length

from search.base import serialization
from search.base.serialization import Json
from search.log import events
from webapp.core import clock
from webapp.models import Event, Search
from webapp.searches.turn import SerializedEvent


class Span(NamedTuple):
    """The events numbered `first` to `last`; none, where `last` is less."""

    first: int
    last: int


def append(search: Search, branch: int, round_number: int, emitted: Sequence[SerializedEvent]) -> None:
    """Numbers and stores the events of a turn. The caller holds the lock on the search's row."""
    at = clock.now()
    Event.objects.bulk_create(
        Event(
            search=search,
            seq=seq,
            branch=branch,
            round=round_number,
            kind=item.kind,
            at=at,
            payload=item.serialized,
        )
        for seq, item in enumerate(emitted, search.seq + 1)
    )
    search.seq += len(emitted)
    search.save(update_fields=["seq"])


def read(search_id: str, first: int, last: int, kinds: Collection[str] = ()) -> list[Json]:
    """The events numbered `first` to `last`, of these kinds (none: of all), oldest first."""
    return [_as_dict(row) for row in _of(search_id, kinds).filter(seq__range=(first, last)).order_by("seq")]


def batch(search_id: str, first: int, size: int) -> list[Json]:
    """The events from number `first` on whose payloads have `size` bytes together: the one that goes beyond that is the
    last."""
    before = Coalesce(Window(Sum(Length("payload")), order_by="seq", frame=RowRange(None, -1)), 0)
    rows = Event.objects.filter(search_id=search_id, seq__gte=first).annotate(before=before)
    return [_as_dict(row) for row in rows.filter(before__lt=size).order_by("seq")]


def after(search_id: str, seq: int, limit: int, kinds: Collection[str] = ()) -> Span:
    """Where the first `limit` events of these kinds after `seq` are. Reads no payloads."""
    found = _of(search_id, kinds).filter(seq__gt=seq).order_by("seq").values_list("seq", flat=True)[:limit]
    return Span(seq + 1, max(found, default=seq))


def before(search_id: str, seq: int, limit: int, kinds: Collection[str] = ()) -> Span:
    """Where the last `limit` events of these kinds before `seq` are. Reads no payloads."""
    found = list(_of(search_id, kinds).filter(seq__lt=seq).order_by("-seq").values_list("seq", flat=True)[:limit])
    return Span(found[-1], found[0]) if found else Span(seq, seq - 1)


def segment(search_id: str, until: int) -> Span:
    """Where a reader must start to know everything after event `until`, or after the last event, if that is earlier: at
    the last self-contained event."""
    log = Event.objects.filter(search_id=search_id, seq__lte=until).order_by("-seq").values_list("seq", flat=True)
    last = log.first() or 0
    return Span(log.filter(kind__in=events.SELF_CONTAINED).first() or 1, last)


def _of(search_id: str, kinds: Collection[str]) -> QuerySet[Event]:
    log = Event.objects.filter(search_id=search_id)
    return log.filter(kind__in=kinds) if kinds else log


def _as_dict(row: Event) -> Json:
    emitted = events.Emitted(row.kind, serialization.loads(bytes(row.payload)))
    return events.stamp(emitted, seq=row.seq, branch=row.branch, round=row.round, at=clock.text(row.at))
