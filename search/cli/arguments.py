"""Argument types and parsers that several commands share."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from search.base import serialization
from search.log.task import BadTask
from search.network import macro as macros
from search.network.budget import LIMITS, Budget
from search.network.graph import BadGraph, Graph
from search.network.limits import BOUNDS
from search.network.macro import Macro
from search.spaces.presets import PRESETS

ARCHITECTURE = f"architecture.json, or one of {', '.join(PRESETS)}"
DIGITS = 18  # longest number that is parsed: Python refuses to parse thousands of digits


def count(most: int, *, least: int = 1) -> Callable[[str], int]:
    """An argument type: a whole number from `least` to `most`."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > DIGITS or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"a whole number from {least} to {most:,}")
        return int(text)

    return read


seed = count(BOUNDS.seed, least=0)
threads = count(256)  # as many as large machines have; the system cannot start several thousands


def path(text: str) -> Path:
    """An argument type. An empty one, as of a variable that is not set, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("a path, not an empty text")
    return Path(text)


def yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError("yes or no")
    return text == "yes"


def budget(written: Sequence[str]) -> Budget:
    """The budget from arguments like "params=60000,macs=4000000". Raises BadTask."""
    limits: dict[str, Any] = {}
    for part in (part for text in written for part in text.split(",")):
        name, _, value = part.partition("=")
        if name not in (*LIMITS, "bytes_per_element") or not value.isdecimal():
            raise BadTask(f"{part!r} is not a limit; write one like params=60000 ({', '.join(LIMITS)})")
        largest = getattr(BOUNDS.budget, name, 10**DIGITS)
        if len(value) > DIGITS or int(value) > largest:
            raise BadTask(f"a limit on {name} is at most {largest:,}, and this one is larger")
        if name in limits:
            raise BadTask(f"{name} is given twice")
        limits[name] = int(value)
    try:
        return Budget(**limits)
    except ValueError as error:
        raise BadTask(str(error)) from None


def require_target(out: Path) -> None:
    """Raises BadTask where no file can be written."""
    if out.is_dir():
        raise BadTask(f"{out} is a folder; name a file in it")
    if out.exists() and not out.is_file():
        raise BadTask(f"{out} is a device, not a file; choose another name")
    if not out.parent.is_dir():
        raise BadTask(f"there is no folder {out.parent}")


def architecture(source: str) -> tuple[Graph, Macro]:
    """The network of a preset or of an architecture.json. Raises BadTask where there is neither, BadGraph on a bad
    file."""
    if source in PRESETS:
        return PRESETS[source].graph, PRESETS[source].macro
    file = Path(source)
    if source and file.is_dir():
        raise BadTask(f"{file} is a folder; name the architecture in it, like {file / 'architecture.json'}")
    if not file.is_file():
        raise BadTask(f"{source!r} is neither a file nor one of {', '.join(PRESETS)}")
    try:
        data = serialization.loads(file.read_bytes())
        return Graph.from_dict(data["graph"]), macros.read(data["macro"])
    except KeyError as error:
        raise BadGraph(f"{file} is not an architecture: it has no {error}") from None
    except (ValueError, TypeError) as error:
        raise BadGraph(f"{file} is not an architecture: {error}") from None
