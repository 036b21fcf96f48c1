"""Networks scored per second by the studio and by bare processes: `make bench NAME=score_throughput`.

The studio has Postgres with durable commits, Valkey, a coordinator and two workers; a search by ZiCo scores ROUNDS
rounds of 128 chains, turns, claims and events included. Two bare processes do the same items of work after it, twice.
OUT=FILE also writes the report.
"""

import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from search.base import serialization
from search.base.serialization import Json
from tests.benchmarks.latency import processor
from tests.benchmarks.overhead import ROOT, services, wait_for_end
from tests.processes import wait_until

WORKERS, ROUNDS, BATCH = 2, int(os.environ.get("ROUNDS", "6")), 128
TARGET = 0.9


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        with services() as children:
            keepers = start_workers(children)
            studio, items = in_studio()
            for keeper in keepers:
                keeper.ask_to_stop()
            for keeper in keepers:
                keeper.wait(time.monotonic() + 30)
            rates = [bare(items) for _ in range(2)]
    networks = sum(len(item["graphs"]) for item in items)
    share = studio / (sum(rates) / len(rates))
    text = "\n".join(
        [
            f"{processor()}, {WORKERS} workers of one thread, {networks} chains, two batches of 16 images of 32 pixels",
            f"bare processes: {', '.join(f'{rate:.2f}' for rate in rates)} networks per second",
            f"the studio:     {studio:.2f} networks per second, {share:.3f} of that (target {TARGET})",
        ]
    )
    print(text)
    if out := os.environ.get("OUT"):
        Path(out).write_text(text + "\n")


def start_workers(children: Any) -> list[Any]:
    from webapp.models import Worker
    from webapp.processes.supervisor import Child

    Worker.objects.all().delete()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    queues = {"coordinator": "advance"} | {f"worker-{number}": "cpu" for number in range(WORKERS)}
    keepers = []
    for name, queue in queues.items():
        command = (sys.executable, str(ROOT / "manage.py"), "worker", "--queue", queue)
        keepers.append(children.start(Child(name=name, command=command, env=env)))
    wait_until(lambda: Worker.objects.count() == WORKERS, 120, "the workers")
    return keepers


def in_studio() -> tuple[float, list[Json]]:
    """Networks per second from the start of the first full round to the end of the last, and the items of work."""
    from django.db.models import Max, Min

    from webapp.models import Work, Worker

    done = Work.objects.filter(worker__in=Worker.objects.values("name"), status="done")
    seed = 1
    while done.values("worker").distinct().count() < WORKERS:  # each loads torch at its first item
        wait_for_end(launch(seed, rounds=1))
        seed += 1
    search = launch(0, ROUNDS)
    wait_for_end(search)
    items = Work.objects.filter(round__search=search, kind="score", round__number__gt=0).order_by(
        "round__number", "index"
    )
    began, ended = items.aggregate(began=Min("started_at"), ended=Max("finished_at")).values()
    payloads = [serialization.loads(bytes(item.payload)) for item in items]
    return sum(len(each["graphs"]) for each in payloads) / (ended - began).total_seconds(), payloads


def launch(seed: int, rounds: int) -> str:
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    settings = {
        "space": {"start": "small", "resolution": 32},
        "strategy": {"candidates": BATCH, "iterations": 11 + rounds * BATCH},
        "evaluator": {"batch": 16},
        "answer": {"finalists": 0},
    }
    draft = {"strategy": "zico", "dataset": "digits", "seed": seed, "budget": {}, "settings": settings}
    task = serialization.to_jsonable(proposals.task(draft))
    return lifecycle.create(Team.objects.get(), User.objects.get(), f"Seed {seed}", task).pk


def bare(items: list[Json]) -> float:
    """Networks per second of two processes that do these items one after the other."""
    with ProcessPoolExecutor(WORKERS, get_context("spawn")) as pool:
        list(pool.map(execute, items[:WORKERS]))  # each loads torch
        began = time.perf_counter()
        list(pool.map(execute, items[WORKERS:]))
        seconds = time.perf_counter() - began
    return sum(len(item["graphs"]) for item in items[WORKERS:]) / seconds


def execute(work: Json) -> Json:
    from search.runtime.context import Context
    from search.runtime.execute import execute as run

    return run(work, Context(threads=1))


if __name__ == "__main__":
    main()
