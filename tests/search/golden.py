"""Golden streams: the events of whole searches over fake outcomes, and snapshots on the way.

A refactoring must not change them. After an intended change, `python -m tests.search.golden` writes them again.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from search.base import serialization
from search.log.task import Task
from search.network.budget import Budget
from search.strategies.base import Outcome, Work
from tests.search import fakes
from tests.search.steering import Steered

FOLDER = Path(__file__).parents[1] / "fixtures" / "golden"


def _undisturbed(task: Task) -> Callable[[], Steered]:
    def run() -> Steered:
        search = Steered(task)
        search.advance(200)
        return search

    return run


def _steered() -> Steered:
    search = Steered(fakes.task(nodes=6, candidates=4, seed=1))
    search.send("lock", edge="0-5")
    search.send("lock", edge="0-5")
    search.send("remove", edge="0-1")
    search.advance()
    search.send("unlock", edge="0-5")
    search.send("remove", edge="2-3")
    search.send("remove", edge="9-9")
    search.advance()
    search.send("stop")
    return search


def _every_command() -> Steered:
    """Budgets that turn a choice into a descent and back, a rollback into a left branch, and refusals."""
    search = Steered(fakes.task(nodes=6, candidates=4, seed=3, patience=0, budget=Budget(params=78_000)))
    search.send("lock", node=4)
    search.send("lock", edge="2-5")
    search.send("set_weight", weight=0.3)
    search.advance(2)
    search.send("remove", node=3)
    search.send("remove", node=4)
    search.send("set_budget", budget={"params": 40_000, "macs": 800_000})
    search.advance(2)
    search.roll_back(1)
    search.advance(1)
    search.send("unlock", node=4)
    search.send("remove", node=4)
    search.advance(1)
    search.send("restore", node=4)
    search.send("restore", edge="0-9")
    search.send("set_budget", budget={"params": 90_000})
    search.advance(1)
    search.roll_back(2, at=(0, 2))
    search.send("unlock", edge="2-5")
    search.advance(200)
    return search


def _forked() -> Steered:
    search = Steered(fakes.task(nodes=6, candidates=4, seed=4, budget=Budget(params=60_000)))
    search.send("lock", edge="1-4")
    search.advance(3)
    fork = search.fork(at=2)
    fork.send("restore", edge=fork.snapshot.removed[0].id)
    fork.advance(200)
    return fork


def _published() -> Steered:
    """Three steps with shortened curves; the whole search has 235 candidates of 20 epochs."""

    def shortened(work: Work) -> Outcome:
        outcome = fakes.outcome_of(work)
        return outcome | {"curve": outcome.get("curve", [])[:2]}

    search = Steered(fakes.task(seed=5, protocol="published"), shortened)
    search.send("lock", edge="0-2")
    search.advance(3)
    search.send("stop")
    return search


def _latency() -> Steered:
    """Three limits, one of them latency: a descent, a command during a latency round, and an answer."""
    limits = Budget(params=60_000, macs=900_000, latency=900, device="a-phone")
    search = Steered(fakes.task(nodes=5, candidates=3, seed=6, budget=limits))
    search.advance(2)
    while search.state["latency_round"] is None:
        search.advance()
    lost = search.state["drawn"][0]["edits"]["nodes_lost"]
    search.send("lock", node=lost[0] if lost else 1)
    search.advance(200)
    return search


def _evolution() -> Steered:
    """Three limits, one of them latency; a lock, a removed part and a rollback."""
    limits = Budget(params=60_000, macs=900_000, latency=1_100, device="a-phone")
    search = Steered(
        fakes.task(
            strategy="evolution", nodes=6, seed=9, budget=limits, candidates=3, rounds=8, population=5, tournament=2
        )
    )
    search.advance(4)
    edges = [edge.id for edge in search.graph.edges]
    search.send("lock", edge=edges[0])
    search.send("remove", edge="0-1" if edges[0] != "0-1" else "0-2")
    search.advance(4)
    search.roll_back(1)
    search.advance(200)
    return search


def _zico() -> Steered:
    """A chain under a limit: a block is locked, the limit changes, and the finalists are trained."""
    limits = Budget(macs=3_200_000)
    search = Steered(
        fakes.task(
            strategy="zico", space="chain", evaluator="score", start="small", head=64, seed=3, budget=limits,
            candidates=12, iterations=150, population=20, finalists=2, answer_epochs=2, cost_weight=0.0,
        )
    )  # fmt: skip
    search.advance(4)
    search.send("lock", node=3)
    search.advance(2)
    search.send("set_budget", budget={"macs": 2_500_000})
    search.advance(200)
    return search


def _scored(strategy: str, space: str, **settings: Any) -> Callable[[], Steered]:
    """A search by the scores of untrained networks."""
    few: dict[str, Any] = {"candidates": 6} if strategy == "zico" else {"candidates": 4, "rounds": 5}
    return _undisturbed(fakes.task(strategy=strategy, space=space, evaluator="score", **{**few, **settings}))


STREAMS: dict[str, Callable[[], Steered]] = {
    "descent-and-choice": _undisturbed(fakes.task(nodes=6, candidates=4, patience=0, budget=Budget(params=45_000))),
    "no-limits": _undisturbed(fakes.task(nodes=8, candidates=3, seed=5)),
    "three-limits": _undisturbed(
        fakes.task(
            nodes=7, candidates=6, seed=2, cost_of="params",
            budget=Budget(params=60_000, macs=700_000, peak_memory=40_000, bytes_per_element=4),
        )
    ),
    "steered": _steered,
    "every-command": _every_command,
    "forked": _forked,
    "recurrent": _undisturbed(
        fakes.task(space="rnn", nodes=4, candidates=3, seed=7, epochs=2, budget=Budget(params=29_000))
    ),
    "published": _published,
    "random": _undisturbed(
        fakes.task(strategy="random", nodes=6, candidates=4, rounds=5, seed=8, budget=Budget(params=45_000))
    ),
    "evolution": _evolution,
    "latency": _latency,
    "zico": _zico,
    "nasbench201": _scored(
        "zico", "nasbench201", channels=4, cells=1, seed=11, iterations=60, population=12, second="params"
    ),
    "nasbench_macro": _scored("evolution", "nasbench_macro", seed=12, population=6, tournament=3, proxy="naswot"),
    "chain": _scored("random", "chain", start="small", head=64, seed=13, second="params", combination="pareto"),
    "descent-by-score": _undisturbed(
        fakes.task(evaluator="score", nodes=6, candidates=4, seed=14, budget=Budget(params=45_000))
    ),
}  # fmt: skip


@cache
def run(name: str) -> Steered:
    return STREAMS[name]()


def record(name: str) -> list[serialization.Json]:
    """The events of a stream."""
    return run(name).log


def snapshots(name: str) -> list[tuple[int, serialization.Json]]:
    """The snapshots after every fourth turn and the last one, with the number of the turn's last event.

    Turns within the measurements of a step are left out: events tell its latencies once all of them are known.
    """
    taken = run(name).snapshots
    return [(seq, serialization.to_jsonable(snapshot)) for seq, snapshot in [*taken[:-1:4], taken[-1]]]


def lines(events: list[serialization.Json]) -> bytes:
    return b"".join(serialization.dumps(event) + b"\n" for event in events)


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stream in STREAMS:
        recorded = record(stream)
        (FOLDER / f"{stream}.jsonl").write_bytes(lines(recorded))
        (FOLDER / f"{stream}.snapshots.json").write_bytes(serialization.dumps(snapshots(stream)) + b"\n")
        print(stream, len(recorded))
