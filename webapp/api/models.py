"""Trained models: read, steer, download."""

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts import access
from webapp.api import presenters
from webapp.api.downloads import download
from webapp.api.engine import ScalarField, who
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base, CurvePointSerializer, MetricField
from webapp.catalog import training
from webapp.config import logs
from webapp.models import TrainedModel
from webapp.models.enums import FileFormat, ModelStatus

TYPES = {FileFormat.ARCHITECTURE: "application/json"}
OFFERED = {each: TYPES.get(each, "application/octet-stream") for each in FileFormat if each.is_offered}
ACTIONS = {"pause": training.pause, "resume": training.resume, "stop": training.stop}


class CheckSerializer(Base):
    max_difference = serializers.FloatField()
    runtime = serializers.CharField()
    rows = serializers.IntegerField()


class ModelFileSerializer(Base):
    format = serializers.ChoiceField(choices=FileFormat.choices)
    name = serializers.CharField()
    bytes = serializers.IntegerField()
    sha256 = serializers.CharField()
    check = CheckSerializer(allow_null=True)


class TrainedModelSerializer(Base):
    id = serializers.CharField()
    architecture = serializers.CharField()
    dataset = serializers.CharField()
    seed = serializers.IntegerField()
    recipe = serializers.DictField(child=ScalarField())
    status = serializers.ChoiceField(choices=ModelStatus.choices)
    curve = CurvePointSerializer(many=True)
    epochs = serializers.IntegerField()
    best_epoch = serializers.IntegerField(allow_null=True)
    metric = MetricField()
    val_accuracy = serializers.FloatField(allow_null=True)
    test_accuracy = serializers.FloatField(allow_null=True)
    val_perplexity = serializers.FloatField(allow_null=True)
    test_perplexity = serializers.FloatField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    created_at = serializers.CharField()
    created_by = serializers.CharField()
    files = ModelFileSerializer(many=True)


class ModelCommandRequestSerializer(Base):
    kind = serializers.ChoiceField(choices=list(ACTIONS))


def the_model(request: Request, id: str) -> TrainedModel:
    logs.bind(model=id)
    rows = access.models(who(request)).select_related("created_by", "team").prefetch_related("files__artifact")
    return get_object_or_404(rows, pk=id)


class ModelOne(APIView):
    @extend_schema(responses=TrainedModelSerializer, operation_id="model_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return Response(TrainedModelSerializer(presenters.model(the_model(request, id))).data)


class ModelCommands(APIView):
    @extend_schema(
        request=ModelCommandRequestSerializer,
        responses={201: TrainedModelSerializer, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="model_steer",
    )
    def post(self, request: Request, id: str) -> Response:
        """Pause, resume (also after a failure), or stop, which keeps the best epoch and finishes."""
        model = the_model(request, id)
        if not access.may_change(who(request), model.team):
            raise PermissionDenied("You may watch this training, not steer it.")
        asked = ModelCommandRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        ACTIONS[asked.validated_data["kind"]](model)
        return Response(TrainedModelSerializer(presenters.model(the_model(request, id))).data, status=201)


class ModelFile(APIView):
    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}, operation_id="model_file")
    def get(self, request: Request, id: str, file_format: str) -> StreamingHttpResponse:
        """The file, checked against its hash before the first byte goes out."""
        files = the_model(request, id).files.select_related("artifact")
        use = files.filter(format=file_format).first() if file_format in OFFERED else None
        if use is None:
            raise Http404
        return download(use.artifact, use.name, OFFERED[FileFormat(use.format)])
