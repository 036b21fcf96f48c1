"""Searches as they are folded: rounds, events, views, commands, candidates. Only searches.py writes them.

States, payloads and views are the codec's bytes (search/base/serialization.py), never jsonb, which rewrites numbers
and order. JSON columns hold only what nothing is folded from: tasks as shown, costs to sort by.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.data import Dataset
from webapp.models.enums import CommandKind, CommandStatus, RoundStatus, SearchStatus
from webapp.models.ids import public_id
from webapp.models.people import Team, User


class Search(models.Model):
    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="searches")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=120)
    task = models.JSONField()  # as it stands, changed limits included; as it was given, in its first event
    strategy = models.CharField(max_length=40)
    dataset = models.CharField(max_length=80)  # a built-in one's name, or an uploaded one's id
    data = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="searches")  # the uploaded one
    # Where it was forked from
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="forks")
    parent_branch = models.PositiveIntegerField(null=True)
    parent_step = models.PositiveIntegerField(null=True)
    # Of the first worker to come. A CPU search stays with both, or its bytes would not repeat.
    queue = models.CharField(max_length=10, null=True)
    numerics = models.CharField(max_length=200, null=True)
    measured_on = models.CharField(max_length=120, null=True)  # the workers' machine that all its latencies are of
    status = models.CharField(max_length=10, choices=SearchStatus.choices, default=SearchStatus.QUEUED)
    error = models.TextField(null=True)  # why it failed
    paused_because = models.TextField(null=True)  # null when a person paused it
    seq = models.PositiveIntegerField(default=0)  # of its last event
    branch = models.PositiveIntegerField(default=0)  # the newest, which alone runs
    # What rows of a list show, written with the events that say it
    step = models.PositiveIntegerField(default=0)
    edges = models.PositiveIntegerField(null=True)
    cost = models.JSONField(null=True)
    best_quality = models.FloatField(null=True)
    metric = models.CharField(max_length=10, default="accuracy")  # what a quality is: accuracy or perplexity

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "-created_at"]),
            models.Index(fields=["status"], condition=Q(status__in=("queued", "running")), name="search_live"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=SearchStatus.values), name="search_status_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> SearchStatus:
        return SearchStatus(self.status)


class Branch(models.Model):
    """A line of rounds. A search begins with one; a rollback opens the next, from a round of an earlier one."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="branches")
    number = models.PositiveIntegerField()
    parent = models.PositiveIntegerField(null=True)  # number of the branch that it leaves, after `parent_round` rounds
    parent_round = models.PositiveIntegerField(null=True)  # the round of it whose state it begins with
    step = models.PositiveIntegerField(default=0)  # decisions made when it begins
    seq = models.PositiveIntegerField(default=0)  # of its first event
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: the search's beginning
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "number"], name="branch_once")]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.number}"


class Round(models.Model):
    """One `ask`: the state before it, and its work. Never overwritten, so any of them can be gone on from."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="rounds")
    branch = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField()
    step = models.PositiveIntegerField(default=0)  # decisions made before it
    status = models.CharField(max_length=10, choices=RoundStatus.choices, default=RoundStatus.OPEN)
    state_before = models.BinaryField()  # zlib of wire.dumps
    opened_at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["search", "branch", "number"], name="round_once"),
            models.UniqueConstraint(fields=["search"], condition=Q(status="open"), name="round_one_open"),
            models.CheckConstraint(condition=Q(status__in=RoundStatus.values), name="round_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.branch}/{self.number}"


class Event(models.Model):
    search = models.ForeignKey(Search, models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    branch = models.PositiveIntegerField()
    round = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    payload = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "seq"], name="event_seq_once")]

    def __str__(self) -> str:
        return f"{self.search_id} {self.seq} {self.kind}"


class View(models.Model):
    """What a page shows at one seq; a cache of the fold over the events, stored every so many."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="views")
    seq = models.PositiveIntegerField()
    body = models.BinaryField()  # zlib of wire.dumps

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "seq"], name="view_seq_once")]

    def __str__(self) -> str:
        return f"{self.search_id} {self.seq}"


class Command(models.Model):
    search = models.ForeignKey(Search, models.CASCADE, related_name="commands")
    number = models.PositiveIntegerField()  # in its search, from 1: what events call it
    kind = models.CharField(max_length=10, choices=CommandKind.choices)
    edge = models.CharField(max_length=40, null=True)
    node = models.PositiveIntegerField(null=True)
    budget = models.JSONField(null=True)  # of set_budget: all limits, null is none
    weight = models.FloatField(null=True)  # of set_weight
    step = models.PositiveIntegerField(null=True)  # of rollback
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, default="", blank=True)
    status = models.CharField(max_length=10, choices=CommandStatus.choices, default=CommandStatus.PENDING)
    why = models.TextField(default="", blank=True)  # of a refusal
    created_at = models.DateTimeField(db_default=Now())
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["search", "number"], name="command_number_once"),
            models.CheckConstraint(condition=Q(kind__in=CommandKind.values), name="command_kind_known"),
            models.CheckConstraint(condition=Q(status__in=CommandStatus.values), name="command_status_known"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id} {self.number} {self.kind}"


class Candidate(models.Model):
    """One graph that was weighed in a round, as a row: to page through and to filter."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="candidates")
    branch = models.PositiveIntegerField()
    seq = models.PositiveIntegerField()  # of the event that proposed it
    index = models.PositiveIntegerField()
    step = models.PositiveIntegerField()
    edge = models.CharField(max_length=40, null=True)
    cost = models.JSONField()
    feasible = models.BooleanField()
    status = models.CharField(max_length=10, default="waiting")
    quality = models.FloatField(null=True)
    score = models.FloatField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["search", "seq", "index"], name="candidate_once"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.branch}/{self.step}/{self.index}"
