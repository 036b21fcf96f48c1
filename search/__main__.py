"""The command line: search, inspect, train and export without a server.

The last line of `run`, `resume`, `inspect --json` and `list --json` on standard output is one JSON object; what a
person watches goes to standard error.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.base import config, serialization
from search.base.config import BadConfig
from search.cli import arguments, drive, inspect
from search.data import builtin
from search.log import typescript
from search.log.task import BadTask, Task
from search.network.budget import LIMITS, Infeasible
from search.network.device_profiles import DEVICES
from search.network.export_formats import EXPORTS
from search.network.graph import BadGraph, Graph
from search.spaces import SPACES
from search.spaces.presets import PRESETS
from search.strategies import STRATEGIES, NoSpace, space_for

if TYPE_CHECKING:
    from search.runtime.context import Context


class Failed(RuntimeError):
    """A request that made sense and could not be met; the message says why."""


#: What makes no sense as it was asked for; each says so in a sentence.
REFUSALS = (
    BadTask,
    BadConfig,
    BadGraph,
    builtin.UnknownDataset,
    Infeasible,
    NoSpace,
    drive.NoSearch,
    serialization.DecodeError,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 2 where the request makes no sense, 1 where it failed."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        result: int = options.run(options)
    except REFUSALS as error:
        print(f"search: {error}", file=sys.stderr)
        return 2
    except (Failed, drive.RoundFailed) as error:
        print(f"search: {error}; `python -m search resume` tries again", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"search: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("search: interrupted; `python -m search resume` goes on", file=sys.stderr)
        return 130
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m search", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="search for an architecture", argument_default=argparse.SUPPRESS)
    run.add_argument("--dataset", default="digits", help=f"one of {', '.join(builtin.DATASETS)}")
    run.add_argument("--strategy", default="autoshrink", help=f"one of {', '.join(STRATEGIES)}")
    run.add_argument("--space", default=None, help=f"one of {', '.join(SPACES)}; the one for the data if left out")
    run.add_argument("--budget", action="append", default=[], metavar="LIMIT=N", help=f"limits: {', '.join(LIMITS)}")
    run.add_argument("--seed", type=int, default=0)
    run.add_argument("--out", type=Path, required=True, metavar="DIR")
    for row in _settings().values():
        kind: Any = {"int": int, "float": float, "choice": str, "bool": arguments.yes_or_no}[row["type"]]
        run.add_argument(f"--{row['name'].replace('_', '-')}", type=kind, help=f"{row['help']} ({row['default']})")
    _compute_options(run)
    run.set_defaults(run=_run)

    resume = commands.add_parser("resume", help="go on with a search after any end")
    resume.add_argument("out", type=Path, metavar="DIR")
    _compute_options(resume)
    resume.set_defaults(run=_resume)

    inspect.add_to(commands)

    listing = commands.add_parser("list", help="what there is: strategies, datasets, presets, devices")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)

    measure = commands.add_parser("measure", help="how long one inference takes on this machine")
    inspect.size_options(measure)
    measure.add_argument("--threads", type=arguments.threads, default=1)
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run=_measure)

    agent = commands.add_parser("agent", help="measure on this machine what a studio asks for")
    agent.add_argument("--url", required=True, help="address of the studio, such as https://studio.example")
    agent.add_argument(
        "--token", default=os.environ.get("ESPALIER_TOKEN", ""), help="of this device; ESPALIER_TOKEN if left out"
    )
    agent.add_argument("--once", action="store_true", help="end after one measurement, or if there is none to take")
    agent.add_argument("--threads", type=arguments.threads, default=1)
    agent.set_defaults(run=_agent)

    types = commands.add_parser("types", help="TypeScript types of events and views")
    types.set_defaults(run=_types)
    return parser


def _compute_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=arguments.threads, default=1, help="1 makes a run repeatable byte for byte")
    parser.add_argument("--device", default="cpu", help="cpu, or cuda")


def _settings() -> dict[str, serialization.Json]:
    """Name -> the row of a form, of every setting that some strategy has in some space."""
    classes = [cls for strategy in STRATEGIES.values() for cls in strategy.CONFIGS.values()]
    return {row["name"]: row for cls in classes for row in config.schema(cls)}


def _run(options: argparse.Namespace) -> int:
    return _search(options, task_from(options))


def task_from(options: argparse.Namespace) -> Task:
    """The task that the options of `run` describe. Raises BadTask or BadConfig."""
    if options.strategy not in STRATEGIES:
        raise BadTask(f"there is no strategy {options.strategy!r}; there are {', '.join(STRATEGIES)}")
    dataset = builtin.get(options.dataset)
    space = space_for(options.strategy, dataset.kind, options.space)
    known = STRATEGIES[options.strategy].CONFIGS[space]
    given = {name: getattr(options, name) for name in _settings() if hasattr(options, name)}
    its = [row["name"] for row in config.schema(known)]
    for name in given:
        if name not in its:
            raise BadTask(f"--{name.replace('_', '-')} does not apply: a search in space {space} has no such setting")
    settings = config.parse(known, given)
    return Task(
        strategy=options.strategy,
        space=space,
        dataset=options.dataset,
        split=dataset.split,
        seed=options.seed,
        budget=arguments.budget(options.budget),
        config=serialization.to_jsonable(settings),
    )


def _resume(options: argparse.Namespace) -> int:
    drive.expect_search(options.out)  # before the folder is opened, which would make it
    return _search(options, None)


def _search(options: argparse.Namespace, task: Task | None) -> int:
    """Begins the task, if one is given, goes on to the search's end, and leaves the answer's files."""
    from rich.console import Console

    from search.cli.terminal import Watch
    from search.runtime.context import Context, Damaged, LocalFiles
    from search.runtime.data.images import WrongData
    from search.runtime.execute import attempt, numerics
    from search.runtime.numerics import NoDevice

    began = time.monotonic()
    context = Context(files=LocalFiles(options.out / "files"), threads=options.threads, device=options.device)
    try:
        runs_on = numerics(context)
    except NoDevice as error:
        raise BadTask(str(error)) from None
    # before the folder is opened, which would make it for a task that is refused
    told = None if task is None else STRATEGIES[task.strategy].start(task)
    with drive.Folder(options.out) as folder:
        if task is not None:
            drive.begin(folder, task, told)
        saved = folder.load()
        with Watch(Console(stderr=True)) as watch:

            def measure(work: serialization.Json) -> serialization.Json:
                outcome = attempt(work, context)
                watch.measured()
                return outcome

            for event in folder.events():
                watch.see(event)
            try:
                for event in drive.go_on(folder, measure, runs_on):
                    watch.see(event)
                watch.finishing()
                answer = _leave(folder.path, saved.task, watch.view["best"], context)
                watch.measured()
            except (WrongData, Damaged) as error:
                raise Failed(str(error)) from error
    view = watch.view
    print(f"{view['status']}: {view['why']}", file=sys.stderr)
    summary = {"status": view["status"], "steps": view["step"], "candidates": view["candidate_count"], **answer}
    print(serialization.dumps(summary | {"seconds": round(time.monotonic() - began, 1)}).decode())
    return 0


def _leave(out: Path, task: Task, best: serialization.Json | None, context: Context) -> serialization.Json:
    """Trains the answer once more as its candidate was, tests it once, and leaves its files, each whole or not at all.

    A kill in here costs an epoch: `resume` comes here again and finds the checkpoint. Raises Failed where the training
    ends without a network, which only what is not repeatable bit by bit can do.
    """
    from search.runtime.execute import attempt
    from search.runtime.export import save_final_files

    reached = [f"{part}_{task.data_spec.metric}" for part in ("val", "test")]
    if best is None:
        return dict.fromkeys(("params", "macs", "peak_memory", *reached))
    work = STRATEGIES[task.strategy].final(task, Graph.from_dict(best["graph"]))
    outcome = attempt(work, replace(context, checkpoint=out / "checkpoint"))
    if outcome["status"] != "ok":
        raise Failed(f"the answer was found, but training it once more failed ({outcome['code']})")
    found = {"strategy": task.strategy, "seed": task.seed, "step": best["step"], "edge": best["edge"]}
    save_final_files(out, work, outcome, found)
    latency = best["cost"]["latency"]
    return {
        "params": best["cost"]["params"],
        "macs": best["cost"]["macs"],
        "peak_memory": best["cost"]["peak_memory"],
        **({} if latency is None else {"latency": latency}),  # of the candidate, where it was limited
        **{name: outcome[name] for name in reached},
    }


def _measure(options: argparse.Namespace) -> int:
    from search.runtime.latency import CannotRun, measure

    try:
        latency = measure(*inspect.sized(options), options.threads)
    except (CannotRun, MemoryError) as error:
        short = "out of memory. " if isinstance(error, MemoryError) else ""
        print(f"search: this machine cannot run {options.what}: {short}{error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(latency._asdict()))
        return 0
    print(f"{latency.median:,} µs (p10 {latency.low:,}, p90 {latency.high:,}; {latency.repeats} repeats)")
    print(f"{latency.device}; {latency.runtime}, threads: {latency.threads}")
    return 0


def _agent(options: argparse.Namespace) -> int:
    from search.cli.agent import Agent, Away, Refused, Studio, print_line
    from search.runtime import latency

    about = {"processor": latency.processor(), "system": latency.system(), "runtime": latency.RUNTIME}
    try:
        studio = Studio(options.url, options.token)
        Agent(studio, latency.measure, about, options.threads).run(once=options.once)
    except Refused as error:
        print_line(str(error))
        return 1
    except Away as error:
        print_line(f"{options.url} is away: {error}")
        return 1
    except KeyboardInterrupt:
        print_line("ended; what was not measured to the end is handed out again")
    return 0


def _list(options: argparse.Namespace) -> int:
    found = {
        "strategies": list(STRATEGIES),
        "spaces": list(SPACES),
        "datasets": list(builtin.DATASETS),
        "proxies": [],
        "presets": list(PRESETS),
        "exports": list(EXPORTS),
        "devices": list(DEVICES),
    }
    if options.json:
        print(json.dumps(found))
        return 0
    for name, names in found.items():
        print(f"{name:>11}  {', '.join(names) or '–'}")
    return 0


def _types(options: argparse.Namespace) -> int:
    print(typescript.render(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
