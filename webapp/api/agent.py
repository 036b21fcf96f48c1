"""What an agent on a device may ask and say, with its device's token and nothing else: rules are in devices.py.

A token opens these addresses alone, and no session opens them. Agents ask again and again; nothing is pushed to them.
"""

from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.api.auth import DeviceToken, IsDevice
from webapp.api.errors import Conflict, ErrorAnswer
from webapp.api.throttles import Agents
from webapp.api.vocabulary import Base
from webapp.devices import devices
from webapp.models import Device

MOST_ABOUT = 20
LATE = "This work is with another by now, or nobody wants it any more: what came of it is refused."


class AboutField(serializers.CharField):
    """A short line; a number becomes one."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text.isprintable():
            raise serializers.ValidationError("Give a line of text.")
        return text


class HelloRequestSerializer(Base):
    about = serializers.DictField(child=AboutField(max_length=200, allow_blank=True))

    def validate_about(self, about: dict[str, str]) -> dict[str, str]:
        if len(about) > MOST_ABOUT or any(not 0 < len(name) <= 40 for name in about):
            raise serializers.ValidationError(f"Say at most {MOST_ABOUT} things, each under a name of 1 to 40 letters.")
        return about


class HelloSerializer(Base):
    device = serializers.CharField(help_text="its name")
    team = serializers.CharField(help_text="the name of the team that it measures for")
    seconds = serializers.FloatField(help_text="between two renewals of a lease")


class ClaimSerializer(Base):
    work = serializers.IntegerField()
    token = serializers.UUIDField(help_text="of the lease: send it with what comes of this work")
    payload = serializers.DictField()


class LeaseSerializer(Base):
    work = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    token = serializers.UUIDField()


class AnswerSerializer(Base):
    answer = serializers.ChoiceField(choices=["go on", "stop"])


class CompleteSerializer(LeaseSerializer):
    outcome = serializers.DictField()


class FailSerializer(LeaseSerializer):
    code = serializers.RegexField(devices.CODE)
    message = serializers.CharField(max_length=500, allow_blank=True)


class _Agent(APIView):
    authentication_classes = (DeviceToken,)
    permission_classes = (IsDevice,)
    throttle_classes = (Agents,)


def _device(request: Request) -> Device:
    """Whose token it is; the permission has seen to it that there is one."""
    return cast(Device, request.auth)


def _said(kind: type[Base], request: Request) -> dict[str, Any]:
    asked = kind(data=request.data)
    asked.is_valid(raise_exception=True)
    said: dict[str, Any] = asked.validated_data
    return said


class Hello(_Agent):
    @extend_schema(
        request=HelloRequestSerializer,
        responses={200: HelloSerializer, 400: ErrorAnswer},
        operation_id="agent_hello",
    )
    def post(self, request: Request) -> Response:
        """The agent introduces itself, and hears whose it is."""
        device = _device(request)
        devices.describe(device, _said(HelloRequestSerializer, request)["about"])
        answer = {"device": device.name, "team": device.team.name, "seconds": settings.RENEW_SECONDS}
        return Response(HelloSerializer(answer).data)


class Claim(_Agent):
    @extend_schema(
        request=None,
        responses={200: ClaimSerializer, 204: OpenApiResponse(description="There is nothing to measure.")},
        operation_id="agent_claim",
    )
    def post(self, request: Request) -> Response:
        """The next architecture to measure, under a lease."""
        lease = devices.claim(_device(request))
        if lease is None:
            return Response(status=204)
        return Response(ClaimSerializer({"work": lease.work, "token": lease.token, "payload": lease.payload}).data)


class Renew(_Agent):
    @extend_schema(
        request=LeaseSerializer, responses={200: AnswerSerializer, 400: ErrorAnswer}, operation_id="agent_renew"
    )
    def post(self, request: Request) -> Response:
        """Holds the lease on, and hears whether the work is still wanted."""
        said = _said(LeaseSerializer, request)
        return Response({"answer": devices.renew(_device(request), said["work"], said["token"])})


class Complete(_Agent):
    @extend_schema(
        request=CompleteSerializer,
        responses={204: None, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="agent_complete",
    )
    def post(self, request: Request) -> Response:
        """Hands in the latency: {"status": "ok", "latency": {…}}."""
        said = _said(CompleteSerializer, request)
        try:
            kept = devices.complete(_device(request), said["work"], said["token"], said["outcome"])
        except devices.BadOutcome as error:
            raise ValidationError({"outcome": [str(error)]}) from None
        return _taken(kept)


class Fail(_Agent):
    @extend_schema(
        request=FailSerializer,
        responses={204: None, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="agent_fail",
    )
    def post(self, request: Request) -> Response:
        """Says that it could not be measured; after three times it is given up."""
        said = _said(FailSerializer, request)
        return _taken(devices.fail(_device(request), said["work"], said["token"], said["code"], said["message"]))


def _taken(kept: bool) -> Response:
    if not kept:
        raise Conflict(LATE)
    return Response(status=204)
