"""The command `train`: trains an architecture in full, with a checkpoint after each epoch.

A folder holds `training.json` (the work), `checkpoint/`, and at the end the trained network and `result.json`. The same
command again, or `resume`, continues after a kill, and repeats the result of a training that has ended.
"""

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.base import config, serialization
from search.base.config import schema
from search.base.files import write_whole
from search.base.serialization import Json
from search.cli import arguments, datasets, drive, program
from search.cli.datasets import Source
from search.cli.failures import Failed
from search.cli.lock import locked
from search.cli.settings import TYPES
from search.data.datasets import Dataset, Kind
from search.evaluation import base as evaluation
from search.evaluation.recipes import RECIPES, SETTINGS, Recipe, full
from search.evaluation.training import training_work
from search.log.task import BadTask
from search.network import macro as macros
from search.network.cost import cost_of
from search.network.graph import Graph
from search.network.macro import Macro

VERSION = 1
SAVED, CHECKPOINT = "training.json", "checkpoint"


class NoTraining(ValueError):
    """The folder holds no usable training, or another one than the command asks for."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    """The contents of training.json."""

    v: int = VERSION
    work: Json
    architecture: str  # as the command named it
    found: Json  # where its graph is from
    numerics: str


def add_command(commands: Any, compute_options: Any) -> None:
    """Adds `train` to the subparsers."""
    parser = commands.add_parser("train", help="train an architecture in full")
    parser.add_argument("what", metavar="ARCHITECTURE", help=arguments.ARCHITECTURE)
    parser.add_argument("--dataset", default="digits", help=datasets.help_text())
    datasets.add_options(parser)
    parser.add_argument("--out", type=arguments.path, required=True, metavar="DIR")
    parser.add_argument(
        "--recipe", default=None, help=f"one of {', '.join(RECIPES)}; default: the dataset's for full trainings"
    )
    settings = parser.add_argument_group("settings of the recipe, which replace its own")
    for row in _rows():
        name = row["name"].replace("_", "-")
        settings.add_argument(
            *(f"--recipe.{name}", *(["--epochs"] if name == "epochs" else [])),
            dest=f"recipe.{row['name']}",
            type=TYPES[row["type"]],
            default=None,
            metavar="VALUE",
            help=(row["help"] or row["label"]).replace("%", "%%"),
        )
    parser.add_argument("--seed", type=arguments.seed, default=0)
    compute_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    graph, macro = arguments.architecture(options.what)
    _require_free(options.out)
    numerics = _numerics(options)
    _require_recipe(options, macros.data_kind(macro))
    source = datasets.open_named(options)
    try:
        macro = macros.adapt(macro, source.dataset.data)
    except macros.DataMismatch as error:
        raise BadTask(str(error)) from None
    recipe = _recipe(options, source.dataset)
    cost_of(graph, macro)  # raises BadGraph where no network can be built
    saved = Saved(
        work=_work(graph, macro, recipe, source, options.seed),
        architecture=options.what,
        found=_found(options.what),
        numerics=numerics,
    )
    with locked(options.out):
        _require_free(options.out)
        if (options.out / SAVED).exists():
            _require_same(options.out, saved)
        else:
            source.write_used(options.out)
            write_whole(options.out / SAVED, serialization.dumps(saved) + b"\n")
        return _train(options, load(options.out), source)


def resume(options: argparse.Namespace) -> int:
    """Continues the training in a folder that `holds_training`."""
    with locked(options.out):
        saved = load(options.out)
        source = datasets.of_folder(options.out, saved.work["dataset"], options.cache)
        return _train(options, saved, source)


def holds_training(folder: Path) -> bool:
    return (folder / SAVED).exists()


def require_no_training(folder: Path) -> None:
    """Raises NoTraining where the folder holds a training, beside which no search may start."""
    if holds_training(folder):
        raise NoTraining(f"{folder} holds a training; search into a folder of its own")


def load(folder: Path) -> Saved:
    """Raises NoTraining where this version cannot read it."""
    path = folder / SAVED
    try:
        data = serialization.loads(path.read_bytes())
        version = data.get("v") if isinstance(data, dict) else None
        if version != VERSION:
            raise NoTraining(f"{path} is of version {version}; this program reads version {VERSION}")
        return serialization.decode(Saved, data)
    except NoTraining:
        raise
    except ValueError as error:
        raise NoTraining(f"{path} does not describe a training: {error}") from None


def _train(options: argparse.Namespace, saved: Saved, source: Source) -> int:
    """Trains to the end and prints the result; the folder is locked."""
    from search.runtime.context import Context, Damaged
    from search.runtime.data.images import WrongData
    from search.runtime.execute import attempt
    from search.runtime.export import save_final_files

    out: Path = options.out
    if (out / drive.RESULT).exists():
        print(f"the training in {out} has ended", file=sys.stderr)
        _print_result(out)
        return 0
    _require_numerics(out, saved, _numerics(options))
    started_at = time.monotonic()
    context = Context(
        files=source.files(out / "files"),
        threads=options.threads,
        device=options.device,
        checkpoint=out / CHECKPOINT,
        report=_Progress(int(saved.work["recipe"]["epochs"])).show,
    )
    again = f"{program.command('resume', out)} tries again"
    try:
        outcome = attempt(saved.work, context)
    except (WrongData, Damaged) as error:
        raise Failed(f"{error}; {again}") from None
    if outcome["status"] != "ok" and outcome["code"] == "diverged":
        raise Failed("the training diverged: its loss is no number any more; try a lower --recipe.learning-rate")
    if outcome["status"] != "ok":
        raise Failed(f"the training failed ({outcome['code']}); {again}")
    save_final_files(out, saved.work, outcome, saved.found)
    cost = cost_of(Graph.from_dict(saved.work["graph"]), macros.read(saved.work["macro"]))
    metric = source.dataset.data.metric
    result = {
        "status": "finished",
        "architecture": saved.architecture,
        "dataset": saved.work["dataset"],
        "seed": saved.work["replicate"],
        "epochs": outcome["epochs"],
        "best_epoch": outcome["best_epoch"],
        "params": cost.params,
        "macs": cost.macs,
        "peak_memory": serialization.to_jsonable(cost.peak_memory),
        **{f"{part}_{metric}": outcome[f"{part}_{metric}"] for part in ("val", "test")},
        "curve": outcome["curve"],
        "seconds": round(time.monotonic() - started_at, 1),
    }
    write_whole(out / drive.RESULT, serialization.dumps(result) + b"\n")
    _print_result(out)
    return 0


def _print_result(out: Path) -> None:
    """Prints result.json without its curve, which the terminal has shown."""
    result = serialization.loads((out / drive.RESULT).read_bytes())
    del result["curve"]
    print(serialization.dumps(result).decode())


class _Progress:
    """A line per epoch on standard error."""

    def __init__(self, epochs: int) -> None:
        self.epochs, self.shown, self.since = epochs, 0, time.monotonic()

    def show(self, telemetry: Json) -> None:
        curve = telemetry["curve"]
        if not self.shown and len(curve) > 1:
            print(f"continuing after epoch {len(curve) - 1}", file=sys.stderr)
        self.shown, now = len(curve), time.monotonic()
        point = curve[-1]
        quality = f"validation loss {point['val_loss']:.4f}"
        if point.get("val_accuracy") is not None:
            quality += f", accuracy {point['val_accuracy']:.4f}"
        seconds, self.since = now - self.since, now
        print(
            f"epoch {point['epoch']} of at most {self.epochs}: training loss {point['train_loss']:.4f}, {quality} "
            f"({seconds:.1f} s)",
            file=sys.stderr,
        )


def _rows() -> list[Json]:
    """Every setting of every kind of recipe, once per name."""
    rows = [row for cls in SETTINGS.values() for row in schema(cls)]
    return list({row["name"]: row for row in reversed(rows)}.values())[::-1]


def _require_recipe(options: argparse.Namespace, kind: Kind) -> None:
    """Raises BadTask on an unknown recipe, or one for other data; and on a setting that recipes of this kind lack."""
    name = options.recipe
    names = [named.name for named in RECIPES.values() if named.kind == kind]
    if name is not None and name not in names:
        raise BadTask(f"there is no recipe {name!r} for {kind} data; there are {', '.join(names)}")
    known = [row["name"] for row in schema(SETTINGS[kind])]
    for setting in _given(options):
        if setting not in known:
            shown = setting.replace("_", "-")
            raise BadTask(f"--recipe.{shown} does not apply: recipes for {kind} data have no such setting")


def _recipe(options: argparse.Namespace, dataset: Dataset) -> Recipe:
    """The recipe with the settings in the options. Raises BadConfig."""
    kind = dataset.kind
    recipe = full(dataset.name, kind) if options.recipe is None else RECIPES[options.recipe].recipe
    base, given = serialization.to_jsonable(recipe), _given(options)
    try:
        return config.parse(SETTINGS[kind], base | given, [name for name in base if name not in given])
    except config.BadConfig as error:
        raise config.BadConfig(f"recipe.{error.field}", error.message) from None


def _given(options: argparse.Namespace) -> Json:
    values = {row["name"]: getattr(options, f"recipe.{row['name']}") for row in _rows()}
    return {name: value for name, value in values.items() if value is not None}


def _work(graph: Graph, macro: Macro, recipe: Recipe, source: Source, seed: int) -> Json:
    dataset = source.dataset
    data = evaluation.Source(dataset=dataset.name, split=dataset.split, data=dataset.data, seed=seed)
    work = training_work(graph, macro, recipe, data) | {"kind": "final"} | source.test_part
    return serialization.loads(serialization.dumps(work))  # type: ignore[no-any-return]  # as it is read again


def _found(what: str) -> Json:
    """Where the graph is from: what the architecture's file says, or the name of the preset."""
    path = Path(what)
    if not path.is_file():
        return {"preset": what}
    found = serialization.loads(path.read_bytes()).get("found")
    return found if isinstance(found, dict) else {"file": path.name}


