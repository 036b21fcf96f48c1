"""From a cell to a network that is deployed: what it would be within a budget, and that network as an entry."""

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.data.datasets import Data, ImageData, TextData
from search.network import macro as macros
from search.network.budget import LIMITS, Budget, Limit
from search.network.graph import Graph
from search.network.macro import TextMacro
from search.spaces.cnn import FAMILIES
from search.spaces.scaling import CannotScale, Scaled, scale
from webapp.accounts import access
from webapp.api.architectures import ArchitectureDetailSerializer, detail, the_architecture
from webapp.api.engine import team_to_write, who
from webapp.api.errors import ErrorAnswer, invalid
from webapp.api.searches import ProblemSerializer
from webapp.api.vocabulary import Base, BudgetRequestSerializer, CostSerializer
from webapp.catalog import architectures
from webapp.datasets.lookup import find
from webapp.devices import devices
from webapp.models import Architecture, Team
from webapp.searches.proposals import BadProposal

Json = dict[str, Any]

MOST_SIDE, MOST_OUTPUTS = 1_024, 1_000_000
UNITS: dict[Limit, str] = {"params": "parameters", "macs": "MACs", "peak_memory": "bytes", "latency": "µs"}


class ScaleRequestSerializer(Base):
    """What is left out, the dataset says, or else the architecture as it is."""

    dataset = serializers.CharField(max_length=80, allow_null=True, default=None)
    resolution = serializers.IntegerField(min_value=1, max_value=MOST_SIDE, allow_null=True, default=None)
    classes = serializers.IntegerField(min_value=1, max_value=MOST_OUTPUTS, allow_null=True, default=None)
    vocabulary = serializers.IntegerField(min_value=1, max_value=MOST_OUTPUTS, allow_null=True, default=None)
    budget = BudgetRequestSerializer()
    family = serializers.ChoiceField(choices=list(FAMILIES), default="published")

    def validate_budget(self, budget: Json) -> Json:
        try:
            Budget(**budget)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None
        if all(budget[limit] is None for limit in LIMITS if limit != "latency"):
            raise serializers.ValidationError("Give a limit to scale to: parameters, MACs or peak memory.")
        return budget


class ScalePreviewSerializer(Base):
    """The network, or (null) the problems that the smallest one has."""

    macro = serializers.DictField(allow_null=True)
    cost = CostSerializer(allow_null=True)
    share = serializers.DictField(
        child=serializers.FloatField(), help_text="of each limit: the part of it that is used"
    )
    limited_by = serializers.CharField(allow_null=True)
    problems = ProblemSerializer(many=True)


@dataclass(frozen=True)
class Asked:
    """What a request asks for, checked."""

    team: Team | None  # whose dataset it may be
    data: Data
    budget: Budget
    family: str
    dataset: str | None

    def scaled(self, architecture: Architecture) -> Scaled:
        """Raises CannotScale."""
        macro = macros.read(architecture.macro)
        activation = "relu" if isinstance(macro, TextMacro) else macro.activation
        return scale(Graph.from_dict(architecture.graph), self.data, self.budget, self.family, activation)


class ScalePreview(APIView):
    @extend_schema(
        request=ScaleRequestSerializer,
        responses={200: ScalePreviewSerializer, 400: ErrorAnswer},
        operation_id="architecture_scale_preview",
    )
    def post(self, request: Request, id: str) -> Response:
        """What network the cell would become, and how much of each limit it would use."""
        architecture = the_architecture(request, id)
        asked = _asked(request, architecture)
        try:
            scaled = asked.scaled(architecture)
        except CannotScale as error:
            answer: Json = {"macro": None, "cost": None, "share": {}, "limited_by": None, "problems": _problems(error)}
        else:
            answer = {
                "macro": serialization.to_jsonable(scaled.macro),
                "cost": serialization.to_jsonable(scaled.cost),
                "share": scaled.shares,
                "limited_by": scaled.limited_by,
                "problems": [],
            }
        return Response(ScalePreviewSerializer(answer).data)


class Scale(APIView):
    @extend_schema(
        request=ScaleRequestSerializer,
        responses={201: ArchitectureDetailSerializer, 400: ErrorAnswer},
        operation_id="architecture_scale",
    )
    def post(self, request: Request, id: str) -> Response:
        """Keeps that network as an entry of the catalog."""
        architecture = the_architecture(request, id)
        asked = _asked(request, architecture)
        team = team_to_write(request, asked.team)
        try:
            scaled = asked.scaled(architecture)
        except CannotScale as error:
            raise invalid(BadProposal("budget", str(error))) from None
        made = architectures.scale(
            architecture,
            team,
            _name(architecture, asked, scaled),
            asked.dataset,
            serialization.to_jsonable(scaled.macro),
            serialization.to_jsonable(scaled.cost),
            serialization.to_jsonable(asked.budget),
        )
        return Response(ArchitectureDetailSerializer(detail(made, request)).data, status=201)


def _asked(request: Request, architecture: Architecture) -> Asked:
    said = ScaleRequestSerializer(data=request.data)
    said.is_valid(raise_exception=True)
    wanted: Json = said.validated_data
    # What comes of a team's own stays with that team.
    team = architecture.team or access.team_with(who(request), wanted["dataset"] or "")
    mine = team or access.team_of(who(request))
    try:
        devices.validate_budget(mine, wanted["budget"])
        data = _data(architecture, None if wanted["dataset"] is None else find(mine, wanted["dataset"]).data, wanted)
    except BadProposal as error:
        raise invalid(error) from None
    return Asked(team, data, Budget(**wanted["budget"]), wanted["family"], wanted["dataset"])


def _data(architecture: Architecture, given: Data | None, wanted: Json) -> Data:
    """What the network is to take and give: of the dataset or the architecture, but for what is asked otherwise.
    Raises BadProposal."""
    macro = macros.read(architecture.macro)
    if given is not None:
        try:
            macro = macros.fitted(macro, given)
        except macros.NoMatch as error:
            raise BadProposal("dataset", str(error)) from None
    text = isinstance(macro, TextMacro)
    for name in ("resolution", "classes") if text else ("vocabulary",):
        if wanted[name] is not None:
            what = "a language model" if text else "a network of images"
            raise BadProposal(name, f"This is {what}, which has no {name}.")
    if isinstance(macro, TextMacro):
        return TextData(vocabulary=wanted["vocabulary"] or macro.vocabulary)
    side = wanted["resolution"]
    shape = macro.input if side is None else (macro.input[0], side, side)
    return ImageData(shape=shape, classes=wanted["classes"] or macro.classes)


def _problems(error: CannotScale) -> list[Json]:
    return [
        {
            "limit": over.limit,
            "allowed": over.allowed,
            "needed": over.value,
            "detail": f"{over.sentence}, even for the smallest network of this cell.",
        }
        for over in error.over
    ]


def _name(architecture: Architecture, asked: Asked, scaled: Scaled) -> str:
    """Whose cell, for what, and how large: never longer than a name may be."""
    data = asked.data
    size = f"{data.vocabulary:,} words" if isinstance(data, TextData) else f"{max(data.shape[1:])} px"
    allowed = asked.budget.allowed(scaled.limited_by)
    end = f" at {size}, {_short(allowed or 0)} {UNITS[scaled.limited_by]}"
    first = architecture.parent if architecture.parent is not None else architecture
    return first.name[: 120 - len(end)] + end


def _short(number: int) -> str:
    for unit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:.3g} {letter}"
    return str(number)
