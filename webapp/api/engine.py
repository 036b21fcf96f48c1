"""What the engine offers, from which forms are generated."""

from typing import get_args

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.config import schema
from search.base.serialization import Json
from search.data.builtin import DATASETS
from search.data.datasets import Kind
from search.evaluation import EVALUATORS, recipes
from search.evaluation.objective import AnswerSettings, Objective
from search.evaluation.proxies import PROXIES, Inputs, Proxy
from search.evaluation.proxies.scoring import Batches
from search.network.device_profiles import DEVICES
from search.network.export_formats import EXPORTS
from search.network.limits import BOUNDS
from search.spaces import SPACES
from search.spaces.presets import PRESETS
from search.strategies import STRATEGIES
from search.strategies.tasks import WITHIN_LIMITS, spaces_for
from webapp.api.vocabulary import Base, BudgetSerializer, ScalarField, SettingsSerializer

KINDS = list(get_args(Kind))


class ConfigFieldSerializer(Base):
    name = serializers.CharField()
    type = serializers.ChoiceField(choices=["int", "float", "choice", "bool"])
    default = ScalarField()
    min = serializers.FloatField(allow_null=True)
    max = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField(), allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # the framework uses this name too
    help = serializers.CharField()
    unit = serializers.CharField(allow_null=True)
    group = serializers.CharField(allow_null=True, help_text="fields of one group are shown together")


class SpaceSerializer(Base):
    """A search space, the kind of data that it takes, and its settings."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    schema = ConfigFieldSerializer(many=True)


class ProtocolSerializer(Base):
    """A named set of settings of a strategy, by space. Where it is fixed, they cannot be changed."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    fixed = serializers.BooleanField()
    evaluator = serializers.CharField(allow_null=True, help_text="the only one that a fixed protocol takes")
    settings = serializers.DictField(child=SettingsSerializer())
    within_limits = SettingsSerializer(help_text="defaults where the budget has a limit")


class UsualSerializer(Base):
    space = serializers.CharField(allow_null=True)
    evaluator = serializers.CharField(allow_null=True)


class StrategySerializer(Base):
    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    spaces = serializers.ListField(child=serializers.CharField(), help_text="names of the spaces that it can search")
    usual = UsualSerializer(help_text="taken where a request names none; null: the first that is possible")
    schema = ConfigFieldSerializer(many=True)
    protocols = ProtocolSerializer(many=True)


class EvaluatorSchemasSerializer(Base):
    image = ConfigFieldSerializer(many=True, required=False)
    text = ConfigFieldSerializer(many=True, required=False)


class EvaluatorSerializer(Base):
    """How a candidate's quality is estimated, with the schema of its settings for each kind of data that it takes."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    schemas = EvaluatorSchemasSerializer()
    defaults = SettingsSerializer(help_text="of other factors with this evaluator")


class PresetSerializer(Base):
    name = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the framework uses this name too
    kind = serializers.ChoiceField(choices=KINDS)
    perplexity = serializers.FloatField(allow_null=True, help_text="published, of a language model")


class RecipeSerializer(Base):
    """A training recipe that a person can pick by name, and its source."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the framework uses this name too
    kind = serializers.ChoiceField(choices=KINDS)
    recipe = serializers.DictField(child=ScalarField())


class RecipeSchemasSerializer(Base):
    """Settings of a training by kind of data. Defaults are those of the built-in dataset of that kind."""

    image = ConfigFieldSerializer(many=True)
    text = ConfigFieldSerializer(many=True)


