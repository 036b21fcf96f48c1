"""Machines that only measure latency, and measurements. Only webapp/devices/ writes them."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.catalog import Architecture
from webapp.models.enums import MeasurementStatus
from webapp.models.ids import public_id
from webapp.models.people import Team, User


class Device(models.Model):
    """A machine whose agent may measure for this team, and do nothing else."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="devices")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256; the token itself is not stored
    about = models.JSONField(default=dict)  # from its agent: processor, system, runtime, threads
    seen_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)  # since then its token is invalid; its latencies stay

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["team", "name"], condition=Q(retired_at__isnull=True), name="device_once_a_team"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Measurement(models.Model):
    """The latency of an architecture, on a device, or on a worker's machine where `device` is null."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="measurements")
    architecture = models.ForeignKey(Architecture, models.CASCADE, related_name="measurements")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="measurements")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    status = models.CharField(max_length=10, choices=MeasurementStatus.choices, default=MeasurementStatus.QUEUED)
    latency = models.JSONField(null=True)  # search.network.latency.Latency, when done
    error = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["architecture", "-created_at"])]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=MeasurementStatus.values), name="measurement_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.architecture_id} on {self.device_id or 'a worker'}"
