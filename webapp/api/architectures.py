"""The catalog: list, read with costs by part and lineage, train."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.config import BadConfig, parse
from search.base.sentences import as_sentence
from search.base.serialization import Json
from search.data.datasets import Metric
from search.evaluation import recipes
from search.network import macro as macros
from search.network.cost import PartCost, cost_by_part
from search.network.graph import Graph
from search.network.limits import BOUNDS
from search.network.lowering import lower
from webapp.accounts import access
from webapp.api.auth import current_user, team_to_write
from webapp.api.entries import EntryRowSerializer, EntryView
from webapp.api.errors import ErrorAnswer
from webapp.api.lists import QUERIES, read_query
from webapp.api.presenters import TrainedModelSerializer, TrainedResultSerializer
from webapp.api.vocabulary import (
    METRICS,
    Base,
    BudgetSerializer,
    CostSerializer,
    GraphSerializer,
    ScalarField,
    unless_deleted,
    validated,
)
from webapp.catalog import results, score_table, training
from webapp.core.errors import InvalidField
from webapp.entries import listing
from webapp.entries.families import ARCHITECTURES
from webapp.models import Architecture
from webapp.models.enums import ArchitectureKind
from webapp.searches import progress


class ArchitectureRowSerializer(EntryRowSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ArchitectureKind.choices)
    source = serializers.CharField()  # type: ignore[assignment]  # the framework uses this name too
    strategy = serializers.CharField()
    dataset = serializers.CharField(allow_null=True)
    nodes = serializers.IntegerField()
    edges = serializers.IntegerField()
    cost = CostSerializer()
    bytes_per_element = serializers.IntegerField(help_text="at which the peak memory is counted")
    metric = serializers.SerializerMethodField()
    val_accuracy = serializers.FloatField(allow_null=True)
    val_perplexity = serializers.FloatField(allow_null=True)
    search = serializers.SerializerMethodField(help_text="that found it; null also where it was deleted")
    graph = GraphSerializer()
    published_accuracy = serializers.FloatField(allow_null=True)
    published_perplexity = serializers.FloatField(allow_null=True)
    trained = serializers.IntegerField(source="model_count", help_text="models that were trained from it")
    best_trained = TrainedResultSerializer(
        allow_null=True,
        help_text="the model with the best validation figure, on the architecture's dataset if there is one",
    )
    hash = serializers.CharField(help_text="equal for equal cells")
    alike = serializers.IntegerField(help_text="other architectures with the same cell: ?hash= lists them")
    by_proxy = serializers.DictField(
        child=serializers.FloatField(),
        default=None,
        help_text="its newest score by each proxy on the dataset of ?scored_on=; null without that",
    )
    trained_accuracy = serializers.FloatField(
        default=None,
        allow_null=True,
        help_text="the best validation accuracy of a model of it on the dataset of ?scored_on=",
    )

    @extend_schema_field(serializers.ChoiceField(choices=METRICS))
    def get_metric(self, architecture: Architecture) -> Metric:
        return macros.metric_of(architecture.macro["kind"])

    def get_search(self, architecture: Architecture) -> str | None:
        search = unless_deleted(architecture.search)
        return None if search is None else search.pk


class PartSerializer(Base):
    """A row of the cost table. Parts of the cell name their node."""

    node = serializers.SerializerMethodField()
    name = serializers.CharField(source="part")
    params = serializers.IntegerField()
    macs = serializers.IntegerField()
    peak = serializers.IntegerField()

    def get_node(self, part: PartCost) -> int | None:
        kind, _, number = part.part.partition(" ")
        return int(number) if kind == "node" else None


class LineageSerializer(Base):
    search = serializers.CharField()
    search_name = serializers.CharField()
    branch = serializers.IntegerField()
    round = serializers.IntegerField()
    step = serializers.IntegerField()
    seq = serializers.IntegerField()


class ArchitectureParentSerializer(Base):
    """The architecture that it was scaled from."""

    id = serializers.CharField()
    name = serializers.CharField()


class ChoiceOfSpaceSerializer(Base):
    name = serializers.CharField()
    settings = serializers.DictField(child=ScalarField())


class ArchitectureDetailSerializer(ArchitectureRowSerializer):
    macro = serializers.DictField()
    notes = serializers.CharField()
    parent = serializers.SerializerMethodField()  # type: ignore[assignment]  # the framework uses this name too
    budget = BudgetSerializer(allow_null=True, help_text="that it was scaled to")
    space = serializers.SerializerMethodField(
        help_text="that its search, or the search of what it was scaled from, ran in; cells of equal spaces have the "
        "same ids for the same places. null: unknown, as of a published one"
    )
    measurement = serializers.SerializerMethodField(
        help_text="equal where searches measured their answers by equal trainings; null: unknown, or not in a search"
    )
    per_node = serializers.SerializerMethodField()
    lineage = serializers.SerializerMethodField()
    models = serializers.SerializerMethodField(help_text="that this person may see, newest first")

    @extend_schema_field(ChoiceOfSpaceSerializer(allow_null=True))
    def get_space(self, architecture: Architecture) -> Any:
        origin: Architecture | None = architecture
        while origin is not None and origin.search is None:
            origin = unless_deleted(origin.parent)
        search = None if origin is None else unless_deleted(origin.search)
        if search is None:
            return None
        space = search.task["space"]
        return ChoiceOfSpaceSerializer({"name": space["name"], "settings": space["config"]}).data

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_measurement(self, architecture: Architecture) -> str | None:
        search = unless_deleted(architecture.search)
        if search is None:
            return None
        # A search that was stopped answers with the short training of a candidate.
        training = {"evaluator": search.task["evaluator"], "answer": search.task["answer"], "status": search.status}
        return serialization.canonical_hash(training)

    @extend_schema_field(PartSerializer(many=True))
    def get_per_node(self, architecture: Architecture) -> Any:
        program = lower(Graph.from_dict(architecture.graph), macros.read(architecture.macro))
        return PartSerializer(cost_by_part(program, architecture.bytes_per_element), many=True).data

    @extend_schema_field(LineageSerializer(allow_null=True))
    def get_lineage(self, architecture: Architecture) -> Any:
        search = unless_deleted(architecture.search)
        if search is None:
            return None
        return LineageSerializer({"search": search.pk, "search_name": search.name, **(architecture.lineage or {})}).data

    @extend_schema_field(ArchitectureParentSerializer(allow_null=True))
    def get_parent(self, architecture: Architecture) -> Any:
        parent = unless_deleted(architecture.parent)
        return None if parent is None else ArchitectureParentSerializer(parent).data

    @extend_schema_field(TrainedModelSerializer(many=True))
    def get_models(self, architecture: Architecture) -> Any:
        models = access.models(current_user(self.context["request"])).filter(architecture=architecture)
        models = models.select_related("created_by", "architecture").prefetch_related("files__artifact", "work")
        rows = list(models.order_by("-created_at", "pk"))
        return TrainedModelSerializer(rows, many=True, context={"running": progress.of_models(rows)}).data


class TrainRequestSerializer(Base):
    dataset = serializers.CharField(max_length=80, help_text="name of a built-in one, or id of an uploaded one")
    seed = serializers.IntegerField(min_value=0, max_value=BOUNDS.seed)
    recipe = serializers.DictField(child=ScalarField())


class Architectures(generics.ListAPIView[Architecture]):
    serializer_class = ArchitectureRowSerializer

    def get_queryset(self) -> QuerySet[Architecture]:
        query = read_query(ARCHITECTURES, self.request)
        rows = _rows(self.request).select_related("created_by", "search").defer("search__summary", "search__task")
        if query.scored_on is not None:
            user = current_user(self.request)
            rows = score_table.with_scores(rows, access.scores(user), access.models(user), query.scored_on)
        return listing.find(ARCHITECTURES, rows, query)

    @extend_schema(parameters=[QUERIES[ARCHITECTURES.name]])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Architectures of the person's teams, and published ones."""
        return super().get(request, *args, **kwargs)


