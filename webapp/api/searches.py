"""Searches: preview, launch, list, read."""

from dataclasses import replace
from typing import Any, Literal, get_args

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.serialization import Json
from search.log.task import Task
from search.network.limits import BOUNDS
from search.strategies import STRATEGIES
from webapp.accounts import access
from webapp.api import caching
from webapp.api.auth import current_user, team_to_write
from webapp.api.entries import QUERIES, EntryRowSerializer, EntryView, read_query
from webapp.api.errors import ErrorAnswer
from webapp.api.presenters import TrainedResultSerializer
from webapp.api.vocabulary import (
    Base,
    BudgetRequestSerializer,
    BudgetSerializer,
    CostSerializer,
    GraphSerializer,
    LineField,
    MetricField,
    MomentField,
    ProblemSerializer,
    SettingsSerializer,
    unless_deleted,
    validated,
)
from webapp.catalog import results
from webapp.config import logs
from webapp.datasets.lookup import find
from webapp.devices import devices
from webapp.entries import listing
from webapp.entries.families import SEARCHES
from webapp.models import Branch, Probe, Search, Team
from webapp.models.enums import SearchStatus
from webapp.searches import estimate, groups, probes, proposals
from webapp.searches.waiting import waiting

DEVICES, PROBE_STATUSES = ["CPU", "GPU"], ["queued", "running", "done", "failed"]
MOST_SAME = 3
BASES = list(get_args(estimate.Basis))


class SearchDraftSerializer(Base):
    name = LineField(max_length=BOUNDS.name, required=False)
    strategy = serializers.ChoiceField(choices=list(STRATEGIES))
    dataset = serializers.CharField(max_length=80, help_text="name of a built-in one, or id of an uploaded one")
    space = serializers.CharField(
        max_length=40,
        required=False,
        allow_null=True,
        help_text="default: the strategy's first space for this kind of data",
    )
    evaluator = serializers.CharField(
        max_length=40,
        required=False,
        allow_null=True,
        help_text="default: the first one for this kind of data, or that of the protocol",
    )
    budget = BudgetRequestSerializer()
    seed = serializers.IntegerField(min_value=0, max_value=BOUNDS.seed)
    settings = SettingsSerializer()


class SpanSerializer(Base):
    low = serializers.FloatField()
    middle = serializers.FloatField()
    high = serializers.FloatField()


class CrewSerializer(Base):
    """Workers of one kind that are running, and how many of them are at work."""

    device = serializers.ChoiceField(choices=DEVICES)
    alive = serializers.IntegerField()
    busy = serializers.IntegerField()


class EstimateSerializer(Base):
    seconds = SpanSerializer(allow_null=True, help_text="of the whole search; null where `why` says so")
    basis = serializers.ChoiceField(choices=BASES, allow_null=True)
    why = serializers.CharField(help_text="what it stands on, or why there is none")
    items = serializers.IntegerField(help_text="trainings that it stands on")
    trainings = serializers.SerializerMethodField(help_text="how many there will be")
    probe = serializers.ChoiceField(choices=PROBE_STATUSES, allow_null=True)
    workers = CrewSerializer(many=True)
    sharing = serializers.IntegerField(help_text="searches that use the workers now")

    @extend_schema_field(SpanSerializer)
    def get_trainings(self, found: estimate.Estimate) -> Json:
        return dict(zip(estimate.Span._fields, found.trainings, strict=True))


class SameSearchSerializer(Base):
    """A search of the team with an equal task: its results are at hand, so that launching it again takes seconds."""

    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=SearchStatus.choices)


class PreviewSerializer(Base):
    largest = CostSerializer()
    smallest = CostSerializer()
    graph = GraphSerializer()
    fits = serializers.BooleanField()
    problems = ProblemSerializer(many=True)
    evaluations = serializers.IntegerField()
    estimate = EstimateSerializer()
    same = SameSearchSerializer(many=True, help_text=f"at most {MOST_SAME}, newest first")


class ProbeSerializer(Base):
    id = serializers.IntegerField(source="pk")
    status = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=PROBE_STATUSES))
    def get_status(self, probe: Probe) -> str:
        return probes.status_of(probe)


class LaunchSerializer(SearchDraftSerializer):
    repeats = serializers.IntegerField(
        min_value=1, max_value=BOUNDS.repeats, default=1, help_text="searches with this seed and the following ones"
    )


