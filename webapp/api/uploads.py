"""Uploads: announce a file, send it part by part, hand it over to be read, cancel."""

from typing import Any, get_args

from django.conf import settings
from django.db.models import Q
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.data.tokenization import VOCABULARY, Tokens
from webapp.accounts import access
from webapp.api import presenters
from webapp.api.engine import team_to_write, who
from webapp.api.errors import Conflict, ErrorAnswer, Unavailable
from webapp.api.throttles import Parts
from webapp.api.vocabulary import Base
from webapp.core import clock
from webapp.datasets import uploads
from webapp.files.storage import Unreachable
from webapp.models import Upload
from webapp.models.enums import UploadStatus

Json = dict[str, Any]

TOKENS = list(get_args(Tokens))
MOST_BYTES = 2**53  # up to here JSON's numbers are whole everywhere
SHOWN_SECONDS = 86_400.0  # what is over is listed for a day


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class OptionsSerializer(Base):
    side = serializers.IntegerField(
        min_value=8,
        max_value=224,
        required=False,
        allow_null=True,
        help_text="scales each image to a square of so many pixels; without it, all must be of one size",
    )
    tokens = serializers.ChoiceField(
        choices=TOKENS,
        required=False,
        allow_null=True,
        help_text="of a text: what stands between blanks is a word, or words and marks are told apart and lower-cased; "
        "without it, the first where train, valid and test are given, else the second",
    )
    vocabulary = serializers.IntegerField(
        min_value=100,
        max_value=50_000,
        required=False,
        allow_null=True,
        help_text=f"of a text: most different words, the rest are unknown; without it {VOCABULARY:,}",
    )


class UploadRequestSerializer(Base):
    name = serializers.CharField(max_length=200, help_text="of the file")
    title = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    bytes = serializers.IntegerField(min_value=1, max_value=MOST_BYTES)
    options = OptionsSerializer(required=False)


class ProgressSerializer(Base):
    images = serializers.IntegerField(help_text="read so far; of a text none")
    share = serializers.FloatField(help_text="of the file that is read, from 0 to 1")


class UploadSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    title = serializers.CharField()
    bytes = serializers.IntegerField()
    received = serializers.IntegerField()
    part_bytes = serializers.IntegerField(help_text="most that one part may have")
    options = OptionsSerializer()
    status = serializers.ChoiceField(choices=UploadStatus.choices)
    why = serializers.CharField(help_text="why it was refused and what to do, or what else there is to say")
    dataset = serializers.CharField(allow_null=True)
    progress = ProgressSerializer(allow_null=True)
    created_at = serializers.CharField()
    created_by = serializers.CharField()


class OffsetQuerySerializer(Base):
    offset = serializers.IntegerField(min_value=0, max_value=MOST_BYTES)


class OffsetAnswer(ErrorAnswer):
    """Where `received` is given, the part was not the next one: go on from there."""

    received = serializers.IntegerField(required=False)


