"""Ended searches for tests that only need one to exist: their turns are computed once and written without workers.

The turns go through the same functions as those of a running search, which write events, candidates, the summary and
the answer in the catalog. There are no rounds and no work, so such a search cannot be rolled back or forked.
"""

from functools import cache

from django.db import transaction

from search.base import serialization
from search.base.serialization import Json
from tests.search import fakes, golden
from webapp.models import Branch, Search, Team, User
from webapp.searches import candidates, columns, event_log, lifecycle, turn
from webapp.searches.turn import Transition


@cache
def _task(stream: str) -> Json:
    """That of a golden stream."""
    with (golden.FOLDER / f"{stream}.jsonl").open("rb") as lines:
        task: Json = serialization.loads(next(lines))["payload"]["task"]
    return task


@cache
def turns(stream: str) -> list[Transition]:
    """All turns of the task of a golden stream, which has no commands."""
    name = _task(stream)["strategy"]["name"]
    taken = [turn.start(name, _task(stream))]
    while taken[-1].ended is None:
        taken.append(turn.tell(name, taken[-1].state, [], [fakes.outcome_of(work) for work in taken[-1].work]))
    return taken


def ended_search(team: Team, user: User, name: str = "Small", stream: str = "descent-and-choice") -> Search:
    """An ended search with one branch, and its answer if it has one."""
    task = _task(stream)
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
        for number, taken in enumerate(turns(stream)):
            event_log.append(search, 0, max(0, number - 1), taken.emitted)
            candidates.record(search, 0, taken.rows)
            columns.record(search, taken.summary)
        lifecycle.end(search, taken.ended or "", taken.emitted)
    return search
