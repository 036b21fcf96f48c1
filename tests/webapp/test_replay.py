"""A steered search is computed again from its commands and outcomes alone: the log must be the same."""

from typing import Any

import pytest

from search.base import serialization
from search.base.serialization import Json
from search.log.commands import GRAPH_KINDS, Command
from search.log.events import Emitted
from search.log.task import Task
from search.strategies import STRATEGIES
from search.strategies.base import Origin, Transition
from tests.webapp.fakes import run_round, run_to_end
from webapp.models import Command as CommandRow
from webapp.models import Round, Search, User
from webapp.models.enums import CommandKind, RoundStatus
from webapp.searches import event_log, steering, turn

pytestmark = pytest.mark.django_db

LIMITS = {"params": 40_000, "macs": None, "peak_memory": None, "latency": None}
WIDE = {**LIMITS, "device": None, "bytes_per_element": 4}


def log(search: Search) -> list[Json]:
    return event_log.read(search.pk, 0, 100_000)


class Replay:
    """Gives a strategy the same commands and outcomes again and collects its events."""

    def __init__(self, search: Search) -> None:
        self.search, self.log, self.emitted = search, log(search), list[Emitted]()
        self.strategy: Any = STRATEGIES[search.strategy]
        self.before: dict[tuple[int, int], Json] = {}  # states, by branch and round

    def run(self) -> list[bytes]:
        self._keep((0, 0), self.strategy.start(Task.from_dict(self.log[0]["payload"]["task"])))
        for row in self.search.rounds.order_by("branch", "number"):
            key = (row.branch, row.number)
            if key not in self.before:
                self._open(row.branch)
            assert serialization.dumps(self.before[key]) == serialization.dumps(self._stored(row))
            self._tell(row)
        return [serialization.dumps([emitted.kind, emitted.payload]) for emitted in self.emitted]

    def _tell(self, row: Round) -> None:
        state = self.before[row.branch, row.number]
        for command in self._commands(row.branch, row.number):
            if command.kind in GRAPH_KINDS or command.kind in ("stop", "cancel"):
                state = self._emit(self.strategy.steer(state, command))
        if row.status == RoundStatus.DONE:
            outcomes = [serialization.loads(bytes(item.outcome or b"")) for item in row.work.order_by("index")]
            self._keep((row.branch, row.number + 1), self.strategy.tell(state, outcomes))

    def _open(self, branch: int) -> None:
        opened = next(e for e in self.log if e["kind"] == "branch_opened" and e["branch"] == branch)["payload"]
        command = next(c for c in self._commands(branch, 0) if c.kind == "rollback")
        parent = opened["parent"]
        origin = Origin(
            search=None,
            branch=parent["branch"],
            round=parent["round"],
            by=opened["by"],
            command=command,
            reason=opened["reason"],
        )
        state = self.before[parent["branch"], parent["round"]]
        self._keep((branch, 0), self.strategy.branch(state, branch, origin))

    def _commands(self, branch: int, number: int) -> list[Command]:
        payloads = [
            event["payload"]
            for event in self.log
            if event["kind"] in ("command_applied", "command_refused")
            and (event["branch"], event["round"]) == (branch, number)
        ]
        return [
            Command.from_dict({"id": p["command"], **{k: v for k, v in p.items() if k not in ("command", "why")}})
            for p in payloads
        ]

    def _keep(self, at: tuple[int, int], transition: Transition) -> None:
        self.before[at] = self._emit(transition)

    def _emit(self, transition: Transition) -> Json:
        self.emitted += transition.events
        read: Json = serialization.loads(serialization.dumps(transition.state))
        return read

    def _stored(self, row: Round) -> Any:
        return turn.unpack(row.state_before)


def test_replaying_outcomes_and_commands_reproduces_the_log(search: Search, owner: User, colleague: User) -> None:
    def steer(by: User, kind: CommandKind, edge: str | None = None, **about: Any) -> None:
        steering.steer(search.pk, by, kind, edge, **about)

    steer(owner, CommandKind.LOCK, "0-1")
    steer(colleague, CommandKind.REMOVE, "1-2")
    run_round(search)
    steer(colleague, CommandKind.SET_BUDGET, budget=WIDE)
    CommandRow.objects.create(search=search, number=9, kind=CommandKind.LOCK, edge="3-9", by=owner)  # will be refused
    run_round(search)
    steer(owner, CommandKind.LOCK, node=2)
    run_round(search)
    steering.steer(search.pk, owner, CommandKind.ROLLBACK, step=1, reason="too far")
    search.refresh_from_db()
    steer(colleague, CommandKind.RESTORE, "1-2")
    steer(owner, CommandKind.SET_WEIGHT, weight=0.5)
    run_round(search)
    steer(owner, CommandKind.UNLOCK, "0-1")
    run_to_end(search)

    assert {"command_applied", "command_refused", "branch_opened", "search_finished"} <= {
        event["kind"] for event in log(search)
    }
    assert Replay(search).run() == [serialization.dumps([event["kind"], event["payload"]]) for event in log(search)]


def test_replaying_a_stopped_search_reproduces_the_log(search: Search, owner: User) -> None:
    for _ in range(4):
        run_round(search)
    steering.steer(search.pk, owner, CommandKind.STOP)
    search.refresh_from_db()
    assert Replay(search).run() == [serialization.dumps([event["kind"], event["payload"]]) for event in log(search)]
