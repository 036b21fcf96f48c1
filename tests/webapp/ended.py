"""Searches that have ended, for tests that only need one to exist: written from golden logs, not run.

What their strategy said is read from a file and goes through the functions that write it for a search that runs:
events, candidates, stored views and the answer in the catalog are what those make of it. Rounds and their work there
are none, so that nothing can be gone back to: what needs those runs a search to its end.
"""

from functools import cache
from itertools import groupby

from django.db import transaction

from search.base import serialization
from tests.search import golden
from webapp.models import Branch, Search, Team, User
from webapp.searches import event_log, lifecycle
from webapp.searches.turn import SerializedEvent

EventsByRound = list[tuple[tuple[int, int], tuple[SerializedEvent, ...]]]


@cache
def _events_by_round(stream: str) -> EventsByRound:
    """What was said in each round of a log, by branch and round."""
    events = map(serialization.loads, (golden.FOLDER / f"{stream}.jsonl").read_bytes().splitlines())
    return [
        (
            branch_and_round,
            tuple(SerializedEvent(e["kind"], e["payload"], serialization.dumps(e["payload"])) for e in emitted),
        )
        for branch_and_round, emitted in groupby(events, key=lambda event: (event["branch"], event["round"]))
    ]


def ended_search(team: Team, user: User, name: str = "Small", stream: str = "descent-and-choice") -> Search:
    """One of a single branch, finished or stopped, and its answer."""
    emitted_by_round = _events_by_round(stream)
    task = emitted_by_round[0][1][0].payload["task"]
    with transaction.atomic():
        search = Search.objects.create(
            team=team, created_by=user, name=name, task=task, strategy=task["strategy"], dataset=task["dataset"]
        )
        search.refresh_from_db(fields=["created_at"])
        Branch.objects.create(search=search, number=0, seq=1)
        for (branch, number), emitted in emitted_by_round:
            event_log.append(search, branch, number, emitted)
        [last] = [item for _, emitted in emitted_by_round for item in emitted if item.kind == "search_finished"]
        lifecycle.end(search, last.payload["status"], emitted_by_round[-1][1])
    return search
