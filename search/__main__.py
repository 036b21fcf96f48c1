"""The command line: search, train, export, inspect, scale and measure networks without a server.

The last line that `run`, `train`, `resume`, `export` and every command with `--json` print to standard output is one
JSON object. Progress goes to standard error.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from search.base import serialization
from search.base.config import BadConfig
from search.base.files import write_whole
from search.cli import arguments, cache, datasets, drive, export, inspect, lock, program, score, settings, train
from search.cli.datasets import Source
from search.cli.failures import Failed
from search.data import builtin
from search.evaluation import EVALUATORS
from search.log import typescript
from search.log.events import Answer
from search.log.task import BadTask, Task
from search.network.budget import LIMITS, Infeasible
from search.network.device_profiles import DEVICES
from search.network.export_formats import EXPORTS
from search.network.graph import BadGraph, Graph
from search.spaces import SPACES
from search.spaces.presets import PRESETS
from search.strategies import STRATEGIES
from search.strategies.base import Outcome, Work
from search.strategies.tasks import BadChoice, final_work

#: Errors of an invalid request; their messages are sentences.
INVALID_REQUEST = (
    BadTask,
    BadConfig,
    BadGraph,
    builtin.UnknownDataset,
    datasets.Refused,
    datasets.NotPacked,
    export.NotTrained,
    lock.InUse,
    train.NoTraining,
    Infeasible,
    BadChoice,
    drive.NoSearch,
    serialization.DecodeError,
)


def main(arguments: list[str] | None = None, prog: str = program.MODULE) -> int:
    """Runs one command; `prog` is the name of this program in its help and messages.

    Returns 2 where the request is invalid, 1 where it failed, 130 where it was interrupted.
    """
    program.name.set(prog)
    parser = _parser(prog)
    options = parser.parse_args(arguments)
    try:
        result: int = options.run(options)
    except INVALID_REQUEST as error:
        print(f"search: {error}", file=sys.stderr)
        return 2
    except Failed as error:
        print(f"search: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"search: {error.filename or 'a file'}: {error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"search: interrupted{_how_to_continue(options)}", file=sys.stderr)
        return 130
    return result


def _how_to_continue(options: argparse.Namespace) -> str:
    """Nothing where there is nothing to resume: no search or training had begun."""
    out: Path | None = getattr(options, "out", None)
    if out is None or not (drive.holds_search(out) or train.holds_training(out)):
        return ""
    return f"; {program.command('resume', out)} continues"


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="search for an architecture", argument_default=argparse.SUPPRESS)
    run.add_argument("--dataset", default="digits", help=datasets.help_text())
    datasets.add_options(run)
    run.add_argument("--budget", action="append", default=[], metavar="LIMIT=N", help=f"limits: {', '.join(LIMITS)}")
    run.add_argument("--seed", type=arguments.seed, default=0)
    run.add_argument("--out", type=arguments.path, required=True, metavar="DIR")
    _compute_options(run)
    settings.add_to(run)  # last, because settings have short names where these are free
    run.set_defaults(run=_run)

    train.add_command(commands, _compute_options)
    resume = commands.add_parser("resume", help="continue an interrupted search or training")
    resume.add_argument("out", type=arguments.path, metavar="DIR")
    _compute_options(resume)
    cache.option(resume)
    resume.set_defaults(run=_resume)

    score.add_command(commands, _compute_options)
    export.add_command(commands)
    datasets.add_command(commands)
    inspect.add_to(commands)

    listing = commands.add_parser("list", help="list strategies, spaces, datasets, presets, exports and devices")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)

    measure = commands.add_parser("measure", help="measure the latency of one inference on this machine")
    inspect.size_options(measure)
    measure.add_argument("--threads", type=arguments.threads, default=1)
    measure.add_argument("--json", action="store_true")
    measure.set_defaults(run=_measure)

    agent = commands.add_parser("agent", help="measure latencies on this machine for a studio")
    agent.add_argument("--url", required=True, help="address of the studio, like https://studio.example")
    agent.add_argument(
        "--token", default=os.environ.get("ESPALIER_TOKEN", ""), help="of this device; default: $ESPALIER_TOKEN"
    )
    agent.add_argument("--once", action="store_true", help="stop after one measurement, or if none is waiting")
    agent.add_argument("--threads", type=arguments.threads, default=1)
    agent.set_defaults(run=_agent)

    types = commands.add_parser("types", help="print the TypeScript types of events and views")
    types.set_defaults(run=_types)
    return parser


def _compute_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--threads", type=arguments.threads, default=1, help="with 1, a run repeats byte for byte")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")


def _run(options: argparse.Namespace) -> int:
    arguments.budget(options.budget)  # first, because packing may take minutes
    train.require_no_training(options.out)
    drive.require_no_search(options.out)
    source = datasets.open_named(options)
    return _search(options, settings.task_from(options, source.dataset), source)


def _resume(options: argparse.Namespace) -> int:
    if train.holds_training(options.out):
        return train.resume(options)
    drive.require_search(options.out)  # first, because opening the folder creates it
    if (result := drive.result_of(options.out)) is not None:
        print(f"the search in {options.out} has ended", file=sys.stderr)
        print(result, end="")
        return 0
    return _search(options, None, None)


def _search(options: argparse.Namespace, task: Task | None, source: Source | None) -> int:
    """Runs a search to its end, a new one where a task and its data are given, and writes the files of its answer."""
    from rich.console import Console

    from search.cli.terminal import Watch
    from search.runtime.context import Context, Damaged
    from search.runtime.data.images import WrongData
    from search.runtime.execute import attempt, numerics
    from search.runtime.numerics import NoDevice

    started_at = time.monotonic()
    context = Context(threads=options.threads, device=options.device)
    try:
        numerics_id = numerics(context)
    except NoDevice as error:
        raise BadTask(str(error)) from None
    # first, because opening the folder creates it, even for a task that is refused
    start = None if task is None else STRATEGIES[task.strategy.name].start(task)
    with drive.Folder(options.out) as folder:
        if task is not None and source is not None:
            drive.require_no_search(folder.path)
            source.write_used(folder.path)
            drive.create_search(folder, task, numerics_id, start)
        saved = folder.load()
        drive.require_numerics(folder.path, saved, numerics_id)
        if source is None:
            source = datasets.of_folder(folder.path, saved.task.dataset, options.cache)
        # only the trainings of finalists and of the answer have checkpoints; a checkpoint of other work is ignored
        context = replace(context, files=source.files(folder.files), checkpoint=folder.path / "checkpoint")
        with Watch(Console(stderr=True)) as watch:

            def measure(work: Work) -> Outcome:
                outcome = attempt(work, context)
                watch.count_outcome()
                return outcome

            strategy = STRATEGIES[saved.task.strategy.name]
            snapshot = strategy.snapshot(saved.state)
            watch.show(folder.events(), snapshot)
            try:
                for turn in drive.run_search(folder, measure, numerics_id):
                    snapshot = strategy.snapshot(turn.state)
                    watch.show(turn.events, snapshot)
                watch.show_final_training()
                answer = _export_answer(folder.path, saved.task, source, snapshot.answer, measure)
            except (WrongData, Damaged, drive.RoundFailed) as error:
                raise Failed(f"{error}; {program.command('resume', folder.path)} tries again") from error
        summary = {"status": snapshot.status, "steps": snapshot.step, "candidates": snapshot.trained, **answer}
        result = serialization.dumps(summary | {"seconds": round(time.monotonic() - started_at, 1)}) + b"\n"
        write_whole(folder.path / drive.RESULT, result)
    print(f"{snapshot.status}: {snapshot.why}", file=sys.stderr)
    print(result.decode(), end="")
    return 0


def _export_answer(
    out: Path, task: Task, source: Source, best: Answer | None, train: Callable[[Work], Outcome]
) -> serialization.Json:
    """Trains the answer once more, tests it once, and writes its files, each whole or not at all.

    What is stated of the answer is what the search says of it; the figures of this training are its `repeat`. A kill
    costs one epoch: `resume` continues from the checkpoint. Raises Failed where this training fails although the
    candidate's did not, which is possible where numerics are not deterministic.
    """
    from search.runtime.export import save_final_files

    validated, tested = (f"{part}_{task.data_spec.metric}" for part in ("val", "test"))
    stated = "proxy" if best is not None and best.metric == "proxy" else validated
    if best is None:
        return dict.fromkeys(("params", "macs", "peak_memory", stated, "repeat"))
    work = final_work(task, Graph.from_rows(best.graph)) | source.test_part
    outcome = train(work)
    if outcome["status"] != "ok":
        again = f"{program.command('resume', out)} tries again"
        raise Failed(f"the search found an answer, but training it once more failed ({outcome['code']}); {again}")
    found = {"strategy": task.strategy.name, "seed": task.seed, "step": best.step}
    save_final_files(out, work, outcome, found)
    cost = best.cost
    return {
        "params": cost.params,
        "macs": cost.macs,
        "peak_memory": serialization.to_jsonable(cost.peak_memory),
        **({} if cost.latency is None else {"latency": cost.latency}),  # of the candidate, where latency is limited
        stated: best.quality,
        "repeat": {name: outcome[name] for name in (validated, tested)},
    }


def _measure(options: argparse.Namespace) -> int:
    from search.runtime.latency import CannotRun, measure

    try:
        latency = measure(*inspect.sized_network(options), options.threads)
    except (CannotRun, MemoryError) as error:
        cause = "out of memory. " if isinstance(error, MemoryError) else ""
        print(f"search: this machine cannot run {options.what}: {cause}{error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(latency._asdict()))
        return 0
    print(f"{latency.median:,} µs (p10 {latency.low:,}, p90 {latency.high:,}; {latency.repeats} repeats)")
    print(f"{latency.device}; {latency.runtime}, threads: {latency.threads}")
    return 0


def _agent(options: argparse.Namespace) -> int:
    from search.cli.agent import Agent, AgentError, Studio, StudioUnavailable, print_line
    from search.runtime import latency

    about = {"processor": latency.processor(), "system": latency.system(), "runtime": latency.RUNTIME}
    try:
        studio = Studio(options.url, options.token)
        Agent(studio, latency.measure, about, options.threads).run(once=options.once)
    except AgentError as error:
        print_line(str(error))
        return 1
    except StudioUnavailable as error:
        print_line(f"{options.url} is unavailable: {error}")
        return 1
    except KeyboardInterrupt:
        print_line("stopped; an unfinished measurement goes to another agent")
    return 0


def _list(options: argparse.Namespace) -> int:
    found = {
        "strategies": list(STRATEGIES),
        "spaces": list(SPACES),
        "evaluators": list(EVALUATORS),
        "datasets": list(builtin.DATASETS),
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
