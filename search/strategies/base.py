"""The interface of a search strategy: a fold of pure functions over plain JSON.

The state is all that a search remembers. Pausing, resuming after a crash, forking, replaying and spreading a search
over many machines are therefore all the same operation: store the state, and continue from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from search.base import serialization
from search.log.commands import Command
from search.log.events import Emitted, End
from search.log.task import Task
from search.network.graph import Graph

State = serialization.Json
Outcome = serialization.Json
Work = serialization.Json
Transition = tuple[State, list[Emitted]]


@dataclass(frozen=True, slots=True)
class Round:
    """Work items that may run in any order on any worker; `tell` takes their outcomes in the order of the items."""

    work: tuple[Work, ...]
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


class Strategy(Protocol):
    """A module of `search.strategies`. Random numbers depend on the task's seed, the branch and the round only."""

    TITLE: str
    ABOUT: str

    @property
    def CONFIGS(self) -> Mapping[str, type[Any]]:
        """Search space -> dataclass of the strategy's settings in that space."""
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

        Its branch_opened event holds the whole state. The log of a fork starts with search_started before that.
        """
        ...

    def final(self, task: Task, graph: Graph) -> Work:
        """Trains the answer once more: from scratch, on all training data, by the candidates' recipe, then tests it."""
        ...

    def evaluations(self, task: Task) -> int:
        """Upper bound on the number of candidates that the search trains."""
        ...
