"""Who is signed in, and in which teams."""

from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.accounts import access
from webapp.api.auth import current_user
from webapp.api.vocabulary import Base


class TeamSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    slug = serializers.CharField()


class MeSerializer(Base):
    id = serializers.CharField()
    email = serializers.EmailField()
    name = serializers.CharField()
    team = TeamSerializer()
    teams = TeamSerializer(many=True)
    may_change = serializers.BooleanField(help_text="false for a viewer")


class Me(APIView):
    @method_decorator(ensure_csrf_cookie)
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who is signed in. Sets the CSRF cookie that unsafe requests must send back as X-CSRFToken."""
        user = current_user(request)
        team = access.team_of(user)
        if team is None:
            raise PermissionDenied("You are not in a team. Ask the owner of a team to add you.")
        me = {
            "id": user.pk,
            "email": user.email,
            "name": user.shown_name,
            "team": team,
            "teams": [team, *access.teams(user).exclude(pk=team.pk).order_by("name")],
            "may_change": access.may_change(user, team),
        }
        return Response(MeSerializer(me).data)
