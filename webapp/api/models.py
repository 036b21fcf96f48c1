"""Trained models: list, read, steer, download."""

from typing import Any

from django.db.models import F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.data.datasets import Metric
from search.network import macro as macros
from webapp.accounts import access
from webapp.api.auth import current_user, require_change
from webapp.api.downloads import download
from webapp.api.entries import EntryRowSerializer, EntryView
from webapp.api.errors import ErrorAnswer
from webapp.api.lists import QUERIES, read_query
from webapp.api.presenters import TrainedModelSerializer
from webapp.api.vocabulary import METRICS, Base, validated
from webapp.catalog import training
from webapp.config import logs
from webapp.entries import listing
from webapp.entries.families import MODELS
from webapp.models import TrainedModel
from webapp.models.enums import FileFormat, ModelStatus

TYPES = {FileFormat.ARCHITECTURE: "application/json"}
OFFERED = {each: TYPES.get(each, "application/octet-stream") for each in FileFormat if each.is_offered}
ACTIONS = {"pause": training.pause, "resume": training.resume, "stop": training.stop, "export": training.export}


class ModelCommandRequestSerializer(Base):
    kind = serializers.ChoiceField(choices=list(ACTIONS))


def get_model_or_404(request: Request, id: str) -> TrainedModel:
    logs.bind(model=id)
    rows = (
        access.models(current_user(request))
        .select_related("created_by", "team", "architecture")
        .prefetch_related("files__artifact", "work")
    )
    return get_object_or_404(rows, pk=id)


class ModelArchitectureSerializer(Base):
    id = serializers.CharField(source="architecture_id")
    name = serializers.CharField(source="architecture_name")


class ModelRowSerializer(EntryRowSerializer):
    id = serializers.CharField()
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=ModelStatus.choices)
    strategy = serializers.CharField(help_text="that the architecture comes from")
    architecture = ModelArchitectureSerializer(source="*")
    dataset = serializers.CharField()
    seed = serializers.IntegerField()
    epochs = serializers.IntegerField(source="recipe.epochs", help_text="planned")
    params = serializers.IntegerField()
    macs = serializers.IntegerField()
    metric = serializers.SerializerMethodField()
    val_accuracy = serializers.FloatField(allow_null=True)
    test_accuracy = serializers.FloatField(allow_null=True)
    val_perplexity = serializers.FloatField(allow_null=True)
    test_perplexity = serializers.FloatField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=METRICS))
    def get_metric(self, model: TrainedModel) -> Metric:
        return macros.metric_of(model.macro_kind)  # type: ignore[attr-defined]  # Models adds it


class Models(generics.ListAPIView[TrainedModel]):
    serializer_class = ModelRowSerializer

    def get_queryset(self) -> QuerySet[TrainedModel]:
        rows = access.models(current_user(self.request)).select_related("created_by").defer("curve")
        rows = rows.annotate(
            architecture_name=F("architecture__name"),
            strategy=F("architecture__strategy"),
            params=F("architecture__params"),
            macs=F("architecture__macs"),
            macro_kind=KeyTextTransform("kind", "architecture__macro"),
        )
        return listing.find(MODELS, rows, read_query(MODELS, self.request))

    @extend_schema(parameters=[QUERIES[MODELS.name]])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Trained models of the person's teams, and those that are being trained."""
        return super().get(request, *args, **kwargs)


class ModelOne(EntryView):
    family = MODELS

    @extend_schema(responses=TrainedModelSerializer, operation_id="model_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return Response(TrainedModelSerializer(get_model_or_404(request, id)).data)


class ModelCommands(APIView):
    @extend_schema(
        request=ModelCommandRequestSerializer,
        responses={201: TrainedModelSerializer, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="model_steer",
    )
    def post(self, request: Request, id: str) -> Response:
        """Pause, resume (after a failure too), stop, which finishes with the best epoch so far, or try a failed export
        again."""
        model = get_model_or_404(request, id)
        require_change(request, model.team)
        data = validated(ModelCommandRequestSerializer, request.data)
        ACTIONS[data["kind"]](model)
        return Response(TrainedModelSerializer(get_model_or_404(request, id)).data, status=201)


class ModelFile(APIView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, operation_id="model_file")
    def get(self, request: Request, id: str, file_format: str) -> StreamingHttpResponse:
        """The file, verified against its hash before the first byte is sent."""
        files = get_model_or_404(request, id).files.select_related("artifact")
        use = files.filter(format=file_format).first() if file_format in OFFERED else None
        if use is None:
            raise Http404
        return download(use.artifact, use.name, OFFERED[FileFormat(use.format)])
