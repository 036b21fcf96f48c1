"""What several commands read from the command line."""

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
DIGITS = 18  # of what is read as a number at all: Python refuses thousands, and nothing here is so large


def count(most: int) -> Callable[[str], int]:
    """A type of argument: a whole number from 1 to this."""

    def read(text: str) -> int:
        if not text.isdecimal() or len(text) > DIGITS or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"a whole number from 1 to {most:,}")
        return int(text)

    return read


threads = count(256)  # as many as large machines have; some thousands, and the system gives out none


def yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError("yes or no")
    return text == "yes"


def budget(written: Sequence[str]) -> Budget:
    """Limits as they are written, several after a comma. Raises BadTask."""
    given: dict[str, Any] = {}
    for part in (part for text in written for part in text.split(",")):
        name, _, value = part.partition("=")
        if name not in (*LIMITS, "bytes_per_element") or not value.isdecimal():
            raise BadTask(f"{part!r} is no limit; write one like params=60000 ({', '.join(LIMITS)})")
        most = getattr(BOUNDS.budget, name, 10**DIGITS)
        if len(value) > DIGITS or int(value) > most:
            raise BadTask(f"a limit on {name} is at most {most:,}, and this one is larger")
        if name in given:
            raise BadTask(f"{name} is given twice")
        given[name] = int(value)
    try:
        return Budget(**given)
    except ValueError as error:
        raise BadTask(str(error)) from None


def architecture(what: str) -> tuple[Graph, Macro]:
    """Of a file, or of a preset by its name. Raises BadTask where there is none, BadGraph where the file holds none."""
    if what in PRESETS:
        return PRESETS[what].graph, PRESETS[what].macro
    path = Path(what)
    if not path.exists():
        raise BadTask(f"{what!r} is neither a file nor one of {', '.join(PRESETS)}")
    try:
        data = serialization.loads(path.read_bytes())
        return Graph.from_dict(data["graph"]), macros.read(data["macro"])
    except KeyError as error:
        raise BadGraph(f"{path} is no architecture: it has no {error}") from None
    except (ValueError, TypeError) as error:
        raise BadGraph(f"{path} is no architecture: {error}") from None
