"""Ended searches for tests that only need one to exist: written from golden logs, not run.

The events of a golden log go through the same functions as those of a running search, which write events,
candidates, stored views and the answer in the catalog. There are no rounds and no work, so such a search cannot be
rolled back or forked.
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
    """The events of each round of a log, by branch and round."""
    events = map(serialization.loads, (golden.FOLDER / f"{stream}.jsonl").read_bytes().splitlines())
    return [
        (
            branch_and_round,
            tuple(SerializedEvent(e["kind"], e["payload"], serialization.dumps(e["payload"])) for e in emitted),
        )
        for branch_and_round, emitted in groupby(events, key=lambda event: (event["branch"], event["round"]))
    ]


def ended_search(team: Team, user: User, name: str = "Small", stream: str = "descent-and-choice") -> Search:
    """An ended search with one branch, and its answer if it has one."""
    emitted_by_round = _events_by_round(stream)
    task = emitted_by_round[0][1][0].payload["task"]
    with transaction.atomic():
        search = Search.objects.create(
            team=team,
            created_by=user,
            name=name,
            task=task,
            strategy=task["strategy"]["name"],
            dataset=task["dataset"],
        )
        search.refresh_from_db(fields=["created_at"])
        Branch.objects.create(search=search, number=0, seq=1)
        for (branch, number), emitted in emitted_by_round:
            event_log.append(search, branch, number, emitted)
        [last] = [item for _, emitted in emitted_by_round for item in emitted if item.kind == "search_finished"]
        lifecycle.end(search, last.payload["status"], emitted_by_round[-1][1])
    return search
