"""NAS-Bench-201 (Dong and Yang, ICLR 2020): 15,625 cells of six operations, each one of five.

The benchmark draws a cell as four nodes whose six edges carry operations. Here the operations are nodes, and the
benchmark's nodes 1, 2 and 3 are sums. The operation "none" is a node that is not there.
"""

import random
from dataclasses import dataclass

from search.base.config import option
from search.data.datasets import ImageData, Kind
from search.network.edits import Edits, diff
from search.network.graph import INPUT, BadGraph, Edge, Graph, Node
from search.network.locks import Locks
from search.network.lowering.nasbench201 import OUTPUT, SUM
from search.network.macro import Nasbench201Macro
from search.spaces.base import Move, Size, Unchangeable

NAME = "nasbench201"
TITLE = "NAS-Bench-201 cell"
ABOUT = "The benchmark's cells of six operations: convolutions, average pooling, shortcuts or none."
KIND: Kind = "image"
OPS: tuple[str, ...] = ("skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
MOVES: frozenset[Move] = frozenset({"smallest", "sample", "mutate"})

NONE = "none"
CHOICES = (NONE, *OPS)  # of an edge of the benchmark
#: Edge of the benchmark (source, target) -> id of its node, in the order of the architecture string.
SLOTS: dict[tuple[int, int], int] = {(0, 1): 1, (0, 2): 3, (1, 2): 4, (0, 3): 6, (1, 3): 7, (2, 3): 8}
#: Node of the benchmark -> id of its sum; 0 is the input, and 3 the output.
SUMS: dict[int, int] = {1: 2, 2: 5, 3: 9}
SLOT_OF = {node: slot for slot, node in SLOTS.items()}


@dataclass(frozen=True, kw_only=True)
class Config:
    channels: int = option(
        16, "Channels", "Of the first stage; the others have two and four times as many.", min=4, max=128
    )
    cells: int = option(5, "Cells per stage", "Equal cells in each of the three stages.", min=1, max=10)


def macro(config: Config, data: ImageData) -> Nasbench201Macro:
    return Nasbench201Macro(input=data.shape, classes=data.classes, channels=config.channels, cells=config.cells)


def start(config: Config, seed: int) -> Graph:
    return cell_of(dict.fromkeys(SLOTS, "nor_conv_3x3"))


def cell_of(ops: dict[tuple[int, int], str]) -> Graph:
    """The cell with these operations of the benchmark's edges."""
    nodes, edges = [Node(0, INPUT, 0.0)], list[Edge]()
    for (source, target), id in SLOTS.items():
        if (op := ops[source, target]) != NONE:
            nodes.append(Node(id, op, float(id)))
            edges += [Edge(SUMS[source] if source else 0, id), Edge(id, SUMS[target])]
    nodes += [Node(id, OUTPUT if number == 3 else SUM, float(id)) for number, id in SUMS.items()]
    return Graph(tuple(sorted(nodes, key=lambda node: node.id)), tuple(sorted(edges)))


def ops_of(graph: Graph) -> dict[tuple[int, int], str]:
    """The operations of the benchmark's edges, "none" where their node is not there."""
    return {slot: graph.by_id[id].op if id in graph.by_id else NONE for slot, id in SLOTS.items()}


def encode(graph: Graph) -> str:
    """The benchmark's architecture string, such as "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|...|"."""
    ops = ops_of(graph)
    return "+".join(
        "|" + "".join(f"{ops[source, target]}~{source}|" for source in range(target)) for target in (1, 2, 3)
    )


def decode(text: str) -> Graph:
    """The cell of an architecture string. Raises BadGraph."""
    groups = text.strip().split("+")
    if len(groups) != len(SUMS):
        raise BadGraph(f"an architecture string has {len(SUMS)} groups joined by +, not {len(groups)}: {text!r}")
    ops = dict[tuple[int, int], str]()
    for target, group in enumerate(groups, 1):
        parts = group.strip("|").split("|")
        if len(parts) != target or not (group.startswith("|") and group.endswith("|")):
            raise BadGraph(f"group {target} must be {target} operations between bars, not {group!r}")
        for source, part in enumerate(parts):
            op, _, number = part.partition("~")
            if op not in CHOICES or number != str(source):
                raise BadGraph(f"expected one of {', '.join(CHOICES)} and ~{source}, not {part!r}")
            ops[source, target] = op
    return cell_of(ops)


def check(graph: Graph, start: Graph, config: Config) -> str | None:
    """Parts of `start` alone, and both edges of every operation."""
    for node in graph.nodes:
        if node.id not in start.by_id:
            return f"node {node.id} is not a node of this space"
        if node.op not in (OPS if node.id in SLOT_OF else (start.by_id[node.id].op,)):
            return f"node {node.id} has the operation {node.op}, which it cannot have"
    if graph.edges != cell_of(ops_of(graph)).edges or SUMS[3] not in graph.by_id:
        return "every operation reads one node and feeds one, and the cell ends in its last sum"
    return None


def smallest(graph: Graph, locks: Locks, keep: int, size: Size) -> Graph:
    """Without any operation, except the cheapest one where a lock asks for one."""
    held = _held(locks)
    return min((_within(cell_of(_all(op, held)), graph) for op in OPS), key=size)


def _all(op: str, held: set[int]) -> dict[tuple[int, int], str]:
    return {slot: op if id in held else NONE for slot, id in SLOTS.items()}


def sample(start: Graph, locks: Locks, rng: random.Random) -> Graph:
    """Each operation is drawn uniformly; a locked one, or one with a locked edge, is not "none"."""
    held = _held(locks)
    ops = {
        slot: NONE if id not in start.by_id else rng.choice(OPS if id in held else CHOICES)
        for slot, id in SLOTS.items()
    }
    return _within(cell_of(ops), start)


def mutate(graph: Graph, start: Graph, locks: Locks, rng: random.Random) -> Edits:
    """Another operation on one edge of the benchmark, as in its regularized evolution."""
    ops, held = ops_of(graph), _held(locks)
    changes = [
        (slot, op)
        for slot, id in SLOTS.items()
        if id in start.by_id and id not in locks.nodes
        for op in (OPS if id in held else CHOICES)
        if op != ops[slot]
    ]
    if not changes:
        raise Unchangeable("no operation of this cell can be changed")
    slot, op = rng.choice(changes)
    return diff(graph, _within(cell_of({**ops, slot: op}), start))


def _held(locks: Locks) -> set[int]:
    """Ids of the nodes that cannot be without an operation."""
    return {*locks.nodes, *(end for edge in locks.edges for end in map(int, edge.split("-")) if end in SLOT_OF)}


def _within(graph: Graph, start: Graph) -> Graph:
    """Without the sums that people removed."""
    return Graph(
        tuple(node for node in graph.nodes if node.id in start.by_id),
        tuple(edge for edge in graph.edges if edge.source in start.by_id and edge.target in start.by_id),
    )
