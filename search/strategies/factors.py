"""The space and the evaluator of a task, with their settings: what a strategy is combined with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search.base import serialization
from search.evaluation import EVALUATORS
from search.evaluation.base import BadEvaluation, Carry, Evaluator, Result
from search.log.task import BadTask, Task
from search.network.graph import Graph
from search.network.macro import Macro
from search.spaces import SPACES
from search.spaces.base import Space
from search.strategies.base import Outcome, Work


@dataclass(frozen=True)
class Factors:
    task: Task
    space: Space
    space_config: Any
    start: Graph
    macro: Macro
    evaluator: Evaluator
    evaluator_config: Any

    @staticmethod
    def of(task: Task) -> "Factors":
        """Raises BadTask where they do not fit the task's data."""
        space, evaluator, data = SPACES[task.space.name], EVALUATORS[task.evaluator.name], task.data_spec
        if data.kind != space.KIND:
            raise BadTask(f"{space.TITLE.lower()}s are for {space.KIND} data; choose another space")
        if data.kind not in evaluator.CONFIGS:
            raise BadTask(f"{evaluator.TITLE.lower()} is not for {data.kind} data; choose another evaluator")
        config = serialization.decode(space.Config, task.space.config)
        return Factors(
            task=task,
            space=space,
            space_config=config,
            start=space.start(config, task.seed),
            macro=space.macro(config, data),
            evaluator=evaluator,
            evaluator_config=serialization.decode(evaluator.CONFIGS[data.kind], task.evaluator.config),
        )

    def first_carry(self) -> Carry:
        """What the evaluator remembers at first. Raises BadTask."""
        try:
            return self.evaluator.start(self.evaluator_config, self.task.source)
        except BadEvaluation as error:
            raise BadTask(str(error)) from None

    def work(self, graphs: Sequence[Graph], carry: Carry, most_epochs: int | None = None) -> list[Work]:
        return self.evaluator.work(self.evaluator_config, self.task.source, self.macro, graphs, carry, most_epochs)

    def final_work(self, graphs: Sequence[Graph]) -> list[Work]:
        """Trains the finalists. These are the longest trainings of a search, so each keeps a checkpoint."""
        epochs = self.task.answer.answer_epochs
        source, config = self.task.source, self.evaluator_config
        items = [self.evaluator.final(config, source, self.macro, graph, epochs) for graph in graphs]
        return [item | {"checkpoint": True} for item in items]

    def batches(self, count: int) -> list[int]:
        """How many of `count` graphs each item of `work` holds."""
        return self.evaluator.batches(self.evaluator_config, count)

    def read(self, batches: Sequence[int], outcomes: Sequence[Outcome]) -> list[Result]:
        """The results of the graphs. `batches`: how many of them each outcome is about."""
        return self.evaluator.read(self.task.source, batches, outcomes)
