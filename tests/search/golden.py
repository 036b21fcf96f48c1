"""Golden streams: whole searches over recorded outcomes, and the views that they end in.

A refactor must not move them. After a change that means to, `python -m tests.search.golden` writes them again.
"""

from collections.abc import Iterator
from pathlib import Path

from search import view, wire
from search.budget import Budget
from search.commands import Command
from search.events import Emitted, stamp
from search.strategies import STRATEGIES
from search.strategies.base import Finished, State
from search.task import Task
from tests.search import fakes

FOLDER = Path(__file__).parents[1] / "fixtures" / "golden"
AT = "2026-01-01T00:00:00.000Z"

Said = dict[int, list[tuple[str, str | None]]]  # round -> commands at its end: kind and edge

STREAMS: dict[str, tuple[Task, Said]] = {
    "descent-and-choice": (fakes.task(nodes=6, candidates=4, patience=0, budget=Budget(params=45_000)), {}),
    "no-limits": (fakes.task(nodes=8, candidates=3, seed=5), {}),
    "three-limits": (
        fakes.task(
            nodes=7, candidates=6, seed=2, cost_of="params",
            budget=Budget(params=60_000, macs=700_000, peak_memory=40_000, bytes_per_element=4),
        ),
        {},
    ),
    "steered": (
        fakes.task(nodes=6, candidates=4, seed=1),
        {
            0: [("lock", "0-5"), ("lock", "0-5"), ("remove", "0-1")],
            1: [("unlock", "0-5"), ("remove", "2-3"), ("remove", "9-9")],
            2: [("stop", None)],
        },
    ),
}  # fmt: skip


def record(name: str) -> list[wire.Json]:
    """The events of one stream."""
    task, said = STREAMS[name]
    strategy = STRATEGIES[task.strategy]
    state, emitted = strategy.start(task)
    events: list[wire.Json] = []
    _stamp(events, emitted, 0)
    for number, told in enumerate(_rounds(task, state, said)):
        _stamp(events, told, number)
    return events


def _rounds(task: Task, state: State, said: Said) -> Iterator[list[Emitted]]:
    strategy = STRATEGIES[task.strategy]
    number = command = 0
    while not isinstance(asked := strategy.ask(state), Finished):
        events: list[Emitted] = []
        for kind, edge in said.get(number, ()):
            command += 1
            data = {"id": command, "kind": kind, "edge": edge, "by": "owner", "reason": "to see what happens"}
            state, more = strategy.steer(state, Command.from_dict(data))
            events += more
        if isinstance(strategy.ask(state), Finished):  # stopped: the round is not told
            yield events
            return
        state, more = strategy.tell(state, [fakes.outcome_of(work) for work in asked.work])
        state = wire.loads(wire.dumps(state))
        yield events + more
        number += 1


def _stamp(events: list[wire.Json], emitted: list[Emitted], number: int) -> None:
    for one in emitted:
        events.append(stamp(one, seq=len(events) + 1, branch=0, round=number, at=AT))


def view_of(events: list[wire.Json]) -> wire.Json:
    """The view after all of them."""
    seen = view.empty()
    for event in events:
        seen = view.apply(seen, event)
    return seen


def lines(events: list[wire.Json]) -> bytes:
    return b"".join(wire.dumps(event) + b"\n" for event in events)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stream in STREAMS:
        recorded = record(stream)
        (FOLDER / f"{stream}.jsonl").write_bytes(lines(recorded))
        (FOLDER / f"{stream}.view.json").write_bytes(wire.dumps(view_of(recorded)) + b"\n")
        print(stream, len(recorded))
