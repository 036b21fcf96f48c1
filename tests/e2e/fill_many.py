"""`python -m tests.e2e.fill_many COUNT`: a paused search with so many measured candidates; prints its id.

Each candidate cuts one edge of the cell. The rows are written as a turn would write them, without any training.
"""

import os
import random
import sys

import django


def main(count: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    from search.base import serialization
    from webapp.models import Candidate, Search, Team, User
    from webapp.searches import lifecycle, proposals

    draft = {
        "strategy": "autoshrink",
        "dataset": "digits",
        "seed": 0,
        "budget": {"macs": 1_000_000},
        "settings": {"space": {"nodes": 5}},
    }
    task = serialization.to_jsonable(proposals.task(draft))
    owner = User.objects.earliest("pk")
    made = lifecycle.create(Team.objects.earliest("pk"), owner, "Many candidates", task)
    lifecycle.advance(made.pk)
    search = Search.objects.get(pk=made.pk)
    lifecycle.pause(search, None)
    rng = random.Random(0)
    like = Candidate.objects.filter(search=search).earliest("number")
    cuts = [f"{source}-{target}" for source in range(5) for target in range(source + 1, 5)]
    rows = []
    for number in range(1_000, 1_000 + count):
        quality = rng.random()
        row = Candidate(search=search, branch=0, number=number, seq=search.seq, step=1, phase=like.phase)
        row.edits = {name: [] for name in like.edits} | {"edges_removed": [cuts[number % len(cuts)]]}
        row.parents, row.hash, row.label, row.cost = [], like.hash, None, like.cost
        row.params, row.macs, row.peak_memory = like.params, rng.randint(500_000, 1_500_000), like.peak_memory
        row.feasible, row.status, row.quality, row.score = True, "ok", quality, quality
        rows.append(row)
    Candidate.objects.bulk_create(rows)
    print(search.pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
