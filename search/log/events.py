"""The events of a search: one frozen dataclass per kind, and the table of kinds.

The log holds exactly what a strategy emits, in order, numbered without gaps. The same dict is a line of events.jsonl,
a row of the database, a REST response and a socket message: {v, seq, branch, round, kind, at, payload}.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from search.base import serialization
from search.evaluation.objective import QualityMetric
from search.log.commands import Command, CommandKind
from search.log.task import Task
from search.network.budget import Budget, Over
from search.network.cost import Cost
from search.network.edits import Edits
from search.network.latency import Latency

VERSION = 2

RefusedBy = Literal["params", "macs", "peak_memory", "latency", "rules"]  # a limit, or a rule such as a lock
Cause = Literal["search", "person", "collapse"]
Phase = Literal["descent", "choice", "answer"]
End = Literal["finished", "stopped", "cancelled"]
SHOWN = 20  # candidates in one event; the table of candidates holds all of them


class Point(NamedTuple):
    """One epoch of a training curve."""

    epoch: int
    train_loss: float
    val_loss: float
    val_accuracy: float | None = None  # of images; a language model's perplexity is exp(val_loss)


MOST_POINTS = 100  # of a curve in the table of candidates


def curve_of(points: Sequence[serialization.Json]) -> tuple[Point, ...]:
    """All points of a training curve, or MOST_POINTS of them, evenly spaced from first to last."""
    last = len(points) - 1
    if last >= MOST_POINTS:
        points = [points[i * last // (MOST_POINTS - 1)] for i in range(MOST_POINTS)]
    return tuple(Point(**point) for point in points)


@dataclass(frozen=True, slots=True)
class ObjectiveOf:
    """One of the values that a search improves. How much a cost counts in the score is its weight, which may be 0."""

    name: str  # the metric, or a cost
    direction: Literal["max", "min"]


@dataclass(frozen=True, slots=True)
class Ends:
    """The costs of the two ends of the search space, as far as they are known."""

    smallest: Cost | None
    largest: Cost | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Where in the log of its search a candidate was measured."""

    branch: int
    round: int
    candidate: int  # its id


@dataclass(frozen=True, slots=True)
class Answer:
    """The best graph that fits and was evaluated."""

    graph: serialization.Json  # rows, search.network.graph.Graph.to_rows
    hash: str
    cost: Cost
    quality: float
    score: float
    step: int
    measured: Measured | None  # None: in the search that this one is a fork of
    metric: QualityMetric  # of its quality: that of candidates, or of a trained finalist
    values: tuple[float, ...] = ()  # by each proxy, where the search combines several

    @property
    def as_best(self) -> "Best":
        return Best(self.hash, self.cost, self.quality, self.score, self.step, self.measured, self.metric)


@dataclass(frozen=True, slots=True)
class Best:
    """The best graph so far, without the graph itself: a search may change it often, and graphs may be large."""

    hash: str
    cost: Cost
    quality: float
    score: float
    step: int
    measured: Measured | None
    metric: QualityMetric


@dataclass(frozen=True, slots=True)
class SearchStarted:
    task: Task
    macro: serialization.Json  # search.network.macro.Macro
    graph: serialization.Json  # rows of the start graph
    cost: Cost  # of the start graph
    ends: Ends
    over: tuple[Over, ...]
    metric: QualityMetric  # of the quality of every candidate but the finalists, which are trained
    objectives: tuple[ObjectiveOf, ...]


