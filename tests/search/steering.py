"""A search that tests drive by hand: they send it commands, advance it by rounds, roll it back and read its log."""

from collections.abc import Callable, Iterable

from search.base import serialization
from search.log.candidates import CandidateRow
from search.log.commands import Command
from search.log.events import LARGE_KINDS, Answer, Snapshot, stamp
from search.log.task import Task
from search.network.edits import Edits
from search.network.graph import Graph
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Origin, Outcome, State, Transition, Work
from search.strategies.record import Record
from tests.search import fakes

AT = "2026-01-01T00:00:00.000Z"


class Steered:
    """Drives a strategy as the studio does: commands first, then the round. Each state passes through the codec."""

    def __init__(self, task: Task, outcome_of: Callable[[Work], Outcome] = fakes.outcome_of) -> None:
        self.strategy, self.outcome_of = STRATEGIES[task.strategy.name], outcome_of
        self.log: list[serialization.Json] = []
        self.branch = self.round = self.commands = 0
        self.rounds: list[tuple[int, int, State]] = []  # branch, round, state before the round's commands
        self.state: State = {}
        self.snapshots: list[tuple[int, Snapshot]] = []  # after each turn but within measurements, with the seq
        self.rows: dict[tuple[int, int], CandidateRow] = {}  # by branch and id
        self._append(self.strategy.start(task))
        self.round_start = self.state

    @property
    def has_ended(self) -> bool:
        return isinstance(self.strategy.ask(self.state), Finished)

    def new_command(self, kind: str, **arguments: object) -> Command:
        self.commands += 1
        return Command.from_dict(
            {"id": self.commands, "kind": kind, "by": "owner", "reason": "to see what happens", **arguments}
        )

    def send(self, kind: str, **arguments: object) -> str | None:
        """Sends a command; returns why it was refused, or None. `validate_command` and `steer` must agree."""
        command = self.new_command(kind, **arguments)
        why, before = self.strategy.validate_command(self.state, command), self.state
        new = self._append(self.strategy.steer(self.state, command))
        refused = [event["payload"]["why"] for event in new if event["kind"] == "command_refused"]
        assert refused == ([] if why is None else [why])
        assert why is None or self.state == before
        return why

    def advance(self, rounds: int = 1) -> list[serialization.Json]:
        """Runs so many rounds, or fewer if the search ends; returns the new events."""
        new: list[serialization.Json] = []
        for _ in range(rounds):
            next_round = self.strategy.ask(self.state)
            if isinstance(next_round, Finished):
                break
            self.rounds.append((self.branch, self.round, self.round_start))
            new += self._append(self.strategy.tell(self.state, [self.outcome_of(work) for work in next_round.work]))
            self.round, self.round_start = self.round + 1, self.state
        return new

    def roll_back(self, step: int, at: tuple[int, int] | None = None) -> list[serialization.Json]:
        """Rolls back to the last round that started at this step; `at`: to that branch and round of the step."""
        command = self.new_command("rollback", step=step)
        assert self.strategy.validate_command(self.state, command) is None
        rounds = [*self.rounds, (self.branch, self.round, self.round_start)]
        branch, number, state = next(
            one for one in reversed(rounds) if one[2]["step"] == step and (at is None or one[:2] == at)
        )
        origin = Origin(search=None, branch=branch, round=number, by=command.by, command=command, reason=command.reason)
        self.branch, self.round = self.branch + 1, 0
        new = self._append(self.strategy.branch(state, self.branch, origin))
        self.round_start = self.state
        return new

    def fork(self, at: int, search: str = "first", number: int = 0) -> "Steered":
        """Another search that continues from the state before a round; `at`: index in `rounds`; `number`: of the fork,
        among those from there."""
        other = object.__new__(Steered)
        other.strategy, other.outcome_of, other.log, other.rounds = self.strategy, self.outcome_of, [], []
        other.branch = other.round = other.commands = 0
        other.snapshots, other.rows = [], {}
        branch, at_round, state = self.rounds[at]
        origin = Origin(
            search=search, branch=branch, round=at_round, by="colleague", reason="another way", number=number
        )
        other._append(self.strategy.branch(state, 0, origin))
        other.round_start = other.state
        return other

    @property
    def snapshot(self) -> Snapshot:
        """After the last turn."""
        return self.strategy.snapshot(self.state)

    @property
    def graph(self) -> Graph:
        """The current graph."""
        return serialization.decode(Record, self.state["record"]).graph

    @property
    def edges(self) -> list[str]:
        """Ids of the edges of the current graph."""
        return [edge.id for edge in self.graph.edges]

    @property
    def best(self) -> Answer:
        """The best so far, of a search that has one."""
        return serialization.decode(Answer, self.state["best"])

    @property
    def proposed(self) -> list[serialization.Json]:
        """The candidates that the last proposal in the log shows."""
        shown: list[serialization.Json] = of_kind(self.log, "candidates_proposed")[-1]["shown"]
        return shown

    @property
    def open_rows(self) -> list[CandidateRow]:
        """The rows of all candidates of the last proposal: their ids follow each other."""
        event = next(event for event in reversed(self.log) if event["kind"] == "candidates_proposed")
        first, count = event["payload"]["shown"][0]["id"], event["payload"]["count"]
        return [self.rows[event["branch"], id] for id in range(first, first + count)]

    @property
    def trained(self) -> list[CandidateRow]:
        """The candidates that have a result, in the order of branches and ids."""
        return [row for _, row in sorted(self.rows.items()) if row.status in ("ok", "error")]

    def _append(self, transition: Transition) -> list[serialization.Json]:
        self.state = serialization.loads(serialization.dumps(transition.state))
        new = [
            stamp(event, seq=len(self.log) + i, branch=self.branch, round=self.round, at=AT)
            for i, event in enumerate(transition.events, 1)
        ]
        self.log += serialization.loads(serialization.dumps(new))
        if not self.state.get("latency_round"):
            self.snapshots.append((len(self.log), self.strategy.snapshot(self.state)))
        self.rows |= {(self.branch, row.id): row for row in transition.rows}
        return new


def assert_small(events: Iterable[serialization.Json]) -> None:
    """Events that hold a whole graph have at most 64 KB, all others at most 16 KB."""
    for event in events:
        size = len(serialization.dumps(event))
        assert size < (64 if event["kind"] in LARGE_KINDS else 16) * 1024, (event["kind"], size)


def kinds(events: list[serialization.Json]) -> list[str]:
    return [event["kind"] for event in events]


def of_kind(events: list[serialization.Json], kind: str) -> list[serialization.Json]:
    return [event["payload"] for event in events if event["kind"] == kind]


def results(measured: Iterable[serialization.Json]) -> list[serialization.Json]:
    """The results that candidates_measured events show."""
    return [result for payload in measured for result in payload["shown"]]


def cut_of(part: serialization.Json) -> str | None:
    """The edge whose removal a candidate or a decision is; None where it is something else."""
    return serialization.decode(Edits, part["edits"]).removed_edge


def edges_gone(part: serialization.Json) -> list[str]:
    """The edges that go by the edits of a candidate or an event."""
    edits = serialization.decode(Edits, part["edits"])
    return [*edits.edges_removed, *edits.edges_lost]
