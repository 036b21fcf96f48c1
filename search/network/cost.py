"""What a network costs, in closed form, summed over its program: parameters, MACs, peak activation memory."""

from dataclasses import dataclass
from typing import NamedTuple

from search.network.graph import Graph
from search.network.lowering import lower
from search.network.macro import Macro
from search.network.memory_order import Order, best, held_bytes, in_order, lowered
from search.network.program import Instruction, Program

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


def cost_of(graph: Graph, macro: Macro, bytes_per_element: int = 4, *, order: bool = True) -> Cost:
    """Cost of the network that `macro` builds from the cell `graph`.

    Without `order` the best order is not looked for, which is most of the time: for those who cost graphs by the
    thousand and have no limit on memory.
    """
    if not order:
        return program_cost(lower(graph, macro), bytes_per_element)
    program, best_order = lowered(graph, macro)
    return program_cost(program, bytes_per_element, best_order)


def program_cost(program: Program, bytes_per_element: int = 4, order: Order | None = None) -> Cost:
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
    live = max(held_bytes(sizes, inputs))
    peak = PeakMemory(io * bytes_per_element, live * bytes_per_element)
    if order is not None:
        peak = peak._replace(optimal=order.peak * bytes_per_element, exact=order.exact)
    return Cost(weights + norm, weights, sum(columns[MACS]), peak)


def cost_by_part(program: Program, bytes_per_element: int = 4) -> list[PartCost]:
    """The same cost split by part of the network, in the order in which parts first appear in the file; each part's
    peak in the order that the network runs in."""
    order = best(program)
    run = in_order(program, order).instructions
    peaks = dict(
        zip(order.steps, held_bytes([step.elements for step in run], [step.inputs for step in run]), strict=True)
    )
    parts: dict[str, PartCost] = {}
    for i, step in enumerate(program.instructions):
        if not step.inputs:
            continue  # what comes from outside is no part
        was = parts.get(step.part, PartCost(step.part, 0, 0, 0))
        parts[step.part] = PartCost(
            step.part,
            was.params + step.weights + step.norm,
            was.macs + step.macs,
            max(was.peak, peaks[i] * bytes_per_element),
        )
    return list(parts.values())
