"""How long a search will take, from what like trainings took.

The model of time is literal. A training takes so many seconds for each image (or token) and epoch, and those grow with
the graph's MACs along a line, which is fitted to measured trainings by least squares:

    seconds = epochs × images × (base + per_mac × MACs)

A round takes as long as its candidates one after the other on each of the workers; rounds follow each other. How many
rounds there will be is the strategy's guess (search/strategies/effort.py), in three sizes. Its low size is multiplied
with the fast end of the measured trainings and its high size with the slow end: the 10th and 90th percentile of
measured by fitted seconds. So the range has two honest sources, the search and the machines, and no confidence level.

Only the team's own searches and probes count, on built-in datasets too: otherwise the estimate would tell a stranger
what another team trains. Of others it tells how many searches share the workers, and how many workers are busy.

Left out: time between rounds, measurements of latency, and other searches that share the workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean
from typing import Literal, NamedTuple

from django.db.models import F, Q, QuerySet

from search.base import serialization
from search.base.serialization import Json
from search.data.datasets import Dataset
from search.evaluation.proxies.scoring import samples_of_score
from search.evaluation.training import samples_per_epoch
from search.log.task import Task
from search.strategies import STRATEGIES
from search.strategies.base import Stage
from webapp.models import Candidate, Probe, Search, Team, Work
from webapp.models.enums import SearchStatus, WorkStatus
from webapp.models.kinds import SCORE, SCORING
from webapp.scheduling import presence
from webapp.scheduling.presence import Crew
from webapp.searches import probes

SEARCHES, ITEMS = 20, 120  # the latest like searches, and their latest trainings, that are read
FEWEST = 3  # trainings that an estimate is based on
PERCENTILES = (0.1, 0.9)
#: The same of a probe, which trains for seconds on machines that may be busier for the hour of a search.
PROBE_RATIOS = (0.7, 1.5)

Basis = Literal["measured", "probe"]
CandidateKey = tuple[str, int, int]  # search, branch, number


class Measured(NamedTuple):
    """A training that was done: epochs × images, MACs of its graph, and seconds."""

    samples: int
    macs: int
    seconds: float


class Span(NamedTuple):
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Rate:
    """Seconds per image and epoch, as a line over MACs. `low`, `high`: what a fast and a slow training take of it."""

    base: float
    per_mac: float
    low: float
    high: float
    basis: Basis
    items: int

    def seconds(self, samples: float, macs: int) -> float:
        return samples * (self.base + self.per_mac * macs)


@dataclass(frozen=True)
class Estimate:
    """`seconds`: of the whole search; None where `why` says so. `items`: trainings that it is based on. `sharing`:
    other searches that use the workers now."""

    seconds: Span | None
    basis: Basis | None
    why: str
    items: int
    trainings: tuple[int, int, int]
    probe: str | None  # queued, running, done or failed: the team's latest for this task
    workers: list[Crew]
    sharing: int


def of(task: Task, team: Team | None, dataset: Dataset) -> Estimate:
    effort = STRATEGIES[task.strategy.name].effort(task)
    sizes = effort.low, effort.middle, effort.high
    crews = presence.crews()
    subject = probes.subject_of(task)
    latest = Probe.objects.filter(team=team, subject=subject).order_by("-created_at", "-pk").first()
    rate, crew = rate_for(task, team, dataset, crews)
    train = dataset.counts.train
    return Estimate(
        seconds=None if rate is None or crew is None else span(sizes, rate, crew.alive, train),
        basis=None if rate is None else rate.basis,
        why=_why(rate, crews),
        items=0 if rate is None else rate.items,
        trainings=tuple(_count(stages) for stages in sizes),  # type: ignore[arg-type]
        probe=None if latest is None else probes.status_of(latest),
        workers=crews,
        sharing=Search.objects.filter(status__in=(SearchStatus.QUEUED, SearchStatus.RUNNING)).count(),
    )


def rate_for(task: Task, team: Team | None, dataset: Dataset, crews: Sequence[Crew]) -> tuple[Rate | None, Crew | None]:
    """From like trainings of the team by workers of a crew that is present, the largest crew first; else from a probe
    of it."""
    for crew in crews:
        if (rate := fitted(measured(_like(task, team, crew), dataset.counts.train))) is not None:
            return rate, crew
    for crew in crews:
        if (rate := _probed(task, team, crew)) is not None:
            return rate, crew
    return None, None


def fitted(trainings: Sequence[Measured]) -> Rate | None:
    """None where there are too few."""
    if len(trainings) < FEWEST:
        return None
    base, per_mac = line([(each.macs, each.seconds / each.samples) for each in trainings])
    ratios = sorted(each.seconds / (each.samples * (base + per_mac * each.macs)) for each in trainings)
    low, high = (_percentile(ratios, share) for share in PERCENTILES)
    return Rate(base, per_mac, min(low, 1.0), max(high, 1.0), "measured", len(trainings))


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Intercept and slope by least squares, neither below 0: more MACs take no less time, and nothing takes none."""
    mean_x, mean_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    if slope <= 0:
        return mean_y, 0.0
    if mean_y - slope * mean_x < 0:
        return 0.0, sum(x * y for x, y in points) / sum(x * x for x, _ in points)
    return mean_y - slope * mean_x, slope


