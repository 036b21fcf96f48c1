"""The events of a search: one frozen dataclass per kind, and the table of kinds.

The log holds exactly what a strategy emits, in order, numbered without gaps. The same dict is a line of events.jsonl,
a row of the database, a REST response and a socket message: {v, seq, branch, round, kind, at, payload}.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

from search.base import serialization
from search.data.datasets import Metric
from search.log.commands import Command, CommandKind
from search.log.task import Task
from search.network.budget import Budget, Over
from search.network.cost import Cost
from search.network.latency import Latency

VERSION = 1

RefusedBy = Literal["params", "macs", "peak_memory", "latency", "rules"]  # a limit, or a rule such as a lock
Cause = Literal["search", "person", "collapse"]
Phase = Literal["descent", "choice", "answer"]
End = Literal["finished", "stopped", "cancelled"]


class Point(NamedTuple):
    """One epoch of a training curve."""

    epoch: int
    train_loss: float
    val_loss: float
    val_accuracy: float | None = None  # of images; a language model's perplexity is exp(val_loss)


MOST_POINTS = 100  # of a curve in an event: about 11 KB, where an event may have 16 KB


def curve_of(points: Sequence[serialization.Json]) -> tuple[Point, ...]:
    """A training curve for an event: all its points, or MOST_POINTS of them, evenly spaced from first to last."""
    last = len(points) - 1
    if last >= MOST_POINTS:
        points = [points[i * last // (MOST_POINTS - 1)] for i in range(MOST_POINTS)]
    return tuple(Point(**point) for point in points)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A graph that a round measures: the current graph without one edge (edge), unchanged (neither), or another one.

    `edges` and `nodes` are what it lacks of the current graph: also parts that nothing reaches any more.
    """

    index: int
    edge: str | None
    label: str | None  # what another graph is, in words
    edges: tuple[str, ...]
    nodes: tuple[int, ...]
    cost: Cost
    feasible: bool  # an infeasible candidate is shown but never trained
    why_not: str | None


@dataclass(frozen=True, slots=True)
class Measured:
    """Where in the log of its search a candidate was measured: `index` is that of its candidate_scored event."""

    branch: int
    round: int
    index: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The best graph that fits and was trained."""

    graph: serialization.Json  # search.network.graph.Graph
    hash: str
    cost: Cost
    quality: float
    score: float
    step: int
    edge: str | None
    measured: Measured | None  # None: in the search that this one is a fork of


@dataclass(frozen=True, slots=True)
class SearchStarted:
    task: Task
    macro: serialization.Json  # search.network.macro.Macro
    graph: serialization.Json  # search.network.graph.Graph, dense
    cost: Cost
    smallest: Cost
    over: tuple[Over, ...]
    metric: Metric  # of every quality in this search


@dataclass(frozen=True, slots=True)
class Refused:
    """How many draws of a round broke this limit, or another rule. They were drawn again and never evaluated."""

    limit: RefusedBy
    count: int


@dataclass(frozen=True, slots=True)
class CandidatesProposed:
    step: int
    phase: Phase
    candidates: tuple[Candidate, ...]
    refused: tuple[Refused, ...]
    cost: Cost  # of the graph that the candidates are cut from, people's edits included
    over: tuple[Over, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """The measured latency of a candidate, and whether the candidate is still feasible."""

    index: int
    latency: Latency | None  # None: it could not be measured; `code` says why
    code: str | None
    feasible: bool
    why_not: str | None


@dataclass(frozen=True, slots=True)
class CandidatesTimed:
    """The latencies of a round. Candidates over the limit are not trained."""

    step: int
    phase: Phase  # may differ from the phase of candidates_proposed, which knew fewer latencies
    timed: tuple[Timed, ...]
    present: Latency | None  # of the graph that the candidates are cut from
    smallest: Latency | None  # of the smallest reachable graph; None: not measured
    over: tuple[Over, ...]  # limits broken by the graph that the candidates are cut from


@dataclass(frozen=True, slots=True)
class CandidateScored:
    step: int
    index: int
    edge: str | None
    status: Literal["ok", "error"]
    code: str | None
    quality: float | None
    score: float | None
    curve: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class EdgeRemoved:
    edge: str
    source: int
    target: int
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class EdgeAdded:
    edge: str
    source: int
    target: int
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class NodeRemoved:
    node: int
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class NodeAdded:
    node: int
    op: str
    rank: float
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class OpChanged:
    node: int
    op: str
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class NodeWidened:
    node: int
    width: int
    step: int
    cause: Cause


@dataclass(frozen=True, slots=True)
class StepDecided:
    step: int
    phase: Phase
    edge: str | None  # that was cut; None: another change
    label: str | None  # what the other change is, in words
    score: float
    quality: float
    cost: Cost  # of the graph after it
    over: tuple[Over, ...]
    fits: bool
    edges: int
    margin: float | None  # score ahead of the second best; None: nothing else was scored


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
class BranchEdge:
    id: str
    state: Literal["active", "removed"]
    step: int | None
    cause: Cause | None
    locked: bool


@dataclass(frozen=True, slots=True)
class BranchNode:
    id: int
    op: str
    rank: float
    state: Literal["active", "removed"]
    step: int | None
    cause: Cause | None
    locked: bool


@dataclass(frozen=True, slots=True)
class BranchBest:
    """The answer so far, without its graph to keep the event small."""

    hash: str
    cost: Cost
    quality: float
    score: float
    step: int
    edge: str | None


@dataclass(frozen=True, slots=True)
class BranchOpened:
    """The start of a new branch, with the whole state: a reader needs no earlier event."""

    branch: int
    parent: Parent
    step: int  # decisions made before it
    by: str
    reason: str
    phase: Phase
    edges: tuple[BranchEdge, ...]
    nodes: tuple[BranchNode, ...]
    cost: Cost
    over: tuple[Over, ...]
    budget: Budget
    weight: float
    best: BranchBest | None


@dataclass(frozen=True, slots=True)
class SearchFinished:
    status: End
    why: str
    steps: int
    candidates: int
    best: Answer | None


KINDS: dict[str, type] = {
    "search_started": SearchStarted,
    "candidates_proposed": CandidatesProposed,
    "candidates_timed": CandidatesTimed,
    "candidate_scored": CandidateScored,
    "edge_removed": EdgeRemoved,
    "edge_added": EdgeAdded,
    "node_removed": NodeRemoved,
    "node_added": NodeAdded,
    "op_changed": OpChanged,
    "node_widened": NodeWidened,
    "step_decided": StepDecided,
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
