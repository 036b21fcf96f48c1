"""Searches that were launched together: one task, with other seeds."""

from dataclasses import dataclass
from math import inf, sqrt
from statistics import fmean, stdev

from search.base.serialization import Json
from webapp.core.errors import InvalidField
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


def launch(team: Team, user: User, name: str, tasks: list[Json]) -> list[Search]:
    """One search for each task, all or none. Raises InvalidField."""
    group = public_id() if len(tasks) > 1 else None
    longest = Search._meta.get_field("name").max_length or 0
    with short_transaction():
        made = []
        for task in tasks:
            end = f", seed {task['seed']}" if group else ""
            made.append(lifecycle.create(team, user, name[: longest - len(end)] + end, task, group))
        return made


def seeds(first: int, count: int, most: int) -> range:
    """Raises InvalidField where a seed would be too large."""
    if first + count - 1 > most:
        raise InvalidField("seed", f"With {count} repeats the last seed would be above {most:,}. Choose a smaller one.")
    return range(first, first + count)


def quality(members: list[Search]) -> Quality | None:
    """None until two of them have finished with an answer. That of a stopped one was trained for a shorter time."""
    finished = [each for each in members if each.status == SearchStatus.FINISHED]
    values = [each.best_quality for each in finished if each.best_quality is not None]
    if len(values) < 2:
        return None
    mean, half = fmean(values), T[len(values) - 2] * stdev(values) / sqrt(len(values))
    most = 1.0 if members[0].metric == "accuracy" else inf
    return Quality(mean, max(0.0, mean - half), min(most, mean + half), len(values))