class DeviceProfileSerializer(Base):
    """A budget for a kind of machine, and the source of its numbers."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the framework uses this name too
    budget = BudgetSerializer()


class ProxySerializer(Base):
    """A score of an untrained network; higher is better."""

    name = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the framework uses this name too
    inputs = serializers.ChoiceField(choices=get_args(Inputs), help_text="what the network is given")
    closed = serializers.SerializerMethodField(help_text="it follows from the costs, without a worker")

    def get_closed(self, proxy: Proxy) -> bool:
        return proxy.closed is not None


class BatchesSerializer(Base):
    size = serializers.IntegerField(help_text="images of each")
    count = serializers.IntegerField()


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

    name = serializers.IntegerField(help_text="characters: of a search, an architecture, a trained model, a dataset")
    notes = serializers.IntegerField(help_text="characters")
    tags = serializers.IntegerField(help_text="of one object")
    tag = serializers.IntegerField(help_text="characters")
    device_name = serializers.IntegerField(help_text="characters")
    reason = serializers.IntegerField(help_text="characters: of a command")
    failure_message = serializers.IntegerField(help_text="characters: that an agent reports")
    seed = serializers.IntegerField()
    repeats = serializers.IntegerField(help_text="searches of one group")
    batch_size = serializers.IntegerField(help_text="images of a batch by which an untrained network is scored")
    resolution = serializers.IntegerField(help_text="side of a network's input in pixels")
    outputs = serializers.IntegerField(help_text="classes or words")
    width = serializers.IntegerField(help_text="channels of a layer, hidden size of a language model")
    bytes_per_element = serializers.ListField(child=serializers.IntegerField(), help_text="all that are allowed")
    budget = BudgetLimitsSerializer()
    what_if = WhatIfLimitsSerializer()
    upload = UploadLimitsSerializer()


class EngineSerializer(Base):
    strategies = StrategySerializer(many=True)
    spaces = SpaceSerializer(many=True)
    evaluators = EvaluatorSerializer(many=True)
    objective = ConfigFieldSerializer(many=True)
    answer = ConfigFieldSerializer(many=True)
    within_limits = SettingsSerializer(help_text="defaults where the budget has a limit, of every strategy")
    presets = PresetSerializer(many=True)
    proxies = ProxySerializer(many=True)
    batches = BatchesSerializer(help_text="by which an untrained network is scored, unless a request says so")
    exports = ExportSerializer(many=True)
    recipes = RecipeSerializer(many=True)
    recipe_schemas = RecipeSchemasSerializer()
    device_profiles = DeviceProfileSerializer(many=True)
    limits = LimitsSerializer()


class Engine(APIView):
    @extend_schema(responses=EngineSerializer)
    def get(self, request: Request) -> Response:
        """The factors of a search with the schemas of their settings, published architectures, proxies, exports,
        recipes."""
        return Response(EngineSerializer(_engine()).data)


def _engine() -> Json:
    return {
        "strategies": [
            {
                "name": name,
                "title": strategy.TITLE,
                "about": strategy.ABOUT,
                "spaces": spaces_for(name),
                "usual": {"space": None, "evaluator": None, **strategy.USUAL},
                "schema": schema(strategy.Config),
                "protocols": strategy.PROTOCOLS.values(),
            }
            for name, strategy in STRATEGIES.items()
        ],
        "spaces": [
            {
                "name": name,
                "title": space.TITLE,
                "about": space.ABOUT,
                "kind": space.KIND,
                "schema": schema(space.Config),
            }
            for name, space in SPACES.items()
        ],
        "evaluators": [
            {
                "name": name,
                "title": evaluator.TITLE,
                "about": evaluator.ABOUT,
                "schemas": {kind: schema(config) for kind, config in evaluator.CONFIGS.items()},
                "defaults": evaluator.DEFAULTS,
            }
            for name, evaluator in EVALUATORS.items()
        ],
        "objective": schema(Objective),
        "answer": schema(AnswerSettings),
        "within_limits": WITHIN_LIMITS,
        "presets": PRESETS.values(),
        "proxies": PROXIES.values(),
        "batches": Batches(),
        "exports": [{"format": name, "title": title} for name, title in EXPORTS.items()],
        "recipes": [serialization.to_jsonable(named) for named in recipes.RECIPES.values()],
        "recipe_schemas": {kind: _recipe_schema(kind) for kind in KINDS},
        "device_profiles": DEVICES.values(),
        "limits": _limits(),
    }


def _limits() -> Json:
    limits: Json = serialization.to_jsonable(BOUNDS)
    return limits | {"upload": {**limits["upload"], "bytes": settings.UPLOAD_BYTES}}


def _recipe_schema(kind: Kind) -> list[Json]:
    defaults = recipes.full(next(name for name, dataset in DATASETS.items() if dataset.kind == kind), kind)
    return [{**row, "default": getattr(defaults, row["name"])} for row in schema(recipes.SETTINGS[kind])]
