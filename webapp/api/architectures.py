"""The catalog: list, read with costs by part and lineage, train."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from search.base import serialization
from search.base.config import BadConfig, parse
from search.evaluation import recipes
from search.network import macro as macros
from search.network.cost import PartCost, cost_by_part
from search.network.graph import Graph
from search.network.limits import BOUNDS
from search.network.lowering import lower
from webapp.accounts import access
from webapp.api import presenters
from webapp.api.engine import ScalarField, team_to_write, who
from webapp.api.errors import ErrorAnswer
from webapp.api.models import TrainedModelSerializer
from webapp.api.vocabulary import Base, BudgetSerializer, CostSerializer, GraphSerializer, MetricField
from webapp.catalog import training
from webapp.core.errors import InvalidField
from webapp.models import Architecture
from webapp.models.enums import ArchitectureKind

Json = dict[str, Any]

ORDERINGS = {
    "created_at": "created_at",
    "name": "name",
    "params": "params",
    "macs": "macs",
    "nodes": "nodes",
    "edges": "edges",
    "val_accuracy": "val_accuracy",
    "val_perplexity": "val_perplexity",
    "trained": "trained_count",
}


class ArchitectureRowSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=ArchitectureKind.choices)
    source = serializers.CharField()  # type: ignore[assignment]  # the wire's word is also one of the framework's
    strategy = serializers.CharField()
    dataset = serializers.CharField(allow_null=True)
    nodes = serializers.IntegerField()
    edges = serializers.IntegerField()
    cost = CostSerializer()
    metric = MetricField()
    val_accuracy = serializers.FloatField(allow_null=True)
    val_perplexity = serializers.FloatField(allow_null=True)
    created_at = serializers.CharField()
    search = serializers.CharField(allow_null=True)
    graph = GraphSerializer()
    published_accuracy = serializers.FloatField(allow_null=True)
    published_perplexity = serializers.FloatField(allow_null=True)
    trained = serializers.IntegerField()


class PartSerializer(Base):
    node = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    params = serializers.IntegerField()
    macs = serializers.IntegerField()
    peak = serializers.IntegerField()


class LineageSerializer(Base):
    search = serializers.CharField()
    search_name = serializers.CharField()
    branch = serializers.IntegerField()
    round = serializers.IntegerField()
    step = serializers.IntegerField()
    seq = serializers.IntegerField()


class ArchitectureParentSerializer(Base):
    """The architecture whose cell it has."""

    id = serializers.CharField()
    name = serializers.CharField()


class ArchitectureDetailSerializer(ArchitectureRowSerializer):
    macro = serializers.DictField()
    parent = ArchitectureParentSerializer(allow_null=True)
    budget = BudgetSerializer(allow_null=True, help_text="that it was scaled to")
    per_node = PartSerializer(many=True)
    lineage = LineageSerializer(allow_null=True)
    models = TrainedModelSerializer(many=True)


class TrainRequestSerializer(Base):
    dataset = serializers.CharField(max_length=80, help_text="a built-in one's name, or an uploaded one's id")
    seed = serializers.IntegerField(min_value=0, max_value=BOUNDS.seed)
    recipe = serializers.DictField(child=ScalarField())


class ListQuerySerializer(Base):
    search = serializers.CharField(required=False, allow_blank=True, default="", help_text="part of a name or source")
    ordering = serializers.ChoiceField(
        choices=[sign + name for name in ORDERINGS for sign in ("", "-")], required=False, default="-created_at"
    )


def counted(rows: QuerySet[Architecture], request: Request) -> QuerySet[Architecture]:
    """Each with how many models were trained from it that this person may see."""
    mine = Q(models__in=access.models(who(request)))
    return rows.annotate(trained_count=Count("models", filter=mine, distinct=True))


def row(architecture: Architecture) -> Json:
    return {
        "id": architecture.pk,
        "name": architecture.name,
        "kind": architecture.kind,
        "source": architecture.source,
        "strategy": architecture.strategy,
        "dataset": architecture.dataset,
        "nodes": architecture.nodes,
        "edges": architecture.edges,
        "cost": architecture.cost,
        "metric": "perplexity" if "vocabulary" in architecture.macro else "accuracy",
        "val_accuracy": architecture.val_accuracy,
        "val_perplexity": architecture.val_perplexity,
        "created_at": presenters.text(architecture.created_at),
        "search": architecture.search_id,
        "graph": architecture.graph,
        "published_accuracy": architecture.published_accuracy,
        "published_perplexity": architecture.published_perplexity,
        "trained": getattr(architecture, "trained_count", 0),
    }


def detail(architecture: Architecture, request: Request) -> Json:
    models = access.models(who(request)).filter(architecture=architecture).order_by("-created_at", "pk")
    models = models.select_related("created_by").prefetch_related("files__artifact", "work")
    program = lower(Graph.from_dict(architecture.graph), macros.read(architecture.macro))
    search, parent = architecture.search, architecture.parent
    return {
        **row(architecture),
        "macro": architecture.macro,
        "parent": parent and {"id": parent.pk, "name": parent.name},
        "budget": architecture.budget,
        "per_node": [_part(part) for part in cost_by_part(program)],
        "lineage": None
        if search is None
        else {"search": search.pk, "search_name": search.name, **(architecture.lineage or {})},
        "models": [presenters.model(model) for model in models],
    }


class Architectures(generics.ListAPIView[Architecture]):
    serializer_class = ArchitectureRowSerializer

    def get_queryset(self) -> QuerySet[Architecture]:
        asked = ListQuerySerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        text, order = asked.validated_data["search"], asked.validated_data["ordering"]
        sign, name = ("-", order[1:]) if order.startswith("-") else ("", order)
        rows = access.architectures(who(self.request))
        if text:
            rows = rows.filter(Q(name__icontains=text) | Q(source__icontains=text))
        column = F(ORDERINGS[name])  # what is not known comes last, either way
        by = column.desc(nulls_last=True) if sign else column.asc(nulls_last=True)
        return counted(rows, self.request).order_by(by, "pk")

    def get_serializer(self, *args: Any, **kwargs: Any) -> BaseSerializer[Any]:
        rows = [row(architecture) for architecture in args[0]] if args else []
        return ArchitectureRowSerializer(rows, many=True)

    @extend_schema(parameters=[ListQuerySerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ArchitectureOne(APIView):
    @extend_schema(responses=ArchitectureDetailSerializer, operation_id="architecture_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return Response(ArchitectureDetailSerializer(detail(the_architecture(request, id), request)).data)


class ArchitectureTrain(APIView):
    @extend_schema(
        request=TrainRequestSerializer,
        responses={201: TrainedModelSerializer, 400: ErrorAnswer},
        operation_id="architecture_train",
    )
    def post(self, request: Request, id: str) -> Response:
        """Queues a full training. Settings left out are the dataset's own."""
        architecture = the_architecture(request, id)
        asked = TrainRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        # What comes of a team's own stays with that team.
        team = team_to_write(request, architecture.team or access.team_with(who(request), said["dataset"]))
        kind = training.matching(architecture, team, said["dataset"])[0].kind
        defaults = serialization.plain(recipes.full(said["dataset"], kind))
        try:
            recipe = parse(recipes.SETTINGS[kind], {**defaults, **said["recipe"]})
        except BadConfig as error:
            raise InvalidField(f"recipe.{error.field}", error.message) from None
        model = training.train(
            architecture, team, who(request), said["dataset"], said["seed"], serialization.plain(recipe)
        )
        return Response(TrainedModelSerializer(presenters.model(model)).data, status=201)


def the_architecture(request: Request, id: str) -> Architecture:
    rows = counted(access.architectures(who(request)).select_related("search", "team", "parent"), request)
    return get_object_or_404(rows, pk=id)


def _part(part: PartCost) -> Json:
    """A row of the cost table; parts of the cell carry the node that they are."""
    kind, _, number = part.part.partition(" ")
    node = int(number) if kind == "node" else None
    return {"node": node, "name": part.part, "params": part.params, "macs": part.macs, "peak": part.peak}
