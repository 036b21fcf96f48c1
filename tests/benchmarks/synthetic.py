"""A strategy without a search in it, for benchmarks: one round of items that take a given time, then the end.

`python -m tests.benchmarks.synthetic COMMAND...` is manage.py with this strategy and its kind of work.
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

from search.base.serialization import Json
from search.strategies import STRATEGIES
from search.strategies.base import Finished, Outcome, Round, State, Transition

NAME, KIND = "synthetic", "score"


@dataclass(frozen=True)
class Config:
    items: int
    seconds: float


class Synthetic:
    """The parts of search.strategies.base.Strategy that an undisturbed search uses."""

    NAME, Config = NAME, Config

    def start(self, task: Any) -> Transition:
        return Transition({"seed": task.seed, "told": False, **task.strategy.config}, [])

    def ask(self, state: State) -> Round | Finished:
        if state["told"]:
            return Finished("finished")
        item = {"kind": KIND, "seconds": state["seconds"], "seed": state["seed"]}
        items = range(state["items"])
        return Round(tuple({**item, "number": number} for number in items), tuple((number,) for number in items))

    def tell(self, state: State, outcomes: list[Outcome]) -> Transition:
        return Transition({**state, "told": True}, [])


def register() -> None:
    """Adds the strategy and its kind of work to their tables. Django must be set up."""
    from webapp.models.kinds import KINDS, Kind

    table: Any = STRATEGIES
    table[NAME] = Synthetic()
    KINDS[KIND] = Kind(owners=["round"], reusable=True, scores=True)


def wait(work: Json, context: Any) -> Json:
    time.sleep(work["seconds"])
    return {"status": "ok", "score": 0.0}


def main(arguments: list[str]) -> None:
    import os

    import django
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    register()
    if "advance" not in arguments:
        from search.runtime import execute

        execute.KINDS[KIND] = wait
    execute_from_command_line(["manage.py", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
