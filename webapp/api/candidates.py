"""The candidates of a search: a table to filter, sort and page through, and one of them with its curve."""

from typing import get_args

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.log.candidates import Status
from search.log.events import Phase
from search.network.limits import MAX_INTEGER
from webapp.api.errors import ErrorAnswer
from webapp.api.searches import get_search_or_404
from webapp.api.vocabulary import (
    Base,
    CostSerializer,
    CurvePointSerializer,
    NameField,
    NamesField,
    StrictSerializer,
    validated,
)
from webapp.searches import candidate_table
from webapp.searches.candidate_table import FIELDS, FILTERS, LARGE_FIELDS, OBJECTIVES, SORTS, Query

MAX_LIMIT = 1_000  # rows in one response
STATUSES, PHASES = get_args(Status), get_args(Phase)


class CandidateQuerySerializer(StrictSerializer):
    branch = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False)
    step = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False)
    status = NameField("status", STATUSES, required=False)
    phase = NameField("phase", PHASES, required=False)
    feasible = serializers.BooleanField(allow_null=True, required=False)
    after_seq = serializers.IntegerField(
        min_value=0,
        max_value=MAX_INTEGER,
        required=False,
        help_text="rows that changed after this event; results that arrive after their round was withdrawn are not new",
    )
    until_seq = serializers.IntegerField(
        min_value=0, max_value=MAX_INTEGER, required=False, help_text="rows that did not change after this event"
    )
    first_id = serializers.IntegerField(
        min_value=0, max_value=MAX_INTEGER, required=False, help_text="ids from this one on"
    )
    last_id = serializers.IntegerField(
        min_value=0, max_value=MAX_INTEGER, required=False, help_text="ids up to this one; a round has ids in a row"
    )
    sort = NameField(
        "column to sort by",
        [sign + name for name in SORTS for sign in ("", "-")],
        required=False,
        help_text="missing values come last; default: by branch and id",
    )
    pareto = NamesField(
        "objective",
        OBJECTIVES,
        count=2,
        required=False,
        help_text="two objectives, as in quality,macs: only rows that no other one of these beats, by being better in "
        "one and at least as good in the other",
    )
    fields = NamesField(  # type: ignore[assignment]  # the framework uses this name too
        "field",
        FIELDS,
        required=False,
        help_text=f"with commas between them; default: all but {', '.join(LARGE_FIELDS)}",
    )
    limit = serializers.IntegerField(min_value=1, max_value=MAX_LIMIT, default=100)
    offset = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, default=0)


class EditsSerializer(Base):
    """Against the graph of the step. Nodes are rows: [id, op, rank, attrs, cell]."""

    edges_removed = serializers.ListField(child=serializers.CharField())
    nodes_removed = serializers.ListField(child=serializers.IntegerField())
    edges_lost = serializers.ListField(child=serializers.CharField(), help_text="nothing reaches them any more")
    nodes_lost = serializers.ListField(child=serializers.IntegerField())
    nodes_added = serializers.ListField(child=serializers.ListField())
    nodes_changed = serializers.ListField(child=serializers.ListField(), help_text="as they are now")
    edges_added = serializers.ListField(child=serializers.CharField())


class CandidateSerializer(Base):
    branch = serializers.IntegerField()
    id = serializers.IntegerField()
    step = serializers.IntegerField()
    phase = serializers.ChoiceField(choices=PHASES)
    seq = serializers.IntegerField(help_text="of the last event of the turn that last changed it")
    status = serializers.ChoiceField(choices=STATUSES)
    code = serializers.CharField(allow_null=True, help_text="of an error")
    label = serializers.CharField(  # type: ignore[assignment]  # the framework uses this name too
        allow_null=True, help_text="what it is, where it is not the removal of one edge"
    )
    hash = serializers.CharField()
    feasible = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)
    quality = serializers.FloatField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    params = serializers.IntegerField()
    macs = serializers.IntegerField()
    peak_memory = serializers.IntegerField(help_text="bytes, in the order of execution")
    latency = serializers.IntegerField(allow_null=True, help_text="microseconds")
    edits = EditsSerializer()
    parents = serializers.ListField(child=serializers.IntegerField())
    cost = CostSerializer()
    curve = CurvePointSerializer(many=True)


ColumnsSerializer = type(
    "ColumnsSerializer",
    (Base,),
    {
        name: serializers.ListField(child=field, required=False)
        for name, field in CandidateSerializer().get_fields().items()
        if name in FIELDS
    },
)


class CandidatePageSerializer(Base):
    count = serializers.IntegerField(help_text="of all rows that were asked for")
    seq = serializers.IntegerField(help_text="the greatest of all candidates of the search; 0 without any")
    columns = ColumnsSerializer(help_text="one list per field; together, the entries at one place are a row")


class SearchCandidates(APIView):
    @extend_schema(
        parameters=[CandidateQuerySerializer],
        responses={200: CandidatePageSerializer, 400: ErrorAnswer},
        operation_id="search_candidates",
    )
    def get(self, request: Request, id: str) -> Response:
        """A page of the candidates of all rounds, in columns."""
        search = get_search_or_404(request, id)
        data = validated(CandidateQuerySerializer, request.query_params)
        filters = {name: data.pop(name) for name in FILTERS if data.get(name) is not None}
        data.pop("feasible", None)  # null: not asked for
        return Response(candidate_table.find(search, Query(filters=filters, **data)))


class SearchCandidate(APIView):
    @extend_schema(responses={200: CandidateSerializer, 404: ErrorAnswer}, operation_id="search_candidate")
    def get(self, request: Request, id: str, branch: int, number: int) -> Response:
        """Everything about one candidate, with its training curve."""
        row = candidate_table.one(get_search_or_404(request, id), branch, number)
        if row is None:
            raise NotFound(f"Branch {branch} of the search has no candidate {number}.")
        return Response(row)
