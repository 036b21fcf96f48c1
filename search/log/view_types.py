"""The types of a view of a search, which `search/log/view.py` folds from the log."""

from typing import Any, TypedDict

from search.data.datasets import Metric
from search.log.commands import CommandKind
from search.log.events import Answer, Cause, Parent, Phase, Point, Refused
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
    step: int | None  # at which it was removed
    cause: Cause | None


class ViewEdge(TypedDict):
    id: str
    source: int
    target: int
    state: str  # "active" or "removed"
    locked: bool
    step: int | None  # at which it was removed
    cause: Cause | None
    tests: int
    gap_sum: float
    importance: float | None  # mean of (round's mean score - score without this edge); above 0: worth keeping


class ViewCandidate(TypedDict):
    index: int
    edge: str | None
    label: str | None
    edges: list[str]
    nodes: list[int]
    cost: Cost
    feasible: bool
    why_not: str | None
    latency: Latency | None  # the whole measurement; the cost holds its median
    status: str  # "waiting", "ok", "error", or "skipped" if infeasible
    code: str | None
    quality: float | None
    score: float | None
    curve: list[Point]


class Tested(TypedDict):
    edge: str | None
    label: str | None
    score: float | None
    quality: float | None
    cost: Cost
    feasible: bool


class ViewStep(TypedDict):
    step: int
    phase: Phase
    edge: str | None
    label: str | None
    score: float
    quality: float
    cost: Cost
    fits: bool
    edges: int
    margin: float | None
    gone: list[str]  # removed edges, as of after this step
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
    parent: Parent | None  # null: the search's first branch
    step: int  # decisions made before it opened
    seq: int  # of the event that opened it
    status: str  # "live" or "left"
    by: str | None
    reason: str
    steps: int  # decisions made until now, or until it was left
    edges: int
    cost: Cost
    best_quality: float | None  # among the steps that fit
    history: list[ViewStep]  # its own steps once it is left; the steps of the live branch are in the view


class View(TypedDict):
    v: int
    seq: int
    branch: int
    round: int
    status: str  # "waiting", "running", or an End
    why: str
    task: Task | None
    budget: Budget | None  # the current one; the task holds the initial one
    weight: float | None  # current cost weight of the score
    macro: dict[str, Any] | None
    metric: Metric  # of every quality in the view
    phase: Phase | None
    step: int  # decisions made
    cost: Cost | None
    dense: Cost | None
    smallest: Cost | None
    over: list[Over]
    nodes: list[ViewNode]
    edges: list[ViewEdge]
    candidates: list[ViewCandidate]
    refused: list[Refused]  # draws of the step that broke a limit
    history: list[ViewStep]  # steps that led to the current graph, those of ancestor branches included
    best: Answer | None
    candidate_count: int
    branches: list[ViewBranch]
    log: list[LogLine]