class GroupSerializer(Base):
    """Searches that were launched together: one task, with other seeds."""

    id = serializers.CharField()
    size = serializers.IntegerField()


class GroupMemberSerializer(Base):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=SearchStatus.choices)
    name = serializers.CharField()
    seed = serializers.IntegerField(source="task.seed")
    quality = serializers.FloatField(source="best_quality", allow_null=True)


class GroupQualitySerializer(Base):
    """Of the answers, with a 95 % interval by Student's t."""

    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    count = serializers.IntegerField()


class GroupDetailSerializer(Base):
    id = serializers.CharField()
    metric = MetricField()
    members = GroupMemberSerializer(many=True)
    quality = GroupQualitySerializer(allow_null=True, help_text="null until two searches have an answer")


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


class SearchPreview(APIView):
    @extend_schema(
        request=SearchDraftSerializer,
        responses={200: PreviewSerializer, 400: ErrorAnswer},
        operation_id="search_preview",
    )
    def post(self, request: Request) -> Response:
        """Cost of the largest and the smallest graph, whether the budget can be met, and how long it may take."""
        draft, team = _draft(request)
        team = team or access.team_of(current_user(request))
        task, _ = _task(draft, team)
        same = access.searches(current_user(request)).filter(team=team, task_hash=serialization.canonical_hash(task))
        found = {
            **vars(proposals.preview(task)),
            "estimate": estimate.of(task, team, find(team, task.dataset)),
            "same": same.order_by("-created_at", "pk")[:MOST_SAME],
        }
        return Response(PreviewSerializer(found).data)


class SearchProbe(APIView):
    @extend_schema(
        request=SearchDraftSerializer,
        responses={202: ProbeSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_probe",
    )
    def post(self, request: Request) -> Response:
        """Has a worker train the smallest and the largest graph for some seconds. Then the preview has an estimate."""
        draft, team = _draft(request)
        team = team_to_write(request, team)
        task, _ = _task(draft, team)
        return Response(ProbeSerializer(probes.request(team, current_user(request), task)).data, status=202)


class Searches(generics.ListAPIView[Search]):
    serializer_class = SearchRowSerializer

    def get_queryset(self) -> QuerySet[Search]:
        return listing.find(SEARCHES, _rows(self.request), read_query(SEARCHES, self.request))

    @extend_schema(parameters=[QUERIES[SEARCHES.name]])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Searches of the person's teams."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=LaunchSerializer, responses={201: SearchDetailSerializer, 400: ErrorAnswer})
    def post(self, request: Request) -> Response:
        """Launches a search or a group, of which the first is returned. 400 names a limit that it cannot meet."""
        draft, team = _draft(request, LaunchSerializer)
        team = team_to_write(request, team)
        task, name = _task(draft, team)
        seeds = groups.seeds(task.seed, draft["repeats"], BOUNDS.seed)
        tasks = [serialization.to_jsonable(replace(task, seed=seed)) for seed in seeds]
        first, *_ = groups.launch(team, current_user(request), name, tasks)
        return Response(search_detail(request, first.pk), status=201)


class SearchGroup(APIView):
    @extend_schema(responses=GroupDetailSerializer, operation_id="search_group")
    def get(self, request: Request, id: str) -> Response:
        """The searches that were launched together, and the mean quality of their answers."""
        rows = access.searches(current_user(request)).filter(group=id).order_by("created_at", "pk")
        members = list(rows)
        if not members:
            raise Http404
        found = {"id": id, "metric": members[0].metric, "members": members, "quality": groups.quality(members)}
        return Response(GroupDetailSerializer(found).data)


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


def _draft(request: Request, kind: type[Base] = SearchDraftSerializer) -> tuple[Json, Team | None]:
    """The draft, and the team that owns its dataset; None for a built-in or unknown dataset."""
    data = validated(kind, request.data)
    return data, access.team_with(current_user(request), data["dataset"])


def _task(draft: Json, team: Team | None) -> tuple[Task, str]:
    """The task and the name of the search: the given one, or strategy and dataset. Raises InvalidField."""
    dataset = find(team, draft["dataset"])
    devices.validate_budget(team, draft["budget"])
    task = proposals.task(draft, dataset)
    return task, draft.get("name") or f"{STRATEGIES[task.strategy.name].TITLE} on {dataset.title}"