@dataclass(frozen=True, slots=True)
class RemovedEdge:
    """When and why an edge was removed."""

    id: str
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class RemovedNode:
    id: int
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tested removals of an edge say about it."""

    edge: str
    tests: int
    importance: float  # mean of (mean score of the round - score without this edge); above 0: worth keeping


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that a reader needs to continue from here: no earlier event, and no candidate, since none is open."""

    task: Task
    macro: serialization.Json  # search.network.macro.Macro
    metric: QualityMetric
    objectives: tuple[ObjectiveOf, ...]
    start: Cost  # of the start graph
    ends: Ends
    status: Literal["running", "finished", "stopped", "cancelled"]
    why: str  # it ended
    step: int  # decisions made
    phase: Phase | None  # None: nothing was proposed yet
    graph: serialization.Json  # rows of all parts, the removed ones included
    removed: tuple[RemovedEdge, ...]
    removed_nodes: tuple[RemovedNode, ...]
    locked: tuple[str, ...]
    locked_nodes: tuple[int, ...]
    evidence: tuple[Evidence, ...]  # of the edges whose removal was tested
    cost: Cost  # of the current graph
    over: tuple[Over, ...]
    budget: Budget
    weight: float  # of cost in the score
    trained: int  # candidates so far
    best: Best | None  # so far
    answer: Answer | None  # of a search that has ended


