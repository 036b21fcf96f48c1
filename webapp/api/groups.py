"""Groups: searches that were launched together, one task with other seeds."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts import access
from webapp.api.auth import current_user
from webapp.api.vocabulary import (
    Base,
    MetricField,
)
from webapp.models.enums import SearchStatus
from webapp.searches import groups


class GroupSerializer(Base):
    """Searches that were launched together: one task, with other seeds."""

    id = serializers.CharField()
    size = serializers.IntegerField()


class GroupMemberSerializer(Base):
    id = serializers.CharField()
    status = serializers.ChoiceField(choices=SearchStatus.choices)
    name = serializers.CharField()
    seed = serializers.IntegerField(source="task.seed")
    quality = serializers.FloatField(source="best_quality", allow_null=True)


class GroupQualitySerializer(Base):
    """Of the answers, with a 95 % interval by Student's t."""

    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    count = serializers.IntegerField()


class GroupDetailSerializer(Base):
    id = serializers.CharField()
    metric = MetricField()
    members = GroupMemberSerializer(many=True)
    quality = GroupQualitySerializer(allow_null=True, help_text="null until two have finished with an answer")


class SearchGroup(APIView):
    @extend_schema(responses=GroupDetailSerializer, operation_id="search_group")
    def get(self, request: Request, id: str) -> Response:
        """The searches that were launched together, and the mean quality of those that have finished."""
        rows = access.searches(current_user(request)).filter(group=id).order_by("created_at", "pk")
        members = list(rows)
        if not members:
            raise Http404
        metric, quality = groups.metric_of(members), groups.quality(members)
        found = {"id": id, "metric": metric, "members": members, "quality": quality}
        return Response(GroupDetailSerializer(found).data)
