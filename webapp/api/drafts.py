"""Drafts of searches, and templates to start from."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.network.limits import BOUNDS, MAX_INTEGER
from webapp.accounts import access
from webapp.api.auth import current_user, require_change, team_to_write
from webapp.api.errors import ErrorAnswer
from webapp.api.previews import SearchDraftSerializer
from webapp.api.searches import get_search_or_404
from webapp.api.vocabulary import Base, LineField, MomentField, validated
from webapp.core.errors import NotFound
from webapp.models import SearchDraft
from webapp.searches import drafts
from webapp.searches.templates import TEMPLATES


class DraftRequestSerializer(Base):
    """What a person typed, complete and valid or not."""

    name = LineField(max_length=BOUNDS.name, required=False, allow_blank=True, default="")
    draft = serializers.DictField(help_text=f"at most {drafts.MAX_BYTES:,} bytes")


class DraftChangeSerializer(DraftRequestSerializer):
    version = serializers.IntegerField(
        min_value=1, max_value=MAX_INTEGER, help_text="that was read; 409 where it was changed since then"
    )


class DraftRowSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    created_by = serializers.CharField(source="created_by.shown_name")
    changed_by = serializers.SerializerMethodField(help_text="who changed it last, or else created it")
    updated_at = MomentField()

    def get_changed_by(self, row: SearchDraft) -> str:
        return (row.changed_by or row.created_by).shown_name


class DraftSerializer(DraftRowSerializer):
    draft = serializers.DictField()


class TemplateSerializer(Base):
    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    draft = SearchDraftSerializer()


class Drafts(APIView):
    @extend_schema(responses=DraftRowSerializer(many=True), operation_id="draft_list")
    def get(self, request: Request) -> Response:
        """Those of the person's teams, the last changed first."""
        rows = _drafts(request).defer("draft").order_by("-updated_at", "pk")
        return Response(DraftRowSerializer(rows, many=True).data)

    @extend_schema(
        request=DraftRequestSerializer,
        responses={201: DraftSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 409: ErrorAnswer},
        operation_id="draft_create",
    )
    def post(self, request: Request) -> Response:
        team = team_to_write(request)
        made = drafts.create(team, current_user(request), **validated(DraftRequestSerializer, request.data))
        return Response(DraftSerializer(made).data, status=201)


class DraftOne(APIView):
    @extend_schema(responses=DraftSerializer, operation_id="draft_retrieve")
    def get(self, request: Request, id: str) -> Response:
        return Response(DraftSerializer(_draft(request, id)).data)

    @extend_schema(
        request=DraftChangeSerializer,
        responses={200: DraftSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer},
        operation_id="draft_change",
    )
    def put(self, request: Request, id: str) -> Response:
        """Replaces the version that was read. 409 says who changed it since then."""
        require_change(request, _draft(request, id).team)
        row = drafts.change(id, current_user(request), **validated(DraftChangeSerializer, request.data))
        return Response(DraftSerializer(row).data)

    @extend_schema(responses={204: None, 403: ErrorAnswer}, operation_id="draft_delete")
    def delete(self, request: Request, id: str) -> Response:
        row = _draft(request, id)
        require_change(request, row.team)
        row.delete()
        return Response(status=204)


class SearchAgain(APIView):
    @extend_schema(responses=SearchDraftSerializer, operation_id="search_draft")
    def get(self, request: Request, id: str) -> Response:
        """The draft that launches the same search again, with the limits that it began with."""
        return Response(drafts.of(get_search_or_404(request, id)))


class Templates(APIView):
    @extend_schema(responses=TemplateSerializer(many=True), operation_id="template_list")
    def get(self, request: Request) -> Response:
        return Response([vars(template) for template in TEMPLATES])


def _drafts(request: Request) -> QuerySet[SearchDraft]:
    return access.drafts(current_user(request)).select_related("created_by", "changed_by")


def _draft(request: Request, id: str) -> SearchDraft:
    row = _drafts(request).select_related("team").filter(pk=id).first()
    if row is None:
        raise NotFound(drafts.MISSING)
    return row
