"""Steering over REST: what may be said, what was said, taking it back, and forking."""

import re
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.base.config import schema
from search.network.budget import LIMITS
from search.network.limits import BOUNDS
from search.strategies import STRATEGIES
from webapp.accounts import access
from webapp.api import presenters
from webapp.api.engine import who
from webapp.api.errors import ErrorAnswer
from webapp.api.searches import SearchDetailSerializer, detail, the_search
from webapp.api.vocabulary import Base, BudgetRequestSerializer, BudgetSerializer
from webapp.models import Search
from webapp.models.enums import CommandKind, CommandStatus
from webapp.searches import steering

Json = dict[str, Any]

EDGE = re.compile(r"^\d{1,6}-\d{1,6}$", re.ASCII)  # or 1 in other scripts would be another name of the same edge
LARGEST = 2**31 - 1

PART = ("edge", "node")
#: What each kind is about. Of an edge and a node, one is to be named.
ABOUT: dict[str, tuple[str, ...]] = {
    CommandKind.LOCK: PART,
    CommandKind.UNLOCK: PART,
    CommandKind.REMOVE: PART,
    CommandKind.RESTORE: PART,
    CommandKind.SET_BUDGET: ("budget",),
    CommandKind.SET_WEIGHT: ("weight",),
    CommandKind.ROLLBACK: ("step", "branch"),
}
LACKS = {
    "budget": "Give the limits: params, macs, peak_memory and latency, null where there is none.",
    "weight": "Give the new weight of cost.",
    "step": "Say which step to go back to; 0 is the beginning.",
}


class WholeBudgetSerializer(BudgetRequestSerializer):
    """All limits at once: what is left out would be no limit, which nobody should say by forgetting it."""

    device = serializers.CharField(
        required=False, allow_null=True, max_length=16
    )  # this and the next: the search's own
    bytes_per_element = serializers.IntegerField(required=False)

    def validate_bytes_per_element(self, count: int) -> int:
        allowed = BOUNDS.bytes_per_element
        if count not in allowed:
            raise serializers.ValidationError(f"Give the bytes of an element: one of {', '.join(map(str, allowed))}.")
        return count

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (missing := [limit for limit in LIMITS if limit not in data]):
            raise serializers.ValidationError(
                dict.fromkeys(missing, "Give each limit; null is no limit."), code="required"
            )
        return super().to_internal_value(data)


class CommandRequestSerializer(Base):
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    edge = serializers.RegexField(EDGE, required=False, allow_null=True, default=None)
    node = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True, default=None)
    budget = WholeBudgetSerializer(required=False, allow_null=True, default=None)
    weight = serializers.FloatField(required=False, allow_null=True, default=None)
    step = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True, default=None)
    branch = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=BOUNDS.reason, required=False, allow_blank=True, default="")

    def validate_weight(self, weight: float | None) -> float | None:
        """In the range that the strategy's own form gives it."""
        if weight is None:
            return None
        search = self.context["search"]
        rows = schema(STRATEGIES[search.strategy].CONFIGS[search.task["space"]])
        row = next((row for row in rows if row["name"] == "cost_weight"), None)
        if row is None:
            raise serializers.ValidationError("This search gives cost no weight.")
        if not row["min"] <= weight <= row["max"]:
            raise serializers.ValidationError(f"The weight must be from {row['min']:g} to {row['max']:g}.")
        return weight

    def validate_budget(self, budget: Json | None) -> Json | None:
        present: Json = self.context["search"].task["budget"]
        kept = {name: present.get(name) for name in ("device", "bytes_per_element")}  # old searches have no device
        return None if budget is None else {**kept, **budget}

    def validate(self, data: Json) -> Json:
        kind = data["kind"]
        about = ABOUT.get(kind, ())
        for name in ("edge", "node", "budget", "weight", "step", "branch"):
            if data[name] is not None and name not in about:
                raise serializers.ValidationError({name: f"“{kind}” takes no {name}."})
        if about == PART:
            if (data["edge"] is None) == (data["node"] is None):
                raise serializers.ValidationError(f"Say an edge or a node to {kind}, and not both.")
        elif about and data[about[0]] is None:
            raise serializers.ValidationError({about[0]: LACKS[about[0]]})
        return data


class CommandSerializer(Base):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=CommandKind.choices)
    edge = serializers.CharField(allow_null=True)
    node = serializers.IntegerField(allow_null=True)
    budget = BudgetSerializer(allow_null=True)
    weight = serializers.FloatField(allow_null=True)
    step = serializers.IntegerField(allow_null=True)
    by = serializers.CharField()
    reason = serializers.CharField()
    status = serializers.ChoiceField(choices=CommandStatus.choices)
    why = serializers.CharField()
    created_at = serializers.CharField()
    decided_at = serializers.CharField(allow_null=True)


class ForkRequestSerializer(Base):
    step = serializers.IntegerField(min_value=0, max_value=LARGEST)
    branch = serializers.IntegerField(min_value=0, max_value=LARGEST, required=False, allow_null=True, default=None)
    name = serializers.CharField(max_length=BOUNDS.name, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=BOUNDS.reason, required=False, allow_blank=True, default="")


class SearchCommands(APIView):
    @extend_schema(responses=CommandSerializer(many=True), operation_id="search_commands")
    def get(self, request: Request, id: str) -> Response:
        commands = the_search(request, id).commands.select_related("by").order_by("number")
        return Response(CommandSerializer([presenters.command(each) for each in commands], many=True).data)

    @extend_schema(
        request=CommandRequestSerializer,
        responses={201: CommandSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_steer",
    )
    def post(self, request: Request, id: str) -> Response:
        """pause, resume, stop, cancel and rollback act at once; the others at the end of the round."""
        search = _steered(request, id)
        asked = CommandRequestSerializer(data=request.data, context={"search": search})
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        command = steering.steer(search.pk, who(request), CommandKind(said.pop("kind")), **said)
        return Response(CommandSerializer(presenters.command(command)).data, status=201)


class SearchCommand(APIView):
    @extend_schema(
        responses={200: CommandSerializer, 403: ErrorAnswer, 404: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_withdraw",
    )
    def delete(self, request: Request, id: str, number: int) -> Response:
        """Takes back a command that waits for the round's end."""
        command = steering.withdraw(_steered(request, id).pk, who(request), number)
        return Response(CommandSerializer(presenters.command(command)).data)


class SearchFork(APIView):
    @extend_schema(
        request=ForkRequestSerializer,
        responses={201: SearchDetailSerializer, 400: ErrorAnswer, 403: ErrorAnswer, 409: ErrorAnswer},
        operation_id="search_fork",
    )
    def post(self, request: Request, id: str) -> Response:
        """A search of its own that goes on from a step of this one, be it over or not."""
        search = _steered(request, id)
        asked = ForkRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        forked = steering.fork(search.pk, who(request), **asked.validated_data)
        return Response(SearchDetailSerializer(detail(forked)).data, status=201)


def _steered(request: Request, id: str) -> Search:
    search = the_search(request, id)
    if not access.may_change(who(request), search.team):
        raise PermissionDenied("You may watch this search, not steer it.")
    return search
