"""The interface of a search strategy: a fold of pure functions over plain JSON.

The state is all that a search remembers. Pausing, resuming after a crash, forking, replaying and spreading a search
over many machines are therefore all the same operation: store the state, and continue from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

from search.base import serialization
from search.evaluation import base as evaluation
from search.log.candidates import CandidateRow
from search.log.commands import Command
from search.log.events import Emitted, End, Phase, Snapshot
from search.log.task import Task
from search.network.budget import Over
from search.network.cost import Cost
from search.network.graph import Graph
from search.spaces.base import Move

State = serialization.Json
Outcome = evaluation.Outcome
Work = evaluation.Work


class Transition(NamedTuple):
    """What one call of a strategy gives back."""

    state: State
    events: list[Emitted]
    rows: tuple[CandidateRow, ...] = ()  # that it added to the table of candidates, or changed


SNAPSHOT_ROUNDS = 50

Factor = Literal["space", "strategy", "evaluator", "objective", "answer"]
#: Settings by factor and name.
Settings = Mapping[Factor, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Round:
    """Work items that may run in any order on any worker; `tell` takes their outcomes in the order of the items."""

    work: tuple[Work, ...]
    about: tuple[tuple[int, ...], ...]  # for each item, ids of the candidates that it is about
    keeps: tuple[str, ...] = ()  # hashes of files that later rounds may need, even where no item names them now


@dataclass(frozen=True, slots=True)
class Finished:
    """The search has ended; there is no further round."""

    status: End


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a branch starts, and who opened it."""

    search: str | None  # id of the search that this one is a fork of; None: a branch within the same search
    branch: int
    round: int  # the branch starts from the state before this round
    by: str
    command: Command | None = None  # the rollback command that opened it
    reason: str = ""
    number: int = 0  # of a fork: one that no other fork of that search has, so that each draws differently


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What a search would start from and cost, without starting it."""

    graph: Graph  # the start graph
    largest: Cost
    smallest: Cost | None  # None: the space cannot tell
    unreachable: tuple[Over, ...]  # limits of which it is known that no graph of the search can meet them
    evaluations: int  # upper bound on the number of candidates that are evaluated
    examples: tuple[Work, ...]  # evaluate the smallest graph, where known, and the largest: for a probe of their time


class Position(NamedTuple):
    """Where a running search stands, as far as its list shows."""

    step: int
    edges: int
    cost: Cost  # of the current graph


@dataclass(frozen=True, slots=True)
class Stage:
    """Rounds of like evaluations."""

    phase: Phase
    rounds: tuple[int, ...]  # candidates that each evaluates
    macs: int  # of a typical candidate
    work: Work  # an example of its items: epochs and data are those of all


@dataclass(frozen=True, slots=True)
class Effort:
    """What workers evaluate for a search: at least, as a rule, and at most. The rule is a guess; the others are no
    bounds either, since people may steer, and a search may end at any step."""

    low: tuple[Stage, ...]
    middle: tuple[Stage, ...]
    high: tuple[Stage, ...]


@dataclass(frozen=True, kw_only=True)
class ProtocolSettings:
    """A named choice of settings in all factors, such as those of a paper.

    `settings`: space -> settings. Where `fixed`, they cannot be changed; otherwise they are defaults.
    `within_limits`: defaults in every space where the budget has a limit.
    """

    name: str
    title: str
    about: str
    fixed: bool = False
    evaluator: str | None = None  # the only one, where `fixed`
    settings: Mapping[str, Settings] = field(default_factory=dict)
    within_limits: Settings = field(default_factory=dict)


class Strategy(Protocol):
    """An entry of STRATEGIES. Random numbers depend on the task's seed, the branch and the round, in a fork also on
    where it starts, and where a round is drawn again, on how often that has happened."""

    NAME: str
    TITLE: str
    ABOUT: str
    NEEDS: frozenset[Move]  # what a space must be able to do
    Config: type[Any]  # dataclass of its settings

    @property
    def PROTOCOLS(self) -> Mapping[str, ProtocolSettings]:
        """The values of the setting `protocol`, the default first; empty where there is no such setting."""
        ...

    @property
    def USUAL(self) -> Mapping[Factor, str]:
        """The other factors that are taken where none is named; those that it leaves out may be any."""
        ...

    def preview(self, task: Task) -> Preview:
        """Cheap: it evaluates nothing. Raises BadTask, also where settings make no sense together."""
        ...

    def effort(self, task: Task, position: Position | None = None) -> Effort:
        """What a search trains from there on, its present round included; None: from its start. As cheap as `preview`.
        Raises BadTask."""
        ...

    def start(self, task: Task) -> Transition:
        """The first state and events. Raises search.network.budget.Infeasible where no reachable graph fits."""
        ...

    def ask(self, state: State) -> Round | Finished:
        """The next round. Equal states give equal answers, however often they are asked."""
        ...

    def tell(self, state: State, outcomes: list[Outcome]) -> Transition:
        """Takes the outcomes of the round that `ask` returned."""
        ...

    def steer(self, state: State, command: Command) -> Transition:
        """Applies a command or refuses it, and emits an event in either case."""
        ...

    def validate_command(self, state: State, command: Command) -> str | None:
        """Why the command cannot be applied to this state, as a sentence; None if it can."""
        ...

    def branch(self, state: State, branch_id: int, origin: Origin) -> Transition:
        """Continues from a state in a new branch, whose rounds count from 0 and have their own random numbers.

        Its branch_opened event holds a snapshot. The log of a fork starts with search_started before that.
        """
        ...

    def snapshot(self, state: State) -> Snapshot:
        """All that a page, a list or the command line shows of the state. It is the log's `snapshot` event at least
        every SNAPSHOT_ROUNDS rounds."""
        ...
