"""The commands `inspect`, which prints the costs of a network, and `scale`, which fits one to a budget."""

import argparse
import json
from dataclasses import replace
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
from search.network.macro import Macro
from search.network.memory_order import held_elements, network
from search.spaces.cnn import FAMILIES
from search.spaces.scaling import Scaled, activation_of, scale

IMAGE_OPTIONS, TEXT_OPTIONS = ("classes", "resolution"), ("vocabulary", "hidden")


def add_to(commands: Any) -> None:
    """Adds both commands to the subparsers."""
    inspect = commands.add_parser("inspect", help="print the costs of a network")
    size_options(inspect)
    inspect.add_argument("--bytes-per-element", type=int, default=4, choices=BOUNDS.bytes_per_element)
    inspect.add_argument(
        "--order", action="store_true", help="also list the operations in order, with the bytes held at each"
    )
    inspect.add_argument("--json", action="store_true")
    inspect.set_defaults(run=run_inspect)

    scaling = commands.add_parser("scale", help="find the largest network of a cell that fits a budget")
    size_options(scaling, hidden=False)
    scaling.add_argument("--dataset", help=f"take shape and classes from one of {', '.join(builtin.DATASETS)}")
    scaling.add_argument("--budget", action="append", required=True, metavar="LIMIT=N", help=f"{', '.join(LIMITS[:3])}")
    scaling.add_argument(
        "--bytes-per-element", type=int, choices=BOUNDS.bytes_per_element, help="for peak_memory; default 4"
    )
    scaling.add_argument("--family", choices=tuple(FAMILIES), help="layout of image networks; default published")
    scaling.add_argument("--out", type=arguments.path, metavar="FILE", help="write the architecture here, for inspect")
    scaling.add_argument("--json", action="store_true")
    scaling.set_defaults(run=run_scale, hidden=None)


def size_options(parser: argparse.ArgumentParser, *, hidden: bool = True) -> None:
    """Adds the options for a network and its size; `sized_network` reads them."""
    parser.add_argument("what", metavar="FILE|PRESET", help=arguments.ARCHITECTURE)
    side, outputs = arguments.count(BOUNDS.resolution), arguments.count(BOUNDS.outputs)
    parser.add_argument("--classes", type=outputs, metavar="N", help="outputs of an image network")
    parser.add_argument("--resolution", type=side, metavar="PX", help="side of an image network's input")
    parser.add_argument("--vocabulary", type=outputs, metavar="V", help="words of a language model")
    if hidden:
        most = arguments.count(BOUNDS.width)
        parser.add_argument("--hidden", type=most, metavar="N", help="hidden size of a language model")


def run_inspect(options: argparse.Namespace) -> int:
    graph, macro = sized_network(options)
    cost = cost_of(graph, macro, options.bytes_per_element)
    result = _cost_rows(cost) | {"nodes": len(graph.nodes), "edges": len(graph.edges)}
    steps = network(graph, macro).instructions if options.order else ()
    live = held_elements([step.elements for step in steps], [step.inputs for step in steps])
    order = [
        {"name": step.name, "held": held * options.bytes_per_element} for step, held in zip(steps, live, strict=True)
    ]
    if options.json:
        print(json.dumps(result | ({"order": order} if options.order else {})))
        return 0
    _print(result)
    for row in order:
        print(f"{row['held']:>14,}  {row['name']}")
    return 0


def run_scale(options: argparse.Namespace) -> int:
    if options.out is not None:
        arguments.require_target(options.out)
    graph, macro = sized_network(options)
    if options.dataset is not None:
        try:
            macro = macros.adapt(macro, builtin.get(options.dataset).data)
        except macros.DataMismatch as error:
            raise BadTask(str(error)) from None
    budget = _scaling_budget(options)
    if macro.kind == "text":
        if options.family is not None:
            raise BadTask(f"--family does not apply: {options.what} is a language model, which has one layout")
        scaled = scale(graph, TextData(vocabulary=macro.vocabulary), budget)
    else:
        data = ImageData(shape=macro.input, classes=macro.classes)
        scaled = scale(graph, data, budget, options.family or "published", activation_of(macro))
    if options.out is not None:
        architecture = {
            "v": 2,
            "graph": graph.to_dict(),
            "macro": serialization.to_jsonable(scaled.macro),
            "cost": serialization.to_jsonable(scaled.cost),
        }
        write_whole(options.out, serialization.dumps(architecture) + b"\n")
    if options.json:
        print(json.dumps(serialization.to_jsonable(scaled)))
        return 0
    print(f"{'network':>14}  {_description(scaled.macro)}")
    _print(_cost_rows(scaled.cost))
    print(f"{'of the budget':>14}  {_shares(scaled)}")
    return 0


def _scaling_budget(options: argparse.Namespace) -> Budget:
    """Raises BadTask on a malformed budget, or one that limits latency."""
    bytes_per_element = options.bytes_per_element
    more = [] if bytes_per_element is None else [f"bytes_per_element={bytes_per_element}"]
    budget = arguments.budget([*options.budget, *more])
    if budget.latency is not None:
        raise BadTask("scaling calculates costs and cannot measure latency; leave that limit out")
    return budget


def sized_network(options: argparse.Namespace) -> tuple[Graph, Macro]:
    """The network with the sizes in the options. Raises BadTask on an option for the other kind of network."""
    graph, macro = arguments.architecture(options.what)
    given = {name: getattr(options, name) for name in (*IMAGE_OPTIONS, *TEXT_OPTIONS) if getattr(options, name)}
    image = macro.kind != "text"
    for name in TEXT_OPTIONS if image else IMAGE_OPTIONS:
        if name in given:
            kind = "an image network" if image else "a language model"
            applicable = " and ".join(f"--{option}" for option in (IMAGE_OPTIONS if image else TEXT_OPTIONS))
            raise BadTask(f"--{name} does not apply: {options.what} is {kind}, which has {applicable}")
    if macro.kind != "text" and (side := given.pop("resolution", None)):
        given["input"] = (macro.input[0], side, side)
    return graph, replace(macro, **given)


def _cost_rows(cost: Cost) -> serialization.Json:
    rows: serialization.Json = serialization.to_jsonable(cost)
    del rows["latency"]  # it was not measured
    return rows


def _print(result: serialization.Json) -> None:
    for name, value in result.items():
        values = value if isinstance(value, dict) else {"": value}
        numbers = [f"{key} {v:,}".strip() for key, v in values.items() if v is not None and not isinstance(v, bool)]
        unproven = ["optimal not proven"] if values.get("exact") is False else []
        print(f"{name:>14}  {', '.join(numbers + unproven)}")


def _description(macro: Macro) -> str:
    if macro.kind == "text":
        return f"hidden size {macro.hidden:,}, vocabulary {macro.vocabulary:,}"
    if macro.kind != "image":
        return f"{macro.kind}, input {'x'.join(map(str, macro.input))}"
    stages = ", ".join(f"{stage.cells} x {stage.filters}" for stage in macro.stages)
    head = "" if macro.head_filters is None else f", head {macro.head_filters}"
    return f"stem {macro.stem_filters}, cells {stages}{head}; input {'x'.join(map(str, macro.input))}"


def _shares(scaled: Scaled) -> str:
    return ", ".join(f"{limit} {share:.1%}" for limit, share in scaled.shares.items())
