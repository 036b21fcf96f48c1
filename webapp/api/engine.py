"""Who is asking, and what the engine offers: everything that a form is generated from."""

from typing import Any, cast, get_args

from django.conf import settings
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import ensure_csrf_cookie
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.config import schema
from search.data.datasets import DATASETS, Kind
from search.evaluation import recipes
from search.network.device_profiles import DEVICES
from search.network.export_formats import EXPORTS
from search.network.limits import BOUNDS
from search.spaces import SPACES
from search.spaces.presets import PRESETS
from search.strategies import STRATEGIES
from webapp.accounts import access
from webapp.api.vocabulary import Base, BudgetSerializer
from webapp.models import Team, User

Json = dict[str, Any]

KINDS = list(get_args(Kind))
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


@extend_schema_field({**SCALAR, "nullable": True})
class PublishedField(ScalarField):
    pass


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
    group = serializers.CharField(allow_null=True, help_text="rows of a group stand together")
    published = PublishedField(allow_null=True, help_text="what the published protocol fixes it to")


class SpaceSerializer(Base):
    """A search space of a strategy, the kind of data that it is for, and the settings of a search in it."""

    name = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
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
    kind = serializers.ChoiceField(choices=KINDS)
    perplexity = serializers.FloatField(allow_null=True, help_text="published, of a language model")


class RecipeSerializer(Base):
    """A training recipe that a person can pick by name, and where it comes from."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    kind = serializers.ChoiceField(choices=KINDS)
    recipe = serializers.DictField(child=ScalarField())


class RecipeSchemasSerializer(Base):
    """The settings of a training, by the kind of data; defaults are those of the built-in dataset of that kind."""

    image = ConfigFieldSerializer(many=True)
    text = ConfigFieldSerializer(many=True)


class DeviceProfileSerializer(Base):
    """A budget that fits a kind of machine, and the source of its figures."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    budget = BudgetSerializer()


class ExportSerializer(Base):
    format = serializers.CharField()
    title = serializers.CharField()


class BudgetLimitsSerializer(Base):
    """Largest value of each limit of a budget."""

    params = serializers.IntegerField()
    macs = serializers.IntegerField()
    peak_memory = serializers.IntegerField(help_text="bytes")
    latency = serializers.IntegerField(help_text="microseconds")


class WhatIfLimitsSerializer(Base):
    """Size of one what-if request."""

    nodes = serializers.IntegerField()
    edges = serializers.IntegerField()
    edits = serializers.IntegerField()
    steps = serializers.IntegerField(help_text="cells × (3 × nodes + edges) × graphs, which are the edits and one more")


class UploadLimitsSerializer(Base):
    bytes = serializers.IntegerField(help_text="of one file")
    file_name = serializers.IntegerField(help_text="characters")
    min_side = serializers.IntegerField(help_text="pixels of an image")
    max_side = serializers.IntegerField()
    min_vocabulary = serializers.IntegerField()
    max_vocabulary = serializers.IntegerField()


class LimitsSerializer(Base):
    """Limits that requests are checked against (search/network/limits.py)."""

    name = serializers.IntegerField(help_text="characters: of a search, an architecture, a dataset")
    device_name = serializers.IntegerField(help_text="characters")
    reason = serializers.IntegerField(help_text="characters: of a command")
    failure_message = serializers.IntegerField(help_text="characters: that an agent reports")
    seed = serializers.IntegerField()
    resolution = serializers.IntegerField(help_text="side of a network's input in pixels")
    outputs = serializers.IntegerField(help_text="classes or words")
    width = serializers.IntegerField(help_text="channels of a layer, hidden size of a language model")
    bytes_per_element = serializers.ListField(child=serializers.IntegerField(), help_text="all that are allowed")
    budget = BudgetLimitsSerializer()
    what_if = WhatIfLimitsSerializer()
    upload = UploadLimitsSerializer()


class EngineSerializer(Base):
    strategies = StrategySerializer(many=True)
    presets = PresetSerializer(many=True)
    exports = ExportSerializer(many=True)
    recipes = RecipeSerializer(many=True)
    recipe_schemas = RecipeSchemasSerializer()
    device_profiles = DeviceProfileSerializer(many=True)
    limits = LimitsSerializer()


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
                        "schema": schema(config),
                    }
                    for space, config in strategy.CONFIGS.items()
                ],
            }
            for name, strategy in STRATEGIES.items()
        ],
        "presets": [
            {"name": p.name, "title": p.title, "source": p.source, "kind": p.kind, "perplexity": p.perplexity}
            for p in PRESETS.values()
        ],
        "exports": [{"format": name, "title": title} for name, title in EXPORTS.items()],
        "recipes": [serialization.plain(named) for named in recipes.RECIPES.values()],
        "recipe_schemas": {kind: _recipe_schema(kind) for kind in KINDS},
        "device_profiles": [serialization.plain(profile) for profile in DEVICES.values()],
        "limits": _limits(),
    }


def _limits() -> Json:
    limits: Json = serialization.plain(BOUNDS)
    return limits | {"upload": {**limits["upload"], "bytes": settings.UPLOAD_BYTES}}


def _recipe_schema(kind: Kind) -> list[Json]:
    defaults = recipes.full(next(name for name, dataset in DATASETS.items() if dataset.kind == kind), kind)
    return [{**row, "default": getattr(defaults, row["name"])} for row in schema(recipes.SETTINGS[kind])]
