"""Steering of searches: send a command, list commands, withdraw one, fork."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.config import schema
from search.base.serialization import Json
from search.evaluation.objective import Objective
from search.network.budget import LIMITS
from search.network.limits import BOUNDS, MAX_INTEGER
from webapp.api.auth import current_user, require_change
from webapp.api.errors import ErrorAnswer
from webapp.api.presenters import CommandSerializer
from webapp.api.searches import SearchDetailSerializer, get_search_or_404, search_detail
from webapp.api.vocabulary import Base, BudgetRequestSerializer, ElementField, LineField, validated
from webapp.models import Search
from webapp.models.enums import CommandKind
from webapp.searches import steering

EDGE = re.compile(r"^\d{1,6}-\d{1,6}$", re.ASCII)  # ASCII: digits of other scripts would name the same edge

PART = ("edge", "node")
#: Arguments of each kind. Of edge and node exactly one is required.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    CommandKind.LOCK: PART,
    CommandKind.UNLOCK: PART,
    CommandKind.REMOVE: PART,
    CommandKind.RESTORE: PART,
    CommandKind.SET_BUDGET: ("budget",),
    CommandKind.SET_WEIGHT: ("weight",),
    CommandKind.ROLLBACK: ("step", "branch"),
}
MISSING = {
    "budget": "Give the limits: params, macs, peak_memory and latency, null where there is none.",
    "weight": "Give the new cost weight.",
    "step": "Give the step to go back to; 0 is the beginning.",
}


class WholeBudgetSerializer(BudgetRequestSerializer):
    """All limits must be given: leaving one out would silently remove it."""

    # Without these two, the search's own stay.
    device = serializers.CharField(required=False, allow_null=True, max_length=16)
    bytes_per_element = ElementField(required=False)

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (missing := [limit for limit in LIMITS if limit not in data]):
            raise serializers.ValidationError(
                dict.fromkeys(missing, "Give every limit; null is no limit."), code="required"
            )
        return super().to_internal_value(data)


class CommandRequestSerializer(Base):
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    edge = serializers.RegexField(EDGE, required=False, allow_null=True, default=None)
    node = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False, allow_null=True, default=None)
    budget = WholeBudgetSerializer(required=False, allow_null=True, default=None)
    weight = serializers.FloatField(required=False, allow_null=True, default=None)
    step = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False, allow_null=True, default=None)
    branch = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=BOUNDS.reason, required=False, allow_blank=True, default="")

    def validate_weight(self, weight: float | None) -> float | None:
        """Checks the range of the objective's setting."""
        row = next(row for row in schema(Objective) if row["name"] == "cost_weight")
        if weight is not None and not row["min"] <= weight <= row["max"]:
            raise serializers.ValidationError(f"The weight must be from {row['min']:g} to {row['max']:g}.")
        return weight

    def validate_budget(self, budget: Json | None) -> Json | None:
        present: Json = self.context["search"].task["budget"]
        kept = {name: present[name] for name in ("device", "bytes_per_element")}
        return None if budget is None else {**kept, **budget}

    def validate(self, data: Json) -> Json:
        kind = data["kind"]
        arguments = ARGUMENTS.get(kind, ())
        for name in ("edge", "node", "budget", "weight", "step", "branch"):
            if data[name] is not None and name not in arguments:
                raise serializers.ValidationError({name: f"“{kind}” takes no {name}."})
        if arguments == PART:
            if (data["edge"] is None) == (data["node"] is None):
                raise serializers.ValidationError(f"Give one edge or one node to {kind}.")
        elif arguments and data[arguments[0]] is None:
            raise serializers.ValidationError({arguments[0]: MISSING[arguments[0]]})
        return data


class ForkRequestSerializer(Base):
    step = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER)
    branch = serializers.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False, allow_null=True, default=None)
    name = LineField(max_length=BOUNDS.name, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=BOUNDS.reason, required=False, allow_blank=True, default="")


class SearchCommands(APIView):
    @extend_schema(responses=CommandSerializer(many=True), operation_id="search_commands")
    def get(self, request: Request, id: str) -> Response:
        commands = get_search_or_404(request, id).commands.select_related("by").order_by("number")
        return Response(CommandSerializer(commands, many=True).data)

    @extend_schema(
        request=CommandRequestSerializer,
        responses={201: CommandSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_steer",
    )
    def post(self, request: Request, id: str) -> Response:
        """pause, resume, stop, cancel and rollback act at once, other commands at the end of the round."""
        search = get_search_to_steer(request, id)
        data = validated(CommandRequestSerializer, request.data, search=search)
        command = steering.steer(search.pk, current_user(request), CommandKind(data.pop("kind")), **data)
        return Response(CommandSerializer(command).data, status=201)


class SearchCommand(APIView):
    @extend_schema(
        responses={200: CommandSerializer, 403: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_withdraw",
    )
    def delete(self, request: Request, id: str, number: int) -> Response:
        """Withdraws a command that waits for the end of the round."""
        command = steering.withdraw(get_search_to_steer(request, id).pk, current_user(request), number)
        return Response(CommandSerializer(command).data)


class SearchFork(APIView):
    @extend_schema(
        request=ForkRequestSerializer,
        responses={201: SearchDetailSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_fork",
    )
    def post(self, request: Request, id: str) -> Response:
        """Starts a new search from a step of this one, which may be over."""
        search = get_search_to_steer(request, id)
        data = validated(ForkRequestSerializer, request.data)
        forked = steering.fork(search.pk, current_user(request), **data)
        return Response(search_detail(request, forked.pk), status=201)


def get_search_to_steer(request: Request, id: str) -> Search:
    search = get_search_or_404(request, id)
    require_change(request, search.team)
    return search