@dataclass(frozen=True, slots=True)
class Refused:
    """How many draws of a round broke this limit, or another rule. They were drawn again and never evaluated."""

    limit: RefusedBy
    count: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A graph that a round considers. `edits` are against the graph of the step; none of them: the graph itself."""

    id: int  # from 0, in the order of proposals; a branch goes on from where its state was
    edits: Edits
    # ids of the candidates that it descends from, in a population: of this branch, or of the one that it opened from
    parents: tuple[int, ...]
    hash: str
    label: str | None  # what it is, in words, where it is not the removal of one edge
    cost: Cost
    feasible: bool  # an infeasible candidate is shown but never trained
    why_not: str | None


@dataclass(frozen=True, slots=True)
class CandidatesProposed:
    step: int
    phase: Phase
    count: int
    feasible: int  # how many of them
    shown: tuple[Candidate, ...]  # at most SHOWN
    refused: tuple[Refused, ...]
    cost: Cost  # of the graph that the edits are against, people's edits included
    over: tuple[Over, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """The measured latency of a candidate, and whether the candidate is still feasible."""

    id: int
    latency: Latency | None  # None: it could not be measured; `code` says why
    code: str | None
    feasible: bool
    why_not: str | None


@dataclass(frozen=True, slots=True)
class CandidatesTimed:
    """The latencies of a round. Candidates over the limit are not trained."""

    step: int
    phase: Phase  # may differ from the phase of candidates_proposed, which knew fewer latencies
    feasible: int
    shown: tuple[Timed, ...]  # of the candidates that candidates_proposed shows
    present: Latency | None  # of the graph that the edits are against
    smallest: Latency | None  # of the smallest reachable graph; None: not measured
    over: tuple[Over, ...]  # limits broken by the graph that the edits are against


@dataclass(frozen=True, slots=True)
class Scored:
    """The result of a candidate. Its training curve is in the table of candidates."""

    id: int
    status: Literal["ok", "error"]
    code: str | None
    quality: float | None
    score: float | None


@dataclass(frozen=True, slots=True)
class CandidatesMeasured:
    """The results of a round."""

    step: int
    ok: int
    failed: int
    shown: tuple[Scored, ...]  # of the candidates that candidates_proposed shows


@dataclass(frozen=True, slots=True)
class EvidenceUpdated:
    """What a round says about the edges whose removal it tested."""

    edges: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class GraphEdited:
    """One change of the current graph. A decision of the search follows its step_decided."""

    step: int
    cause: Literal["search", "person"]
    edits: Edits
    cost: Cost  # of the graph after it
    over: tuple[Over, ...]


@dataclass(frozen=True, slots=True)
class StepDecided:
    step: int
    phase: Phase
    candidate: int | None  # id of the winner; None: the graph stays as it is
    label: str | None  # what the change is, in words, where it is not the removal of one edge
    edits: Edits
    score: float
    quality: float
    cost: Cost  # of the graph after it
    over: tuple[Over, ...]
    fits: bool
    edges: int
    margin: float | None  # score ahead of the second best; None: nothing else was scored


@dataclass(frozen=True, slots=True)
class AnswerChanged:
    """The best graph so far; None: a command has ruled out what was the best."""

    best: Best | None


@dataclass(frozen=True, slots=True)
class EdgeLocked:
    edge: str


@dataclass(frozen=True, slots=True)
class EdgeUnlocked:
    edge: str


@dataclass(frozen=True, slots=True)
class NodeLocked:
    node: int


@dataclass(frozen=True, slots=True)
class NodeUnlocked:
    node: int


@dataclass(frozen=True, slots=True)
class BudgetChanged:
    budget: Budget
    cost: Cost  # of the current graph: without its latency, where that was of another device
    over: tuple[Over, ...]  # limits of the new budget that the current graph breaks
    fits: bool


@dataclass(frozen=True, slots=True)
class WeightChanged:
    weight: float


@dataclass(frozen=True, slots=True)
class CommandApplied:
    command: int
    kind: CommandKind
    edge: str | None
    node: int | None
    budget: Budget | None
    weight: float | None
    step: int | None
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class CommandRefused:
    command: int
    kind: CommandKind
    edge: str | None
    node: int | None
    budget: Budget | None
    weight: float | None
    step: int | None
    by: str
    reason: str
    why: str


def command_applied(command: Command) -> CommandApplied:
    return CommandApplied(**_command_fields(command))


def command_refused(command: Command, why: str) -> CommandRefused:
    return CommandRefused(**_command_fields(command), why=why)


def _command_fields(command: Command) -> dict[str, Any]:
    return {f.name: getattr(command, f.name) for f in fields(command) if f.name != "id"} | {"command": command.id}


@dataclass(frozen=True, slots=True)
class Parent:
    """Where a branch starts: the state before this round of this branch."""

    search: str | None  # id of another search, if the branch is a fork; None: the same search
    branch: int
    round: int


@dataclass(frozen=True, slots=True)
class BranchOpened:
    """The start of a new branch."""

    branch: int
    parent: Parent
    by: str
    reason: str
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class SearchFinished:
    status: End
    why: str
    steps: int
    candidates: int
    best: Answer | None


KINDS: dict[str, type] = {
    "search_started": SearchStarted,
    "snapshot": Snapshot,
    "candidates_proposed": CandidatesProposed,
    "candidates_timed": CandidatesTimed,
    "candidates_measured": CandidatesMeasured,
    "evidence_updated": EvidenceUpdated,
    "step_decided": StepDecided,
    "graph_edited": GraphEdited,
    "answer_changed": AnswerChanged,
    "edge_locked": EdgeLocked,
    "edge_unlocked": EdgeUnlocked,
    "node_locked": NodeLocked,
    "node_unlocked": NodeUnlocked,
    "budget_changed": BudgetChanged,
    "weight_changed": WeightChanged,
    "command_applied": CommandApplied,
    "command_refused": CommandRefused,
    "branch_opened": BranchOpened,
    "search_finished": SearchFinished,
}
#: Kinds that need no earlier event: a reader may start at any of them.
SELF_CONTAINED = ("search_started", "snapshot", "branch_opened")
#: Kinds that hold a whole graph, which `most_bytes` allows more than others.
LARGE_KINDS = (*SELF_CONTAINED, "search_finished")


def most_bytes(kind: str) -> int:
    """Of the canonical JSON of a payload of this kind."""
    return 65_536 if kind in LARGE_KINDS else 16_384


_KIND_OF = {cls: kind for kind, cls in KINDS.items()}


class Emitted(NamedTuple):
    """An event as a strategy emits it, before the log adds its number and time."""

    kind: str
    payload: serialization.Json


def emit(payload: object) -> Emitted:
    """The event whose payload is an instance of one of the dataclasses above."""
    return Emitted(_KIND_OF[type(payload)], serialization.to_jsonable(payload))


def stamp(emitted: Emitted, *, seq: int, branch: int, round: int, at: str) -> serialization.Json:
    """The event as the log holds it. `at` is ISO 8601 in UTC, and is all that differs between two equal runs."""
    return {
        "v": VERSION,
        "seq": seq,
        "branch": branch,
        "round": round,
        "kind": emitted.kind,
        "at": at,
        "payload": emitted.payload,
    }
