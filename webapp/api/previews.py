"""What a draft of a search would do: its preview with an estimate of its time, and probes for that."""

from typing import get_args

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.serialization import Json
from search.log.task import Task
from search.network.limits import BOUNDS
from search.strategies import STRATEGIES
from webapp.accounts import access
from webapp.api.auth import current_user, team_to_write
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import (
    Base,
    BudgetRequestSerializer,
    CostSerializer,
    GraphSerializer,
    LineField,
    ProblemSerializer,
    SettingsSerializer,
    StrictSerializer,
    validated,
)
from webapp.datasets.lookup import find
from webapp.devices import devices
from webapp.models import Probe, Team
from webapp.models.enums import SearchStatus
from webapp.searches import estimate, probes, proposals

DEVICES, PROBE_STATUSES = ["CPU", "GPU"], ["queued", "running", "done", "failed"]
MOST_SAME = 3
BASES = list(get_args(estimate.Basis))


class SearchDraftSerializer(StrictSerializer):
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
    why = serializers.CharField(help_text="what it is based on, or why there is none")
    items = serializers.IntegerField(help_text="trainings that it is based on")
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


class SearchPreview(APIView):
    @extend_schema(
        request=SearchDraftSerializer,
        responses={200: PreviewSerializer, 400: ErrorAnswer},
        operation_id="search_preview",
    )
    def post(self, request: Request) -> Response:
        """Cost of the largest and the smallest graph, whether the budget can be met, and how long it may take."""
        draft, team = read_draft(request)
        team = team or access.team_of(current_user(request))
        task, _ = read_task(draft, team)
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
        draft, team = read_draft(request)
        team = team_to_write(request, team)
        task, _ = read_task(draft, team)
        return Response(ProbeSerializer(probes.request(team, current_user(request), task)).data, status=202)


def read_draft(request: Request, kind: type[Base] = SearchDraftSerializer) -> tuple[Json, Team | None]:
    """The draft, and the team that owns its dataset; None for a built-in or unknown dataset."""
    data = validated(kind, request.data)
    return data, access.team_with(current_user(request), data["dataset"])


def read_task(draft: Json, team: Team | None) -> tuple[Task, str]:
    """The task and the name of the search: the given one, or strategy and dataset. Raises InvalidField."""
    dataset = find(team, draft["dataset"])
    devices.validate_budget(team, draft["budget"])
    task = proposals.task(draft, dataset)
    return task, draft.get("name") or f"{STRATEGIES[task.strategy.name].TITLE} on {dataset.title}"
