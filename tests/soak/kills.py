"""`python -m tests.soak.kills`: kills every kind of process of a running studio, twenty times each, at drawn moments.

Each time the running search must end like the undisturbed one, without help: with the same events, candidates and
answer, in the database and through a watcher's socket. An interrupted run continues with the next call.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import deque
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from search.base.serialization import Json
from tests.e2e.studio import ROOT
from tests.soak import disturbance
from tests.soak.ledger import Kill, Ledger
from tests.soak.moments import MAX_DELAY, VICTIMS, draw, last_seq
from tests.soak.stack import TIMES, Stack
from tests.soak.trace import Trace, difference, timeless
from tests.soak.trials import TRIALS

FOLDER = ROOT / "var" / "soak"
MAX_ATTEMPTS = 50  # for one kill that counts


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    trial = TRIALS[options.strategy]
    victims = [options.only] if options.only else list(VICTIMS)
    console = Console()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="espalier-soak-") as folder:
        console.print("The search by the local driver, and undisturbed in a studio of its own ...")
        local = timeless(trial.run_locally(Path(folder) / "local"))
        with Stack.running(Path(folder) / "undisturbed") as stack:
            undisturbed, _ = disturbance.run(stack, trial.task)
        if local != undisturbed.trace.log:
            console.print("[red]Undisturbed, the studio and the local driver give different events.[/red]")
            return 1
        plan = {"seed": options.seed, "task": trial.task, "times": TIMES, "delay": MAX_DELAY, "log": list(local)}
        ledger = Ledger(FOLDER, plan)
        planned = [(victim, n) for n in range(options.kills) for victim in victims]  # victims take turns
        remaining = [kill for kill in planned if not ledger.has(*kill)]
        if not remaining:  # the previous run is complete, so a new one starts
            ledger.clear()
            remaining = planned
        if ledger.kills:
            console.print(f"{len(ledger.kills)} kills were made before, {len(remaining)} remain. ({ledger.file})")
        _run(Path(folder), trial.task, options.seed, undisturbed.trace, ledger, remaining, console)
    console.print(ledger.table(undisturbed.seconds))
    console.print(f"{time.monotonic() - began:.0f} s in this run, seed {options.seed}. {ledger.file}")
    return 1 if ledger.differences else 0


def kill(stack: Stack, task: Json, victim: str, number: int, seed: int, expected: Trace) -> Kill:
    """Draws moments until one counts. A search whose moment did not count must end like any other."""
    for attempt in range(MAX_ATTEMPTS):
        moment = draw(seed, victim, number, attempt, last_seq(list(expected.log)))
        began = time.monotonic()
        try:
            result, missed = disturbance.run(stack, task, victim, moment)
        except disturbance.Wrong as wrong:
            return Kill(victim, number, attempt, str(moment), time.monotonic() - began, 0, str(wrong))
        found = difference(expected, result.trace)
        if found is not None or missed is None:
            return Kill(victim, number, attempt, str(moment), result.seconds, result.visits, found)
    raise disturbance.Wrong(f"none of {MAX_ATTEMPTS} moments found {victim} running and the search unfinished")


def _run(
    folder: Path,
    task: Json,
    seed: int,
    expected: Trace,
    ledger: Ledger,
    remaining: list[tuple[str, int]],
    console: Console,
) -> None:
    """Runs all kills in one studio. After a difference a new studio is started, so that the next result is its own."""
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        shown = bar.add_task("", total=len(remaining))
        queue = deque(remaining)
        while queue:
            with Stack.running(folder / f"var-{len(queue)}") as stack:
                intact = True
                while queue and intact:
                    bar.update(shown, description=queue[0][0])
                    done = kill(stack, task, *queue.popleft(), seed, expected)
                    ledger.add(done)
                    bar.advance(shown)
                    intact = done.difference is None
                    line = f"{done.victim} {done.number + 1}: {done.moment}, {done.seconds:.1f} s"
                    bar.console.print(line if intact else f"[red]{line}: {done.difference}[/red] {_keep(stack, done)}")


def _keep(stack: Stack, kill: Kill) -> Path:
    """Saves the logs of all processes and the difference."""
    target = FOLDER / f"difference-{kill.victim}-{kill.number}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(stack.var / "log", target)
    (target / "difference.json").write_text(json.dumps(vars(kill), indent=2))
    return target


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of each victim (20)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    parser.add_argument("--only", choices=VICTIMS, help="only this victim")
    parser.add_argument("--strategy", choices=TRIALS, default="autoshrink", help="of the search (autoshrink)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted. The same command continues from here.")
