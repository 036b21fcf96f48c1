"""The command `export`: writes a trained network in another format, and checks the file against the network."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from search.base import serialization
from search.base.serialization import Json
from search.cli import arguments, cache, datasets, program
from search.cli.datasets import Source
from search.cli.failures import Failed
from search.log.task import BadTask
from search.network import macro as macros
from search.network.export_formats import EXPORTS

WEIGHTS, ARCHITECTURE = "model.safetensors", "architecture.json"
#: Formats that a training has written; they are not made again, because architecture.json says how it was trained.
WRITTEN = {"safetensors": WEIGHTS, "architecture": ARCHITECTURE}
EVALUATED = "onnx"


class NotTrained(ValueError):
    """The folder holds no trained network; the message says how to get one."""


def add_command(commands: Any) -> None:
    """Adds `export` to the subparsers."""
    parser = commands.add_parser("export", help="write a trained network in another format, and check it")
    parser.add_argument("folder", type=arguments.path, metavar="DIR", help="a folder that `train` or `run` wrote")
    parser.add_argument("--format", choices=list(EXPORTS), default="onnx", help="default: onnx")
    parser.add_argument(
        "--out", type=arguments.path, default=None, metavar="FILE", help="default: in the folder itself"
    )
    parser.add_argument(
        "--evaluate",
        action="store_true",
        help="also run an ONNX file on the validation and test parts, and print its figures next to the stated ones",
    )
    parser.add_argument("--threads", type=arguments.threads, default=1)
    cache.option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    folder: Path = options.folder
    if options.out is not None:
        arguments.require_target(options.out)
    architecture = _architecture(folder)
    if options.evaluate and options.format != EVALUATED:
        raise BadTask(f"--evaluate runs an ONNX file; it does not apply to {options.format}")
    if options.format in WRITTEN:
        result = {"format": options.format, **_copy(folder / WRITTEN[options.format], options.out)}
    else:
        source = datasets.of_folder(folder, architecture["dataset"], options.cache)
        result = _export(options, architecture, source)
    print(serialization.dumps(result).decode())
    return 0


def _export(options: argparse.Namespace, architecture: Json, source: Source) -> Json:
    """Writes the file and checks it; the result is what the command prints."""
    from search.runtime.context import Context, Damaged
    from search.runtime.data.images import WrongData
    from search.runtime.execute import execute
    from search.runtime.export import FORMATS
    from search.runtime.export.evaluation import evaluate
    from search.runtime.export.onnx import Differs
    from search.runtime.load import BadArchitecture, load_weights

    folder, form = options.folder, FORMATS[options.format]
    target: Path = options.out or folder / form.name
    with tempfile.TemporaryDirectory() as scratch:
        context = Context(files=source.files(Path(scratch)), threads=options.threads)
        work = {
            "kind": "export",
            "format": options.format,
            "weights": context.files.put(folder / WEIGHTS),
            "graph": architecture["graph"],
            "macro": architecture["macro"],
            "dataset": source.dataset.name,
            "split": source.dataset.split,
            **({} if source.dataset.data.file is None else {"file": source.dataset.data.file}),
        }
        try:
            (file,) = execute(work, context)["files"]
            written = context.files.path_of(file["sha256"])
            result = {"format": options.format, "file": str(target), "bytes": file["bytes"], "check": file.get("check")}
            if options.evaluate:
                trained = work | {"recipe": architecture["trained"]["recipe"]} | source.test_part
                measured = evaluate(written, load_weights(folder / WEIGHTS), trained, context)
                result |= {"stated": _stated(architecture), "measured": measured}
        except (BadArchitecture, Damaged, Differs, WrongData) as error:
            raise Failed(f"{folder / WEIGHTS} could not be exported: {error}") from None
        _copy(written, target)
    if result["check"] is not None:
        check = result["check"]
        print(
            f"wrote {target}; on {check['rows']:,} rows its outputs differ from the network's by at most "
            f"{check['max_difference']:.2g} ({check['runtime']})",
            file=sys.stderr,
        )
    return result


def _architecture(folder: Path) -> Json:
    """architecture.json, which says on what data the network was trained, and with what result. Raises NotTrained."""
    missing = [name for name in (WEIGHTS, ARCHITECTURE) if not (folder / name).is_file()]
    if missing:
        raise NotTrained(
            f"{folder} has no {' and no '.join(missing)}; train a network with "
            f"{program.command('train', 'ARCHITECTURE', '--out', folder)}, or finish the search or training there with "
            f"{program.command('resume', folder)}"
        )
    try:
        content: Json = serialization.loads((folder / ARCHITECTURE).read_bytes())
        content["trained"]["recipe"], content["graph"], content["dataset"], macros.read(content["macro"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotTrained(
            f"{folder / ARCHITECTURE} does not say how the network was trained ({error!r}); export a folder that "
            "`train` or `run` wrote"
        ) from None
    return content


def _stated(architecture: Json) -> Json:
    metric = macros.metric_of(macros.read(architecture["macro"]).kind)
    return {name: architecture["trained"][name] for name in (f"val_{metric}", f"test_{metric}")}


def _copy(path: Path, target: Path | None) -> Json:
    """Copies the file, whole or not at all; without a target it stays where it is."""
    if target is not None and target.resolve() != path.resolve():
        temporary = target.parent / f"{target.name}.part"
        try:
            shutil.copyfile(path, temporary)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    return {"file": str(target or path), "bytes": path.stat().st_size}
