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
    """A search of a strategy that draws whole graphs, as small as the one of autoshrink."""
    factors = {"space": {"nodes": 4}, "evaluator": {"epochs": 1}, "answer": {"finalists": 2, "answer_epochs": 1}}
    return Trial({**TASK, "name": strategy, "strategy": strategy, "settings": {**factors, "strategy": settings}})


TRIALS = {
    "autoshrink": Trial(TASK),
    "random": _sampling("random", rounds=3, candidates=4),
    # The third and fourth rounds are children of the members that the first two drew.
    "evolution": _sampling("evolution", rounds=4, candidates=3, population=6, tournament=2),
}
