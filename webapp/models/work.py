"""Work items and workers. Owners create items; after that only leases.py and outcomes.py in webapp/scheduling/ write
them, with few exceptions (pause, resume, stop and withdrawal by the owner)."""

from functools import reduce
from operator import or_
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.catalog import Score, TrainedModel
from webapp.models.data import Upload
from webapp.models.device import Device, Measurement
from webapp.models.enums import WorkStatus
from webapp.models.people import Team
from webapp.models.search import Probe, Round, Search

OWNERS = ("round", "model", "upload", "measurement", "probe", "score")  # columns of Work, of which one is set
ONE_OWNER = reduce(or_, (Q(**{f"{name}__isnull": name != owner for name in OWNERS}) for owner in OWNERS))


class Work(models.Model):
    """One item: of a round, of a model that is trained or exported, of an upload that is read, of a measurement, of a
    probe or of a score."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    round = models.ForeignKey(Round, models.CASCADE, null=True, related_name="work")
    model = models.ForeignKey(TrainedModel, models.CASCADE, null=True, related_name="work")
    upload = models.ForeignKey(Upload, models.CASCADE, null=True, related_name="work")
    measurement = models.ForeignKey(Measurement, models.CASCADE, null=True, related_name="work")
    probe = models.ForeignKey(Probe, models.CASCADE, null=True, related_name="work")
    score = models.ForeignKey(Score, models.CASCADE, null=True, related_name="work")
    device = models.ForeignKey(Device, models.PROTECT, null=True, related_name="work")  # null: workers do it
    index = models.PositiveIntegerField(default=0)
    about = models.JSONField(default=list)  # numbers of the candidates of the round's branch that it is about
    kind = models.CharField(max_length=20)  # of webapp.models.kinds.KINDS
    key = models.CharField(max_length=64)  # equal for equal payloads; numerics are not part of it
    payload = models.BinaryField()
    needs = models.CharField(max_length=10, null=True)  # queue of the workers that may do it; null: of all
    status = models.CharField(max_length=10, choices=WorkStatus.choices, default=WorkStatus.QUEUED)
    numerics = models.CharField(max_length=200, null=True)  # of the worker that did it
    outcome = models.BinaryField(null=True)
    failed = models.BooleanField(default=False)  # it raised too often or lost its workers; a result may be an error too
    reused = models.BooleanField(default=False)  # its outcome is a copy of an equal item's
    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=120, null=True)
    tries = models.PositiveSmallIntegerField(default=0)  # how often `execute` raised
    lost_leases = models.PositiveSmallIntegerField(default=0)  # how often its lease ran out
    telemetry = models.JSONField(default=dict)  # the latest report, such as the curve so far
    last_error = models.TextField(null=True)  # message of the last try; the outcome holds its code
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(status="queued"), name="work_queued"),
            models.Index(fields=["lease_until"], condition=Q(status="leased"), name="work_leased"),
            models.Index(fields=["team", "key"], condition=Q(status="done"), name="work_outcomes"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["round", "index"], name="work_place_once"),
            models.CheckConstraint(condition=Q(status__in=WorkStatus.values), name="work_status_known"),
            models.CheckConstraint(
                condition=ONE_OWNER,
                name="work_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(status="leased", token__isnull=False, lease_until__isnull=False)
                | (~Q(status="leased") & Q(token__isnull=True, lease_until__isnull=True)),
                name="work_leased_has_token",
            ),
            models.CheckConstraint(
                condition=Q(status="done", outcome__isnull=False) | (~Q(status="done") & Q(outcome__isnull=True)),
                name="work_done_has_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Placement(models.Model):
    """Where the items of one kind in a search are done: where its first was. placements.py alone writes it."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="placements")
    kind = models.CharField(max_length=20)
    queue = models.CharField(max_length=10, default="", blank=True)
    numerics = models.CharField(max_length=200, default="", blank=True)
    machine = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "kind"], name="placement_once")]

    def __str__(self) -> str:
        return f"{self.search_id} {self.kind}"


class Worker(models.Model):
    """A worker process and when it was last seen (webapp/scheduling/presence.py)."""

    name = models.CharField(max_length=120, primary_key=True)
    queue = models.CharField(max_length=10)
    numerics = models.CharField(max_length=200)
    machine = models.CharField(max_length=120, default="", blank=True)
    seen_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
