"""From the data of a form to a task, and a preview of what that task would cost. No torch, no database."""

from dataclasses import dataclass

from search.base.config import BadConfig
from search.base.sentences import as_sentence
from search.base.serialization import Json
from search.data import builtin, datasets
from search.log.task import BadTask, Task
from search.network.budget import Budget, Infeasible, Over
from search.network.cost import Cost, PeakMemory
from search.strategies import STRATEGIES
from search.strategies.tasks import BadChoice, build_task
from webapp.core.errors import InvalidField

NO_COST = Cost(0, 0, 0, PeakMemory(0, 0, 0))  # a lower bound, where the space cannot tell the smallest graph


@dataclass(frozen=True)
class Problem:
    limit: str
    allowed: int
    needed: int
    detail: str


@dataclass(frozen=True)
class Preview:
    largest: Cost
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
        return build_task(
            strategy=data["strategy"],
            space=data.get("space"),
            evaluator=data.get("evaluator"),
            settings=data["settings"],
            kind=dataset.kind,
            dataset=dataset.name,
            split=dataset.split,
            seed=data["seed"],
            budget=Budget(**data["budget"]),
            data=None if dataset.data.file is None else dataset.data,
            test_file=dataset.test_file,
            train=dataset.counts.train,
        )
    except BadChoice as error:
        raise InvalidField(error.factor, as_sentence(str(error))) from None
    except BadConfig as error:
        raise InvalidField(f"settings.{error.field}", as_sentence(error.message)) from None


def preview(proposed: Task) -> Preview:
    """What the strategy would start with, and whether it accepts the task. Raises InvalidField."""
    try:
        found = STRATEGIES[proposed.strategy.name].preview(proposed)
    except BadTask as error:
        raise invalid_task(error) from None
    return Preview(
        largest=found.largest,
        smallest=found.smallest or NO_COST,
        graph=found.graph.to_dict(),
        fits=not found.unreachable,
        problems=[_problem(over) for over in found.unreachable],
        evaluations=found.evaluations,
    )


def require_possible(task: Json) -> None:
    """Raises InvalidField where the strategy rejects the task."""
    found = preview(Task.from_dict(task))
    if found.problems:
        raise InvalidField("budget", " ".join(problem.detail for problem in found.problems))


def invalid_task(error: BadTask | Infeasible) -> InvalidField:
    """Of a strategy that rejects a task: its budget cannot be met, or its settings are invalid."""
    if isinstance(error, Infeasible):
        return InvalidField("budget", str(error))
    return InvalidField("settings", as_sentence(str(error)))


def _problem(over: Over) -> Problem:
    return Problem(over.limit, over.allowed, over.value, f"{over.sentence}, even for the smallest cell.")
