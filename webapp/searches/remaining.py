"""What is left of a running search: rounds of candidates, and seconds, by the model of time of estimate.py.

It is read twice a second while people watch, so what the search still trains is computed once a turn, and what the
trainings took is read again only when their number has doubled, or a turn was taken. Seconds that running items have
spent already are not taken off: otherwise the message would differ at each reading. Pages count down by themselves.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from search.base import serialization
from search.base.serialization import Json
from search.log.task import Task
from search.network.cost import Cost
from search.strategies import STRATEGIES
from search.strategies.base import Effort, Position, Stage
from webapp.datasets.lookup import find
from webapp.models import Candidate, Round, Search, Work
from webapp.models.enums import SearchStatus
from webapp.models.kinds import MEASURE, SCORING
from webapp.scheduling import presence
from webapp.scheduling.presence import Crew
from webapp.searches import estimate
from webapp.searches.estimate import Rate

UNKNOWN: Json = {"steps": None, "seconds": None}
LIVE = (SearchStatus.QUEUED, SearchStatus.RUNNING, SearchStatus.PAUSED)


def of(search: Search, current: Round | None, counts: dict[str, int]) -> Json:
    """`steps`: rounds of candidates that are left at least and at most, the open one included; `seconds`: low, middle
    and high, of these and of the finalists. None where that is not known. `counts`: the open round's items by
    status."""
    if current is None or search.cost is None or search.status not in LIVE:
        return UNKNOWN
    effort, train = _effort(search.pk, search.seq)
    phase, trains = _phase(current.pk)
    unfinished = counts["queued"] + counts["running"] if trains else None
    low, middle, high = (_left(stages, phase, unfinished) for stages in (effort.low, effort.middle, effort.high))
    crews = tuple(replace(crew, busy=0) for crew in presence.crews())  # equal while equal workers are present
    rate = _rate(search.pk, search.seq, counts["done"].bit_length(), crews)
    crew = _crew(search, crews)
    seconds = None
    if rate is not None and crew is not None:
        seconds = [round(each, 1) for each in estimate.span((low, middle, high), rate, crew.alive, train)]
    return {"steps": [_rounds(low), _rounds(high)], "seconds": seconds}


def _left(stages: Sequence[Stage], phase: str | None, unfinished: int | None) -> tuple[Stage, ...]:
    """The stages from `phase` on; of the first, `unfinished` candidates of the open round. None: all of them, since the
    round measures their latencies before they train."""
    left = [stage for stage in stages if phase != "answer" or stage.phase == "answer"]
    if unfinished is None or not left:
        return tuple(left)
    first, *others = left
    return (replace(first, rounds=(unfinished, *first.rounds[1:])), *others)


@lru_cache(maxsize=256)
def _effort(search_id: str, seq: int) -> tuple[Effort, int]:
    """What the search trains from here on, and the images or tokens of its training part. Only a turn, which emits
    events, changes what it depends on."""
    search = Search.objects.select_related("team").get(pk=search_id)
    position = Position(search.step, search.edges or 0, serialization.decode(Cost, search.cost))
    effort = STRATEGIES[search.strategy].effort(Task.from_dict(search.task), position)
    return effort, find(search.team, search.dataset).counts.train


@lru_cache(maxsize=256)
def _phase(round_id: int) -> tuple[str | None, bool]:
    """Of the candidates that the round trains or measures, and whether it trains them. A round never changes what its
    items are about."""
    items = list(Work.objects.filter(round=round_id).exclude(about=[]).select_related("round").order_by("index"))
    item = next((each for each in items if each.kind != MEASURE), next(iter(items), None))
    if item is None:
        return None, False
    assert item.round is not None
    rows = Candidate.objects.filter(search=item.round.search_id, branch=item.round.branch, number=item.about[0])
    return rows.values_list("phase", flat=True).first(), item.kind != MEASURE


def _rounds(stages: Sequence[Stage]) -> int:
    return sum(len(stage.rounds) for stage in stages if stage.phase != "answer")


@lru_cache(maxsize=256)
def _rate(search_id: str, seq: int, finished: int, crews: tuple[Crew, ...]) -> Rate | None:
    """From the search's own trainings, else from those that its estimate would be based on."""
    search = Search.objects.select_related("team").get(pk=search_id)
    dataset = find(search.team, search.dataset)
    own = estimate.fitted(estimate.measured(Work.objects.filter(round__search=search), dataset.counts.train))
    return own or estimate.rate_for(Task.from_dict(search.task), search.team, dataset, crews)[0]


def _crew(search: Search, crews: Sequence[Crew]) -> Crew | None:
    """The workers that may score its candidates: those like the first that did, or else any."""
    placed = search.placements.filter(kind__in=SCORING).first()
    if placed is None:
        return next(iter(crews), None)
    return next((crew for crew in crews if (crew.queue, crew.numerics) == (placed.queue, placed.numerics)), None)