def _numerics(options: argparse.Namespace) -> str:
    """Raises BadTask where this machine lacks the device."""
    from search.runtime.numerics import NoDevice, numerics

    try:
        return numerics(options.device, options.threads)
    except NoDevice as error:
        raise BadTask(str(error)) from None


def _require_free(out: Path) -> None:
    """Raises NoTraining where the path is a file or a search."""
    if out.exists() and not out.is_dir():
        raise NoTraining(f"{out} is a file; a training is kept in a folder")
    if drive.holds_search(out):
        raise NoTraining(f"{out} holds a search; train into a folder of its own")


def _require_same(out: Path, asked: Saved) -> None:
    """Raises NoTraining where the folder holds another training."""
    held = load(out).work
    other = sorted(name for name in {*held, *asked.work} if held.get(name) != asked.work.get(name))
    if other:
        names = ["seed" if name == "replicate" else name for name in other]
        raise NoTraining(
            f"{out} holds a training with another {' and '.join(names)}; choose a folder of its own, or run "
            f"{program.command('resume', out)}"
        )


def _require_numerics(out: Path, saved: Saved, numerics: str) -> None:
    """Raises NoTraining where a checkpoint exists that this process could not continue: the training would start over
    without a word."""
    if numerics != saved.numerics and any((out / CHECKPOINT).glob("*.pt")):
        raise NoTraining(
            f"the training in {out} was begun with {saved.numerics}, and continues only with the same; this is "
            f"{numerics}. Choose the same --device and --threads, or train into a folder of its own"
        )
