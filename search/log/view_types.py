"""The shape of a view: what a page shows of a search. `search/log/view.py` makes it from the log."""

from typing import Any, TypedDict

from search.data.datasets import Metric
from search.log.commands import CommandKind
from search.log.events import Answer, Cause, Parent, Phase, Point
from search.log.task import Task
from search.network.budget import Budget, Over
from search.network.cost import Cost
from search.network.latency import Latency


class ViewNode(TypedDict):
    id: int
    op: str
    rank: float
    state: str  # "active" or "removed"
    locked: bool
    step: int | None  # of its removal
    cause: Cause | None


class ViewEdge(TypedDict):
    id: str
    source: int
    target: int
    state: str  # "active" or "removed"
    locked: bool
    step: int | None  # of its removal
    cause: Cause | None
    tests: int
    gap_sum: float
    fitness: float | None  # how much worse than the round's mean it is to cut this edge; above 0 is worth keeping


class ViewCandidate(TypedDict):
    index: int
    edge: str | None
    edges: list[str]
    nodes: list[int]
    cost: Cost
    feasible: bool
    why_not: str | None
    latency: Latency | None  # measured, in full; the cost has its median
    status: str  # "waiting", "ok", "error", or "skipped" for an infeasible one
    code: str | None
    quality: float | None
    score: float | None
    curve: list[Point]


class Tested(TypedDict):
    edge: str | None
    score: float | None
    quality: float | None
    cost: Cost
    feasible: bool


class ViewStep(TypedDict):
    step: int
    phase: Phase
    edge: str
    score: float
    quality: float
    cost: Cost
    fits: bool
    edges: int
    margin: float | None
    gone: list[str]  # edges that are not in the graph after it
    tested: list[Tested]


class LogLine(TypedDict):
    seq: int
    at: str
    kind: str
    step: int | None
    edge: str | None
    node: int | None
    budget: Budget | None
    weight: float | None
    cause: Cause | None
    command: CommandKind | None
    by: str | None
    reason: str | None
    why: str | None
    score: float | None


class ViewBranch(TypedDict):
    branch: int
    parent: Parent | None  # null: the search's first line
    step: int  # decisions that stood when it opened
    seq: int  # of its opening
    status: str  # "live" or "left"
    by: str | None
    reason: str
    steps: int  # decisions made by now, or when it was left
    edges: int
    cost: Cost
    best_quality: float | None  # of the steps that fitted
    history: list[ViewStep]  # its own steps, once it is left; those of the live one are the view's


class View(TypedDict):
    v: int
    seq: int
    branch: int
    round: int
    status: str  # "waiting", "running", or how it ended
    why: str
    task: Task | None
    budget: Budget | None  # what holds now; the task says what held at the beginning
    weight: float | None  # of cost in a score, now
    macro: dict[str, Any] | None
    metric: Metric  # what every quality is
    phase: Phase | None
    step: int  # decisions made
    cost: Cost | None
    dense: Cost | None
    smallest: Cost | None
    over: list[Over]
    nodes: list[ViewNode]
    edges: list[ViewEdge]
    candidates: list[ViewCandidate]
    history: list[ViewStep]  # steps that led here, those of branches that this one comes from included
    best: Answer | None
    candidate_count: int
    branches: list[ViewBranch]
    log: list[LogLine]
