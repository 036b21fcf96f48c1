"""What handing out work costs: `make bench NAME=overhead`; OUT=FILE also writes the report.

Two real workers and a coordinator (Postgres with durable commits, Valkey), which have done some items before, do one
round of 500 items that each sleep for 0.2 s. The time from the first item's start to the last one's end is compared
with the ideal, in which nothing is lost between two items. In the middle a small search is launched: it must not wait
for the large one. Queries are counted in this process, at an item that is neither the first of its search nor the last.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import synthetic
from tests.benchmarks.latency import processor
from tests.processes import wait_until

ROOT = Path(__file__).parents[2]
WORKERS, ITEMS, SECONDS, SMALL = 2, int(os.environ.get("ITEMS", "500")), 0.2, 4


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        synthetic.register()
        with services() as children:
            measured = {"queries": count_queries(), **run(children)}
    text = report(**measured)
    print(text)
    if out := os.environ.get("OUT"):
        Path(out).write_text(text)


@contextmanager
def services() -> Iterator[Any]:
    from django.conf import settings
    from django.core.management import call_command

    from webapp import firstrun
    from webapp.models import Search
    from webapp.processes.supervisor import Supervisor
    from webapp.searches import lifecycle

    with Supervisor(settings.LOG_DIR) as children:
        settings.EMBEDDED.start(children)
        call_command("migrate", verbosity=0)
        firstrun.ensure()
        for search in Search.objects.all():
            lifecycle.pause(search, None)
        yield children


def launch(name: str, seed: int, items: int) -> str:
    from search.base import serialization
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    draft = {"strategy": "autoshrink", "dataset": "digits", "seed": seed, "budget": {}, "settings": {}}
    task = serialization.to_jsonable(proposals.task(draft))
    task = synthetic.task_of(task, candidates=items, rounds=1, items=items, seconds=SECONDS)
    return lifecycle.create(Team.objects.get(), User.objects.get(), name, task).pk


def count_queries() -> tuple[int, int]:
    """Of a claim and of a completion, with those that begin, limit and commit their transactions."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from webapp.scheduling import leases
    from webapp.scheduling.presence import WorkerIdentity
    from webapp.searches import lifecycle

    worker, outcome = WorkerIdentity("bench", "cpu", "bench"), {"status": "ok", "score": 0.0}
    search = launch("Queries", 0, 3)
    lifecycle.advance(search)  # as the coordinator does
    first = leases.claim(worker)
    with CaptureQueriesContext(connection) as claiming:
        second = leases.claim(worker)
    third = leases.claim(worker)
    assert first and second and third
    with CaptureQueriesContext(connection) as completing:
        leases.complete(second, outcome, worker.numerics)
    for lease in (first, third):
        leases.complete(lease, outcome, worker.numerics)
    lifecycle.advance(search)
    return len(claiming), len(completing)


def run(children: Any) -> dict[str, Any]:
    from django.db.models import Max, Min

    from webapp.models import Search, Work, Worker
    from webapp.processes.supervisor import Child

    Worker.objects.all().delete()
    manage = (sys.executable, "-m", "tests.synthetic")
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    children.start(Child(name="coordinator", command=(*manage, "worker", "--queue", "advance"), env=env))
    for number in range(WORKERS):
        children.start(Child(name=f"worker-{number}", command=(*manage, "worker", "--queue", "cpu"), env=env))
    wait_until(lambda: Worker.objects.count() == WORKERS, 120, "the workers")
    warm_up()
    large = launch("Large", 1, ITEMS)
    items = Work.objects.filter(round__search=large)
    half = items.filter(index=ITEMS // 2, status="done")  # cheap, since it is asked for while the items are done
    wait_until(half.exists, 600, "half of the round")
    small = launch("Small", 2, SMALL)
    wait_for_end(large)
    began, ended = items.aggregate(began=Min("started_at"), ended=Max("finished_at")).values()
    first = Work.objects.filter(round__search=small).aggregate(first=Min("started_at"))["first"]
    return {
        "seconds": (ended - began).total_seconds(),
        "small_waited": (first - Search.objects.get(pk=small).created_at).total_seconds(),
    }


def warm_up() -> None:
    """Launches short searches until each worker has done an item: it loads torch at its first one."""
    from webapp.models import Work, Worker

    items = Work.objects.filter(worker__in=Worker.objects.values("name"), status="done")
    seed = 3
    while items.values("worker").distinct().count() < WORKERS:
        wait_for_end(launch("Warm-up", seed, 4 * WORKERS))
        seed += 1


def wait_for_end(search: str) -> None:
    from webapp.models import Search

    ended = Search.objects.filter(pk=search, ended_at__isnull=False)
    wait_until(ended.exists, 600, "the end of the search")


def report(queries: tuple[int, int], seconds: float, small_waited: float) -> str:
    import celery
    import django

    ideal = (ITEMS + SMALL) * SECONDS / WORKERS
    versions = f"Python {platform.python_version()}, Django {django.__version__}, Celery {celery.__version__}"
    lines = [
        "# What handing out work costs",
        "",
        "Made by `make bench NAME=overhead OUT=docs/results/overhead.md`; what is measured, and how:",
        "[tests/benchmarks/overhead.py](../../tests/benchmarks/overhead.py).",
        "",
        f"{processor()}, {os.cpu_count()} cores, with all processes on it (load {os.getloadavg()[0]:.1f}).",
        f"{versions}, PostgreSQL 18 with durable commits, Valkey 9.",
        f"{WORKERS} workers, one round of {ITEMS} items of {SECONDS} s; meanwhile a search of {SMALL} such items.",
        "",
        "| measure | value | goal |",
        "|---|---|---|",
        f"| first start to last end | {seconds:.1f} s; ideal {ideal:.1f} s | |",
        f"| time lost against the ideal | {100 * (seconds / ideal - 1):.1f} % | at most 10 % |",
        f"| … an item | {1e3 * (seconds - ideal) * WORKERS / (ITEMS + SMALL):.1f} ms | |",
        f"| launch of the small search to its first item | {small_waited:.2f} s | at most 2 s |",
        f"| queries of a claim | {queries[0]} | |",
        f"| queries of a completion | {queries[1]} | |",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
