"""Searches: propose, launch, list, read, steer."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from search.base import serialization
from search.log.task import Task
from search.strategies import STRATEGIES
from webapp.accounts import access
from webapp.api import presenters
from webapp.api.engine import ScalarField, team_to_write, who
from webapp.api.errors import ErrorAnswer, invalid
from webapp.api.vocabulary import (
    Base,
    BudgetRequestSerializer,
    BudgetSerializer,
    CostSerializer,
    GraphSerializer,
    MetricField,
)
from webapp.config import logs
from webapp.datasets.lookup import find
from webapp.devices import devices
from webapp.models import Search, Team
from webapp.models.enums import SearchStatus
from webapp.searches import branches, event_log, lifecycle, proposals, turn
from webapp.searches.waiting import waiting

Json = dict[str, Any]

MOST_EVENTS = 500  # in one answer


class SearchDraftSerializer(Base):
    name = serializers.CharField(max_length=120, required=False)
    strategy = serializers.ChoiceField(choices=list(STRATEGIES))
    dataset = serializers.CharField(max_length=80, help_text="a built-in one's name, or an uploaded one's id")
    space = serializers.CharField(
        max_length=40, required=False, allow_null=True, help_text="without it, the strategy's first for such data"
    )
    budget = BudgetRequestSerializer()
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    config = serializers.DictField(child=ScalarField())


class ProblemSerializer(Base):
    limit = serializers.CharField()
    allowed = serializers.IntegerField()
    needed = serializers.IntegerField()
    detail = serializers.CharField()


class PreviewSerializer(Base):
    dense = CostSerializer()
    smallest = CostSerializer()
    graph = GraphSerializer()
    fits = serializers.BooleanField()
    problems = ProblemSerializer(many=True)
    evaluations = serializers.IntegerField()


class SearchRowSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=SearchStatus.choices)
    strategy = serializers.CharField()
    dataset = serializers.CharField()
    created_at = serializers.CharField()
    created_by = serializers.CharField()
    seq = serializers.IntegerField()
    step = serializers.IntegerField()
    edges = serializers.IntegerField()
    cost = CostSerializer(allow_null=True)
    budget = BudgetSerializer()
    metric = MetricField()
    best_quality = serializers.FloatField(allow_null=True, help_text="by the metric: a perplexity is better lower")


class SearchParentSerializer(Base):
    """The search that it was forked from, and where."""

    search = serializers.CharField()
    name = serializers.CharField()
    branch = serializers.IntegerField()
    step = serializers.IntegerField()


class SearchBranchSerializer(Base):
    """A line of rounds: it leaves `parent` (null: the first) before its round `parent_round`; `seq` is its first."""

    branch = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # also a word of the framework's
    parent_round = serializers.IntegerField(allow_null=True)
    step = serializers.IntegerField()
    seq = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["live", "left"])
    by = serializers.CharField(allow_null=True)
    opened_at = serializers.CharField()


class SearchDetailSerializer(SearchRowSerializer):
    task = serializers.DictField()
    waiting = serializers.CharField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    architecture = serializers.CharField(allow_null=True)
    view_seq = serializers.IntegerField()
    parent = SearchParentSerializer(allow_null=True)
    branches = SearchBranchSerializer(many=True)


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


class EventQuerySerializer(Base):
    since = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_EVENTS, default=MOST_EVENTS)


class ViewQuerySerializer(Base):
    branch = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)


class StoredViewSerializer(Base):
    seq = serializers.IntegerField()
    view = serializers.DictField()


def row(search: Search) -> Json:
    return {
        "id": search.pk,
        "name": search.name,
        "status": search.status,
        "strategy": search.strategy,
        "dataset": search.dataset,
        "created_at": presenters.text(search.created_at),
        "created_by": search.created_by.shown_name,
        "seq": search.seq,
        "step": search.step,
        "edges": search.edges,
        "cost": search.cost,
        "budget": search.task["budget"],
        "metric": search.metric,
        "best_quality": search.best_quality,
    }


def detail(search: Search) -> Json:
    stored = search.views.order_by("-seq").values_list("seq", flat=True).first()
    return {
        **row(search),
        "task": search.task,
        "waiting": waiting(search),
        "error": search.error,
        "architecture": presenters.answer(search),
        "view_seq": stored or 0,
        "parent": presenters.parent(search),
        "branches": presenters.branches(search),
    }


def the_search(request: Request, id: str) -> Search:
    logs.bind(search=id)
    return get_object_or_404(access.searches(who(request)).select_related("created_by", "team"), pk=id)


class SearchPreview(APIView):
    @extend_schema(
        request=SearchDraftSerializer,
        responses={200: PreviewSerializer, 400: ErrorAnswer},
        operation_id="search_preview",
    )
    def post(self, request: Request) -> Response:
        """What the dense graph and the smallest would cost, and whether the budget can be met."""
        said, team = _draft(request)
        task, _ = _proposed(said, team or access.team_of(who(request)))
        try:
            preview = proposals.preview(task)
        except proposals.BadProposal as error:
            raise invalid(error) from None
        return Response(PreviewSerializer(preview).data)


class Searches(generics.ListAPIView[Search]):
    serializer_class = SearchRowSerializer

    def get_queryset(self) -> QuerySet[Search]:
        return access.searches(who(self.request)).select_related("created_by").order_by("-created_at", "pk")

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        rows = [row(search) for search in args[0]] if args else []
        return SearchRowSerializer(rows, many=True)

    @extend_schema(request=SearchDraftSerializer, responses={201: SearchDetailSerializer, 400: ErrorAnswer})
    def post(self, request: Request) -> Response:
        """Launches a search; an impossible one is refused with the limit that it cannot meet."""
        said, team = _draft(request)
        team = team_to_write(request, team)
        task, name = _proposed(said, team)
        try:
            search = lifecycle.create(team, who(request), name, serialization.to_jsonable(task))
        except turn.IMPOSSIBLE as error:
            raise invalid(proposals.senseless(error)) from None
        except proposals.BadProposal as error:
            raise invalid(error) from None
        return Response(SearchDetailSerializer(detail(search)).data, status=201)


class SearchOne(APIView):
    @extend_schema(responses=SearchDetailSerializer, operation_id="search_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return Response(SearchDetailSerializer(detail(the_search(request, id))).data)


class SearchEvents(APIView):
    @extend_schema(
        parameters=[EventQuerySerializer],
        responses={200: EventPageSerializer, 400: ErrorAnswer},
        operation_id="search_events",
    )
    def get(self, request: Request, id: str) -> Response:
        """The log after `since`, oldest first."""
        asked = EventQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        since = asked.validated_data["since"]
        events = event_log.read(the_search(request, id).pk, since, asked.validated_data["limit"])
        last = events[-1]["seq"] if events else since
        return Response({"from_seq": since + 1, "to_seq": last, "events": events})


class SearchView(APIView):
    @extend_schema(
        parameters=[ViewQuerySerializer],
        responses={200: StoredViewSerializer, 400: ErrorAnswer},
        operation_id="search_view",
    )
    def get(self, request: Request, id: str) -> Response:
        """What the page shows after the last event; of a branch that was left, as it ended."""
        search = the_search(request, id)
        asked = ViewQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        branch = asked.validated_data.get("branch", search.branch)
        if branch > search.branch:
            raise ValidationError({"branch": f"There is no branch {branch}: the newest is {search.branch}."})
        until = None if branch == search.branch else branches.last_seq(search, branch)
        seq, view = event_log.current_view(search.pk, until)
        return Response({"seq": seq, "view": view})


def _draft(request: Request) -> tuple[Json, Team | None]:
    """What the form says, and whose data it names; None where they are everybody's, or nobody's."""
    draft = SearchDraftSerializer(data=request.data)
    draft.is_valid(raise_exception=True)
    said: Json = draft.validated_data
    return said, access.team_with(who(request), said["dataset"])


def _proposed(said: Json, team: Team | None) -> tuple[Task, str]:
    """The task, and the search's name: the person's, or what it is about. The team: the one whose data it may be."""
    try:
        dataset = find(team, said["dataset"])
        devices.validate_budget(team, said["budget"])
        task = proposals.task(said, dataset)
    except proposals.BadProposal as error:
        raise invalid(error) from None
    return task, said.get("name") or f"{STRATEGIES[task.strategy].TITLE} on {dataset.title}"