def measured(items: QuerySet[Work], train: int) -> list[Measured]:
    """What the latest of these items of searches took. `train`: images or tokens of the dataset's training part."""
    done = items.filter(
        kind__in=SCORING, status=WorkStatus.DONE, failed=False, reused=False, finished_at__gt=F("started_at")
    )
    columns = ("payload", "outcome", "started_at", "finished_at", "about", "round__search", "round__branch")
    latest = list(done.select_related("round").only(*columns).order_by("-finished_at")[:ITEMS])
    macs = _macs(latest)
    found = []
    for item in latest:
        outcome = serialization.loads(bytes(item.outcome or b""))
        known = [macs[key] for key in _candidates(item) if key in macs]
        assert item.started_at is not None and item.finished_at is not None  # of what is done
        if outcome["status"] == "ok" and known:
            each = samples(serialization.loads(bytes(item.payload)), train, outcome.get("epochs"))
            seconds = (item.finished_at - item.started_at).total_seconds()
            found.append(Measured(each * len(known), round(fmean(known)), seconds))
    return found


def samples(work: Json, train: int, epochs: int | None = None) -> int:
    """Images or tokens that a candidate of this item reads in all epochs, or in those that an early stop left. A score
    reads its batches once. 1 for an item of another kind."""
    if work["kind"] == SCORE:
        return samples_of_score(work)
    if "recipe" not in work:
        return 1
    return samples_per_epoch(work, train) * (epochs or int(work["recipe"]["epochs"]))


def seconds_of(stages: Sequence[Stage], rate: Rate, workers: int, train: int) -> float:
    """What these stages take: in each round, the candidates of the worker that has most of them."""
    return sum(
        ceil(candidates / workers) * rate.seconds(samples(stage.work, train), stage.macs)
        for stage in stages
        for candidates in stage.rounds
    )


def span(sizes: Sequence[Sequence[Stage]], rate: Rate, workers: int, train: int) -> Span:
    """`sizes`: the stages of a search at the least, as a rule and at the most."""
    ratios = rate.low, 1.0, rate.high
    return Span(
        *(seconds_of(stages, rate, workers, train) * ratio for stages, ratio in zip(sizes, ratios, strict=True))
    )


def _like(task: Task, team: Team | None, crew: Crew) -> QuerySet[Work]:
    """Items of the team's searches with the same space, evaluator and dataset, done on machines of this crew."""
    names = Q()
    for machine in crew.machines:
        names |= Q(worker__regex=presence.names_on(machine))
    searches = Search.objects.filter(
        team=team, dataset=task.dataset, task__space__name=task.space.name, task__evaluator__name=task.evaluator.name
    ).order_by("-created_at")
    latest = list(searches.values_list("pk", flat=True)[:SEARCHES])
    return Work.objects.filter(names, numerics=crew.numerics, round__search__in=latest)


def _probed(task: Task, team: Team | None, crew: Crew) -> Rate | None:
    done = Probe.objects.filter(team=team, subject=probes.subject_of(task), numerics=crew.numerics)
    done = done.filter(seconds__isnull=False)
    probe = done.order_by("-created_at", "-pk").first()
    if probe is None:
        return None
    base, per_mac = line(list(zip(probe.macs, probe.seconds or [], strict=True)))
    return Rate(base, per_mac, *PROBE_RATIOS, "probe", len(probe.macs))


def _candidates(item: Work) -> list[CandidateKey]:
    assert item.round is not None
    return [(item.round.search_id, item.round.branch, number) for number in item.about]


def _macs(items: Sequence[Work]) -> dict[CandidateKey, int]:
    """MACs of the candidates that the items are about."""
    keys = {key for item in items for key in _candidates(item)}
    found = Candidate.objects.filter(search__in={search for search, _, _ in keys}, number__in={n for _, _, n in keys})
    return {
        (search, branch, number): macs
        for search, branch, number, macs in found.values_list("search_id", "branch", "number", "macs")
    }


def _count(stages: Sequence[Stage]) -> int:
    return sum(sum(stage.rounds) for stage in stages)


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[round(share * (len(ordered) - 1))]


def _why(rate: Rate | None, crews: Sequence[Crew]) -> str:
    if not crews:
        return probes.NO_WORKER
    if rate is None:
        return "No training like these was done on the workers that run now. A probe of a few seconds would tell."
    if rate.basis == "probe":
        return "From a probe: the first steps of the smallest and the largest graph."
    return f"From {rate.items} trainings of the team's searches like this one, on the workers that run now."
