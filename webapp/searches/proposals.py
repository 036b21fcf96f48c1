"""From the data of a form to a task, and a preview of what that task would cost. No torch, no database."""

from dataclasses import dataclass, replace
from typing import Any

from search.base import config, serialization
from search.base.serialization import Json
from search.data import builtin, datasets
from search.log import events
from search.log.task import BadTask, Task
from search.network.budget import LIMITS, Budget, Infeasible
from search.network.cost import Cost
from search.strategies import STRATEGIES, NoSpace, space_for
from webapp.core.errors import InvalidField


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
    """The task with all defaults filled in, on `dataset` or else on the built-in one that `data` names. Raises
    InvalidField."""
    dataset = dataset or builtin.get(data["dataset"])
    try:
        space = space_for(data["strategy"], dataset.kind, data.get("space"))
    except NoSpace as error:
        raise InvalidField("space", str(error)) from None
    try:
        settings: Any = config.parse(STRATEGIES[data["strategy"]].CONFIGS[space], data["config"])
    except config.BadConfig as error:
        raise InvalidField(f"config.{error.field}", error.message) from None
    return Task(
        strategy=data["strategy"],
        space=space,
        dataset=dataset.name,
        split=dataset.split,
        seed=data["seed"],
        budget=Budget(**data["budget"]),
        config=serialization.to_jsonable(settings),
        data=_data(dataset, settings),
    )


def _data(dataset: datasets.Dataset, settings: Any) -> datasets.Data | None:
    """What workers need to load an uploaded dataset; None for a built-in one. The test part is included only where the
    published protocol validates on it."""
    if dataset.data.file is None:
        return None
    if isinstance(dataset.data, datasets.ImageData) and getattr(settings, "protocol", None) == "published":
        return replace(dataset.data, test_file=dataset.test_file)
    return dataset.data


def preview(proposed: Task) -> Preview:
    """What the strategy would start with, and whether it accepts the task. Raises InvalidField."""
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
    """Of a strategy that rejects a task: its budget cannot be met, or its settings are invalid."""
    if isinstance(error, Infeasible):
        return InvalidField("budget", str(error))
    message = str(error).rstrip(".")
    return InvalidField("config", f"{message[0].upper()}{message[1:]}.")


def _started(proposed: Task) -> events.SearchStarted:
    _, emitted = STRATEGIES[proposed.strategy].start(proposed)
    first = next(event for event in emitted if event.kind == "search_started")
    return serialization.decode(events.SearchStarted, serialization.loads(serialization.dumps(first.payload)))


def _relaxed(proposed: Task) -> Task:
    """The task with limits that no cell exceeds. All grow by one factor, so the smallest cell stays the same."""
    budget = proposed.budget
    limits: Json = {limit: allowed * 10**12 for limit in LIMITS if (allowed := budget.allowed(limit)) is not None}
    return replace(proposed, budget=Budget(bytes_per_element=budget.bytes_per_element, **limits))


def _problems(budget: Budget, smallest: Cost) -> list[Problem]:
    return [
        Problem(over.limit, over.allowed, over.value, f"{over.sentence}, even for the smallest cell.")
        for over in budget.over(smallest)
    ]
