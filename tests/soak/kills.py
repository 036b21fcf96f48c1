"""`python -m tests.soak.kills`: kills every kind of process of a running studio, twenty times each, at seeded moments.

Each time the search that was running must end as the undisturbed one did: the same events, candidates and answer, in
the database and through a watcher's socket, with no hand on it. Interrupted, it goes on at the next call.
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

from tests.e2e.studio import ROOT
from tests.soak import blow
from tests.soak.ledger import Kill, Ledger
from tests.soak.moments import MOST_DELAY, VICTIMS, draw, last_seq
from tests.soak.stack import TIMES, Stack
from tests.soak.trace import Trace, difference, timeless
from tests.webapp.stack import TASK, run_locally

FOLDER = ROOT / "var" / "soak"
MOST_ATTEMPTS = 50  # for one kill that counts


def main(arguments: list[str]) -> int:
    options = _parse(arguments)
    victims = [options.only] if options.only else list(VICTIMS)
    console = Console()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="espalier-soak-") as folder:
        console.print("The search by the local driver, and undisturbed in a studio of its own ...")
        local = timeless(run_locally(Path(folder) / "local"))
        with Stack.running(Path(folder) / "undisturbed") as stack:
            undisturbed, _ = blow.run(stack)
        if local != undisturbed.trace.log:
            console.print("[red]Undisturbed, the studio and the local driver say different things.[/red]")
            return 1
        plan = {"seed": options.seed, "task": TASK, "times": TIMES, "delay": MOST_DELAY, "log": list(local)}
        ledger = Ledger(FOLDER, plan)
        asked = [(victim, n) for n in range(options.kills) for victim in victims]  # in turn: none is hit in a row
        ahead = [each for each in asked if not ledger.has(*each)]
        if not ahead:  # that one is over; this is the next
            ledger.clear()
            ahead = asked
        if ledger.kills:
            console.print(f"{len(ledger.kills)} kills were made before, {len(ahead)} are left. ({ledger.file})")
        _go(Path(folder), options.seed, undisturbed.trace, ledger, ahead, console)
    console.print(ledger.table(undisturbed.seconds))
    console.print(f"{time.monotonic() - began:.0f} s in this run, seed {options.seed}. {ledger.file}")
    return 1 if ledger.differences else 0


def kill(stack: Stack, victim: str, number: int, seed: int, expected: Trace) -> Kill:
    """Draws moments until one counts. A search whose moment did not count must end as well as any other."""
    for attempt in range(MOST_ATTEMPTS):
        moment = draw(seed, victim, number, attempt, last_seq(list(expected.log)))
        began = time.monotonic()
        try:
            result, missed = blow.run(stack, victim, moment)
        except blow.Wrong as wrong:
            return Kill(victim, number, attempt, str(moment), time.monotonic() - began, 0, str(wrong))
        said = difference(expected, result.trace)
        if said is not None or missed is None:
            return Kill(victim, number, attempt, str(moment), result.seconds, result.visits, said)
    raise blow.Wrong(f"none of {MOST_ATTEMPTS} moments found {victim} alive and the search unfinished")


def _go(
    folder: Path, seed: int, expected: Trace, ledger: Ledger, ahead: list[tuple[str, int]], console: Console
) -> None:
    """One studio outlives them all. After a difference the next is hit in a new one, so that it tells of itself."""
    columns = (TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console) as bar:
        shown = bar.add_task("", total=len(ahead))
        left = deque(ahead)
        while left:
            with Stack.running(folder / f"var-{len(left)}") as stack:
                sound = True
                while left and sound:
                    bar.update(shown, description=left[0][0])
                    done = kill(stack, *left.popleft(), seed, expected)
                    ledger.add(done)
                    bar.advance(shown)
                    sound = done.difference is None
                    said = f"{done.victim} {done.number + 1}: {done.moment}, {done.seconds:.1f} s"
                    bar.console.print(said if sound else f"[red]{said}: {done.difference}[/red] {_keep(stack, done)}")


def _keep(stack: Stack, kill: Kill) -> Path:
    """The logs of all processes, and what the difference is."""
    place = FOLDER / f"difference-{kill.victim}-{kill.number}"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(stack.var / "log", place)
    (place / "difference.json").write_text(json.dumps(vars(kill), indent=2))
    return place


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of each victim (20)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (0)")
    parser.add_argument("--only", choices=VICTIMS, help="this victim alone")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Interrupted. The same command goes on from here.")
