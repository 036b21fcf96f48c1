"""Searches: propose, launch, list, read, steer."""

import re
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from search import wire
from search.budget import Infeasible
from search.datasets import DATASETS
from search.strategies import STRATEGIES
from search.task import Task
from webapp import access, eventlog, proposals, searches, shapes, steering
from webapp.api.engine import ScalarField, team_to_write, who
from webapp.api.errors import Conflict, ErrorAnswer, invalid
from webapp.api.vocabulary import Base, BudgetRequestSerializer, BudgetSerializer, CostSerializer, GraphSerializer
from webapp.models import Search
from webapp.states import CommandKind, CommandStatus, SearchStatus
from webapp.waiting import waiting

Json = dict[str, Any]

MOST_EVENTS = 500  # in one answer
EDGE = re.compile(r"^\d{1,6}-\d{1,6}$", re.ASCII)  # or 1 in other scripts would be another name of the same edge


class SearchDraftSerializer(Base):
    name = serializers.CharField(max_length=120, required=False)
    strategy = serializers.ChoiceField(choices=list(STRATEGIES))
    dataset = serializers.ChoiceField(choices=list(DATASETS))
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
    best_quality = serializers.FloatField(allow_null=True)


class SearchDetailSerializer(SearchRowSerializer):
    task = serializers.DictField()
    waiting = serializers.CharField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    architecture = serializers.CharField(allow_null=True)
    view_seq = serializers.IntegerField()


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


class StoredViewSerializer(Base):
    seq = serializers.IntegerField()
    view = serializers.DictField()


class CommandRequestSerializer(Base):
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    edge = serializers.RegexField(EDGE, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class CommandSerializer(Base):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    edge = serializers.CharField(allow_null=True)
    by = serializers.CharField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=CommandStatus.choices)
    why = serializers.CharField()
    created_at = serializers.CharField()
    decided_at = serializers.CharField(allow_null=True)


def row(search: Search) -> Json:
    return {
        "id": search.pk,
        "name": search.name,
        "status": search.status,
        "strategy": search.strategy,
        "dataset": search.dataset,
        "created_at": shapes.text(search.created_at),
        "created_by": search.created_by.shown_name,
        "seq": search.seq,
        "step": search.step,
        "edges": search.edges,
        "cost": search.cost,
        "budget": search.task["budget"],
        "best_quality": search.best_quality,
    }


def detail(search: Search) -> Json:
    stored = search.views.order_by("-seq").values_list("seq", flat=True).first()
    return {
        **row(search),
        "task": search.task,
        "waiting": waiting(search),
        "error": search.error,
        "architecture": shapes.answer(search),
        "view_seq": stored or 0,
    }


def the_search(request: Request, id: str) -> Search:
    return get_object_or_404(access.searches(who(request)).select_related("created_by", "team"), pk=id)


class SearchPreview(APIView):
    @extend_schema(
        request=SearchDraftSerializer,
        responses={200: PreviewSerializer, 400: ErrorAnswer},
        operation_id="search_preview",
    )
    def post(self, request: Request) -> Response:
        """What the dense graph and the smallest would cost, and whether the budget can be met."""
        return Response(PreviewSerializer(proposals.preview(_proposed(request)[0])).data)


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
        team = team_to_write(request)
        task, name = _proposed(request)
        try:
            search = searches.create(team, who(request), name, wire.plain(task))
        except Infeasible as error:
            raise invalid(proposals.BadProposal("budget", str(error))) from None
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
        events = eventlog.read(the_search(request, id).pk, since, asked.validated_data["limit"])
        last = events[-1]["seq"] if events else since
        return Response({"from_seq": since + 1, "to_seq": last, "events": events})


class SearchView(APIView):
    @extend_schema(responses=StoredViewSerializer, operation_id="search_view")
    def get(self, request: Request, id: str) -> Response:
        """What the page shows after the last event."""
        seq, view = eventlog.current_view(the_search(request, id).pk)
        return Response({"seq": seq, "view": view})


class SearchCommands(APIView):
    @extend_schema(responses=CommandSerializer(many=True), operation_id="search_commands")
    def get(self, request: Request, id: str) -> Response:
        commands = the_search(request, id).commands.select_related("by").order_by("number")
        return Response(CommandSerializer([shapes.command(each) for each in commands], many=True).data)

    @extend_schema(
        request=CommandRequestSerializer,
        responses={201: CommandSerializer, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_steer",
    )
    def post(self, request: Request, id: str) -> Response:
        """pause, resume, stop and cancel act at once; lock, unlock and remove at the end of the round."""
        search = the_search(request, id)
        if not access.may_change(who(request), search.team):
            raise PermissionDenied("You may watch this search, not steer it.")
        asked = CommandRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        try:
            command = steering.steer(search.pk, who(request), CommandKind(said["kind"]), said["edge"], said["reason"])
        except steering.Refused as error:
            raise Conflict(str(error)) from None
        return Response(CommandSerializer(shapes.command(command)).data, status=201)


def _proposed(request: Request) -> tuple[Task, str]:
    """The task, and the search's name: the person's, or what it is about."""
    draft = SearchDraftSerializer(data=request.data)
    draft.is_valid(raise_exception=True)
    said = draft.validated_data
    try:
        task = proposals.task(said)
    except proposals.BadProposal as error:
        raise invalid(error) from None
    return task, said.get("name") or f"{STRATEGIES[task.strategy].TITLE} on {DATASETS[task.dataset].title}"