class ArchitectureOne(EntryView):
    family = ARCHITECTURES

    @extend_schema(responses=ArchitectureDetailSerializer, operation_id="architecture_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return Response(architecture_detail(request, id))


class ArchitectureTrain(APIView):
    @extend_schema(
        request=TrainRequestSerializer,
        responses={201: TrainedModelSerializer, 400: ErrorAnswer},
        operation_id="architecture_train",
    )
    def post(self, request: Request, id: str) -> Response:
        """Queues a full training. Settings that are left out get the dataset's defaults."""
        architecture = get_architecture_or_404(request, id)
        data = validated(TrainRequestSerializer, request.data)
        # What is made from a team's own data belongs to that team.
        team = team_to_write(request, architecture.team or access.team_with(current_user(request), data["dataset"]))
        kind = training.matching(architecture, team, data["dataset"])[0].kind
        defaults = serialization.to_jsonable(recipes.full(data["dataset"], kind))
        try:
            recipe = parse(recipes.SETTINGS[kind], {**defaults, **data["recipe"]})
        except BadConfig as error:
            raise InvalidField(f"recipe.{error.field}", as_sentence(error.message)) from None
        model = training.train(
            architecture, team, current_user(request), data["dataset"], data["seed"], serialization.to_jsonable(recipe)
        )
        return Response(TrainedModelSerializer(model).data, status=201)


def architecture_detail(request: Request, id: str) -> Json:
    rows = _rows(request).select_related("created_by", "search", "parent__search")
    rows = rows.defer("search__summary", "parent__search__summary")
    detail: Json = ArchitectureDetailSerializer(get_object_or_404(rows, pk=id), context={"request": request}).data
    return detail


def get_architecture_or_404(request: Request, id: str) -> Architecture:
    rows = access.architectures(current_user(request)).select_related("team", "parent")
    return get_object_or_404(rows, pk=id)


def _rows(request: Request) -> QuerySet[Architecture]:
    user = current_user(request)
    visible = access.architectures(user)
    return results.beside_architectures(visible, visible, access.models(user))
