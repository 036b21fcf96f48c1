"""Searches: launch, list, read."""

from dataclasses import replace
from typing import Any, Literal

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.serialization import Json
from search.network.limits import BOUNDS
from webapp.accounts import access
from webapp.api import caching
from webapp.api.auth import current_user, team_to_write
from webapp.api.entries import EntryRowSerializer, EntryView
from webapp.api.errors import ErrorAnswer
from webapp.api.groups import GroupSerializer
from webapp.api.lists import QUERIES, read_query
from webapp.api.presenters import TrainedResultSerializer
from webapp.api.previews import SearchDraftSerializer, read_draft, read_task
from webapp.api.vocabulary import (
    Base,
    BudgetSerializer,
    CostSerializer,
    LineField,
    MetricField,
    MomentField,
    unless_deleted,
)
from webapp.catalog import results
from webapp.config import logs
from webapp.entries import listing
from webapp.entries.families import SEARCHES
from webapp.models import Branch, Search
from webapp.models.enums import SearchStatus
from webapp.searches import groups
from webapp.searches.waiting import waiting


class LaunchSerializer(SearchDraftSerializer):
    repeats = serializers.IntegerField(
        min_value=1, max_value=BOUNDS.repeats, default=1, help_text="searches with this seed and the following ones"
    )
    key = LineField(
        max_length=40,
        default=None,
        allow_null=True,
        help_text="of this launch, drawn at random: the same again, as after an answer that was lost, launches nothing "
        "and returns the search that was launched",
    )


class SearchRowSerializer(EntryRowSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=SearchStatus.choices)
    strategy = serializers.CharField()
    dataset = serializers.CharField()
    seq = serializers.IntegerField()
    step = serializers.IntegerField()
    edges = serializers.IntegerField(allow_null=True, help_text="null until the search has started")
    cost = CostSerializer(allow_null=True)
    budget = BudgetSerializer(source="task.budget")
    metric = MetricField()
    best_quality = serializers.FloatField(allow_null=True, help_text="of the metric; lower is better for a perplexity")
    architecture = serializers.CharField(source="answer", allow_null=True, help_text="id of its answer in the catalog")
    best_trained = TrainedResultSerializer(
        allow_null=True, help_text="the model of its answer with the best validation figure"
    )
    group = serializers.SerializerMethodField()

    @extend_schema_field(GroupSerializer(allow_null=True))
    def get_group(self, search: Search) -> Any:
        if search.group is None:
            return None
        size = search.group_size  # type: ignore[attr-defined]  # see `_rows`
        return GroupSerializer({"id": search.group, "size": size}).data


class SearchParentSerializer(Base):
    """The search and step that it was forked from."""

    search = serializers.CharField(source="parent_id")
    name = serializers.CharField(source="parent.name")
    branch = serializers.IntegerField(source="parent_branch")
    step = serializers.IntegerField(source="parent_step")


class SearchBranchSerializer(Base):
    """A line of rounds. It leaves branch `parent` (null: none) before round `parent_round`. `seq`: its first event."""

    branch = serializers.IntegerField(source="number")
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]  # also a word of the framework's
    parent_round = serializers.IntegerField(allow_null=True)
    step = serializers.IntegerField()
    seq = serializers.IntegerField()
    status = serializers.SerializerMethodField()
    by = serializers.CharField(source="opened_by.shown_name", allow_null=True)
    opened_at = MomentField()

    def get_status(self, branch: Branch) -> Literal["live", "left"]:
        return "live" if branch.number == branch.search.branch else "left"


class SearchDetailSerializer(SearchRowSerializer):
    notes = serializers.CharField()
    task = serializers.DictField()
    waiting = serializers.SerializerMethodField()
    error = serializers.CharField(allow_null=True)
    architecture_deleted = serializers.SerializerMethodField(help_text="its answer was in the catalog and was deleted")
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]  # the framework uses this name too
    branches = serializers.SerializerMethodField()

    def get_waiting(self, search: Search) -> str | None:
        return waiting(search)

    def get_architecture_deleted(self, search: Search) -> bool:
        if search.answer is not None or not search.state.is_over:  # type: ignore[attr-defined]  # see `search_detail`
            return False
        return Search.objects.filter(pk=search.pk, summary__answer__hash__isnull=False).exists()

    @extend_schema_field(SearchParentSerializer(allow_null=True))
    def get_parent(self, search: Search) -> Any:
        """None also where that search was deleted."""
        return None if unless_deleted(search.parent) is None else SearchParentSerializer(search).data

    @extend_schema_field(SearchBranchSerializer(many=True))
    def get_branches(self, search: Search) -> Any:
        branches = search.branches.select_related("opened_by").order_by("number")
        return SearchBranchSerializer(branches, many=True).data


class StoredSnapshotSerializer(Base):
    seq = serializers.IntegerField()
    snapshot = serializers.DictField(allow_null=True, help_text="null until the search has started")


def get_search_or_404(request: Request, id: str) -> Search:
    logs.bind(search=id)
    return get_object_or_404(access.searches(current_user(request)).select_related("created_by", "team"), pk=id)


def search_detail(request: Request, id: str) -> Json:
    detail: Json = SearchDetailSerializer(get_object_or_404(_rows(request), pk=id)).data
    return detail


def _rows(request: Request) -> QuerySet[Search]:
    user = current_user(request)
    together = Search.objects.filter(group=OuterRef("group"), deleted_at=None).order_by().values("group")
    size = Subquery(together.annotate(count=Count("pk")).values("count"))
    rows = access.searches(user).select_related("created_by").annotate(group_size=size)
    return results.beside_searches(rows, access.architectures(user), access.models(user))


class Searches(generics.ListAPIView[Search]):
    serializer_class = SearchRowSerializer

    def get_queryset(self) -> QuerySet[Search]:
        return listing.find(SEARCHES, _rows(self.request), read_query(SEARCHES, self.request))

    @extend_schema(parameters=[QUERIES[SEARCHES.name]])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Searches of the person's teams."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=LaunchSerializer, responses={201: SearchDetailSerializer, 400: ErrorAnswer, 409: ErrorAnswer}
    )
    def post(self, request: Request) -> Response:
        """Launches a search or a group, of which the first is returned. 400 names a limit that it cannot meet."""
        draft, team = read_draft(request, LaunchSerializer)
        team = team_to_write(request, team)
        task, name = read_task(draft, team)
        seeds = groups.seeds(task.seed, draft["repeats"], BOUNDS.seed)
        tasks = [serialization.to_jsonable(replace(task, seed=seed)) for seed in seeds]
        first = groups.launch(team, current_user(request), name, tasks, draft["key"])
        return Response(search_detail(request, first.pk), status=201)


class SearchOne(EntryView):
    family = SEARCHES

    @extend_schema(responses=SearchDetailSerializer, operation_id="search_retrieve")
    def get(self, request: Request, id: str) -> Response:
        logs.bind(search=id)
        return Response(search_detail(request, id))


class SearchSnapshot(APIView):
    @extend_schema(responses={200: StoredSnapshotSerializer, 304: None}, operation_id="search_snapshot")
    def get(self, request: Request, id: str) -> Response:
        """All that holds after the last event: the payload of a `snapshot` event."""
        search = get_search_or_404(request, id)

        def body() -> Json:
            seq, snapshot = Search.objects.values_list("seq", "summary").get(pk=search.pk)
            return {"seq": seq, "snapshot": snapshot}

        return caching.respond(request, f"{search.pk}-{search.seq}", body)
