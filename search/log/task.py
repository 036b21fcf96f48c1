"""The task of a search: three factors (space, strategy, evaluator), an objective, data, a budget and a seed."""

from dataclasses import dataclass
from typing import Any

from search.base import serialization
from search.data.builtin import get
from search.data.datasets import Data
from search.evaluation.base import Source
from search.evaluation.objective import AnswerSettings, Objective
from search.network.budget import Budget


class BadTask(ValueError):
    """An invalid task; the message is a sentence that says what to change."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a family, by name, with all its settings, defaults included."""

    name: str
    config: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """Everything that a search depends on: equal tasks give equal events."""

    space: Choice
    strategy: Choice
    evaluator: Choice
    objective: Objective
    answer: AnswerSettings
    dataset: str  # name of a built-in dataset, or id of an uploaded one
    split: str  # fingerprint of the dataset's train, validation and test parts
    seed: int
    budget: Budget
    data: Data | None = None  # description of an uploaded dataset; None: the dataset is built in

    @property
    def data_spec(self) -> Data:
        """Description of the dataset. Raises search.data.builtin.UnknownDataset."""
        return self.data or get(self.dataset).data

    @property
    def source(self) -> Source:
        """The data as evaluators see it."""
        return Source(dataset=self.dataset, split=self.split, data=self.data_spec, seed=self.seed)

    @staticmethod
    def from_dict(data: serialization.Json) -> "Task":
        """Raises BadTask."""
        try:
            return serialization.decode(Task, data)
        except ValueError as error:
            raise BadTask(str(error)) from None
