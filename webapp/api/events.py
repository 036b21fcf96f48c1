"""The event log of a search, page by page. A page that has not changed is answered 304."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.serialization import Json
from search.log import events
from search.network.limits import MAX_INTEGER
from webapp.api import caching
from webapp.api.errors import ErrorAnswer
from webapp.api.searches import get_search_or_404
from webapp.api.vocabulary import Base, NameField, StrictSerializer, validated
from webapp.searches import event_log
from webapp.searches.event_log import Span

DEFAULT_LIMIT, MAX_LIMIT = 500, 1_000  # events in one response
#: Of at, before and since, one decides which events are read; these may come with it.
MAY_COME_WITH: dict[str, tuple[str, ...]] = {"at": (), "before": ("limit", "kind"), "since": ("limit", "kind")}


class EventSerializer(Base):
    v = serializers.IntegerField()
    seq = serializers.IntegerField()
    branch = serializers.IntegerField()
    round = serializers.IntegerField()
    kind = serializers.CharField()
    at = serializers.CharField()
    payload = serializers.DictField()


class EventPageSerializer(Base):
    from_seq = serializers.IntegerField()
    to_seq = serializers.IntegerField()
    events = EventSerializer(many=True)


class EventQuerySerializer(StrictSerializer):
    since = serializers.IntegerField(
        min_value=0, max_value=MAX_INTEGER, required=False, help_text="events after this one; default: 0"
    )
    before = serializers.IntegerField(
        min_value=1, max_value=MAX_INTEGER, required=False, help_text="the last events before this one"
    )
    at = serializers.IntegerField(
        min_value=1,
        max_value=MAX_INTEGER,
        required=False,
        help_text="all events that a reader needs who wants to know what held after this one",
    )
    limit = serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, required=False, help_text=f"default: {DEFAULT_LIMIT}"
    )
    kind = serializers.ListField(
        child=NameField("kind", events.KINDS), required=False, help_text="repeat it for several kinds; default: all"
    )

    def validate(self, data: Json) -> Json:
        mode = next((name for name in MAY_COME_WITH if name in data), "since")
        for name in data:
            if name != mode and name not in MAY_COME_WITH[mode]:
                raise serializers.ValidationError({name: f"It does not go with {mode}. Leave one of the two out."})
        return data


class SearchEvents(APIView):
    @extend_schema(
        parameters=[EventQuerySerializer],
        responses={200: EventPageSerializer, 304: None, 400: ErrorAnswer},
        operation_id="search_events",
    )
    def get(self, request: Request, id: str) -> Response:
        """Events after `since`, before `before`, or up to `at` from the last one that needs no earlier event. Oldest
        first."""
        search = get_search_or_404(request, id)
        data = validated(EventQuerySerializer, request.query_params)
        kinds = data.get("kind", [])
        span = _span(search.pk, data, kinds)

        def page() -> Any:
            found = event_log.read(search.pk, span.first, span.last, kinds)
            return {"from_seq": span.first, "to_seq": span.last, "events": found}

        return caching.respond(request, _etag(search.pk, span, kinds), page)


def _span(search_id: str, data: Json, kinds: list[str]) -> Span:
    limit = data.get("limit", DEFAULT_LIMIT)
    if "at" in data:
        return event_log.segment(search_id, data["at"])
    if "before" in data:
        return event_log.before(search_id, data["before"], limit, kinds)
    return event_log.after(search_id, data.get("since", 0), limit, kinds)


def _etag(search_id: str, span: Span, kinds: list[str]) -> str:
    """Events never change, so their numbers and kinds say what a page holds."""
    return serialization.canonical_hash([events.VERSION, search_id, span.first, span.last, sorted(set(kinds))])
