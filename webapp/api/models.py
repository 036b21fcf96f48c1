"""Trained models: read, steer, download."""

from django.http import Http404, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts import access
from webapp.api.auth import current_user, require_change
from webapp.api.downloads import download
from webapp.api.errors import ErrorAnswer
from webapp.api.presenters import TrainedModelSerializer
from webapp.api.vocabulary import Base, validated
from webapp.catalog import training
from webapp.config import logs
from webapp.models import TrainedModel
from webapp.models.enums import FileFormat

TYPES = {FileFormat.ARCHITECTURE: "application/json"}
OFFERED = {each: TYPES.get(each, "application/octet-stream") for each in FileFormat if each.is_offered}
ACTIONS = {"pause": training.pause, "resume": training.resume, "stop": training.stop}


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


class ModelOne(APIView):
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
        """Pause, resume (after a failure too), or stop, which finishes with the best epoch so far."""
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
