"""From what a form says to a task, and what that task would cost, before anything is made. No torch, no database."""

from dataclasses import dataclass, replace
from typing import Any

from search.base import config, serialization
from search.base.sentences import as_sentence
from search.data import builtin, datasets
from search.log import events
from search.log.task import BadTask, Task
from search.network.budget import LIMITS, Budget, Infeasible
from search.network.cost import Cost
from search.strategies import STRATEGIES, NoSpace, space_for
from webapp.core.errors import InvalidField

Json = dict[str, Any]


@dataclass(frozen=True)
class Problem:
    limit: str
    allowed: int
    needed: int
    detail: str


@dataclass(frozen=True)
class Preview:
    dense: Cost
    smallest: Cost
    graph: Json
    fits: bool  # the search can end within the budget
    problems: list[Problem]
    evaluations: int


def task(data: Json, dataset: datasets.Dataset | None = None) -> Task:
    """The whole task, defaults filled in; on this dataset, or the built-in one that it names. Raises InvalidField."""
    dataset = dataset or builtin.get(data["dataset"])
    try:
        space = space_for(data["strategy"], dataset.kind, data.get("space"))
    except NoSpace as error:
        raise InvalidField("space", str(error)) from None
    try:
        settings: Any = config.parse(STRATEGIES[data["strategy"]].CONFIGS[space], data["config"])
    except config.BadConfig as error:
        raise InvalidField(f"config.{error.field}", error.message) from None
    try:
        budget = Budget(**data["budget"])
    except ValueError as error:
        raise InvalidField("budget", str(error)) from None
    return Task(
        strategy=data["strategy"],
        space=space,
        dataset=dataset.name,
        split=dataset.split,
        seed=data["seed"],
        budget=budget,
        config=serialization.to_jsonable(settings),
        data=_data(dataset, settings),
    )


def _data(dataset: datasets.Dataset, settings: Any) -> datasets.Data | None:
    """Of an uploaded dataset. A search is told of the test part only where it is published to validate on it."""
    if dataset.data.file is None:
        return None
    if isinstance(dataset.data, datasets.ImageData) and getattr(settings, "protocol", None) == "published":
        return replace(dataset.data, test_file=dataset.test_file)
    return dataset.data


def preview(proposed: Task) -> Preview:
    """Asks the strategy itself: what it would begin with, and whether it would begin. Raises InvalidField."""
    strategy = STRATEGIES[proposed.strategy]
    try:
        started, fits = _started(proposed), True
    except BadTask as error:
        raise invalid_task(error) from None
    except Infeasible:
        fits = False
        started = _started(_relaxed(proposed))
    return Preview(
        dense=started.cost,
        smallest=started.smallest,
        graph=started.graph,
        fits=fits,
        problems=_problems(proposed.budget, started.smallest),
        evaluations=strategy.evaluations(proposed),
    )


def invalid_task(error: BadTask | Infeasible) -> InvalidField:
    """Why a strategy will not start a task: its budget cannot be met, or its settings do not fit together."""
    if isinstance(error, Infeasible):
        return InvalidField("budget", str(error))
    return InvalidField("config", as_sentence(str(error)))


def _started(proposed: Task) -> events.SearchStarted:
    _, said = STRATEGIES[proposed.strategy].start(proposed)
    first = next(event for event in said if event.kind == "search_started")
    return serialization.decode(events.SearchStarted, serialization.loads(serialization.dumps(first.payload)))


def _relaxed(proposed: Task) -> Task:
    """The same with limits so wide that it would begin. All by one factor: the smallest cell is then the same one."""
    budget = proposed.budget
    limits: Json = {limit: allowed * 10**12 for limit in LIMITS if (allowed := budget.allowed(limit)) is not None}
    return replace(proposed, budget=Budget(bytes_per_element=budget.bytes_per_element, **limits))


def _problems(budget: Budget, smallest: Cost) -> list[Problem]:
    return [
        Problem(over.limit, over.allowed, over.value, f"{over.sentence}, even for the smallest cell.")
        for over in budget.over(smallest)
    ]
