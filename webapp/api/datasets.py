"""Datasets, built-in and uploaded: list, describe, show a sample, delete."""

from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.serialization import Json
from search.data import datasets as engine
from search.data import python_docs, sample_sheet, tokenization
from search.data.builtin import DATASETS, SAMPLES
from webapp.accounts import access
from webapp.api.auth import current_user, require_change
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base, MomentField
from webapp.datasets import uploads
from webapp.datasets.lookup import to_engine, with_files
from webapp.files import artifacts
from webapp.models import Dataset
from webapp.models.enums import FileFormat


class CountsSerializer(Base):
    train = serializers.IntegerField()
    validation = serializers.IntegerField()
    test = serializers.IntegerField()


class DatasetSerializer(Base):
    name = serializers.CharField()
    kind = serializers.CharField()
    shape = serializers.ListField(child=serializers.IntegerField(), allow_null=True)
    classes = serializers.IntegerField(allow_null=True)
    vocabulary = serializers.IntegerField(allow_null=True)
    counts = CountsSerializer()
    split = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    uploaded = serializers.BooleanField()
    created_by = serializers.CharField(allow_null=True)
    created_at = MomentField(allow_null=True)


class OriginSerializer(Base):
    file = serializers.CharField()
    bytes = serializers.IntegerField()
    format = serializers.CharField()
    left_out = serializers.IntegerField(help_text="ignored files, such as .DS_Store")
    tokens = serializers.CharField(allow_null=True, default=None, help_text="of a text: how it was split into words")


class UsedBySerializer(Base):
    searches = serializers.IntegerField()
    models = serializers.IntegerField()


class TileSerializer(Base):
    def get_fields(self) -> Any:
        return {"class": serializers.CharField()}  # a keyword, so it cannot be a class attribute


class SampleSerializer(Base):
    """Layout of the picture at /sample: its tiles, row by row."""

    columns = serializers.IntegerField()
    tile = serializers.IntegerField(help_text="side in pixels")
    images = TileSerializer(many=True)


class DatasetDetailSerializer(DatasetSerializer):
    class_names = serializers.ListField(child=serializers.CharField())
    class_counts = CountsSerializer(many=True)
    split_given = serializers.BooleanField()
    content = serializers.CharField()
    sample = SampleSerializer(allow_null=True)
    excerpt = serializers.CharField(allow_null=True, help_text="of a text: its beginning, as a model reads it")
    origin = OriginSerializer(allow_null=True)
    used_by = UsedBySerializer()


def row(dataset: engine.Dataset, stored: Dataset | None = None) -> Json:
    return {
        **dataset.to_dict(),
        "uploaded": stored is not None,
        "created_by": stored and stored.created_by.shown_name,
        "created_at": stored and stored.created_at,
    }


def detail(dataset: engine.Dataset, request: Request, stored: Dataset | None = None) -> Json:
    searches, models = access.searches(current_user(request)), access.models(current_user(request))
    return {
        **row(dataset, stored),
        "class_names": list(dataset.class_names),
        "class_counts": [counts._asdict() for counts in dataset.class_counts],
        "split_given": stored is not None and stored.split_given,
        "content": dataset.content,
        "sample": _layout(dataset),
        "excerpt": _excerpt(dataset, stored),
        "origin": stored and stored.about,
        "used_by": {
            "searches": searches.filter(dataset=dataset.name).count(),
            "models": models.filter(dataset=dataset.name).count(),
        },
    }


def _excerpt(dataset: engine.Dataset, stored: Dataset | None) -> str | None:
    if dataset.kind != "text":
        return None
    excerpt: str = tokenization.excerpt(python_docs.text()) if stored is None else stored.about["excerpt"]
    return excerpt


def _layout(dataset: engine.Dataset) -> Json | None:
    """Layout of its sample picture."""
    if not isinstance(dataset.data, engine.ImageData):
        return None
    sheet = sample_sheet.sheet(dataset.data.shape, [counts.train for counts in dataset.class_counts])
    images = [{"class": dataset.class_names[label]} for label in sheet.classes]
    return {"columns": sheet.columns, "tile": sheet.tile, "images": images}


class Datasets(APIView):
    @extend_schema(responses=DatasetSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The built-in ones, then the team's own, newest first."""
        mine = access.datasets(current_user(request)).select_related("created_by").order_by("-created_at", "pk")
        rows = [row(each) for each in DATASETS.values()] + [row(to_engine(each), each) for each in with_files(mine)]
        return Response(DatasetSerializer(rows, many=True).data)


class DatasetOne(APIView):
    @extend_schema(responses=DatasetDetailSerializer, operation_id="dataset_retrieve")
    def get(self, request: Request, name: str) -> Response:
        if name in DATASETS:
            return Response(DatasetDetailSerializer(detail(DATASETS[name], request)).data)
        stored = get_dataset_or_404(request, name)
        return Response(DatasetDetailSerializer(detail(to_engine(stored), request, stored)).data)

    @extend_schema(responses={204: None, 403: ErrorAnswer, 409: ErrorAnswer}, operation_id="dataset_delete")
    def delete(self, request: Request, name: str) -> Response:
        """Deletes a dataset that no search and no model uses."""
        if name in DATASETS:
            raise PermissionDenied("This dataset is built in and cannot be deleted.")
        stored = get_dataset_or_404(request, name)
        require_change(request, stored.team)
        uploads.remove(stored)
        return Response(status=204)


class DatasetSample(APIView):
    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY}, operation_id="dataset_sample")
    def get(self, request: Request, name: str) -> HttpResponse:
        """One picture with some training images of each class. 404 for a text."""
        path = _builtin_sample(name) if name in DATASETS else _uploaded_sample(get_dataset_or_404(request, name))
        response = HttpResponse(path.read_bytes(), content_type="image/png")  # some hundred kilobytes at most
        response["Content-Disposition"] = 'inline; filename="sample.png"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, max-age=3600"  # a dataset never changes
        return response


def get_dataset_or_404(request: Request, name: str) -> Dataset:
    for found in with_files(
        access.datasets(current_user(request)).filter(pk=name).select_related("created_by", "team")
    ):
        return found
    raise Http404


def _builtin_sample(name: str) -> Path:
    if DATASETS[name].kind != "image":
        raise Http404
    return SAMPLES / f"{name}.png"


def _uploaded_sample(stored: Dataset) -> Path:
    for use in stored.files.all():
        if use.format == FileFormat.SAMPLE:
            return artifacts.verified_path(use.artifact_id)
    raise Http404
