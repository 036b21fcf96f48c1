"""Devices that measure latency, and the measurements of architectures. A page looks again while one is not done."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.network.limits import BOUNDS
from webapp.accounts import access
from webapp.api import presenters
from webapp.api.architectures import the_architecture
from webapp.api.engine import team_to_write, who
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base
from webapp.core.errors import InvalidField
from webapp.devices import devices, measurements
from webapp.models import Device, Measurement
from webapp.models.enums import MeasurementStatus

Json = dict[str, Any]

MOST_SHOWN = 50  # measurements of an architecture, the newest


class DeviceSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    about = serializers.DictField(help_text="As its agent introduces itself: processor, system, runtime, threads.")
    seen_at = serializers.CharField(allow_null=True, help_text="When its agent last asked for work; null is never.")
    created_at = serializers.CharField()
    created_by = serializers.CharField()


class NewDeviceSerializer(DeviceSerializer):
    token = serializers.CharField(help_text="Shown this once; the studio keeps no more than its hash.")


class DeviceRequestSerializer(Base):
    name = serializers.CharField(max_length=BOUNDS.device_name)


class LatencySerializer(Base):
    """Microseconds of one inference at batch 1: the median of the repeats, their 10th and 90th percentiles."""

    median = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    repeats = serializers.IntegerField()
    warmup = serializers.IntegerField()
    device = serializers.CharField(help_text="the machine in words")
    threads = serializers.IntegerField()
    runtime = serializers.CharField()


class NamedDeviceSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()


class MeasurementSerializer(Base):
    id = serializers.CharField()
    device = NamedDeviceSerializer(allow_null=True, help_text="null: a worker of this installation")
    status = serializers.ChoiceField(choices=MeasurementStatus.choices)
    latency = LatencySerializer(allow_null=True)
    error = serializers.CharField(allow_null=True)
    created_at = serializers.CharField()
    created_by = serializers.CharField()


class MeasurementRequestSerializer(Base):
    device = serializers.CharField(max_length=16, allow_null=True, default=None)


def _device(row: Device) -> Json:
    return {
        "id": row.pk,
        "name": row.name,
        "about": row.about,
        "seen_at": presenters.text(row.seen_at),
        "created_at": presenters.text(row.created_at),
        "created_by": row.created_by.shown_name,
    }


def _measurement(row: Measurement) -> Json:
    return {
        "id": row.pk,
        "device": None if row.device is None else {"id": row.device.pk, "name": row.device.name},
        "status": measurements.status_of(row),
        "latency": row.latency,
        "error": row.error,
        "created_at": presenters.text(row.created_at),
        "created_by": row.created_by.shown_name,
    }


def _devices(request: Request) -> QuerySet[Device]:
    return access.devices(who(request)).select_related("created_by", "team").order_by("name", "pk")


class Devices(APIView):
    @extend_schema(responses=DeviceSerializer(many=True), operation_id="devices_list")
    def get(self, request: Request) -> Response:
        """Those of the person's teams that were not retired."""
        return Response(DeviceSerializer([_device(row) for row in _devices(request)], many=True).data)

    @extend_schema(
        request=DeviceRequestSerializer,
        responses={201: NewDeviceSerializer, 400: ErrorAnswer},
        operation_id="device_create",
    )
    def post(self, request: Request) -> Response:
        """Adds one. The answer holds its agent's token, which is shown this once."""
        asked = DeviceRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        device, token = devices.create(team_to_write(request), who(request), asked.validated_data["name"])
        return Response(NewDeviceSerializer(_device(device) | {"token": token}).data, status=201)


class DeviceOne(APIView):
    @extend_schema(responses={204: None}, operation_id="device_retire")
    def delete(self, request: Request, id: str) -> Response:
        """Retires it: its token is worth nothing from now on, and what it measured stays."""
        device = get_object_or_404(_devices(request), pk=id)
        if not access.may_change(who(request), device.team):
            raise PermissionDenied("You may look at this team's devices, not change them.")
        devices.retire(device)
        return Response(status=204)


class ArchitectureMeasurements(APIView):
    @extend_schema(responses=MeasurementSerializer(many=True), operation_id="measurements_list")
    def get(self, request: Request, id: str) -> Response:
        """Latencies of the architecture that the person's teams asked for, the newest first."""
        rows = access.measurements(who(request)).filter(architecture=the_architecture(request, id))
        rows = rows.select_related("device", "created_by").prefetch_related("work").order_by("-created_at", "pk")
        shown = [_measurement(row) for row in rows[:MOST_SHOWN]]
        return Response(MeasurementSerializer(shown, many=True).data)

    @extend_schema(
        request=MeasurementRequestSerializer,
        responses={201: MeasurementSerializer, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="measurement_request",
    )
    def post(self, request: Request, id: str) -> Response:
        """Queues a measurement, on a device, or (null) on a worker of this installation."""
        architecture = the_architecture(request, id)
        asked = MeasurementRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        named = asked.validated_data["device"]
        device = _devices(request).filter(pk=named).first()
        if named is not None and device is None:
            raise InvalidField("device", "The team has no such device (any more). Pick one of the list.")
        team = team_to_write(request, architecture.team or (device.team if device else None))
        if device is not None and device.team != team:
            raise InvalidField("device", "This device is another team's. Pick one of the architecture's team.")
        row = measurements.request(architecture, team, who(request), device)
        return Response(MeasurementSerializer(_measurement(row)).data, status=201)
