"""What a strategy is: a fold, five pure functions over plain JSON.

Nothing else remembers anything, so to pause, resume after a crash, fork, replay or spread a search over many machines
is always the same: keep the state, fold on.
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
    """Work items that may run in any order, anywhere; their outcomes are told in the order of the items."""

    work: tuple[Work, ...]
    keeps: tuple[str, ...] = ()  # hashes of files that later rounds may go on from, whether or not an item names them


@dataclass(frozen=True, slots=True)
class Finished:
    status: End


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a branch comes from, and who opened it."""

    search: str | None  # another search, of which this one is a fork; None: the branch stays in its search
    branch: int
    round: int  # the state given is the one before this round
    by: str
    command: Command | None = None  # the rollback that asked for it
    reason: str = ""


class Strategy(Protocol):
    """A module of `search.strategies`. Randomness comes from the task's seed, the branch and the round alone."""

    TITLE: str
    ABOUT: str

    @property
    def CONFIGS(self) -> Mapping[str, type[Any]]:
        """Search space -> settings of a search in it."""
        ...

    def start(self, task: Task) -> Transition:
        """Raises search.network.budget.Infeasible where no reachable graph fits."""
        ...

    def ask(self, state: State) -> Round | Finished:
        """The same answer for the same state, however often."""
        ...

    def tell(self, state: State, outcomes: list[Outcome]) -> Transition: ...

    def steer(self, state: State, command: Command) -> Transition:
        """Applies a command or refuses it; either is an event."""
        ...

    def validate_command(self, state: State, command: Command) -> str | None:
        """Why a command makes no sense now, in words; None if it does."""
        ...

    def branch(self, state: State, branch_id: int, origin: Origin) -> Transition:
        """Goes on from a state in a new line of rounds, from 0, with draws of its own.

        The log says all that holds at its beginning; a fork's begins with the search's start besides.
        """
        ...

    def final(self, task: Task, graph: Graph) -> Work:
        """The answer trained once more as its candidate was, but anew and on all images; tested once at the end."""
        ...

    def evaluations(self, task: Task) -> int:
        """Most candidates that the search may train."""
        ...
