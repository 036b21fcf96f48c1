"""The command `score`: scores untrained networks by proxies, without a search.

Scores are kept in the folder FILE.partial as they come, with what was asked for, and become FILE at the end. The same
command again continues after a kill.
"""

import argparse
import csv
import io
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from search.base import serialization
from search.base.files import write_whole
from search.base.serialization import Json
from search.cli import arguments, datasets
from search.cli.datasets import Source
from search.cli.failures import Failed
from search.cli.lock import locked
from search.data.datasets import ImageData
from search.evaluation import base as evaluation
from search.evaluation.proxies import PROXIES
from search.evaluation.proxies.scoring import Batches, closed_scores, score_work
from search.log.task import BadTask
from search.network.cost import cost_of
from search.network.graph import BadGraph, Graph
from search.network.limits import BOUNDS
from search.network.macro import Macro
from search.spaces import SPACES

CHUNK = 16  # networks of one work item; after each their scores are kept
REPORT_SECONDS = 5.0
REQUEST, ROWS = "request.json", "scores.csv"


def add_command(commands: Any, compute_options: Any) -> None:
    """Adds `score` to the subparsers."""
    spaces = [name for name, space in SPACES.items() if space.KIND == "image"]
    parser = commands.add_parser("score", help="score untrained networks by proxies, such as ZiCo")
    parser.add_argument("--space", choices=spaces, required=True)
    parser.add_argument(
        "--proxy", default="zico", metavar="NAME[,NAME]", help=f"any of {', '.join(PROXIES)}; default zico"
    )
    parser.add_argument(
        "--archs", type=arguments.path, required=True, metavar="FILE", help="one architecture string a line"
    )
    parser.add_argument("--data", "--dataset", dest="dataset", default="digits", help=datasets.help_text())
    datasets.add_options(parser)
    parser.add_argument(
        "--batch-size", type=arguments.count(BOUNDS.batch_size, least=2), default=Batches.size, metavar="N"
    )
    parser.add_argument("--batches", type=arguments.count(64, least=2), default=Batches.count, metavar="N")
    parser.add_argument(
        "--resolution",
        type=arguments.count(BOUNDS.resolution, least=8),
        default=0,
        metavar="PX",
        help="scale the images to this side; default: as they are",
    )
    parser.add_argument("--seed", type=arguments.seed, default=0)
    parser.add_argument("--out", type=arguments.path, required=True, metavar="FILE", help="a CSV file")
    compute_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    proxies = _proxies(options.proxy)
    if options.out.exists():
        raise BadTask(f"{options.out} exists; choose another file, or delete it first")
    arguments.require_target(options.out)
    archs, graphs = _read_archs(options.space, options.archs)
    source = datasets.open_named(options)
    space, data = SPACES[options.space], source.dataset.data
    if not isinstance(data, ImageData):
        raise BadTask(f"{options.dataset} is a text, and proxies score image networks; choose a dataset of images")
    macro = space.macro(space.Config(), data)
    _require_networks(options.archs, graphs, macro)
    folder = options.out.with_name(f"{options.out.name}.partial")
    with locked(folder):
        rows = _Rows(folder, _request(options, proxies, archs, source), _columns(proxies))
        try:
            for scores in _scored(options, graphs[rows.count :], macro, proxies, source, rows.count):
                rows.add([[archs[rows.count + i], *values] for i, values in enumerate(scores)])
            write_whole(options.out, rows.content)
        finally:
            if not rows.count or options.out.exists():  # nothing to continue with
                shutil.rmtree(folder)
    print(f"{len(archs):,} scores in {options.out}", file=sys.stderr)
    return 0


def _proxies(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in PROXIES]:
        raise BadTask(f"there is no proxy {unknown[0]!r}; the proxies are {', '.join(PROXIES)}")
    if len(set(names)) < len(names):
        raise BadTask("a proxy is named twice")
    return names


def _read_archs(space: str, path: Path) -> tuple[list[str], list[Graph]]:
    """The architecture strings of the file and their graphs. Raises BadTask naming the line."""
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except UnicodeDecodeError:
        raise BadTask(f"{path} is not a text file") from None
    archs, graphs = list[str](), list[Graph]()
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            graphs.append(SPACES[space].decode(line))
        except BadGraph as error:
            raise BadTask(f"line {number} of {path}: {error}") from None
        archs.append(line)
    if not archs:
        raise BadTask(f"{path} is empty; write one architecture string a line")
    return archs, graphs


