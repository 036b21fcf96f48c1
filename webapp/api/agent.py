"""Endpoints for agents on devices: claim work, renew its lease, report the result. The rules are in devices.py.

They accept a device's token and no session; no other endpoint accepts a token. Agents poll.
"""

from typing import Any, cast

from django.conf import settings
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.network.limits import BOUNDS
from webapp.api.auth import DeviceToken, IsDevice
from webapp.api.errors import ErrorAnswer
from webapp.api.throttles import AgentThrottle
from webapp.api.vocabulary import Base, validated
from webapp.core.errors import Conflict
from webapp.devices import devices
from webapp.models import Device

MAX_ABOUT = 20
LEASE_LOST = "The lease has expired, or the work was withdrawn. The result is not accepted."


class AboutField(serializers.CharField):
    """A short line of text. Numbers are converted."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text.isprintable():
            raise serializers.ValidationError("Give a line of text.")
        return text


class HelloRequestSerializer(Base):
    about = serializers.DictField(child=AboutField(max_length=200, allow_blank=True))

    def validate_about(self, about: dict[str, str]) -> dict[str, str]:
        if len(about) > MAX_ABOUT or any(not (0 < len(name) <= 40 and name.isprintable()) for name in about):
            raise serializers.ValidationError(
                f"Give at most {MAX_ABOUT} entries, each with a name of 1 to 40 printable characters."
            )
        return about


class HelloSerializer(Base):
    device = serializers.CharField(help_text="its name")
    team = serializers.CharField(help_text="the name of the team that it measures for")
    renew_seconds = serializers.FloatField(help_text="between two renewals of a lease")


class ClaimSerializer(Base):
    work = serializers.IntegerField()
    token = serializers.UUIDField(help_text="of the lease: send it with the result")
    payload = serializers.DictField()


class LeaseSerializer(Base):
    work = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    token = serializers.UUIDField()


class AnswerSerializer(Base):
    answer = serializers.ChoiceField(choices=["continue", "stop"])


class CompleteSerializer(LeaseSerializer):
    outcome = serializers.DictField()


class FailSerializer(LeaseSerializer):
    code = serializers.RegexField(devices.CODE)
    message = serializers.CharField(max_length=BOUNDS.failure_message, allow_blank=True)


class AgentView(APIView):
    authentication_classes = (DeviceToken,)
    permission_classes = (IsDevice,)
    throttle_classes = (AgentThrottle,)


def _device(request: Request) -> Device:
    """The device that the token belongs to. The view's permission guarantees that there is one."""
    return cast(Device, request.auth)


class Hello(AgentView):
    @extend_schema(
        request=HelloRequestSerializer,
        responses={200: HelloSerializer, 400: ErrorAnswer},
        operation_id="agent_hello",
    )
    def post(self, request: Request) -> Response:
        """The agent describes its machine, and learns the device's name and team."""
        device = _device(request)
        devices.describe(device, validated(HelloRequestSerializer, request.data)["about"])
        answer = {"device": device.name, "team": device.team.name, "renew_seconds": settings.RENEW_SECONDS}
        return Response(HelloSerializer(answer).data)


class Claim(AgentView):
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


class Renew(AgentView):
    @extend_schema(
        request=LeaseSerializer, responses={200: AnswerSerializer, 400: ErrorAnswer}, operation_id="agent_renew"
    )
    def post(self, request: Request) -> Response:
        """Renews the lease. The answer says whether to continue."""
        data = validated(LeaseSerializer, request.data)
        return Response({"answer": devices.renew(_device(request), data["work"], data["token"])})


class Complete(AgentView):
    @extend_schema(
        request=CompleteSerializer,
        responses={204: None, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="agent_complete",
    )
    def post(self, request: Request) -> Response:
        """Reports the latency: {"status": "ok", "latency": {…}}."""
        data = validated(CompleteSerializer, request.data)
        return _accepted(devices.complete(_device(request), data["work"], data["token"], data["outcome"]))


class Fail(AgentView):
    @extend_schema(
        request=FailSerializer,
        responses={204: None, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="agent_fail",
    )
    def post(self, request: Request) -> Response:
        """Reports that the measurement failed. After three failures it is not tried again."""
        data = validated(FailSerializer, request.data)
        return _accepted(devices.fail(_device(request), data["work"], data["token"], data["code"], data["message"]))


def _accepted(accepted: bool) -> Response:
    if not accepted:
        raise Conflict(LEASE_LOST)
    return Response(status=204)
