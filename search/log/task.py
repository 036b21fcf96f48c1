"""What a search is asked for: a strategy and its settings, a space, a dataset, a budget, a seed."""

from dataclasses import dataclass
from typing import Any

from search.base import serialization
from search.data.builtin import get
from search.data.datasets import Data
from search.network.budget import Budget


class BadTask(ValueError):
    """A task that makes no sense; the message is a sentence that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """All that a search depends on. The same task gives the same events."""

    strategy: str
    space: str
    dataset: str  # a built-in one's name, or an uploaded one's id
    split: str  # fingerprint of the dataset's train, validation and test parts
    seed: int
    budget: Budget
    config: dict[str, Any]  # the strategy's Config, all of it, defaults filled in
    data: Data | None = None  # of an uploaded dataset; None: a built-in one

    @property
    def data_spec(self) -> Data:
        """What the search works on. Raises search.data.builtin.UnknownDataset."""
        return self.data or get(self.dataset).data

    @staticmethod
    def from_dict(data: serialization.Json) -> "Task":
        try:
            return serialization.decode(Task, data)
        except ValueError as error:
            raise BadTask(str(error)) from None
