"""Searches that are disturbed, one of each strategy: as a draft for the studio, and as options of the command line."""

import json
from dataclasses import dataclass
from pathlib import Path

from search.__main__ import main as run_command
from search.base.serialization import Json
from tests.webapp.stack import TASK


@dataclass(frozen=True)
class Trial:
    task: Json

    def run_locally(self, folder: Path) -> list[Json]:
        """Runs the search by `python -m search` and returns its log."""
        assert run_command(["run", *self._options(), "--out", str(folder)]) == 0
        return [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]

    def _options(self) -> list[str]:
        task = self.task
        options = [part for name in ("dataset", "strategy", "seed") for part in (f"--{name}", str(task[name]))]
        for limit, allowed in task["budget"].items():
            options += ["--budget", f"{limit}={allowed}"]
        for factor, settings in task["settings"].items():
            for name, value in settings.items():
                options += [f"--{factor}.{name.replace('_', '-')}", str(value)]
        return options


def _sampling(strategy: str, **settings: int) -> Trial:
    """A search of a strategy that draws whole graphs, with three rounds as that of autoshrink, and an answer."""
    evaluator, answer = {"epochs": 1, "images": 300}, {"finalists": 1, "answer_epochs": 1}
    factors = {"space": {"nodes": 4}, "evaluator": evaluator, "answer": answer}
    return Trial({**TASK, "name": strategy, "strategy": strategy, "settings": {**factors, "strategy": settings}})


TRIALS = {
    "autoshrink": Trial(TASK),
    "random": _sampling("random", rounds=3, candidates=3),
    # The third round is of children of the members that the first two drew.
    "evolution": _sampling("evolution", rounds=3, candidates=3, population=4, tournament=2),
}
