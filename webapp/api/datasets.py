"""Datasets, built-in and uploaded: list, describe, show a sample, delete."""

from pathlib import Path
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.serialization import Json
from search.data import datasets as engine
from search.data import python_docs, sample_sheet, tokenization
from search.data.builtin import DATASETS, SAMPLES
from webapp.accounts import access
from webapp.api.auth import current_user
from webapp.api.entries import EntryView, OwnerSerializer, tags_of
from webapp.api.lists import QUERIES, read_query
from webapp.api.vocabulary import Base, MomentField
from webapp.datasets.lookup import to_engine, with_files
from webapp.entries import listing
from webapp.entries.families import DATASETS as FAMILY
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
    owner = OwnerSerializer(allow_null=True, help_text="null: built in")
    tags = serializers.ListField(child=serializers.CharField())
    archived = serializers.BooleanField()
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
    notes = serializers.CharField()
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
        "owner": stored and stored.created_by,
        "tags": [] if stored is None else tags_of(stored),
        "archived": stored is not None and stored.archived_at is not None,
        "created_at": stored and stored.created_at,
    }


def detail(dataset: engine.Dataset, request: Request, stored: Dataset | None = None) -> Json:
    searches, models = access.searches(current_user(request)), access.models(current_user(request))
    return {
        **row(dataset, stored),
        "notes": "" if stored is None else stored.notes,
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


class BuiltInFirst:
    """The rows of a list: built-in datasets, then stored ones. Pages are slices of it."""

    def __init__(self, first: list[engine.Dataset], stored: QuerySet[Dataset]) -> None:
        self._first, self._stored = first, stored

    def count(self) -> int:
        return len(self._first) + self._stored.count()

    def __getitem__(self, part: slice) -> list[Json]:
        start, stop, before = part.start, part.stop, len(self._first)
        stored = with_files(self._stored[max(start - before, 0) : max(stop - before, 0)])
        return [row(each) for each in self._first[start:stop]] + [row(to_engine(each), each) for each in stored]


class Datasets(generics.ListAPIView[Any]):
    serializer_class = DatasetSerializer

    def get_queryset(self) -> Any:
        query = read_query(FAMILY, self.request)
        stored = access.datasets(current_user(self.request)).select_related("created_by")
        return BuiltInFirst(listing.built_in(query), listing.find(FAMILY, stored, query))

    @extend_schema(parameters=[QUERIES[FAMILY.name]])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Datasets of the person's teams. Built-in ones come first in any order; they have no owner and no tags."""
        return super().get(request, *args, **kwargs)


class DatasetOne(EntryView):
    family = FAMILY

    @extend_schema(responses=DatasetDetailSerializer, operation_id="dataset_retrieve")
    def get(self, request: Request, id: str) -> Response:
        if id in DATASETS:
            return Response(DatasetDetailSerializer(detail(DATASETS[id], request)).data)
        stored = get_dataset_or_404(request, id)
        return Response(DatasetDetailSerializer(detail(to_engine(stored), request, stored)).data)


class DatasetSample(APIView):
    @extend_schema(responses={(200, "image/png"): OpenApiTypes.BINARY}, operation_id="dataset_sample")
    def get(self, request: Request, id: str) -> HttpResponse:
        """One picture with some training images of each class. 404 for a text."""
        path = _builtin_sample(id) if id in DATASETS else _uploaded_sample(get_dataset_or_404(request, id))
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
