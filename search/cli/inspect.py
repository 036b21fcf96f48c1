"""The commands `inspect`, what a network costs, and `scale`, how large it may be."""

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from search.base import serialization
from search.base.files import write_whole
from search.cli import arguments
from search.data import builtin
from search.data.datasets import ImageData, TextData
from search.log.task import BadTask
from search.network import macro as macros
from search.network.budget import LIMITS, Budget
from search.network.cost import Cost, cost_of
from search.network.graph import Graph
from search.network.limits import BOUNDS
from search.network.macro import ImageMacro, Macro, TextMacro
from search.network.memory_order import held_elements, network
from search.spaces.cnn import FAMILIES
from search.spaces.scaling import Scaled, scale

IMAGE_OPTIONS, TEXT_OPTIONS = ("classes", "resolution"), ("vocabulary", "hidden")


def add_to(commands: Any) -> None:
    """Both commands, to the parsers of `python -m search`."""
    inspect = commands.add_parser("inspect", help="what a network costs")
    size_options(inspect)
    inspect.add_argument("--bytes-per-element", type=int, default=4, choices=BOUNDS.bytes_per_element)
    inspect.add_argument("--order", action="store_true", help="the order that it runs in, and bytes held at each step")
    inspect.add_argument("--json", action="store_true")
    inspect.set_defaults(run=run_inspect)

    scaling = commands.add_parser("scale", help="the largest network of a cell that fits a budget")
    size_options(scaling, hidden=False)
    scaling.add_argument("--dataset", help=f"one of {', '.join(builtin.DATASETS)}, for its shape and classes")
    scaling.add_argument("--budget", action="append", required=True, metavar="LIMIT=N", help=f"{', '.join(LIMITS[:3])}")
    scaling.add_argument(
        "--bytes-per-element",
        type=int,
        choices=BOUNDS.bytes_per_element,
        help="that peak_memory counts; 4 if left out",
    )
    scaling.add_argument("--family", choices=tuple(FAMILIES), help="the build of image networks; published if left out")
    scaling.add_argument("--out", type=Path, metavar="FILE", help="leave its architecture here, for inspect to read")
    scaling.add_argument("--json", action="store_true")
    scaling.set_defaults(run=run_scale, hidden=None)


def size_options(parser: argparse.ArgumentParser, *, hidden: bool = True) -> None:
    """Which network, and how large; `sized` reads them."""
    parser.add_argument("what", metavar="FILE|PRESET", help=arguments.ARCHITECTURE)
    side, outputs = arguments.count(BOUNDS.resolution), arguments.count(BOUNDS.outputs)
    parser.add_argument("--classes", type=outputs, metavar="N", help="of an image network")
    parser.add_argument("--resolution", type=side, metavar="PX", help="side of an image network's input")
    parser.add_argument("--vocabulary", type=outputs, metavar="V", help="words of a language model")
    if hidden:
        most = arguments.count(BOUNDS.width)
        parser.add_argument("--hidden", type=most, metavar="N", help="hidden size of a language model")


def run_inspect(options: argparse.Namespace) -> int:
    graph, macro = sized(options)
    cost = cost_of(graph, macro, options.bytes_per_element)
    result = _told(cost) | {"nodes": len(graph.nodes), "edges": len(graph.edges)}
    steps = network(graph, macro).instructions if options.order else ()
    live = held_elements([step.elements for step in steps], [step.inputs for step in steps])
    order = [
        {"name": step.name, "held": now * options.bytes_per_element} for step, now in zip(steps, live, strict=True)
    ]
    if options.json:
        print(json.dumps(result | ({"order": order} if options.order else {})))
        return 0
    _print(result)
    for row in order:
        print(f"{row['held']:>14,}  {row['name']}")
    return 0


def run_scale(options: argparse.Namespace) -> int:
    graph, macro = sized(options)
    if options.dataset is not None:
        try:
            macro = macros.adapt(macro, builtin.get(options.dataset).data)
        except macros.DataMismatch as error:
            raise BadTask(str(error)) from None
    budget = _scaled_to(options)
    if isinstance(macro, TextMacro):
        if options.family is not None:
            raise BadTask(f"--family does not apply: {options.what} is a language model, which has one build")
        scaled = scale(graph, TextData(vocabulary=macro.vocabulary), budget)
    else:
        data = ImageData(shape=macro.input, classes=macro.classes)
        scaled = scale(graph, data, budget, options.family or "published", macro.activation)
    if options.out is not None:
        found = {
            "v": 1,
            "graph": graph.to_dict(),
            "macro": serialization.to_jsonable(scaled.macro),
            "cost": serialization.to_jsonable(scaled.cost),
        }
        write_whole(options.out, serialization.dumps(found) + b"\n")
    if options.json:
        print(json.dumps(serialization.to_jsonable(scaled)))
        return 0
    print(f"{'network':>14}  {_described(scaled.macro)}")
    _print(_told(scaled.cost))
    print(f"{'of the budget':>14}  {_shares(scaled)}")
    return 0


def _scaled_to(options: argparse.Namespace) -> Budget:
    """Raises BadTask, on a limit that scaling cannot keep to as well."""
    bytes_per_element = options.bytes_per_element
    more = [] if bytes_per_element is None else [f"bytes_per_element={bytes_per_element}"]
    budget = arguments.budget([*options.budget, *more])
    if budget.latency is not None:
        raise BadTask("a network is scaled by what is counted, and only measuring tells its latency: leave that out")
    return budget


def sized(options: argparse.Namespace) -> tuple[Graph, Macro]:
    """What is asked about, changed as the options say. Raises BadTask where one is for the other kind of network."""
    graph, macro = arguments.architecture(options.what)
    given = {name: getattr(options, name) for name in (*IMAGE_OPTIONS, *TEXT_OPTIONS) if getattr(options, name)}
    image = isinstance(macro, ImageMacro)
    for name in TEXT_OPTIONS if image else IMAGE_OPTIONS:
        if name in given:
            is_one = "an image network" if image else "a language model"
            its = " and ".join(f"--{one}" for one in (IMAGE_OPTIONS if image else TEXT_OPTIONS))
            raise BadTask(f"--{name} does not apply: {options.what} is {is_one}, which has {its}")
    if isinstance(macro, ImageMacro) and (side := given.pop("resolution", None)):
        given["input"] = (macro.input[0], side, side)
    return graph, replace(macro, **given)


def _told(cost: Cost) -> serialization.Json:
    told: serialization.Json = serialization.to_jsonable(cost)
    del told["latency"]  # nothing was measured
    return told


def _print(result: serialization.Json) -> None:
    for name, value in result.items():
        ways = value if isinstance(value, dict) else {"": value}
        numbers = [f"{way} {v:,}".strip() for way, v in ways.items() if v is not None and not isinstance(v, bool)]
        unproven = ["perhaps not the best order"] if ways.get("exact") is False else []
        print(f"{name:>14}  {', '.join(numbers + unproven)}")


def _described(macro: Macro) -> str:
    if isinstance(macro, TextMacro):
        return f"hidden size {macro.hidden:,}, vocabulary {macro.vocabulary:,}"
    stages = ", ".join(f"{stage.cells} x {stage.filters}" for stage in macro.stages)
    head = "" if macro.head_filters is None else f", head {macro.head_filters}"
    return f"stem {macro.stem_filters}, cells {stages}{head}; input {'x'.join(map(str, macro.input))}"


def _shares(scaled: Scaled) -> str:
    return ", ".join(f"{limit} {share:.1%}" for limit, share in scaled.shares.items())
