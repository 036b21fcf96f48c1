"""NAS-Bench-Macro (Su et al., CVPR 2021): 6,561 chains of eight blocks in three stages, each block one of three.

A block is an identity or a MobileNetV2 block. The first block of a stage doubles the width and halves the resolution.
"""

import random
from dataclasses import dataclass

from search.data.datasets import ImageData, Kind
from search.network.edits import Edits, diff
from search.network.graph import INPUT, BadGraph, Edge, Graph, Node, attrs_of
from search.network.locks import Locks
from search.network.macro import ChainMacro
from search.spaces.base import Move, Size, Unchangeable

NAME = "nasbench_macro"
TITLE = "NAS-Bench-Macro chain"
ABOUT = "The benchmark's chains of eight blocks: an identity, or a MobileNetV2 block of one of two sizes."
KIND: Kind = "image"
OPS: tuple[str, ...] = ("identity", "mb3_k3", "mb6_k5")  # in the order of their digits
MOVES: frozenset[Move] = frozenset({"smallest", "sample", "mutate"})

STAGES = (2, 3, 3)  # blocks of each
STEM, HEAD = 32, 1280  # channels
STEM_ID = 1  # the blocks follow


@dataclass(frozen=True, kw_only=True)
class Config:
    """The space has no settings."""


def macro(config: Config, data: ImageData) -> ChainMacro:
    return ChainMacro(input=data.shape, classes=data.classes, head_filters=HEAD)


def start(config: Config, seed: int) -> Graph:
    return chain_of(OPS[-1:] * sum(STAGES))


def chain_of(ops: tuple[str, ...]) -> Graph:
    nodes, width = [Node(0, INPUT, 0.0), Node(STEM_ID, "stem", 1.0, attrs_of({"filters": STEM, "stride": 1}))], STEM
    for blocks in STAGES:
        for block in range(blocks):
            id, stride = len(nodes), 1 if block else 2
            width *= stride
            attrs = attrs_of({"filters": width, "stride": stride})
            nodes.append(Node(id, ops[id - STEM_ID - 1], float(id), attrs))
    return Graph(tuple(nodes), tuple(Edge(i, i + 1) for i in range(len(nodes) - 1)))


def encode(graph: Graph) -> str:
    """The benchmark's name: eight digits, one a block."""
    return "".join(str(OPS.index(node.op)) for node in graph.nodes[STEM_ID + 1 :])


def decode(text: str) -> Graph:
    """The chain of eight digits. Raises BadGraph."""
    digits = text.strip()
    if len(digits) != sum(STAGES) or not set(digits) <= set("012"):
        raise BadGraph(f"expected {sum(STAGES)} digits from 0 to {len(OPS) - 1}, not {text!r}")
    return chain_of(tuple(OPS[int(digit)] for digit in digits))


def check(graph: Graph, start: Graph, config: Config) -> str | None:
    if [node.id for node in graph.nodes] != [node.id for node in start.nodes] or graph.edges != start.edges:
        return "this space has chains of eight blocks alone; change their operations"
    for node, original in zip(graph.nodes, start.nodes, strict=True):
        if node != original and (node.op not in OPS or node._replace(op=original.op) != original):
            return f"node {node.id} can only be one of {', '.join(OPS)}, with its own width and stride"
    return None


def smallest(graph: Graph, locks: Locks, keep: int, size: Size) -> Graph:
    """Of one operation throughout: what is cheapest in one block is cheapest in all."""
    return min((chain_of((op,) * sum(STAGES)) for op in OPS), key=size)


def sample(start: Graph, locks: Locks, rng: random.Random) -> Graph:
    """Each block is drawn uniformly. A lock keeps a block in the chain, where every block is."""
    return chain_of(tuple(rng.choice(OPS) for _ in range(sum(STAGES))))


def mutate(graph: Graph, start: Graph, locks: Locks, rng: random.Random) -> Edits:
    """Another operation of one block."""
    blocks = [node for node in graph.nodes[STEM_ID + 1 :] if node.id not in locks.nodes]
    if not blocks:
        raise Unchangeable("every block of this chain is locked")
    block = rng.choice(blocks)
    op = rng.choice([each for each in OPS if each != block.op])
    nodes = tuple(block._replace(op=op) if node is block else node for node in graph.nodes)
    return diff(graph, Graph(nodes, graph.edges))
