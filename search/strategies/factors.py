"""The space and the evaluator of a task, with their settings: what a strategy is combined with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from search.base import serialization
from search.evaluation import EVALUATORS
from search.evaluation.base import BadEvaluation, Carry, Evaluator, Ranking, Result
from search.evaluation.objective import QualityMetric
from search.evaluation.training import read_trainings
from search.log.task import BadTask, Task
from search.network.cost import Cost
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
        return [self._final(graph) | {"checkpoint": True} for graph in graphs]

    def _final(self, graph: Graph) -> Work:
        epochs = self.task.answer.answer_epochs
        return self.evaluator.final(self.evaluator_config, self.task.source, self.macro, graph, epochs)

    def examples(self, graphs: Sequence[Graph], carry: Carry) -> list[Work]:
        """A training of each graph, for a probe of their time: as a candidate, or where those are not trained, as a
        finalist."""
        items = self.work(graphs, carry)
        trains = len(items) == len(graphs) and all("recipe" in item for item in items)
        return items if trains else [self._final(graph) for graph in graphs]

    def batches(self, count: int) -> list[int]:
        """How many of `count` graphs each item of `work` holds."""
        return self.evaluator.batches(self.evaluator_config, count)

    def read(self, costs: Sequence[Cost], batches: Sequence[int], outcomes: Sequence[Outcome]) -> list[Result]:
        """The results of candidates with these costs. `batches`: how many of them each outcome is about."""
        return self.evaluator.read(self.evaluator_config, self.task.source, costs, batches, outcomes)

    def read_finalists(self, outcomes: Sequence[Outcome]) -> list[Result]:
        """The results of finalists, each of which was trained by an item of its own."""
        return read_trainings(self.task.source, [1] * len(outcomes), outcomes)

    @property
    def metric(self) -> QualityMetric:
        """Of the quality of candidates; that of finalists is the data's."""
        return self.evaluator.metric(self.evaluator_config, self.task.source)

    @property
    def ranking(self) -> Ranking | None:
        """How candidates are compared where a quality tells nothing by itself."""
        return self.evaluator.ranking(self.evaluator_config)
