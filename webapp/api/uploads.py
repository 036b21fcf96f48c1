"""Uploads of datasets: announce a file, send its parts, start reading it, cancel."""

from typing import Any, get_args

from django.conf import settings
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.data.tokenization import VOCABULARY, Tokens
from search.network.limits import BOUNDS
from webapp.accounts import access
from webapp.api.auth import current_user, require_change, team_to_write
from webapp.api.errors import ErrorAnswer
from webapp.api.throttles import PartThrottle
from webapp.api.vocabulary import MOST, Base, LineField, MomentField, unless_deleted, validated
from webapp.core import clock
from webapp.core.errors import Conflict
from webapp.datasets import uploads
from webapp.models import Upload
from webapp.models.enums import UploadStatus

TOKENS = list(get_args(Tokens))
MAX_BYTES = MOST  # settings have lower limits
SHOWN_SECONDS = 86_400.0  # uploads that are over are listed this long


class OptionsSerializer(Base):
    holds = serializers.ChoiceField(
        choices=["images", "text"],
        required=False,
        allow_null=True,
        help_text="what the file is read as; default: what its content, or the first file of an archive, seems to be",
    )
    side = serializers.IntegerField(
        min_value=BOUNDS.upload.min_side,
        max_value=BOUNDS.upload.max_side,
        required=False,
        allow_null=True,
        help_text="side in pixels that images are scaled to; default: all must have one size",
    )
    tokens = serializers.ChoiceField(
        choices=TOKENS,
        required=False,
        allow_null=True,
        help_text="of a text: split at blanks, or into lower-case words and punctuation; "
        "default: the first if train, valid and test are given, else the second",
    )
    vocabulary = serializers.IntegerField(
        min_value=BOUNDS.upload.min_vocabulary,
        max_value=BOUNDS.upload.max_vocabulary,
        required=False,
        allow_null=True,
        help_text=f"of a text: number of different words, others become unknown; default {VOCABULARY:,}",
    )


class UploadRequestSerializer(Base):
    name = LineField(max_length=BOUNDS.upload.file_name, help_text="of the file")
    title = LineField(max_length=BOUNDS.name, required=False, allow_blank=True, default="")
    bytes = serializers.IntegerField(min_value=1, max_value=MAX_BYTES)
    modified = serializers.IntegerField(
        min_value=-MOST, max_value=MOST, default=None, allow_null=True, help_text="when the file was, in ms since 1970"
    )
    options = OptionsSerializer(required=False)


class ProgressSerializer(Base):
    images = serializers.IntegerField(help_text="read so far; 0 for a text")
    share = serializers.FloatField(help_text="of the file, from 0 to 1")


class UploadSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    title = serializers.CharField()
    bytes = serializers.IntegerField()
    modified = serializers.IntegerField(allow_null=True, help_text="as given: another time is another file")
    received = serializers.IntegerField()
    part_bytes = serializers.SerializerMethodField(help_text="largest size of a part")
    options = OptionsSerializer()
    status = serializers.ChoiceField(choices=UploadStatus.choices)
    why = serializers.CharField(help_text="why it was refused and what to do, or another note")
    dataset = serializers.SerializerMethodField(help_text="that was made of it; null also where that was deleted")
    progress = serializers.SerializerMethodField()
    created_at = MomentField()
    created_by = serializers.CharField(source="created_by.shown_name")

    def get_part_bytes(self, upload: Upload) -> int:
        return settings.PART_BYTES

    def get_dataset(self, upload: Upload) -> str | None:
        dataset = unless_deleted(upload.dataset)
        return None if dataset is None else dataset.pk

    @extend_schema_field(ProgressSerializer(allow_null=True))
    def get_progress(self, upload: Upload) -> Any:
        return uploads.progress_of(upload)


class OffsetQuerySerializer(Base):
    offset = serializers.IntegerField(min_value=0, max_value=MAX_BYTES)


class OffsetAnswer(ErrorAnswer):
    """If `received` is given, the part was not the next one: continue from that offset."""

    received = serializers.IntegerField(required=False)


class OctetStreamParser(BaseParser):
    """Passes the body on as a stream."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


def upload_response(upload: Upload, status: int = 200) -> Response:
    return Response(UploadSerializer(upload).data, status=status)


class Uploads(APIView):
    @extend_schema(responses=UploadSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Uploads of the person's teams that are not over, or were changed in the last day; newest first."""
        recent = Q(status__in=uploads.UNDER_WAY) | Q(touched_at__gt=clock.after(-SHOWN_SECONDS))
        rows = access.uploads(current_user(request)).filter(recent).select_related("created_by", "dataset")
        rows = rows.prefetch_related("work").order_by("-created_at", "pk")
        return Response(UploadSerializer(rows, many=True).data)

    @extend_schema(
        request=UploadRequestSerializer,
        responses={201: UploadSerializer, 400: ErrorAnswer, 409: ErrorAnswer, 413: ErrorAnswer},
        operation_id="upload_create",
    )
    def post(self, request: Request) -> Response:
        """Announces a file: an npz, a text, or a zip, tar, tar.gz or tar.xz with class folders of images or with texts.

        Its kind is detected from its content. Options for another kind of data are ignored.
        """
        team = team_to_write(request)
        data = validated(UploadRequestSerializer, request.data)
        options = {name: value for name, value in data.get("options", {}).items() if value is not None}
        title = data["title"].strip() or data["name"].partition(".")[0][: BOUNDS.name] or "Untitled"
        made = uploads.create(
            team, current_user(request), data["name"], title, data["bytes"], options, data["modified"]
        )
        return upload_response(made, 201)


class UploadOne(APIView):
    @extend_schema(responses=UploadSerializer, operation_id="upload_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return upload_response(get_upload_or_404(request, id))

    @extend_schema(responses={204: None}, operation_id="upload_cancel")
    def delete(self, request: Request, id: str) -> Response:
        """Cancels the upload and deletes its parts. A dataset that was made from it stays."""
        uploads.cancel(get_upload_to_change(request, id).pk)
        return Response(status=204)


class UploadParts(APIView):
    parser_classes = (OctetStreamParser,)
    throttle_classes = (PartThrottle,)

    @extend_schema(
        parameters=[OffsetQuerySerializer],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: UploadSerializer, 400: ErrorAnswer, 409: OffsetAnswer, 413: ErrorAnswer},
        operation_id="upload_part",
    )
    def put(self, request: Request, id: str) -> Response:
        """Bytes from `offset` on, which must be the number of bytes received. 409 says that number."""
        upload = get_upload_to_change(request, id)
        data = validated(OffsetQuerySerializer, request.query_params)
        stream = request.stream
        if stream is None:
            raise Conflict("The part is empty. Send the bytes from the offset on, and Content-Length with them.")
        return upload_response(uploads.receive(upload.pk, data["offset"], stream))


class UploadFinish(APIView):
    @extend_schema(request=None, responses={202: UploadSerializer, 409: ErrorAnswer}, operation_id="upload_finish")
    def post(self, request: Request, id: str) -> Response:
        """All parts are sent: a worker may read the file."""
        return upload_response(uploads.finish(get_upload_to_change(request, id).pk), 202)


def get_upload_or_404(request: Request, id: str) -> Upload:
    return get_object_or_404(access.uploads(current_user(request)).select_related("created_by", "team"), pk=id)


def get_upload_to_change(request: Request, id: str) -> Upload:
    upload = get_upload_or_404(request, id)
    require_change(request, upload.team)
    return upload
