"""From a person's choices to a task: which factors can be combined, and the settings of each with all defaults."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from search.base import config, serialization
from search.base.config import BadConfig
from search.data.datasets import Data, ImageData, Kind
from search.evaluation import EVALUATORS
from search.evaluation.objective import AnswerSettings, Objective
from search.log.task import Choice, Task
from search.network.budget import LIMITS, Budget
from search.network.graph import Graph
from search.spaces import SPACES
from search.strategies import STRATEGIES
from search.strategies.base import Factor, ProtocolSettings, Settings, Work

#: Defaults of a search with limits: quality alone.
WITHIN_LIMITS: Settings = {"objective": {"cost_weight": 0.0}}
FACTORS: tuple[Factor, ...] = ("space", "strategy", "evaluator", "objective", "answer")


class BadChoice(ValueError):
    """Factors that cannot be combined. `factor` is the one to choose differently; the message is a sentence."""

    def __init__(self, factor: Factor, message: str) -> None:
        super().__init__(message)
        self.factor = factor


def spaces_for(strategy: str, kind: Kind | None = None) -> list[str]:
    """The spaces that the strategy can search, for this kind of data or for any."""
    needs = STRATEGIES[strategy].NEEDS
    return [name for name, space in SPACES.items() if needs <= space.MOVES and kind in (None, space.KIND)]


def evaluators_for(kind: Kind) -> list[str]:
    return [name for name, evaluator in EVALUATORS.items() if kind in evaluator.CONFIGS]


def usual(strategy: str, factor: Factor, offered: Sequence[str]) -> str | None:
    """Which of the offered spaces or evaluators is taken where none is named; None where none is offered."""
    own = STRATEGIES[strategy].USUAL.get(factor)
    return own if own in offered else next(iter(offered), None)


def build_task(
    *,
    strategy: str,
    space: str | None = None,
    evaluator: str | None = None,
    settings: Settings,
    kind: Kind,
    dataset: str,
    split: str,
    seed: int,
    budget: Budget,
    data: Data | None = None,
    test_file: str | None = None,
    train: int | None = None,
) -> Task:
    """The task with all defaults filled in. Space and evaluator are chosen where none is given.

    `test_file`: the packed test part of the data, which the task names only where candidates are validated on it.
    `train`: images or tokens of the training part, where they are known.
    Raises BadChoice, and BadConfig naming "<factor>.<setting>".
    """
    _require("strategy", strategy, list(STRATEGIES), "strategy")
    spaces = spaces_for(strategy, kind)
    space = _require("space", space or usual(strategy, "space", spaces), spaces, f"{strategy} on {kind} data")
    protocol = protocol_of(strategy, settings.get("strategy", {}))
    fixed = protocol is not None and protocol.fixed
    evaluators = [str(protocol.evaluator)] if protocol and fixed else evaluators_for(kind)
    chooser = f"the {protocol.name} protocol" if protocol and fixed else f"{strategy} on {kind} data"
    evaluator = _require("evaluator", evaluator or usual(strategy, "evaluator", evaluators), evaluators, chooser)
    given = _with_defaults(settings, protocol, space, evaluator, within_limits=has_limits(budget))
    classes: dict[Factor, type[Any]] = classes_of(strategy, space, evaluator, kind)
    of_protocol: Settings = protocol.settings.get(space, {}) if protocol and fixed else {}
    parsed = {factor: _parse(factor, classes[factor], given[factor], of_protocol.get(factor, {})) for factor in FACTORS}
    if train is not None and (why := EVALUATORS[evaluator].why_too_few(parsed["evaluator"], train)) is not None:
        raise BadChoice("evaluator", why)
    validates_on_test = EVALUATORS[evaluator].reads_test_part(parsed["evaluator"])
    if test_file is not None and isinstance(data, ImageData) and validates_on_test:
        data = replace(data, test_file=test_file)
    as_json = {factor: serialization.to_jsonable(part) for factor, part in parsed.items()}
    return Task(
        space=Choice(name=space, config=as_json["space"]),
        strategy=Choice(name=strategy, config=as_json["strategy"]),
        evaluator=Choice(name=evaluator, config=as_json["evaluator"]),
        objective=parsed["objective"],
        answer=parsed["answer"],
        dataset=dataset,
        split=split,
        seed=seed,
        budget=budget,
        data=data,
    )


def classes_of(strategy: str, space: str, evaluator: str, kind: Kind) -> dict[Factor, type[Any]]:
    """The dataclass of the settings of each factor."""
    return {
        "space": SPACES[space].Config,
        "strategy": STRATEGIES[strategy].Config,
        "evaluator": EVALUATORS[evaluator].CONFIGS[kind],
        "objective": Objective,
        "answer": AnswerSettings,
    }


def protocol_of(strategy: str, given: Mapping[str, Any]) -> ProtocolSettings | None:
    """The protocol that these settings of the strategy choose; None where there is none of that name."""
    protocols = STRATEGIES[strategy].PROTOCOLS
    return protocols.get(given.get("protocol", next(iter(protocols), "")))


def require_known(task: Task) -> None:
    """Raises BadChoice or BadConfig where this program lacks a factor of the task, or one of its settings."""
    build_task(
        strategy=task.strategy.name,
        space=task.space.name,
        evaluator=task.evaluator.name,
        settings={
            "space": task.space.config,
            "strategy": task.strategy.config,
            "evaluator": task.evaluator.config,
            "objective": serialization.to_jsonable(task.objective),
            "answer": serialization.to_jsonable(task.answer),
        },
        kind=task.data_spec.kind,
        dataset=task.dataset,
        split=task.split,
        seed=task.seed,
        budget=task.budget,
        data=task.data,
    )


def has_limits(budget: Budget) -> bool:
    return any(budget.allowed(limit) is not None for limit in LIMITS)


def final_work(task: Task, graph: Graph) -> Work:
    """Trains the answer as the search measured it, keeps its weights and tests it."""
    space, evaluator, kind = SPACES[task.space.name], EVALUATORS[task.evaluator.name], task.data_spec.kind
    macro = space.macro(serialization.decode(space.Config, task.space.config), task.data_spec)
    settings = serialization.decode(evaluator.CONFIGS[kind], task.evaluator.config)
    work = evaluator.final(settings, task.source, macro, graph, task.answer.answer_epochs)
    return work | {"kind": "final"}


def _require(factor: Factor, name: str | None, allowed: list[str], of: str) -> str:
    if name in allowed:
        return str(name)
    missing = f"{factor} {name!r}" if name is not None else factor
    listed = ", ".join(allowed) or "none"
    if of == factor:
        raise BadChoice(factor, f"there is no {missing}; there are {listed}")
    raise BadChoice(factor, f"{of} has no {missing}; it has {listed}")


def _with_defaults(
    settings: Settings, protocol: ProtocolSettings | None, space: str, evaluator: str, *, within_limits: bool
) -> dict[Factor, dict[str, Any]]:
    """The given settings, those of the protocol, and what this evaluator and limits make of the others. Raises
    BadConfig where the given ones contradict fixed ones."""
    of_protocol: Settings = protocol.settings.get(space, {}) if protocol else {}
    merged: dict[Factor, dict[str, Any]] = {}
    for factor in FACTORS:
        given, proposed = settings.get(factor, {}), of_protocol.get(factor, {})
        for name, value in given.items():
            if protocol and protocol.fixed and name in proposed and value != proposed[name]:
                fixed = _display(proposed[name])
                why = f"the {protocol.name} protocol fixes it to {fixed}, so leave it out"
                raise BadConfig(f"{factor}.{name}", why)
        limited = _within_limits(protocol, factor) if within_limits else {}
        merged[factor] = {**EVALUATORS[evaluator].DEFAULTS.get(factor, {}), **limited, **proposed, **given}
    return merged


def _within_limits(protocol: ProtocolSettings | None, factor: Factor) -> dict[str, Any]:
    of_protocol: Settings = protocol.within_limits if protocol else {}
    return {**WITHIN_LIMITS.get(factor, {}), **of_protocol.get(factor, {})}


def _parse(factor: Factor, cls: type[Any], given: Mapping[str, Any], fixed: Mapping[str, Any]) -> Any:
    try:
        return config.parse(cls, given, fixed)
    except BadConfig as error:
        raise BadConfig(f"{factor}.{error.field}", error.message) from None


def _display(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
