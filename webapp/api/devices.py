"""Devices that measure latency, and measurements of architectures. Pages poll while one is not done."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.network.limits import BOUNDS
from webapp.accounts import access
from webapp.api.architectures import get_architecture_or_404
from webapp.api.auth import current_user, require_change, team_to_write
from webapp.api.errors import ErrorAnswer
from webapp.api.vocabulary import Base, LineField, MomentField, validated
from webapp.core.errors import InvalidField
from webapp.devices import devices, measurements
from webapp.models import Device, Measurement
from webapp.models.enums import MeasurementStatus

MAX_SHOWN = 50  # measurements of an architecture, newest first


class DeviceSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()
    about = serializers.DictField(help_text="as its agent describes it: processor, system, runtime, threads")
    seen_at = MomentField(allow_null=True, help_text="when its agent last asked for work; null: never")
    created_at = MomentField()
    created_by = serializers.CharField(source="created_by.shown_name")


class NewDeviceSerializer(DeviceSerializer):
    token = serializers.CharField(help_text="shown once; the studio stores only its hash")


class DeviceRequestSerializer(Base):
    name = LineField(max_length=BOUNDS.device_name)


class LatencySerializer(Base):
    """Microseconds of one inference at batch 1: the median of the repeats, their 10th and 90th percentiles."""

    median = serializers.IntegerField()
    low = serializers.IntegerField()
    high = serializers.IntegerField()
    repeats = serializers.IntegerField()
    warmup = serializers.IntegerField()
    device = serializers.CharField(help_text="description of the machine")
    threads = serializers.IntegerField()
    runtime = serializers.CharField()


class NamedDeviceSerializer(Base):
    id = serializers.CharField()
    name = serializers.CharField()


class MeasurementSerializer(Base):
    id = serializers.CharField()
    device = NamedDeviceSerializer(allow_null=True, help_text="null: a worker of this installation")
    status = serializers.SerializerMethodField()
    latency = LatencySerializer(allow_null=True)
    error = serializers.CharField(allow_null=True)
    created_at = MomentField()
    created_by = serializers.CharField(source="created_by.shown_name")

    @extend_schema_field(serializers.ChoiceField(choices=MeasurementStatus.choices))
    def get_status(self, measurement: Measurement) -> MeasurementStatus:
        return measurements.status_of(measurement)


class MeasurementRequestSerializer(Base):
    device = serializers.CharField(max_length=16, allow_null=True, default=None)


def _devices(request: Request) -> QuerySet[Device]:
    return access.devices(current_user(request)).select_related("created_by", "team").order_by("name", "pk")


class Devices(APIView):
    @extend_schema(responses=DeviceSerializer(many=True), operation_id="devices_list")
    def get(self, request: Request) -> Response:
        """Devices of the person's teams that are not retired."""
        return Response(DeviceSerializer(_devices(request), many=True).data)

    @extend_schema(
        request=DeviceRequestSerializer,
        responses={201: NewDeviceSerializer, 400: ErrorAnswer},
        operation_id="device_create",
    )
    def post(self, request: Request) -> Response:
        """Adds a device. The response has the token for its agent, which is shown only once."""
        data = validated(DeviceRequestSerializer, request.data)
        device, token = devices.create(team_to_write(request), current_user(request), data["name"])
        return Response(DeviceSerializer(device).data | {"token": token}, status=201)


class DeviceOne(APIView):
    @extend_schema(responses={204: None}, operation_id="device_retire")
    def delete(self, request: Request, id: str) -> Response:
        """Retires the device: its token stops working, and its measurements stay."""
        device = get_object_or_404(_devices(request), pk=id)
        require_change(request, device.team)
        devices.retire(device)
        return Response(status=204)


class ArchitectureMeasurements(APIView):
    @extend_schema(responses=MeasurementSerializer(many=True), operation_id="measurements_list")
    def get(self, request: Request, id: str) -> Response:
        """Measurements that the person's teams asked for, newest first."""
        rows = access.measurements(current_user(request)).filter(architecture=get_architecture_or_404(request, id))
        rows = rows.select_related("device", "created_by").prefetch_related("work").order_by("-created_at", "pk")
        return Response(MeasurementSerializer(rows[:MAX_SHOWN], many=True).data)

    @extend_schema(
        request=MeasurementRequestSerializer,
        responses={201: MeasurementSerializer, 400: ErrorAnswer, 409: ErrorAnswer},
        operation_id="measurement_request",
    )
    def post(self, request: Request, id: str) -> Response:
        """Queues a measurement on a device, or (null) on a worker of this installation."""
        architecture = get_architecture_or_404(request, id)
        data = validated(MeasurementRequestSerializer, request.data)
        named = data["device"]
        device = _devices(request).filter(pk=named).first()
        if named is not None and device is None:
            raise InvalidField("device", "The team has no such device. Pick one from the list.")
        team = team_to_write(request, architecture.team or (device.team if device else None))
        if device is not None and device.team != team:
            raise InvalidField("device", "This device belongs to another team. Pick one of the architecture's team.")
        row = measurements.request(architecture, team, current_user(request), device)
        return Response(MeasurementSerializer(row).data, status=201)
