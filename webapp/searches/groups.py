"""Searches that were launched together: one task, with other seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, stdev

from django.db import IntegrityError

from search.base import serialization
from search.base.serialization import Json
from webapp.core.errors import Conflict, InvalidField
from webapp.core.transactions import short_transaction
from webapp.models import Search, Team, User
from webapp.models.enums import SearchStatus
from webapp.models.ids import public_id
from webapp.searches import lifecycle

#: 97.5 % quantile of Student's t, by degrees of freedom: from 1 to that of the largest group (BOUNDS.repeats).
T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093),
)


@dataclass(frozen=True)
class Quality:
    """Of the answers: their mean, and its 95 % interval by Student's t, cut at the metric's range. `count`: searches
    with an answer."""

    mean: float
    low: float
    high: float
    count: int


def launch(team: Team, user: User, name: str, tasks: list[Json], key: str | None = None) -> Search:
    """One search for each task, all or none; returns the first. `key`: of the launch, chosen by the person's program.
    The same one again, as after an answer that was lost, launches nothing. Raises InvalidField; Conflict where the key
    is that of another launch."""
    if key is None:
        return _create(team, user, name, tasks, None)
    launched = Search.objects.filter(created_by=user, launch_key=key)
    if (first := launched.first()) is None:
        try:
            return _create(team, user, name, tasks, key)
        except IntegrityError:
            if (first := launched.first()) is None:  # else the same request came twice at one time
                raise
    if first.task_hash != serialization.canonical_hash(tasks[0]):
        raise Conflict("Another search was launched with this key. Draw a new one for each launch.")
    return first


@short_transaction()
def _create(team: Team, user: User, name: str, tasks: list[Json], key: str | None) -> Search:
    group = public_id() if len(tasks) > 1 else None
    longest = Search._meta.get_field("name").max_length or 0
    ends = [f", seed {task['seed']}" if group else "" for task in tasks]
    names = [name[: longest - len(end)] + end for end in ends]
    first = lifecycle.create(team, user, names[0], tasks[0], group, key)
    for other, task in zip(names[1:], tasks[1:], strict=True):
        lifecycle.create(team, user, other, task, group)
    return first


def seeds(first: int, count: int, most: int) -> range:
    """Raises InvalidField where a seed would be too large."""
    if first + count - 1 > most:
        raise InvalidField("seed", f"With {count} repeats the last seed would be above {most:,}. Choose a smaller one.")
    return range(first, first + count)


def metric_of(members: Sequence[Search]) -> str:
    """What `quality` compares. Searches by proxies have that of their data once their finalists are trained."""
    metrics = [metric for metric, _ in _answers(members)] or [each.metric for each in members]
    return next((metric for metric in metrics if metric != "proxy"), "proxy")


def quality(members: Sequence[Search]) -> Quality | None:
    """Of the answers in the group's metric. None until two of them have finished with one. That of a stopped one was
    trained for a shorter time."""
    metric = metric_of(members)
    values = [value for own, value in _answers(members) if own == metric]
    if len(values) < 2:
        return None
    mean, half = fmean(values), T[len(values) - 2] * stdev(values) / sqrt(len(values))
    most = 1.0 if metric == "accuracy" else inf
    least = -inf if metric == "proxy" else 0.0
    return Quality(mean, max(least, mean - half), min(most, mean + half), len(values))


def _answers(members: Sequence[Search]) -> list[tuple[str, float]]:
    """Metric and quality of those that have finished with an answer."""
    finished = [each for each in members if each.status == SearchStatus.FINISHED]
    return [(each.metric, each.best_quality) for each in finished if each.best_quality is not None]
