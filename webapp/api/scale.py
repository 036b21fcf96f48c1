"""Scaling: the largest network of a cell that fits a budget, as a preview or as an entry of the catalog."""

from dataclasses import dataclass

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base import serialization
from search.base.serialization import Json
from search.data.datasets import Data, ImageData, TextData
from search.network import macro as macros
from search.network.budget import LIMIT_WORDS, LIMITS, Budget
from search.network.graph import Graph
from search.network.limits import BOUNDS
from search.spaces.cnn import FAMILIES
from search.spaces.scaling import CannotScale, Scaled, activation_of, scale
from webapp.accounts import access
from webapp.api.architectures import (
    ArchitectureDetailSerializer,
    architecture_detail,
    get_architecture_or_404,
)
from webapp.api.auth import current_user, team_to_write
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base, BudgetRequestSerializer, CostSerializer, ProblemSerializer, validated
from webapp.catalog import architectures
from webapp.core.errors import Conflict, InvalidField
from webapp.datasets.lookup import find
from webapp.devices import devices
from webapp.models import Architecture, Team


class ScaleRequestSerializer(Base):
    """What is left out comes from the dataset, or else from the architecture."""

    dataset = serializers.CharField(max_length=80, allow_null=True, default=None)
    resolution = serializers.IntegerField(min_value=1, max_value=BOUNDS.resolution, allow_null=True, default=None)
    classes = serializers.IntegerField(min_value=1, max_value=BOUNDS.outputs, allow_null=True, default=None)
    vocabulary = serializers.IntegerField(min_value=1, max_value=BOUNDS.outputs, allow_null=True, default=None)
    budget = BudgetRequestSerializer()
    family = serializers.ChoiceField(choices=list(FAMILIES), default="published")

    def validate_budget(self, budget: Json) -> Json:
        if all(budget[limit] is None for limit in LIMITS if limit != "latency"):
            raise serializers.ValidationError("Give a limit to scale to: parameters, MACs or peak memory.")
        return budget


class ScalePreviewSerializer(Base):
    """The network, or null and the limits that the smallest network exceeds."""

    macro = serializers.DictField(allow_null=True)
    cost = CostSerializer(allow_null=True)
    share = serializers.DictField(child=serializers.FloatField(), help_text="used part of each limit, from 0 to 1")
    limited_by = serializers.CharField(allow_null=True)
    problems = ProblemSerializer(many=True)


@dataclass(frozen=True)
class ScaleRequest:
    """A checked request."""

    team: Team | None  # that owns the dataset; None: a built-in one
    data: Data
    budget: Budget
    family: str
    dataset: str | None

    def scaled(self, architecture: Architecture) -> Scaled:
        """Raises CannotScale."""
        activation = activation_of(macros.read(architecture.macro))
        return scale(Graph.from_dict(architecture.graph), self.data, self.budget, self.family, activation)


class ScalePreview(APIView):
    @extend_schema(
        request=ScaleRequestSerializer,
        responses={200: ScalePreviewSerializer, 400: ErrorAnswer},
        operation_id="architecture_scale_preview",
    )
    def post(self, request: Request, id: str) -> Response:
        """The network that the cell would become, and how much of each limit it uses."""
        architecture = get_architecture_or_404(request, id)
        scale_request = _parse(request, architecture)
        try:
            scaled = scale_request.scaled(architecture)
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
        """Saves that network in the catalog."""
        architecture = get_architecture_or_404(request, id)
        scale_request = _parse(request, architecture)
        team = team_to_write(request, scale_request.team)
        try:
            scaled = scale_request.scaled(architecture)
        except CannotScale as error:
            raise InvalidField("budget", str(error)) from None
        made = architectures.scale(
            architecture,
            team,
            current_user(request),
            _name(architecture, scale_request, scaled),
            scale_request.dataset,
            serialization.to_jsonable(scaled.macro),
            serialization.to_jsonable(scaled.cost),
            serialization.to_jsonable(scale_request.budget),
        )
        return Response(architecture_detail(request, made.pk), status=201)


def _parse(request: Request, architecture: Architecture) -> ScaleRequest:
    data = validated(ScaleRequestSerializer, request.data)
    try:
        activation_of(macros.read(architecture.macro))
    except CannotScale as error:
        raise Conflict(str(error)) from None
    # What is made from a team's own data belongs to that team.
    team = architecture.team or access.team_with(current_user(request), data["dataset"] or "")
    mine = team or access.team_of(current_user(request))
    devices.validate_budget(mine, data["budget"])
    network = _data(architecture, None if data["dataset"] is None else find(mine, data["dataset"]).data, data)
    return ScaleRequest(team, network, Budget(**data["budget"]), data["family"], data["dataset"])


def _data(architecture: Architecture, given: Data | None, wanted: Json) -> Data:
    """Input and output of the network: those of the dataset or the architecture, unless the request names others.
    Raises InvalidField."""
    macro = macros.read(architecture.macro)
    if given is not None:
        try:
            macro = macros.adapt(macro, given)
        except macros.DataMismatch as error:
            raise InvalidField("dataset", str(error)) from None
    text = macro.kind == "text"
    for name in ("resolution", "classes") if text else ("vocabulary",):
        if wanted[name] is not None:
            kind = "a language model" if text else "an image network"
            raise InvalidField(name, f"This is {kind}, which has no {name}.")
    if macro.kind == "text":
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


def _name(architecture: Architecture, scale_request: ScaleRequest, scaled: Scaled) -> str:
    """Name of the cell, input size, and the limit that was reached; cut to the longest name allowed."""
    data = scale_request.data
    size = f"{data.vocabulary:,} words" if data.kind == "text" else f"{max(data.shape[1:])} px"
    allowed = scale_request.budget.allowed(scaled.limited_by)
    end = f" at {size}, {_short(allowed or 0)} {LIMIT_WORDS[scaled.limited_by].short_unit}"
    first = architecture.parent if architecture.parent is not None else architecture
    return first.name[: BOUNDS.name - len(end)] + end


def _short(number: int) -> str:
    for unit, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if number >= unit:
            return f"{number / unit:.3g} {letter}"
    return str(number)
