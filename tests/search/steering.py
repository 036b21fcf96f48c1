"""A search in a test's hands: say things to it, let rounds pass, go back, and look at its log and its view."""

from collections.abc import Callable

from search.base import serialization
from search.log import view
from search.log.commands import Command
from search.log.events import Emitted, stamp
from search.log.task import Task
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Origin, Outcome, State, Work
from tests.search import fakes

AT = "2026-01-01T00:00:00.000Z"


class Steered:
    """Folds a strategy as whoever runs it does: commands first, then the round, each state through the codec."""

    def __init__(self, task: Task, outcome_of: Callable[[Work], Outcome] = fakes.outcome_of) -> None:
        self.strategy, self.outcome_of = STRATEGIES[task.strategy], outcome_of
        self.log: list[serialization.Json] = []
        self.branch = self.round = self.commands = 0
        self.rounds: list[tuple[int, int, State]] = []  # branch, round, state before it and what was said in it
        self.state: State = {}
        self.view = view.empty()
        self._keep(*self.strategy.start(task))
        self.opened = self.state

    @property
    def over(self) -> bool:
        return isinstance(self.strategy.ask(self.state), Finished)

    def command(self, kind: str, **what: object) -> Command:
        self.commands += 1
        return Command.from_dict(
            {"id": self.commands, "kind": kind, "by": "owner", "reason": "to see what happens", **what}
        )

    def say(self, kind: str, **what: object) -> str | None:
        """Why it was refused, or None; both checks must agree."""
        command = self.command(kind, **what)
        why, before = self.strategy.validate_command(self.state, command), self.state
        new = self._keep(*self.strategy.steer(self.state, command))
        refused = [event["payload"]["why"] for event in new if event["kind"] == "command_refused"]
        assert refused == ([] if why is None else [why])
        assert why is None or self.state == before
        return why

    def rest(self, rounds: int = 1) -> list[serialization.Json]:
        """Lets rounds pass, to the end at most; the new events."""
        new: list[serialization.Json] = []
        for _ in range(rounds):
            asked = self.strategy.ask(self.state)
            if isinstance(asked, Finished):
                break
            self.rounds.append((self.branch, self.round, self.opened))
            new += self._keep(*self.strategy.tell(self.state, [self.outcome_of(work) for work in asked.work]))
            self.round, self.opened = self.round + 1, self.state
        return new

    def back(self, step: int, at: tuple[int, int] | None = None) -> list[serialization.Json]:
        """Rolls back to the last round that began with so many decisions made, or to this one: (branch, round)."""
        command = self.command("rollback", step=step)
        assert self.strategy.validate_command(self.state, command) is None
        line = [*self.rounds, (self.branch, self.round, self.opened)]
        branch, number, state = next(
            one for one in reversed(line) if one[2]["step"] == step and (at is None or one[:2] == at)
        )
        origin = Origin(search=None, branch=branch, round=number, by=command.by, command=command, reason=command.reason)
        self.branch, self.round = self.branch + 1, 0
        new = self._keep(*self.strategy.branch(state, self.branch, origin))
        self.opened = self.state
        return new

    def fork(self, at: int, search: str = "first") -> "Steered":
        """Another search that goes on from the state before a round."""
        other = object.__new__(Steered)
        other.strategy, other.outcome_of, other.log, other.rounds = self.strategy, self.outcome_of, [], []
        other.branch = other.round = other.commands = 0
        other.view = view.empty()
        branch, number, state = self.rounds[at]
        origin = Origin(search=search, branch=branch, round=number, by="colleague", reason="another way")
        other._keep(*self.strategy.branch(state, 0, origin))
        other.opened = other.state
        return other

    def _keep(self, state: State, said: list[Emitted]) -> list[serialization.Json]:
        self.state = serialization.loads(serialization.dumps(state))
        new = [
            stamp(one, seq=len(self.log) + i, branch=self.branch, round=self.round, at=AT)
            for i, one in enumerate(said, 1)
        ]
        self.log += serialization.loads(serialization.dumps(new))
        for event in new:
            self.view = view.apply(self.view, event)
        return new


def kinds(events: list[serialization.Json]) -> list[str]:
    return [event["kind"] for event in events]


def of_kind(events: list[serialization.Json], kind: str) -> list[serialization.Json]:
    return [event["payload"] for event in events if event["kind"] == kind]
