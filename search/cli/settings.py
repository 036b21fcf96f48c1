"""The options of `run` that choose the factors of a search and their settings, and the task that they describe."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import Any

from search.base.config import schema
from search.base.serialization import Json
from search.cli import arguments
from search.data.datasets import Dataset
from search.evaluation import EVALUATORS
from search.evaluation.objective import AnswerSettings, Objective
from search.log.task import BadTask, Task
from search.spaces import SPACES
from search.strategies import STRATEGIES
from search.strategies.base import Factor
from search.strategies.tasks import FACTORS, build_task, classes_of, evaluators_for, protocol_of, spaces_for, usual

TYPES: dict[str, Any] = {"int": int, "float": float, "choice": str, "bool": arguments.yes_or_no}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds `--strategy`, `--space`, `--evaluator`, and `--FACTOR.SETTING` per setting, in short `--SETTING` where no
    other setting and no option of the parser has this name."""
    parser.add_argument("--strategy", default="autoshrink", help=f"one of {', '.join(STRATEGIES)}")
    parser.add_argument("--space", default=None, help=f"one of {', '.join(SPACES)}; default: the one for the data")
    parser.add_argument("--evaluator", default=None, help=f"one of {', '.join(EVALUATORS)}; default: train")
    parser.add_argument("--inherit", type=arguments.yes_or_no, help="yes: the same as --evaluator inherit")
    rows = list(_rows())
    count = Counter(row["name"] for _, row in rows)
    for factor, row in rows:
        name = row["name"].replace("_", "-")
        about = {
            "dest": f"{factor}.{row['name']}",
            "type": TYPES[row["type"]],
            "help": f"{row['help']} ({row['default']})".replace("%", "%%"),
        }
        short = [f"--{name}"] if count[row["name"]] == 1 else []
        try:
            parser.add_argument(f"--{factor}.{name}", *short, **about)
        except argparse.ArgumentError:  # an option of the parser has the short name
            parser.add_argument(f"--{factor}.{name}", **about)


def task_from(options: argparse.Namespace, dataset: Dataset) -> Task:
    """The task of a search on this dataset. Raises BadTask, BadChoice and BadConfig."""
    given: dict[Factor, dict[str, Any]] = {factor: {} for factor in FACTORS}
    for factor, row in _rows():
        if hasattr(options, f"{factor}.{row['name']}"):
            given[factor][row["name"]] = getattr(options, f"{factor}.{row['name']}")
    evaluator = "inherit" if options.evaluator is None and getattr(options, "inherit", False) else options.evaluator
    _require_applicable(options, dataset.kind, evaluator, given)
    return build_task(
        strategy=options.strategy,
        space=options.space,
        evaluator=evaluator,
        settings=given,
        kind=dataset.kind,
        dataset=dataset.name,
        split=dataset.split,
        seed=options.seed,
        budget=arguments.budget(options.budget),
        data=None if dataset.data.file is None else dataset.data,
        test_file=dataset.test_file,
        train=dataset.counts.train,
    )


def _rows() -> Iterator[tuple[Factor, Json]]:
    """Every setting of every member of the families, once per factor and name."""
    classes: dict[Factor, list[type[Any]]] = {
        "space": [space.Config for space in SPACES.values()],
        "strategy": [strategy.Config for strategy in STRATEGIES.values()],
        "evaluator": [cls for evaluator in EVALUATORS.values() for cls in evaluator.CONFIGS.values()],
        "objective": [Objective],
        "answer": [AnswerSettings],
    }
    for factor in FACTORS:
        rows = [row for cls in classes[factor] for row in schema(cls)]
        yield from ((factor, row) for row in {row["name"]: row for row in reversed(rows)}.values())


def _require_applicable(
    options: argparse.Namespace, kind: Any, evaluator: str | None, given: dict[Factor, dict[str, Any]]
) -> None:
    """Raises BadTask on a setting that the chosen factors lack; unknown factors are left to `build_task`."""
    strategy = options.strategy
    if strategy not in STRATEGIES or not spaces_for(strategy, kind):
        return
    space = options.space or usual(strategy, "space", spaces_for(strategy, kind))
    protocol = protocol_of(strategy, given["strategy"])
    evaluator = evaluator or (protocol.evaluator if protocol else None)
    evaluator = evaluator or usual(strategy, "evaluator", evaluators_for(kind))
    if space not in spaces_for(strategy, kind) or evaluator not in evaluators_for(kind):
        return
    names: dict[Factor, str] = {"space": space, "strategy": strategy, "evaluator": evaluator}
    for factor, cls in classes_of(strategy, space, evaluator, kind).items():
        known = [row["name"] for row in schema(cls)]
        for name in given[factor]:
            if name not in known:
                what = f"{factor} {names.get(factor, '')}, on {kind} data,"
                raise BadTask(f"--{factor}.{name.replace('_', '-')} does not apply: {what} has no such setting")
