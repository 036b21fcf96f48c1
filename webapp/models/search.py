"""Searches: their rounds, events, commands and candidates. Only webapp/searches/ writes them.

States and payloads are stored as bytes of the codec (search/base/serialization.py), since jsonb rewrites numbers and
changes the order of keys. JSON columns hold only data that is shown or sorted by, such as tasks and costs.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from webapp.models.data import Dataset
from webapp.models.entry import Entry
from webapp.models.enums import CommandKind, CommandStatus, RoundStatus, SearchStatus
from webapp.models.ids import public_id
from webapp.models.people import Team, User


class SearchManager(models.Manager["Search"]):
    """Leaves out `summary`, which may have 64 KB and which hardly any reader needs."""

    def get_queryset(self) -> models.QuerySet["Search"]:
        return super().get_queryset().defer("summary")


class Search(Entry):
    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="searches")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    name = models.CharField(max_length=120)
    task = models.JSONField()  # with the current limits; the original task is in the first event
    strategy = models.CharField(max_length=40)
    dataset = models.CharField(max_length=80)  # name of a built-in one, or id of an uploaded one
    data = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="searches")  # the uploaded one
    task_hash = models.CharField(max_length=64, null=True)  # of the task that it was launched with; null: a fork
    group = models.CharField(max_length=16, null=True)  # of searches that were launched together, with other seeds
    launch_key = models.CharField(max_length=40, null=True)  # with which it was launched, so that it is launched once
    # Origin of a fork
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="forks")
    parent_branch = models.PositiveIntegerField(null=True)
    parent_step = models.PositiveIntegerField(null=True)
    forks_made = models.PositiveIntegerField(default=0)  # those that were deleted too
    status = models.CharField(max_length=10, choices=SearchStatus.choices, default=SearchStatus.QUEUED)
    error = models.TextField(null=True)  # why it failed
    pause_reason = models.TextField(null=True)  # null when a person paused it
    seq = models.PositiveIntegerField(default=0)  # of its last event
    branch = models.PositiveIntegerField(default=0)  # the newest, which alone runs
    summary = models.JSONField(null=True)  # search.log.events.Snapshot after the last turn; null before the first
    # Columns for lists, from the summary (webapp/searches/columns.py)
    step = models.PositiveIntegerField(default=0)
    edges = models.PositiveIntegerField(null=True)
    cost = models.JSONField(null=True)
    best_quality = models.FloatField(null=True)
    metric = models.CharField(max_length=10, default="accuracy")  # what a quality is: accuracy, perplexity or proxy

    objects = SearchManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["team", "-created_at"]),
            models.Index(fields=["status"], condition=Q(status__in=("queued", "running")), name="search_live"),
            models.Index(fields=["team", "task_hash"], name="search_task"),
            models.Index(fields=["group"], condition=Q(group__isnull=False), name="search_group"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(status__in=SearchStatus.values), name="search_status_known"),
            models.UniqueConstraint(fields=["created_by", "launch_key"], name="search_launched_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> SearchStatus:
        return SearchStatus(self.status)


class SearchDraft(models.Model):
    """A search that a person has not launched yet: what they typed, valid or not. Only searches/drafts.py writes it."""

    id = models.CharField(primary_key=True, max_length=16, default=public_id, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="drafts")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    draft = models.JSONField()
    version = models.PositiveIntegerField(default=1)  # one more with each change
    updated_at = models.DateTimeField(db_default=Now())
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: never changed

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "-updated_at"], name="draft_of_team")]

    def __str__(self) -> str:
        return self.name


class Probe(models.Model):
    """A short measurement of how long trainings of a task take, for an estimate. Only searches/probes.py writes it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="probes")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    subject = models.CharField(max_length=64)  # hash of space, evaluator and data: equal for tasks that train alike
    macs = models.JSONField()  # of the graphs that its items train
    seconds = models.JSONField(null=True)  # that each took for one image or token; null until done
    numerics = models.CharField(max_length=200, null=True)  # of the worker
    error = models.TextField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["subject", "-created_at"], name="probe_subject")]

    def __str__(self) -> str:
        return f"probe {self.pk}"


class Branch(models.Model):
    """A sequence of rounds. A search starts with one; a rollback opens the next one, from a round of an earlier one."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="branches")
    number = models.PositiveIntegerField()
    parent = models.PositiveIntegerField(null=True)  # number of the branch that it starts from
    parent_round = models.PositiveIntegerField(null=True)  # the parent's round whose state it starts with
    step = models.PositiveIntegerField(default=0)  # decisions made before it
    seq = models.PositiveIntegerField(default=0)  # of its first event
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: the first branch
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["search", "number"], name="branch_once")]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.number}"


class Round(models.Model):
    """One `ask` of the strategy: the state before it, and its work. Kept for good, so a branch can start from it."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="rounds")
    branch = models.PositiveIntegerField(default=0)
    number = models.PositiveIntegerField()
    step = models.PositiveIntegerField(default=0)  # decisions made before it
    status = models.CharField(max_length=10, choices=RoundStatus.choices, default=RoundStatus.OPEN)
    state_before = models.BinaryField()  # serialization.dumps, compressed with zlib
    opened_at = models.DateTimeField(db_default=Now())
    served_at = models.DateTimeField(db_default=Now())  # when an item was last handed out; at first, when it opened
    closed_at = models.DateTimeField(null=True)

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


class Command(models.Model):
    search = models.ForeignKey(Search, models.CASCADE, related_name="commands")
    number = models.PositiveIntegerField()  # from 1, within the search; its id in events
    kind = models.CharField(max_length=10, choices=CommandKind.choices)
    edge = models.CharField(max_length=40, null=True)
    node = models.PositiveIntegerField(null=True)
    budget = models.JSONField(null=True)  # of set_budget: all limits; a null limit is no limit
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
    """One graph that a round considered, to page through and filter: search.log.candidates.CandidateRow."""

    search = models.ForeignKey(Search, models.CASCADE, related_name="candidates")
    branch = models.PositiveIntegerField()
    number = models.PositiveIntegerField()  # from 0, within the branch; its id in events
    seq = models.PositiveIntegerField()  # of the last event of the turn that last changed the row
    step = models.PositiveIntegerField()
    phase = models.CharField(max_length=40)
    edits = models.JSONField()  # against the graph of the step
    parents = models.JSONField()  # ids of the candidates that it descends from
    hash = models.CharField(max_length=64)
    label = models.TextField(null=True)  # what it is, where it is not the removal of one edge
    cost = models.JSONField()
    # From `cost`, to sort by. Peak memory is in bytes, in the order of execution; latency in microseconds.
    params = models.BigIntegerField()
    macs = models.BigIntegerField()
    peak_memory = models.BigIntegerField()
    latency = models.BigIntegerField(null=True)
    feasible = models.BooleanField()
    why_not = models.TextField(null=True)
    status = models.CharField(max_length=10)  # of search.log.candidates.Status
    code = models.TextField(null=True)  # of an error
    quality = models.FloatField(null=True)
    score = models.FloatField(null=True)
    curve = models.JSONField(default=list)  # at most search.log.events.MOST_POINTS

    class Meta:
        indexes: ClassVar = [models.Index(fields=["search", "seq"], name="candidate_seq")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["search", "branch", "number"], name="candidate_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.search_id}/{self.branch}/{self.number}"
