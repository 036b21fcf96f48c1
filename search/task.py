"""What a search is asked for: a strategy and its settings, a space, a dataset, a budget, a seed."""

from dataclasses import dataclass
from typing import Any

from search import wire
from search.budget import Budget


class BadTask(ValueError):
    """A task that makes no sense; the message is a sentence that says what to do."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """All that a search depends on. The same task gives the same events."""

    strategy: str
    space: str
    dataset: str
    split: str  # fingerprint of the dataset's train, validation and test parts
    seed: int
    budget: Budget
    config: dict[str, Any]  # the strategy's Config, all of it, defaults filled in

    @staticmethod
    def from_dict(data: wire.Json) -> "Task":
        try:
            return wire.decode(Task, data)
        except ValueError as error:
            raise BadTask(str(error)) from None
