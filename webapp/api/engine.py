"""Who is asking, and what the engine offers: everything that a form is generated from."""

from typing import Any, cast

from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.config import schema
from search.datasets import DATASETS
from search.exports import EXPORTS
from search.presets import PRESETS
from search.recipes.image import ImageRecipe, full
from search.spaces import SPACES
from search.strategies import STRATEGIES
from webapp import access
from webapp.api.vocabulary import Base
from webapp.models import Team, User

Json = dict[str, Any]

MOST = 2**53  # of a number: up to here JSON's are whole everywhere
SCALAR = {"oneOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}


@extend_schema_field(SCALAR)
class ScalarField(serializers.JSONField):
    """A number, a text or a switch."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, int | float | str):
            raise serializers.ValidationError("Give a number, a text, or true or false.")
        if not isinstance(data, str) and not abs(data) <= MOST:
            raise serializers.ValidationError("No setting is that large.")
        return data


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
    may_change = serializers.BooleanField(help_text="Whether they may change the team's work; a viewer only looks.")


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
    created_at = serializers.CharField(allow_null=True)


class ConfigFieldSerializer(Base):
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["int", "float", "choice", "bool"])
    default = ScalarField()
    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField(), allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # the wire's word is also one of the framework's
    help = serializers.CharField()
    unit = serializers.CharField(allow_null=True)


class SpaceSerializer(Base):
    """A search space of a strategy, the kind of data that it is for, and the settings of a search in it."""

    name = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=["image", "text"])
    schema = ConfigFieldSerializer(many=True)


class StrategySerializer(Base):
    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    spaces = SpaceSerializer(many=True)


class PresetSerializer(Base):
    name = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the wire's word is also one of the framework's


class ExportSerializer(Base):
    format = serializers.CharField()
    title = serializers.CharField()


class EngineSerializer(Base):
    strategies = StrategySerializer(many=True)
    presets = PresetSerializer(many=True)
    exports = ExportSerializer(many=True)
    recipe_schema = ConfigFieldSerializer(many=True)


def who(request: Request) -> User:
    """The person asking; permissions have seen to it that there is one."""
    return cast(User, request.user)


def team_to_write(request: Request, team: Team | None = None) -> Team:
    """This team, or the one that what the person makes belongs to. Raises PermissionDenied if they may only look."""
    team = team or access.team_of(who(request))
    if team is None or not access.may_change(who(request), team):
        raise PermissionDenied("You may look at this team's work, not change it.")
    return team


class Me(APIView):
    @method_decorator(ensure_csrf_cookie)
    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Who is signed in. Sets the CSRF cookie that every writing request sends back."""
        user = who(request)
        team = access.team_of(user)
        if team is None:
            raise PermissionDenied("You are in no team. Ask a team's owner to take you in.")
        teams = [team, *access.teams(user).exclude(pk=team.pk).order_by("name")]
        shown = [{"id": str(each.pk), "name": each.name, "slug": each.slug} for each in teams]
        me = {"id": str(user.pk), "email": user.email, "name": user.shown_name, "team": shown[0], "teams": shown}
        return Response(MeSerializer(me | {"may_change": access.may_change(user, team)}).data)


class Engine(APIView):
    @extend_schema(responses=EngineSerializer)
    def get(self, request: Request) -> Response:
        """Strategies with the schema of their settings, published architectures, exports, training recipes."""
        return Response(EngineSerializer(_engine()).data)


def _engine() -> Json:
    defaults = full(next(iter(DATASETS)))
    return {
        "strategies": [
            {
                "name": name,
                "title": strategy.TITLE,
                "about": strategy.ABOUT,
                "spaces": [
                    {
                        "name": space,
                        "title": SPACES[space].TITLE,
                        "kind": SPACES[space].KIND,
                        "schema": schema(settings),
                    }
                    for space, settings in strategy.CONFIGS.items()
                ],
            }
            for name, strategy in STRATEGIES.items()
        ],
        "presets": [{"name": p.name, "title": p.title, "source": p.source} for p in PRESETS.values()],
        "exports": [{"format": name, "title": title} for name, title in EXPORTS.items()],
        "recipe_schema": [{**row, "default": getattr(defaults, row["name"])} for row in schema(ImageRecipe)],
    }
