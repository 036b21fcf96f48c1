"""What a network costs, in closed form, summed over its program: parameters, MACs, peak activation memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from search.graph import Graph
from search.lowering import lower
from search.macro import Macro
from search.program import Instruction, Program

OP, INPUTS, ELEMENTS, WEIGHTS, NORM, MACS = map(
    Instruction._fields.index, ("op", "inputs", "elements", "weights", "norm", "macs")
)


class PeakMemory(NamedTuple):
    """Largest bytes of activations at batch 1, weights excluded, counted in three ways.

    io: largest input + output of one operation, concatenation free (the published convention of MSNAS).
    live: what must be held at once in the program's order, concatenations written out.
    optimal: the same in the best order that was found, which is the one that networks run in; None: not looked for.
    exact: whether no other order can need less; False where the search for one was cut off.
    """

    io: int
    live: int
    optimal: int | None = None
    exact: bool = True


class Cost(NamedTuple):
    """`params` is all that a trained model stores and learns, BN scale and shift included; 1 multiply-add is 1 MAC."""

    params: int
    params_no_bn: int
    macs: int  # of one image, or of one token
    peak_memory: PeakMemory
    latency: int | None = None  # microseconds, median, as measured on the budget's device; None: not measured


@dataclass(frozen=True, slots=True)
class PartCost:
    """The share of one part of the network (a node, the stem, …) over all cells; `peak` is its largest need."""

    part: str
    params: int
    macs: int
    peak: int


def cost_of(graph: Graph, macro: Macro, bytes_per_element: int = 4) -> Cost:
    """Cost of the network that `macro` builds from the cell `graph`."""
    return program_cost(lower(graph, macro), bytes_per_element)


def program_cost(program: Program, bytes_per_element: int = 4) -> Cost:
    # by columns: candidates are costed by the thousand, and looking up attributes one by one was half the time
    columns = list(zip(*program.instructions, strict=True))
    ops, inputs, sizes = columns[OP], columns[INPUTS], columns[ELEMENTS]
    weights, norm = sum(columns[WEIGHTS]), sum(columns[NORM])
    io = max(
        [
            size + (sizes[read[0]] if len(read) == 1 else sum([sizes[i] for i in read]))
            for op, size, read in zip(ops, sizes, inputs, strict=True)
            if op != "concat"
        ]
    )
    live = max(_live(sizes, inputs))
    return Cost(
        weights + norm, weights, sum(columns[MACS]), PeakMemory(io * bytes_per_element, live * bytes_per_element)
    )


def cost_by_part(program: Program, bytes_per_element: int = 4) -> list[PartCost]:
    """The same cost split by part of the network, in the order in which parts first appear."""
    parts: dict[str, PartCost] = {}
    steps = program.instructions
    peaks = _live([step.elements for step in steps], [step.inputs for step in steps])
    for step, live in zip(steps, peaks, strict=True):
        was = parts.get(step.part, PartCost(step.part, 0, 0, 0))
        parts[step.part] = PartCost(
            step.part,
            was.params + step.weights + step.norm,
            was.macs + step.macs,
            max(was.peak, live * bytes_per_element),
        )
    del parts["input"]
    return list(parts.values())


def _live(sizes: Sequence[int], inputs: Sequence[tuple[int, ...]]) -> list[int]:
    """Elements held while each instruction runs: its output, its inputs, and all that is read again later."""
    last_read = [len(sizes) - 1] * len(sizes)  # what nobody reads is the answer, and is held to the end
    for i, reads in enumerate(inputs):
        for read in reads:
            last_read[read] = i
    change = [*sizes, 0]  # at each instruction: its own output, less what was read for the last time just before
    for read, size in zip(last_read, sizes, strict=True):
        change[read + 1] -= size
    return list(accumulate(change[:-1]))
