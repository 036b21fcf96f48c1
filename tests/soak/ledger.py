"""Results of a soak run: a file with one line per kill, so that an interrupted run can continue."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.table import Table

from search.base import serialization
from search.base.serialization import Json


@dataclass(frozen=True)
class Kill:
    victim: str
    number: int
    attempt: int
    moment: str
    seconds: float  # of the whole search
    visits: int  # connections that its watcher needed
    difference: str | None


class Ledger:
    """One file per plan: a changed plan starts a new one."""

    def __init__(self, folder: Path, plan: Json) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / f"kills-{serialization.canonical_hash(plan)[:12]}.jsonl"
        text = self.file.read_text() if self.file.exists() else ""
        complete = text[: text.rfind("\n") + 1]  # the last line may be cut
        if complete != text:
            self.file.write_text(complete)
        self.kills = [Kill(**json.loads(line)) for line in complete.splitlines()]

    def add(self, kill: Kill) -> None:
        self.kills.append(kill)
        with self.file.open("a") as out:
            out.write(json.dumps(asdict(kill)) + "\n")

    def clear(self) -> None:
        self.kills.clear()
        self.file.unlink(missing_ok=True)

    def has(self, victim: str, number: int) -> bool:
        return any((kill.victim, kill.number) == (victim, number) for kill in self.kills)

    @property
    def differences(self) -> int:
        return sum(kill.difference is not None for kill in self.kills)

    def table(self, undisturbed: float) -> Table:
        table = Table("victim", title=f"Seconds are those of a whole search; undisturbed it takes {undisturbed:.1f}")
        for title in ("kills", "differences", "median s", "worst s"):
            table.add_column(title, justify="right")
        for victim in dict.fromkeys(kill.victim for kill in self.kills):
            _add(table, victim, [kill for kill in self.kills if kill.victim == victim])
        table.add_section()
        _add(table, "all", self.kills)
        return table


def _add(table: Table, name: str, kills: list[Kill]) -> None:
    seconds = [kill.seconds for kill in kills if kill.difference is None] or [float("nan")]
    wrong = sum(kill.difference is not None for kill in kills)
    table.add_row(name, str(len(kills)), str(wrong), f"{median(seconds):.1f}", f"{max(seconds):.1f}")
