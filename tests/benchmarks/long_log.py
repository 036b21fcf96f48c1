"""A log of 1,000 rounds of 500 candidates: `make bench NAME=long_log`; OUT=FILE also writes the report.

The turns of the synthetic strategy are taken one after the other, as the coordinator takes them, and written to an
embedded Postgres. Then the log is read as pages read it. ROUNDS, CANDIDATES and NODES choose another size.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import synthetic
from tests.benchmarks.latency import processor
from tests.benchmarks.overhead import services

ROUNDS, CANDIDATES, NODES = (
    int(os.environ.get(name, default)) for name, default in (("ROUNDS", 1_000), ("CANDIDATES", 500), ("NODES", 100))
)
TIMES = 5  # that each reading is repeated; the median counts


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        synthetic.register()
        with services():
            text = report(*write())
    print(text)
    if out := os.environ.get("OUT"):
        Path(out).write_text(text)


def write() -> tuple[Any, float]:
    """The search, and how many seconds its turns took."""
    from search.base import serialization
    from webapp.models import Team, User
    from webapp.searches import lifecycle, proposals

    draft = {"strategy": "autoshrink", "dataset": "digits", "seed": 0, "budget": {}, "settings": {}}
    proposed = serialization.to_jsonable(proposals.task(draft))
    task = synthetic.task_of(proposed, candidates=CANDIDATES, rounds=ROUNDS, nodes=NODES)
    search = lifecycle.create(Team.objects.get(), User.objects.get(), "Long", task)
    began = time.perf_counter()
    while search.rounds.filter(status="open").exists():  # one turn at a time, since its rounds have no work
        lifecycle.advance(search.pk)
    seconds = time.perf_counter() - began
    search.refresh_from_db()
    assert search.status == "finished", search.error
    return search, seconds


def report(search: Any, seconds: float) -> str:
    from django.db.models.functions import Length

    from webapp.api import presenters
    from webapp.searches import candidate_table, event_log
    from webapp.searches.candidate_table import Query

    decided = list(search.events.filter(kind="step_decided").order_by("seq").values_list("seq", flat=True))
    middle = decided[len(decided) * 3 // 4] - 1
    start = event_log.segment(search.pk, search.seq).first - 1
    readings: dict[str, Callable[[], Any]] = {
        "an earlier step (events?at=)": lambda: event_log.read(search.pk, *event_log.segment(search.pk, middle)),
        "where a watcher far behind starts": lambda: event_log.segment(search.pk, search.seq),
        "the newest events": lambda: event_log.read(search.pk, start + 1, search.seq),
        "500 step_decided": lambda: event_log.read(search.pk, *event_log.after(search.pk, 0, 500, kinds), kinds),
        "the tag of such a page": lambda: event_log.after(search.pk, 0, 500, kinds),
        "telemetry": lambda: presenters.telemetry(search),
        "1,000 new candidates (after_seq)": lambda: table(filters={"after_seq": decided[-2]}, limit=1_000),
        "1,000 candidates by id": lambda: table(limit=1_000),
        "100 best candidates": lambda: table(sort="-quality"),
        "front of quality and macs": lambda: table(pareto=("quality", "macs"), limit=1_000),
    }
    kinds = ["step_decided"]

    def table(**query: Any) -> Any:
        return candidate_table.find(search, Query(**query))

    largest: dict[str, int] = {}
    for kind, size in search.events.annotate(size=Length("payload")).values_list("kind", "size"):
        largest[kind] = max(largest.get(kind, 0), size)
    lines = [
        f"{processor()}: {ROUNDS:,} rounds of {CANDIDATES:,} candidates, {NODES} nodes",
        f"written in {seconds:,.0f} s, {1000 * seconds / ROUNDS:,.0f} ms a turn; {search.seq:,} events, "
        f"{search.candidates.count():,} candidates",
        "",
        "largest payloads (bytes): " + ", ".join(f"{kind} {size:,}" for kind, size in sorted(largest.items())),
        "",
        *(f"{name:34} {_median(read):8,.0f} ms {len(json.dumps(read())):10,} bytes" for name, read in readings.items()),
    ]
    return "\n".join(lines) + "\n"


def _median(read: Callable[[], Any]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        read()
        times.append(time.perf_counter() - began)
    return 1000 * sorted(times)[TIMES // 2]


if __name__ == "__main__":
    main()
