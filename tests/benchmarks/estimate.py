"""How good estimates are: `make bench NAME=estimate`; SEEDS=3 and OUT=FILE may be given.

Two real workers and a coordinator run the default search on digits with a tight limit, over some seeds. Before each
search is launched its estimate is noted: the first is based on a probe, the others on the trainings before them. With a
limit the search changes with the seed, so that its length is a part of what is estimated.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.overhead import ROOT, WORKERS, services, wait_for_end
from tests.processes import wait_until

SEEDS = int(os.environ.get("SEEDS", "4"))
DRAFT: dict[str, Any] = {"strategy": "autoshrink", "dataset": "digits", "budget": {"params": 60_000}, "settings": {}}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"ESPALIER_VAR": str(Path(folder) / "var"), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
        import django

        django.setup()
        with services() as children:
            start_workers(children)
            head = f"{'seed':>4}  {'basis':<8}  {'low':>6}  {'middle':>6}  {'high':>6}  {'actual':>6}"
            lines = [f"{head}   (s; {WORKERS} workers)"]
            print(*lines, flush=True)
            for seed in range(SEEDS):
                lines.append(line(seed))
                print(lines[-1], flush=True)
    if out := os.environ.get("OUT"):
        Path(out).write_text("\n".join(lines))


def start_workers(children: Any) -> None:
    from webapp.models import Worker
    from webapp.processes.supervisor import Child

    Worker.objects.all().delete()
    manage = (sys.executable, str(ROOT / "manage.py"))
    names = ["advance", *["cpu"] * WORKERS]
    for number, queue in enumerate(names):
        child = Child(name=f"{queue}-{number}", command=(*manage, "worker", "--queue", queue), env=dict(os.environ))
        children.start(child)
    wait_until(lambda: Worker.objects.count() == WORKERS, 120, "the workers")


def line(seed: int) -> str:
    from search.base import serialization
    from search.data import builtin
    from webapp.models import Probe, Search, Team, User
    from webapp.searches import estimate, lifecycle, probes, proposals

    team, user = Team.objects.get(), User.objects.get()
    task = proposals.task({**DRAFT, "seed": seed})
    if seed == 0:
        probe = probes.request(team, user, task)
        wait_until(Probe.objects.filter(pk=probe.pk, seconds__isnull=False).exists, 120, "the probe")
    found = estimate.of(task, team, builtin.get("digits"))
    assert found.seconds is not None
    search = lifecycle.create(team, user, f"Seed {seed}", serialization.to_jsonable(task)).pk
    wait_for_end(search)
    ended = Search.objects.get(pk=search)
    assert ended.ended_at is not None
    actual = (ended.ended_at - ended.created_at).total_seconds()
    numbers = "  ".join(f"{value:6.1f}" for value in (*found.seconds, actual))
    return f"{seed:>4}  {found.basis:<8}  {numbers}"


if __name__ == "__main__":
    main()
