"""Events of a search at a steady pace: turns of the synthetic strategy, taken beforehand in memory.

A turn that is taken while a page is measured takes its time from the page, and turns of large graphs are slower than
the pace.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from search.base import serialization
from search.base.serialization import Json
from search.log import events
from tests import synthetic

BRANCH = 0


class Written(NamedTuple):
    """An event; the last one of a turn has the rows of candidates that the turn changed."""

    round: int
    kind: str
    payload: Json
    rows: list[Json]


@dataclass
class Feed:
    """`cuts`: edges, one of which each candidate is recorded to cut, so that marks stand for parts of the drawing."""

    search: str
    cuts: tuple[str, ...] = ()
    _run: synthetic.Run | None = None
    _waiting: deque[Written] = field(default_factory=deque)

    def prepare(self, count: int) -> None:
        """Takes turns until so many events wait to be written."""
        run = self._run = self._run or self._begun()
        while len(self._waiting) < count:
            number, run.output.events, run.output.rows = run.state.round, [], []
            run.decide()
            run.propose()
            rows = {row.id: row for row in run.output.rows}
            emitted = [events.emit(each) for each in run.output.events]
            self._waiting += (Written(number, kind, payload, []) for kind, payload in emitted)
            self._waiting[-1].rows.extend(self._row(serialization.to_jsonable(row)) for row in rows.values())

    def write(self, seconds: float, per_second: float) -> int:
        """Writes what was prepared, each event when it is due; returns how many."""
        began = time.perf_counter()
        count = 0
        while self._waiting and (due := count / per_second) < seconds:
            time.sleep(max(0.0, due - (time.perf_counter() - began)))
            self._write([self._waiting.popleft()])
            count += 1
        return count

    def write_all(self) -> None:
        self._write(self._waiting)
        self._waiting.clear()

    def _begun(self) -> synthetic.Run:
        from webapp.models import Round
        from webapp.searches.turn import unpack

        current = Round.objects.get(search_id=self.search, status="open")
        state: Json = unpack(bytes(current.state_before))
        return synthetic.Run(serialization.decode(synthetic.SyntheticState, state))

    def _row(self, row: Json) -> Json:
        if not self.cuts:
            return row
        edits = {name: [] for name in row["edits"]} | {"edges_removed": [self.cuts[row["id"] % len(self.cuts)]]}
        return {**row, "edits": edits}

    def _write(self, written: Iterable[Written]) -> None:
        from webapp.core import pokes
        from webapp.core.transactions import short_transaction
        from webapp.models import Search
        from webapp.searches import candidates, event_log
        from webapp.searches.turn import SerializedEvent

        with short_transaction():
            search = Search.objects.select_for_update().get(pk=self.search)
            for number, kind, payload, rows in written:
                event_log.append(search, BRANCH, number, [SerializedEvent(kind, payload, serialization.dumps(payload))])
                candidates.record(search, BRANCH, rows)
            pokes.poke_search(search.pk)
