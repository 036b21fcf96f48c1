"""The catalog: architectures, their scores, and models trained from them. Only webapp/catalog/ writes them, except what
all entries have in common."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.data import Dataset
from webapp.models.entry import Entry
from webapp.models.enums import ArchitectureKind, ModelStatus, ScoreStatus
from webapp.models.ids import public_id
from webapp.models.people import Team, User
from webapp.models.search import Search


class Architecture(Entry):
    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(
        Team, models.CASCADE, null=True, related_name="architectures"
    )  # null: published, for all teams
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: published, or unknown
    kind = models.CharField(max_length=10, choices=ArchitectureKind.choices)
    name = models.CharField(max_length=120)
    source = models.TextField()
    strategy = models.CharField(max_length=40)
    dataset = models.CharField(max_length=80, null=True)
    graph = models.JSONField()  # holds only integers and text, which jsonb does not change
    macro = models.JSONField()
    hash = models.CharField(max_length=64)
    nodes = models.PositiveIntegerField()
    edges = models.PositiveIntegerField()
    cost = models.JSONField()
    bytes_per_element = models.PositiveSmallIntegerField(default=4)  # at which its peak memory is counted
    params = models.BigIntegerField()  # from `cost`, to sort by
    macs = models.BigIntegerField()
    val_accuracy = models.FloatField(null=True)
    val_perplexity = models.FloatField(null=True)  # of a language model, instead of the accuracy
    published_accuracy = models.FloatField(null=True)
    published_perplexity = models.FloatField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    search = models.ForeignKey(Search, models.SET_NULL, null=True, related_name="architectures")
    lineage = models.JSONField(null=True)  # branch, round, step and seq in its search
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="scaled")  # has the same cell
    budget = models.JSONField(null=True)  # of a scaled one: what it was scaled to

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "-created_at"]),
            models.Index(fields=["hash"], name="architecture_hash"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(team__isnull=True), name="architecture_published_once"
            ),
            models.UniqueConstraint(fields=["search", "hash"], name="architecture_once_a_search"),
            models.CheckConstraint(condition=Q(kind__in=ArchitectureKind.values), name="architecture_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class TrainedModel(Entry):
    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="models")
    architecture = models.ForeignKey(Architecture, models.CASCADE, related_name="models")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=120)
    dataset = models.CharField(max_length=80)  # name of a built-in one, or id of an uploaded one
    data = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="models")  # the uploaded one
    seed = models.PositiveIntegerField(default=0)
    recipe = models.JSONField()
    status = models.CharField(max_length=10, choices=ModelStatus.choices, default=ModelStatus.QUEUED)
    curve = models.JSONField(default=list)
    best_epoch = models.PositiveIntegerField(null=True)
    val_accuracy = models.FloatField(null=True)
    test_accuracy = models.FloatField(null=True)
    val_perplexity = models.FloatField(null=True)
    test_perplexity = models.FloatField(null=True)
    error = models.TextField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=ModelStatus.values), name="model_status_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> ModelStatus:
        return ModelStatus(self.status)


class Score(models.Model):
    """The score of an architecture that was not trained, by one proxy, on the images that it was given."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="scores")
    architecture = models.ForeignKey(Architecture, models.CASCADE, related_name="scores")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())  # when it was asked for
    proxy = models.CharField(max_length=40)  # of search.evaluation.proxies.PROXIES
    dataset = models.CharField(max_length=80)  # name of a built-in one, or id of an uploaded one
    data = models.ForeignKey(Dataset, models.CASCADE, null=True, related_name="scores")  # the uploaded one
    split = models.CharField(max_length=64)
    # The images that the network is given, as `Batches` has them. All are 0 for a proxy that is given none.
    batch_size = models.PositiveIntegerField()
    batches = models.PositiveIntegerField()
    side = models.PositiveIntegerField()
    seed = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=ScoreStatus.choices, default=ScoreStatus.WAITING)
    value = models.FloatField(null=True)
    code = models.CharField(max_length=40, null=True)  # of why there is no value
    error = models.TextField(null=True)  # the same for people
    seconds = models.FloatField(null=True)  # that it took

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=[
                    *("architecture", "team", "proxy", "dataset", "split"),
                    *("batch_size", "batches", "side", "seed"),
                ],
                name="score_once",
            ),
            models.CheckConstraint(condition=Q(status__in=ScoreStatus.values), name="score_status_known"),
            models.CheckConstraint(
                condition=Q(status="waiting", value=None, code=None)
                | Q(status="done", value__isnull=False, code=None)
                | Q(status="failed", value=None, code__isnull=False),
                name="score_has_value_or_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.architecture_id} by {self.proxy}"
