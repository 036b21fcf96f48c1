"""The cost of a network in closed form, summed over its program: parameters, MACs, peak activation memory."""

from dataclasses import dataclass
from typing import NamedTuple

from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import Macro
from search.network.memory_order import Order, best_order, held_elements, in_order, lower_with_order
from search.network.program import Instruction, Program

OP, INPUTS, ELEMENTS, WEIGHTS, NORM, MACS = map(
    Instruction._fields.index, ("op", "inputs", "elements", "weights", "norm", "macs")
)


class PeakMemory(NamedTuple):
    """Largest bytes of activations at batch 1, without weights, counted in three ways.

    io: largest input + output of one operation, with free concatenations (the published convention of MSNAS).
    live: what must be held at once in the program's own order, with concatenations written to memory.
    optimal: the same in the best order found, which is the order that networks run in; None: not searched for.
    exact: True if no other order can need less; False if the search for the order was cut off.
    """

    io: int
    live: int
    optimal: int | None = None
    exact: bool = True


class Cost(NamedTuple):
    """`params` counts everything that a trained model stores and learns, including BN scale and shift.

    One multiply-add is 1 MAC.
    """

    params: int
    params_no_bn: int
    macs: int  # of one image, or of one token
    peak_memory: PeakMemory
    latency: int | None = None  # median, in microseconds, as measured on the budget's device; None: not measured


@dataclass(frozen=True, slots=True)
class PartCost:
    """Cost of one part of the network (a node, the stem, ...): sums over all cells, and the largest peak in bytes."""

    part: str
    params: int
    macs: int
    peak: int


def cost_of(graph: Graph, macro: Macro, bytes_per_element: int = 4, *, order: bool = True) -> Cost:
    """Cost of the network that `macro` builds from the cell `graph`.

    `order=False` skips the search for the best order, which takes most of the time: for callers that compute the cost
    of thousands of graphs without a limit on memory.
    """
    if not order:
        return program_cost(lower(graph, macro), bytes_per_element)
    program, best = lower_with_order(graph, macro)
    return program_cost(program, bytes_per_element, best)


def program_cost(program: Program, bytes_per_element: int = 4, order: Order | None = None) -> Cost:
    """Cost of a program; without `order`, `PeakMemory.optimal` is None."""
    # by columns: attribute lookups took half the time, and this runs for thousands of candidates
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
    live = max(held_elements(sizes, inputs))
    peak = PeakMemory(io * bytes_per_element, live * bytes_per_element)
    if order is not None:
        peak = peak._replace(optimal=order.peak * bytes_per_element, exact=order.exact)
    return Cost(weights + norm, weights, sum(columns[MACS]), peak)


def cost_by_part(program: Program, bytes_per_element: int = 4) -> list[PartCost]:
    """The cost split by part, in the order in which parts first appear in the program.

    Peaks are those of the best order, which is the order that the network runs in.
    """
    order = best_order(program)
    steps = in_order(program, order).instructions
    held = held_elements([step.elements for step in steps], [step.inputs for step in steps])
    peaks = dict(zip(order.steps, held, strict=True))
    parts: dict[str, PartCost] = {}
    for i, step in enumerate(program.instructions):
        if not step.inputs:
            continue  # inputs of the network belong to no part
        total = parts.get(step.part, PartCost(step.part, 0, 0, 0))
        parts[step.part] = PartCost(
            step.part,
            total.params + step.weights + step.norm,
            total.macs + step.macs,
            max(total.peak, peaks[i] * bytes_per_element),
        )
    return list(parts.values())