def _require_networks(path: Path, graphs: Sequence[Graph], macro: Macro) -> None:
    for i, graph in enumerate(graphs, 1):
        try:
            cost_of(graph, macro, order=False)
        except BadGraph as error:
            raise BadTask(f"architecture {i} of {path}: {error}") from None


def _columns(proxies: Sequence[str]) -> list[str]:
    return ["arch", *(["score"] if len(proxies) == 1 else proxies), "seconds"]


def _request(options: argparse.Namespace, proxies: Sequence[str], archs: Sequence[str], source: Source) -> Json:
    """All that the scores depend on."""
    return {
        "space": options.space,
        "proxies": list(proxies),
        "archs": serialization.canonical_hash(list(archs)),
        "split": source.dataset.split,
        "batches": serialization.to_jsonable(_batches(options)),
        "seed": options.seed,
        "device": options.device,
    }


def _batches(options: argparse.Namespace) -> Batches:
    return Batches(size=options.batch_size, count=options.batches, side=options.resolution)


class _Rows:
    """The rows that were written so far, and those that follow."""

    def __init__(self, folder: Path, request: Json, columns: list[str]) -> None:
        self.path = folder / ROWS
        noted = folder / REQUEST
        if not noted.exists():
            write_whole(self.path, _csv([columns]))
            write_whole(noted, serialization.dumps(request))
        elif (held := serialization.loads(noted.read_bytes())) != request:
            other = sorted(name for name in request if held.get(name) != request[name])
            raise BadTask(
                f"{folder} holds scores that were begun with another {' and '.join(other)}; delete the folder, or "
                "choose another file"
            )
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]  # a kill may leave half a row
        self.path.write_bytes(whole)
        self.count = len(list(csv.reader(io.StringIO(whole.decode())))) - 1
        if self.count:
            print(f"continuing after {self.count:,} scores", file=sys.stderr)

    def add(self, rows: list[list[Any]]) -> None:
        with self.path.open("ab") as file:
            file.write(_csv(rows))
        self.count += len(rows)

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()


def _csv(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _scored(
    options: argparse.Namespace,
    graphs: Sequence[Graph],
    macro: Macro,
    proxies: Sequence[str],
    source: Source,
    done: int,
) -> Iterator[list[list[Any]]]:
    """The scores and the seconds of these graphs, a work item at a time. An empty cell: no finite score."""
    from search.runtime.context import Context, Damaged
    from search.runtime.data.images import WrongData
    from search.runtime.execute import attempt
    from search.runtime.numerics import NoDevice
    from search.runtime.work import BadWork

    computed = [name for name in proxies if PROXIES[name].closed is None]
    dataset = source.dataset
    data = evaluation.Source(dataset=dataset.name, split=dataset.split, data=dataset.data, seed=options.seed)
    context = Context(threads=options.threads, device=options.device, files=source.files(options.out.parent))
    progress = _Progress(done, done + len(graphs))
    for start in range(0, len(graphs), CHUNK):
        chunk = graphs[start : start + CHUNK]
        began = time.perf_counter()
        closed = [closed_scores(graph, macro, proxies) for graph in chunk]
        results: list[Json] = [{"seconds": (time.perf_counter() - began) / len(chunk)}] * len(chunk)
        if computed:
            try:
                outcome = attempt(score_work(chunk, macro, computed, data, _batches(options)), context)
            except NoDevice as error:
                raise BadTask(str(error)) from None
            except BadWork as error:
                raise BadTask(str(error)) from None
            except (WrongData, Damaged) as error:
                raise Failed(f"{error}; the same command continues") from None
            if outcome["status"] != "ok":
                raise Failed(f"scoring failed ({outcome['code']}); the same command continues")
            results = outcome["results"]
        rows = []
        for known, result in zip(closed, results, strict=True):
            scores = known | result.get("scores", {})
            cells = ["" if scores.get(name) is None else repr(scores[name]) for name in proxies]
            rows.append([*cells, round(result["seconds"], 4)])
        progress.add(len(rows))
        yield rows


class _Progress:
    """A line every few seconds on standard error."""

    def __init__(self, done: int, total: int) -> None:
        self.first, self.done, self.total = done, done, total
        self.began = self.shown = time.monotonic()

    def add(self, count: int) -> None:
        self.done += count
        now = time.monotonic()
        if now - self.shown < REPORT_SECONDS and self.done < self.total:
            return
        self.shown = now
        each = (now - self.began) / (self.done - self.first)
        left = each * (self.total - self.done)
        print(f"{self.done:,} of {self.total:,} scores, {each:.3f} s each, {left:,.0f} s left", file=sys.stderr)