class Octets(BaseParser):
    """The body as it comes; the view reads it piece by piece."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return stream


def shown(upload: Upload) -> Json:
    return {
        "id": upload.pk,
        "name": upload.name,
        "title": upload.title,
        "bytes": upload.bytes,
        "received": upload.received,
        "part_bytes": settings.PART_BYTES,
        "options": {name: upload.options.get(name) for name in ("side", "tokens", "vocabulary")},
        "status": upload.status,
        "why": upload.why,
        "dataset": upload.dataset_id,
        "progress": uploads.progress_of(upload),
        "created_at": presenters.text(upload.created_at),
        "created_by": upload.created_by.shown_name,
    }


def answer(upload: Upload, status: int = 200) -> Response:
    return Response(UploadSerializer(shown(upload)).data, status=status)


class Uploads(APIView):
    @extend_schema(responses=UploadSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The teams' that are not over, and those of the last day; the newest first."""
        recent = Q(status__in=uploads.UNDER_WAY) | Q(touched_at__gt=clock.after(-SHOWN_SECONDS))
        rows = access.uploads(who(request)).filter(recent).select_related("created_by").prefetch_related("work")
        rows = rows.order_by("-created_at", "pk")
        return Response(UploadSerializer([shown(row) for row in rows], many=True).data)

    @extend_schema(
        request=UploadRequestSerializer,
        responses={201: UploadSerializer, 400: ErrorAnswer, 409: ErrorAnswer, 413: ErrorAnswer},
        operation_id="upload_create",
    )
    def post(self, request: Request) -> Response:
        """Announces a file: a zip, tar, tar.gz or tar.xz of class folders of PNG or JPEG, or of texts; an npz; a text.

        What it is shows in its content, and options for another kind of data do nothing.
        """
        team = team_to_write(request)
        asked = UploadRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        options = {name: value for name, value in said.get("options", {}).items() if value is not None}
        title = said["title"].strip() or said["name"].partition(".")[0][:120] or "Untitled"
        try:
            upload = uploads.create(team, who(request), said["name"], title, said["bytes"], options)
        except uploads.TooLarge as error:
            raise TooLarge(str(error)) from None
        except uploads.Refused as error:
            raise Conflict(str(error)) from None
        return answer(upload, 201)


class UploadOne(APIView):
    @extend_schema(responses=UploadSerializer, operation_id="upload_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return answer(the_upload(request, id))

    @extend_schema(responses={204: None}, operation_id="upload_cancel")
    def delete(self, request: Request, id: str) -> Response:
        """Cancels it, whatever it has come to, and leaves nothing; a dataset that came of it stays."""
        upload = to_change(request, id)
        try:
            uploads.cancel(upload.pk)
        except uploads.UploadCancelled:
            raise NotFound from None
        return Response(status=204)


class UploadParts(APIView):
    parser_classes = (Octets,)
    throttle_classes = (Parts,)

    @extend_schema(
        parameters=[OffsetQuerySerializer],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: UploadSerializer, 400: ErrorAnswer, 409: OffsetAnswer, 413: ErrorAnswer},
        operation_id="upload_part",
    )
    def put(self, request: Request, id: str) -> Response:
        """The bytes from `offset` on, which must be what is received so far. 409 says how many that are."""
        upload = to_change(request, id)
        asked = OffsetQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        stream = request.stream
        if stream is None:
            raise Conflict("The part is empty. Send the bytes from the offset on, and Content-Length with them.")
        try:
            return answer(uploads.receive(upload.pk, asked.validated_data["offset"], stream))
        except uploads.WrongOffset as error:
            items = [{"code": "wrong_offset", "detail": str(error), "attr": None}]
            return Response({"type": "client_error", "errors": items, "received": error.received}, status=409)
        except uploads.TooLarge as error:
            raise TooLarge(str(error)) from None
        except uploads.Refused as error:
            raise Conflict(str(error)) from None
        except uploads.UploadCancelled:
            raise NotFound from None
        except Unreachable as error:
            raise Unavailable(str(error)) from None


class UploadFinish(APIView):
    @extend_schema(request=None, responses={202: UploadSerializer, 409: ErrorAnswer}, operation_id="upload_finish")
    def post(self, request: Request, id: str) -> Response:
        """All of it is there: a worker may read it."""
        upload = to_change(request, id)
        try:
            return answer(uploads.finish(upload.pk), 202)
        except uploads.Refused as error:
            raise Conflict(str(error)) from None
        except uploads.UploadCancelled:
            raise NotFound from None


def the_upload(request: Request, id: str) -> Upload:
    return get_object_or_404(access.uploads(who(request)).select_related("created_by", "team"), pk=id)


def to_change(request: Request, id: str) -> Upload:
    upload = the_upload(request, id)
    if not access.may_change(who(request), upload.team):
        raise PermissionDenied("You may watch this upload, not change it.")
    return upload
